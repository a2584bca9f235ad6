import { mean, standardDeviation } from '../../statistics/means.js';
import { isDecided, type Verdict, type VerdictKind } from '../verdicts/verdict.js';
import type { Claim } from './claim.js';
import { judge, type Judging } from './judge.js';
import { kindOver } from './over-seeds.js';
import { seriesOf, valuesOf } from './samples.js';

/** What a verdict would be with one run more, which went wrong. */
export interface OneAccident {
  readonly value: number;
  /** What that value is: the best answer that ignores the input, the worst that there can be, or ten of our spreads out. */
  readonly from: 'chance' | 'worst' | 'far';
  readonly verdict: VerdictKind;
}

/**
 * Skewed runs are what a verdict on a mean cannot see: five seeds miss an outcome of one run in thirty mostly. So it is asked what one such run more would
 * make of it. Of a decided claim about what is taken over the seeds of one cell; undefined of any other, and over splits, whose means a single run moves by
 * a part only.
 */
export function oneAccident(claim: Claim, { kind }: Verdict, judging: Judging): OneAccident | undefined {
  if (claim.kind !== 'published' && claim.kind !== 'reference' && (claim.kind !== 'limit' || claim.share !== undefined)) return undefined;
  const runs = judging.cell(claim.cell);
  const isTaken = ['mean', 'median', 'interquartile_mean'].includes(kindOver(runs.overSeeds));
  if (!isDecided(kind) || runs.known !== undefined || runs.each !== undefined || !isTaken) return undefined;
  const { better = 'lower', chance, range: [least, most] = [-Infinity, Infinity], samples, seeds } = runs;
  const values = valuesOf(seriesOf(runs));
  const [center, sd] = [mean(values), standardDeviation(values)];
  const isBad = (value: number): boolean => Number.isFinite(value) && (better === 'lower' ? value > center : value < center);
  const worst = better === 'lower' ? most : least;
  const far = center + (better === 'lower' ? 10 : -10) * sd;
  const candidates = [
    { value: chance ?? Number.NaN, from: 'chance' },
    { value: worst, from: 'worst' },
    { value: far, from: 'far' },
  ] as const;
  const accident = candidates.find(({ value }) => isBad(value));
  if (!accident) return undefined;
  const last = samples.reduce((newest, sample) => ((sample.endedAt ?? 0) >= (newest?.endedAt ?? 0) ? sample : newest), samples[0]);
  const seed = 1 + Math.max(...seeds, ...samples.map((sample) => sample.seed));
  const { run: _, difference: __, ...made } = { ...last, seed, outcome: 'finished' as const, value: accident.value };
  const cell: Judging['cell'] = () => ({ ...runs, seeds: [...seeds, seed], samples: [...samples, made] });
  return { ...accident, verdict: judge(claim, { ...judging, cell }).kind };
}
