import type { Batch, SplitSpec } from '../../stage.js';
import type { TokenText } from './read.js';

/** A text as a model sees it: indices into the vocabulary, and into the classes. */
export interface TokenExample {
  readonly input: Int32Array;
  readonly target: Int32Array;
}

/** Which part of a long text is read. */
export interface Cut {
  readonly most: number;
  readonly cut: 'end' | 'beginning';
}

/** What of a text is read: its first tokens, or its last ones. */
export const cutText = (ids: Int32Array, { most, cut }: Cut): Int32Array =>
  cut === 'end' ? ids.subarray(0, most) : ids.subarray(Math.max(0, ids.length - most));

/** A sentence with an answer for each token, in pieces that are not longer: no token is left out. */
export function piecesOf(text: TokenText, most: number): readonly TokenText[] {
  const { ids, targets } = text;
  if (ids.length <= most) return [text];
  return Array.from({ length: Math.ceil(ids.length / most) }, (_, piece) => ({
    ...text,
    name: `${text.name}, part ${piece + 1}`,
    ids: ids.subarray(piece * most, (piece + 1) * most),
    targets: targets.slice(piece * most, (piece + 1) * most),
  }));
}

/** A batch, filled up with token 0: short texts at their end, missing ones whole. */
export function fill(chosen: readonly TokenExample[], { batchSize, inputs, target: to, masked }: SplitSpec): Batch {
  const [time = 1] = inputs.input.shape;
  const answers = to.axes.includes('time') ? time : 1;
  const input = new Int32Array(batchSize * time);
  const target = new Int32Array(batchSize * answers);
  const mask = new Float32Array(batchSize * time);
  for (const [row, example] of chosen.entries()) {
    input.set(example.input, row * time);
    target.set(example.target, row * answers);
    mask.fill(1, row * time, row * time + example.input.length);
  }
  return { inputs: { input }, target, weight: new Float32Array(batchSize).fill(1, 0, chosen.length), ...(masked ? { mask } : {}) };
}
