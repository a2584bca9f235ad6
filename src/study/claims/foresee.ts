import { createStreams, type Stream } from '../../random/streams.js';
import { ANYWHERE, mean, standardDeviation } from '../../statistics/means.js';
import { firstSeeds } from '../replicates.js';
import { isDecided } from '../verdicts/verdict.js';
import { type CellName, cellsOf, type Claim } from './claim.js';
import { judge } from './judge.js';
import { pairsOf } from './pairs.js';
import { type CellRuns, type Sample, seriesOf, valuesOf } from './samples.js';

/** How the values of a cell are expected to fall before it has any. */
interface Expected {
  readonly mean: number;
  readonly sd: number;
}

/** As the runs of a source say that are claimed to be reproduced, where they have a spread: first those of the claim itself. */
export const expectedBy =
  (claim: Claim, claims: readonly Claim[]) =>
  (name: CellName): Expected | undefined =>
    [claim, ...claims].map((each) => sourceOf(each, name)).find(Boolean);

function sourceOf(claim: Claim, [row, column]: CellName): Expected | undefined {
  if ((claim.kind !== 'reference' && claim.kind !== 'published') || claim.cell[0] !== row || claim.cell[1] !== column) return undefined;
  if (claim.kind === 'published') return claim.spread && { mean: claim.published.value, sd: claim.spread.sd };
  const { runs, printed } = claim;
  return runs.length < 2 ? undefined : { mean: mean(runs), sd: Math.max(standardDeviation(runs), printed / Math.sqrt(12)) };
}

interface Foreseeing {
  /** With the seeds of the complete stages alone. */
  readonly cell: (name: CellName) => CellRuns;
  readonly device: string;
  /** Seeds of every stage. */
  readonly counts: readonly number[];
  /** How many stages are complete. */
  readonly complete: number;
  /** What stands in for values where no stage is complete. */
  readonly expected?: (name: CellName) => Expected | undefined;
}

export interface Foresight {
  /** The chance that each stage, from the first, is the one that decides. */
  readonly chances: readonly number[];
  /** In each simulated future, how many seeds there are when the claim is decided, or no number of them decides, or stages end. */
  readonly ends: readonly number[];
}

/** As many futures tell a chance of 5 % within 1.5 %. */
const FUTURES = 200;

/**
 * What may come of a claim whose seeds are added in stages, by judging many futures of it. A future keeps the seeds that are there and draws the others
 * from a normal distribution; its mean m' and its spread s' are themselves drawn, as n seeds of mean m and spread s leave them open (the
 * posterior of Jeffreys' prior: what Bayesians call predictive power, Spiegelhalter, Freedman and Blackburn 1986):
 *
 *     s'² = (n - 1) s² / X        X ~ chi² of n - 1 degrees of freedom
 *     m'  ~ N(m, s'² / n)
 *
 * Of pairs it is the differences that are drawn so. Without seeds, m and s are taken as they are expected. The stream of a cell hangs on its name and its
 * stage alone: everyone who asks is told the same, and claims about one cell see the same futures. Undefined where nothing tells of a cell.
 */
export function foresee(claim: Claim, { cell, device, counts, complete, expected }: Foreseeing): Foresight | undefined {
  const names = cellsOf(claim);
  const cells = names.map(cell);
  // Of seeds to come it is not drawn whether they diverge.
  if (cells.some(({ overSeeds }) => overSeeds === 'failures')) return undefined;
  const most = counts.at(-1) ?? 0;
  const draws = names.map((name, index) => valuesDrawn(cells[index], streamOf(name, complete), expected?.(name)));
  if (draws.some((draw, index) => !draw && cells[index]?.known === undefined)) return undefined;
  const [first, second] = cells;
  const pairs = 'paired' in claim && claim.paired && complete > 0 && first && second ? pairsOf(seriesOf(first), seriesOf(second)) : [];
  const differs =
    pairs.length > 1
      ? drawer(
          pairs.map(({ a, b }) => a - b),
          streamOf(names.flat(), complete),
        )
      : undefined;
  const decided = counts.map(() => 0);
  const ends: number[] = [];
  for (let future = 0; future < FUTURES; future++) {
    const values = draws.map((draw) => draw?.(most));
    const [, base] = values;
    if (differs && base) values[0] = differs(most).map((difference, index) => difference + (base[index] ?? 0));
    const grown = new Map(names.map((name, index) => [name.join('\n'), cells[index] && withValues(cells[index], values[index])]));
    ends.push(endOf(grown));
  }
  return { chances: decided.map((count) => count / FUTURES), ends };

  function endOf(grown: ReadonlyMap<string, CellRuns | undefined>): number {
    for (let index = complete; index < counts.length; index++) {
      const seeds = counts[index] ?? 0;
      const upTo = (name: CellName): CellRuns => {
        const runs = grown.get(name.join('\n')) ?? cell(name);
        return runs.known === undefined ? { ...runs, samples: runs.samples.filter(({ seed }) => seed <= seeds) } : runs;
      };
      const { kind, further } = judge(claim, {
        cell: upTo,
        interimLooks: { declared: counts.length, number: index + 1, stages: counts },
        device,
      });
      if (isDecided(kind)) {
        decided[index] = (decided[index] ?? 0) + 1;
        return seeds;
      }
      if (further === 'never') return seeds;
    }
    return most;
  }
}

/**
 * Whether not even runs of which all of one cell lie below all of the other decide an order with so many seeds: five pairs have p = 0.031 at the least.
 * False of claims of other forms.
 */
export function cannotDecide(claim: Claim, counts: readonly number[], seeds: number): boolean {
  if (claim.kind !== 'rank' && claim.kind !== 'probability') return false;
  const apart = (sign: number): CellRuns => ({
    label: '',
    seeds: firstSeeds(seeds),
    samples: firstSeeds(seeds).map((seed) => ({ seed, outcome: 'finished', value: sign * (2 * claim.by + 1 + seed / (2 * seeds)) })),
  });
  const [below, above] = [apart(-1), apart(1)];
  const [of, than] = claim.direction === 'lower' ? [below, above] : [above, below];
  const interimLooks = { declared: counts.length, number: 1, stages: counts };
  const cell = (name: CellName): CellRuns => (name.join('\n') === claim.of.join('\n') ? of : than);
  return judge(claim, { cell, interimLooks, device: '' }).kind === 'inconclusive';
}

const streamOf = (name: readonly string[], complete: number): Stream =>
  createStreams(1).stream(JSON.stringify(['stages', ...name]), complete);

type Draw = (count: number) => readonly number[];

/** Undefined of a known number, and where nothing tells. */
function valuesDrawn(runs: CellRuns | undefined, stream: Stream, expected: Expected | undefined): Draw | undefined {
  if (!runs || runs.known !== undefined) return undefined;
  const [least, most] = runs.range ?? ANYWHERE;
  const values = valuesOf(seriesOf(runs));
  const draw = values.length > 1 ? drawer(values, stream) : expected && likeExpected(expected, stream);
  return draw && ((count) => draw(count).map((value) => Math.min(most, Math.max(least, value))));
}

const likeExpected =
  ({ mean: center, sd }: Expected, stream: Stream): Draw =>
  (count) =>
    Array.from({ length: count }, () => center + sd * stream.normal());

/** Values like these, of a mean and a spread that so many leave open. */
function drawer(values: readonly number[], stream: Stream): Draw {
  const n = values.length;
  const [center, sd] = [mean(values), standardDeviation(values)];
  return (count) => {
    const squares = Array.from({ length: n - 1 }, () => stream.normal() ** 2).reduce((a, b) => a + b, 0);
    const spread = sd * Math.sqrt((n - 1) / squares);
    const middle = center + (spread / Math.sqrt(n)) * stream.normal();
    return Array.from({ length: count }, () => middle + spread * stream.normal());
  };
}

/** The seeds that a cell has, and values for those that it lacks. */
function withValues(runs: CellRuns, values: readonly number[] | undefined): CellRuns {
  if (!values) return runs;
  const there = new Set(runs.samples.map(({ seed }) => seed));
  const procedure = runs.procedure ?? runs.samples.at(-1)?.procedure;
  const added = firstSeeds(values.length).flatMap((seed): readonly Sample[] =>
    there.has(seed) ? [] : [{ seed, outcome: 'finished', value: values[seed - 1] ?? 0, ...(procedure !== undefined && { procedure }) }],
  );
  return { ...runs, seeds: firstSeeds(values.length), samples: [...runs.samples, ...added] };
}
