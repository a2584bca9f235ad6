import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { listIfThere, makeFolders, readIfThere, replaceWhole } from '../record/files.js';
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
  /** What the server will not take, and why; it is not sent again by itself. */
  refused: readonly Refusal[];
  /** The record as it was when all of it was found equal on the server; empty when it wasn't. */
  settled: string;
}

interface SentArtifact {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Of what was sent. */
  readonly sha256: string;
  /** Bytes that were sent, where something was blanked out. */
  readonly sent?: number;
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

export function readState(store: Store, run: RunPlace, server: string): SyncState {
  const state = parseState(readIfThere(store.files, stateFile(run, server)));
  return state?.server === server ? state : freshState(server);
}

/** What can't be read counts as lost. */
function parseState(text: string | null): SyncState | null {
  try {
    const state = JSON.parse(text ?? 'null') as SyncState | null;
    return state && { ...freshState(state.server), ...state };
  } catch {
    return null;
  }
}

/** As if nothing had been refused: of a metric that was, all points count as not sent. */
export function withoutRefusals(state: SyncState): SyncState {
  const { refused, offsets } = state;
  if (refused.length === 0) return state;
  const keys = new Set(refused.flatMap(({ kind, key }) => (kind === 'metric' ? [key] : [])));
  const others = Object.entries(offsets).filter(([key]) => !keys.has(key));
  return { ...state, refused: [], settled: '', offsets: Object.fromEntries(others) };
}

/** How far a run is known to every server that it was ever sent to. */
export function readStates(store: Store, run: RunPlace): readonly SyncState[] {
  const files = listIfThere(store.files, syncFolder(run)).filter(({ name }) => name.endsWith('.json'));
  return files.flatMap(({ name }) => parseState(readIfThere(store.files, join(syncFolder(run), name))) ?? []);
}

export function writeState(store: Store, run: RunPlace, state: SyncState): void {
  makeFolders(store.files, syncFolder(run));
  replaceWhole(store.files, stateFile(run, state.server), `${JSON.stringify(state)}\n`, sharedTemporaryFile(syncFolder(run)));
}

/** The leases on sending this run to this server. */
export const syncLeases = (run: RunPlace, server: string): string => join(syncFolder(run), `${nameOf(server)}.claims`);

const syncFolder = (run: RunPlace): string => join(ownFolder(run), 'sync');
const stateFile = (run: RunPlace, server: string): string => join(syncFolder(run), `${nameOf(server)}.json`);
const nameOf = (server: string): string => createHash('sha256').update(server).digest('hex').slice(0, 16);
