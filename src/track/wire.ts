import { TrackingError } from './errors.js';
import type { RemoteDataset, RemoteExperiment, RemoteModel, RemoteRun } from './types.js';

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

function datasetFrom(input: Wire): RemoteDataset {
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
