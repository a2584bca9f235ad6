import type { View } from '../views/view.js';

/** What a trained model is measured as on data: plain data. */
export interface EvaluationReport {
  readonly run: string;
  readonly experiment: string;
  /** The epoch that the weights are of. */
  readonly epoch: number;
  readonly file: string;
  /** Of the run's own data: the split. */
  readonly split?: string;
  /** Windows or sequences. */
  readonly examples: number;
  /** Of forecasts: the first and the last moment that is forecast. */
  readonly from?: string;
  readonly to?: string;
  /** The loss first, in the net's own unit; then every metric of the run, in the unit of the file. */
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number;
    readonly better: 'higher' | 'lower';
    /** `nats`, `share`; empty for none. */
    readonly unit: string;
    /** By name, what answers that need no learning reach. */
    readonly baselines: Readonly<Record<string, number>>;
    /** Of classes: 95 % of what other examples like these would give. */
    readonly interval?: readonly [low: number, high: number];
  }[];
  /** Of ten forecasts or more: 1 - mean absolute error / that of the best naive forecast, with 95 % of what blocks of windows drawn anew come to. */
  readonly skill?: { readonly naive: string; readonly skill: number; readonly low: number; readonly high: number };
  readonly views?: readonly { readonly name: string; readonly view: View }[];
  /** Sentences: how it stands to what needs no learning, what is odd about the answers. */
  readonly findings: readonly string[];
  /** Sentences: what is odd about the data. */
  readonly notes: readonly string[];
}
