import { keyProblem, limits } from '../record/keys.js';
import type { DatasetInput, Status } from '../record/meta.js';
import type { MetricPoint } from '../record/reader.js';
import { TrackingError } from './errors.js';

/** What goes over the wire, by MLflow's names. Whole numbers are int64 there: a fraction in their place loses data without a word. */

export interface MetricItem extends MetricPoint {
  readonly key: string;
}

interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface Batch {
  readonly metrics: readonly MetricItem[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

export interface RemoteExperiment {
  readonly id: string;
  readonly name: string;
  readonly deleted: boolean;
}

export interface NewRun {
  readonly experimentId: string;
  readonly name: string;
  readonly user: string;
  /** Whole milliseconds since 1970. */
  readonly startTime: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RunChange {
  readonly status: Status;
  /** Left as it is when null. */
  readonly endTime: number | null;
}

export interface RemoteRun {
  readonly id: string;
  readonly experimentId: string;
  readonly status: string;
  readonly startTime: number;
  readonly endTime: number | null;
  readonly artifactUri: string;
  readonly deleted: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Keys that have a point. */
  readonly metricKeys: readonly string[];
  readonly datasets: readonly DatasetInput[];
  /** Ids of the models that it made. */
  readonly models: readonly string[];
}

export interface RemoteArtifact {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface NewModel {
  readonly experimentId: string;
  readonly name: string;
  readonly type: string;
  readonly runId: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface RemoteModel {
  readonly id: string;
  readonly name: string;
  readonly artifactUri: string;
  readonly status: string;
  readonly runId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What kind of store is behind a server: a SQL store knows a point that it has already, a file store writes it twice. */
export interface ServerFacts {
  readonly store: 'sql' | 'file' | 'unknown';
  /** Empty where it isn't told. */
  readonly version: string;
}

/** What one log-batch takes. Bytes are of its JSON: hosted servers count them, with 1,000,000 as the most. */
export const batchLimits = { items: 1000, params: 100, tags: 100, bytes: 900_000 } as const;

/** One thing that a log-batch carries. */
export type Item =
  | { readonly kind: 'metric'; readonly metric: MetricItem }
  | { readonly kind: 'param'; readonly entry: KeyValue }
  | { readonly kind: 'tag'; readonly entry: KeyValue };

/** Items in as few batches as the limits allow, in their order. */
export function* inBatches<I extends Item>(items: Iterable<I>): Generator<readonly I[]> {
  let batch: I[] = [];
  let counts = { param: 0, tag: 0, bytes: 0 };
  for (const item of items) {
    const bytes = bytesOf(item);
    const isFull =
      batch.length >= batchLimits.items ||
      (item.kind === 'param' && counts.param >= batchLimits.params) ||
      (item.kind === 'tag' && counts.tag >= batchLimits.tags) ||
      counts.bytes + bytes > batchLimits.bytes;
    if (isFull && batch.length > 0) {
      yield batch;
      batch = [];
      counts = { param: 0, tag: 0, bytes: 0 };
    }
    batch.push(item);
    counts.bytes += bytes;
    if (item.kind !== 'metric') counts[item.kind]++;
  }
  if (batch.length > 0) yield batch;
}

export const batchOf = (items: readonly Item[]): Batch => ({
  metrics: items.flatMap((item) => (item.kind === 'metric' ? [item.metric] : [])),
  params: items.flatMap((item) => (item.kind === 'param' ? [item.entry] : [])),
  tags: items.flatMap((item) => (item.kind === 'tag' ? [item.entry] : [])),
});

/** At most so many bytes of JSON: a character outside of ASCII is escaped or takes up to four. */
function bytesOf(item: Item): number {
  if (item.kind === 'metric') return 110 + 6 * item.metric.key.length;
  return 30 + Buffer.byteLength(JSON.stringify(item.entry));
}

/**
 * MLflow answers 200 to a batch in which one field has the wrong type, and drops that item and all that follow it; too long a value is cut
 * without a word. So nothing is sent that it would not keep as it is. Each function gives what is wrong, or null.
 */

export function batchProblem({ metrics, params, tags }: Batch): string | null {
  const total = metrics.length + params.length + tags.length;
  if (total > batchLimits.items) return `a batch holds at most ${batchLimits.items} items, not ${total}`;
  if (params.length > batchLimits.params) return `a batch holds at most ${batchLimits.params} parameters, not ${params.length}`;
  if (tags.length > batchLimits.tags) return `a batch holds at most ${batchLimits.tags} tags, not ${tags.length}`;
  const twice = firstTwice(params.map(({ key }) => key));
  if (twice !== undefined) return `the parameter "${twice}" stands twice in one batch`;
  return (
    first(metrics, ({ key, value, step, timestamp }) => {
      if (typeof value !== 'number') return `the value of "${key}" is no number: ${JSON.stringify(value)}`;
      return keyOf(key) ?? whole(step, `the step of "${key}"`) ?? time(timestamp, `the time of "${key}"`);
    }) ??
    first(params, (entry) => entryProblem(entry, limits.parameter)) ??
    first(tags, (entry) => entryProblem(entry, limits.tag))
  );
}

export function runProblem({ experimentId, name, user, startTime, tags }: NewRun): string | null {
  return (
    noText(experimentId, 'the experiment') ??
    noText(name, 'the name') ??
    noText(user, 'the user') ??
    time(startTime, 'the start') ??
    first(Object.entries(tags), ([key, value]) => entryProblem({ key, value }, limits.tag))
  );
}

export function changeProblem({ status, endTime }: RunChange): string | null {
  if (!['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'].includes(status)) return `${String(status)} is no status of a run`;
  return endTime === null ? null : time(endTime, 'the end');
}

export function datasetProblem({ name, digest, sourceType, source, schema, profile, context }: DatasetInput): string | null {
  return (
    textOf(name, 'the name of a dataset', 500) ??
    textOf(digest, `the digest of ${name}`, limits.digest) ??
    textOf(sourceType, `the source of ${name}`, 500) ??
    textOf(source, `the source of ${name}`, 65_535) ??
    (schema === undefined ? null : textOf(schema, `the schema of ${name}`, 1_048_575)) ??
    (profile === undefined ? null : textOf(profile, `the profile of ${name}`, 16_777_215)) ??
    (typeof context === 'string' && context.length <= 500 ? null : `the context of ${name} is no text of up to 500 characters`)
  );
}

/** Segments are checked before an address is made of them: there, `..` would climb out of the run. */
export function artifactPathProblem(path: string): string | null {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return `"${path}" has an empty or dotted part`;
  return /[#\\\x00-\x1f]/.test(path) ? `"${path}" holds a character that MLflow refuses in a path` : null;
}

const keyOf = (key: unknown): string | null => (typeof key === 'string' ? keyProblem(key) : `a key is no text: ${JSON.stringify(key)}`);

function entryProblem({ key, value }: KeyValue, longest: number): string | null {
  if (typeof value !== 'string') return `the value of "${key}" is no text: ${JSON.stringify(value)}`;
  return keyOf(key) ?? (value.length > longest ? `the value of "${key}" is longer than ${longest} characters` : null);
}

const whole = (value: unknown, what: string): string | null =>
  Number.isSafeInteger(value) ? null : `${what} is not a whole number: ${String(value)}`;

const time = (value: unknown, what: string): string | null => whole(value, what) ?? (Number(value) < 0 ? `${what} lies before 1970` : null);

const noText = (value: unknown, what: string): string | null =>
  typeof value === 'string' ? null : `${what} is no text: ${JSON.stringify(value)}`;

const textOf = (value: unknown, what: string, longest: number): string | null =>
  noText(value, what) ?? (value === '' || String(value).length > longest ? `${what} has not 1 to ${longest} characters` : null);

function first<T>(items: readonly T[], problem: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = problem(item);
    if (found !== null) return found;
  }
  return null;
}

function firstTwice(keys: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return keys.find((key) => seen.size === seen.add(key).size);
}

/** An object as it came, or goes. What is absent is absent; int64 come as numbers. */
export type Wire = Readonly<Record<string, unknown>>;

/** JSON has no such numbers; `null` would be refused. */
export const wireValue = (value: number): number | string =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';

/** What a SQL store keeps in the place of the infinities. */
const LARGEST = Number.MAX_VALUE;

export function valueFrom(value: unknown): number {
  const number = value === 'NaN' ? NaN : Number(value ?? 0);
  return Math.abs(number) === LARGEST ? Math.sign(number) * Infinity : number;
}

export function experimentFrom(value: unknown): RemoteExperiment {
  const { experiment_id: id, name, lifecycle_stage: stage } = object(value, 'experiment');
  return { id: text(id), name: text(name), deleted: stage === 'deleted' };
}

export function runFrom(value: unknown): RemoteRun {
  const run = object(value, 'run');
  const info = object(run['info'], 'info');
  const data = part(run['data']);
  const inputs = part(run['inputs']);
  const outputs = part(run['outputs']);
  const id = text(info['run_id'] ?? info['run_uuid']);
  if (id === '') throw senseless('run without an id');
  return {
    id,
    experimentId: text(info['experiment_id']),
    status: text(info['status']),
    startTime: Number(info['start_time'] ?? 0),
    endTime: info['end_time'] === undefined || info['end_time'] === null ? null : Number(info['end_time']),
    artifactUri: text(info['artifact_uri']),
    deleted: info['lifecycle_stage'] === 'deleted',
    params: entries(data['params']),
    tags: entries(data['tags']),
    metricKeys: list(data['metrics']).map(({ key }) => text(key)),
    datasets: list(inputs['dataset_inputs']).map(datasetFrom),
    models: list(outputs['model_outputs']).map(({ model_id: model }) => text(model)),
  };
}

function datasetFrom(input: Wire): DatasetInput {
  const { name, digest, source_type: sourceType, source, schema, profile } = part(input['dataset']);
  return {
    name: text(name),
    digest: text(digest),
    sourceType: text(sourceType),
    source: text(source),
    ...(schema ? { schema: text(schema) } : {}),
    ...(profile ? { profile: text(profile) } : {}),
    context: entries(input['tags'])['mlflow.data.context'] ?? '',
  };
}

export function modelFrom(value: unknown): RemoteModel {
  const model = object(value, 'model');
  const info = object(model['info'], 'info');
  return {
    id: text(info['model_id']),
    name: text(info['name']),
    artifactUri: text(info['artifact_uri']),
    status: text(info['status']),
    runId: text(info['source_run_id']),
    tags: entries(info['tags']),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
const part = (value: unknown): Wire => (typeof value === 'object' && value !== null ? (value as Wire) : {});
const list = (value: unknown): readonly Wire[] => (Array.isArray(value) ? value.map(part) : []);
const entries = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(list(value).map(({ key, value: held }) => [text(key), text(held)]));

function object(value: unknown, name: string): Wire {
  if (typeof value !== 'object' || value === null) throw senseless(`answer without ${name}`);
  return value as Wire;
}

const senseless = (what: string): TrackingError =>
  new TrackingError({ kind: 'not-mlflow', server: '', call: '', message: `an MLflow server would not send this: ${what}` });
