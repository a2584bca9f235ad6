import { Type } from '../../../language/type.js';
import { callLayer } from '../layers-adapter.js';
import { activationIn, activationOption, defineLayer, isWithinSteps, reportIndices, reportUnlessSteps } from './layer.js';
import { sizeOf } from '../../tensors.js';

export const activation = defineLayer({
  keepsAxis: true,
  summary: 'tf.layers.activation.',
  options: Type.Object({ activation: activationOption }),

  plan(_, input, report) {
    reportIndices(input, report);
    return { output: input.spec, stepwise: isWithinSteps(input) };
  },

  create(tools, { activation }) {
    const call = callLayer(tools, (layers) => layers.activation({ activation: activationIn(activation) }));
    return (_, x) => ({ y: call({}, x).outputs[0] });
  },
});

/** All numbers of an example in one vector: sequences must then be of one length. */
export const flatten = defineLayer({
  summary: 'tf.layers.flatten.',
  options: Type.Object({}),

  plan(_, input, report) {
    reportIndices(input, report);
    if (input.lengthsVary && input.spec.axes[0] === 'time') {
      report({
        code: 'layer-mismatch',
        path: [],
        message: 'flatten needs sequences of one length, and these have several',
        help: 'write kind: global_average_pooling_1d, or a recurrent layer',
      });
    }
    return {
      output: { shape: [sizeOf(input.spec.shape)], axes: [input.spec.axes.at(-1) ?? 'units'], dtype: 'float32' },
      stepwise: input.spec.axes[0] !== 'time',
    };
  },

  create(tools) {
    const call = callLayer(tools, (layers) => layers.flatten());
    return (_, x) => ({ y: call({}, x).outputs[0] });
  },
});

/** The mean over the steps that are there, `[time, units]` to `[units]`. tf.layers would count the padding in. */
export const globalAveragePooling = defineLayer({
  keepsAxis: true,
  summary: 'The mean over time, as tf.layers.globalAveragePooling1d, without padding.',
  options: Type.Object({}),

  plan(_, input, report) {
    reportUnlessSteps(input, report);
    return { output: { shape: input.spec.shape.slice(1), axes: input.spec.axes.slice(1), dtype: 'float32' }, stepwise: false };
  },

  create:
    ({ tf }) =>
    (_, x, { mask }) => {
      if (!mask) return { y: tf.mean(x, 1) };
      const steps = tf.maximum(tf.sum(mask, 1, true), 1);
      return { y: tf.div(tf.sum(tf.mul(x, tf.expandDims(mask, -1)), 1), steps) };
    },
});
