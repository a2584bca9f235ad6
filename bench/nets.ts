import type { Tensor } from '@tensorflow/tfjs-core';
import type { Arrays, Specs, Step } from '../src/engine/engine.js';

/** A training step to measure: how many units of work (tokens, steps) it does, and numbers to feed it. */
export interface Net {
  readonly step: Step;
  readonly unit: string;
  readonly unitsPerStep: number;
  readonly inputs: (step: number) => Arrays;
}

type Tensors = Readonly<Record<string, Tensor>>;

const VOCABULARY = 28;
const BATCH = 32;
const TIME = 35;

interface Cell {
  readonly gates: string;
  readonly state: readonly string[];
  readonly advance: (tf: TF, x: Tensor, state: readonly Tensor[], p: Tensors) => readonly Tensor[];
}

type TF = Parameters<Step['run']>[0];

const get = (tensors: Tensors, name: string): Tensor => {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`no tensor ${name}`);
  return tensor;
};

const gate = (tf: TF, p: Tensors, name: string, x: Tensor, h: Tensor): Tensor =>
  tf.add(tf.add(tf.matMul(x, get(p, `Wx${name}`)), tf.matMul(h, get(p, `Wh${name}`))), get(p, `b${name}`));

const cells: Readonly<Record<'lstm' | 'gru' | 'rnn', Cell>> = {
  lstm: {
    gates: 'ifoc',
    state: ['h', 'c'],
    advance(tf, x, [h, c], p) {
      if (!h || !c) return [];
      const [i, f, o] = ['i', 'f', 'o'].map((name) => tf.sigmoid(gate(tf, p, name, x, h)));
      const g = tf.tanh(gate(tf, p, 'c', x, h));
      if (!i || !f || !o) return [];
      const next = tf.add(tf.mul(f, c), tf.mul(i, g));
      return [tf.mul(o, tf.tanh(next)), next];
    },
  },
  gru: {
    gates: 'zrh',
    state: ['h'],
    advance(tf, x, [h], p) {
      if (!h) return [];
      const z = tf.sigmoid(gate(tf, p, 'z', x, h));
      const r = tf.sigmoid(gate(tf, p, 'r', x, h));
      const candidate = tf.tanh(gate(tf, p, 'h', x, tf.mul(r, h)));
      return [tf.add(tf.mul(z, h), tf.mul(tf.sub(tf.scalar(1), z), candidate))];
    },
  },
  rnn: { gates: 'h', state: ['h'], advance: (tf, x, [h], p) => (h ? [tf.tanh(gate(tf, p, 'h', x, h))] : []) },
};

/** A character model of 32 x 35 tokens from scratch: cross entropy, gradients clipped to norm 1, SGD. */
export function timeMachine(kind: keyof typeof cells, hidden: number): Net {
  const cell = cells[kind];
  const parameters: Record<string, readonly number[]> = {};
  for (const name of cell.gates) {
    parameters[`Wx${name}`] = [VOCABULARY, hidden];
    parameters[`Wh${name}`] = [hidden, hidden];
    parameters[`b${name}`] = [hidden];
  }
  parameters['Whq'] = [hidden, VOCABULARY];
  parameters['bq'] = [VOCABULARY];
  const names = Object.keys(parameters);
  const recurrent = Object.fromEntries(cell.state.map((name) => [name, [BATCH, hidden]]));

  const step: Step = {
    name: `${kind} ${hidden}`,
    state: floats({ ...parameters, ...recurrent }),
    inputs: { tokens: { shape: [BATCH, TIME + 1], dtype: 'int32' } },
    scalars: [],
    run(tf, { state, inputs }) {
      const tokens = tf.reshape(get(inputs, 'tokens'), [BATCH, TIME + 1]);
      const xs = tf.unstack(tf.oneHot(tf.transpose(tf.slice(tokens, [0, 0], [BATCH, TIME])), VOCABULARY));
      const wanted = tf.oneHot(tf.reshape(tf.transpose(tf.slice(tokens, [0, 1], [BATCH, TIME])), [-1]), VOCABULARY);
      let last: readonly Tensor[] = [];
      const loss = (...values: Tensor[]) => {
        const p = Object.fromEntries(names.map((name, i) => [name, values[i] ?? tf.scalar(0)]));
        let now: readonly Tensor[] = cell.state.map((name) => get(state, name));
        const logits: Tensor[] = [];
        for (const x of xs) {
          now = cell.advance(tf, x, now, p);
          logits.push(tf.add(tf.matMul(now[0] ?? x, get(p, 'Whq')), get(p, 'bq')));
        }
        last = now.map((value) => tf.keep(value));
        return tf.losses.softmaxCrossEntropy(wanted, tf.concat(logits, 0));
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => get(state, name)));
      const norm = tf.sqrt(tf.addN(grads.map((gradient) => tf.sum(tf.square(gradient)))));
      const scale = tf.minimum(tf.scalar(1), tf.div(tf.scalar(1), norm));
      const updated = names.map((name, i): [string, Tensor] => [name, tf.sub(get(state, name), tf.mul(grads[i] ?? scale, scale))]);
      return {
        state: { ...Object.fromEntries(updated), ...Object.fromEntries(cell.state.map((name, i) => [name, last[i] ?? value])) },
        outputs: { loss: value },
      };
    },
  };
  const tokens = (call: number): Int32Array =>
    Int32Array.from({ length: BATCH * (TIME + 1) }, (_, j) => (j * 7 + call * 3 + ((j * j) % 5)) % VOCABULARY);
  return { step, unit: 'tokens/s', unitsPerStep: BATCH * TIME, inputs: (call) => ({ tokens: tokens(call) }) };
}

/** Binary addition: an LSTM of 32 over two numbers of 8 bits, batch 64, mean squared error, Adam; from scratch. */
export function addition(): Net {
  const [bits, hidden, batch, time] = [8, 32, 64, 2];
  const parameters: Record<string, readonly number[]> = {};
  for (const name of 'ifoc') {
    parameters[`Wx${name}`] = [bits, hidden];
    parameters[`Wh${name}`] = [hidden, hidden];
    parameters[`b${name}`] = [hidden];
  }
  parameters['Wy'] = [hidden, bits];
  parameters['by'] = [bits];
  const names = Object.keys(parameters);
  const slot = (kind: string): Record<string, readonly number[]> =>
    Object.fromEntries(names.map((name) => [`${kind} ${name}`, parameters[name] ?? []]));

  const step: Step = {
    name: 'addition',
    state: floats({ ...parameters, ...slot('m'), ...slot('v'), step: [] }),
    inputs: { x: { shape: [batch, time, bits], dtype: 'float32' }, y: { shape: [batch, bits], dtype: 'float32' } },
    scalars: ['learning_rate'],
    run(tf, { state, inputs, scalars }) {
      const xs = tf.unstack(get(inputs, 'x'), 1);
      const loss = (...values: Tensor[]) => {
        const p = Object.fromEntries(names.map((name, i) => [name, values[i] ?? tf.scalar(0)]));
        let now: readonly Tensor[] = [tf.zeros([batch, hidden]), tf.zeros([batch, hidden])];
        for (const x of xs) now = cells.lstm.advance(tf, x, now, p);
        const output = tf.add(tf.matMul(now[0] ?? tf.scalar(0), get(p, 'Wy')), get(p, 'by'));
        return tf.mean(tf.square(tf.sub(output, get(inputs, 'y'))));
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => get(state, name)));
      const count = tf.add(get(state, 'step'), tf.scalar(1));
      const [first, second] = [0.9, 0.999].map((decay) => tf.sub(tf.scalar(1), tf.pow(tf.scalar(decay), count)));
      const next: Record<string, Tensor> = { step: count };
      for (const [i, name] of names.entries()) {
        const gradient = grads[i] ?? value;
        const m = tf.add(tf.mul(get(state, `m ${name}`), tf.scalar(0.9)), tf.mul(gradient, tf.scalar(0.1)));
        const v = tf.add(tf.mul(get(state, `v ${name}`), tf.scalar(0.999)), tf.mul(tf.square(gradient), tf.scalar(0.001)));
        const step = tf.mul(get(scalars, 'learning_rate'), tf.div(m, first ?? value));
        next[`m ${name}`] = m;
        next[`v ${name}`] = v;
        next[name] = tf.sub(get(state, name), tf.div(step, tf.add(tf.sqrt(tf.div(v, second ?? value)), tf.scalar(1e-8))));
      }
      return { state: next, outputs: { loss: value } };
    },
  };
  const bitsOf = (length: number, call: number): Float32Array =>
    Float32Array.from({ length }, (_, j) => (j * 7 + call + ((j * j) % 11)) % 2);
  return {
    step,
    unit: 'steps/s',
    unitsPerStep: 1,
    inputs: (call) => ({ x: bitsOf(batch * time * bits, call), y: bitsOf(batch * bits, call + 5) }),
  };
}

export const nets: Readonly<Record<string, () => Net>> = {
  lstm: () => timeMachine('lstm', 256),
  gru: () => timeMachine('gru', 256),
  rnn: () => timeMachine('rnn', 512),
  addition,
};

const floats = (shapes: Readonly<Record<string, readonly number[]>>): Specs =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' }]));
