import { randomUUID } from 'node:crypto';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withoutPasswords } from '../diagnostics/secrets.js';
import { checkpointFolder } from './checkpoint.js';
import {
  createWhole,
  type Files,
  isNoFile,
  isObject,
  listIfThere,
  makeFolders,
  quietly,
  readIfThere,
  RecordError,
  replaceWhole,
  writeNew,
} from './files.js';
import { checkLength, keySpace, limits } from './keys.js';
import {
  artifactUri,
  datasetId,
  experimentFolder,
  experimentId,
  inputId,
  isTemporary,
  keyFile,
  ownFolder,
  prepareStore,
  runPlace,
  type RunPlace,
  sharedTemporaryFile,
  stagingFolder,
  type Store,
  temporaryFile,
} from './layout.js';
import { firstLease, type ProcessIdentity } from './lease.js';
import {
  type DatasetInput,
  datasetMeta,
  experimentMeta,
  formatMeta,
  inputMeta,
  parseExperimentMeta,
  runMeta,
  shortDigest,
} from './meta.js';
import { keysBelow, wholeLines, workTag } from './reader.js';
import { changeMeta, openWriter, type RunWriter } from './writer.js';

/** All that is known of a run before its first step. */
export interface RunStart {
  /** The experiment's name. */
  readonly experiment: string;
  /** 32 hex: `runId(workKey, attempt, nonce)`. */
  readonly runId: string;
  readonly runName: string;
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** MLflow knows a dataset by name and digest; those in which both are equal are told apart by adding their context to the name. */
  readonly datasets: readonly DatasetInput[];
  /** Texts that stand among the artifacts from the first moment on, by path. */
  readonly artifacts?: ReadonlyMap<string, string>;
  /** The run that this one is a part of: a sweep's. */
  readonly parent?: string;
  /** Who starts it and holds its first lease: nobody sees the run without one. */
  readonly owner?: ProcessIdentity;
}

/** Makes the run's record, visible at once as a whole. Fails with EEXIST when there is a run of this id. */
export function startRun(store: Store, start: RunStart): RunWriter {
  prepareStore(store);
  const run = runPlace(store, prepareExperiment(store, start.experiment, start.startTime), start.runId);
  const datasets = toldApart(start.datasets).map((dataset) => ({ ...dataset, source: withoutPasswords(dataset.source) }));
  const content = runContent(run, { ...start, datasets });
  for (const dataset of datasets) publishDataset(store, run.experimentId, dataset);
  if (!publishFolder(store, run.experimentId, run.folder, content)) throw new RecordError(run.folder, 'rename', 'EEXIST');
  return openWriter(store, run);
}

/** Makes the experiment where it isn't there; gives its id. */
function prepareExperiment(store: Store, name: string, created: number): string {
  const id = experimentId(name);
  const folder = experimentFolder(store, id);
  const file = join(folder, 'meta.yaml');
  const there = readIfThere(store.files, file);
  if (there === null) {
    if (name === '' || name.length > limits.experiment) throw new Error(`an experiment's name has 1 to ${limits.experiment} characters`);
    const info = { id, name, created, artifactLocation: pathToFileURL(folder).href, deleted: false };
    makeFolders(store.files, folder);
    createWhole(store.files, file, formatMeta(experimentMeta(info)), sharedTemporaryFile(folder));
    store.files.syncFolder(folder);
    store.files.syncFolder(store.root);
  } else {
    const { name: other, deleted } = parseExperimentMeta(there);
    if (deleted) throw new RecordError(file, 'open', 'EDELETED');
    if (other !== name) throw new Error(`the experiments "${name}" and "${other}" have the same id ${id}: rename one of them`);
  }
  return id;
}

/** The files of a run that begins. */
function runContent(run: RunPlace, start: RunStart): FolderContent {
  const texts = new Map<string, string>();
  const put = (kind: 'params' | 'tags', values: Readonly<Record<string, string>>, longest: number): void => {
    const keys = keySpace();
    for (const [key, value] of Object.entries(values)) {
      keys.add(key);
      checkLength(key, value, longest);
      texts.set(`${kind}/${key}`, withoutPasswords(value));
    }
  };
  put('params', start.parameters, limits.parameter);
  put('tags', { ...start.tags, 'mlflow.runName': start.runName, ...(start.parent && { 'mlflow.parentRunId': start.parent }) }, limits.tag);
  for (const [path, text] of start.artifacts ?? []) texts.set(`artifacts/${path}`, withoutPasswords(text));
  const files = new Map([...texts, [headerFile, formatHeader(texts)]]);
  for (const dataset of start.datasets) {
    const id = datasetId(dataset.name, shortDigest(dataset.digest));
    files.set(`inputs/${inputId(id, run.runId)}/meta.yaml`, formatMeta(inputMeta(id, dataset.context)));
  }
  if (start.owner) files.set(...firstLease(start.owner));
  const { runName: name, user, startTime } = start;
  const info = { id: run.runId, experimentId: run.experimentId, name, user, status: 'RUNNING', startTime } as const;
  files.set('meta.yaml', formatMeta(runMeta({ ...info, endTime: null, artifactUri: artifactUri(run), deleted: false })));
  return { folders: ['metrics', 'params', 'tags', 'artifacts', '.retable'], files, flushed: flushedOf(files) };
}

/** Files without which MLflow can't read an experiment, or we don't find the run; and what the others are made again from. */
const flushedOf = (files: ReadonlyMap<string, string>): ReadonlySet<string> =>
  new Set([...files.keys()].filter((path) => path === headerFile || path === `tags/${workTag}` || path.endsWith('meta.yaml')));

function toldApart(datasets: readonly DatasetInput[]): readonly DatasetInput[] {
  const isTwin = (a: DatasetInput) => datasets.some((b) => a !== b && a.name === b.name && shortDigest(a.digest) === shortDigest(b.digest));
  return datasets.map((dataset) => (isTwin(dataset) ? { ...dataset, name: `${dataset.name} (${dataset.context})` } : dataset));
}

/** Datasets belong to the experiment; runs that use the same one share it. */
function publishDataset(store: Store, experiment: string, dataset: DatasetInput): void {
  const folder = join(experimentFolder(store, experiment), 'datasets', datasetId(dataset.name, shortDigest(dataset.digest)));
  if (store.files.stat(folder)) return;
  const files = new Map([['meta.yaml', formatMeta(datasetMeta(dataset))]]);
  publishFolder(store, experiment, folder, { folders: [], files, flushed: new Set(files.keys()) });
}

/** A folder to come: files by their path in it (`params/model/kind`), and the folders that stand even when empty. */
interface FolderContent {
  readonly folders: readonly string[];
  readonly files: ReadonlyMap<string, string>;
  /** Files that are on the disk before the folder appears. The others reach it with the system's next writing, and what they hold stands in one of these, too. */
  readonly flushed: ReadonlySet<string>;
}

/**
 * A folder appears whole or not at all: built where no reader looks, then renamed into place. That holds for every process that dies, at
 * whatever moment; a power failure may empty what isn't `flushed`. False when there is such a folder already, which stays as it is: of several processes that try, one gets true.
 */
function publishFolder(store: Store, experimentId: string, folder: string, content: FolderContent): boolean {
  const { files } = store;
  const staging = stagingFolder(store, experimentId);
  const staged = join(staging, randomUUID());
  try {
    build(files, staged, content);
    files.rename(staged, folder);
  } catch (error) {
    quietly(() => files.removeTree(staged));
    if (files.stat(folder)) return false;
    throw error;
  }
  // MLflow's migration warns of every folder that it doesn't know.
  quietly(() => files.removeEmpty(staging));
  files.syncFolder(dirname(folder));
  return true;
}

function build(files: Files, staged: string, content: FolderContent): void {
  const paths = [...content.files.keys()];
  const folders = new Set([
    staged,
    ...content.folders.map((folder) => join(staged, folder)),
    ...paths.map((path) => dirname(join(staged, path))),
  ]);
  for (const folder of folders) makeFolders(files, folder);
  for (const [path, text] of content.files) writeNew(files, join(staged, path), text, !content.flushed.has(path));
  for (const folder of foldersTo(staged, content.flushed)) files.syncFolder(folder);
}

/** Every folder that leads to one of these files, the staged one first. */
function foldersTo(staged: string, paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set([staged]);
  for (const path of paths) {
    const names = path.split('/').slice(0, -1);
    names.forEach((_, i) => folders.add(join(staged, ...names.slice(0, i + 1))));
  }
  return folders;
}

/** Goes on with a run that was interrupted, after its lease was taken: what a power failure took of its beginning is put back, torn lines are cut off, and it is RUNNING again. */
export function reopenRun(store: Store, run: RunPlace): RunWriter {
  for (const name of ['metrics', 'params', 'tags', 'artifacts']) makeFolders(store.files, join(run.folder, name));
  makeFolders(store.files, ownFolder(run));
  removeUnfinished(store.files, ownFolder(run));
  removeUnfinished(store.files, checkpointFolder(run));
  restoreHeader(store, run);
  for (const key of keysBelow(store, join(run.folder, 'metrics')))
    renewLines(store.files, keyFile(run, 'metrics', key), temporaryFile(run));
  changeMeta(store, run, { status: 'RUNNING', endTime: null });
  return openWriter(store, run);
}

/**
 * A metric file anew, of whole lines alone: MLflow reads a torn line as a point at step 0, or not at all, and then nothing of the experiment. Always a file of its
 * own: a process that lost the run while it stood still between asking for its lease and writing has the old one open, and writes where nobody reads.
 */
export function renewLines(files: Files, path: string, beside: string): void {
  const bytes = files.read(path);
  const whole = wholeLines(bytes);
  if (whole === 0) files.remove(path);
  else replaceWhole(files, path, bytes.subarray(0, whole), beside);
}

/** What a killed process was writing. */
function removeUnfinished(files: Files, folder: string): void {
  if (!files.stat(folder)) return;
  for (const { name } of files.list(folder)) if (isTemporary(name)) files.remove(join(folder, name));
}

/**
 * What a run begins with, in one file: parameters, tags and the first artifacts, by path in the run's folder.
 *
 * MLflow wants a file for each of some sixty texts, and to bring sixty files to the disk one by one takes longer than a short trial. So
 * only this file is brought there, with those without which the run isn't found: the others are written, and the system brings
 * them to the disk when it sees fit. The death of a process takes nothing away. A power failure within that half minute may leave them empty:
 * whoever goes on with the run, or repairs the store, puts them back from here.
 */
const headerFile = '.retable/start.json';

const formatHeader = (files: ReadonlyMap<string, string>): string => `${JSON.stringify(Object.fromEntries(files))}\n`;

/** Files of the beginning that a power failure took, by path in the run's folder. */
export function lostOfHeader(store: Store, run: RunPlace): ReadonlyMap<string, string> {
  const lost = Object.entries(readHeader(store, run)).filter(([path, text]) =>
    isLost(path, text, textIn(store.files, join(run.folder, path))),
  );
  return new Map(lost);
}

/** Puts back what was lost. */
export function restoreHeader(store: Store, run: RunPlace): void {
  for (const [path, text] of lostOfHeader(store, run)) {
    const file = join(run.folder, path);
    makeFolders(store.files, dirname(file));
    if (textIn(store.files, file) === NO_FILE) setAside(store, run, file);
    replaceWhole(store.files, file, text, temporaryFile(run));
    store.files.syncFolder(dirname(file));
  }
}

/** A pipe, a folder or the like stands where a text was. */
const NO_FILE = Symbol('no file');

function textIn(files: Files, path: string): string | typeof NO_FILE | null {
  try {
    return readIfThere(files, path);
  } catch (error) {
    if (isNoFile(error)) return NO_FILE;
    throw error;
  }
}

/** Some file systems leave zeros. A tag that isn't there may have been taken away on MLflow's page. */
function isLost(path: string, text: string, there: string | typeof NO_FILE | null): boolean {
  if (there === NO_FILE) return true;
  if (there === null) return !path.startsWith('tags/');
  return text !== '' && /^\0*$/.test(there);
}

/** Empty for runs of others, and where it can't be read. */
function readHeader(store: Store, run: RunPlace): Readonly<Record<string, string>> {
  const text = textIn(store.files, join(run.folder, headerFile));
  try {
    const kept: unknown = typeof text === 'string' ? JSON.parse(text) : null;
    return isObject(kept)
      ? Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
      : {};
  } catch {
    return {};
  }
}

/** Puts what stands in a run where no reader looks; gives its new path. Nothing that was put aside before is lost. */
export function setAside(store: Store, run: RunPlace, path: string): string {
  const aside = freeAside(store, run, path);
  store.files.rename(path, aside);
  return aside;
}

/** A path for it, in a folder that is there. */
export function freeAside({ files }: Store, run: RunPlace, path: string): string {
  const first = join(ownFolder(run), 'aside', relative(run.folder, path));
  makeFolders(files, dirname(first));
  const taken = new Set(listIfThere(files, dirname(first)).map(({ name }) => name));
  let name = basename(first);
  for (let number = 2; taken.has(name); number++) name = `${basename(first)}.${number}`;
  return join(dirname(first), name);
}

/** Whether anything has this name, be it a pipe or a link that leads nowhere. */
export const isNameTaken = (files: Files, path: string): boolean =>
  listIfThere(files, dirname(path)).some(({ name }) => name === basename(path));
