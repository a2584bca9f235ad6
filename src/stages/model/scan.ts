import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tensors, Tools } from '../stage.js';
import { get, mapTensors } from '../tensors.js';
import type { ReadSequence } from './recurrent-layer.js';

/** One step of a recurrence: from `x [batch, features]` and the state before to the state after. */
type Step = (x: Tensor, state: Tensors) => Tensors;

/**
 * A recurrence from its step. Where the mask is 0 there is nothing to read, and the state stays as it is:
 *
 *     s' = m step(x, s) + (1 - m) s
 *
 * so that after the last step the state is that of every sequence's own end.
 */
export const scan =
  ({ tf }: Tools, stepWith: (parameters: Tensors) => Step): ReadSequence =>
  (parameters, x, first, mask) => {
    const step = stepWith(parameters);
    const present = mask && tf.unstack(tf.expandDims(mask, -1));
    let state = first;
    const hidden = tf.unstack(x).map((x, time) => {
      const [before, after, m] = [state, step(x, state), present?.[time]];
      state = m ? mapTensors(after, (part, name) => tf.add(tf.mul(m, part), tf.mul(tf.sub(1, m), get(before, name)))) : after;
      return get(state, 'h');
    });
    return { h: tf.stack(hidden), state };
  };
