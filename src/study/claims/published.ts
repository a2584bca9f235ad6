import { type Count, shareOf } from '../../statistics/shares.js';

/** A number as a source printed it. */
export interface Printed {
  readonly text: string;
  readonly value: number;
  /** One step of the last printed place: `1.0` -> 0.1, `1.2e3` -> 100, `12 %` -> 0.01. */
  readonly unit: number;
  /** What stands behind `±`. */
  readonly plusMinus?: number;
  /** Runs that were counted, `29 of 30`: then there is no rounding. */
  readonly count?: Count;
}

/**
 * Reads what a source printed. The text says more than the number: `1.0` was rounded to 0.1, and `1` to 1.
 *
 *     '67,044.5'        commas group thousands            '12 %'           hundredths: 0.12, unit 0.01
 *     '1.2e3'           unit 100                          '0.987 ± 0.003'  also written +- or +/-
 *     '29 of 30'        runs that were counted, also 29/30
 *
 * Undefined where the text is no such number; `suggestNumber` then guesses what was meant.
 */
export function readPublished(text: string): Printed | undefined {
  const [, some, every] = COUNTED.exec(text) ?? [];
  if (some !== undefined && every !== undefined) {
    const count = { hits: Number(some), all: Number(every) };
    return count.all > 0 && count.hits <= count.all ? { text: text.trim(), value: shareOf(count), unit: 0, count } : undefined;
  }
  const [, main = '', first, plusMinus, last] = /^\s*(.+?)\s*(%)?\s*(?:(?:±|\+-|\+\/-)\s*(.+?)\s*(%)?)?\s*$/.exec(text) ?? [];
  // `98.7 ± 0.3 %` is in percent, and so is `98.7 % ± 0.3 %`; of `98.7 % ± 0.3` nobody knows.
  if (first !== undefined && plusMinus !== undefined && last === undefined) return undefined;
  const percent = first ?? last;
  const number = readNumber(main);
  const spread = plusMinus === undefined ? undefined : readNumber(plusMinus);
  if (!number || (plusMinus !== undefined && (!spread || spread.value < 0))) return undefined;
  const scale = percent ? 100 : 1;
  return {
    text: text.trim(),
    value: scaled(number.value, scale),
    unit: scaled(number.unit, scale),
    ...(spread && { plusMinus: scaled(spread.value, scale) }),
  };
}

/** Runs out of runs, `29 of 30`; up to 999,999. */
const COUNTED = /^\s*(\d{1,6})\s*(?:\/|of|out of)\s*(\d{1,6})(?:\s+(?:runs|seeds|trials))?\s*$/i;

/** The count of a text, whether or not it can be one: `31 of 30`. */
export const isCounted = (text: string): boolean => COUNTED.test(text);

/** `0,987` -> `0.987`; `1.0 tokens/s` -> `1.0`; `~1.0` -> `1.0`; `98,7 percent` -> `98.7 %`; `29 of 30 (97 %)` -> `29 of 30`. */
export function suggestNumber(text: string): string | undefined {
  const counts = /\d+\s*(?:\/|of|out of)\s*\d+/i.exec(text)?.[0];
  if (counts !== undefined) return readPublished(counts) && counts;
  const inPercent = text.replace(/\s*(?:％|per ?cent\b|pct\b\.?)/i, ' %');
  const inside = /[-−]?[\d.,]*\d(?:e[-+]?\d+)?(?:\s*%)?/i.exec(inPercent)?.[0] ?? '';
  const withPoint = /^[^,]*,\d+\D*$/.test(inside) ? inside.replaceAll('.', '').replace(',', '.') : inside;
  return [inside, withPoint].find((guess) => readPublished(guess));
}

function readNumber(text: string): { readonly value: number; readonly unit: number } | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([-−+]?)(\d+|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.(\d*))?(?:[eE]([-+]?\d{1,3}))?$/.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = `${whole.replaceAll(',', '') || '0'}.${fraction || '0'}e${exponent}`;
  return { value: Number(digits) * (/[-−]/.test(sign) ? -1 : 1), unit: Number(`1e${Number(exponent) - fraction.length}`) };
}

/** Division that leaves no binary dust: 98.7 / 100 -> 0.987. */
const scaled = (value: number, by: number): number => (by === 1 ? value : Number((value / by).toPrecision(15)));
