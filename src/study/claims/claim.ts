import type { Printed } from './published.js';

/** A place in a table. */
export type CellName = readonly [row: string, column: string];

/** What a claim of any form may say about how it is to be judged. */
export interface Terms {
  /** What counts as the same, in the metric's unit. A default stands in where it is left out. */
  readonly margin?: number;
  readonly because?: string;
  /** 1 - confidence is the chance of a wrong verdict over all declared looks, if the truth is on the edge of the margin. */
  readonly confidence: number;
  readonly source?: string;
  /** The number holds on one device only; as text, on which. */
  readonly deviceBound?: true | string;
  /** Diverged seeds are left out instead of standing against a verdict. */
  readonly excludesDiverged?: boolean;
  /** Every seed gives the same value on purpose: it is compared with the zone directly. */
  readonly deterministic?: boolean;
}

/** A number in print, with the spread over its runs where the source gives one. */
export interface PublishedClaim extends Terms {
  readonly kind: 'published';
  readonly cell: CellName;
  readonly published: Printed;
  readonly spread?: { readonly sd: number; readonly runs: number };
  /** `mean`: our mean is near the printed number. `procedure`: any run of ours would be, the strict reading. */
  readonly reading: 'mean' | 'procedure';
}

/** A distribution: the runs of somebody else. */
export interface ReferenceClaim extends Terms {
  readonly kind: 'reference';
  readonly cell: CellName;
  readonly runs: readonly number[];
  /** The unit in which the source rounded; 0 where it didn't. */
  readonly printed: number;
  /** How many more runs of theirs diverged, where they were counted. */
  readonly diverged?: number;
  /** Where the file that holds them says that they are from. */
  readonly provenance?: string;
}

/** A bound of the mean, or of a share of the runs. */
export interface LimitClaim extends Terms {
  readonly kind: 'limit';
  readonly cell: CellName;
  readonly side: 'at_most' | 'at_least';
  /** A bound written as text was printed somewhere, with the rounding of its last place. */
  readonly bound: number | Printed;
  /** Of the runs, this share keeps the limit; the mean does, where it is left out. */
  readonly share?: number;
  /** Of a claim against a known number, which comes to this limit: what it says in words, and whether the bound itself breaks it. */
  readonly against?: { readonly words: string; readonly isStrict: boolean };
}

/** One cell is below (above) another, by `by` at least. */
export interface RankClaim extends Terms {
  readonly kind: 'rank';
  readonly direction: 'lower' | 'higher';
  readonly of: CellName;
  readonly than: CellName;
  readonly by: number;
  readonly paired: boolean;
  /** Of pairs: by their signs alone, where the sizes of the differences are skewed; by signed ranks, where left out. */
  readonly test?: 'sign';
  /** Against a known number: of the runs, this share keeps the order; the mean does, where it is left out. */
  readonly share?: number;
}

/** A run of one cell is below (above) one of another, by `by` at least, with a probability of `bound` at least; ties count half. */
export interface ProbabilityClaim extends Terms {
  readonly kind: 'probability';
  readonly direction: 'lower' | 'higher';
  readonly of: CellName;
  readonly than: CellName;
  readonly by: number;
  readonly paired: boolean;
  readonly bound: number;
}

/**
 * One method is below (above) another over several data sets, by `by` at least: a row of each method on each of them, paired in order. What a column takes
 * over the seeds is one value of a data set.
 */
export interface AcrossClaim extends Terms {
  readonly kind: 'across';
  readonly direction: 'lower' | 'higher';
  readonly of: readonly CellName[];
  readonly than: readonly CellName[];
  readonly by: number;
  /** By the signs of the differences alone; by signed ranks, where left out. */
  readonly test?: 'sign';
}

/**
 * Several methods differ over several data sets, or one of them is before each of the others: a row of each method on each data set, in one order. What a
 * column takes over the seeds is one value of a data set.
 */
export interface RanksClaim extends Terms {
  readonly kind: 'ranks';
  readonly methods: readonly string[];
  /** [method, data set] */
  readonly of: readonly (readonly CellName[])[];
  readonly dataSets: number;
  /** Which of the methods, from 0, is claimed to be before each of the others; that they differ, where left out. */
  readonly best?: number;
}

/** One cell is so many times another; of geometric means. */
export interface RatioClaim extends Terms {
  readonly kind: 'ratio';
  readonly of: CellName;
  readonly to: CellName;
  readonly side: 'at_most' | 'at_least';
  readonly bound: number;
  readonly paired: boolean;
}

/** Two cells are the same up to the margin. */
export interface EquivalentClaim extends Terms {
  readonly kind: 'equivalent';
  readonly of: CellName;
  readonly to: CellName;
  readonly margin: number;
  readonly paired: boolean;
}

export type Claim =
  PublishedClaim | ReferenceClaim | LimitClaim | RankClaim | ProbabilityClaim | AcrossClaim | RanksClaim | RatioClaim | EquivalentClaim;

/** Over several data sets, each of which counts once: its values are no runs. */
export const isOverDataSets = ({ kind }: Claim): boolean => kind === 'across' || kind === 'ranks';

/** The cells that a claim is about, the claimed one first. */
export function cellsOf(claim: Claim): readonly CellName[] {
  switch (claim.kind) {
    case 'published':
    case 'reference':
    case 'limit':
      return [claim.cell];
    case 'rank':
    case 'probability':
      return [claim.of, claim.than];
    case 'across':
      return [...claim.of, ...claim.than];
    case 'ranks':
      return claim.of.flat();
    case 'ratio':
    case 'equivalent':
      return [claim.of, claim.to];
    default:
      return claim satisfies never;
  }
}
