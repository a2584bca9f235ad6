import type { Arrays, Specs } from '../engine/engine.js';
import type { TypedArray } from '../engine/graph/graph.js';
import type { Batch } from '../stages/stage.js';
import { sizeOf } from '../stages/tensors.js';

/** What one call of a program takes: the inputs of several steps stacked along a new leading axis, `[steps, batch, ...]`. */
export interface Call {
  readonly steps: number;
  readonly inputs: Arrays;
}

/**
 * Cuts an epoch's batches into calls of `steps` steps; what is left over at the end comes one step a call, so that two programs serve any
 * number of batches. `extra` adds inputs of a step that no dataset knows (dropout masks), given the step's index in the epoch.
 */
export function* calls(
  batches: Iterable<Batch>,
  specs: Specs,
  steps: number,
  extra: (index: number) => Arrays = () => ({}),
): Generator<Call> {
  let waiting: Arrays[] = [];
  let index = 0;
  for (const batch of batches) {
    waiting.push({ ...arraysOf(batch), ...extra(index) });
    index += 1;
    if (waiting.length === steps) {
      yield stack(waiting, specs);
      waiting = [];
    }
  }
  for (const step of waiting) yield stack([step], specs);
}

const arraysOf = ({ input, target, weight, mask }: Batch): Arrays => ({ input, target, weight, ...(mask ? { mask } : {}) });

function stack(parts: readonly Arrays[], specs: Specs): Call {
  const inputs = Object.entries(specs).map(([name, { shape, dtype }]) => {
    const size = sizeOf(shape);
    const whole = dtype === 'int32' ? new Int32Array(size * parts.length) : new Float32Array(size * parts.length);
    parts.forEach((part, index) => whole.set(part[name] ?? missing(name), index * size));
    return [name, whole] as const;
  });
  return { steps: parts.length, inputs: Object.fromEntries(inputs) };
}

function missing(name: string): TypedArray {
  throw new Error(`a batch has no ${name}`);
}
