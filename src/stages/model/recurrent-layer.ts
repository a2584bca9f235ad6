import type { Tensor } from '@tensorflow/tfjs-core';
import type { ParameterSpec, Tensors, Tools } from '../stage.js';
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
