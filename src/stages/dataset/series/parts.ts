import type { Problem } from '../../../diagnostics/diagnostic.js';
import type { FoldPart, Report } from '../../stage.js';
import { readIso8601 } from '../sequences/dates.js';
import * as messages from './messages.js';
import type { Options } from './options.js';
import { featuresOf, type Series, type SeriesContent } from './read.js';
import { get } from '../../tensors.js';
import { after, type Step, stepsBetween, writeMoment } from './time.js';

/** A part of the time: from one step up to another, counted from the first step of all series. */
export interface Part {
  readonly split: string;
  readonly from: number;
  readonly to: number;
}

/** When a step of a series is, also one behind its end. */
export function momentOf({ moments, length }: Series, at: number, step: Step): number {
  const last = length - 1;
  return at <= last ? (moments[at] ?? Number.NaN) : after(moments[last] ?? Number.NaN, at - last, step);
}

/** When a step is that is counted from the earliest one of all series, as a series tells that has it, or else the one that ends last. */
function commonMoment({ all, step }: SeriesContent, at: number): number {
  const begun = all.filter(({ offset }) => offset <= at);
  const series =
    begun.find(({ offset, length }) => at < offset + length) ?? begun.toSorted((a, b) => b.offset + b.length - a.offset - a.length)[0];
  return series ? momentOf(series, at - series.offset, step) : Number.NaN;
}

/** When a step is that is counted from the earliest one of all series, as a date or a number of the file. */
export const writeStep = (content: SeriesContent, at: number): string => writeMoment(commonMoment(content, at), content.step);

/** The moment that a text of ISO 8601, or of a number that counts, is; `NaN` of any other one. */
export const readStep = ({ step }: SeriesContent, text: string): number =>
  step.unit === 'number' ? Number(text) : (readMoment(text) ?? Number.NaN);

/** The first step at or after a moment, counted from the earliest of all series: rows of holidays are not there, and are no steps. */
function firstStepFrom({ all, step }: SeriesContent, moment: number): number {
  const isReached = (at: number): boolean => stepsBetween(at, moment, step) <= ROUNDING;
  const series = all.find(({ moments }) => !isReached(moments[0] ?? 0) && isReached(moments.at(-1) ?? 0));
  if (series) return series.offset + series.moments.findIndex(isReached);
  const [first] = all.filter(({ offset }) => offset === 0);
  return Math.ceil(stepsBetween(first?.moments[0] ?? 0, moment, step) - ROUNDING);
}

/** Of a step, in counting them. */
const ROUNDING = 1e-9;

const A_FIFTH_TESTS = { test: 0.2 };

/** Train, validation and test in the order of time; a share rounds down to whole steps. What can't be is reported. */
export function partsOf(content: SeriesContent, options: Options, fold: number | undefined, report: Report): readonly Part[] {
  const { all } = content;
  if (all.length === 0) return [{ split: 'train', from: 0, to: 0 }];
  const whole = all.reduce((last, { offset, length }) => Math.max(last, offset + length), 0);
  const split: NonNullable<Options['split']> = options.split ?? A_FIFTH_TESTS;
  const startOf = (name: 'validation' | 'test', before: number): number => {
    const said = split[name];
    if (said === undefined) return before;
    if (typeof said === 'number') return before - Math.floor(whole * said + ROUNDING);
    const moment = readStep(content, said.from);
    if (Number.isNaN(moment)) {
      report(messages.unknownStart(['split', name, 'from'], said.from));
      return before;
    }
    return Math.min(before, Math.max(0, firstStepFrom(content, moment)));
  };
  const last = startOf('test', whole);
  const { count = 1 } = options.folds ?? {};
  // Each fold earlier, everything lies the length of a test before. Too many folds are a mistake that is told elsewhere.
  const begins = startOf('validation', last);
  const earlier = Math.min(begins, (count - Math.min(fold ?? count, count)) * (whole - last));
  const [end, test, validation] = [whole - earlier, last - earlier, begins - earlier];
  if (
    typeof split.validation === 'object' &&
    typeof split.test === 'object' &&
    readStep(content, split.validation.from) > readStep(content, split.test.from)
  )
    report(messages.splitsOutOfOrder());
  return [
    { split: 'train', from: 0, to: validation },
    ...(split.validation === undefined ? [] : [{ split: 'validation', from: validation, to: test }]),
    ...(split.test === undefined ? [] : [{ split: 'test', from: test, to: end }]),
  ];
}

/** Of a date as ISO 8601 writes it. */
function readMoment(text: string): number | undefined {
  const moment = readIso8601(text);
  return moment && moment.seconds + moment.fraction;
}

/** Whether the first fold has nothing to train on. */
export function reportFolds(content: SeriesContent, options: Options, lost: number, report: Report): boolean {
  const { folds, window, horizon } = options;
  const [train, ...others] = partsOf(content, options, undefined, () => {});
  const test = others.find(({ split }) => split === 'test');
  if (!folds || !train || !test) return false;
  const length = test.to - test.from;
  const most = 1 + Math.max(0, Math.floor((train.to - window - horizon - lost) / Math.max(1, length)));
  if (folds.count > most) report(messages.tooManyFolds(folds.count, most, length));
  return folds.count > most;
}

/** The parts of every fold, with their moments. */
export const foldsOf = (content: SeriesContent, options: Options): readonly (readonly FoldPart[])[] =>
  Array.from({ length: options.folds?.count ?? 1 }, (_, index) =>
    partsOf(content, options, index + 1, () => {}).map((part) => ({
      ...part,
      begins: writeStep(content, part.from),
      ends: writeStep(content, part.to - 1),
    })),
  );

/** When validation and test begin, by the names of the parts: what shares of a series come to. */
export function startsOf(content: SeriesContent, parts: readonly Part[]): Readonly<Record<string, string>> {
  const later = parts.filter(({ split }) => split !== 'train');
  return Object.fromEntries(later.map(({ split, from }) => [split, writeStep(content, from)]));
}

/** Windows of a part: of which series each is, and its origin, the last step that is read. */
export interface Windows {
  readonly series: Int32Array;
  readonly origins: Int32Array;
}

/**
 * The windows whose forecasts lie inside a part, series by series in the order of time. What they read may begin before it where `border` is `reach`;
 * `lost` steps at the beginning of a series have no value. A window that holds a missing value is left out.
 */
export function windowsOf(content: SeriesContent, part: Part, options: Options, lost: number, read: readonly string[]): Windows {
  const { window, horizon, border, drop_last_window: dropped } = options;
  const [series, origins]: [number[], number[]] = [[], []];
  for (const [index, each] of content.all.entries()) {
    const { offset } = each;
    const [from, to] = [Math.max(0, part.from - offset), Math.min(each.length, part.to - offset)];
    const begin = border === 'inside' ? Math.max(lost, from) : lost;
    const first = Math.max(from - 1, begin + window - 1);
    const last = to - horizon - 1 - dropped;
    const names = [...new Set([...read, ...options.targets])];
    const holes = options.missing === 'drop' ? holesOf(names.map((name) => get(each.columns, name))) : undefined;
    for (let origin = first; origin <= last; origin++) {
      if (holes && !isWhole(holes, origin - window + 1 - lost, origin + horizon)) continue;
      series.push(index);
      origins.push(origin);
    }
  }
  return { series: Int32Array.from(series), origins: Int32Array.from(origins) };
}

/**
 * All windows of data that a trained model is asked about: those whose inputs are there, and with `answered` those whose answers are there too. `read`
 * are the columns of each series as the model reads them.
 */
export function askedWindows(
  { all }: SeriesContent,
  read: readonly Readonly<Record<string, Float64Array>>[],
  options: Options,
  lost: number,
  answered: boolean,
): Windows {
  const { window, horizon, targets, known = [] } = options;
  const [series, origins]: [number[], number[]] = [[], []];
  for (const [index, { columns, length }] of all.entries()) {
    const holes = (names: readonly string[], of: Readonly<Record<string, Float64Array>> | undefined): Int32Array =>
      holesOf(names.map((name) => get(of ?? {}, name)));
    const [features, ahead, raw] = [holes(featuresOf(options), read[index]), holes(known, read[index]), holes(targets, columns)];
    const last = answered || known.length > 0 ? length - 1 - horizon : length - 1;
    for (let origin = Math.max(window, lost) - 1; origin <= last; origin++) {
      const begin = origin - window + 1;
      if (!isWhole(features, begin, origin) || !isWhole(raw, origin - lost + 1, origin)) continue;
      if (known.length > 0 && !isWhole(ahead, begin + horizon, origin + horizon)) continue;
      if (answered && !isWhole(raw, origin + 1, origin + horizon)) continue;
      series.push(index);
      origins.push(origin);
    }
  }
  return { series: Int32Array.from(series), origins: Int32Array.from(origins) };
}

/** How many steps before each one lack a value in some column; nothing where there is no column. */
function holesOf(columns: readonly Float64Array[]): Int32Array {
  const counts = new Int32Array((columns[0]?.length ?? 0) + 1);
  for (let at = 0; at + 1 < counts.length; at++) {
    const isHole = columns.some((column) => Number.isNaN(column[at] ?? Number.NaN));
    counts[at + 1] = (counts[at] ?? 0) + (isHole ? 1 : 0);
  }
  return counts;
}

const isWhole = (holes: Int32Array, from: number, last: number): boolean => (holes[last + 1] ?? 0) === (holes[Math.max(0, from)] ?? 0);

/** Reports parts that hold no window. */
export function reportEmpty(
  parts: readonly Part[],
  windows: ReadonlyMap<string, Windows>,
  options: Options,
  lost: number,
  report: Report,
): void {
  for (const { split, from, to } of parts) {
    if ((windows.get(split)?.origins.length ?? 0) > 0) continue;
    const path: Problem['path'] = split === 'train' ? ['window'] : ['split', split];
    if (options.missing === 'drop' && to - from >= options.horizon) {
      report(messages.allDropped(path, split));
      continue;
    }
    const reads = split === 'train' || options.border === 'inside' ? options.window + (split === 'train' ? lost : 0) : 0;
    report(messages.noWindow(path, split, to - from, reads + options.horizon + options.drop_last_window));
  }
}
