import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../stages/stage.js';

/**
 * The gradients of an objective by every parameter, together with what else the forward pass made. TensorFlow.js throws away what a
 * differentiated function makes besides its value, so the rest is kept: whoever calls owns it.
 */
export function differentiate(
  tf: typeof TensorFlow,
  parameters: Tensors,
  forward: (parameters: Tensors) => { readonly objective: Scalar; readonly rest: Tensors },
): { readonly gradients: Tensors; readonly rest: Tensors } {
  const names = Object.keys(parameters);
  let rest: Tensors = {};
  const { grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
    const made = forward(named(names, tensors));
    for (const tensor of Object.values(made.rest)) tf.keep(tensor);
    rest = made.rest;
    return made.objective;
  })(Object.values(parameters));
  return { gradients: named(names, grads), rest };
}

const named = (names: readonly string[], tensors: readonly Tensor[]): Tensors =>
  Object.fromEntries(tensors.map((tensor, index) => [names[index] ?? '', tensor]));
