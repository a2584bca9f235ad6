import type { Batch, DataSpec, SplitSpec, TensorSpec } from '../stages/stage.js';
import { isObject } from '../language/check.js';
import { describe, type Wrong } from './check-spec.js';
import { sizeOf } from '../stages/tensors.js';

/**
 * What is wrong with a batch of a person's own dataset, held against what `plan` announced of its split: kinds and lengths of its arrays, and
 * the range of every index. What has weight 0 may have any target.
 */
export function wrongBatch(batch: Batch, split: SplitSpec, { classes }: Pick<DataSpec, 'classes'>): Wrong | undefined {
  const { batchSize, inputs, target, masked = false } = split;
  const { input } = inputs;
  const steps = input.shape[0] ?? 1;
  return (
    wrongInputs(batch, inputs) ??
    firstOf(Object.entries(inputs), ([name, spec]) => wrongArray(`inputs.${name}`, batch.inputs[name], batchSize, spec)) ??
    wrongArray('target', batch.target, batchSize, target) ??
    wrongArray('weight', batch.weight, batchSize, PLAIN) ??
    (masked
      ? wrongArray('mask', batch.mask, batchSize, { ...PLAIN, shape: [steps] })
      : batch.mask !== undefined
        ? { reason: 'it gives a mask, and plan did not say masked: true', help: 'without it the mask would be left unread' }
        : undefined) ??
    wrongWeight(batch.weight) ??
    firstOf(Object.entries(inputs), ([name, { tokens }]) =>
      wrongIndex(`inputs.${name}`, batch.inputs[name] ?? [], tokens, 'tokens', () => true),
    ) ??
    (target.dtype === 'int32' ? wrongIndex('target', batch.target, classes, 'classes', isWeighed(batch, target, batchSize)) : undefined)
  );
}

/** In the place of inputs where a batch gives `input` without a name, as batches of old did. */
export const NOT_NAMED: unique symbol = Symbol('not named');

function wrongInputs({ inputs }: { readonly inputs: unknown }, announced: SplitSpec['inputs']): Wrong | undefined {
  if (inputs === NOT_NAMED)
    return { reason: 'it gives "input" by itself', help: 'a batch has named inputs: { inputs: { input }, target, weight }' };
  if (!isObject(inputs)) return { reason: `inputs must be arrays by name, and is ${describe(inputs)}` };
  const more = Object.keys(inputs).find((name) => !(name in announced));
  return more === undefined ? undefined : { reason: `it gives the input ${JSON.stringify(more)}, and plan did not announce it` };
}

const firstOf = <T>(list: readonly T[], wrong: (item: T) => Wrong | undefined): Wrong | undefined =>
  list.map(wrong).find((found) => found !== undefined);

const PLAIN: Pick<TensorSpec, 'shape' | 'dtype'> = { shape: [], dtype: 'float32' };

function wrongArray(
  name: string,
  given: unknown,
  batchSize: number,
  { shape, dtype }: Pick<TensorSpec, 'shape' | 'dtype'>,
): Wrong | undefined {
  const wanted = dtype === 'int32' ? Int32Array : Float32Array;
  if (!(given instanceof wanted)) {
    const found = ArrayBuffer.isView(given) ? given.constructor.name : describe(given);
    return { reason: `${name} must be numbers in ${wanted.name}, and is ${found}` };
  }
  const size = shape.reduce((product, axis) => product * axis, batchSize);
  if (given.length !== size)
    return { reason: `${name} must hold [${[batchSize, ...shape].join(', ')}], ${size} numbers, and holds ${given.length}` };
  const odd = dtype === 'float32' ? given.findIndex((value) => !Number.isFinite(value)) : -1;
  return odd < 0 ? undefined : { reason: `${name}[${odd}] is ${given[odd]}` };
}

function wrongWeight(weight: Float32Array): Wrong | undefined {
  const odd = weight.findIndex((value) => value < 0);
  return odd < 0 ? undefined : { reason: `weight[${odd}] is ${weight[odd]}, and a weight is 0 or more` };
}

function wrongIndex(
  name: string,
  indices: ArrayLike<number>,
  count: number | undefined,
  of: string,
  counts: (at: number) => boolean,
): Wrong | undefined {
  if (count === undefined) return undefined;
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] ?? 0;
    if ((index < 0 || index >= count) && counts(at))
      return { reason: `${name}[${at}] is ${index}, and plan announced ${of}: ${count}, which are 0 to ${count - 1}` };
  }
  return undefined;
}

/** Does the answer at a place of the target count in any score? */
function isWeighed({ weight, mask }: Batch, { shape, axes }: TensorSpec, batchSize: number): (at: number) => boolean {
  const size = sizeOf(shape);
  const perStep = axes[0] === 'time' ? size / (shape[0] ?? 1) : size;
  const ofMask = mask && axes[0] === 'time' ? mask : undefined;
  const steps = ofMask ? ofMask.length / batchSize : 1;
  return (at) => {
    const row = Math.floor(at / size);
    return (weight[row] ?? 0) > 0 && (ofMask?.[row * steps + Math.floor((at % size) / perStep)] ?? 1) > 0;
  };
}
