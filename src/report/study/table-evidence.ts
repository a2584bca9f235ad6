import type { CellName } from '../../study/claims/claim.js';
import { formatMeasure } from '../../diagnostics/numbers.js';

/** What stands behind the cells of a judged table: every run with its value, and how to make it again. Plain data, whoever read it. */
export interface TableEvidence {
  /** The table's document as typed, and its text. */
  readonly file: string;
  readonly text: string;
  readonly rows: readonly RowEvidence[];
  /** Where each claim stands in the document: `tables/time_machine.yaml:20:5`. */
  readonly claims: readonly string[];
  /** Each place where runs were made, once: facts by name. */
  readonly environments: readonly (readonly (readonly [name: string, value: string])[])[];
  readonly commands: readonly { readonly command: string; readonly does: string }[];
  /** Folder of the records, as a person would type it. */
  readonly records: string;
}

export interface RowEvidence {
  readonly row: string;
  readonly label: string;
  /** The document of the row's experiment, as typed. */
  readonly base: string;
  /** Every resolved value with its place: `experiments/lstm.yaml:13:16`, the table's own line, `default`. */
  readonly configuration: readonly Setting[];
  readonly data: DataEvidence;
  /** `gru@1` by slot. */
  readonly stages: Readonly<Record<string, string>>;
  /** What its runs were made with: `compiled on cpu, numerics 1`. */
  readonly engine: string;
  readonly parameterCount: number;
  readonly runs: readonly RunEvidence[];
}

export interface Setting {
  readonly path: string;
  readonly value: string;
  readonly origin: string;
}

interface DataEvidence {
  readonly kind: string;
  /** SHA-256 of the content. */
  readonly digest: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

export interface RunEvidence {
  readonly id: string;
  readonly seed: number;
  readonly outcome: 'finished' | 'diverged' | 'crashed';
  /** By column. */
  readonly values: Readonly<Record<string, number>>;
  readonly work: string;
  /** The count of its engine's numerics. */
  readonly numerics: number;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended?: number;
  /** Seconds that it worked, without pauses. */
  readonly seconds?: number;
  /** Of `environments`, from 0. */
  readonly environment: number;
  /** The commit of the folder that its document was in, where that is known. */
  readonly commit?: string;
}

/** A run that finished without it has no value: it does not record the metric, or stopped before the epoch. */
export const valueText = (value: number | undefined, outcome: RunEvidence['outcome']): string =>
  value !== undefined ? formatMeasure(value, 6) : outcome === 'finished' ? 'no value' : outcome;

export const rowOf = ({ rows }: TableEvidence, [row]: CellName): RowEvidence | undefined => rows.find((each) => each.row === row);
