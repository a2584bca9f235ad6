import type { Store } from '../record/layout.js';
import { modelFile, modelFolder } from '../record/model-artifact.js';
import { listArtifacts, type RunHead } from '../record/reader.js';
import { artifactFile } from './artifacts.js';
import type { TrackingClient } from './client.js';
import { TrackingError } from './errors.js';
import { uidTag } from './remote-run.js';
import { retrying } from './http.js';
import { theOnlyOne } from './twins.js';
import type { RemoteModel, RemoteRun } from './types.js';

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
