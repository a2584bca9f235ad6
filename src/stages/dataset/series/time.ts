import { type Cell, textOf } from '../../../formats/table.js';
import { compilePattern, guessPatterns, readIso8601 } from '../sequences/dates.js';
import type { Report } from '../../stage.js';
import * as messages from './messages.js';

/** What separates two steps: so many seconds, months of the calendar, weekdays, or just the next number. */
export type Step =
  { readonly unit: 'second' | 'month' | 'number'; readonly count: number } | { readonly unit: 'weekday'; readonly count: 1 };

/** When each row is: seconds since 1970, or a number that counts; `NaN` where it can't be read. */
interface Moments {
  readonly values: Float64Array;
  readonly kind: 'date' | 'number';
}

/** A column of a table. */
interface Cells {
  readonly length: number;
  readonly cell: (row: number) => Cell;
}

function areNumbers(length: number, cell: Cells['cell']): boolean {
  for (let row = 0; row < length; row++) {
    const given = cell(row);
    if (typeof given !== 'number' && !/^[+-]?\d+(\.\d+)?$/.test(given.trim())) return false;
  }
  return true;
}

/** Reads the column of time. What is no moment is reported, a few times. */
export function readMoments(
  { length, cell }: Cells,
  written: string | undefined,
  told: (row: number) => string,
  column: string,
  report: Report,
): Moments {
  const values = new Float64Array(length).fill(Number.NaN);
  const pattern = written === undefined ? undefined : compilePattern(written);
  if (pattern && typeof pattern !== 'function') {
    report(messages.badPattern(written ?? '', pattern.why, pattern.meant));
    return { values, kind: 'date' };
  }
  if (!pattern && areNumbers(length, cell)) return { values: values.map((_, row) => Number(cell(row))), kind: 'number' };
  const unread: number[] = [];
  for (let row = 0; row < length; row++) {
    const text = textOf(cell(row));
    const moment = pattern ? pattern(text) : readIso8601(text);
    if (moment?.dated) values[row] = moment.seconds + moment.fraction;
    else unread.push(row);
  }
  const texts = unread
    .slice(0, SAMPLE)
    .map((row) => textOf(cell(row)))
    .filter((text) => text !== '');
  const patterns = texts.length === 0 ? [] : guessPatterns(texts);
  for (const row of unread) {
    const text = textOf(cell(row));
    report(text === '' ? messages.noTime(told(row), column) : messages.unreadTime(told(row), column, text, written, patterns));
  }
  return { values, kind: 'date' };
}

/** How many dates it takes to tell how all are written. */
const SAMPLE = 200;

const DAY = 86_400;

/** Whole months since 1970, and the second within the month. */
function monthOf(seconds: number): readonly [month: number, within: number] {
  const date = new Date(seconds * 1000);
  const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  return [month, seconds - Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000];
}

/** Monday is 0. */
const weekdayOf = (seconds: number): number => (Math.floor(seconds / DAY) + 3) % 7;

/** The step of sorted moments: the one that most of them are apart. */
export function findStep({ values, kind }: Moments): Step {
  const gaps = new Map<number, number>();
  for (let i = 1; i < values.length; i++) {
    const gap = (values[i] ?? 0) - (values[i - 1] ?? 0);
    if (gap > 0) gaps.set(gap, (gaps.get(gap) ?? 0) + 1);
  }
  const common = [...gaps].reduce((a, b) => (b[1] > a[1] ? b : a), [1, 0])[0];
  if (kind === 'number') return { unit: 'number', count: common };
  const isMonthly = common >= 28 * DAY && values.every((value) => monthOf(value)[1] === monthOf(values[0] ?? 0)[1] || isMonthEnd(value));
  if (isMonthly) {
    const months = Float64Array.from(values, (value) => monthOf(value)[0]);
    return { unit: 'month', count: findStep({ values: months, kind: 'number' }).count };
  }
  if (common === DAY && values.every((value) => weekdayOf(value) < 5) && values.length > 5) return { unit: 'weekday', count: 1 };
  return { unit: 'second', count: common };
}

/** Whether sorted moments are these steps apart: whole ones, and one somewhere. A single moment says nothing against any step. */
export function goesInSteps(values: Float64Array, step: Step): boolean {
  const steps = Array.from(values.subarray(1), (value, at) => stepsBetween(values[at] ?? 0, value, step));
  return (
    steps.length === 0 ||
    (steps.every((count) => count >= 1 && Math.abs(count - Math.round(count)) < 1e-6) && steps.some((count) => count < 1 + 1e-6))
  );
}

const isMonthEnd = (seconds: number): boolean => new Date((seconds + DAY) * 1000).getUTCDate() === 1;

/** How many steps lie between two moments; a fraction where they are not even. */
export function stepsBetween(a: number, b: number, { unit, count }: Step): number {
  switch (unit) {
    case 'second':
    case 'number':
      return (b - a) / count;
    case 'month':
      return (monthOf(b)[0] - monthOf(a)[0]) / count;
    case 'weekday': {
      const week = (seconds: number): number => Math.floor((Math.floor(seconds / DAY) + 3) / 7);
      return 5 * (week(b) - week(a)) + weekdayOf(b) - weekdayOf(a) + ((b % DAY) - (a % DAY)) / DAY;
    }
    default:
      return unit satisfies never;
  }
}

/** A moment a number of steps later. */
export function after(moment: number, steps: number, { unit, count }: Step): number {
  switch (unit) {
    case 'second':
    case 'number':
      return moment + steps * count;
    case 'month': {
      const [month, within] = monthOf(moment);
      const next = month + steps * count;
      const begin = Date.UTC(1970, next) / 1000;
      const length = (Date.UTC(1970, next + 1) - Date.UTC(1970, next)) / 1000;
      return begin + (isMonthEnd(moment) ? length - DAY + (within % DAY) : within);
    }
    case 'weekday': {
      const day = weekdayOf(moment) + steps;
      return moment + (steps + 2 * (Math.floor(day / 5) - Math.floor(weekdayOf(moment) / 5))) * DAY;
    }
    default:
      return unit satisfies never;
  }
}

/** A moment as ISO 8601 writes it, as exactly as its step asks for. */
export function writeMoment(value: number, step: Step): string {
  if (step.unit === 'number') return String(value);
  const text = new Date(Math.round(value * 1000)).toISOString();
  if (step.unit === 'month' && monthOf(value)[1] === 0) return text.slice(0, 7);
  if (value % DAY === 0 && (step.unit !== 'second' || step.count % DAY === 0)) return text.slice(0, 10);
  return value % 1 === 0 ? text.slice(0, 19) : text.slice(0, -1);
}

/** `month`, `2 hours`, `weekday`. */
export function describeStep({ unit, count }: Step): string {
  const of = (many: number, word: string): string => (many === 1 ? word : `${many} ${word}s`);
  if (unit === 'number') return count === 1 ? 'one number' : `${count}`;
  if (unit !== 'second') return unit === 'month' && count % 12 === 0 ? of(count / 12, 'year') : of(count, unit);
  const [size, word] = (
    [
      [7 * DAY, 'week'],
      [DAY, 'day'],
      [3600, 'hour'],
      [60, 'minute'],
    ] as const
  ).find(([seconds]) => count % seconds === 0) ?? [1, 'second'];
  return of(count / size, word);
}

/** Steps that people look back: a year of months, a week of days, a day of hours. */
export function usualSeasons({ unit, count }: Step): readonly number[] {
  if (unit === 'weekday') return [5];
  if (unit === 'month') return 12 % count === 0 && count < 12 ? [12 / count] : [];
  if (unit === 'number') return [];
  return [DAY, 7 * DAY].flatMap((period) => (period % count === 0 && period > count ? [period / count] : []));
}
