import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import { exportForward } from '../../src/engine/export.js';
import { stages } from '../../src/stages/registry.js';
import { exportedModel } from '../../src/train/export.js';
import { pipelineFor } from '../../src/train/pipeline.js';
import { planned, trained } from '../support/experiment.js';

describe.each(['scratch', 'builtin'])('the exported model, %s', (implementation) => {
  it('answers any batch as the engine does', async () => {
    const set = ['dataset.examples=400', 'training.epochs=2', `model.implementation=${implementation}`];
    const experiment = planned('experiments/lstm_addition.yaml', { set });
    const { snapshots } = await trained(experiment);
    const state = snapshots.at(-1)?.state ?? {};
    const model = exportedModel(experiment.plan, pipelineFor(experiment.plan, stages), state);
    const session = await InferenceSession.create(await exportForward(model));
    const reference = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
    expect(session.inputNames).toEqual(['input']);
    expect(session.outputNames).toEqual(['output']);

    for (const batch of [1, 7]) {
      const input = Float32Array.from({ length: batch * 16 }, (_, index) => Number((index * 7) % 5 < 2));
      const step = model.step({ batch });
      const program = await reference.compile(step, 1);
      const { outputs } = await program.run(reference.state(step.state, state), { input }, {});
      const { output } = await session.run({ input: new Tensor('float32', input, [batch, 2, 8]) });
      expect(output?.dims).toEqual([batch, 8]);
      Array.from(outputs['output'] ?? []).forEach((value, index) => expect(Number(output?.data[index])).toBeCloseTo(value, 5));
    }
  });
});
