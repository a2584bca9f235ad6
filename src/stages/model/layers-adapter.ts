import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers as factories } from '@tensorflow/tfjs-layers';
import type { ParameterSpec, Tensors, Tools } from '../stage.js';
import { get } from '../tensors.js';
import type { ReadSequence, Start } from './recurrent-layer.js';

type Factories = typeof factories;
type Layer = ReturnType<Factories['rnn']>;

/**
 * The weights that all recurrent layers of tf.layers have, in its own order: `kernel [features, gates hidden]`, `recurrent_kernel [hidden, gates
 * hidden]`, `bias [gates hidden]`, with the gates side by side. Its own initializers draw unseeded numbers, so these start as the option
 * `initializer` says. `orthogonal` makes the rows of the joined recurrent kernel orthonormal; from scratch, every gate's own matrix is orthogonal.
 */
export const joinedParameters = (
  gates: number,
  features: number,
  hidden: number,
  start: Start,
  bias: ParameterSpec['initializer'] = start({ kind: 'bias' }),
): readonly ParameterSpec[] => [
  { name: 'kernel', shape: [features, gates * hidden], initializer: start({ kind: 'input', rows: features, columns: gates * hidden }) },
  { name: 'recurrent_kernel', shape: [hidden, gates * hidden], initializer: start({ kind: 'recurrent' }) },
  { name: 'bias', shape: [gates * hidden], initializer: bias },
];

/** What a layer must be made with here: it starts with zeros, which nothing draws and nothing uses, and gives all that it computes. */
export const SHELL = { kernelInitializer: 'zeros', recurrentInitializer: 'zeros', returnSequences: true, returnState: true } as const;

/**
 * A recurrent layer of tf.layers as a function of given weights. It is made at the first call, and its variables are taken away, for they are
 * process-wide, and training here is a function of plain tensors: during a call the given tensors stand in for them, so that gradients flow to
 * these. `state` names the parts of its state in its own order.
 */
export function functionalLayer({ tf, layers }: Tools, state: readonly string[], make: (factories: Factories) => Layer): ReadSequence {
  if (!layers) throw new Error('a built-in layer was asked for, and tf.layers is not among the tools');
  let layer: Layer | undefined;
  let given: Tensors = {};
  return (parameters, x, first, mask) => {
    layer ??= withoutVariables(make(layers.layers), x.shape.at(-1) ?? 1, (name) => get(given, name));
    given = parameters;
    const initialState = state.map((part) => get(first, part));
    const [h, ...parts] = [layer.call(tf.transpose(x, BATCH_FIRST), { initialState, mask: mask ? tf.transpose(mask) : null })].flat();
    given = {};
    if (!h || parts.length !== state.length) throw new Error(`${layer.name} gave ${parts.length} of its ${state.length} states`);
    return { h: tf.transpose(h, BATCH_FIRST), state: Object.fromEntries(parts.map((part, i) => [state[i] ?? '', part])) };
  };
}

/** `[time, batch, ...]` to `[batch, time, ...]`, and back. */
const BATCH_FIRST = [1, 0, 2];

function withoutVariables(layer: Layer, features: number, read: (name: string) => Tensor): Layer {
  layer.build([null, null, features]);
  for (const variable of layer.weights) {
    const name = variable.originalName.split('/').at(-1) ?? '';
    variable.dispose();
    variable.read = () => read(name);
  }
  return layer;
}
