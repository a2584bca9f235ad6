import type { CellName, Claim } from './claim.js';
import type { TableConfig } from './document.js';
import type { Replicate } from '../../language/replicate.js';
import { type ByExamples, overRuns } from '../by-examples.js';
import { bySample, foldsOf, replicatesOf, sampleOf, samplesAsked, seedsOf } from '../replicates.js';
import { plain, plural } from '../../diagnostics/numbers.js';
import type { ObservedStage, ObservedTable } from '../../run/observer.js';
import { levelOf } from './interim-looks.js';
import { type CellRuns, overParts, type Sample } from './samples.js';
import { halfWidthInSd, neededSeeds, standardDeviation } from '../../statistics/means.js';
import { marginOf } from './zones.js';

/** One training that the table needs: an experiment, what is changed in it, and a seed. Rows that differ in name only share it. */
export interface TableWork extends Replicate {
  /** Equal for equal base, changes, seed, fold and split. */
  readonly id: string;
  readonly rows: readonly string[];
  readonly base: string;
  readonly set: Readonly<Record<string, unknown>>;
}

/** What became of a work, as its record says. */
export interface SettledWork {
  readonly id: string;
  readonly outcome: Sample['outcome'];
  /** By column: its metric at its epoch, where recorded. */
  readonly values: Readonly<Record<string, number>>;
  /** By column: how far other examples might move that value, where the run keeps it. */
  readonly byExamples?: Readonly<Record<string, ByExamples>>;
  readonly procedure?: string;
  readonly difference?: string;
  readonly endedAt?: number;
  readonly run?: string;
}

export interface PlannedCell {
  readonly name: CellName;
  /** Seeds that are settled, finished or diverged; or splits of which all seeds are. */
  readonly have: readonly number[];
  readonly missing: readonly number[];
  /** Of a row that nobody trains, its number, where its baseline has one. */
  readonly known?: number;
}

/** Whether a work is done, and whether that was by an engine as it no longer is. */
export interface Standing {
  readonly isSettled: boolean;
  readonly isEarlier: boolean;
}

export interface TablePlan {
  readonly works: readonly (TableWork & Standing)[];
  readonly cells: readonly PlannedCell[];
  readonly prospects: readonly Prospect[];
}

/** Rows that train x seeds; a column costs nothing more. `only` narrows it to the rows of some cells. */
export function planTable(
  config: TableConfig,
  claims: readonly Claim[],
  settled: readonly SettledWork[],
  only?: readonly CellName[],
  known: (name: CellName) => number | undefined = () => undefined,
): TablePlan {
  const standing = standingOf(settled);
  const wanted = new Set(only?.map(([row]) => row) ?? Object.keys(config.rows));
  const works = worksOf(config).flatMap((work) => (work.rows.some((row) => wanted.has(row)) ? [{ ...work, ...standing(work) }] : []));
  const cells = cellNames(config).filter(([row]) => wanted.has(row));
  return {
    works,
    cells: cells.map((name) => plannedCell(name, works, known(name))),
    prospects: claims.flatMap((claim, index) => prospectOf(claim, index, config)).filter(({ cell: [row] }) => wanted.has(row)),
  };
}

/** Crashed works are to be repeated. */
export function standingOf(settled: readonly SettledWork[]): (work: Pick<TableWork, 'id'>) => Standing {
  const done = new Map(settled.flatMap((work) => (work.outcome === 'crashed' ? [] : [[work.id, work]])));
  return ({ id }) => ({ isSettled: done.has(id), isEarlier: done.get(id)?.difference !== undefined });
}

/** A table in numbers: its runs, and those of them that are done; where seeds come in stages, how many there are and which one is next. */
export const tableStanding = (works: readonly Standing[], stages?: number, next?: ObservedStage): ObservedTable => ({
  kind: 'table',
  runs: works.length,
  done: works.filter(({ isSettled }) => isSettled).length,
  earlier: works.filter(({ isEarlier }) => isEarlier).length,
  ...(stages !== undefined && { stages }),
  ...(next && { next }),
});

export const cellNames = ({ rows, columns }: TableConfig): readonly CellName[] =>
  Object.keys(rows).flatMap((row) => Object.keys(columns).map((column) => [row, column] as const));

/** In the order of the rows, then of the seeds and of their folds, or of the splits and of their seeds; `folds: all` stands for what was counted. */
export function worksOf(config: TableConfig): readonly TableWork[] {
  const works = new Map<string, TableWork>();
  for (const [row, { base: named, sweep = '', baseline, set = {} }] of Object.entries(config.rows)) {
    if (baseline !== undefined) continue;
    // Of a sweep that has selected nothing yet, its name stands for what it will select.
    const base = named ?? sweep;
    for (const replicate of replicatesOf(config, foldsOf(config, undefined))) {
      const id = workId(base, set, replicate);
      works.set(id, { id, base, set, ...replicate, rows: [...(works.get(id)?.rows ?? []), row] });
    }
  }
  return Array.from(works.values());
}

/** Every cell asks for its own: what all ask of a table, and of its records, is sorted once. */
const worksByRow = once((config: TableConfig) => grouped(worksOf(config).flatMap((work) => work.rows.map((row) => [row, work] as const))));
const settledById = once((settled: readonly SettledWork[]) => grouped(settled.map((each) => [each.id, each] as const)));

/** The values of each key, in their order. */
function grouped<T>(entries: readonly (readonly [key: string, value: T])[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, value] of entries) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** A function of an object that never changes, whose value is kept as long as the object is. */
function once<Of extends object, T>(make: (of: Of) => T): (of: Of) => T {
  const made = new WeakMap<Of, T>();
  return (of) => {
    const value = made.get(of) ?? make(of);
    made.set(of, value);
    return value;
  };
}

/** What the records say of a cell, as verdicts want it. */
export function cellRuns(
  [row, column]: CellName,
  config: TableConfig,
  settled: readonly SettledWork[],
  facts: Omit<CellRuns, 'label' | 'each' | 'seeds' | 'samples' | 'byExamples' | 'metric' | 'unit' | 'at' | 'digits' | 'overSeeds'> = {},
): CellRuns {
  const { metric = '', unit, at, digits, over_seeds: overSeeds } = config.columns[column] ?? {};
  const works = worksByRow(config).get(row) ?? [];
  const settledOf = ({ id }: TableWork): readonly SettledWork[] => settledById(settled).get(id) ?? [];
  const samplesOf = (work: TableWork): readonly Sample[] =>
    settledOf(work).map(({ id: _, values, byExamples: __, ...rest }): Sample => ({
      ...rest,
      seed: sampleOf(work),
      ...(values[column] !== undefined && { value: values[column] }),
    }));
  const samples = Array.from(bySample(works, sampleOf).values()).flatMap((parts) => overParts(parts.map(samplesOf)));
  const areTestedAlike = config.folds === undefined && config.splits === undefined;
  const byExamples = areTestedAlike
    ? overRuns(works.flatMap((work) => settledOf(work).map((each) => each.byExamples?.[column])))
    : undefined;
  return {
    ...facts,
    label: config.rows[row]?.label ?? row,
    ...(config.splits !== undefined && { each: 'split' as const }),
    seeds: samplesAsked(config),
    samples,
    ...(byExamples && { byExamples }),
    metric,
    ...(unit !== undefined && { unit }),
    ...(at !== undefined && { at }),
    ...(overSeeds !== undefined && { overSeeds }),
    ...(digits !== undefined && { digits }),
  };
}

/** What the seeds that are planned can decide about a claim whose reference gives the spread. */
export interface Prospect {
  /** The claim's number in the document, from 0. */
  readonly claim: number;
  readonly cell: CellName;
  /** The reference, as the document calls it: its `source`, or where it stands. */
  readonly against: string;
  readonly seeds: number;
  readonly sd: number;
  readonly margin: number;
  /** Half the width that the interval of the mean will have. */
  readonly halfWidth: number;
  /** Seeds that decide with four chances in five if there is no difference; none up to 1000 do, where it is missing. */
  readonly enough?: number;
  readonly wording: string;
}

function prospectOf(claim: Claim, index: number, config: TableConfig): readonly Prospect[] {
  if (claim.kind !== 'reference' || claim.runs.length < 2) return [];
  const seeds = seedsOf(config).length;
  const sd = Math.max(standardDeviation(claim.runs), claim.printed / Math.sqrt(12));
  const margin = marginOf(claim);
  const { alpha } = levelOf('reference', { declared: config.looks, number: 1 }, claim.confidence);
  const fixedVariance = sd ** 2 / claim.runs.length;
  const needed = neededSeeds({ mean: 0, sd, n: 2, zone: [-margin, margin], alpha, fixedVariance });
  const halfWidth = seeds < 2 ? Infinity : halfWidthInSd(seeds, alpha) * sd;
  const enough = needed?.total;
  const against = claim.source ?? config.claims[index]?.reference ?? 'the reference';
  const numbers = { claim: index, cell: claim.cell, against, seeds, sd, margin, halfWidth, ...(enough !== undefined && { enough }) };
  return [{ ...numbers, wording: say(numbers) }];
}

function say({ cell: [row, column], against, seeds, sd, margin, enough }: Omit<Prospect, 'wording'>): string {
  const asked = `${row} ${column} against ${against}: a margin of ${plain(margin)} is ${(margin / sd).toFixed(1)} standard deviations of the reference`;
  if (enough === undefined) return `${asked}; no number of seeds up to 1000 is likely to decide`;
  if (seeds >= enough) return `${asked}; ${plural(seeds, 'seed')} will probably decide if there is no difference`;
  return `${asked}; ${plural(seeds, 'seed')} will rarely decide, ${enough} would (4 chances in 5, if there is no difference)`;
}

function plannedCell(name: CellName, works: TablePlan['works'], known: number | undefined): PlannedCell {
  const mine = works.filter(({ rows }) => rows.includes(name[0]));
  const samples = Array.from(bySample(mine, sampleOf));
  const ofState = (isDone: boolean) =>
    samples.flatMap(([number, parts]) => (parts.every(({ isSettled }) => isSettled) === isDone ? [number] : []));
  return { name, have: ofState(true), missing: ofState(false), ...(known !== undefined && { known }) };
}

const workId = (base: string, set: Readonly<Record<string, unknown>>, { seed, fold, split }: Replicate): string =>
  JSON.stringify([base, Object.entries(set).toSorted(([a], [b]) => (a < b ? -1 : 1)), seed, fold, split]);
