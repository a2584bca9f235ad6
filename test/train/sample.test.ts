import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Arrays, Step } from '../../src/engine/engine.js';
import type { Plan } from '../../src/planning/plan.js';
import { createStreams } from '../../src/random/streams.js';
import { chooseToken, tokensOf } from '../../src/train/sample.js';
import { stages } from '../../src/stages/registry.js';
import { pipelineFor } from '../../src/train/pipeline.js';
import { weightState } from '../../src/train/signature.js';
import { forwardPass } from '../../src/train/step.js';
import { under } from '../../src/stages/tensors.js';
import { planned, trained } from '../support/experiment.js';

// A phrase of 12 characters, 60 times: easily learned by heart.
const SMALL = [
  ...['dataset.max_tokens=300', 'dataset.time_steps=10', 'training.batch_size=8', 'training.epochs=3'],
  ...['model.hidden_size=12', 'model.initializer={kind: normal, stddev: 0.5}'],
  'training.samples={every: 2, prefixes: [the time, q], length: 9}',
];
const experiment = (file: string, ...set: readonly string[]) => planned(`experiments/${file}.yaml`, { set: [...SMALL, ...set] });
const STREAM = createStreams(1).stream('samples', 1, 0);

describe.each(['rnn_time_machine', 'gru_time_machine', 'lstm_time_machine', 'lstm_time_machine_builtin'])('%s writes', (file) => {
  it('every second epoch and at the end, the same after an interruption', async () => {
    const prepared = experiment(file);
    const { samples, snapshots } = await trained(prepared);
    expect(samples.map(([epoch]) => epoch)).toEqual([2, 3]);
    for (const [, made] of samples) {
      expect(made.map(({ prefix }) => prefix)).toEqual(['the time', 'q']);
      expect(made.map(({ text }) => text.length)).toEqual([17, 10]);
      for (const { prefix, text } of made) expect(text.startsWith(prefix)).toBe(true);
    }
    const [first] = snapshots;
    expect((await trained(prepared, first ? { start: first } : {})).samples).toEqual(samples);
  });

  it('at each place the likeliest character after all before it, as the model reads them in one piece', async () => {
    const { plan, samples, snapshots } = await trained(experiment(file)).then((made) => ({ ...made, ...experiment(file) }));
    const vocabulary = plan.data.fitted.vocabulary ?? [];
    const weights = snapshots.at(-1)?.state ?? {};
    for (const { prefix, text } of samples.at(-1)?.[1] ?? []) {
      const read = Int32Array.from(text.slice(0, -1), (character) => vocabulary.indexOf(character));
      const logits = await readWhole(plan, weights, read);
      for (let at = prefix.length; at < text.length; at++) {
        const scores = logits.slice((at - 1) * vocabulary.length, at * vocabulary.length);
        expect(Math.max(...scores) - (scores[vocabulary.indexOf(text[at] ?? '')] ?? Number.NaN)).toBeLessThan(1e-4);
      }
    }
  });
});

/** Logits `[time, classes]` of a text, by the reference engine. */
async function readWhole(plan: Plan, weights: Arrays, input: Int32Array): Promise<Float32Array> {
  const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
  const pipelineOf = pipelineFor(plan, stages);
  const step: Step = {
    name: 'whole',
    state: weightState(plan),
    inputs: { input: { shape: [1, input.length], dtype: 'int32' } },
    scalars: [],
    run: (tf, { state, inputs }, layers) => ({
      state: {},
      outputs: {
        output: forwardPass(
          tf,
          plan,
          pipelineOf({ tf, layers }),
          { parameters: under(state, 'parameters/'), buffers: {}, state: {} },
          inputs,
          'evaluate',
        ).output,
      },
    }),
  };
  const { outputs } = await (await engine.compile(step, 1)).run(engine.state(step.state, weights), { input }, {});
  await engine.dispose();
  return Float32Array.from(outputs['output'] ?? []);
}

describe('drawn samples', () => {
  const drawn = (...set: readonly string[]) =>
    trained(experiment('rnn_time_machine', 'training.samples.temperature=1', ...set)).then(({ samples }) => samples);

  it('come from a stream of their own: another seed writes something else, sampling changes no training', async () => {
    const one = await drawn();
    expect(await drawn()).toEqual(one);
    expect(await drawn('seed=2')).not.toEqual(one);
    const [silent, loud] = [experiment('rnn_time_machine', 'training.samples.every=50'), experiment('rnn_time_machine')];
    expect((await trained(loud)).snapshots).toEqual((await trained(silent)).snapshots);
    expect(loud.plan.work).toEqual(silent.plan.work);
  });
});

describe('a token', () => {
  const logits = Float32Array.of(0, Math.log(2), -1, Math.log(2), Math.log(5));
  const drawn = (temperature: number, top_k?: number) => {
    const stream = createStreams(3).stream('draws');
    const counts = new Float64Array(5);
    const options = { length: 1, temperature, ...(top_k !== undefined && { top_k }) };
    for (let i = 0; i < 20_000; i++) {
      const token = chooseToken(logits, options, stream);
      counts[token] = (counts[token] ?? 0) + 1 / 20_000;
    }
    return counts;
  };

  it('is the likeliest at temperature 0, the first of equals', () => {
    expect(chooseToken(logits, { length: 1, temperature: 0 }, STREAM)).toBe(4);
    expect(chooseToken(Float32Array.of(1, 3, 3), { length: 1, temperature: 0 }, STREAM)).toBe(1);
  });

  it.each([0.5, 1, 2])('is drawn from the softmax at temperature %f', (temperature) => {
    const odds = Array.from(logits, (logit) => Math.exp(logit / temperature));
    const total = odds.reduce((a, b) => a + b);
    drawn(temperature).forEach((share, token) => expect(Math.abs(share - (odds[token] ?? 0) / total)).toBeLessThan(0.015));
  });

  it('is one of the top k, of equals the first', () => {
    const shares = drawn(1, 2);
    expect([shares[0], shares[2], shares[3]]).toEqual([0, 0, 0]);
    expect(Math.abs((shares[4] ?? 0) - 5 / 7)).toBeLessThan(0.015);
  });
});

describe('tokens of a prefix', () => {
  it.each([
    ['a bc', '', ['a', ' ', 'b', 'c']],
    ['  two  words ', ' ', ['two', 'words']],
  ])('%s', (text, separator, tokens) => expect(tokensOf(text, separator)).toEqual(tokens));
});
