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
 * number of batches. `extra` adds inputs of a step that no dataset knows (dropout masks), given the step's index in the epoch. Numbers are
 * copied as they come: a dataset may fill one and the same array anew for its next batch.
 */
export function* calls(
  batches: Iterable<Batch>,
  specs: Specs,
  steps: number,
  extra: (index: number) => Arrays = () => ({}),
): Generator<Call> {
  let stacked = emptyStack(specs, steps);
  let waiting = 0;
  let index = 0;
  for (const batch of batches) {
    const arrays = { ...arraysOf(batch), ...extra(index) };
    for (const [name, { whole, size }] of stacked) whole.set(arrays[name] ?? missing(name), waiting * size);
    index += 1;
    waiting += 1;
    if (waiting < steps) continue;
    yield { steps, inputs: Object.fromEntries(stacked.map(([name, { whole }]) => [name, whole])) };
    stacked = emptyStack(specs, steps);
    waiting = 0;
  }
  for (let step = 0; step < waiting; step++) {
    const inputs = stacked.map(([name, { whole, size }]) => [name, whole.slice(step * size, (step + 1) * size)] as const);
    yield { steps: 1, inputs: Object.fromEntries(inputs) };
  }
}

/** Numbers of a pass that is kept, at most: 4 MB. */
const KEPT = 1e6;

/** As `make` gives them: what it gave once is given again, where that is little. `known` is what is kept, by whatever the calls are for. */
export function* repeated<Of>(known: Map<Of, readonly Call[]>, of: Of, make: () => Iterable<Call>): Iterable<Call> {
  const kept = known.get(of);
  if (kept) return yield* kept;
  const given: Call[] = [];
  let numbers = 0;
  for (const call of make()) {
    for (const { length } of Object.values(call.inputs)) numbers += length;
    if (numbers <= KEPT) given.push(call);
    yield call;
  }
  if (numbers <= KEPT) known.set(of, given);
}

const arraysOf = ({ inputs, target, weight, mask }: Batch): Readonly<Record<string, TypedArray>> => ({
  ...inputs,
  target,
  weight,
  ...(mask && { mask }),
});

/** By input: room for so many steps, and how many numbers one of them has. */
const emptyStack = (specs: Specs, steps: number) =>
  Object.entries(specs).map(([name, { shape, dtype }]) => {
    const size = sizeOf(shape);
    return [name, { whole: dtype === 'int32' ? new Int32Array(size * steps) : new Float32Array(size * steps), size }] as const;
  });

function missing(name: string): TypedArray {
  throw new Error(`a batch has no ${name}`);
}
