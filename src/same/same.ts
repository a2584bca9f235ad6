import type { Arrays, Engine } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Batch, Files, Numbers, ParameterSpec, Stage } from '../stages/stage.js';
import { sizeOf } from '../stages/tensors.js';
import { createDataset } from '../train/pipeline.js';
import { splitOf } from '../train/signature.js';
import { tellingWeights } from '../train/start.js';
import { answer, compare, copied, type Copy, copyByName, declaredCopy, type Difference, distance, type Side } from './compare.js';
import { findTerms, type Pair, toggles } from './terms.js';

/** Beyond this two models are not the same. */
export const TOLERANCE = 1e-5;
/** Steps of training after which parameters are compared. */
const STEPS = 3;
/** Examples of a batch that are looked at; no arithmetic joins examples but the mean of the loss. */
const ROWS = 4;

export interface Verdict {
  readonly same: boolean;
  /** The largest first. */
  readonly differences: readonly Difference[];
  /** Where they aren't the same: the known differences that make the two agree when they are taken back together; none if nothing does. */
  readonly terms: readonly { readonly name: string; readonly sentence: string }[];
  /** The models in the order in which weights were copied; the other way round than they were given where only that way is known. */
  readonly order: readonly [from: Plan, to: Plan];
}

/** Why two models can't be compared. */
export class IncomparableError extends Error {
  override readonly name = 'IncomparableError';
}

/**
 * Are two models the same mathematics? One is given weights, the other a copy of them; then both must say the same of the same batch, have
 * the same gradients, and after some steps of training the same parameters. Where they don't, known differences are taken back. `files` are
 * those that each of them reads.
 */
export async function sameModels(
  engine: Engine,
  stages: readonly Stage[],
  files: readonly [Files, Files],
  given: readonly [Plan, Plan],
): Promise<Verdict> {
  refuseOtherBatches(given);
  const [from, to] = orderOf(stages, given);
  const [a, b] = [narrowed(from), narrowed(to)];
  const sides = await setUp(engine, stages, { a, b });
  refuseMisfit(sides);
  const batches = firstBatches(from, stages, files[given.indexOf(from)] ?? files[0]);
  const differences = await compare(engine, stages, sides.a, sides.b, sides.copy, batches);
  const same = differences.every(({ size }) => size <= TOLERANCE);
  const [batch] = batches;
  const terms =
    same || !batch
      ? []
      : await findTerms(
          { a, b },
          toggles({ a, b }, stages, sides.uncopied),
          (pair) => outputDistance(engine, stages, pair, batch),
          TOLERANCE,
        );
  return { same, differences, terms: terms.map(({ term, sentence }) => ({ name: term, sentence })), order: [a, b] };
}

/** As declared; else the smaller model first, so that what it has no weights for is seen on the other side. */
function orderOf(stages: readonly Stage[], [a, b]: readonly [Plan, Plan]): readonly [Plan, Plan] {
  if (declaredCopy(stages, a, b)) return [a, b];
  return declaredCopy(stages, b, a) || a.parameterCount > b.parameterCount ? [b, a] : [a, b];
}

/** What the second model has no counterpart for gets weights of its own. */
async function setUp(engine: Engine, stages: readonly Stage[], { a, b, before = unchanged, after = unchanged }: Pair): Promise<Sides> {
  const copy = declaredCopy(stages, a, b) ?? copyByName(a, b);
  if (!copy) {
    const [from, to] = [a, b].map(({ config }) => config.values.model.kind);
    throw new IncomparableError(`no way is known to copy the weights of one model to the other: ${from} and ${to}`);
  }
  const weights = tellingWeights(a.model, a.seed);
  const own = tellingWeights(b.model, b.seed + 1);
  const given = await copied(engine, copy, a.model, before(weights));
  return {
    copy,
    uncopied: b.model.parameters.flatMap(({ name }) => (name in given ? [] : [name])),
    a: { plan: a, weights },
    b: { plan: b, weights: after({ ...own, ...given }) },
  };
}

interface Sides {
  readonly copy: Copy;
  /** The second model's parameters that the first has no weights for. */
  readonly uncopied: readonly string[];
  readonly a: Side;
  readonly b: Side;
}

const unchanged = (weights: Arrays): Arrays => weights;

/** Between the outputs alone. Taking something back may lead to models that have no place for each other's weights: they are far apart. */
async function outputDistance(engine: Engine, stages: readonly Stage[], pair: Pair, batch: Batch): Promise<number> {
  if (!declaredCopy(stages, pair.a, pair.b) && !copyByName(pair.a, pair.b)) return Infinity;
  const { a, b } = await setUp(engine, stages, pair);
  if (misfit(b)) return Infinity;
  return distance(await answer(engine, stages, a, batch), await answer(engine, stages, b, batch));
}

function refuseOtherBatches(plans: readonly [Plan, Plan]): void {
  const [a, b] = plans.map(({ data, training }) =>
    JSON.stringify([data.splits['train']?.inputs, data.splits['train']?.target, training.batchSize]),
  );
  if (a !== b) throw new IncomparableError('the two documents train on batches of different shapes');
}

function refuseMisfit({ b }: Sides): void {
  const parameter = misfit(b);
  if (!parameter) return;
  throw new IncomparableError(`the models are of different sizes: ${parameter.name} is [${parameter.shape.join(', ')}] in one of them`);
}

const misfit = ({ plan, weights }: Side): ParameterSpec | undefined =>
  plan.model.parameters.find(({ name, shape }) => weights[name]?.length !== sizeOf(shape));

/** The plan for the first rows of its batches. */
function narrowed(plan: Plan): Plan {
  const train = splitOf(plan, 'train');
  const batchSize = Math.min(ROWS, train.batchSize);
  return { ...plan, data: { ...plan.data, splits: { ...plan.data.splits, train: { ...train, batchSize } } } };
}

function firstBatches(plan: Plan, stages: readonly Stage[], files: Files): readonly Batch[] {
  const share = Math.min(1, ROWS / splitOf(plan, 'train').batchSize);
  const some = <N extends Numbers>(values: N): N => values.subarray(0, values.length * share) as N;
  const batches: Batch[] = [];
  for (const { inputs, target, weight, mask } of createDataset(plan, stages, files).batches('train', 1)) {
    batches.push({
      inputs: { ...Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, some(values)])), input: some(inputs.input) },
      target: some(target),
      weight: some(weight),
      ...(mask && { mask: some(mask) }),
    });
    if (batches.length === STEPS) break;
  }
  return batches;
}
