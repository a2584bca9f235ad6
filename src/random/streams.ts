import { createHash } from 'node:crypto';
import { philox } from './philox.js';

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
