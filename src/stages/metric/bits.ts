import type { Tensor } from '@tensorflow/tfjs-core';
import { reportUnlessValues } from '../loss/fit.js';
import { trainSplit } from '../tensors.js';
import type { Reading, Report, Slots, Tools } from '../stage.js';

/**
 * 1 where the output, read as a bit, is the target, else 0; of the output's shape. Values are rounded to the nearest integer, halves to the
 * even one, so that 1.6 is 2 and wrong; log odds above 0 are a 1.
 */
export function rightBits({ tf }: Tools, reading: Reading, output: Tensor, target: Tensor): Tensor {
  const bits = reading === 'logits' ? tf.cast(tf.greater(output, 0), 'float32') : tf.round(output);
  return tf.cast(tf.equal(bits, target), 'float32');
}

/** A metric over bits: output and target are numbers of one shape. */
export function reportUnlessBits(kind: string, { loss, ...upstream }: Slots['metric']['upstream'], report: Report): void {
  if (loss.reading !== 'class_logits' && trainSplit(upstream.data).target.dtype === 'float32') {
    reportUnlessValues(kind, upstream, report);
    return;
  }
  report({
    code: 'metric-mismatch',
    path: ['kind'],
    message: `${kind} reads bits, and the output is read as classes`,
    help: 'write kind: accuracy',
  });
}
