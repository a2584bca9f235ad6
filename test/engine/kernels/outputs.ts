import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Arrays, Engine, Spec, Step } from '../../../src/engine/engine.js';
import { sizeOf } from '../../../src/engine/graph/graph.js';
import { numbers } from '../steps/addition.js';
import type { Case } from './cases.js';

/** What one program of a case gives for each of these numbers on an engine, and the gradients of its weighted sum. */
export async function outputsOf(engine: Engine, each: Case, feeds: readonly Arrays[]): Promise<readonly Arrays[]> {
  const program = await engine.compile(stepOf(each), 1);
  const state = engine.state({}, {});
  const all: Arrays[] = [];
  for (const given of feeds) all.push((await program.run(state, given, {})).outputs);
  state.dispose();
  program.dispose();
  return all;
}

export function stepOf({ name, inputs, run, gradient }: Case): Step {
  const keys = Object.keys(inputs);
  const floats = keys.filter((key) => inputs[key]?.dtype === 'float32');
  return {
    name,
    state: {},
    inputs,
    scalars: [],
    run(tf, { inputs: tensors }) {
      const call = (replaced: Readonly<Record<string, Tensor>>): readonly Tensor[] => {
        const made = run(tf, ...keys.map((key) => replaced[key] ?? tensors[key] ?? tf.scalar(0)));
        return made instanceof tf.Tensor ? [made] : made;
      };
      const outputs = Object.fromEntries(call({}).map((tensor, i) => [`output ${i}`, tensor]));
      if (gradient === false || floats.length === 0) return { state: {}, outputs };
      const weighted = (...given: Tensor[]): Scalar => {
        const parts = call(Object.fromEntries(floats.map((key, i) => [key, given[i] ?? tf.scalar(0)])));
        const sums = parts.map((part, i) => tf.sum(tf.mul(tf.cast(part, 'float32'), tf.tensor(numbers(part.size, 77 + i), part.shape))));
        return tf.addN(sums) as Scalar;
      };
      const gradients = tf.grads(weighted)(floats.map((key) => tensors[key] ?? tf.scalar(0)));
      return { state: {}, outputs: { ...outputs, ...Object.fromEntries(gradients.map((tensor, i) => [`gradient ${floats[i]}`, tensor])) } };
    },
  };
}

/** The case's own numbers, and any in [-2, 2) where it has none. */
const feedsOf = ({ inputs, values = {} }: Case): Arrays =>
  Object.fromEntries(Object.entries(inputs).map(([key, spec], i) => [key, values[key] ?? anyNumbers(spec, i + 1)]));

function anyNumbers({ shape, dtype }: Spec, seed: number): Arrays[string] {
  const floats = numbers(sizeOf(shape), seed, 2);
  return dtype === 'float32'
    ? floats
    : dtype === 'int32'
      ? Int32Array.from(floats, (v) => Math.trunc(v * 3))
      : Uint8Array.from(floats, (v) => Number(v > 0));
}

const NOT_ORDINARY = [NaN, Infinity, -Infinity, -0, 0];

/** What a case is tried with: its numbers, and where that can be compared, a few and most of the floats of them replaced by what isn't finite, and zeros. */
export const triedWith = (each: Case): readonly Arrays[] =>
  each.spoil !== false && Object.values(each.inputs).some(({ dtype }) => dtype === 'float32')
    ? [feedsOf(each), spoiled(each, 0.15), spoiled(each, 0.7)]
    : [feedsOf(each)];

function spoiled(each: Case, share: number): Arrays {
  const feeds = feedsOf(each);
  const keys = each.ordinary ? Object.keys(feeds).filter((key) => !each.ordinary?.includes(key)) : Object.keys(feeds);
  return Object.fromEntries(
    Object.entries(feeds).map(([key, values], i) => {
      if (!(values instanceof Float32Array) || !keys.includes(key)) return [key, values];
      const draws = numbers(2 * values.length, 31 + i).map((draw) => (draw + 1) / 2);
      const spoil = (value: number, at: number): number =>
        (draws[2 * at] ?? 1) < share ? (NOT_ORDINARY[Math.floor((draws[2 * at + 1] ?? 0) * NOT_ORDINARY.length)] ?? value) : value;
      return [key, values.map(spoil)];
    }),
  );
}

/** The largest distance of two numbers, as a share of the larger of it and the largest ordinary one. NaN where only one is NaN. */
export function distance(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  const [left, right] = [Array.from(expected), Array.from(actual)];
  if (left.length !== right.length) return NaN;
  const scale = Math.max(1e-30, ...left.map(Math.abs).filter((value) => value < LARGE));
  const apart = (value: number, other = NaN): number =>
    Object.is(value, other) || value === other ? 0 : Math.abs(value - other) / Math.max(scale, Math.abs(value));
  return left.map((value, i) => apart(value, right[i])).reduce((most, each) => (each <= most ? most : each), 0);
}

/** Of 1e30 beside 1, the 1 is to be right too. */
const LARGE = 1e6;
