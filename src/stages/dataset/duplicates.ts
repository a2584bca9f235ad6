import type { Fact } from '../stage.js';

/** Examples of a split that stand in an earlier one too, bit for bit. */
export interface Duplicates {
  readonly split: string;
  readonly earlier: string;
  readonly count: number;
  /** Examples of the split. */
  readonly of: number;
  /** The first of them: its index in the split, and that of its equal in the earlier one. */
  readonly first: readonly [index: number, equal: number];
}

/** Of a split: from this share on it is worth a warning that examples stand in two splits. */
const MUCH = 0.01;

export const isMuch = ({ count, of }: Pick<Duplicates, 'count' | 'of'>): boolean => count >= MUCH * of;

/**
 * Where examples stand in two splits: those of every other split that also train, and those of the tests that also validate. `hashes` are those of
 * the examples by split, as `hashExample` gives them. Linear in the examples; of 200,000 of them two are taken for equal that are not about once
 * in 10^5 data sets.
 */
export function duplicatesAcross(hashes: ReadonlyMap<string, Float64Array>): readonly Duplicates[] {
  const found: Duplicates[] = [];
  for (const earlier of ['train', 'validation']) {
    const known = new Map<number, number>();
    for (const [index, hash] of hashes.get(earlier)?.entries() ?? []) if (hash !== TOO_SHORT && !known.has(hash)) known.set(hash, index);
    for (const [split, all] of hashes) {
      if (split === 'train' || split === earlier) continue;
      const twins = [...all.keys()].filter((index) => known.has(all[index] ?? Number.NaN));
      const [first] = twins;
      if (first === undefined) continue;
      found.push({ split, earlier, count: twins.length, of: all.length, first: [first, known.get(all[first] ?? Number.NaN) ?? 0] });
    }
  }
  return found;
}

export const duplicatesFact = ({ split, earlier, count, of }: Duplicates, noun: string): Fact => ({
  key: DUPLICATES,
  name: `share of ${split} ${noun} that occur in ${earlier === 'train' ? 'training' : earlier}`,
  value: count / of,
});

/** The threat by its code: the key of its fact, and the code of its warning. */
export const DUPLICATES = 'duplicates-across-splits';

const word = new Float64Array(1);
const halves = new Int32Array(word.buffer);

/** Of an example with fewer numbers, which may well equal another by accident. */
const TOO_SHORT = -1;
const FEWEST_NUMBERS = 3;

/**
 * 53 bits of all numbers of an example in order, and of its mask where it has one; 0 and -0 are equal. Two multiplicative hashes of 32 bits side by
 * side (cyrb53).
 */
export function hashExample(numbers: ArrayLike<number>, mask: ArrayLike<number> = []): number {
  if (numbers.length < FEWEST_NUMBERS) return TOO_SHORT;
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  const mix = (bits: number): void => {
    a = Math.imul(a ^ bits, 0x9e3779b1);
    b = Math.imul(b ^ bits, 0x5f356495);
    a ^= a >>> 15;
    b ^= b >>> 13;
  };
  for (const part of [numbers, mask]) {
    mix(part.length);
    for (let i = 0; i < part.length; i++) {
      word[0] = (part[i] ?? 0) + 0;
      mix(halves[0] ?? 0);
      mix(halves[1] ?? 0);
    }
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return 2 ** 32 * (b & 0x1fffff) + (a >>> 0);
}

/** Passages of one text that stand in another. */
export interface SharedPassages {
  readonly count: number;
  readonly of: number;
  /** Tokens of a passage. */
  readonly length: number;
  /** The first of them: where it begins, and where it begins in the other text. */
  readonly first: readonly [start: number, equal: number];
}

/**
 * Cuts `text` into passages and counts those that stand somewhere in `other`, token for token. They are so long that none would by accident: twice as
 * long as tells all pairs of places apart, with 20 bits to spare, if a token is as hard to guess as its trigram makes it; but at most an eighth of
 * `text`. What stands there more than ten times is how the text is, and no copy. One pass over both texts.
 */
export function sharedPassages(text: Int32Array, other: Int32Array, trigramPerplexity: number): SharedPassages | undefined {
  const enough = (2 * (2 * Math.log2(other.length) + 20)) / Math.log2(trigramPerplexity);
  const length = Math.min(enough > 0 ? Math.ceil(enough) : Infinity, Math.floor(text.length / 8));
  if (length < SHORTEST_PASSAGE || other.length < length) return undefined;
  const starts = Array.from({ length: Math.floor(text.length / length) }, (_, index) => index * length);
  const byHash = new Map<number, number[]>();
  for (const start of starts) {
    const hash = polynomial(text.subarray(start, start + length));
    byHash.set(hash, [...(byHash.get(hash) ?? []), start]);
  }
  const found = new Map<number, { readonly at: number; readonly times: number }>();
  const leaving = powerOf(length - 1);
  let rolling = polynomial(other.subarray(0, length));
  for (let at = 0; ; at++) {
    for (const start of byHash.get(rolling) ?? []) {
      const { at: before = at, times = 0 } = found.get(start) ?? {};
      if (times <= MOST_COPIES && other.subarray(at, at + length).every((token, i) => token === text[start + i]))
        found.set(start, { at: before, times: times + 1 });
    }
    const next = other[at + length];
    if (next === undefined) break;
    rolling = (Math.imul(rolling - Math.imul(leaving, other[at] ?? 0), BASE) + next) | 0;
  }
  const copies = starts.filter((start) => (found.get(start)?.times ?? Infinity) <= MOST_COPIES);
  const [first] = copies;
  return first === undefined ? undefined : { count: copies.length, of: starts.length, length, first: [first, found.get(first)?.at ?? 0] };
}

const MOST_COPIES = 10;

const SHORTEST_PASSAGE = 8;

/** Odd, of a rolling hash of 32 bits; what it takes for equal is compared. */
const BASE = 0x01000193;
const polynomial = (tokens: Int32Array): number => tokens.reduce((hash, token) => (Math.imul(hash, BASE) + token) | 0, 0);
const powerOf = (exponent: number): number => Array.from({ length: exponent }).reduce<number>((power) => Math.imul(power, BASE), 1);
