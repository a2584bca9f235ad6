import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportScan } from '../../src/engine/export.js';
import { stages } from '../../src/stages/registry.js';
import { exportedTextModel } from '../../src/train/export.js';
import { pipelineFor } from '../../src/train/pipeline.js';
import { planned, trained } from '../support/experiment.js';

const SMALL = [
  ...['dataset.max_tokens=300', 'dataset.time_steps=10', 'training.batch_size=8', 'training.epochs=2', 'model.hidden_size=12'],
  ...['model.initializer={kind: normal, stddev: 0.5}', 'training.samples={every: 2, prefixes: [the time, q], length: 20}'],
];

describe.each([
  ['rnn_time_machine', []],
  ['gru_time_machine', ['training.recurrent_state=reset']],
  ['gru_time_machine_builtin', []],
  ['lstm_time_machine', ['model.num_layers=2']],
  ['lstm_time_machine_builtin', []],
])('the exported model of %s %j', (file, set) => {
  it('goes on with a prefix by plain ONNX Runtime as samples do, in one piece, token by token, and several at once', async () => {
    const experiment = planned(`experiments/${file}.yaml`, { set: [...SMALL, ...set] });
    const { plan } = experiment;
    const { samples, snapshots } = await trained(experiment);
    const model = exportedTextModel(plan, pipelineFor(plan, stages), snapshots.at(-1)?.state ?? {});
    if (!model) throw new Error('a text model is exported');
    const session = await InferenceSession.create(await exportScan(model));
    const states = Object.entries(plan.model.state);
    expect(session.inputNames).toEqual(['input', ...states.map(([name]) => name)]);
    expect(session.outputNames).toEqual(['output', ...states.map(([name]) => `next_${name}`)]);

    const vocabulary = plan.data.fitted.vocabulary ?? [];
    const zeros = (batch: number) =>
      Object.fromEntries(
        states.map(([name, shape]) => [name, new Tensor('float32', new Float32Array(batch * (shape[0] ?? 0)), [batch, ...shape])]),
      );
    const indices = (text: string) => Int32Array.from(text, (character) => vocabulary.indexOf(character));
    const read = (text: string, state: Readonly<Record<string, Tensor>>) =>
      session.run({ input: new Tensor('int32', indices(text), [1, text.length]), ...state });
    const nextState = (result: InferenceSession.ReturnType) =>
      Object.fromEntries(states.map(([name]) => [name, result[`next_${name}`] as Tensor]));
    const likeliest = (logits: Tensor | undefined): string => {
      const last = Array.from(logits?.data as Float32Array).slice(-vocabulary.length);
      return vocabulary[last.indexOf(Math.max(...last))] ?? '';
    };

    for (const { prefix, text } of samples.at(-1)?.[1] ?? []) {
      let result = await read(prefix, zeros(1));
      let written = prefix;
      while (written.length < text.length) {
        const character = likeliest(result['output']);
        written += character;
        result = await read(character, nextState(result));
      }
      expect(written).toBe(text);
    }

    const pair = await session.run({
      input: new Tensor('int32', Int32Array.from([...indices('abc'), ...indices('the')]), [2, 3]),
      ...zeros(2),
    });
    expect(pair['output']?.dims).toEqual([2, 3, vocabulary.length]);
    const numbers = ({ output }: InferenceSession.ReturnType): Float32Array => Float32Array.from((output?.data ?? []) as Float32Array);
    const alone = numbers(await read('the', zeros(1)));
    const second = numbers(pair).subarray(3 * vocabulary.length);
    expect(second.length).toBe(alone.length);
    second.forEach((value, at) => expect(value).toBeCloseTo(alone[at] ?? Number.NaN, 5));
  });
});

it('a model that keeps no state of text, or reads from both ends, has no such form', () => {
  for (const [file, set] of [
    ['lstm_addition', []],
    ['lstm_time_machine', ['model.bidirectional=true']],
  ] as const) {
    const { plan } = planned(`experiments/${file}.yaml`, { set });
    expect(exportedTextModel(plan, pipelineFor(plan, stages), {})).toBeUndefined();
  }
});
