import type { FusedBatchNormAttrs, FusedBatchNormInputs, LRNAttrs, LRNGradAttrs, LRNGradInputs, LRNInputs } from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.js';
import { kernel, type Kernels } from '../kernel.js';
import type { Operations } from '../operations.js';

export const normalisation: Kernels = {
  /** `(x - mean) / sqrt(variance + epsilon) * scale + offset` */
  FusedBatchNorm: kernel<FusedBatchNormInputs, FusedBatchNormAttrs>((given, { varianceEpsilon }, o) => {
    // Left out by TensorFlow.js where there is none.
    const scale: Node | undefined = given.scale;
    const offset: Node | undefined = given.offset;
    const spread = o.apply('Reciprocal', o.apply('Sqrt', o.add(given.variance, o.scalar(varianceEpsilon ?? 0.001))));
    const factor = scale ? o.apply('Mul', spread, scale) : spread;
    const made = o.apply('Mul', o.apply('Sub', given.x, given.mean), factor);
    return offset ? o.add(made, offset) : made;
  }),

  /** `x / (bias + alpha * sum of squares of the neighbouring channels) ^ beta` */
  LRN: kernel<LRNInputs, LRNAttrs>(({ x }, { depthRadius, bias, alpha, beta }, o) =>
    o.apply('Mul', x, o.apply('Pow', spreadOf(x, depthRadius, bias, alpha, o), o.scalar(-beta))),
  ),
  LRNGrad: kernel<LRNGradInputs, LRNGradAttrs>(({ x, y, dy }, { depthRadius, bias, alpha, beta }, o) => {
    const spread = spreadOf(x, depthRadius, bias, alpha, o);
    const shared = neighbours(o.apply('Div', o.apply('Mul', dy, y), spread), depthRadius, o);
    const own = o.apply('Mul', dy, o.apply('Pow', spread, o.scalar(-beta)));
    return o.apply('Sub', own, o.apply('Mul', o.apply('Mul', x, shared), o.scalar(2 * alpha * beta)));
  }),
};

const spreadOf = (x: Node, radius: number, bias: number, alpha: number, o: Operations): Node =>
  o.add(o.apply('Mul', neighbours(o.apply('Mul', x, x), radius, o), o.scalar(alpha)), o.scalar(bias));

/** The sum over the channels at most `radius` away. */
function neighbours(x: Node, radius: number, o: Operations): Node {
  const last = x.shape.length - 1;
  const wide = o.pad(
    x,
    x.shape.map((_, i) => (i === last ? [radius, radius] : [0, 0])),
    0,
  );
  const shifted = Array.from({ length: 2 * radius + 1 }, (_, k) =>
    o.slice(
      wide,
      x.shape.map((__, i) => (i === last ? k : 0)),
      x.shape,
    ),
  );
  return shifted.length === 1 ? x : o.make('Sum', shifted);
}
