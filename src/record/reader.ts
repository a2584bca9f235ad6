import { join } from 'node:path';
import { isNoFile, listIfThere, readIfThere, readText } from './files.js';
import { keyFile, runPlace, type RunPlace, type Store } from './layout.js';
import { type DatasetInput, type ExperimentInfo, parseExperimentMeta, parseMeta, parseRunMeta, type RunInfo } from './meta.js';

/** What a list of runs shows without opening any of them. */
export interface RunHead extends RunInfo {
  /** The experiment's name. */
  readonly experiment: string;
  readonly place: RunPlace;
}

/** All of a run but the content of its artifacts. */
export interface RunRecord extends RunHead {
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, readonly MetricPoint[]>>;
  readonly datasets: readonly DatasetInput[];
  readonly artifacts: readonly { readonly path: string; readonly size: number }[];
}

/** The tag that holds the work key. */
export const workTag = 'retable.work';

/** `active`: those that count. `deleted`: those in the trash. */
export type Lifecycle = 'active' | 'deleted';

/** Runs that can be read, the newest first. What isn't a run, or is damaged, is passed over; `store verify` tells of it. */
export const listRuns = (store: Store, which: Lifecycle = 'active'): readonly RunHead[] =>
  listPlaces(store)
    .flatMap(({ experiment, place }) => headOf(store, experiment, place, which) ?? [])
    .toSorted(newestFirst);

/** A run by its whole id; null where there is none, or it can't be read. */
export function findRun(store: Store, id: string): RunHead | null {
  for (const experiment of listExperiments(store)) {
    const head = headOf(store, experiment, runPlace(store, experiment.id, id));
    if (head) return head;
  }
  return null;
}

/** Experiments that can be read, by name. */
export function listExperiments(store: Store): readonly ExperimentInfo[] {
  return folders(store, store.root)
    .flatMap((id) => readExperiment(store, id) ?? [])
    .filter((experiment) => !experiment.deleted)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The runs that a person means: by the first four or more characters of an id, `latest`, an experiment's name (its latest), or the name of a run. */
export function findRuns(store: Store, reference: string, which: Lifecycle = 'active'): readonly RunHead[] {
  if (reference === 'latest') return listRuns(store, which).slice(0, 1);
  const places = listPlaces(store);
  const named = places.filter(({ experiment }) => experiment.name === reference);
  const isMeant = /^[0-9a-f]{4,32}$/.test(reference);
  const meant = named.length > 0 ? named : places.filter(({ place }) => isMeant && place.runId.startsWith(reference));
  const heads = meant.flatMap(({ experiment, place }) => headOf(store, experiment, place, which) ?? []).toSorted(newestFirst);
  if (named.length > 0) return heads.slice(0, 1);
  return heads.length > 0 ? heads : listRuns(store, which).filter(({ name }) => name === reference);
}

/** One tag, or null. */
export function readTag(store: Store, run: RunPlace, key: string): string | null {
  try {
    return readIfThere(store.files, keyFile(run, 'tags', key));
  } catch (error) {
    if (isNoFile(error)) return null;
    throw error;
  }
}

/** A run by its place; throws when it can't be read. */
export const readHead = (store: Store, place: RunPlace): RunHead => ({
  ...parseRunMeta(readText(store.files, join(place.folder, 'meta.yaml'))),
  experiment: readExperiment(store, place.experimentId)?.name ?? '',
  place,
});

/** The whole record of a run. */
export function readRun(store: Store, run: RunHead): RunRecord {
  return {
    ...run,
    parameters: readParameters(store, run.place),
    tags: readTags(store, run.place),
    metrics: readMetrics(store, run.place),
    datasets: readDatasets(store, run.place),
    artifacts: listArtifacts(store, run.place),
  };
}

/** Every metric of a run with its points in the order of the file. */
export function readMetrics(store: Store, run: RunPlace): Readonly<Record<string, readonly MetricPoint[]>> {
  const keys = keysBelow(store, join(run.folder, 'metrics'));
  return Object.fromEntries(keys.map((key) => [key, parsePoints(readText(store.files, keyFile(run, 'metrics', key)))]));
}

export const readParameters = (store: Store, run: RunPlace): Readonly<Record<string, string>> => readValues(store, run, 'params');
export const readTags = (store: Store, run: RunPlace): Readonly<Record<string, string>> => readValues(store, run, 'tags');

/** By path below `artifacts`, with sizes in bytes. */
export const listArtifacts = (store: Store, run: RunPlace): RunRecord['artifacts'] => filesBelow(store, join(run.folder, 'artifacts'));

/** Keys are the paths of the files below a folder; what is no file is none. */
export const keysBelow = (store: Store, folder: string): readonly string[] => filesBelow(store, folder, false).map((file) => file.path);

const readValues = (store: Store, run: RunPlace, kind: 'params' | 'tags'): Readonly<Record<string, string>> =>
  Object.fromEntries(keysBelow(store, join(run.folder, kind)).map((key) => [key, readText(store.files, keyFile(run, kind, key))]));

export const newestFirst = (a: RunInfo, b: RunInfo): number => b.startTime - a.startTime || (a.id < b.id ? -1 : 1);

/** Where runs may lie: the folders of every experiment that can be read. */
export const listPlaces = (store: Store): readonly { readonly experiment: ExperimentInfo; readonly place: RunPlace }[] =>
  listExperiments(store).flatMap((experiment) =>
    folders(store, join(store.root, experiment.id)).map((id) => ({ experiment, place: runPlace(store, experiment.id, id) })),
  );

/** Null for what is no run, can't be read, or lies in the trash (of `deleted`: or doesn't). */
export function headOf(store: Store, experiment: ExperimentInfo, place: RunPlace, which: Lifecycle = 'active'): RunHead | null {
  const info = readOrNull(() => parseRunMeta(readText(store.files, join(place.folder, 'meta.yaml'))));
  return info && info.id === place.runId && info.deleted === (which === 'deleted') ? { ...info, experiment: experiment.name, place } : null;
}

function readExperiment(store: Store, id: string): ExperimentInfo | null {
  const experiment = readOrNull(() => parseExperimentMeta(readText(store.files, join(store.root, id, 'meta.yaml'))));
  return experiment?.id === id ? experiment : null;
}

/** The datasets that a run used; those that can't be read are passed over. */
export function readDatasets(store: Store, run: RunPlace): readonly DatasetInput[] {
  return folders(store, join(run.folder, 'inputs')).flatMap((id) => {
    const dataset = readOrNull(() => {
      const input = parseMeta(readText(store.files, join(run.folder, 'inputs', id, 'meta.yaml')));
      const source = typeof input['source_id'] === 'string' ? input['source_id'] : '';
      const fields = parseMeta(readText(store.files, join(store.root, run.experimentId, 'datasets', source, 'meta.yaml')));
      const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
      const tags = typeof input['tags'] === 'object' ? input['tags'] : null;
      return {
        name: text('name'),
        digest: text('digest'),
        sourceType: text('source_type'),
        source: text('source'),
        ...(text('schema') && { schema: text('schema') }),
        ...(text('profile') && { profile: text('profile') }),
        context: tags?.['mlflow.data.context'] ?? '',
      };
    });
    return dataset ? [dataset] : [];
  });
}

const folders = (store: Store, path: string): readonly string[] =>
  listIfThere(store.files, path)
    .filter((entry) => entry.directory && !entry.name.startsWith('.'))
    .map((entry) => entry.name);

/** What is neither a file nor a folder, by its path below a folder: pipes, links that lead nowhere. */
export const noFilesBelow = (store: Store, folder: string, prefix = ''): readonly string[] =>
  listIfThere(store.files, folder).flatMap(({ name, directory, file }) =>
    directory ? noFilesBelow(store, join(folder, name), `${prefix}${name}/`) : file ? [] : [`${prefix}${name}`],
  );

function filesBelow(store: Store, folder: string, sizes = true, prefix = ''): readonly { readonly path: string; readonly size: number }[] {
  return listIfThere(store.files, folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.directory) return filesBelow(store, path, sizes, `${prefix}${entry.name}/`);
    if (!entry.file) return [];
    return [{ path: `${prefix}${entry.name}`, size: sizes ? (store.files.stat(path)?.size ?? 0) : 0 }];
  });
}

/** A file that can't be read or makes no sense is no reason not to show the others. */
function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** One measured value. `step` is the epoch, the first being 1; `timestamp` is milliseconds since 1970. */
export interface MetricPoint {
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

/**
 * A line of a metric file: `TIMESTAMP VALUE STEP`. The value is the shortest text that reads as the same double; what has no digits is
 * written as Python's float() reads it. Throws when step or timestamp isn't whole: MLflow would read another number.
 */
export function formatPoint(value: number, step: number, timestamp: number): string {
  if (!Number.isSafeInteger(step) || !Number.isSafeInteger(timestamp)) throw new Error(`step ${step} and time ${timestamp} must be whole`);
  return `${timestamp} ${Object.is(value, -0) ? '-0' : value} ${step}\n`;
}

/** The points of a metric file. A last line without its end was torn by a crash and doesn't count, nor does a line that is no point. */
export function parsePoints(text: string): readonly MetricPoint[] {
  const points: MetricPoint[] = [];
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const point = parsePoint(line);
    if (point) points.push(point);
  }
  return points;
}

/** Null for what is no line of a metric file. */
export function parsePoint(line: string): MetricPoint | null {
  const [timestamp, value, step, ...rest] = line.trim().split(' ');
  if (timestamp === undefined || value === undefined || step === undefined || rest.length > 0) return null;
  const point = { value: parseValue(value), step: Number(step), timestamp: Number(timestamp) };
  return isPoint(point) && Number.isSafeInteger(point.step) && Number.isSafeInteger(point.timestamp) ? point : null;
}

const isPoint = (point: { readonly [K in keyof MetricPoint]: number | null }): point is MetricPoint => point.value !== null;

/** Bytes up to and with the last line end. */
export const wholeLines = (bytes: Uint8Array): number => bytes.lastIndexOf(10) + 1;

/** What MLflow calls the latest: the largest by step, then time, then value. */
export function latestPoint(points: readonly MetricPoint[]): MetricPoint | null {
  let latest: MetricPoint | null = null;
  for (const point of points) if (!latest || isLater(point, latest)) latest = point;
  return latest;
}

const isLater = (a: MetricPoint, b: MetricPoint): boolean =>
  a.step !== b.step ? a.step > b.step : a.timestamp !== b.timestamp ? a.timestamp > b.timestamp : a.value > b.value;

function parseValue(text: string): number | null {
  const value = Number(text);
  return Number.isNaN(value) ? (namedValues[text.toLowerCase()] ?? null) : value;
}

/** As Python writes and reads them. */
const namedValues: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
};
