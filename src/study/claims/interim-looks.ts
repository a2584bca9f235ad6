import { constantLevel } from '../../statistics/group-sequential.js';

/**
 * How often a table has been looked at. People run five seeds, read *inconclusive* and run five more: each look is a chance to err, so a
 * table declares how many there will be, and the chance is divided among them (Pocock 1977).
 */
export interface InterimLooks {
  readonly declared: number;
  /** Which look this is, from 1. */
  readonly number: number;
  /** The looks that are counted, this one with them, in their order. */
  readonly counted?: readonly Look[];
  /** Where the looks are stages: how many seeds each of them has. */
  readonly stages?: readonly number[];
}

/** A verdict that was printed of some runs: of these seeds, judged in this way (margin, confidence and the like). */
export interface Look {
  readonly seeds: readonly number[];
  readonly terms: Readonly<Record<string, unknown>>;
}

/** The term of a look at a table over splits: which seeds each of its splits had. Its `seeds` are the splits. */
export const SEEDS_OF_SPLITS = 'seeds in each split';

/** The chance on one side of an error at this look, and at the next. */
export interface Level {
  readonly alpha: number;
  readonly next: number;
}

/** `reference`: our spread is taken to be theirs; `wide`: it is our own. */
type LevelKind = 'reference' | 'wide' | 'rank' | 'other';

/**
 * Of the constant level, what a stage is judged at. Against a reference the floor under our spread makes a verdict cautious, and an interval of our own wide
 * spread errs a little more than stated. With these multiples each kind of wrong verdict is 5.2 % or less over the stages 5, 10, 20, 40, with the truth on the
 * edge: simulated with normal runs, rounded and not, ours 1 to 5 times as wide as 28 or 98 of theirs, and with lognormal (log-sd 0.5) and saturated ones as
 * wide as theirs. Skewed runs of ours that are wider than theirs err more, up to 14 %, as they do against a bare number.
 */
const OF_STAGES: Readonly<Record<LevelKind, number>> = { reference: 1.25, wide: 0.8, rank: 1, other: 1 };

/**
 * With 1 - confidence = 0.05 and two looks: 0.025 each by Bonferroni; ranks 0.04 then 0.01, so that five pairs out of five (p = 0.031)
 * decide at the first; against a reference 0.05 each where our spread is that of five seeds at least and is taken to be theirs, because that
 * floor already makes it cautious (docs/statistics.md has the simulated rates), and else 0.025. Looks beyond the declared are taken at the last level.
 *
 * Stages say beforehand how many seeds each look has, so that the chance is spent over them as one constant level, of which each kind of claim takes a
 * multiple.
 */
export function levelOf(kind: LevelKind, { declared, number, stages }: InterimLooks, confidence: number): Level {
  const total = exact(1 - confidence);
  if (stages) {
    const level = constantLevel(stages, total) * OF_STAGES[kind];
    const alpha = exact(Math.min(total, level));
    return { alpha, next: alpha };
  }
  const alphaAt = (look: number): number => {
    if (declared === 1) return total;
    if (kind === 'reference') return Math.min(total, (2 * total) / declared);
    if (kind === 'rank' && declared === 2) return (look === 1 ? 0.8 : 0.2) * total;
    return total / declared;
  };
  return { alpha: exact(alphaAt(number)), next: exact(alphaAt(number + 1)) };
}

/** 1 - 0.95 is 0.05, not 0.050000000000000044. */
const exact = (value: number): number => Number(value.toPrecision(12));
