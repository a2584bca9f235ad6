import type { Path } from '../../language/located.js';
import { nameConfiguration } from '../../planning/name-configuration.js';
import { createStreams } from '../../random/streams.js';
import { type Values, valuesOf } from './axes.js';
import type { SweepConfig } from './document.js';
import { sobol } from './sobol.js';

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

/**
 * The combinations of values that a sweep tries, in their order; what `exclude` names is left out. Those of `random` and `sobol` are a
 * function of the search's seed: more of them begin with the same ones.
 */
export function propose(config: SweepConfig): readonly (readonly Assignment[])[] {
  const axes = axesOf(config);
  const { search } = config;
  const all = search.kind === 'grid' ? grid(axes) : drawn(axes, search);
  return all.filter((assignments) => !config.exclude.some((combination) => holds(combination, assignments)));
}

/** The last axis turns fastest. */
const grid = (axes: readonly Axis[]): readonly (readonly Assignment[])[] =>
  axes.reduce<readonly (readonly Assignment[])[]>(
    (before, axis) =>
      before.flatMap((assignments) => Array.from({ length: axis.length ?? 0 }, (_, index) => [...assignments, ...assign(axis, index)])),
    [[]],
  );

function drawn(axes: readonly Axis[], { kind, trials, seed }: Exclude<SweepConfig['search'], { kind: 'grid' }>) {
  const streams = createStreams(seed);
  const nameOf = (axis: Axis): string => `sweep ${axis.paths.map(({ path }) => path).join(' ')}`;
  const coordinates = axes.map((axis, dimension) =>
    kind === 'sobol'
      ? sobol(dimension, trials, streams.stream(nameOf(axis)).integer(2 ** 32))
      : Float64Array.from({ length: trials }, (_, trial) => streams.stream(nameOf(axis), trial).integer(2 ** 32) / 2 ** 32),
  );
  return Array.from({ length: trials }, (_, trial) =>
    axes.flatMap((axis, dimension) => {
      const u = coordinates[dimension]?.[trial] ?? 0;
      return assign(axis, Math.floor(u * (axis.length ?? 0)), u);
    }),
  );
}

const assign = ({ paths }: Axis, index: number, u = 0): readonly Assignment[] =>
  paths.map(({ path, values, from }) =>
    'draw' in values ? { path, value: values.draw(u), from } : { path, value: values.listed[index], from: [...from, index] },
  );

const holds = (combination: Readonly<Record<string, unknown>>, assignments: readonly Assignment[]): boolean =>
  Object.entries(combination).every(([path, value]) =>
    assignments.some((assignment) => assignment.path === path && JSON.stringify(assignment.value) === JSON.stringify(value)),
  );
