import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers as factories } from '@tensorflow/tfjs-layers';
import { atOnce, type ReadPiece } from '../../engine/engine.js';
import type { ParameterSpec, Tensors, Tools } from '../stage.js';
import { get, mapTensors } from '../tensors.js';
import type { ReadSequence, Start } from './recurrent.js';

type Factories = typeof factories;
type Layer = InstanceType<Factories['Layer']>;

/**
 * The weights that all recurrent layers of tf.layers have, in its own order: `kernel [features, gates hidden]`, `recurrent_kernel [hidden, gates
 * hidden]`, `bias [gates hidden]`, with the gates side by side. Its own initializers draw unseeded numbers, so these start as the option
 * `initializer` says. `orthogonal` makes the rows of the joined recurrent kernel orthonormal; from scratch,
 * every gate's own matrix is orthogonal, except with `keras`.
 */
export const joinedParameters = (
  gates: number,
  features: number,
  hidden: number,
  start: Start,
  bias: ParameterSpec['initializer'] = start({ kind: 'bias' }),
): readonly ParameterSpec[] => [
  {
    name: 'kernel',
    shape: [features, gates * hidden],
    axes: ['inputs', 'outputs'],
    initializer: start({ kind: 'input', rows: features, columns: gates * hidden }),
  },
  {
    name: 'recurrent_kernel',
    shape: [hidden, gates * hidden],
    axes: ['outputs', 'outputs'],
    initializer: start({ kind: 'recurrent', gate: 0, gates: 1 }),
  },
  { name: 'bias', shape: [gates * hidden], axes: ['outputs'], initializer: bias },
];

/** What a layer must be made with here: it starts with zeros, which nothing draws and nothing uses, and gives all that it computes. */
export const SHELL = { kernelInitializer: 'zeros', recurrentInitializer: 'zeros', returnSequences: true, returnState: true } as const;

/** A recurrent layer of tf.layers, with time in front. `state` names the parts of its state in its own order. */
export function functionalLayer(tools: Tools, state: readonly string[], make: (factories: Factories) => Layer): ReadSequence {
  const { tf, loop = atOnce } = tools;
  const call = callLayer(tools, make);
  const read: ReadPiece = ({ weights, state: before, sequences: { x, present } }) => {
    const initialState = state.map((part) => get(before, part));
    const given = { initialState, mask: present ? tf.transpose(present) : null };
    const [h, ...parts] = call(weights, tf.transpose(x as Tensor, BATCH_FIRST), given).outputs;
    if (parts.length !== state.length) throw new Error(`a layer of tf.layers gave ${parts.length} of its ${state.length} states`);
    return { sequences: { h: tf.transpose(h, BATCH_FIRST) }, state: Object.fromEntries(parts.map((part, i) => [state[i] ?? '', part])) };
  };
  return (weights, x, first, mask) => {
    const made = loop(read, { weights, state: first, sequences: { x, ...(mask && { present: mask.steps }) } });
    return { h: get(made.sequences, 'h'), state: made.state };
  };
}

/** `[time, batch, ...]` to `[batch, time, ...]`, and back. */
const BATCH_FIRST = [1, 0, 2];

/** A layer's call: its outputs, and what it wrote into its weights while it ran (moving means, in training). */
type CallLayer = (
  weights: Tensors,
  x: Tensor,
  given?: Readonly<Record<string, unknown>>,
) => { readonly outputs: readonly [Tensor, ...Tensor[]]; readonly written: Tensors };

/**
 * A layer of tf.layers as a function of given weights. It is made at the first call, and its variables are taken away, for they are
 * process-wide, and training here is a function of plain tensors: during a call the given tensors stand in for them, so that gradients flow to
 * these, and what it would write is handed out.
 */
export function callLayer({ tf, layers }: Tools, make: (factories: Factories) => Layer): CallLayer {
  if (!layers) throw new Error('a built-in layer was asked for, and tf.layers is not among the tools');
  let layer: Layer | undefined;
  let weights: Tensors = {};
  let kept: Record<string, Tensor> = {};
  return (parameters, x, given = {}) => {
    layer ??= withoutVariables(make(layers.layers), x.shape, {
      read: (name) => get(weights, name),
      write: (name, value) => void (kept[name] = tf.keep(value)),
    });
    [weights, kept] = [parameters, {}];
    const [y, ...rest] = [layer.call(x, { ...given })].flat();
    const written = mapTensors(kept, (value) => tf.clone(value));
    for (const value of Object.values(kept)) value.dispose();
    [weights, kept] = [{}, {}];
    if (!y) throw new Error(`${layer.name} gave nothing`);
    return { outputs: [y, ...rest], written };
  };
}

/** The weights of a built layer by their names: `kernel`; where it holds several cells, the second of a name is `kernel_2`. */
export function weightsOf(layer: Layer): ReadonlyMap<string, Layer['weights'][number]> {
  const named = new Map<string, Layer['weights'][number]>();
  for (const variable of layer.weights) {
    const name = variable.originalName.split('/').at(-1) ?? '';
    const before = [...named.keys()].filter((known) => known === name || known.startsWith(`${name}_`)).length;
    named.set(before === 0 ? name : `${name}_${before + 1}`, variable);
  }
  return named;
}

interface Access {
  readonly read: (name: string) => Tensor;
  readonly write: (name: string, value: Tensor) => void;
}

function withoutVariables(layer: Layer, shape: readonly (number | null)[], { read, write }: Access): Layer {
  layer.build([null, ...shape.slice(1)]);
  for (const [name, variable] of weightsOf(layer)) {
    variable.dispose();
    variable.read = () => read(name);
    variable.write = (value) => {
      write(name, value);
      return variable;
    };
  }
  return layer;
}
