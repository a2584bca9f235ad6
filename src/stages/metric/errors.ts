/**
 * What one number of a forecast adds to a mean, `y` the truth and `f` the forecast, by the kind of the metric that is made of it: what a model is
 * measured by and what forecasts that need no learning are measured by is one formula.
 */
export const ERRORS = {
  mean_absolute_error: (y: number, f: number): number => Math.abs(y - f),
  /** The root is taken of the mean. */
  root_mean_squared_error: (y: number, f: number): number => (y - f) ** 2,
  /** Not defined where the truth is 0. */
  mean_absolute_percentage_error: (y: number, f: number): number => (y === 0 ? Number.NaN : Math.abs((y - f) / y)),
  /** Two zeros are no error. */
  symmetric_mean_absolute_percentage_error: (y: number, f: number): number =>
    y === 0 && f === 0 ? 0 : (2 * Math.abs(y - f)) / (Math.abs(y) + Math.abs(f)),
} as const;
