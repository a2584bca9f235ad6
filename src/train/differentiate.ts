import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { EngineError } from '../engine/engine.js';
import { StageFault } from '../stages/stage-fault.js';
import type { Tensors } from '../stages/stage.js';
import { noGradient } from './messages.js';

/**
 * The gradients of an objective by every parameter, together with what else the forward pass made. TensorFlow.js throws away what a
 * differentiated function makes besides its value, so the rest is kept: whoever calls owns it. An objective without a gradient by one of the
 * parameters is a fault that is told at the loss.
 */
export function differentiate(
  tf: typeof TensorFlow,
  parameters: Tensors,
  forward: (parameters: Tensors) => { readonly objective: Scalar; readonly rest: Tensors },
): { readonly gradients: Tensors; readonly rest: Tensors } {
  const names = Object.keys(parameters);
  let rest: Tensors | undefined;
  const differentiated = tf.valueAndGrads((...tensors: Tensor[]) => {
    const made = forward(named(names, tensors));
    for (const tensor of Object.values(made.rest)) tf.keep(tensor);
    rest = made.rest;
    return made.objective;
  });
  try {
    const { grads } = differentiated(Object.values(parameters));
    return { gradients: named(names, grads), rest: rest ?? {} };
  } catch (error) {
    // What the forward pass threw is its own; what an engine can't do, it says itself.
    if (!rest || error instanceof EngineError || error instanceof StageFault || !(error instanceof Error)) throw error;
    throw new StageFault({ ...noGradient(error.message), path: ['loss', 'kind'] });
  }
}

const named = (names: readonly string[], tensors: readonly Tensor[]): Tensors =>
  Object.fromEntries(tensors.map((tensor, index) => [names[index] ?? '', tensor]));
