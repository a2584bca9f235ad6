import { Tensor } from './ort.js';
import type { DType, Shape, TypedArray } from '../graph/graph.js';
import { arrayOf, sizeOf } from '../graph/node.js';

/** Memory that the runtime reads and writes in place. */
export interface Buffer {
  readonly data: TypedArray;
  readonly tensor: Tensor;
  readonly key: string;
  /** Living states that hold it. */
  holders: number;
}

/** Buffers that nobody holds are kept for the next who needs one of that kind: a training loop alternates between two sets. */
export interface Buffers {
  take(dtype: DType, shape: Shape): Buffer;
  give(buffer: Buffer): void;
}

/** More than this many free buffers of one kind are left to the garbage collector. */
const KEPT = 4;

export function createBuffers(): Buffers {
  const free = new Map<string, Buffer[]>();
  return {
    take(dtype, shape) {
      const key = `${dtype} ${shape.join()}`;
      const known = free.get(key)?.pop();
      if (known) return known;
      const data = arrayOf(dtype, sizeOf(shape));
      return { data, tensor: new Tensor(dtype, data, shape), key, holders: 0 };
    },
    give(buffer) {
      const kept = free.get(buffer.key);
      if (!kept) free.set(buffer.key, [buffer]);
      else if (kept.length < KEPT) kept.push(buffer);
    },
  };
}
