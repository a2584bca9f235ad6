import { createHash } from 'node:crypto';

/** A sequence of pseudo-random numbers: a function of what it was asked for, never of what was drawn elsewhere. */
export interface Stream {
  /** Uniform in [0, 1), 24 bits: every value is a float32. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, below), without modulo bias. */
  integer(below: number): number;
  /** Fisher-Yates, in place. */
  shuffle(items: Int32Array): void;
}

/** Named streams of one seed. `stream('shuffle', epoch)`: equal names and counters give equal numbers, and one stream never shifts another. */
export interface Streams {
  readonly seed: number;
  stream(name: string, ...counters: readonly number[]): Stream;
}

/**
 * The streams of a seed. A stream starts at a place that SHA-256 of (seed, name, counters) gives: 64 bits are the key of Philox4x32-10, 128
 * bits the first value of its counter. Nothing is kept between calls, so there is nothing to save in a checkpoint.
 */
export function createStreams(seed: number): Streams {
  return { seed, stream: (name, ...counters) => createStream(JSON.stringify([seed, name, ...counters])) };
}

function createStream(identity: string): Stream {
  const digest = createHash('sha256').update(identity).digest();
  const digestWords = Uint32Array.from({ length: 6 }, (_, i) => digest.readUInt32LE(4 * i));
  const key = digestWords.slice(0, 2);
  const counter = digestWords.slice(2, 6);
  const block = new Uint32Array(4);
  let used = 4;
  let spareNormal: number | undefined;

  function word(): number {
    if (used === 4) {
      philox(counter, key, block);
      increment(counter);
      used = 0;
    }
    return block[used++] ?? 0;
  }

  function integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > TWO_32) throw new RangeError(`no integers in [0, ${below})`);
    const biased = TWO_32 - (TWO_32 % below);
    let drawn = word();
    while (drawn >= biased) drawn = word();
    return drawn % below;
  }

  /** Box & Muller (1958), in double; the first uniform is in (0, 1], so that its logarithm is finite. */
  function normal(): number {
    if (spareNormal !== undefined) {
      const value = spareNormal;
      spareNormal = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log((word() + 1) / TWO_32));
    const angle = 2 * Math.PI * (word() / TWO_32);
    spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  return {
    uniform: () => (word() >>> 8) / TWO_24,
    normal,
    integer,
    shuffle(items) {
      for (let last = items.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        const item = items[last] ?? 0;
        items[last] = items[other] ?? 0;
        items[other] = item;
      }
    },
  };
}

const TWO_24 = 2 ** 24;
const TWO_32 = 2 ** 32;

/** Adds one to a 128-bit number, carrying from word to word. */
function increment(counter: Uint32Array): void {
  for (let i = 0; i < counter.length; i++) {
    const next = ((counter[i] ?? 0) + 1) >>> 0;
    counter[i] = next;
    if (next !== 0) return;
  }
}

/**
 * Philox4x32-10: a counter-based generator (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * Ten rounds of two 32 x 32 -> 64 bit products turn a 128-bit counter and a 64-bit key into 128 random bits. There is no state: block n of a
 * key is computed from n alone. Words are unsigned 32-bit integers, least significant first; the result is written into `out`.
 */
export function philox(counter: Words, key: Words, out: Uint32Array): void {
  let c0 = counter[0] ?? 0;
  let c1 = counter[1] ?? 0;
  let c2 = counter[2] ?? 0;
  let c3 = counter[3] ?? 0;
  let k0 = key[0] ?? 0;
  let k1 = key[1] ?? 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highProduct(MULTIPLIER_0, c0);
    const high1 = highProduct(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c2 = high0 ^ c3 ^ k1;
    c1 = low1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Four words of a counter, or two of a key. */
type Words = Uint32Array;

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** The golden ratio and the square root of three, less one: the key's steps from round to round. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** Upper 32 bits of a 64-bit product, from products of 16-bit halves that a double holds exactly. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}
