import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Arithmetic } from '../stage.js';

/** In double, on the host: one series `[time]`. */
export const HOST: Arithmetic<Float64Array> = {
  add: (x, y) => each(x, y, (a, b) => a + b),
  subtract: (x, y) => each(x, y, (a, b) => a - b),
  multiply: (x, y) => each(x, y, (a, b) => a * b),
  divide: (x, y) => each(x, y, (a, b) => a / b),
  minimum: (x, y) => each(x, y, Math.min),
  maximum: (x, y) => each(x, y, Math.max),
  exp: (x) => x.map(Math.exp),
  log: (x) => x.map(Math.log),
  power: (x, n) => x.map((value) => value ** n),
  length: ({ length }) => length,
  slice: (x, from, to) => x.slice(from, to),
  join: (x, y) => joined([x, y]),
};

/** Values of several series, one behind the other; of one series they are its own. */
export function joined(parts: readonly Float64Array[]): Float64Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const all = new Float64Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function each(x: Float64Array, y: Float64Array | number, f: (a: number, b: number) => number): Float64Array {
  const result = new Float64Array(x.length);
  for (let at = 0; at < x.length; at++) result[at] = f(x[at] ?? Number.NaN, typeof y === 'number' ? y : (y[at] ?? Number.NaN));
  return result;
}

/** In float32, inside a program: one series of each row of a batch, `[batch, time]`. */
export const inProgram = (tf: typeof TensorFlow): Arithmetic<Tensor> => ({
  add: (x, y) => tf.add(x, y),
  subtract: (x, y) => tf.sub(x, y),
  multiply: (x, y) => tf.mul(x, y),
  divide: (x, y) => tf.div(x, y),
  minimum: (x, y) => tf.minimum(x, y),
  maximum: (x, y) => tf.maximum(x, y),
  exp: (x) => tf.exp(x),
  log: (x) => tf.log(x),
  power: (x, n) => tf.pow(x, n),
  length: (x) => x.shape[1] ?? 1,
  slice: (x, from, to = x.shape[1] ?? 1) => tf.slice(x, [0, from], [x.shape[0] ?? 1, to - from]),
  join: (x, y) => tf.concat([x, y], 1),
});
