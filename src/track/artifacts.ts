import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { RunPlace, Store } from '../record/layout.js';
import { listArtifacts } from '../record/reader.js';
import type { TrackingClient } from './client.js';
import { saidIn, TrackingError } from './errors.js';
import { outgoingArtifact } from './outgoing.js';
import type { SyncState } from './sync-state.js';
import type { RemoteArtifact, RemoteRun } from './types.js';

export const artifactFile = (run: RunPlace, path: string): string => join(run.folder, 'artifacts', ...path.split('/'));

/** Artifacts that changed since they were sent, by size and time of change; the hash decides once they are read. */
export function changedArtifacts(store: Store, run: RunPlace, state: SyncState): readonly string[] {
  return listArtifacts(store, run).flatMap(({ path, size }) => {
    const sent = state.artifacts[path];
    const isSame = sent?.size === size && sent.modified === store.files.stat(artifactFile(run, path))?.modified;
    return isSame || state.refused.some((refusal) => refusal.kind === 'artifact' && refusal.key === path) ? [] : [path];
  });
}

/** Sends what changed; gives the paths that were sent. `keep` is called after each, so that it isn't sent twice. */
export async function sendArtifacts(
  client: TrackingClient,
  store: Store,
  run: RunPlace,
  remote: RemoteRun,
  state: SyncState,
  keep: () => void,
): Promise<readonly string[]> {
  const sent: string[] = [];
  for (const path of changedArtifacts(store, run, state)) {
    const file = artifactFile(run, path);
    const facts = store.files.stat(file);
    if (!facts) continue;
    const kept = store.files.read(file);
    const content = outgoingArtifact(path, kept);
    const sha256 = hashOf(content);
    try {
      if (state.artifacts[path]?.sha256 !== sha256) {
        await client.putArtifact({ uri: remote.artifactUri, runId: remote.id }, path, content);
        sent.push(path);
      }
      const blanked = content === kept ? {} : { sent: content.length };
      state.artifacts[path] = { size: kept.length, modified: facts.modified, sha256, ...blanked };
    } catch (error) {
      if (!(error instanceof TrackingError) || (error.kind !== 'refused' && error.kind !== 'invalid')) throw error;
      state.refused = [...state.refused, { kind: 'artifact', key: path, reason: saidIn(error) }];
    }
    keep();
  }
  return sent;
}

/** The files of a run on the server that lie in the folders of these paths. What else it tells of, however deep, is not asked for. */
export async function artifactsBeside(client: TrackingClient, runId: string, paths: readonly string[]): Promise<readonly RemoteArtifact[]> {
  const folders = new Set(['']);
  const files: RemoteArtifact[] = [];
  for (const folder of folders) {
    for (const entry of await client.artifacts(runId, folder)) {
      if (!entry.path.endsWith('/')) files.push(entry);
      else if (paths.some((path) => path.startsWith(entry.path))) folders.add(entry.path.slice(0, -1));
    }
  }
  return files;
}

export const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
