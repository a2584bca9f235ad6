import type { TableReport } from '../study/evidence.js';
import type { SweepReport } from '../study/sweep-trials.js';
import type { PlanReport } from './plan/describe.js';
import type { EvaluationReport } from '../run/evaluation-report.js';
import type { ForecastReport } from '../run/forecast-report.js';
import type { PredictionReport } from '../run/prediction-report.js';
import type { RunRecord } from '../run/run-record.js';
import type { Wishes } from './kit/latex.js';
import type { Overlay } from './run/overlay.js';

/** What is written, by kind: plain data, and functions that read more of the records for the forms that show it. */
export interface Reports {
  readonly plan: PlanReport;
  readonly run: RunRecord;
  /** Several runs beside each other. */
  readonly comparison: Overlay;
  readonly sweep: SweepReport;
  readonly table: TableReport;
  readonly forecast: ForecastReport;
  readonly prediction: PredictionReport;
  readonly evaluation: EvaluationReport;
}
export type Kind = keyof Reports;

/** A form that results are written in, known by the ending of the file's name. Kinds that have no writer are not written so. */
export interface Form {
  /** In small letters, with its point. */
  readonly ending: `.${string}`;
  readonly write: { readonly [K in Kind]?: Writer<Reports[K]> };
}

/** `name` is that of the file, without its folder and ending: what lies beside it is called after it. */
export type Writer<Report> = (report: Report, name: string, wishes: Wishes) => Content | Written | Promise<Content | Written>;

export type Content = string | Uint8Array;

export interface Written {
  readonly content: Content;
  /** By name, in the same folder. */
  readonly beside: ReadonlyMap<string, Content>;
}

/** Why there is nothing to write in a form, and what to do. */
export class CannotWrite extends Error {
  override readonly name = 'CannotWrite';
  readonly help: string;
  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}
