import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeFolders, readIfThere, replaceWhole } from '../record/files.js';
import { ownFolder, sharedTemporaryFile, type RunPlace, type Store } from '../record/layout.js';

/**
 * How far one run is known to one server, in `.retable/sync/SERVER.json` of the run. Losing it loses nothing: all is sent again, and the
 * server knows most of it.
 */
export interface SyncState {
  readonly server: string;
  /** The run's id there; empty before it is known. */
  remoteRun: string;
  /** Bytes of each metric file whose points have arrived. */
  readonly offsets: Record<string, number>;
  readonly artifacts: Record<string, SentArtifact>;
  /** What the server will not take, and why; it is not sent again. */
  refused: readonly Refusal[];
  /** The record as it was when all of it was found equal on the server; empty when it wasn't. */
  settled: string;
}

export interface SentArtifact {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly sha256: string;
}

export interface Refusal {
  readonly kind: 'metric' | 'param' | 'tag' | 'dataset' | 'artifact';
  readonly key: string;
  /** Of a metric. */
  readonly step?: number;
  readonly reason: string;
}

export const freshState = (server: string): SyncState => ({
  server,
  remoteRun: '',
  offsets: {},
  artifacts: {},
  refused: [],
  settled: '',
});

/** What can't be read counts as lost. */
export function readState(store: Store, run: RunPlace, server: string): SyncState {
  const text = readIfThere(store.files, stateFile(run, server));
  if (text === null) return freshState(server);
  try {
    const state = JSON.parse(text) as SyncState;
    return state.server === server ? { ...freshState(server), ...state } : freshState(server);
  } catch {
    return freshState(server);
  }
}

export function writeState(store: Store, run: RunPlace, state: SyncState): void {
  makeFolders(store.files, syncFolder(run));
  replaceWhole(store.files, stateFile(run, state.server), `${JSON.stringify(state)}\n`, sharedTemporaryFile(syncFolder(run)));
}

/** The claims on sending this run to this server. */
export const syncClaims = (run: RunPlace, server: string): string => join(syncFolder(run), `${nameOf(server)}.claims`);

const syncFolder = (run: RunPlace): string => join(ownFolder(run), 'sync');
const stateFile = (run: RunPlace, server: string): string => join(syncFolder(run), `${nameOf(server)}.json`);
const nameOf = (server: string): string => createHash('sha256').update(server).digest('hex').slice(0, 16);
