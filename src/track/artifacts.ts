import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { RunPlace, Store } from '../record/layout.js';
import { modelFile, modelFolder } from '../record/model-artifact.js';
import { listArtifacts, type RunHead } from '../record/reader.js';
import type { TrackingClient } from './client.js';
import { retrying } from './connection.js';
import { saidIn, TrackingError } from './errors.js';
import { outgoingArtifact } from './outgoing.js';
import { type SyncState, theOnlyOne, uidTag } from './remote-run.js';
import type { RemoteArtifact, RemoteModel, RemoteRun } from './wire.js';

const artifactFile = (run: RunPlace, path: string): string => join(run.folder, 'artifacts', ...path.split('/'));

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

/**
 * Makes the run's model one of MLflow 3's logged models, so that its page lists it and the registry takes it: made, filled, ready, and told
 * to be the run's output, each step once however often this is called. Servers before 3 know no such thing: nothing happens there.
 */
export async function sendLoggedModel(client: TrackingClient, store: Store, head: RunHead, remote: RemoteRun): Promise<void> {
  const run = head.place;
  const paths = listArtifacts(store, run)
    .map(({ path }) => path)
    .filter((path) => path.startsWith(`${modelFolder}/`));
  if (!paths.includes(`${modelFolder}/MLmodel`) || !paths.includes(`${modelFolder}/${modelFile}`) || remote.models.length > 0) return;
  const model = await retrying(client.retry, () => findOrCreate(client, head, remote));
  if (!model) return;
  if (!isReady(model)) {
    for (const path of paths) {
      const content = store.files.read(artifactFile(run, path));
      const name = path.slice(modelFolder.length + 1);
      const sent = name === 'MLmodel' ? describedThere(content, remote.id, model.id) : content;
      await client.putArtifact({ uri: model.artifactUri }, name, sent);
    }
    await client.finishModel(model.id);
  }
  await retrying(client.retry, () => tellOutput(client, remote.id, model.id));
}

async function findOrCreate(client: TrackingClient, head: RunHead, { id: runId, experimentId }: RemoteRun): Promise<RemoteModel | null> {
  const ours = async (): Promise<readonly RemoteModel[] | null> =>
    (await client.modelsOf(experimentId, runId))
      ?.filter((model) => model.tags[uidTag] === head.id)
      .toSorted((a, b) => Number(isReady(b)) - Number(isReady(a)) || (a.id < b.id ? -1 : 1)) ?? null;
  const there = await ours();
  if (there === null) return null;
  const [first] = there;
  if (first) return first;
  const made = await client.createModel({ experimentId, name: nameOf(head), type: 'onnx', runId, tags: { [uidTag]: head.id } });
  const twinOf = (model: RemoteModel) => ({ id: model.id, isFilled: isReady(model), model });
  const others = async () => ((await ours()) ?? []).map(twinOf);
  return (await theOnlyOne(twinOf(made), others, (id) => client.deleteModel(id))).model;
}

const isReady = ({ status }: RemoteModel): boolean => status === 'LOGGED_MODEL_READY';

/** Not that of the folder: then `runs:/RUN/model` would mean two things. Some characters of an experiment's name are refused here. */
const nameOf = ({ experiment }: RunHead): string => experiment.replace(/[/:.%"']/g, '-') || modelFolder;

/** Told twice, it is an error: whether an answer was lost is seen on the run. */
async function tellOutput(client: TrackingClient, runId: string, modelId: string): Promise<void> {
  const run = await client.run(runId);
  if (run?.models.includes(modelId)) return;
  try {
    await client.logModelOutput(runId, modelId);
  } catch (error) {
    const isTold = error instanceof TrackingError && error.kind === 'refused' && /UNIQUE/.test(error.message);
    if (!isTold) throw error;
  }
}

/** The run and the model by the ids that they have on the server. */
function describedThere(content: Uint8Array, runId: string, modelId: string): Uint8Array {
  const lines = Buffer.from(content)
    .toString('utf8')
    .split('\n')
    .map((line) => (line.startsWith('run_id: ') ? `run_id: "${runId}"\nmodel_id: "${modelId}"` : line));
  return Buffer.from(lines.join('\n'));
}
