import type { Arrays, Engine } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Batch, Files, Stage } from '../stages/stage.js';
import { createDataset } from '../train/pipeline.js';
import { compare, type Difference, distance, examine } from './compare.js';
import { type Pair, toggles } from './terms.js';
import { copied, copyBetween, tellingWeights } from './weights.js';

/** Beyond this two models are not the same. */
export const TOLERANCE = 1e-5;
/** Steps of training after which parameters are compared. */
const STEPS = 3;

export interface Verdict {
  readonly same: boolean;
  /** The largest first. */
  readonly differences: readonly Difference[];
  /** Where they aren't the same: the one difference that makes the two agree when it is taken back, if there is one. */
  readonly term: { readonly name: string; readonly sentence: string } | undefined;
  /** The models in the order in which weights were copied; the other way round than they were given where only that way is declared. */
  readonly order: readonly [from: Plan, to: Plan];
}

/** Why two models can't be compared. */
export class IncomparableError extends Error {
  override readonly name = 'IncomparableError';
}

/**
 * Are two models the same mathematics? One is given weights, the other a copy of them; then both must say the same of the same batch, have
 * the same gradients, and after some steps of training the same parameters. Where they don't, every known difference is toggled.
 */
export async function sameModels(engine: Engine, stages: readonly Stage[], files: Files, given: readonly [Plan, Plan]): Promise<Verdict> {
  const order = copyBetween(...given) ? given : ([given[1], given[0]] as const);
  const pair: Pair = { a: order[0], b: order[1] };
  const sides = await setUp(engine, pair);
  refuseMisfit(pair, sides);
  const batches = firstBatches(pair.a, stages, files);
  const differences = await compare(engine, stages, sides.a, sides.b, sides.copy, batches);
  const same = differences.every(({ size }) => size <= TOLERANCE);
  return { same, differences, term: same ? undefined : await findTerm(engine, stages, pair, sides.uncopied, batches), order };
}

async function findTerm(
  engine: Engine,
  stages: readonly Stage[],
  pair: Pair,
  uncopied: readonly string[],
  [batch]: readonly Batch[],
): Promise<Verdict['term']> {
  for (const { term, sentence, pair: toggled } of toggles(pair, stages, uncopied)) {
    if (!batch || !copyBetween(toggled.a, toggled.b)) continue;
    if ((await outputDistance(engine, stages, toggled, batch)) <= TOLERANCE) return { name: term, sentence };
  }
  return undefined;
}

/** A toggle may lead to a model that has no place for the weights: then it doesn't make the two agree. */
async function outputDistance(engine: Engine, stages: readonly Stage[], pair: Pair, batch: Batch): Promise<number> {
  const { a, b } = await setUp(engine, pair);
  if (!b.plan.model.parameters.every(({ name, shape }) => b.weights[name]?.length === sizeOf(shape))) return Infinity;
  const [seenA, seenB] = [await examine(engine, stages, a, batch), await examine(engine, stages, b, batch)];
  return distance(seenA['output'], seenB['output']);
}

/** What the second model has no counterpart for gets weights of its own. */
async function setUp(engine: Engine, { a, b, before = unchanged, after = unchanged }: Pair) {
  const copy = copyBetween(a, b);
  if (!copy) {
    const names = [a, b].map(({ config }) => String(config.values.model.kind)).join(' and ');
    throw new IncomparableError(`no way is known to copy the weights of one model to the other: ${names}`);
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

const unchanged = (weights: Arrays): Arrays => weights;

function refuseMisfit({ a, b }: Pair, sides: { readonly b: { readonly weights: Arrays } }): void {
  const shapes = (plan: Plan): string =>
    JSON.stringify([plan.data.splits['train']?.input, plan.data.splits['train']?.target, plan.training.batchSize]);
  if (shapes(a) !== shapes(b)) throw new IncomparableError('the two documents train on batches of different shapes');
  const misfit = b.model.parameters.find(({ name, shape }) => sides.b.weights[name]?.length !== sizeOf(shape));
  if (misfit)
    throw new IncomparableError(`the models are of different sizes: ${misfit.name} is [${misfit.shape.join(', ')}] in one of them`);
}

function firstBatches(plan: Plan, stages: readonly Stage[], files: Files): readonly Batch[] {
  const batches: Batch[] = [];
  for (const batch of createDataset(plan, stages, files).batches('train', 1)) {
    batches.push(batch);
    if (batches.length === STEPS) break;
  }
  return batches;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);
