import type { KnownSteps } from '../stages/stage.js';

/** What a run says of the steps after the end of its data. */
export interface ForecastReport {
  readonly run: string;
  readonly experiment: string;
  /** The epoch that the weights are of. */
  readonly epoch: number;
  /** The file whose end is gone on from. */
  readonly file: string;
  readonly targets: readonly string[];
  /** By step, then by series. */
  readonly forecasts: readonly Forecast[];
  /** By series, the last steps that are known; nothing of data whose dataset does not say. */
  readonly known: readonly KnownBefore[];
  /** What an interval rests on: so many forecasts of what validates. 0 where there is none. */
  readonly residuals: number;
  /** Sentences: what was changed, why there is no interval. */
  readonly notes: readonly string[];
}

/** What is known before a forecast: moments, and of each target its values in the unit of the file. */
interface KnownBefore extends KnownSteps {
  readonly series?: string;
}

export interface Forecast {
  readonly series?: string;
  readonly time: string;
  /** Steps after the end, from 1. */
  readonly step: number;
  /** One a target, in the unit of the file. */
  readonly values: readonly ForecastValue[];
}

export interface ForecastValue {
  readonly value: number;
  /** By share in percent: half the width of the interval around the value. A share is left out where there are too few residuals for it. */
  readonly reach: { readonly [S in Share]?: number };
}

export type Share = (typeof SHARES)[number];
/** In percent. */
export const SHARES = [80, 95] as const;
