import type { Stream } from '../../random/streams.js';

/** How a text is cut into batches of `rows` sequences of `steps` tokens. The target of a token is the next one, so the last token has none. */
export interface Cut {
  readonly length: number;
  readonly rows: number;
  readonly steps: number;
}

/**
 * Where the sequences of each batch begin, such that row r of a batch goes on where row r of the batch before ended: state can be carried.
 * The text after `offset` is laid out in `rows` equal stretches.
 */
export function* sequentialStarts({ length, rows, steps }: Cut, offset: number, batches: number): Iterable<Int32Array> {
  const stretch = Math.floor((length - offset - 1) / rows);
  for (let batch = 0; batch < batches; batch++) {
    yield Int32Array.from({ length: rows }, (_, row) => offset + row * stretch + batch * steps);
  }
}

/** Where the sequences of each batch begin, such that the text after `offset` is cut into neighbours that come in random order. */
export function* randomStarts({ length, rows, steps }: Cut, offset: number, batches: number, stream: Stream): Iterable<Int32Array> {
  const order = Int32Array.from({ length: Math.floor((length - offset - 1) / steps) }, (_, i) => i);
  stream.shuffle(order);
  for (let batch = 0; batch < batches; batch++) {
    yield order.subarray(batch * rows, (batch + 1) * rows).map((sequence) => offset + sequence * steps);
  }
}

/**
 * Batches that every epoch has, whatever its offset: up to `steps` for sequential batches, one less for random ones (both as in the book). Where
 * a small offset would leave room for one more, it is left out, so that epochs have equal length.
 */
export const sequentialBatches = ({ length, rows, steps }: Cut, largestOffset: number): number =>
  Math.max(0, Math.floor(Math.floor((length - largestOffset - 1) / rows) / steps));

export const randomBatches = ({ length, rows, steps }: Cut): number =>
  Math.max(0, Math.floor(Math.floor((length - (steps - 1) - 1) / steps) / rows));
