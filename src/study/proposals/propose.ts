import type { Path } from '../../language/located.js';
import { nameConfiguration } from '../../planning/name-configuration.js';
import { createStreams } from '../../random/streams.js';
import { type Values, valuesOf } from './axes.js';
import type { SweepConfig } from './document.js';
import { sobol } from './sobol.js';
import { type Dimension, middleOf, type Point, tpe } from './tpe.js';

/** One value for one path of the base. */
export interface Assignment {
  readonly path: string;
  readonly value: unknown;
  /** Where it stands in the sweep's document. */
  readonly from: Path;
}

/** Paths that advance together. */
interface Axis {
  readonly paths: readonly { readonly path: string; readonly values: Values; readonly from: Path }[];
  /** How many values are listed; undefined where all are drawn. */
  readonly length: number | undefined;
}

export const axesOf = ({ vary }: Pick<SweepConfig, 'vary'>): readonly Axis[] =>
  vary.map((item, index): Axis => {
    const paths = Object.entries(item).map(([path, axis]) => {
      const below = Array.isArray(axis) ? [] : 'kind' in axis && axis.kind === 'choice' ? ['values'] : [];
      return { path, values: valuesOf(axis), from: ['vary', index, path, ...below] };
    });
    const listed = paths.flatMap(({ values }) => ('listed' in values ? [values.listed.length] : []));
    return { paths, length: listed.length > 0 ? Math.min(...listed) : undefined };
  });

/** The paths of each axis that take several values: one value tells nothing apart. All of them where nothing does. */
export function variedPaths(config: Pick<SweepConfig, 'vary'>): readonly (readonly string[])[] {
  const axes = axesOf(config).map(({ paths }) => paths);
  const isVaried = ({ values }: Axis['paths'][number]): boolean =>
    'draw' in values || new Set(values.listed.map((value) => JSON.stringify(value))).size > 1;
  const varied = axes.map((paths) => paths.filter(isVaried)).filter((paths) => paths.length > 0);
  return (varied.length > 0 ? varied : axes).map((paths) => paths.map(({ path }) => path));
}

/** A configuration as people know it, by what tells it apart: `hidden_size 16, learning_rate 0.01`. */
export function labelOf(config: Pick<SweepConfig, 'vary'>): (assignments: readonly Assignment[]) => string {
  const varied = new Set(variedPaths(config).flat());
  return (assignments) => nameConfiguration(assignments.filter(({ path }) => varied.has(path)));
}

/** What of a sweep's document says which combinations are tried. */
type Searching = Pick<SweepConfig, 'vary' | 'exclude' | 'search'>;

/**
 * The combinations of values that a sweep tries, in their order, as far as they are known before any of them is trained; what `exclude` names is
 * left out. Those of `random` and `sobol` are a function of the search's seed: more of them begin with the same ones. `tpe` begins with those of
 * `sobol`.
 */
export function propose(config: Searching): readonly (readonly Assignment[])[] {
  const axes = axesOf(config);
  const { search } = config;
  const all =
    search.kind === 'grid'
      ? grid(axes)
      : drawn(axes, { ...search, kind: search.kind === 'random' ? 'random' : 'sobol', trials: roundsOf(search)[0]?.to ?? 0 });
  return all.filter((assignments) => !isExcluded(config, assignments));
}

const isExcluded = ({ exclude }: Searching, assignments: readonly Assignment[]): boolean =>
  exclude.some((combination) => holds(combination, assignments));

/** How many configurations `tpe` spreads evenly before it learns from any. */
const SPREAD = 10;

/** How many configurations the first round of `tpe` has, where there are as many. */
export const firstRound = (round: number): number => Math.max(SPREAD, round);

/** The numbers of the configurations of each round, from `from` up to, not including, `to`. */
export function roundsOf(search: SweepConfig['search']): readonly { readonly from: number; readonly to: number }[] {
  if (search.kind === 'grid') return [];
  const { trials } = search;
  if (search.kind !== 'tpe') return [{ from: 0, to: trials }];
  const rounds = [{ from: 0, to: Math.min(trials, firstRound(search.round)) }];
  for (let { to } = rounds[0] ?? { to: trials }; to < trials; to = rounds.at(-1)?.to ?? trials)
    rounds.push({ from: to, to: Math.min(trials, to + search.round) });
  return rounds;
}

/** A configuration that was proposed; `rank`: from 0, the best. */
export interface Tried {
  readonly assignments: readonly Assignment[];
  readonly rank: number;
}

/** A configuration that is proposed, by its number. */
export interface Proposal {
  readonly index: number;
  readonly assignments: readonly Assignment[];
}

/**
 * The configurations of a later round of `tpe`, from 1, as a function of the document and of what came of all earlier rounds, in the order of their
 * proposals. None is proposed twice: where no other is found, a round has fewer.
 */
export function proposeRound(config: Searching, round: number, tried: readonly Tried[]): readonly Proposal[] {
  const { search } = config;
  const { from, to } = roundsOf(search)[round] ?? { from: 0, to: 0 };
  if (search.kind !== 'tpe') return [];
  const axes = axesOf(config);
  const streams = createStreams(search.seed);
  const dimensions = axes.map(dimensionOf);
  const seen = new Set(tried.map(({ assignments }) => textOf(assignments)));
  const known: { readonly point: Point; readonly rank?: number }[] = tried.map(({ assignments, rank }) => ({
    point: axes.map((axis) => locate(axis, assignments)),
    rank,
  }));
  const proposals: Proposal[] = [];
  for (let index = from; index < to; index += 1) {
    const isOut = (point: Point): boolean => {
      const assignments = at(axes, point);
      return seen.has(textOf(assignments)) || isExcluded(config, assignments);
    };
    const point = tpe(dimensions, known, streams.stream('sweep tpe', index), isOut);
    if (!point) continue;
    const assignments = at(axes, point);
    seen.add(textOf(assignments));
    known.push({ point });
    proposals.push({ index, assignments });
  }
  return proposals;
}

const textOf = (assignments: readonly Assignment[]): string => JSON.stringify(assignments.map(({ value }) => value));

/** Numbers in order are neighbours; other values have none. */
function dimensionOf({ paths, length }: Axis): Dimension {
  if (length === undefined) return { kind: 'continuous' };
  const areOrdered = paths.every(({ values }) => 'draw' in values || isMonotonic(values.listed));
  return { kind: areOrdered ? 'ordered' : 'unordered', count: length };
}

const isMonotonic = (values: readonly unknown[]): boolean =>
  values.every((value) => typeof value === 'number') &&
  [-1, 1].some((sign) => values.every((value, index) => index === 0 || sign * (Number(value) - Number(values[index - 1])) > 0));

/** The coordinate from which an axis has these values. */
function locate({ paths, length }: Axis, assignments: readonly Assignment[]): number {
  const valueOf = (path: string): unknown => assignments.find((assignment) => assignment.path === path)?.value;
  if (length !== undefined) {
    const isAt = (index: number): boolean =>
      paths.every(({ path, values }) => 'draw' in values || JSON.stringify(values.listed[index]) === JSON.stringify(valueOf(path)));
    return middleOf(
      Array.from({ length }, (_, index) => index).findIndex((index) => isAt(index)),
      length,
    );
  }
  const [first] = paths;
  return first && 'locate' in first.values ? first.values.locate(Number(valueOf(first.path))) : 0;
}

/** Most combinations of an axis' ends that are looked at together. */
const MOST_CORNERS = 64;

/**
 * Combinations at the borders of what a search in rounds may come to: every value that is listed, and both ends of what is drawn. Crossed, as long as
 * those are not too many; else each with the lowest ends of the others, and all of the highest ones together.
 */
export function cornersOf(config: Searching): readonly (readonly Assignment[])[] {
  if (config.search.kind !== 'tpe') return [];
  const axes = axesOf(config);
  const ends = axes.map(({ length = 2 }) => (length <= MOST_CORNERS ? Array.from({ length }, (_, index) => index) : [0, length - 1]));
  const point = (axis: number, index: number): number => {
    const { length } = axes[axis] ?? {};
    return length === undefined ? index : middleOf(index, length);
  };
  const lowest = axes.map((_, axis) => point(axis, 0));
  const crossed = ends.reduce((product, { length }) => product * length, 1) <= MOST_CORNERS;
  const points = crossed
    ? ends.reduce<readonly Point[]>(
        (before, of, axis) => before.flatMap((start) => of.map((index) => [...start, point(axis, index)])),
        [[]],
      )
    : [
        ...ends.flatMap((of, axis) => of.map((index) => lowest.with(axis, point(axis, index)))),
        ends.map((of, axis) => point(axis, of.at(-1) ?? 0)),
      ];
  return points.map((each) => at(axes, each)).filter((assignments) => !isExcluded(config, assignments));
}

/** The last axis turns fastest. */
const grid = (axes: readonly Axis[]): readonly (readonly Assignment[])[] =>
  axes.reduce<readonly (readonly Assignment[])[]>(
    (before, axis) =>
      before.flatMap((assignments) => Array.from({ length: axis.length ?? 0 }, (_, index) => [...assignments, ...assign(axis, index)])),
    [[]],
  );

function drawn(
  axes: readonly Axis[],
  { kind, trials, seed }: { readonly kind: 'random' | 'sobol'; readonly trials: number; readonly seed: number },
) {
  const streams = createStreams(seed);
  const nameOf = (axis: Axis): string => `sweep ${axis.paths.map(({ path }) => path).join(' ')}`;
  const coordinates = axes.map((axis, dimension) =>
    kind === 'sobol'
      ? sobol(dimension, trials, streams.stream(nameOf(axis)).integer(2 ** 32))
      : Float64Array.from({ length: trials }, (_, trial) => streams.stream(nameOf(axis), trial).integer(2 ** 32) / 2 ** 32),
  );
  return Array.from({ length: trials }, (_, trial) =>
    at(
      axes,
      coordinates.map((of) => of[trial] ?? 0),
    ),
  );
}

/** The values of all axes at a point. */
const at = (axes: readonly Axis[], point: Point): readonly Assignment[] =>
  axes.flatMap((axis, dimension) => {
    const u = point[dimension] ?? 0;
    return assign(axis, Math.floor(u * (axis.length ?? 0)), u);
  });

const assign = ({ paths }: Axis, index: number, u = 0): readonly Assignment[] =>
  paths.map(({ path, values, from }) =>
    'draw' in values ? { path, value: values.draw(u), from } : { path, value: values.listed[index], from: [...from, index] },
  );

const holds = (combination: Readonly<Record<string, unknown>>, assignments: readonly Assignment[]): boolean =>
  Object.entries(combination).every(([path, value]) =>
    assignments.some((assignment) => assignment.path === path && JSON.stringify(assignment.value) === JSON.stringify(value)),
  );
