import { join } from 'node:path';
import { isObject, readJsonIfThere } from '../record/json.js';
import { experimentId, runPlace, type Store } from '../record/layout.js';
import type { Machine } from '../record/machine.js';
import { documentRunId, openDocumentRun } from './document-run.js';
import type { NamedWork } from './live-works.js';
import { formatMembers, MEMBERS } from './members.js';
import type { Surroundings } from '../run/surroundings.js';
import type { PreparedTable } from './prepare-table.js';

/** MLflow shows the tables of a store under this name. */
export const EXPERIMENT = 'tables';
const LOOKS = 'looks.json';

/** By claim, the sets of seeds at which a verdict of it was printed; under `DECLARED` the numbers of looks that were declared then, each alone. */
export type SeenLooks = Readonly<Record<string, readonly (readonly number[])[]>>;

export const DECLARED = 'declared';

export const tableRunId = (table: string): string => documentRunId('table', table);

/** Where the table was judged before in this store. */
export function readLooks(store: Store, { table }: PreparedTable): SeenLooks {
  const { folder } = runPlace(store, experimentId(EXPERIMENT), tableRunId(table.config.table));
  return readJsonIfThere<SeenLooks>(store.files, join(folder, 'artifacts', LOOKS), areLooks) ?? {};
}

const areLooks = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every((sets) => Array.isArray(sets) && sets.every(Array.isArray));

/** The table's own run: what stands above its members in MLflow, with its document and the looks. */
export interface TableRun {
  keepLooks(looks: SeenLooks): void;
  /** Under the keys under which they are trained. */
  keepMembers(members: readonly NamedWork[]): void;
  finish(how: 'FINISHED' | 'FAILED' | 'KILLED'): void;
}

/** Undefined while another process has it. */
export async function openTableRun(
  store: Store,
  { table, file }: PreparedTable,
  { machine, around }: { readonly machine: Machine; readonly around: Surroundings },
): Promise<TableRun | undefined> {
  const { config, doc } = table;
  const start = {
    experiment: EXPERIMENT,
    runId: tableRunId(config.table),
    runName: config.table,
    parameters: { table: config.table },
    tags: { 'retable.table': config.table },
    file,
    text: doc.text,
    note: config.description ?? config.title,
  };
  const opened = await openDocumentRun(store, start, machine, around);
  if (!opened) return undefined;
  return {
    keepMembers: (members) =>
      opened.writer.artifact(MEMBERS, formatMembers(members.map(({ name, seed, work }) => ({ work, configuration: name, seed })))),
    keepLooks: (looks) => opened.writer.artifact(LOOKS, `${JSON.stringify(looks, null, 1)}\n`),
    finish: opened.finish,
  };
}
