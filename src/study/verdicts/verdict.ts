import { studentTCdf } from '../../statistics/distributions.js';
import type { Interval } from '../../statistics/means.js';
import { DUST } from '../../statistics/ranks.js';

/** One picture for every claim: an interval of ours inside the zone of what counts as the same, outside of it, or across its edge. */
export type VerdictKind = 'reproduced' | 'differs' | 'inconclusive' | 'not_run' | 'not_claimable';

/** One way or the other. */
export const isDecided = (kind: VerdictKind): boolean => kind === 'reproduced' || kind === 'differs';

/** Why a verdict is not decided. */
type Reason =
  | 'few seeds'
  | 'zero spread'
  | 'single draw'
  | 'diverged'
  | 'identical'
  | 'small reference'
  | 'rounding'
  | 'device'
  | 'not recorded'
  | 'margin too fine'
  | 'margin too large'
  | 'not positive';

/** How many more seeds would decide: a number, `many` (more than 200), or `never`. */
export type Further = number | 'many' | 'never';

export interface Verdict {
  readonly kind: VerdictKind;
  /** One line: the kind, the numbers, the reason. */
  readonly wording: string;
  readonly reason?: Reason;
  readonly further?: Further;
  readonly numbers: Numbers;
  /** Whether these seeds could have decided at all: if not, looking at them was no look. */
  readonly couldDecide: boolean;
}

/** What a verdict rests on, as far as its rule has it. */
export interface Numbers {
  readonly n: number;
  readonly alpha?: number;
  readonly mean?: number;
  /** What is judged in place of a mean. */
  readonly estimate?: { readonly of: 'median' | 'interquartile mean' | 'share'; readonly value: number };
  /** Of single runs. */
  readonly sd?: number;
  /** Of the mean; of a claim against a reference and of two cells, of the difference; of a ratio, of the ratio. */
  readonly interval?: Interval;
  readonly runInterval?: Interval;
  /** Of the difference before rounding, with what the print hides of their mean on both ends; `hidden` is how much that is. */
  readonly exactInterval?: Interval;
  readonly hidden?: number;
  /** In the interval's terms. An end may be infinite. */
  readonly zone?: Interval;
  readonly margin?: number;
  readonly marginByDefault?: boolean;
  /** The unit in which the source printed. */
  readonly unit?: number;
  readonly difference?: number;
  /** Of each data set, the claimed side less the other. */
  readonly differences?: readonly number[];
  /** Of several methods over several data sets. */
  readonly ranking?: Ranking;
  readonly se?: number;
  readonly df?: number;
  readonly ratio?: number;
  /** The other side's runs, mean and spread. */
  readonly reference?: { readonly n: number; readonly mean: number; readonly sd: number };
  readonly spreadFrom?: 'own' | 'reference';
  /** Two-sided, exact, of the same distribution: for information. */
  readonly rankP?: number;
  /** One-sided p-values of a rank claim and of its opposite. */
  readonly p?: number;
  readonly pOpposite?: number;
  /** P(A > B) + P(A = B)/2. */
  readonly share?: number;
  /** Two-sided, of no difference at all. */
  readonly pNoDifference?: number;
  /** The smallest one-sided alpha at which this would be *differs*: what Holm's correction takes. */
  readonly pDiffers?: number;
  /** Fisher's exact p of our diverged seeds against the reference's. */
  readonly pDiverged?: number;
  /** The verdict if the printed number were exact. */
  readonly kindIfExact?: VerdictKind;
  /** Seeds of pairs, or of the cell, in the order of their values. */
  readonly seeds?: readonly number[];
}

/** How several methods rank over several data sets; numbers are of methods, from 0. */
export interface Ranking {
  readonly methods: readonly string[];
  /** Mean ranks, one a method. */
  readonly ranks: readonly number[];
  /** Which value has rank 1. */
  readonly first: 'lowest' | 'highest';
  /** Friedman's, corrected for ties, and Iman and Davenport's form of it. */
  readonly chiSquared: number;
  readonly f: number;
  /** Whether the p-value counts all orders. */
  readonly isExact: boolean;
  /** Nemenyi's. */
  readonly criticalDifference: number;
  /** Of each method, those that it is before by the critical difference; none where the methods are not found to differ. */
  readonly before: readonly (readonly number[])[];
}

/** What a rule is told besides the claim and its cells. */
export interface Circumstances {
  readonly alpha: number;
  /** The level of the next look, for how many more seeds would decide. */
  readonly nextAlpha: number;
}

export type Position = 'inside' | 'outside' | 'across';

/**
 * Edges belong to the zone, and what binary arithmetic makes of equal numbers is no distance: 1e-9 of the edge, 1e-12 of `scale`, the size
 * of the numbers that were subtracted where the interval is of a difference.
 */
export function position([low, high]: Interval, [zoneLow, zoneHigh]: Interval, scale = 0): Position {
  const slack = (edge: number) => (Number.isFinite(edge) ? Math.max(TOLERANCE * Math.abs(edge), DUST * scale) : 0);
  if (low >= zoneLow - slack(zoneLow) && high <= zoneHigh + slack(zoneHigh)) return 'inside';
  return low > zoneHigh + slack(zoneHigh) || high < zoneLow - slack(zoneLow) ? 'outside' : 'across';
}

export const kindOf: Readonly<Record<Position, VerdictKind>> = { inside: 'reproduced', outside: 'differs', across: 'inconclusive' };

/** P(T >= distance / se); a half at no distance. */
export const upperTail = (distance: number, se: number, df: number): number => {
  if (distance === 0) return 0.5;
  return se === 0 ? 0 : studentTCdf(-distance / se, df);
};

/** How far a point is beyond a zone, 0 inside. */
export const distanceBeyond = (point: number, [low, high]: Interval): number => Math.max(0, low - point, point - high);

/** A zone whose finite edges do not belong to it, as `position` sees it. */
export const withoutEdges = ([low, high]: Interval): Interval => [
  Number.isFinite(low) ? low + inward(low) : low,
  Number.isFinite(high) ? high - inward(high) : high,
];

const TOLERANCE = 1e-9;
const inward = (edge: number): number => Math.max(2 * TOLERANCE * Math.abs(edge), Number.MIN_VALUE);
