import type { Interval } from './statistics/interval.js';

/** Numbers in sentences: as many digits as mean something, comma for thousands. */

/** Decimals to which an interval is worth printing: two digits of its half width where that begins with 1 or 2, else one. */
export function decimalsOf([low, high]: Interval): number {
  const half = Math.abs(high - low) / 2;
  if (!(half > 0) || !Number.isFinite(half)) return Math.max(placesOf(low), placesOf(high));
  const exponent = Math.floor(Math.log10(half));
  return Math.min(20, Math.max(0, (half / 10 ** exponent < 3 ? 1 : 0) - exponent));
}

/** Decimals that a number needs: 0.85 -> 2, 67044.5 -> 1. */
export function placesOf(value: number): number {
  if (!Number.isFinite(value)) return 0;
  const [digits = '', exponent = '0'] = String(Number(value.toPrecision(12))).split('e');
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent));
}

export const fixed = (value: number, decimals: number): string => withoutMinusZero(grouped(value.toFixed(Math.min(decimals, 20))));

/** Always with its sign, but zero. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Without what binary numbers add: 0.9500000000000001 -> `0.95`. */
export const plain = (value: number): string => grouped(String(Number(value.toPrecision(12))));

/** Two digits: 0.031, 0.91; below 0.0001 one: 8e-9. */
export function probability(p: number): string {
  if (p < 1e-4) return p.toExponential(0);
  return String(Number(p.toPrecision(2)));
}

/** `97.5 %`, `45 %`. */
export const percent = (share: number, digits = 3): string => `${Number((100 * share).toPrecision(digits))} %`;

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const grouped = (text: string): string =>
  text.includes('e') ? text : text.replace(/^(-?)(\d+)/, (_, sign: string, whole: string) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ','));

const withoutMinusZero = (text: string): string => (/[1-9]/.test(text) ? text : text.replace('-', ''));
