import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { plural } from '../diagnostics/numbers.js';
import { lostOfHeader } from './start.js';
import { failedWith, type Files, isNoFile, isObject, listIfThere, readIfThere, readJsonIfThere, readText, RecordError } from './files.js';
import { keyProblem } from './keys.js';
import {
  artifactUri,
  experimentFolder,
  identityFile,
  identityProblem,
  ownFolder,
  rootProblem,
  runPlace,
  type RunPlace,
  type Store,
} from './layout.js';
import { parseExperimentMeta, parseRunMeta, type ExperimentInfo, type RunInfo } from './meta.js';
import { keysBelow, noFilesBelow, parsePoint } from './reader.js';

/** Each way in which a store breaks; `repair.ts` knows what can be done about it. */
export type FaultKind =
  | 'store-unreadable'
  | 'store-newer'
  | 'root-below-artifacts'
  | 'foreign-folder'
  | 'experiment-unreadable'
  | 'experiment-moved'
  | 'run-unreadable'
  | 'run-moved'
  | 'run-misnamed'
  | 'folder-missing'
  | 'start-lost'
  | 'foreign-file'
  | 'json-senseless'
  | 'weights-cut'
  | 'line-torn'
  | 'line-senseless'
  | 'line-doubled';

export interface Fault {
  readonly kind: FaultKind;
  /** The file or folder. */
  readonly path: string;
  /** What is wrong, and what it does to a reader. */
  readonly message: string;
  /** The run that it is in. */
  readonly run?: RunPlace;
}

/** Everything in a store that MLflow fails on or reads wrongly. Looks only. */
export function verifyStore(store: Store): readonly Fault[] {
  const below = rootProblem(store.root);
  const faults: Fault[] = below ? [{ kind: 'root-below-artifacts', path: store.root, message: below }] : [];
  const identity = identityProblem(store);
  if (identity === 'newer') faults.push({ kind: 'store-newer', path: identityFile(store), message: 'a newer retable made this store' });
  if (identity === 'unreadable')
    faults.push({
      kind: 'store-unreadable',
      path: identityFile(store),
      message: 'it says not whose store this is: nothing can be trained into it',
    });
  for (const name of folders(store.files, store.root)) {
    if (name === '.trash' || name === 'models') continue;
    const path = join(store.root, name);
    if (/^\d{1,18}$/.test(name)) for (const fault of experimentFaults(store, name)) faults.push(fault);
    else faults.push({ kind: 'foreign-folder', path, message: 'no experiment: MLflow may list no experiments at all because of its name' });
  }
  return faults;
}

/** The folders without which MLflow doesn't find a run; copying by git, zip or rsync -m loses the empty ones. */
const runFolders = ['metrics', 'params', 'tags', 'artifacts'] as const;

const experimentFolders = ['tags', 'datasets', 'models', 'traces'];

function experimentFaults(store: Store, id: string): readonly Fault[] {
  const folder = experimentFolder(store, id);
  const path = join(folder, 'meta.yaml');
  const meta = readMeta(store.files, path, parseExperimentMeta);
  const runs = folders(store.files, folder).filter((name) => !experimentFolders.includes(name) && !name.startsWith('.'));
  return [
    ...experimentMetaFaults(meta, path, id, pathToFileURL(folder).href, runs.length > 0),
    ...runs.flatMap((name) => runFaults(store, runPlace(store, id, name))),
  ];
}

function experimentMetaFaults(meta: Read<ExperimentInfo>, path: string, id: string, uri: string, hasRuns: boolean): readonly Fault[] {
  if (typeof meta === 'string') {
    return hasRuns ? [{ kind: 'experiment-unreadable', path, message: `${meta}: its runs are not found` }] : [];
  }
  if (meta.id !== id)
    return [{ kind: 'experiment-unreadable', path, message: `it names the experiment ${meta.id}: its runs are not found` }];
  return movedFrom(meta.artifactLocation, uri) ? [{ kind: 'experiment-moved', path, message: movedMessage(meta.artifactLocation) }] : [];
}

function runFaults(store: Store, run: RunPlace): readonly Fault[] {
  const path = join(run.folder, 'meta.yaml');
  const meta = readMeta(store.files, path, parseRunMeta);
  const present = folders(store.files, run.folder);
  const lost = lostOfHeader(store, run);
  return [
    ...runMetaFaults(meta, path, run),
    ...runFolders
      .filter((name) => !present.includes(name))
      .map((name): Fault => ({
        kind: 'folder-missing',
        path: join(run.folder, name),
        message: 'MLflow does not open the run without it',
        run,
      })),
    ...[...lost.keys()].map((name): Fault => ({
      kind: 'start-lost',
      path: join(run.folder, name),
      message: 'what stood here when the run began is gone, as after a power failure',
      run,
    })),
    ...contentFaults(store.files, run).filter(({ path: file }) => !lost.has(relative(run.folder, file).replaceAll(sep, '/'))),
    ...(['metrics', 'params', 'tags'] as const).flatMap((kind) => foreignFiles(store, run, kind, lost)),
    ...keysBelow(store, join(run.folder, 'metrics'))
      .filter(isKey)
      .flatMap((key) => metricFaults(store.files, join(run.folder, 'metrics', key), run)),
  ];
}

/** What retable reads of a run again, and what each file holds. */
const JSON_FILES: Readonly<Record<string, (value: unknown) => boolean>> = {
  '.retable/start.json': isObject,
  'artifacts/plan.json': isObject,
  'artifacts/environment.json': isObject,
  'artifacts/members.json': Array.isArray,
  'artifacts/looks.json': isObject,
  'artifacts/protocol.json': isObject,
  'artifacts/source/use.json': (value) => typeof value === 'object' && value !== null,
};
/** Of each submission of jobs to a cluster: for every job a list of what it trains. */
const areOrders = (value: unknown): boolean =>
  Array.isArray(value) && value.every((job) => Array.isArray(job) && job.every((order) => isObject(order) && 'work' in order));
const WEIGHTS = 'artifacts/weights.safetensors';

function contentFaults(files: Files, run: RunPlace): readonly Fault[] {
  const jobs = folders(files, join(ownFolder(run), 'jobs')).map(
    (submission) => [`.retable/jobs/${submission}/orders.json`, areOrders] as const,
  );
  const senseless = [...Object.entries(JSON_FILES), ...jobs]
    .map(([name, isRight]) => [join(run.folder, name), isRight] as const)
    .filter(([path, isRight]) => !isJsonOrMissing(files, path, isRight))
    .map(([path]): Fault => ({ kind: 'json-senseless', path, message: 'it was cut, or holds something else than it should', run }));
  const weights = join(run.folder, WEIGHTS);
  const cut = weightsProblem(files, weights);
  return cut === null ? senseless : [...senseless, { kind: 'weights-cut', path: weights, message: cut, run }];
}

function isJsonOrMissing(files: Files, path: string, isRight: (value: unknown) => boolean): boolean {
  try {
    readJsonIfThere(files, path, isRight);
    return true;
  } catch (error) {
    if (failedWith(error, 'EBADMSG') || isNoFile(error)) return false;
    throw error;
  }
}

/** By the sizes alone that a safetensors file says of itself; null where they fit, or there is none. */
function weightsProblem(files: Files, path: string): string | null {
  const facts = files.stat(path);
  if (!facts) return null;
  if (facts.directory) return 'it is a folder: the weights of this run are lost';
  const { size } = facts;
  const length = size < 8 ? size : Number(Buffer.from(files.readFrom(path, 0, 8)).readBigUInt64LE());
  if (length > size - 8) return 'it was cut: the weights of this run are lost';
  const header = Buffer.from(files.readFrom(path, 8, length)).toString('utf8');
  const ends = Array.from(header.matchAll(/"data_offsets":\s*\[\s*\d+\s*,\s*(\d+)\s*\]/g), ([, end]) => Number(end));
  const end = ends.reduce((most, each) => Math.max(most, each), 0);
  return 8 + length + end === size ? null : 'it was cut, or has grown: the weights of this run are lost';
}

function runMetaFaults(meta: Read<RunInfo>, path: string, run: RunPlace): readonly Fault[] {
  if (typeof meta === 'string')
    return [{ kind: 'run-unreadable', path, message: `${meta}: MLflow's search may fail for the whole experiment`, run }];
  if (meta.id !== run.runId || meta.experimentId !== run.experimentId) {
    const message = `it says run ${meta.id} of experiment ${meta.experimentId}: MLflow's search fails for the whole experiment`;
    return [{ kind: 'run-misnamed', path, message, run }];
  }
  return movedFrom(meta.artifactUri, artifactUri(run)) ? [{ kind: 'run-moved', path, message: movedMessage(meta.artifactUri), run }] : [];
}

const foreignFiles = (
  store: Store,
  run: RunPlace,
  kind: 'metrics' | 'params' | 'tags',
  lost: ReadonlyMap<string, string>,
): readonly Fault[] =>
  [...keysBelow(store, join(run.folder, kind)).filter((key) => !isKey(key)), ...noFilesBelow(store, join(run.folder, kind))]
    .filter((key) => !lost.has(`${kind}/${key}`))
    .map((key) => ({ kind: 'foreign-file', path: join(run.folder, kind, key), message: `MLflow takes it for one of the ${kind}`, run }));

/** What the file system or an editor leaves behind begins with a dot. */
const isKey = (path: string): boolean =>
  keyProblem(path) === null && !path.split('/').some((part) => part.startsWith('.') || part.endsWith('~'));

function metricFaults(files: Files, path: string, run: RunPlace): readonly Fault[] {
  const text = readText(files, path);
  const end = text.lastIndexOf('\n') + 1;
  const lines = text.slice(0, end).split('\n').slice(0, -1);
  const fault = (kind: FaultKind, message: string): readonly Fault[] => [{ kind, path, message, run }];
  const senseless = lines.filter((line) => parsePoint(line) === null).length;
  const doubled = lines.length - new Set(lines).size;
  return [
    ...(end < text.length ? fault('line-torn', 'the last line has no end: MLflow fails, or reads a number that was never measured') : []),
    ...(text === '' ? fault('line-senseless', 'the file is empty: MLflow fails on the whole experiment') : []),
    ...(senseless > 0 ? fault('line-senseless', `${plural(senseless, 'line')} that MLflow can't read, or reads as another number`) : []),
    ...(doubled > 0
      ? fault('line-doubled', `${plural(doubled, 'line')} that stand there twice: MLflow can't move the store into a database`)
      : []),
  ];
}

/** Artifacts elsewhere (on a server, in a bucket) stay where they are. */
const movedFrom = (recorded: string, here: string): boolean => recorded.startsWith('file:') && recorded !== here;
const movedMessage = (recorded: string): string => `the store was moved here: artifacts are looked for at ${recorded}`;

/** What was read, or why it couldn't be. */
type Read<T> = T | string;

function readMeta<T>(files: Files, path: string, parse: (text: string) => T): Read<T> {
  try {
    const text = readIfThere(files, path);
    if (text === null) return 'it is missing';
    return text === '' ? 'it is empty' : parse(text);
  } catch (error) {
    if (isNoFile(error)) return 'it is no file';
    if (error instanceof RecordError) throw error;
    return `it makes no sense (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})`;
  }
}

const folders = (files: Files, path: string): readonly string[] =>
  listIfThere(files, path)
    .filter((entry) => entry.directory)
    .map((entry) => entry.name);
