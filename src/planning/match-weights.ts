import { NAMED_AXES, type NamedAxis, namesAlong } from '../stages/fitted.js';
import type { Fitted, ModelSpec, ParameterSpec, Shape } from '../stages/stage.js';

/** By axis, for each of our names its place among those of the weights; -1 where they don't know it. Nothing where names aren't known, or are the same. */
export type Places = Readonly<Partial<Record<NamedAxis, { readonly from: readonly number[]; readonly count: number }>>>;

export function placesOf(ours: Fitted, theirs: Fitted): Places {
  const found = NAMED_AXES.flatMap((axis) => {
    const [names, known] = [namesAlong(axis, ours), namesAlong(axis, theirs)];
    if (!names || !known || sameNames(names, known)) return [];
    const index = new Map(known.map((name, at) => [name, at]));
    return [[axis, { from: names.map((name) => index.get(name) ?? -1), count: known.length }] as const];
  });
  return Object.fromEntries(found);
}

export const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);

type WeightSpec = Pick<ParameterSpec, 'name' | 'shape' | 'axes'>;

/** Parameters by their names, buffers as `buffers/NAME`. */
export const weightSpecs = ({ parameters, buffers }: ModelSpec): readonly WeightSpec[] => [
  ...parameters,
  ...buffers.map((buffer) => ({ ...buffer, name: `buffers/${buffer.name}` })),
];

/** The shape that a tensor must have among the weights, to become one of ours. */
export const givenShape = (spec: WeightSpec, places: Places): Shape => alongAxes(spec, places).map(({ theirs }) => theirs);

/**
 * A tensor of ours from that of the weights: every number whose names they know is theirs, the others stay as in `start`. An axis that is a
 * multiple as long as its names holds them several times, one after the other.
 */
export function matched(spec: WeightSpec, places: Places, given: Float32Array, start: Float32Array): Float32Array {
  const axes = alongAxes(spec, places);
  if (axes.every(({ from }) => !from)) return given;
  const values = start.slice();
  for (let at = 0; at < values.length; at++) {
    let [rest, source, stride] = [at, 0, 1];
    for (let axis = axes.length - 1; axis >= 0 && source >= 0; axis--) {
      const { ours = 1, theirs = 1, from } = axes[axis] ?? {};
      const place = sourceOf(rest % ours, from);
      source = place < 0 ? -1 : source + place * stride;
      rest = Math.floor(rest / ours);
      stride *= theirs;
    }
    if (source >= 0) values[at] = given[source] ?? 0;
  }
  return values;
}

type Names = NonNullable<Places[NamedAxis]>;

function sourceOf(index: number, names: Names | undefined): number {
  if (!names) return index;
  const place = names.from[index % names.from.length] ?? -1;
  return place < 0 ? -1 : Math.floor(index / names.from.length) * names.count + place;
}

function alongAxes(
  { shape, axes = [] }: WeightSpec,
  places: Places,
): readonly { readonly ours: number; readonly theirs: number; readonly from?: Names }[] {
  return shape.map((ours, axis) => {
    const from = places[axes[axis] as NamedAxis];
    if (!from || from.from.length === 0 || ours % from.from.length !== 0) return { ours, theirs: ours };
    return { ours, theirs: (ours / from.from.length) * from.count, from };
  });
}
