import type { Tensor } from '@tensorflow/tfjs-core';
import { type Static, Type } from '../../language/type.js';
import type { ParameterSpec, Tensors, Tools } from '../stage.js';
import { get, mapTensors } from '../tensors.js';
import type { Role } from './initializers.js';

/** A layer that remembers: from scratch or built in, it has this face. */
export interface RecurrentLayer {
  /** The parts of its state; `h`, the hidden state, is always one. */
  readonly state: readonly string[];
  /** Axes are `inputs`, what a step reads, and `outputs`, what it gives; gates side by side are several times `outputs`. */
  parameters(features: number, hidden: number, start: Start): readonly ParameterSpec[];
  create(tools: Tools, hidden: number): ReadSequence;
}

/**
 * From `x [time, batch, features]` to the hidden states `h [time, batch, hidden]`. Time comes first: then a step is one piece of memory. Where
 * lengths vary, `mask [time, batch]` is 1 at the steps that are there; at the others the state stays as it is.
 */
export type ReadSequence = (
  parameters: Tensors,
  x: Tensor,
  state: Tensors,
  mask?: Tensor,
) => { readonly h: Tensor; readonly state: Tensors };

/** How a parameter of a role starts. */
export type Start = (role: Role) => ParameterSpec['initializer'];

/** One step of a recurrence: from `x [batch, features]` and the state before to the state after. */
type Step = (x: Tensor, state: Tensors) => Tensors;

/**
 * A recurrence from its step. Where the mask is 0 there is nothing to read, and the state stays as it is:
 *
 *     s' = m step(x, s) + (1 - m) s
 *
 * so that after the last step the state is that of every sequence's own end.
 */
export const scan =
  ({ tf }: Tools, stepWith: (parameters: Tensors) => Step): ReadSequence =>
  (parameters, x, first, mask) => {
    const step = stepWith(parameters);
    const present = mask && tf.unstack(tf.expandDims(mask, -1));
    let state = first;
    const hidden = tf.unstack(x).map((x, time) => {
      const [before, after, m] = [state, step(x, state), present?.[time]];
      state = m ? mapTensors(after, (part, name) => tf.add(tf.mul(m, part), tf.mul(tf.sub(1, m), get(before, name)))) : after;
      return get(state, 'h');
    });
    return { h: tf.stack(hidden), state };
  };

export const gateActivationOption = Type.Enum(['sigmoid', 'hard_sigmoid'], {
  default: 'sigmoid',
  description: 'What opens the gates. hard_sigmoid, clip(0.2 z + 0.5, 0, 1), is what tf.layers takes unless told otherwise.',
});

export type GateActivation = Static<typeof gateActivationOption>;

export const openGate = ({ tf }: Tools, activation: GateActivation, z: Tensor): Tensor =>
  activation === 'sigmoid' ? tf.sigmoid(z) : tf.clipByValue(tf.add(tf.mul(z, 0.2), 0.5), 0, 1);

/** The functions of a gate by their names in tf.layers. */
export const inTfLayers = { sigmoid: 'sigmoid', hard_sigmoid: 'hardSigmoid' } as const satisfies Record<GateActivation, string>;

/** The parameters of one gate of a layer from scratch that has `count` of them. */
export const gateParameters = (
  gate: string,
  bias: 'bias' | 'forget_bias',
  count: number,
  features: number,
  hidden: number,
  start: Start,
): readonly ParameterSpec[] => [
  // Keras starts the input weights of all gates as one matrix.
  {
    name: `Wx${gate}`,
    shape: [features, hidden],
    axes: ['inputs', 'outputs'],
    initializer: start({ kind: 'input', rows: features, columns: count * hidden }),
  },
  { name: `Wh${gate}`, shape: [hidden, hidden], axes: ['outputs', 'outputs'], initializer: start({ kind: 'recurrent' }) },
  { name: `b${gate}`, shape: [hidden], axes: ['outputs'], initializer: start({ kind: bias }) },
];

/** The weights of a built-in layer that compute what those of the one from scratch do, gate beside gate in this order. */
export const joinedGates =
  (gates: readonly string[]) =>
  ({ tf }: Tools, scratch: Tensors): Tensors => {
    const join = (part: string): Tensor =>
      tf.concat(
        gates.map((gate) => get(scratch, `${part}${gate}`)),
        -1,
      );
    return { kernel: join('Wx'), recurrent_kernel: join('Wh'), bias: join('b') };
  };
