import type { Point } from '../../run/run-record.js';
import { niceStep } from '../../statistics/histogram.js';
import { cut } from './tables.js';

/** An axis that was decided by the data: its ends and where it is labelled. */
export interface AxisScale {
  readonly type: 'linear' | 'log';
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

interface ScaleHints {
  /** Shares live between 0 and 1, and are drawn on all of it where they differ much. */
  readonly unit?: string;
  /** From the least to the most that a value can be: no axis goes on behind it. */
  readonly range?: readonly [least: number, most: number];
  /** The axis begins near the least value, however far that is from 0: of levels, whose changes are looked at. */
  readonly tight?: boolean;
  /** A logarithm is of use for what falls over orders of magnitude, as a loss does. */
  readonly logarithmic?: boolean;
}

/** From how large a ratio of the largest to the smallest value on a logarithm shows more than it hides. */
const LOG_RATIO = 20;

/** Shares that differ by more than this are drawn on all of 0 to 1; others would be one line there. */
const WIDE_SHARE = 1 / 3;

/** Values this near to zero, and differences this small beside the values, are drawn as none. */
const SMALLEST = 1e-90;
const FLAT = 1e-9;

/** The axis for these values, whatever they are: none, one, all equal, not finite. */
export function decideScale(
  values: readonly number[],
  { range: [least, most] = [-Infinity, Infinity], ...hints }: ScaleHints = {},
): AxisScale {
  const { type, domain, ticks } = spanningScale(
    values.map((value) => (Number.isFinite(value) ? Math.max(least, Math.min(most, value)) : value)),
    hints,
  );
  const ends = [Math.max(least, domain[0]), Math.min(most, domain[1])] as const;
  return ends[0] < ends[1]
    ? { type, domain: ends, ticks: ticks.filter((tick) => tick >= ends[0] && tick <= ends[1]) }
    : { type, domain, ticks };
}

function spanningScale(values: readonly number[], { unit, logarithmic = false, tight = false }: Omit<ScaleHints, 'range'>): AxisScale {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (finite.length === 0) return linear(0, 1);
  if (logarithmic && low > 0 && high / low >= LOG_RATIO) return log(low, high);
  if (unit === 'share' && low >= 0 && high <= 1 && high - low > WIDE_SHARE) return linear(0, 1);
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size < SMALLEST) return linear(0, 1);
  if (high - low < size * FLAT) return linear(low - size / 2, high + size / 2);
  const startsAtZero = !tight && low > 0 && low < high / 2;
  return linear(startsAtZero ? 0 : low, high);
}

function linear(low: number, high: number): AxisScale {
  const step = niceStep((high - low) / 5);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => exact((first + index) * step, step));
  return { type: 'linear', domain: [ticks[0] ?? low, ticks.at(-1) ?? high], ticks };
}

/** Ends at the next 1, 2 or 5 times a power of ten; labelled there, or at the powers alone when there are many. */
function log(low: number, high: number): AxisScale {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const decades = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const candidates = decades.flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)));
  const below = candidates.filter((tick) => tick <= low).at(-1) ?? low;
  const above = candidates.find((tick) => tick >= high) ?? high;
  const inside = candidates.filter((tick) => tick >= below && tick <= above);
  const powers = inside.filter((tick) => Number.isInteger(Math.log10(tick)));
  const every = Math.max(1, Math.ceil(powers.length / 8));
  return { type: 'log', domain: [below, above], ticks: inside.length <= 8 ? inside : powers.filter((_, index) => index % every === 0) };
}

/** `3 * 0.1` is 0.30000000000000004; a tick is 0.3. */
const exact = (value: number, step: number): number => Number(value.toFixed(Math.min(100, Math.max(0, 1 - Math.floor(Math.log10(step))))));

/**
 * Which places of an axis are told, and how, so that their texts don't collide on so many pixels. Of dates as ISO 8601 writes them these are where years
 * begin, or else months, days, hours, minutes: the longest of these that begins often enough. Of other texts every so many.
 */
export function placesToTell(at: readonly string[], pixels: number): ReadonlyMap<number, string> {
  const areDates = at.every((text) => /^\d{4}-\d\d/.test(text));
  const parts = (areDates ? DATE_PARTS : []).map((length) => ({ length, places: beginningsOf(at, length) }));
  const { length, places } = parts.find((part) => part.places.length >= FEWEST_TOLD) ?? { length: LONGEST_TOLD, places: [...at.keys()] };
  const text = (place: number): string => cut((at[place] ?? '').slice(0, areDates ? length : undefined).replace('T', ' '), LONGEST_TOLD);
  const widest = places.reduce((most, place) => Math.max(most, text(place).length), 1);
  const most = Math.max(2, Math.floor(pixels / (widest * CHARACTER + 16)));
  const every = (areDates ? DATE_STRIDES : STRIDES).find((stride) => places.length <= stride * most) ?? Math.ceil(places.length / most);
  return new Map(places.filter((_, index) => index % every === 0).map((place) => [place, text(place)]));
}

/** Of `2024-05-31T23:59`: year, month, day, hour, minute. */
const DATE_PARTS = [4, 7, 10, 13, 16] as const;
const FEWEST_TOLD = 3;
const LONGEST_TOLD = 16;
/** Of the text of an axis, in pixels. */
const CHARACTER = 7;
const STRIDES: readonly number[] = [1, 2, 5].flatMap((digit) => [1, 10, 100, 1000].map((power) => digit * power)).toSorted((a, b) => a - b);
const DATE_STRIDES = [1, 2, 3, 6, 12, 24, 48] as const;

/** Places where a part of a date is another one than before; the first where nothing of its part has gone by. */
const beginningsOf = (at: readonly string[], length: number): readonly number[] =>
  [...at.keys()].filter((place) => {
    const [text = '', before] = [at[place], at[place - 1]];
    return before === undefined ? /^(-01)*(T00)?(:00)*$/.test(text.slice(length)) : text.slice(0, length) !== before.slice(0, length);
  });

/** Where a value stands on an axis of so many pixels, measured from the top. */
export function pixelOf({ type, domain: [low, high] }: AxisScale, value: number, height: number): number {
  const along = type === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return (1 - along) * height;
}

export type CurvePoint = Pick<Point, 'step' | 'value'>;

/** Pieces without a gap: a value that is not finite ends one. */
export function finitePieces<P extends CurvePoint>(points: readonly P[]): readonly (readonly P[])[] {
  const pieces: P[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point.value)) pieces.at(-1)?.push(point);
    else pieces.push([]);
  }
  return pieces.filter((piece) => piece.length > 0);
}

/**
 * At most about `limit` points that draw the same picture: of each of `limit / 2` equal stretches of steps the lowest and the highest point,
 * so that no spike is lost. The first and the last point stay.
 */
export function downsample<P extends CurvePoint>(points: readonly P[], limit = 800): readonly P[] {
  const first = points[0];
  const last = points.at(-1);
  if (points.length <= limit || !first || !last) return points;
  const stretches = Math.floor(limit / 2) - 1;
  const inner = points.slice(1, -1);
  const kept: P[] = [first];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const part = inner.slice(Math.floor((stretch * inner.length) / stretches), Math.floor(((stretch + 1) * inner.length) / stretches));
    const lowest = part.reduce((a, b) => (b.value < a.value ? b : a), part[0] ?? first);
    const highest = part.reduce((a, b) => (b.value > a.value ? b : a), part[0] ?? first);
    if (lowest === highest) kept.push(lowest);
    else kept.push(...(lowest.step < highest.step ? [lowest, highest] : [highest, lowest]));
  }
  return [...kept, last];
}

/**
 * A curve as lines of braille characters, each two dots wide and four high; values that are not finite leave a gap. Empty without a finite
 * value. The scale is chosen as in the pictures.
 */
export function brailleCurve(
  points: readonly CurvePoint[],
  { width, height, scale }: { readonly width: number; readonly height: number; readonly scale?: AxisScale },
): readonly string[] {
  const vertical = scale ?? decideScale(points.map(({ value }) => value));
  const [across, down] = [width * 2, height * 4];
  const first = points[0]?.step ?? 1;
  const span = Math.max(1, (points.at(-1)?.step ?? 1) - first);
  const dots = new Uint8Array(width * height);
  const place = ({ step, value }: CurvePoint): Dot => ({
    x: Math.round(((step - first) / span) * (across - 1)),
    y: Math.max(0, Math.min(down - 1, Math.round(pixelOf(vertical, value, down - 1)))),
  });
  for (const piece of finitePieces(points)) {
    const placed = piece.map(place);
    placed.forEach((dot, index) => {
      for (const { x, y } of between(placed[index - 1] ?? dot, dot)) {
        const cell = Math.floor(y / 4) * width + Math.floor(x / 2);
        dots[cell] = (dots[cell] ?? 0) | (BRAILLE[y % 4]?.[x % 2] ?? 0);
      }
    });
  }
  if (dots.every((cell) => cell === 0)) return [];
  return Array.from({ length: height }, (_, row) =>
    String.fromCodePoint(...Array.from(dots.subarray(row * width, (row + 1) * width), braille)),
  );
}

interface Dot {
  readonly x: number;
  readonly y: number;
}

/** Unicode's bit of each dot of a braille cell, by row and column. */
const BRAILLE = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

const braille = (cell: number): number => 0x2800 + cell;

/** The dots of a straight line, without the first unless it is the last. */
function between(from: Dot, to: Dot): readonly Dot[] {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  if (steps === 0) return [to];
  return Array.from({ length: steps }, (_, index) => ({
    x: Math.round(from.x + ((to.x - from.x) * (index + 1)) / steps),
    y: Math.round(from.y + ((to.y - from.y) * (index + 1)) / steps),
  }));
}
