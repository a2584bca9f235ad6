import type { Arrays } from '../engine/engine.js';
import type { JsonSchema } from '../language/type.js';
import { freezing } from '../planning/freeze.js';
import type { Plan } from '../planning/plan.js';
import { stageOptions } from '../planning/use-stage.js';
import { findStage } from '../stages/registry.js';
import type { Stage } from '../stages/stage.js';

/** Two models, and what is done to weights on their way from the one to the other. */
export interface Pair {
  readonly a: Plan;
  readonly b: Plan;
  /** On the first model's weights before they are copied. */
  readonly before?: Change;
  /** On the second model's weights after that. */
  readonly after?: Change;
}

type Change = (weights: Arrays) => Arrays;

/** One thing in which two models may differ. */
interface Toggle {
  readonly term: string;
  /** What is true of the two when they agree without it. */
  readonly sentence: string;
  /** The pair in which it is taken back, whatever else was; undefined where that can't be. */
  readonly takeBack: (pair: Pair) => Pair | undefined;
}

/** Every difference that is known. `uncopied` are the second model's parameters that the first has no weights for. */
export function toggles(pair: Pair, stages: readonly Stage[], uncopied: readonly string[]): readonly Toggle[] {
  return [
    ...optionToggles(pair, stages, 'a'),
    ...optionToggles(pair, stages, 'b'),
    ...secondBias(pair, uncopied),
    ...forgetBias(pair),
    ...gateOrders(pair),
  ];
}

/** Activation, reset before or after, directions: every option of a model that is a choice. */
function optionToggles(pair: Pair, stages: readonly Stage[], side: 'a' | 'b'): readonly Toggle[] {
  const { kind } = pair[side].config.values.model;
  const stage = findStage(stages, 'model', kind);
  if (!stage) return [];
  const valueIn = (of: 'a' | 'b', name: string): unknown => pair[of].config.values.model[name] ?? false;
  return Object.entries(stage.options.properties)
    .filter(([name]) => !NOT_MATHEMATICS.has(name))
    .flatMap(([name, schema]) => {
      const sentence = (value: unknown): string =>
        value === valueIn(side === 'a' ? 'b' : 'a', name)
          ? `model.${name} is ${String(valueIn('a', name))} in the first and ${String(valueIn('b', name))} in the second`
          : `the ${side === 'a' ? 'second' : 'first'} computes as the other would with model.${name}: ${String(value)}`;
      return choices(schema)
        .filter((value) => value !== valueIn(side, name))
        .map((value): Toggle => ({
          term: name,
          sentence: sentence(value),
          takeBack: (given) => {
            const changed = withOption(given[side], stage, name, value);
            return changed && { ...given, [side]: changed };
          },
        }));
    });
}

/** `implementation` is what is compared, and another `readout` is another task. */
const NOT_MATHEMATICS: ReadonlySet<string> = new Set(['implementation', 'readout']);

const choices = ({ enum: words, type }: JsonSchema): readonly (string | number | boolean)[] =>
  words ?? (type === 'boolean' ? [true, false] : []);

function withOption(plan: Plan, stage: Stage<'model'>, name: string, value: unknown): Plan | undefined {
  const values = { ...plan.config.values, model: { ...plan.config.values.model, [name]: value } };
  let fits = true;
  const model = stage.plan(stageOptions(stage, values.model), { data: plan.data }, ({ severity }) => {
    if (severity !== 'warning') fits = false;
  });
  return fits ? { ...plan, config: { ...plan.config, values }, model: freezing(model, values.training.freeze) } : undefined;
}

/** A vector that only the second model has: no weights of the first were copied to it. */
function secondBias({ b }: Pair, uncopied: readonly string[]): readonly Toggle[] {
  const extra = b.model.parameters.filter(({ name, shape }) => shape.length === 1 && uncopied.includes(name)).map(({ name }) => name);
  if (extra.length === 0) return [];
  return [
    {
      term: 'second bias',
      sentence: `the second has a bias more, ${extra.join(', ')}: at zero it is the first`,
      takeBack: changing('after', extra, (values) => new Float32Array(values.length)),
    },
  ];
}

/** A constant inside the gate, as some libraries add it. */
function forgetBias({ a }: Pair): readonly Toggle[] {
  const names = a.model.parameters.map(({ name }) => name).filter((name) => /(^|\.)bf$/.test(name));
  if (names.length === 0) return [];
  return [1, -1].map((added) => ({
    term: 'forget bias',
    sentence: `the second adds ${added} to the bias of its forget gate`,
    takeBack: changing('before', names, (values) => Float32Array.from(values, (value) => value - added)),
  }));
}

/** Gates side by side in one matrix, in another order than they were copied in. */
function gateOrders({ b }: Pair): readonly Toggle[] {
  const hidden = Object.values(b.model.state)[0]?.[0] ?? 0;
  const joined = b.model.parameters.filter(
    ({ shape, axes }) => [3, 4].includes((shape.at(-1) ?? 0) / hidden) && (axes?.at(-1) ?? 'outputs') === 'outputs',
  );
  const gates = (joined[0]?.shape.at(-1) ?? 0) / hidden;
  if (joined.length === 0 || joined.some(({ shape }) => shape.at(-1) !== gates * hidden)) return [];
  const names = joined.map(({ name }) => name);
  return permutations(gates)
    .slice(1)
    .map((order) => ({
      term: 'gate order',
      sentence: `the second has its gates in another order: its blocks are ${order.map((gate) => gate + 1).join(', ')} of those that were copied`,
      takeBack: changing('after', names, (values) => reordered(values, order, hidden)),
    }));
}

/** A change of some weights, after those that the pair makes already. */
const changing =
  (when: 'before' | 'after', names: readonly string[], change: (values: Arrays[string]) => Arrays[string]) =>
  (pair: Pair): Pair => ({
    ...pair,
    [when]: (weights: Arrays) =>
      Object.fromEntries(
        Object.entries(pair[when]?.(weights) ?? weights).map(([name, values]) => [name, names.includes(name) ? change(values) : values]),
      ),
  });

function reordered(values: Arrays[string], order: readonly number[], hidden: number): Float32Array {
  const width = order.length * hidden;
  return Float32Array.from(values, (_, index) => {
    const [row, column] = [Math.floor(index / width), index % width];
    return values[row * width + (order[Math.floor(column / hidden)] ?? 0) * hidden + (column % hidden)] ?? Number.NaN;
  });
}

/** In lexical order, the given one first. */
function permutations(
  count: number,
  rest: readonly number[] = Array.from({ length: count }, (_, index) => index),
): readonly (readonly number[])[] {
  if (rest.length <= 1) return [rest];
  return rest.flatMap((first) =>
    permutations(
      count,
      rest.filter((other) => other !== first),
    ).map((others) => [first, ...others]),
  );
}

/** More differences than these at once aren't looked for. */
const MOST = 3;

/** How far two models are apart; infinite where they can't be compared. */
type Distance = (pair: Pair) => Promise<number>;

/**
 * The known differences that make two models agree when they are taken back together: a single one, else the one that brings them nearest
 * and then the next, as long as they come nearer, else any two. Empty where nothing does, or where they agree already.
 */
export async function findTerms(pair: Pair, toggles: readonly Toggle[], distance: Distance, tolerance: number): Promise<readonly Toggle[]> {
  const tryOut = async (terms: readonly Toggle[]): Promise<Trial> => ({ terms, distance: await distanceWithout(pair, terms, distance) });
  const tried = new Set<string>();
  let nearest: Trial = await tryOut([]);
  if (nearest.distance <= tolerance) return [];
  while (nearest.terms.length < MOST) {
    const { terms, distance: before } = nearest;
    for (const toggle of toggles.filter(({ term }) => terms.every((other) => other.term !== term))) {
      const trial = await tryOut([...terms, toggle]);
      tried.add(keyOf(trial.terms, toggles));
      if (trial.distance <= tolerance) return trial.terms;
      if (trial.distance < nearest.distance) nearest = trial;
    }
    if (nearest.distance >= before) break;
  }
  for (const terms of pairsOf(toggles).filter((two) => !tried.has(keyOf(two, toggles)))) {
    if ((await tryOut(terms)).distance <= tolerance) return terms;
  }
  return [];
}

interface Trial {
  readonly terms: readonly Toggle[];
  readonly distance: number;
}

async function distanceWithout(pair: Pair, terms: readonly Toggle[], distance: Distance): Promise<number> {
  const without = terms.reduce((left: Pair | undefined, { takeBack }) => left && takeBack(left), pair);
  return without ? distance(without) : Infinity;
}

const keyOf = (terms: readonly Toggle[], all: readonly Toggle[]): string =>
  terms
    .map((term) => all.indexOf(term))
    .toSorted((a, b) => a - b)
    .join();

const pairsOf = (toggles: readonly Toggle[]): readonly (readonly [Toggle, Toggle])[] =>
  toggles.flatMap((one, index) =>
    toggles
      .slice(index + 1)
      .filter(({ term }) => term !== one.term)
      .map((other) => [one, other] as const),
  );
