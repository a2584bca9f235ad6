import type { Tensor } from '@tensorflow/tfjs-core';
import type { Data, ModelSpec, Report, Sums, Tools } from '../stage.js';
import { trainSplit } from '../tensors.js';

interface Upstream {
  readonly data: Data;
  readonly model: ModelSpec;
}

/** A loss or a metric that compares number with number: output and target must have one shape, and the target must not be indices. */
export function reportUnlessValues(kind: string, { data, model }: Upstream, report: Report): void {
  const { target } = trainSplit(data);
  if (target.dtype === 'int32') {
    report({
      code: 'target-mismatch',
      path: ['kind'],
      message: `${kind} compares numbers, and the target is an index into ${data.classes ?? 'some'} classes`,
      help: 'write kind: cross_entropy',
    });
  } else if (target.shape.join() !== model.output.shape.join()) {
    reportShapes(kind, target.shape, model.output.shape, report);
  }
}

/** A loss or a metric over classes: the target must be indices, one for each vector of the output. */
export function reportUnlessClasses(kind: string, { data, model }: Upstream, report: Report): void {
  const { target } = trainSplit(data);
  if (target.dtype !== 'int32' || data.classes === undefined) {
    report({
      code: 'target-mismatch',
      path: ['kind'],
      message: `${kind} needs an index of a class as target, and the target is numbers`,
      help: 'write kind: mean_squared_error, or binary_cross_entropy for bits',
    });
  } else if ([...target.shape, data.classes].join() !== model.output.shape.join()) {
    reportShapes(kind, [...target.shape, data.classes], model.output.shape, report);
  }
}

function reportShapes(kind: string, expected: readonly number[], output: readonly number[], report: Report): void {
  report({
    code: 'shape-mismatch',
    path: ['kind'],
    message: `${kind} needs an output [${expected.join(', ')}], and the model gives [${output.join(', ')}]`,
  });
}

/**
 * Sum and number of scores, each counted by its weight: `scores` is `[batch, ...]`, `weight` `[batch]` or `[batch, time]`, and a weight holds
 * for all scores behind its axes.
 */
export function weighted({ tf }: Tools, scores: Tensor, weight: Tensor): Sums {
  const shared = tf.reshape(weight, [...weight.shape, ...scores.shape.slice(weight.rank).map(() => 1)]);
  return {
    sum: tf.sum(tf.mul(scores, shared)),
    count: tf.mul(tf.sum(weight), scores.size / weight.size),
  };
}

/**
 * The negative log probability of the right class, in nats: `output` `[..., classes]` are unnormalised log probabilities, `target` `[...]`
 * indices; the result has the target's shape. The largest output is subtracted first, so that nothing overflows.
 */
export const classNats = (tools: Tools, output: Tensor, target: Tensor): Tensor => {
  const { tf } = tools;
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(output), classRows(tools, output, target)), -1));
};

/** For each target, a vector with 1 at its class and 0 elsewhere: `[..., classes]`. */
export const classRows = ({ tf }: Tools, output: Tensor, target: Tensor): Tensor =>
  tf.oneHot(target, output.shape.at(-1) ?? 1, 1, 0, 'float32');
