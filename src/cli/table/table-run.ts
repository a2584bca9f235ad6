import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { startersClaim, takeClaim } from '../../record/claim.js';
import { failedWith } from '../../record/error.js';
import { readIfThere } from '../../record/files.js';
import { experimentId, prepareStore, type RunPlace, runPlace, type Store } from '../../record/layout.js';
import type { Machine } from '../../record/machine.js';
import { reopenRun } from '../../record/reopen.js';
import { startRun } from '../../record/start.js';
import { standardTags } from '../../record/tags.js';
import type { RunWriter } from '../../record/writer.js';
import type { Surroundings } from '../work/surroundings.js';
import type { PreparedTable } from './prepare-table.js';

/** MLflow shows the tables of a store under this name. */
const EXPERIMENT = 'tables';
const LOOKS = 'looks.json';

/** By claim, the sets of seeds at which a verdict of it was printed. */
export type SeenLooks = Readonly<Record<string, readonly (readonly number[])[]>>;

/** 32 hex of the table's name: its runs in two stores become one when they are copied together. */
export const tableRunId = (table: string): string =>
  createHash('sha256')
    .update(JSON.stringify(['table', table]))
    .digest('hex')
    .slice(0, 32);

const placeOf = (store: Store, { table }: PreparedTable): RunPlace =>
  runPlace(store, experimentId(EXPERIMENT), tableRunId(table.config.table));

/** Where the table was judged before in this store. */
export function readLooks(store: Store, prepared: PreparedTable): SeenLooks {
  const text = readIfThere(store.files, join(placeOf(store, prepared).folder, 'artifacts', LOOKS));
  return text === null ? {} : (JSON.parse(text) as SeenLooks);
}

/** The table's own run: what stands above its members in MLflow, with its document and the looks. */
export interface TableRun {
  keepLooks(looks: SeenLooks): void;
  finish(how: 'FINISHED' | 'FAILED' | 'KILLED'): void;
}

/** Undefined while another process has it. */
export function openTableRun(
  store: Store,
  prepared: PreparedTable,
  { machine, around }: { readonly machine: Machine; readonly around: Surroundings },
): TableRun | undefined {
  prepareStore(store);
  const opened = beginRun(store, prepared, machine, around) ?? continueRun(store, prepared, machine);
  if (!opened) return undefined;
  const { writer, claim } = opened;
  writer.artifact(`source/${prepared.file.split(/[\\/]/).at(-1) ?? 'table.yaml'}`, prepared.table.doc.text);
  return {
    keepLooks: (looks) => writer.artifact(LOOKS, `${JSON.stringify(looks, null, 1)}\n`),
    finish(how) {
      writer.finish(how, Date.now());
      claim.release();
    },
  };
}

interface Opened {
  readonly writer: RunWriter;
  readonly claim: { release(): void };
}

function beginRun(store: Store, prepared: PreparedTable, machine: Machine, { user, git }: Surroundings): Opened | undefined {
  const { config } = prepared.table;
  const place = placeOf(store, prepared);
  if (store.files.stat(join(place.folder, 'meta.yaml'))) return undefined;
  const note = config.description ?? config.title;
  try {
    const writer = startRun(store, {
      experiment: EXPERIMENT,
      runId: place.runId,
      runName: config.table,
      user,
      startTime: Date.now(),
      parameters: { table: config.table },
      tags: {
        ...standardTags({ user, source: prepared.file, sourceType: 'LOCAL', git, ...(note !== undefined && { note }) }),
        'retable.table': config.table,
      },
      datasets: [],
      owner: machine.self,
    });
    return { writer, claim: startersClaim(store, writer.run, machine) };
  } catch (error) {
    if (failedWith(error, 'EEXIST')) return undefined;
    throw error;
  }
}

function continueRun(store: Store, prepared: PreparedTable, machine: Machine): Opened | undefined {
  const place = placeOf(store, prepared);
  const taken = takeClaim(store, place, machine, Date.now());
  return taken.kind === 'held' ? undefined : { writer: reopenRun(store, place), claim: taken.claim };
}
