import type { RecordedView } from '../views/view.js';

/** What reports need to know of one run: plain data, whoever read it. */
export interface RunRecord {
  /** Name of the experiment. */
  readonly experiment: string;
  readonly description?: string;
  /** 32 hex. */
  readonly runId: string;
  readonly status: RunStatus;
  /** Resolved values by dotted path (`model.hidden_size`), with where they came from where that is known. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** By key `SPLIT/METRIC`, in the order of recording; points by step. */
  readonly metrics: ReadonlyMap<string, readonly Point[]>;
  /** What is known of a metric by its name after the split: `exact_match`. Without an entry: neither good nor bad, no unit. */
  readonly about: Readonly<Record<string, MetricFacts>>;
  /** By key: the best answer that ignores the input. */
  readonly chance: Readonly<Record<string, number>>;
  /** By key: what answers that need no learning reach, by name. */
  readonly baselines?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What metrics show besides their values, of the weights that the run keeps. */
  readonly views?: readonly RecordedView[];
  /** The epoch whose weights the run keeps, where that is not the last one. */
  readonly kept?: number;
  /** Sentences worth reading beside the numbers: facts of the data, a continued run, a message of failure. */
  readonly notes: readonly string[];
  /** What of it a person must hear at the end of the run: what may make the numbers mean less, and how a forecast stands to the naive ones. */
  readonly warnings: readonly string[];
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended?: number;
  /** Seconds that it worked, without pauses. */
  readonly seconds?: number;
  /** Folder of the record, as a person would type it. */
  readonly folder: string;
  /** Versions, processor, commit: what the record holds of where it was made, in order. */
  readonly environment: ReadonlyMap<string, string>;
  /** Commands to repeat and to look further, with what each is for. */
  readonly commands: readonly { readonly command: string; readonly does: string }[];
}

/** `killed`: MLflow's word for what was stopped in order. `interrupted`: recorded as running, and no process works on it. Either goes on. */
export type RunStatus = 'running' | 'finished' | 'failed' | 'killed' | 'interrupted' | 'diverged';

/** The status in words for people: that a run can go on is what counts. */
export const wordOf = (status: RunStatus): Exclude<RunStatus, 'killed'> => (status === 'killed' ? 'interrupted' : status);

interface Parameter {
  readonly value: string;
  readonly origin?: string;
}

/** One value of a metric after an epoch; the value may be NaN or infinite. */
export interface Point {
  readonly step: number;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

interface MetricFacts {
  readonly better: 'higher' | 'lower';
  /** `nats`, `share`; empty for none. */
  readonly unit: string;
  /** What tells how fast something went is no result, and has no curve. */
  readonly is?: 'speed';
}

interface Taken {
  readonly seconds?: number | undefined;
  readonly started: number;
  readonly ended?: number | undefined;
}

/** What a run took, in seconds: its work where that is known, else from its beginning to its end. */
export const tookSeconds = ({ seconds, started, ended }: Taken): number | undefined =>
  seconds ?? (ended === undefined ? undefined : (ended - started) / 1000);

/** `test/exact_match` -> its split and name. */
export function splitKey(key: string): { readonly split: string; readonly metric: string } {
  const slash = key.indexOf('/');
  return { split: key.slice(0, Math.max(0, slash)), metric: key.slice(slash + 1) };
}

/** Of a file or a picture of what a metric shows: `confusion_matrix.test`. */
export function viewName(key: string): string {
  const { split, metric } = splitKey(key);
  return `${metric}.${split}`;
}

/** `Worst mistakes of test, after epoch 6` */
export function viewTitle(key: string, epoch: number): string {
  const { split, metric } = splitKey(key);
  const words = metric.replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} of ${split}, after epoch ${epoch}`;
}

/** What metrics show in words. */
export const textsOf = ({ views = [] }: RunRecord): readonly { readonly title: string; readonly text: string }[] =>
  views.flatMap(({ key, epoch, view }) => (view.kind === 'text' ? [{ title: viewTitle(key, epoch), text: view.text }] : []));

/** Speed is recorded for every run, but it is no result and has no curve. */
export const isSpeed = ({ about }: Pick<RunRecord, 'about'>, metric: string): boolean => about[metric]?.is === 'speed';
