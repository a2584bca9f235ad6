import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Specs, Step } from '../../../src/engine/engine.js';

type TF = Parameters<Step['run']>[0];
/** A cell's affine map of what comes in and of a hidden state: `x Wx + h Wh + b` of one gate. */
type Gate = (name: string, h: Tensor) => Tensor;

interface Cell {
  readonly gates: string;
  readonly advance: (tf: TF, gate: Gate, h: Tensor, c: Tensor) => readonly [h: Tensor, c: Tensor];
}

const cells: Readonly<Record<'lstm' | 'gru' | 'rnn', Cell>> = {
  lstm: {
    gates: 'ifog',
    advance(tf, gate, h, c) {
      const next = tf.add(tf.mul(tf.sigmoid(gate('f', h)), c), tf.mul(tf.sigmoid(gate('i', h)), tf.tanh(gate('g', h))));
      return [tf.mul(tf.sigmoid(gate('o', h)), tf.tanh(next)), next];
    },
  },
  gru: {
    gates: 'zrn',
    advance(tf, gate, h, c) {
      const z = tf.sigmoid(gate('z', h));
      const candidate = tf.tanh(gate('n', tf.mul(tf.sigmoid(gate('r', h)), h)));
      return [tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), candidate)), c];
    },
  },
  rnn: { gates: 'h', advance: (tf, gate, h, c) => [tf.tanh(gate('h', h)), c] },
};

/** A character model written out: one-hot tokens, a cell over time, a readout, cross entropy, gradients of clipped norm, plain descent. */
export function characters(kind: keyof typeof cells, { batch = 16, time = 8, hidden = 48, vocabulary = 11 } = {}): Step {
  const cell = cells[kind];
  const parameters: Record<string, readonly number[]> = { Wq: [hidden, vocabulary], bq: [vocabulary] };
  for (const name of cell.gates) {
    Object.assign(parameters, { [`Wx${name}`]: [vocabulary, hidden], [`Wh${name}`]: [hidden, hidden], [`b${name}`]: [hidden] });
  }
  const names = Object.keys(parameters);
  const carried = { h: [batch, hidden], c: [batch, hidden] };
  return {
    name: kind,
    identity: `${kind} ${[batch, time, hidden, vocabulary]}`,
    state: floats({ ...parameters, ...carried }),
    inputs: { tokens: { shape: [batch, time + 1], dtype: 'int32' } },
    scalars: ['rate'],
    run(tf, { state, inputs, scalars }) {
      const of = (tensors: Readonly<Record<string, Tensor>>, name: string): Tensor => tensors[name] ?? tf.scalar(NaN);
      const tokens = tf.unstack(of(inputs, 'tokens'), 1).map((column) => tf.oneHot(column, vocabulary));
      let last: readonly [Tensor, Tensor] = [of(state, 'h'), of(state, 'c')];
      const loss = (...weights: Tensor[]): Scalar => {
        const p = Object.fromEntries(names.map((name, i) => [name, weights[i] ?? tf.scalar(NaN)]));
        last = [of(state, 'h'), of(state, 'c')];
        const logits = tokens.slice(0, -1).map((x) => {
          const gate: Gate = (name, h) =>
            tf.add(tf.add(tf.matMul(x, of(p, `Wx${name}`)), tf.matMul(h, of(p, `Wh${name}`))), of(p, `b${name}`));
          last = cell.advance(tf, gate, ...last);
          return tf.add(tf.matMul(last[0], of(p, 'Wq')), of(p, 'bq'));
        });
        // They outlive the gradient's own scope.
        for (const each of last) tf.keep(each);
        return tf.losses.softmaxCrossEntropy(tf.concat(tokens.slice(1), 0), tf.concat(logits, 0));
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => of(state, name)));
      const norm = tf.sqrt(tf.addN(grads.map((gradient) => tf.sum(tf.square(gradient)))));
      const rate = tf.mul(of(scalars, 'rate'), tf.minimum(1, tf.div(1, norm)));
      const next = names.map((name, i) => [name, tf.sub(of(state, name), tf.mul(grads[i] ?? tf.scalar(NaN), rate))] as const);
      const [h, c] = last;
      return { state: { ...Object.fromEntries(next), h, ...(kind === 'lstm' && { c }) }, outputs: { loss: value, norm } };
    },
  };
}

const floats = (shapes: Readonly<Record<string, readonly number[]>>): Specs =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]));
