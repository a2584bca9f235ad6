import type {
  EquivalentClaim,
  LimitClaim,
  ProbabilityClaim,
  PublishedClaim,
  RankClaim,
  RatioClaim,
  ReferenceClaim,
  Claim,
  Terms,
} from '../../src/study/claims/claim.js';
import { judge, type Judging } from '../../src/study/claims/judge.js';
import { readPublished } from '../../src/study/claims/published.js';
import type { CellRuns, Sample } from '../../src/study/claims/samples.js';
import type { Verdict } from '../../src/study/verdicts/verdict.js';
import { referenceOf } from './cases.js';

/** Short ways to write claims and cells; the claimed cell is `a`, the other `b`. */

type Some<T> = Partial<Omit<T, 'kind'>>;
const A = ['a', 'x'] as const;
const B = ['b', 'x'] as const;
const terms: Terms = { confidence: 0.95 };

export function printed(text: string) {
  const number = readPublished(text);
  if (!number) throw new Error(`${text} is no number`);
  return number;
}

export const published = (text: string, margin?: number, more: Some<PublishedClaim> = {}): PublishedClaim => ({
  ...terms,
  kind: 'published',
  cell: A,
  published: printed(text),
  reading: 'mean',
  ...(margin !== undefined && { margin }),
  ...more,
});
export const d2l = (name: string, margin?: number, more: Some<ReferenceClaim> = {}): ReferenceClaim => ({
  ...terms,
  kind: 'reference',
  cell: A,
  runs: referenceOf(`time_machine_d2l.json#/perplexity/${name}`),
  printed: 0.1,
  ...(margin !== undefined && { margin }),
  ...more,
});
export const limit = (side: LimitClaim['side'], bound: LimitClaim['bound'], more: Some<LimitClaim> = {}): LimitClaim => ({
  ...terms,
  kind: 'limit',
  cell: A,
  side,
  bound,
  ...more,
});
export const rank = (direction: RankClaim['direction'], more: Some<RankClaim> = {}): RankClaim => ({
  ...terms,
  kind: 'rank',
  direction,
  of: A,
  than: B,
  by: 0,
  paired: false,
  ...more,
});
export const probability = (
  direction: ProbabilityClaim['direction'],
  bound: number,
  more: Some<ProbabilityClaim> = {},
): ProbabilityClaim => ({
  ...terms,
  kind: 'probability',
  direction,
  of: A,
  than: B,
  by: 0,
  paired: false,
  bound,
  ...more,
});
export const ratio = (bound: number, more: Some<RatioClaim> = {}): RatioClaim => ({
  ...terms,
  kind: 'ratio',
  of: A,
  to: B,
  side: 'at_least',
  bound,
  paired: false,
  ...more,
});
export const equivalent = (margin: number, more: Some<EquivalentClaim> = {}): EquivalentClaim => ({
  ...terms,
  kind: 'equivalent',
  of: A,
  to: B,
  margin,
  paired: true,
  ...more,
});

/** Finished runs of seeds 1, 2, 3, …; a value that is no number has diverged. */
export const samples = (values: readonly number[]): readonly Sample[] =>
  values.map((value, index) => ({ seed: index + 1, outcome: 'finished', value, procedure: 'p', endedAt: index }));

export const cell = (values: readonly number[], more: Partial<CellRuns> = {}): CellRuns => ({
  label: 'ours',
  seeds: [1, 2, 3, 4, 5],
  samples: samples(values),
  metric: 'train/perplexity',
  ...more,
});

export const judgeWith = (claim: Claim, a: CellRuns, b: CellRuns = cell([]), more: Partial<Judging> = {}): Verdict =>
  judge(claim, { cell: ([row]) => (row === 'a' ? a : b), interimLooks: { declared: 2, number: 1 }, device: 'CPU', ...more });

/** A cell over splits, each with the values of its seeds. */
export const overSplits = (splits: readonly (readonly number[])[], more: Partial<CellRuns> = {}): CellRuns =>
  cell([], {
    each: 'split',
    seeds: splits.map((_, index) => index + 1),
    samples: splits.map((parts, index) => ({
      seed: index + 1,
      outcome: 'finished' as const,
      value: parts.reduce((sum, each) => sum + each, 0) / parts.length,
      parts,
    })),
    ...more,
  });
