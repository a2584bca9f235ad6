import type { Tensor } from '@tensorflow/tfjs-core';
import type { Plan } from '../planning/plan.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { StageFault } from '../stages/stage-fault.js';
import type { Decode, Model, Optimizer, Shape, Slot, Sums, Tensors } from '../stages/stage.js';
import { trainable } from '../stages/tensors.js';
import * as messages from './messages.js';
import { splitOf } from './signature.js';

/*
 * What stages give, held against what they announced, while a step is recorded: a vector where a number was announced is added up without a
 * word, and a value is told that nobody meant.
 */

/** Where a stage stands in the document, and what it is called there. */
interface Announced {
  readonly slot: Slot;
  readonly kind: string;
  readonly path: Problem['path'];
}

/** Sum and count of a loss or a metric: one number each. */
export function announcedSums(by: Announced, given: Sums): Sums {
  for (const part of ['sum', 'count'] as const) {
    const value: unknown = (given as Sums | undefined)?.[part];
    if (!isTensor(value) || value.rank > 0 || !NUMBERS.has(value.dtype)) throw fault(by, part, value, 'one number', messages.sumIsNumber());
  }
  return given;
}

/** What a metric adds up over a batch: exactly these sums, each of its shape. */
export function announcedTotals(by: Announced, shapes: Readonly<Record<string, Shape>>, given: Tensors): Tensors {
  announcedTensors(by, 'accumulate', given, new Map(Object.entries(shapes)), NUMBERS);
  return given;
}

/** Output and target in another unit, of the shapes and kinds that they came in. */
export function announcedDecoded(by: Announced, before: ReturnType<Decode>, given: ReturnType<Decode>): ReturnType<Decode> {
  for (const part of ['output', 'target'] as const) {
    const value: unknown = (given as ReturnType<Decode> | undefined)?.[part];
    const { dtype, shape } = before[part];
    const isFit = isTensor(value) && value.dtype === dtype && value.shape.join() === shape.join();
    if (!isFit) throw fault(by, `decode's ${part}`, value, describe(dtype, shape));
  }
  return given;
}

/** Output, buffers and state of a batch of a split. Where that split is longer or shorter than the train split, so may the output be. */
export function announcedForward(
  plan: Plan,
  split: string,
  batch: number,
  given: ReturnType<Model['forward']>,
): ReturnType<Model['forward']> {
  const by: Announced = { slot: 'model', kind: plan.config.values.model.kind, path: ['model', 'kind'] };
  const { output, buffers, state } = plan.model;
  const [usual, own] = [splitOf(plan, 'train').inputs.input.shape, splitOf(plan, split).inputs.input.shape];
  const lengths = output.shape.map((length) => {
    const axis = usual.findIndex((each, index) => each === length && own[index] !== length);
    return axis < 0 ? [length] : [length, own[axis] ?? length];
  });
  const made: unknown = (given as ReturnType<Model['forward']> | undefined)?.output;
  const isFit = isTensor(made) && made.dtype === output.dtype && fits(made.shape, [[batch], ...lengths]);
  if (!isFit) throw fault(by, 'output', made, describe(output.dtype, [batch, ...output.shape]));
  announcedTensors(by, 'buffers', given.buffers, new Map(buffers.map(({ name, shape }) => [name, shape])));
  announcedTensors(by, 'state', given.state, new Map(Object.entries(state).map(([name, shape]) => [name, [batch, ...shape]])));
  return given;
}

/** A weight for each step of each row of a batch of a split. */
export function announcedAttention(plan: Plan, split: string, batch: number, given: unknown): Tensor {
  const by: Announced = { slot: 'model', kind: plan.config.values.model.kind, path: ['model', 'kind'] };
  const [time = 1] = splitOf(plan, split).inputs.input.shape;
  const isFit = isTensor(given) && given.dtype === 'float32' && fits(given.shape, [[batch], [time]]);
  if (!isFit) throw fault(by, 'attention', given, describe('float32', [batch, time]));
  return given;
}

/** Parameters that train keep their shapes, and every slot of state has a tensor of each. */
export function announcedUpdate(
  { config, model, optimizer }: Plan,
  given: ReturnType<Optimizer['update']>,
): ReturnType<Optimizer['update']> {
  const by: Announced = { slot: 'optimizer', kind: config.values.optimizer.kind, path: ['optimizer', 'kind'] };
  const shapes = new Map(trainable(model).map(({ name, shape }) => [name, shape]));
  announcedTensors(by, 'parameters', (given as ReturnType<Optimizer['update']> | undefined)?.parameters, shapes);
  for (const slot of optimizer.slots) announcedTensors(by, `state.${slot}`, given.state?.[slot], shapes);
  const more = Object.keys(given.state ?? {}).find((slot) => !optimizer.slots.includes(slot));
  if (more !== undefined) throw new StageFault({ ...messages.nothingMore(by.slot, by.kind, `state.${more}`), path: by.path });
  return given;
}

/** Exactly these tensors, each of its shape. */
function announcedTensors(
  by: Announced,
  what: string,
  given: unknown,
  shapes: ReadonlyMap<string, Shape>,
  dtypes: ReadonlySet<string> = FLOATS,
): void {
  const tensors = (given ?? {}) as Readonly<Record<string, unknown>>;
  for (const [name, shape] of shapes) {
    const value = tensors[name];
    const isFit = isTensor(value) && dtypes.has(value.dtype) && value.shape.join() === shape.join();
    if (!isFit) throw fault(by, `${what}.${name}`, value, describe('float32', shape));
  }
  const more = Object.keys(tensors).find((name) => !shapes.has(name));
  if (more !== undefined) throw new StageFault({ ...messages.nothingMore(by.slot, by.kind, `${what}.${more}`), path: by.path });
}

function fault({ slot, kind, path }: Announced, what: string, given: unknown, announced: string, help?: string): StageFault {
  const seen = isTensor(given) ? describe(given.dtype, given.shape) : given === undefined ? 'nothing' : `no tensor but a ${typeof given}`;
  return new StageFault({ ...messages.otherThanAnnounced(slot, kind, what, seen, announced, help), path });
}

const NUMBERS: ReadonlySet<string> = new Set(['float32', 'int32']);
const FLOATS: ReadonlySet<string> = new Set(['float32']);

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'shape' in value && 'dtype' in value && 'dataId' in value;

const fits = (shape: Shape, lengths: readonly (readonly number[])[]): boolean =>
  shape.length === lengths.length && shape.every((length, axis) => lengths[axis]?.includes(length));

const describe = (dtype: string, shape: Shape): string => `${dtype} [${shape.join(', ')}]`;
