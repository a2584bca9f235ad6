import type { Stream, Streams } from '../../../random/streams.js';
import type { Batch } from '../../stage.js';
import { type Options, splitSizes, testsOf } from './options.js';

export interface Pairs {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** All pairs are listed to hold some out: 2^22 of them at most. */
export const MOST_BITS_HELD_OUT = 12;

export const pairCount = (bits: number): number => 4 ** (bits - 1);
export const heldOutCount = ({ bits, held_out }: Options): number => Math.round(held_out * pairCount(bits));

/** By split. Numbers of other lengths come from streams of their own, so that asking for them changes no other split. */
export function drawPairs(options: Options, streams: Streams): DrawnPairs {
  const { test } = splitSizes(options);
  const others = testsOf(options)
    .slice(1)
    .map(({ split, bits }) => [split, drawUniformly(test, bits, streams.stream(`dataset/${split}`))] as const);
  return { ...drawSplits(options, streams), ...Object.fromEntries(others) };
}

type DrawnPairs = { readonly train: Pairs; readonly test: Pairs } & Readonly<Record<string, Pairs>>;

function drawUniformly(count: number, bits: number, stream: Stream): Pairs {
  const pairs = emptyPairs(count);
  for (let i = 0; i < count; i++) {
    pairs.a[i] = stream.integer(2 ** (bits - 1));
    pairs.b[i] = stream.integer(2 ** (bits - 1));
  }
  return pairs;
}

function drawSplits(options: Options, streams: Streams): { train: Pairs; test: Pairs } {
  const { train, test } = splitSizes(options);
  const numbers = 2 ** (options.bits - 1);
  const stream = streams.stream('dataset/pairs');
  if (options.held_out === 0 || options.bits > MOST_BITS_HELD_OUT) {
    return { train: drawUniformly(train, options.bits, stream), test: drawUniformly(test, options.bits, stream) };
  }
  const all = Int32Array.from({ length: pairCount(options.bits) }, (_, pair) => pair);
  streams.stream('dataset/held_out').shuffle(all);
  const held = heldOutCount(options);
  const drawFrom = (pool: Int32Array, wanted: number): Pairs => {
    const pairs = emptyPairs(pool.length === 0 ? 0 : wanted);
    for (let i = 0; i < pairs.a.length; i++) {
      const pair = pool[stream.integer(pool.length)] ?? 0;
      pairs.a[i] = Math.floor(pair / numbers);
      pairs.b[i] = pair % numbers;
    }
    return pairs;
  };
  return { train: drawFrom(all.subarray(held), train), test: drawFrom(all.subarray(0, held), test) };
}

const emptyPairs = (count: number): Pairs => ({ a: new Int32Array(count), b: new Int32Array(count) });

export function encode(pairs: Pairs, chosen: Int32Array, batchSize: number, { bits, layout }: Options): Batch {
  const input = new Float32Array(batchSize * 2 * bits);
  const target = new Float32Array(batchSize * bits);
  const weight = new Float32Array(batchSize).fill(1, 0, chosen.length);
  for (const [row, example] of chosen.entries()) {
    const a = pairs.a[example] ?? 0;
    const b = pairs.b[example] ?? 0;
    for (let i = 0; i < bits; i++) {
      const position = layout === 'numbers' ? bits - 1 - i : i;
      input[row * 2 * bits + (layout === 'numbers' ? i : 2 * i)] = bit(a, position);
      input[row * 2 * bits + (layout === 'numbers' ? bits + i : 2 * i + 1)] = bit(b, position);
      target[row * bits + i] = bit(a + b, position);
    }
  }
  return { input, target, weight };
}

const bit = (number: number, position: number): number => (number >>> position) & 1;
