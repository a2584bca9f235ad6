import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createWhole, disk, type Files, listIfThere, makeFolders, readIfThere, readText, RecordError } from './files.js';

/**
 * MLflow's file layout, and what of ours lies in it:
 *
 *     runs/
 *       .retable-store                       the nonce of this store
 *       .retable-index  .retable-works       what was read of runs before; each can be made again
 *       .trash/
 *       EXPERIMENT/meta.yaml                 18 digits of hash(name)
 *         datasets/ID/meta.yaml
 *         datasets/.staging/                 what is being built, gone when nothing is; MLflow reads datasets by their ids only
 *         RUN/meta.yaml                      32 hex of hash(work key, attempt, nonce); renamed out of .staging, so that a run is there whole or not at all
 *           metrics/  params/  tags/         a file a key; `/` in a key makes folders
 *           inputs/ID/meta.yaml
 *           artifacts/
 *           .retable/                        start.json, computed-with.jsonl, claims/, checkpoints/, sync/, what is being written
 */
export interface Store {
  readonly root: string;
  readonly files: Files;
}

/** Looks at nothing yet: readers never write, and the folder need not be there. */
export const openStore = (root: string, files: Files = disk): Store => ({ root: resolve(root), files });

/** Where one run lies. */
export interface RunPlace {
  readonly experimentId: string;
  readonly runId: string;
  readonly folder: string;
}

/** Of this process alone: one that stood still while another took its run over finds nobody else's text under its name when it wakes up. */
export const temporaryName = `writing-${randomUUID()}`;
export const isTemporary = (name: string): boolean => name.startsWith('writing');

export const runPlace = (store: Store, experimentId: string, runId: string): RunPlace => ({
  experimentId,
  runId,
  folder: `${store.root}${sep}${experimentId}${sep}${runId}`,
});

export const experimentFolder = (store: Store, experimentId: string): string => join(store.root, experimentId);
export const stagingFolder = (store: Store, experimentId: string): string => join(store.root, experimentId, 'datasets', '.staging');
export const ownFolder = (run: RunPlace): string => join(run.folder, '.retable');
export const temporaryFile = (run: RunPlace): string => join(ownFolder(run), temporaryName);
export const artifactUri = (run: RunPlace): string => pathToFileURL(join(run.folder, 'artifacts')).href;

/** A name for a file that is being written where several processes may write at once. */
export const sharedTemporaryFile = (folder: string): string => join(folder, `.retable-${randomUUID()}`);

/** The file of a key in `metrics`, `params` or `tags`. */
export const keyFile = (run: RunPlace, kind: 'metrics' | 'params' | 'tags', key: string): string =>
  join(run.folder, kind, ...key.split('/'));

/** 18 digits, the first of them not 0: MLflow's migration skips other ids without a word. */
export const experimentId = (name: string): string => {
  const hash = createHash('sha256').update(name).digest().readBigUInt64BE();
  return String(10n ** 17n + (hash % (9n * 10n ** 17n)));
};

/** 32 hex. The nonce lets records of the same work made in two stores lie side by side after one is copied into the other. */
export const runId = (workKey: string, attempt: number, nonce: string): string =>
  createHash('sha256')
    .update(JSON.stringify([workKey, attempt, nonce]))
    .digest('hex')
    .slice(0, 32);

/** MLflow's ids of a dataset, by the digest as recorded, and of its use by a run. */
export const datasetId = (name: string, digest: string): string => createHash('md5').update(name).update(digest).digest('hex');
export const inputId = (dataset: string, run: string): string => createHash('md5').update(dataset).update(run).digest('hex');

/** Makes the store's folder where it isn't there, and gives its nonce, which every later call gives again. */
export function prepareStore(store: Store): string {
  const problem = rootProblem(store.root);
  if (problem) throw new RecordError(store.root, 'open', 'EARTIFACTS');
  refuseNewerStore(store);
  makeFolders(store.files, join(store.root, '.trash'));
  const there = readNonce(store);
  if (there) return there;
  const nonce = randomBytes(16).toString('hex');
  createWhole(store.files, identityFile(store), `${JSON.stringify({ format: FORMAT, nonce })}\n`, sharedTemporaryFile(store.root));
  store.files.syncFolder(store.root);
  return readNonce(store) ?? nonce;
}

/** Whether a folder is a store, of ours or of MLflow, as far as its names and experiments tell: what is mended and removed must be. */
export const isStore = ({ root, files }: Store): boolean =>
  listIfThere(files, root).some(
    ({ name, directory }) =>
      /^\.retable-(store|index|works)$/.test(name) ||
      (directory && (/^\d{18}$/.test(name) || /^experiment_id:/m.test(readIfThere(files, join(root, name, 'meta.yaml')) ?? ''))),
  );

/** MLflow answers "Run not found" for every run of a store below a folder of this name. */
export const rootProblem = (root: string): string | null =>
  resolve(root).split(sep).includes('artifacts') ? `MLflow can't open a store below a folder named "artifacts": ${root}` : null;

/** Throws a RecordError where a newer retable made the store: what it keeps there is unknown to this one. Nothing happens where there is none. */
export const refuseNewerStore = (store: Store): void => {
  if (identityProblem(store) === 'newer') throw new RecordError(identityFile(store), 'read', 'EVERSION');
};

/** What is wrong with the file that says whose store this is. */
export function identityProblem({ root, files }: Store): 'unreadable' | 'newer' | null {
  const path = identityFile({ root });
  const facts = files.stat(path);
  if (!facts) return null;
  if (!facts.file) return 'unreadable';
  const { format, nonce } = identityIn(readText(files, path));
  if (format !== undefined && format > FORMAT) return 'newer';
  return format === FORMAT && nonce !== undefined ? null : 'unreadable';
}

/** Of stores; counts up when an earlier retable would read or write one wrongly. */
const FORMAT = 1;
export const identityFile = ({ root }: Pick<Store, 'root'>): string => join(root, '.retable-store');

function identityIn(text: string): { readonly format?: number; readonly nonce?: string } {
  const [, format] = /"format":\s*(\d+)/.exec(text) ?? [];
  const [, nonce] = /"nonce":\s*"([0-9a-f]{32})"/.exec(text) ?? [];
  return { ...(format !== undefined && { format: Number(format) }), ...(nonce !== undefined && { nonce }) };
}

function readNonce(store: Store): string | null {
  refuseNewerStore(store);
  if (identityProblem(store) === 'unreadable') throw new RecordError(identityFile(store), 'read', 'EBADMSG');
  return identityIn(readIfThere(store.files, identityFile(store)) ?? '').nonce ?? null;
}
