import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { CumsumAttrs, EinsumAttrs, GradConfig, SplitVAttrs, StridedSliceAttrs, Tensor, UnpackAttrs } from '@tensorflow/tfjs-core';

type TF = typeof TensorFlow;

/**
 * Gradients that TensorFlow.js lacks, made of its own operations: so they hold on every engine. What it comes to have itself is left to it. One
 * that it has and that is wrong, or fails, is replaced.
 */
export function registerGradients(tf: TF): void {
  for (const make of [cumsum, unpack, splitV]) {
    const gradient = make(tf);
    tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
  for (const make of [stridedSlice, gatherNd, scatterNd, tensorScatterUpdate, topK, einsum]) {
    const gradient = make(tf);
    if (!tf.getGradient(gradient.kernelName)) tf.registerGradient(gradient);
  }
}

/** The sum of what comes after. TensorFlow.js' own turns its axes where the sum is not along the last one. */
const cumsum = (tf: TF): GradConfig => ({
  kernelName: tf.Cumsum,
  gradFunc(dy, _, attributes) {
    const { axis, exclusive, reverse } = attributes as unknown as CumsumAttrs;
    return { x: () => tf.cumsum(dy as Tensor, axis, exclusive, !reverse) };
  },
});

/** What was taken apart is put together again. Of a single part TensorFlow.js hands over one tensor where its own gradient reads a list. */
const unpack = (tf: TF): GradConfig => ({
  kernelName: tf.Unpack,
  gradFunc: (dys, _, attributes) => ({ value: () => tf.stack([dys].flat(), (attributes as unknown as UnpackAttrs).axis) }),
});

const splitV = (tf: TF): GradConfig => ({
  kernelName: tf.SplitV,
  gradFunc: (dys, _, attributes) => ({ x: () => tf.concat([dys].flat(), (attributes as unknown as SplitVAttrs).axis) }),
});

/** What was taken goes back to where it stood: the same cut of the places tells where. */
const stridedSlice = (tf: TF): GradConfig => ({
  kernelName: tf.StridedSlice,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attributes) => ({
    x() {
      const [{ shape, size }] = saved as [Tensor];
      const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
        attributes as unknown as StridedSliceAttrs;
      const places = tf.reshape(tf.range(0, size, 1, 'int32'), shape);
      const taken = tf.stridedSlice(places, begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask);
      return tf.reshape(tf.scatterND(tf.reshape(taken, [-1, 1]), tf.reshape(dy as Tensor, [-1]), [size]), shape);
    },
  }),
});

const gatherNd = (tf: TF): GradConfig => ({
  kernelName: tf.GatherNd,
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, saved) => ({
    params() {
      const [params, indices] = saved as [Tensor, Tensor];
      return tf.scatterND(indices, dy as Tensor, params.shape);
    },
  }),
});

const scatterNd = (tf: TF): GradConfig => ({
  kernelName: tf.ScatterNd,
  inputsToSave: ['indices'],
  gradFunc: (dy, [indices]) => ({ updates: () => tf.gatherND(dy as Tensor, indices as Tensor) }),
});

const tensorScatterUpdate = (tf: TF): GradConfig => ({
  kernelName: tf.TensorScatterUpdate,
  inputsToSave: ['indices', 'updates'],
  gradFunc(dy, saved) {
    const [indices, updates] = saved as [Tensor, Tensor];
    return {
      // Not written into the gradient itself: eager-js changes what it is given.
      tensor() {
        const kept = tf.tensorScatterUpdate(tf.onesLike(dy as Tensor), indices, tf.zerosLike(updates));
        return tf.where(tf.cast(kept, 'bool'), dy as Tensor, tf.zerosLike(dy as Tensor));
      },
      updates: () => tf.gatherND(dy as Tensor, indices),
    };
  },
});

/** Of the values; places have none. */
const topK = (tf: TF): GradConfig => ({
  kernelName: tf.TopK,
  inputsToSave: ['x'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved) => ({
    x() {
      const [x, indices] = saved as [Tensor, Tensor];
      const [dy] = dys as Tensor[];
      const places = tf.cast(tf.equal(tf.expandDims(indices, -1), tf.range(0, x.shape.at(-1) ?? 1, 1, 'int32')), 'float32');
      return tf.sum(tf.mul(places, tf.expandDims(dy as Tensor, -1)), -2);
    },
  }),
});

/** `ij,jk->ik`: of the first operand `ik,jk->ij`. A letter that only one operand has was summed, and its gradient is the same all along it. */
const einsum = (tf: TF): GradConfig => ({
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc(dy, saved, attributes) {
    const [left = '', made = ''] = (attributes as unknown as EinsumAttrs).equation.replace(/\s/g, '').split('->');
    const letters = left.split(',');
    return Object.fromEntries(
      saved.map((operand, i) => [
        String(i),
        () => {
          const others = saved.filter((_, j) => j !== i);
          const given = [made, ...letters.filter((_, j) => j !== i)];
          const own = letters[i] ?? '';
          const known = [...own].filter((letter) => given.some((term) => term.includes(letter))).join('');
          const gradient = tf.einsum(`${given.join(',')}->${known}`, dy as Tensor, ...others);
          const shape = [...own].map((letter, axis) => (known.includes(letter) ? (operand.shape[axis] ?? 1) : 1));
          return tf.mul(tf.reshape(gradient, shape), tf.onesLike(operand));
        },
      ]),
    );
  },
});
