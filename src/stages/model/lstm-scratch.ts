import type { Tensor } from '@tensorflow/tfjs-core';
import { get } from '../tensors.js';
import type { ParameterSpec } from '../stage.js';
import { openGate, type GateActivation } from './gate-activation.js';
import type { RecurrentLayer, Start } from './recurrent-layer.js';
import { scan } from './scan.js';

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).
 *
 *     i = sigmoid(x Wxi + h Whi + bi)      f = sigmoid(x Wxf + h Whf + bf)      o = sigmoid(x Wxo + h Who + bo)
 *     g = tanh(x Wxg + h Whg + bg)         c' = f * c + i * g                   h' = o * tanh(c')
 *
 * `x` is `[batch, features]`; `h`, `c` and the gates are `[batch, hidden]`; a gate's `Wx` is `[features, hidden]`, its `Wh` `[hidden, hidden]`.
 */
export const lstmScratch = ({ gateActivation }: { readonly gateActivation: GateActivation }): RecurrentLayer => ({
  state: ['h', 'c'],

  parameters: (features, hidden, start) => GATES.flatMap((gate) => gateParameters(gate, features, hidden, start)),

  create: (tools) =>
    scan(tools, (parameters) => {
      const { tf } = tools;
      const p = (name: string): Tensor => get(parameters, name);
      const gate = (name: Gate, x: Tensor, h: Tensor): Tensor =>
        tf.add(tf.add(tf.matMul(x, p(`Wx${name}`)), tf.matMul(h, p(`Wh${name}`))), p(`b${name}`));
      const sigmoid = (z: Tensor): Tensor => openGate(tools, gateActivation, z);
      return (x, state) => {
        const h = get(state, 'h');
        const i = sigmoid(gate('i', x, h));
        const f = sigmoid(gate('f', x, h));
        const o = sigmoid(gate('o', x, h));
        const g = tf.tanh(gate('g', x, h));
        const c = tf.add(tf.mul(f, get(state, 'c')), tf.mul(i, g));
        return { h: tf.mul(o, tf.tanh(c)), c };
      };
    }),
});

const GATES = ['i', 'f', 'o', 'g'] as const;
type Gate = (typeof GATES)[number];

function gateParameters(gate: Gate, features: number, hidden: number, start: Start): readonly ParameterSpec[] {
  return [
    // Keras starts the input weights of all four gates as one matrix.
    {
      name: `Wx${gate}`,
      shape: [features, hidden],
      axes: ['inputs', 'outputs'],
      initializer: start({ kind: 'input', rows: features, columns: 4 * hidden }),
    },
    { name: `Wh${gate}`, shape: [hidden, hidden], axes: ['outputs', 'outputs'], initializer: start({ kind: 'recurrent' }) },
    { name: `b${gate}`, shape: [hidden], axes: ['outputs'], initializer: start({ kind: gate === 'f' ? 'forget_bias' : 'bias' }) },
  ];
}
