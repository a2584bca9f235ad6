import type { Status } from '../record/meta.js';

/** What goes over the wire, by MLflow's names. Whole numbers are int64 there: a fraction in their place loses data without a word. */

export interface MetricItem {
  readonly key: string;
  readonly value: number;
  /** Whole milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

export interface KeyValue {
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
  readonly datasets: readonly RemoteDataset[];
  /** Ids of the models that it made. */
  readonly models: readonly string[];
}

export interface RemoteDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema?: string;
  readonly profile?: string;
  readonly context: string;
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
