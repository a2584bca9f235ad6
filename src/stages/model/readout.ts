import type { Tensor } from '@tensorflow/tfjs-core';
import { type Static, Type } from '../../language/type.js';
import type { ParameterSpec, Tensors, Tools } from '../stage.js';
import { get } from '../tensors.js';
import type { Start } from './recurrent.js';

/** What the linear readout of a recurrent model reads. */
export const readoutOption = Type.Enum(['last', 'every', 'mean', 'max', 'attention'], {
  default: 'last',
  description:
    'What the linear readout reads of the hidden states: that of the last step, or of every step; or of all steps their mean, the largest of each number, or a mean whose weights are learnt (attention).',
});

export type Readout = Static<typeof readoutOption>;

/** Whether a step is read by itself, so that a sequence can be read step by step. */
export const readsSteps = (readout: Readout): boolean => readout === 'last' || readout === 'every';

/** The parameters of the readout, given what a step of the uppermost layer gives. */
export function planReadout(
  readout: Readout,
  { width, outputs, answers, start }: { readonly width: number; readonly outputs: number; readonly answers: string; readonly start: Start },
): readonly ParameterSpec[] {
  const linear = start({ kind: 'readout', rows: width, columns: outputs });
  return [
    ...(readout === 'attention' ? planAttention(width, start) : []),
    { name: 'Wy', shape: [width, outputs], axes: ['units', answers], initializer: linear },
    { name: 'by', shape: [outputs], axes: [answers], initializer: start({ kind: 'readout_bias', rows: width }) },
  ];
}

const planAttention = (width: number, start: Start): readonly ParameterSpec[] => [
  { name: 'Wa', shape: [width, width], axes: ['units', 'attention'], initializer: start({ kind: 'readout', rows: width, columns: width }) },
  { name: 'ba', shape: [width], axes: ['attention'], initializer: start({ kind: 'readout_bias', rows: width }) },
  { name: 'va', shape: [width], axes: ['attention'], initializer: start({ kind: 'readout', rows: width, columns: 1 }) },
];

/** The hidden states of a sequence: `h [time, batch, width]`, and `last [batch, width]`. `mask [time, batch]` is 1 at the steps that are there. */
interface Hidden {
  readonly h: Tensor;
  readonly last: Tensor;
  readonly mask: Tensor | undefined;
}

/**
 * The outputs `y = r Wy + by`: of every step `[batch, time, outputs]`, else `[batch, outputs]`, where `r [batch, width]` is one of
 *
 *     last        the hidden state after the last step that is there
 *     mean        sum_t m_t h_t / sum_t m_t
 *     max         max_t h_t, each number by itself, over the steps that are there
 *     attention   sum_t a_t h_t        a = softmax_t(va . tanh(h_t Wa + ba)), over the steps that are there
 *
 * `Wa` is `[width, width]`, `ba` and `va` are `[width]`. The attention is that of Yang et al. (2016), whose context vector is `va`; with a single row of
 * weights and without `ba` it is that of Lin et al. (2017). A sequence without a step is read as zeros, or with attention as the mean of its padding.
 *
 * Where several steps hold the largest number, each gets the whole gradient; `torch.amax` shares it out, `torch.max` gives it to one.
 */
export const createReadout =
  (tools: Tools, readout: Readout) =>
  (parameters: Tensors, hidden: Hidden): Tensor => {
    const { tf } = tools;
    const linear = (read: Tensor): Tensor => tf.add(tf.matMul(read, get(parameters, 'Wy')), get(parameters, 'by'));
    switch (readout) {
      case 'last':
        return linear(hidden.last);
      case 'every':
        return ofEveryStep(tools, hidden.h, linear);
      case 'mean':
        return linear(mean(tools, hidden));
      case 'max':
        return linear(largest(tools, hidden));
      case 'attention':
        return linear(attended(tools, parameters, hidden));
      default:
        return readout satisfies never;
    }
  };

/** One product for all steps: `[time, batch, width] -> [batch, time, outputs]`. */
function ofEveryStep({ tf }: Tools, h: Tensor, linear: (read: Tensor) => Tensor): Tensor {
  const [time = 1, batch = 1, width = 1] = h.shape;
  const y = linear(tf.reshape(h, [time * batch, width]));
  return tf.transpose(tf.reshape(y, [time, batch, -1]), [1, 0, 2]);
}

function mean({ tf }: Tools, { h, mask }: Hidden): Tensor {
  if (!mask) return tf.mean(h, 0);
  const steps = tf.maximum(tf.sum(mask, 0), 1);
  return tf.div(tf.sum(tf.mul(h, tf.expandDims(mask, -1)), 0), tf.expandDims(steps, -1));
}

/** Below every number that a step can hold, and far enough from the end of single precision that nothing comes to be infinite. */
const LOWEST = -1e30;

function largest({ tf }: Tools, { h, mask }: Hidden): Tensor {
  if (!mask) return tf.max(h, 0);
  const isThere = tf.greater(tf.expandDims(mask, -1), 0);
  const found = tf.max(tf.where(isThere, h, tf.fill(h.shape, LOWEST)), 0);
  return tf.mul(found, tf.expandDims(tf.max(mask, 0), -1));
}

function attended(tools: Tools, parameters: Tensors, hidden: Hidden): Tensor {
  const { tf } = tools;
  return tf.sum(tf.mul(hidden.h, tf.expandDims(attentionOver(tools, parameters, hidden), -1)), 0);
}

/** The weights `a [time, batch]` of the steps, 1 in total for each sequence, and 0 at steps that are not there. */
export function attentionOver({ tf }: Tools, parameters: Tensors, { h, mask }: Omit<Hidden, 'last'>): Tensor {
  const [time = 1, batch = 1, width = 1] = h.shape;
  const seen = tf.tanh(tf.add(tf.matMul(tf.reshape(h, [time * batch, width]), get(parameters, 'Wa')), get(parameters, 'ba')));
  const scores = tf.reshape(tf.matMul(seen, tf.expandDims(get(parameters, 'va'), -1)), [time, batch]);
  const masked = mask ? tf.add(scores, tf.mul(tf.sub(mask, 1), -LOWEST)) : scores;
  return tf.transpose(tf.softmax(tf.transpose(masked)));
}
