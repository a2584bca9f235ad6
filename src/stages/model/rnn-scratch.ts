import { get } from '../tensors.js';
import type { RecurrentLayer } from './recurrent-layer.js';
import { scan } from './scan.js';

/**
 * A simple recurrent network (Elman 1990).
 *
 *     h' = tanh(x Wxh + h Whh + bh)
 *
 * `x` is `[batch, features]`, `h` `[batch, hidden]`, `Wxh` `[features, hidden]`, `Whh` `[hidden, hidden]`.
 */
export const rnnScratch: RecurrentLayer = {
  state: ['h'],

  parameters: (features, hidden, start) => [
    {
      name: 'Wxh',
      shape: [features, hidden],
      axes: ['inputs', 'outputs'],
      initializer: start({ kind: 'input', rows: features, columns: hidden }),
    },
    { name: 'Whh', shape: [hidden, hidden], axes: ['outputs', 'outputs'], initializer: start({ kind: 'recurrent' }) },
    { name: 'bh', shape: [hidden], axes: ['outputs'], initializer: start({ kind: 'bias' }) },
  ],

  create: (tools) =>
    scan(tools, (parameters) => {
      const { tf } = tools;
      const [Wxh, Whh, bh] = [get(parameters, 'Wxh'), get(parameters, 'Whh'), get(parameters, 'bh')];
      return (x, state) => ({ h: tf.tanh(tf.add(tf.add(tf.matMul(x, Wxh), tf.matMul(get(state, 'h'), Whh)), bh)) });
    }),
};
