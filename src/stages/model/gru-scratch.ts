import type { Tensor } from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '../stage.js';
import { get } from '../tensors.js';
import { openGate, type GateActivation } from './gate-activation.js';
import type { RecurrentLayer, Start } from './recurrent-layer.js';
import { scan } from './scan.js';

interface GruSettings {
  readonly gateActivation: GateActivation;
  readonly reset: 'before' | 'after';
}

/**
 * Gated recurrent unit (Cho et al. 2014).
 *
 *     z = sigmoid(x Wxz + h Whz + bz)      r = sigmoid(x Wxr + h Whr + br)
 *     g = tanh(x Wxg + (r * h) Whg + bg)   h' = z * h + (1 - z) * g
 *
 * With `reset: after` (the form that cuDNN made common) the reset gate acts on the product, which then has a bias of its own:
 *
 *     g = tanh(x Wxg + bg + r * (h Whg + bhg))
 *
 * `x` is `[batch, features]`; `h` and the gates are `[batch, hidden]`; a gate's `Wx` is `[features, hidden]`, its `Wh` `[hidden, hidden]`.
 */
export const gruScratch = ({ gateActivation, reset }: GruSettings): RecurrentLayer => ({
  state: ['h'],

  parameters: (features, hidden, start) => [
    ...(['z', 'r', 'g'] as const).flatMap((gate) => gateParameters(gate, features, hidden, start)),
    ...(reset === 'after' ? [{ name: 'bhg', shape: [hidden], axes: ['outputs'], initializer: start({ kind: 'bias' }) }] : []),
  ],

  create: (tools) =>
    scan(tools, (parameters) => {
      const { tf } = tools;
      const p = (name: string): Tensor => get(parameters, name);
      const product = (x: Tensor, weights: string): Tensor => tf.matMul(x, p(weights));
      const sigmoid = (z: Tensor): Tensor => openGate(tools, gateActivation, z);
      return (x, state) => {
        const h = get(state, 'h');
        const z = sigmoid(tf.add(tf.add(product(x, 'Wxz'), product(h, 'Whz')), p('bz')));
        const r = sigmoid(tf.add(tf.add(product(x, 'Wxr'), product(h, 'Whr')), p('br')));
        const remembered = reset === 'before' ? product(tf.mul(r, h), 'Whg') : tf.mul(r, tf.add(product(h, 'Whg'), p('bhg')));
        const g = tf.tanh(tf.add(tf.add(product(x, 'Wxg'), remembered), p('bg')));
        return { h: tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), g)) };
      };
    }),
});

function gateParameters(gate: 'z' | 'r' | 'g', features: number, hidden: number, start: Start): readonly ParameterSpec[] {
  return [
    // Keras starts the input weights of all three as one matrix.
    {
      name: `Wx${gate}`,
      shape: [features, hidden],
      axes: ['inputs', 'outputs'],
      initializer: start({ kind: 'input', rows: features, columns: 3 * hidden }),
    },
    { name: `Wh${gate}`, shape: [hidden, hidden], axes: ['outputs', 'outputs'], initializer: start({ kind: 'recurrent' }) },
    { name: `b${gate}`, shape: [hidden], axes: ['outputs'], initializer: start({ kind: 'bias' }) },
  ];
}
