import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Arrays, Specs, Step } from '../../../src/engine/engine.js';

const GATES = ['i', 'f', 'o', 'g'] as const;

/** An LSTM from scratch with a linear readout of its last state, squared error and Adam, in plain TensorFlow.js: `[batch, time, features]`. */
export function addition({ batch = 64, time = 2, features = 8, hidden = 32, outputs = 8 } = {}): Step {
  const shapes: Record<string, readonly number[]> = {};
  for (const gate of GATES)
    Object.assign(shapes, { [`Wx${gate}`]: [features, hidden], [`Wh${gate}`]: [hidden, hidden], [`b${gate}`]: [hidden] });
  Object.assign(shapes, { Wy: [hidden, outputs], by: [outputs] });
  const names = Object.keys(shapes);
  const specs = (prefix: string): Specs =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${prefix}${name}`, { shape, dtype: 'float32' as const }]));

  return {
    name: 'addition',
    identity: `addition ${[batch, time, features, hidden, outputs]}`,
    state: { ...specs('p/'), ...specs('m/'), ...specs('v/') },
    inputs: { x: { shape: [batch, time, features], dtype: 'float32' }, y: { shape: [batch, outputs], dtype: 'float32' } },
    scalars: ['step', 'rate'],
    run(tf, { state, inputs, scalars }) {
      const get = (tensors: Readonly<Record<string, Tensor>>, name: string): Tensor => {
        const found = tensors[name];
        if (!found) throw new Error(`no ${name}`);
        return found;
      };
      const loss = (...tensors: Tensor[]): Scalar => {
        const p = Object.fromEntries(names.map((name, i) => [name, get({ t: tensors[i] ?? tf.scalar(0) }, 't')]));
        let h: Tensor = tf.zeros([batch, hidden]);
        let c: Tensor = tf.zeros([batch, hidden]);
        for (const x of tf.unstack(get(inputs, 'x'), 1)) {
          const gate = (g: string): Tensor =>
            tf.add(tf.add(tf.matMul(x, get(p, `Wx${g}`)), tf.matMul(h, get(p, `Wh${g}`))), get(p, `b${g}`));
          const [i, f, o, g] = [tf.sigmoid(gate('i')), tf.sigmoid(gate('f')), tf.sigmoid(gate('o')), tf.tanh(gate('g'))];
          c = tf.add(tf.mul(f, c), tf.mul(i, g));
          h = tf.mul(o, tf.tanh(c));
        }
        const output = tf.add(tf.matMul(h, get(p, 'Wy')), get(p, 'by'));
        return tf.mean(tf.square(tf.sub(output, get(inputs, 'y'))));
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => get(state, `p/${name}`)));
      const correction1 = tf.sub(1, tf.pow(0.9, get(scalars, 'step')));
      const correction2 = tf.sub(1, tf.pow(0.999, get(scalars, 'step')));
      const next: Record<string, Tensor> = {};
      for (const [index, name] of names.entries()) {
        const gradient = grads[index] ?? tf.scalar(0);
        const m = tf.add(tf.mul(get(state, `m/${name}`), 0.9), tf.mul(gradient, 0.1));
        const v = tf.add(tf.mul(get(state, `v/${name}`), 0.999), tf.mul(tf.square(gradient), 0.001));
        const change = tf.div(tf.div(m, correction1), tf.add(tf.sqrt(tf.div(v, correction2)), 1e-8));
        Object.assign(next, {
          [`m/${name}`]: m,
          [`v/${name}`]: v,
          [`p/${name}`]: tf.sub(get(state, `p/${name}`), tf.mul(get(scalars, 'rate'), change)),
        });
      }
      return { state: next, outputs: { loss: value } };
    },
  };
}

/** Numbers in [-scale, scale) that depend on the seed alone. */
export function numbers(length: number, seed: number, scale = 1): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Parameters are small numbers; what is named `m/` or `v/` starts at zero. */
export const initial = (specs: Specs): Arrays =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { shape }], i) => [
      name,
      /^[mv]\//.test(name) ? new Float32Array(size(shape)) : numbers(size(shape), i + 1, 0.2),
    ]),
  );

/** Bits: the same for the same place, however many steps a call takes. */
export function bits(length: number, from: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (Math.imul(from + i + 1, 2654435761) >>> 13) & 1);
}
