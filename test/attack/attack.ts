import type { Stream } from '../../src/random/streams.js';
import type { World } from './world.js';

/** What is attacked. Each group is one file in `groups/`. */
export const GROUPS = ['documents', 'data', 'record', 'tracking', 'sweeps', 'modules', 'outputs'] as const;
export type Group = (typeof GROUPS)[number];

/**
 * One way to make retable hang, die, leak, lose or double. `attempt` does it in a world of its own and asserts what must hold after it; what must
 * hold after every attack (see `World.judge`) needs no word.
 */
export interface Attack {
  readonly name: string;
  /** How many members of the kind are tried in `.ci/full`: numbers, names and moments are drawn anew for each. */
  readonly tries: number;
  readonly attempt: (world: World, any: Draw) => Promise<void>;
}

/** Draws of one try: a function of the seed, the attack's name and the try. */
export interface Draw {
  /** An integer from the first to the last, both of them in it. */
  integer(first: number, last: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** An integer whose logarithm is uniform: as often a small one as a huge one. */
  magnitude(first: number, last: number): number;
}

export const drawsOf = (stream: Stream): Draw => ({
  integer: (first, last) => first + stream.integer(last - first + 1),
  pick: (items) => {
    const item = items[stream.integer(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  },
  magnitude: (first, last) => Math.round(first * (last / first) ** stream.uniform()),
});
