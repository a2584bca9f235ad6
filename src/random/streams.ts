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
  stream(name: string, ...counters: readonly number[]): Stream;
}
