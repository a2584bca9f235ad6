import { type CellName, cellsOf, type Claim } from '../../study/claims/claim.js';
import { plain } from '../../diagnostics/numbers.js';
import { ANYWHERE, around, type Interval, mean, within } from '../../statistics/means.js';
import type { Judgement } from '../../study/claims/facts.js';
import type { Numbers } from '../../study/verdicts/verdict.js';
import type { Bar, Dot, Strip } from './strip.js';
import { rowOf, type TableEvidence } from './table-evidence.js';

/** What a claim compares, as a picture, as far as values can lie; of a cell that nobody claims anything about, its runs alone. */
export function stripOf({ claim, verdict: { kind, numbers }, range }: Judgement, evidence: TableEvidence): Strip {
  const [ours = [], others] = cellsOf(claim).map((cell) => dotsOf(evidence, cell));
  // Of one or two seeds an interval says nothing, and decides nothing.
  const { interval: _, ...withoutInterval } = numbers;
  const otherValues = others?.map(({ value }) => value) ?? [];
  return {
    kind,
    bars: [],
    runs: ours,
    ...(others && { others }),
    ...possible(against(claim, numbers.n < 3 ? withoutInterval : numbers, otherValues), range),
    ...(range && { range }),
  };
}

/** Zones and intervals come from formulas that know no end: no share is above 1. */
const possible = ({ zone, printed, interval, ...strip }: Partial<Strip>, range: Interval = ANYWHERE): Partial<Strip> => ({
  ...strip,
  ...(zone && { zone: within(zone, range) }),
  ...(printed && { printed: within(printed, range) }),
  ...(interval && { interval: { ...interval, ends: within(interval.ends, range) } }),
});

export const stripOfRuns = (cell: CellName, evidence: TableEvidence): Strip => ({
  kind: 'not_claimable',
  bars: [],
  runs: dotsOf(evidence, cell),
});

/** Everything in the units of the cell: an interval of a difference is moved to where the other side is. */
function against(
  claim: Claim,
  { interval, zone, mean: ours, margin, reference, difference, ratio }: Numbers,
  others: readonly number[],
): Partial<Strip> {
  switch (claim.kind) {
    case 'published': {
      const { value, unit } = claim.published;
      const center = claim.spread ? value : 0;
      return {
        target: value,
        printed: around(value, unit / 2),
        zone: zone ? [zone[0] + center, zone[1] + center] : around(value, unit / 2 + (claim.margin ?? unit)),
        ...(interval && ours !== undefined && { interval: { ends: [interval[0] + center, interval[1] + center], center: ours } }),
      };
    }
    case 'reference': {
      const target = reference?.mean ?? mean(claim.runs);
      return {
        target,
        bars: barsOf(claim.runs, claim.printed),
        ...(margin !== undefined ? { zone: around(target, margin) } : claim.margin !== undefined && { zone: around(target, claim.margin) }),
        ...(interval &&
          difference !== undefined && { interval: { ends: [target + interval[0], target + interval[1]], center: target + difference } }),
      };
    }
    case 'limit': {
      const bound = typeof claim.bound === 'number' ? claim.bound : claim.bound.value;
      const isOfMean = claim.share === undefined; // else the interval is that of a share
      return {
        target: bound,
        zone: (isOfMean && zone) || (claim.side === 'at_most' ? [-Infinity, bound] : [bound, Infinity]),
        ...(isOfMean && interval && ours !== undefined && { interval: { ends: interval, center: ours } }),
      };
    }
    case 'rank':
    case 'probability':
      return {};
    case 'ratio': {
      if (!interval || ratio === undefined) return {};
      const one = Math.exp(mean(others.map(Math.log)));
      const from = claim.bound * one;
      return {
        target: from,
        zone: claim.side === 'at_least' ? [from, Infinity] : [-Infinity, from],
        interval: { ends: [interval[0] * one, interval[1] * one], center: ratio * one },
      };
    }
    case 'equivalent': {
      if (others.length === 0) return {};
      const target = mean(others);
      const ends = interval && ([target + interval[0], target + interval[1]] as const);
      return { target, zone: around(target, claim.margin), ...(ends && { interval: { ends, center: (ends[0] + ends[1]) / 2 } }) };
    }
    default:
      return claim satisfies never;
  }
}

/** One bar a printed value; values that were not rounded are gathered in as many bars as keep their shape. */
function barsOf(runs: readonly number[], printed: number): readonly Bar[] {
  const [low, high] = [runs.reduce((a, b) => Math.min(a, b), Infinity), runs.reduce((a, b) => Math.max(a, b), -Infinity)];
  const width = printed > 0 ? printed : Math.max((high - low) / Math.max(1, Math.ceil(2 * Math.sqrt(runs.length))), 1e-12 * Math.abs(high));
  const counts = new Map<number, number>();
  for (const run of runs) {
    const bin = printed > 0 ? Math.round(run / width) : Math.min(Math.floor((run - low) / width), Math.ceil((high - low) / width) - 1);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 0);
  return Array.from(counts, ([bin, count]) => {
    const value = printed > 0 ? bin * width : low + (bin + 0.5) * width;
    const at = printed > 0 ? `printed ${plain(value)}` : `about ${Number(value.toPrecision(4))}`;
    return { value, width: 0.86 * width, height: count / most, title: `${count} of ${runs.length} runs ${at}` };
  });
}

const dotsOf = (evidence: TableEvidence, name: CellName): readonly Dot[] =>
  (rowOf(evidence, name)?.runs ?? []).flatMap(({ id, seed, outcome, values }) => {
    const value = values[name[1]];
    if (outcome !== 'finished' || value === undefined) return [];
    return [{ value, title: `seed ${seed}: ${Number(value.toPrecision(6))}, run ${id.slice(0, 8)}` }];
  });
