import type { Tensor } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import { EngineError } from '../../src/engine/engine.js';
import { Type } from '../../src/language/type.js';
import { stages as ours } from '../../src/stages/registry.js';
import { defineStage, type Stage } from '../../src/stages/stage.js';
import { get } from '../../src/stages/tensors.js';
import { pipelineFor } from '../../src/train/pipeline.js';
import { trainStep } from '../../src/train/step.js';
import { planned, trained } from '../support/experiment.js';

/** A person's own model, linear but for one line that no program can hold. */
const modelWith = (kind: string, line: (tf: typeof TensorFlow, x: Tensor) => Tensor): Stage =>
  defineStage({
    slot: 'model',
    kind,
    version: 1,
    summary: 'A linear model with a line that is not for programs.',
    options: Type.Object({}),
    plan: () => ({
      parameters: [{ name: 'W', shape: [16, 8], initializer: { kind: 'uniform', limit: 0.1 } }],
      buffers: [],
      state: {},
      masks: [],
      output: { shape: [8], axes: ['outputs'], dtype: 'float32' },
    }),
    create: ({ tf }) => ({
      forward: ({ parameters, buffers, state }, { input }) => {
        const x = line(tf, tf.reshape(input, [input.shape[0] ?? 1, 16]));
        return { output: tf.matMul(x, get(parameters, 'W')), buffers, state };
      },
    }),
  });

const READ = {
  message: 'lstm_addition train reads the value of a tensor while it is compiled, when no value is known yet',
  operation: 'dataSync',
  help: 'compute with tensors instead of dataSync, arraySync or data; a step that must look at values runs on engine.kind: eager-js or eager-wasm',
};

const rows: readonly {
  readonly what: string;
  readonly line: (tf: typeof TensorFlow, x: Tensor) => Tensor;
  readonly said: Readonly<Record<string, string>>;
}[] = [
  {
    what: 'an operation that the tape does not know',
    line: (tf, x) => tf.add(x, tf.mean(tf.unique(tf.reshape(x, [-1])).values)),
    said: {
      message: "lstm_addition train uses the operation Unique, which can't be compiled",
      operation: 'Unique',
      help: 'engine.kind: eager-js or eager-wasm can run it',
    },
  },
  { what: 'a value that is read', line: (tf, x) => tf.mul(x, tf.max(x).dataSync()[0] ?? 0), said: READ },
  { what: 'a branch on a value', line: (tf, x) => (Number(tf.max(x).arraySync()) > 0.5 ? tf.neg(x) : x), said: READ },
  {
    what: 'a loop until a value is reached',
    line(tf, x) {
      let y = x;
      while (Number(tf.max(y).arraySync()) > 0.1) y = tf.div(y, 2);
      return y;
    },
    said: READ,
  },
];

describe.each(rows)('$what in a model of one’s own', ({ line, said }) => {
  const stages = [...ours, modelWith('own', line)];
  const experiment = planned('experiments/lstm_addition.yaml', {
    set: ['model={kind: own}', 'dataset.examples=64', 'training.batch_size=16', 'training.epochs=1'],
    stages,
  });

  it('is said: the operation, the stage, and the engine that runs it', async () => {
    const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads: 1, cache: null });
    const error = await engine
      .compile(trainStep(experiment.plan, pipelineFor(experiment.plan, stages)), 1)
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ ...said, part: 'model' });
    await engine.dispose();
  });

  it('is run by the engine that was named', async () => {
    const { outcome, epochs } = await trained(experiment, { kind: 'eager-js', stages });
    expect(outcome.kind).toBe('finished');
    expect(epochs[0]?.[1].get('train/loss')).toBeGreaterThan(0);
  });
});
