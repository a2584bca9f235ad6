import { limits } from './keys.js';
import { parseMeta, type MetaFields } from './yaml.js';

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
