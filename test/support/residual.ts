import { Type } from '../../src/language/type.js';
import { defineStage, type ParameterSpec } from '../../src/stages/stage.js';

/** A model that nobody wrote anything for: two dense layers, the second with a residual, `h + relu(h W2 + b2)`. */
export const residual = defineStage({
  slot: 'model',
  kind: 'residual',
  version: 1,
  summary: 'Two dense layers with a residual.',
  options: Type.Object({ units: Type.Integer({ minimum: 1, description: 'Width of both layers.' }) }),
  plan({ units }, { data }) {
    const features = Object.values(data.splits)[0]?.inputs.input.shape.reduce((product, axis) => product * axis, 1) ?? 1;
    const outputs = Object.values(data.splits)[0]?.target.shape.at(-1) ?? 1;
    const parameter = (name: string, ...shape: number[]): ParameterSpec => ({ name, shape, initializer: { kind: 'uniform', limit: 0.2 } });
    return {
      parameters: [
        ...[parameter('W1', features, units), parameter('b1', units)],
        ...[parameter('W2', units, units), parameter('b2', units)],
        ...[parameter('W3', units, outputs), parameter('b3', outputs)],
      ],
      buffers: [],
      state: {},
      masks: [],
      output: { shape: [outputs], axes: ['bits'], dtype: 'float32' },
    };
  },
  create: ({ tf }) => ({
    forward({ parameters: { W1, b1, W2, b2, W3, b3 }, buffers, state }, { input }) {
      if (!W1 || !b1 || !W2 || !b2 || !W3 || !b3) throw new Error('a parameter is missing');
      const flat = tf.reshape(input, [input.shape[0] ?? 1, -1]);
      const hidden = tf.tanh(tf.add(tf.matMul(flat, W1), b1));
      const deeper = tf.add(hidden, tf.relu(tf.add(tf.matMul(hidden, W2), b2)));
      return { output: tf.add(tf.matMul(deeper, W3), b3), buffers, state };
    },
  }),
});
