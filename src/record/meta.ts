import { isMap, isPair, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { escaped } from '../diagnostics/columns.js';
import { limits } from './keys.js';

export type Status = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

/** A run's meta.yaml. Times are milliseconds since 1970. */
export interface RunInfo {
  readonly id: string;
  readonly experimentId: string;
  readonly name: string;
  readonly user: string;
  readonly status: Status;
  readonly startTime: number;
  /** Null while it runs. */
  readonly endTime: number | null;
  readonly artifactUri: string;
  /** In the trash, in MLflow's sense: hidden, and still there. The one mark of it is `lifecycle_stage`, which MLflow's page sets too. */
  readonly deleted: boolean;
  /** When it went there. */
  readonly deletedTime?: number | undefined;
}

/** An experiment's meta.yaml. */
export interface ExperimentInfo {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly artifactLocation: string;
  readonly deleted: boolean;
}

/** A dataset that a run used. */
export interface DatasetInput {
  readonly name: string;
  /** Hex of a hash of the content; MLflow keeps 36 characters, and so do we. */
  readonly digest: string;
  /** `local`, `http`, `code`. */
  readonly sourceType: string;
  /** JSON: `{"uri": ...}`. */
  readonly source: string;
  /** JSON. */
  readonly schema?: string;
  /** JSON: `{"num_rows": ...}`. */
  readonly profile?: string;
  /** What it was used for: `training`, `test`. */
  readonly context: string;
}

const statusNumbers: Readonly<Record<Status, number>> = { RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 };

/** `run_uuid` is for MLflow 2, which needs it. */
export const runMeta = (run: RunInfo): MetaFields => ({
  artifact_uri: run.artifactUri,
  deleted_time: run.deletedTime ?? null,
  end_time: run.endTime,
  entry_point_name: '',
  experiment_id: run.experimentId,
  lifecycle_stage: run.deleted ? 'deleted' : 'active',
  run_id: run.id,
  run_name: run.name,
  run_uuid: run.id,
  source_name: '',
  source_type: 4,
  source_version: '',
  start_time: run.startTime,
  status: statusNumbers[run.status],
  tags: [],
  user_id: run.user,
});

export const experimentMeta = (experiment: ExperimentInfo): MetaFields => ({
  artifact_location: experiment.artifactLocation,
  creation_time: experiment.created,
  experiment_id: experiment.id,
  last_update_time: experiment.created,
  lifecycle_stage: experiment.deleted ? 'deleted' : 'active',
  name: experiment.name,
});

export const datasetMeta = (dataset: DatasetInput): MetaFields => ({
  digest: shortDigest(dataset.digest),
  name: dataset.name,
  profile: dataset.profile ?? null,
  schema: dataset.schema ?? null,
  source: dataset.source,
  source_type: dataset.sourceType,
});

export const shortDigest = (digest: string): string => digest.slice(0, limits.digest);

/** MLflow repeats the dataset's id as the destination. */
export const inputMeta = (datasetId: string, context: string): MetaFields => ({
  destination_id: datasetId,
  destination_type: 'RUN',
  source_id: datasetId,
  source_type: 'DATASET',
  tags: { 'mlflow.data.context': context },
});

/** Throws on a text that is no meta.yaml of a run. */
export function parseRunMeta(text: string): RunInfo {
  const fields = parseMeta(text);
  return {
    id: string(fields['run_id'] ?? fields['run_uuid'], 'run_id'),
    experimentId: string(fields['experiment_id'], 'experiment_id'),
    name: optional(fields['run_name']) ?? '',
    user: optional(fields['user_id']) ?? '',
    status: status(optional(fields['status'])),
    startTime: time(fields['start_time']) ?? 0,
    endTime: time(fields['end_time']),
    artifactUri: optional(fields['artifact_uri']) ?? '',
    deleted: fields['lifecycle_stage'] === 'deleted',
    ...(time(fields['deleted_time']) !== null && { deletedTime: time(fields['deleted_time']) ?? 0 }),
  };
}

/** Throws on a text that is no meta.yaml of an experiment. */
export function parseExperimentMeta(text: string): ExperimentInfo {
  const fields = parseMeta(text);
  return {
    id: string(fields['experiment_id'], 'experiment_id'),
    name: string(fields['name'], 'name'),
    created: time(fields['creation_time']) ?? 0,
    artifactLocation: optional(fields['artifact_location']) ?? '',
    deleted: fields['lifecycle_stage'] === 'deleted',
  };
}

type Field = ReturnType<typeof parseMeta>[string] | undefined;

const optional = (field: Field): string | null => (typeof field === 'string' ? field : null);

function string(field: Field, name: string): string {
  if (typeof field !== 'string' || field === '') throw new Error(`no ${name}`);
  return field;
}

function time(field: Field): number | null {
  const milliseconds = typeof field === 'string' ? Number(field) : NaN;
  return Number.isFinite(milliseconds) ? milliseconds : null;
}

function status(field: string | null): Status {
  for (const [name, number] of Object.entries(statusNumbers)) {
    if (field === String(number) || field === name) return name as Status;
  }
  throw new Error(`an unknown status: ${field}`);
}

/** The fields of a meta.yaml. What is written is a string, a whole number, null, an empty list or one level of strings. */
type MetaFields = Readonly<Record<string, string | number | null | readonly [] | Readonly<Record<string, string>>>>;

/** The fields as text, so that an id of digits stays what it is; what is neither a scalar nor a map of them is left out. */
type MetaText = Readonly<Record<string, string | null | Readonly<Record<string, string>>>>;

/** One field a line, every string quoted: names like `yes` and ids of digits stay strings for every reader. */
export const formatMeta = (fields: MetaFields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${formatValue(value)}\n`)
    .join('');

/** Reads what `formatMeta` writes, and what MLflow writes. Throws when it isn't YAML, or no map. */
export function parseMeta(text: string): MetaText {
  return parseOwn(text) ?? parseAny(text);
}

function formatValue(value: MetaFields[string]): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return formatWhole(value);
  const pairs = Object.entries(value).map(([name, inner]) => `${quote(name)}: ${quote(inner)}`);
  return Array.isArray(value) ? '[]' : `{${pairs.join(', ')}}`;
}

/** MLflow's numbers are whole; from a meta.yaml with another one it can't read anything. */
function formatWhole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} must be whole`);
  return String(value);
}

/** A JSON string is a YAML string, but for the characters that PyYAML doesn't take as they are or reads as line breaks. */
const quote = (text: string): string => JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);

/** The lines that `formatMeta` writes, much faster than YAML as such; null when any line is of another kind. */
function parseOwn(text: string): MetaText | null {
  const fields: Record<string, string | null> = {};
  for (const line of text.split('\n')) {
    if (line === '' || line.endsWith(': []')) continue;
    const [, name = '', value = ''] = /^(\w+): ("(?:[^"\\]|\\.)*"|-?\d+|null)$/.exec(line) ?? [];
    if (name === '') return null;
    fields[name] = value === 'null' ? null : value.startsWith('"') ? String(JSON.parse(value)) : value;
  }
  return Object.keys(fields).length > 0 ? fields : null;
}

function parseAny(text: string): MetaText {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw error;
  if (!isMap(document.contents)) throw new Error('no fields');
  return Object.fromEntries(
    scalars(document.contents).flatMap(([name, value]): [string, MetaText[string]][] => {
      if (isMap(value)) return [[name, Object.fromEntries(scalars(value).map(([inner, scalar]) => [inner, plainText(scalar) ?? '']))]];
      return isScalar(value) ? [[name, plainText(value)]] : [];
    }),
  );
}

const scalars = (map: YAMLMap): readonly (readonly [string, unknown])[] =>
  map.items.flatMap((item) => (isPair(item) && isScalar(item.key) ? [[plainText(item.key) ?? '', item.value] as const] : []));

/** The text as it stands in the file: a plain 18-digit number would lose its last digits as a number. */
function plainText(value: unknown): string | null {
  if (!isScalar(value) || value.value === null) return null;
  return typeof value.value === 'string' ? value.value : (value.source ?? String(value.value));
}
