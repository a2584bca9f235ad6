import { nearest } from '../diagnostics/words.js';
import { Refusal } from '../host/exit.js';
import { partOf } from '../language/replicate.js';
import type { LaunchRequest, Trial, TrialOrder } from '../launch/launcher.js';
import { orderOf as orderFor } from '../launch/orders.js';
import { nameConfiguration } from '../planning/name-configuration.js';
import { factsOfMetric } from '../planning/recorded.js';
import type { Store } from '../record/layout.js';
import { attemptsByWork } from '../run/attempt.js';
import type { ObservedTable } from '../run/observer.js';
import { type CellName, cellsOf } from './claims/claim.js';
import type { TableConfig } from './claims/document.js';
import * as messages from './claims/messages.js';
import { type Standing, standingOf, tableStanding, type TableWork, worksOf } from './claims/plan-table.js';
import { type NamedWork, tableRunId } from './members.js';
import type { PlannedWork } from './plan-rows.js';
import type { PreparedTable } from './prepare-study.js';
import { type NextStage, nextStage } from './open-rows.js';
import { stagesOf } from './replicates.js';
import { readSettled } from './settled.js';
import { foreseeTable, judgeRecords, type Verdicts } from './verdicts.js';

export interface LeftWorks {
  readonly planned: readonly (PlannedWork & Standing)[];
  /** Works of rows whose sweep has selected nothing yet: what they are is not known. */
  readonly waiting: readonly Standing[];
  /** Of the planned ones, in the order in which they are to be trained. Where seeds come in stages, those of the next one alone. */
  readonly left: readonly PlannedWork[];
  /** Where seeds come in stages. */
  readonly next?: NextStage;
}

interface Wanted {
  /** The rows of these cells alone. */
  readonly only?: readonly string[];
  /** What an earlier engine did is left too. */
  readonly fresh?: boolean;
  /** Works that are not tried again now. */
  readonly tried?: ReadonlySet<string>;
  /** What these records come to, for whoever asks more of them: judging takes a while where seeds come in stages. */
  readonly verdicts?: () => Verdicts;
}

/** What the records lack of a table. */
export function leftOf(
  store: Store,
  prepared: PreparedTable,
  { only, fresh = false, tried, verdicts = () => judgeRecords(store, prepared) }: Wanted,
): LeftWorks {
  const settled = readSettled(store, prepared).filter(({ difference }) => !fresh || difference === undefined);
  const standing = standingOf(settled);
  const { config } = prepared.table;
  const meant = onlyCells(config, only)?.map(([row]) => row);
  const isMeant = ({ rows }: TableWork): boolean => meant === undefined || rows.some((row) => meant.includes(row));
  const planned = oneOfEach(prepared.works).flatMap((work) => (isMeant(work) ? [{ ...work, ...standing(work) }] : []));
  const unsettled = planned.filter((work) => !work.isSettled && !tried?.has(work.work));
  const stages = stagesOf(config);
  const meantAndLeft = new Set(unsettled.map(({ work }) => work));
  const next =
    stages &&
    nextStage(prepared, stages, verdicts().judged.judgements, {
      isSettled: (work) => standing(work).isSettled,
      isLeft: ({ work }) => meantAndLeft.has(work),
      chanceAtFirst: (claim) => foreseeTable(prepared, claim)?.chances[0],
    });
  const left = stages ? (next?.works ?? []) : unsettled;
  const known = new Set(prepared.works.map(({ id }) => id));
  const waiting = worksOf(config).flatMap((work) => (isMeant(work) && !known.has(work.id) ? [{ isSettled: false, isEarlier: false }] : []));
  return { planned, waiting, left: timesPairs(prepared) ? left.toSorted((a, b) => a.seed - b.seed) : left, ...(next && { next }) };
}

/** How far a table is whose seeds come in stages. */
export interface ReachedStage {
  readonly stages: number;
  /** Undefined where no row gets more seeds. */
  readonly next?: { readonly number: number; readonly rows: number; readonly trials: number; readonly done: number };
}

/** How that stands in numbers. */
export function standingOfTable({ table: { config } }: PreparedTable, { planned, waiting, left, next }: LeftWorks): ObservedTable {
  const { length: stages } = stagesOf(config)?.stages ?? [];
  const all = [...planned, ...waiting];
  if (stages === 0) return tableStanding(all);
  return tableStanding(all, stages, next && { number: next.number, stages, rows: next.rows.length, trials: left.length });
}

/**
 * Each as people know it, under the key at which it stands in the records; what is left will stand under today's. Where seeds come in stages these are
 * what has begun and `asked`, the keys of what is left of the next stage: whether there are more is not known before it is judged.
 */
export function namedWorks(store: Store, prepared: PreparedTable, asked: ReadonlySet<string>): readonly NamedWork[] {
  const works = oneOfEach(prepared.works);
  const begun = attemptsByWork(store, new Set(works.flatMap(({ counted }) => counted.map(({ key }) => key))));
  const isStaged = stagesOf(prepared.table.config) !== undefined;
  return works.flatMap(({ rows: [row = ''], seed, fold, split, work, counted }) => {
    const known = counted.find(({ key }) => begun.has(key))?.key;
    if (isStaged && known === undefined && !asked.has(work)) return [];
    return [
      {
        name: prepared.table.config.rows[row]?.label ?? row,
        seed,
        ...partOf({ fold, split }),
        work: asked.has(work) ? work : (known ?? work),
      },
    ];
  });
}

/** The works of all of a table, as far as they are asked for, and the stage that it is at, where seeds come in stages. */
export function worksSoFar(store: Store, prepared: PreparedTable): { readonly works: readonly NamedWork[]; readonly stage?: ReachedStage } {
  const { stages } = stagesOf(prepared.table.config) ?? {};
  if (!stages) return { works: namedWorks(store, prepared, new Set()) };
  const { left, next } = leftOf(store, prepared, {});
  const works = namedWorks(store, prepared, new Set(left.map(({ work }) => work)));
  return {
    works,
    stage: {
      stages: stages.length,
      ...(next && { next: { number: next.number, rows: next.rows.length, trials: next.trials, done: next.trials - left.length } }),
    },
  };
}

/** Speeds that are compared in pairs are timed one right after the other: seed by seed, and not row by row. */
export function timesPairs({ claims, table, rows }: PreparedTable): boolean {
  const isSpeed = ([row, column]: CellName): boolean => {
    const [planned, metric] = [rows[row], table.config.columns[column]?.metric];
    return planned !== undefined && metric !== undefined && factsOfMetric(planned.plan, metric).isSpeed;
  };
  return claims.some((claim) => 'paired' in claim && claim.paired && cellsOf(claim).some(isSpeed));
}

/** Rows that say the same in other words share their runs. */
const oneOfEach = (works: readonly PlannedWork[]): readonly PlannedWork[] =>
  Array.from(new Map(works.toReversed().map((work) => [work.work, work])).values()).toReversed();

/** A row of the table is to the workers what a configuration of a sweep is: its programs stay open from seed to seed. */
export function trialsOf({ table }: PreparedTable, left: readonly PlannedWork[], runs: string, launch: LaunchRequest) {
  const { config } = table;
  const rows = Object.keys(config.rows);
  const metric = Object.values(config.columns)[0]?.metric ?? '';
  const byKey = new Map(left.map((work) => [work.work, work]));
  const trials = left.map(({ rows: [row = ''], seed, fold, split, work }): Trial => ({
    configuration: rows.indexOf(row),
    seed,
    ...partOf({ fold, split }),
    work,
  }));
  const nameOf = (index: number): string => {
    const row = config.rows[rows[index] ?? ''];
    if (row?.label !== undefined) return row.label;
    const changed = Object.entries(row?.set ?? {}).map(([path, value]) => ({ path, value, from: [] }));
    return changed.length === 0 ? (rows[index] ?? '') : `${rows[index] ?? ''} (${nameConfiguration(changed)})`;
  };
  const study = { runs, metric, parent: tableRunId(config.table) };
  const orderOf = ({ configuration: _, ...trial }: Trial): TrialOrder => {
    const { file = '', sets = [] } = byKey.get(trial.work) ?? {};
    return orderFor(launch, study, { base: file, sets, ...trial });
  };
  return { trials, orderOf, nameOf, metric };
}

/** The cell that a person names; the column goes without saying where there is one only. */
export function namedCell(config: TableConfig, row: string, column: string | undefined): CellName {
  const columns = Object.keys(config.columns);
  const meant = column ?? (columns.length === 1 ? columns[0] : undefined);
  checkRow(config, row);
  if (meant === undefined) throw new Refusal('which column?', { help: `columns: ${columns.join(', ')}` });
  if (!columns.includes(meant)) throw refusal(messages.unknownColumn(meant, nearest(meant, columns), columns));
  return [row, meant];
}

/** The cells of `--only ROW` and `--only ROW,COLUMN`; undefined where all are meant. A run fills all columns of its row. */
export function onlyCells(config: TableConfig, only: readonly string[] | undefined): readonly CellName[] | undefined {
  return only?.flatMap((text): readonly CellName[] => {
    const [row = '', column] = text.split(',').map((part) => part.trim());
    if (column !== undefined) return [namedCell(config, row, column)];
    checkRow(config, row);
    return Object.keys(config.columns).map((each) => [row, each]);
  });
}

function checkRow({ rows }: TableConfig, row: string): void {
  const known = Object.keys(rows);
  if (!known.includes(row)) throw refusal(messages.unknownRow(row, nearest(row, known), known));
}

const refusal = ({ message, help }: messages.Words): Refusal => new Refusal(message, { ...(help !== undefined && { help }) });
