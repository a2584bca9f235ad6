import type { Interval } from './statistics/interval.js';

/** Numbers in sentences: as many digits as mean something, comma for thousands. */

/** An interval this small beside its numbers has no width: what is left is what binary numbers add. */
const DUST = 1e-12;
/** So many digits of a number are shown where nothing says how sure it is. */
const DIGITS = 6;

/**
 * Decimals to which an interval is worth printing: two digits of its half width where that begins with 1 or 2, else one. Where it has no width,
 * what its ends need, and the numbers that are printed beside it.
 */
export function decimalsOf([low, high]: Interval, ...beside: readonly number[]): number {
  const half = Math.abs(high - low) / 2;
  const shown = [low, high, ...beside].filter(Number.isFinite);
  const size = Math.max(0, ...shown.map(Math.abs));
  if (!(half > DUST * size) || !Number.isFinite(half)) return Math.max(0, ...shown.map((value) => placesOf(value, DIGITS)));
  const exponent = Math.floor(Math.log10(half));
  return Math.min(20, Math.max(0, (half / 10 ** exponent < 3 ? 1 : 0) - exponent));
}

/** Decimals with which so many digits of a number are seen: 0.5250 has four of them. */
export function decimalsFor(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  const [, exponent = '0'] = value.toExponential(digits - 1).split('e');
  return Math.min(20, Math.max(0, digits - 1 - Number(exponent)));
}

/** Decimals that a number needs: 0.85 -> 2, 67044.5 -> 1. */
export function placesOf(value: number, most = 12): number {
  if (!Number.isFinite(value)) return 0;
  const [digits = '', exponent = '0'] = String(Number(value.toPrecision(most))).split('e');
  return Math.min(20, Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent)));
}

export const fixed = (value: number, decimals: number): string => withoutMinusZero(grouped(value.toFixed(Math.min(decimals, 20))));

/** Always with its sign, but zero. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Without what binary numbers add: 0.9500000000000001 -> `0.95`. */
export const plain = (value: number): string => grouped(String(Number(value.toPrecision(12))));

/** Two digits: 0.031, 0.91; below 0.0001 one: 8e-9. Never zero: what is too small for a double is `less than 1e-300`. */
export function probability(p: number): string {
  if (p < LEAST_P) return `less than ${LEAST_P}`;
  if (p < 1e-4) return p.toExponential(0);
  return String(Number(p.toPrecision(2)));
}

/** `p = 0.031`; one that is too small for a number is told as smaller than it. */
export const pValue = (p: number): string => (p < SMALLEST_P ? `p < ${SMALLEST_P}` : `p = ${probability(p)}`);
const SMALLEST_P = 1e-300;

/** `97.5 %`, `45 %`. What is short of all is never rounded to 100 %. */
export function percent(share: number, digits = 3): string {
  const value = Number((100 * share).toPrecision(12));
  const rounded = Number(value.toPrecision(digits));
  return `${rounded === 100 && value < 100 ? Number((100 - Number((100 - value).toPrecision(1))).toPrecision(12)) : rounded} %`;
}

/** `0.46`: two decimals, and more where rounding would make 0, 1 or what it is compared with of what is neither. */
export function shareText(share: number, ...comparedWith: readonly number[]): string {
  const isTold = (decimals: number): boolean =>
    [0, 1, ...comparedWith].every((edge) => Math.sign(Number(share.toFixed(decimals)) - edge) === Math.sign(share - edge));
  return share.toFixed([2, 3, 4, 6, 9].find(isTold) ?? 12);
}

/** Six digits of what was measured, all that a sentence needs; of a large number every whole one. */
export const measured = (value: number): string =>
  plain(Number(Math.abs(value) < 10 ** DIGITS ? value.toPrecision(DIGITS) : value.toFixed(0)));

/** Four digits of a level to compare with. */
export const levelText = (value: number): string => plain(Number(value.toPrecision(4)));

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const grouped = (text: string): string =>
  text.includes('e') ? text : text.replace(/^(-?)(\d+)/, (_, sign: string, whole: string) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ','));

const withoutMinusZero = (text: string): string => (/[1-9]/.test(text) ? text : text.replace('-', ''));
const LEAST_P = 1e-300;
