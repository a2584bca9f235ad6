import type { Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type Step } from './engine.js';
import type { DType } from './graph/graph.js';
import { sameList } from './graph/node.js';

/** What a step returns as state must be of the shape in which it came: the next step takes it. */
export function checkedState(state: Readonly<Record<string, Tensor>>, step: Step): Readonly<Record<string, Tensor>> {
  for (const [name, { shape, dtype }] of Object.entries(state)) {
    const spec = step.state[name];
    if (!spec) throw new EngineError(`${step.name} returns state "${name}", which it wasn't given`);
    if (!sameList(spec.shape, shape) || spec.dtype !== dtype) {
      throw new EngineError(
        `${step.name} returns state "${name}" as ${dtype} [${shape.join(', ')}]; it was given as ${spec.dtype} [${spec.shape.join(', ')}]`,
      );
    }
  }
  return state;
}

/** A value by each name: what `f` makes of the one that had it. */
export const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A, name: string) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));

/** An output is numbers: neither text nor complex. */
export function outputDType({ dtype }: Tensor, step: Step): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new EngineError(`${step.name} gives an output of dtype ${dtype}`);
}

export function refusePromise(made: object, step: Step): void {
  if (!('then' in made)) return;
  throw new EngineError(`${step.name} is an async function; a step must return its tensors, not a promise of them`);
}
