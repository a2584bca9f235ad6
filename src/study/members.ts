import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { partOf, type Replicate } from '../language/replicate.js';
import { isObject, readJsonIfThere } from '../record/files.js';
import { experimentId, runPlace, type Store } from '../record/layout.js';

/** 32 hex of what names a document: its runs in two stores become one when they are copied together. */
const idOf = (...names: readonly string[]): string => createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32);

export const sweepRunId = (experiment: string, sweep: string): string => idOf('sweep', experiment, sweep);
export const tableRunId = (table: string): string => idOf('table', table);
/** MLflow shows the tables of a store under this name. */
export const TABLES = 'tables';

export const SWEEP_TAG = 'retable.sweep';
export const TABLE_TAG = 'retable.table';

/** Of which sweep or table a run is the own one, by its tags; undefined of a run that trained. */
export function studyOfRun(
  tags: Readonly<Record<string, string | undefined>>,
): { readonly kind: 'sweep' | 'table'; readonly name: string } | undefined {
  const { [SWEEP_TAG]: sweep, [TABLE_TAG]: table } = tags;
  if (sweep !== undefined) return { kind: 'sweep', name: sweep };
  return table === undefined ? undefined : { kind: 'table', name: table };
}

/** A trial of a sweep or a run of a table, as people know it. */
export interface NamedWork extends Replicate {
  readonly name: string;
  readonly work: string;
  /** Of a sweep, as its own run lists it: what it sets, by path; and whether it was left behind when configurations were compared. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly pruned?: true;
}

/** The list, as an artifact of a study's own run. */
export const MEMBERS = 'members.json';

/** Of the run of this id; none where it has kept no list. */
export function readMembers(store: Store, experiment: string, runId: string): readonly NamedWork[] {
  const { folder } = runPlace(store, experimentId(experiment), runId);
  const members = readJsonIfThere<readonly Member[]>(store.files, join(folder, 'artifacts', MEMBERS), areMembers) ?? [];
  return members.map(({ configuration, seed, fold, split, work, set, state }) => ({
    name: configuration,
    seed,
    ...partOf({ fold, split }),
    work,
    ...(isObject(set) && { set }),
    ...(state === 'pruned' && { pruned: true }),
  }));
}

/** A trial in the list that a study's own run keeps, a line each: the study can be asked about where its documents are not. */
export interface Member extends Replicate {
  /** A configuration of a sweep, a row of a table, as people know it. */
  readonly configuration: string;
  readonly work: string;
  /** Of a sweep: what it sets, by path. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Of a sweep: how it stands, and which run it is. */
  readonly state?: string;
  readonly run?: string;
}

const areMembers = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((each) => isObject(each) && typeof each['work'] === 'string' && typeof each['configuration'] === 'string');
