import { Type } from '../../../language/type.js';
import { get } from '../../tensors.js';
import { defineLayer, reportIndices } from './layer.js';

/** Some of the numbers are zero in a training step, the others as much larger; the masks are drawn outside, from our streams. */
export const dropout = defineLayer({
  keepsAxis: true,
  summary: 'Drops some of the numbers in training, as tf.layers.dropout does, by masks of our own streams.',
  options: Type.Object({
    rate: Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'Share of the numbers that is dropped.' }),
  }),

  plan({ rate }, input, report) {
    reportIndices(input, report);
    return { output: input.spec, stepwise: true, masks: rate === 0 ? [] : [{ name: 'mask', shape: input.spec.shape, rate }] };
  },

  create:
    ({ tf }, { rate }) =>
    (_, x, { mode, masks }) => ({ y: mode === 'train' && rate > 0 ? tf.mul(x, get(masks, 'mask')) : x }),
});
