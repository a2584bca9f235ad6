import type { Problem } from '../../../diagnostics/diagnostic.js';
import type { Fitted, FittedIn, FittedTransform, UsedTransform } from '../../stage.js';
import { get } from '../../tensors.js';
import { HOST, joined } from '../../transform/arithmetic.js';
import { applyAll } from '../../transform/chain.js';
import * as messages from './messages.js';
import type { Options } from './options.js';
import type { Part } from './parts.js';
import { columnsOf, featuresOf, type Series, type SeriesContent } from './read.js';

/** What the model reads at each step, in this order. */
export const inputColumns = (options: Options): readonly string[] => [...featuresOf(options), ...(options.known ?? [])];

/** The transforms of a column. One that is known in advance is scaled only: a holiday has no logarithm. */
export function transformsOf(
  transforms: readonly UsedTransform[],
  { targets, features = targets, known = [] }: Options,
  column: string,
): readonly UsedTransform[] {
  const isKnown = known.includes(column) && !features.includes(column) && !targets.includes(column);
  return transforms.filter(
    ({ columns, transform, spec }) => (columns?.includes(column) ?? true) && (!isKnown || (transform.fit !== undefined && spec.lost === 0)),
  );
}

export const unknownColumns = (transforms: readonly UsedTransform[], options: Options): readonly Problem[] =>
  transforms.flatMap(({ columns = [] }, index) => {
    const at = columns.findIndex((column) => !columnsOf(options).includes(column));
    return at < 0 ? [] : [messages.unreadColumn(['transform', index, 'columns', at], columns[at] ?? '', columnsOf(options))];
  });

/** Of values of a series, as long as it is, those that lie in a part of the time. */
export const within = (values: Float64Array, { offset }: Series, { from, to }: Pick<Part, 'from' | 'to'>): Float64Array =>
  values.subarray(Math.max(0, from - offset), Math.max(0, to - offset));

/** The values of a column that lie in a part of the time, series by series. */
export const valuesIn = (content: SeriesContent, column: string, part: Pick<Part, 'from' | 'to'>): readonly Float64Array[] =>
  content.all.map((each) => within(get(each.columns, column), each, part));

const EVERYTHING = { from: 0, to: Infinity };

/** A copy of the values that are there. */
export function withoutMissing(values: Float64Array): Float64Array {
  const there = new Float64Array(values.length);
  let count = 0;
  for (const value of values) if (!Number.isNaN(value)) there[count++] = value;
  return there.subarray(0, count);
}

/** Fits each transform to what those before it make of the values that it may see. */
export function fitAll(
  transforms: readonly UsedTransform[],
  column: string,
  content: SeriesContent,
  train: Part,
): readonly FittedTransform[] {
  const fitted: FittedTransform[] = [];
  for (const [index, { transform, fitOn }] of transforms.entries()) {
    const seen = valuesIn(content, column, fitOn === 'all' ? EVERYTHING : train);
    const values = joined(seen.map((each) => applyAll(HOST, transforms.slice(0, index), fitted, each)));
    fitted.push(transform.fit?.(withoutMissing(values)) ?? {});
  }
  return fitted;
}

/**
 * Transforms that make another value of a step when what comes after it is changed. Tried on the first target, with all later values in the place of
 * the last known one.
 */
export function transformsAhead(
  transforms: readonly UsedTransform[],
  options: Options,
  content: SeriesContent,
  fitted: Fitted,
): readonly Problem[] {
  const [target = ''] = options.targets;
  const longest = content.all.reduce((a, b) => (b.length > a.length ? b : a));
  const list = transformsOf(transforms, options, target);
  const found: Problem[] = [];
  applyAll(HOST, list, fitted.transforms?.[target] ?? [], get(longest.columns, target).subarray(0, TRIED), (values, used) => {
    const at = Math.floor(values.length / 2);
    const changed = values.map((value, step) => (step > at ? (values[at] ?? value) : value));
    const made = [values, changed].map((x) => used.transform.apply(HOST, x, fitted.transforms?.[target]?.[list.indexOf(used)] ?? {}));
    const upTo = at + 1 - used.spec.lost;
    const differs = made[0]?.subarray(0, Math.max(0, upTo)).some((value, step) => !Object.is(value, made[1]?.[step]));
    if (differs && found.length === 0) found.push(messages.readsAhead(transforms.indexOf(used), used.kind));
  });
  return found;
}

/** Steps that are enough to see it. */
const TRIED = 2000;

/** A fitted number that is an input of the program, so that one program serves all folds. */
interface Scale {
  readonly target: string;
  /** Place of its transform among those of the target. */
  readonly transform: number;
  readonly name: string;
  readonly value: number;
}

/** In the order of a batch's `scales` `[numbers]`: target by target, transform by transform. */
export const scalesOf = (options: Options, transforms: readonly UsedTransform[], fitted: Fitted): readonly Scale[] =>
  options.targets.flatMap((target) =>
    transformsOf(transforms, options, target).flatMap((used, transform) =>
      used.transform.takesInputs
        ? Object.entries(fitted.transforms?.[target]?.[transform] ?? {}).map(([name, value]) => ({ target, transform, name, value }))
        : [],
    ),
  );

/** What is fitted to the transforms of a target, with `read(place)` for each number that is an input. */
export function fittedFrom<T>(
  scales: readonly Scale[],
  target: string,
  fitted: Fitted,
  read: (place: number) => T,
): readonly FittedIn<T>[] {
  const list: Record<string, number | T>[] = (fitted.transforms?.[target] ?? []).map((each) => ({ ...each }));
  for (const [place, { target: of, transform, name }] of scales.entries()) {
    const each = of === target ? list[transform] : undefined;
    if (each) each[name] = read(place);
  }
  return list;
}

/** A column as the model reads it, as long as the series: the values that are lost at its beginning are `NaN`. */
export function transformed(
  each: Series,
  column: string,
  options: Options,
  transforms: readonly UsedTransform[],
  fitted: Pick<Fitted, 'transforms'>,
): Float64Array {
  const list = transformsOf(transforms, options, column);
  const values = applyAll(HOST, list, fitted.transforms?.[column] ?? [], get(each.columns, column));
  const lost = each.length - values.length;
  return lost === 0 ? values : joined([new Float64Array(lost).fill(Number.NaN), values]);
}

/** The first value of each column that a transform can't take, as the transforms before it have made it. */
export const refusedBy = (
  transforms: readonly UsedTransform[],
  options: Options,
  content: SeriesContent,
  fitted: Fitted,
): readonly Problem[] =>
  columnsOf(options).flatMap((column) => {
    const list = transformsOf(transforms, options, column);
    for (const { columns, lines } of content.all) {
      const found: Problem[] = [];
      applyAll(HOST, list, fitted.transforms?.[column] ?? [], get(columns, column), (values, used) => {
        const { kind, transform } = used;
        const at = values.findIndex((value) => !Number.isNaN(value) && transform.refuses?.(value) !== undefined);
        if (at < 0 || found.length > 0) return;
        const value = values[at] ?? Number.NaN;
        const place = `line ${lines[at + lines.length - values.length]}`;
        found.push(messages.notTransformed(transforms.indexOf(used), kind, place, column, value, transform.refuses?.(value) ?? ''));
      });
      if (found.length > 0) return found;
    }
    return [];
  });
