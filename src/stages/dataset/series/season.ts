/** What is found of a season: its steps, and how much a value goes along with the one a season before it. */
interface Season {
  readonly steps: number;
  readonly correlation: number;
}

/** Below, a season is not told from chance and habit. */
const LEAST = 0.3;

/**
 * The season of a series from its autocorrelation, once its trend is taken off by differences: the usual ones for its step first, then the lag with
 * the highest peak. Undefined where no lag is above 0.3 and above what noise reaches (2 / sqrt(n)).
 */
export function findSeason(values: Float64Array, usual: readonly number[]): Season | undefined {
  const changes = values.slice(1).map((value, at) => value - (values[at] ?? 0));
  const least = Math.max(LEAST, 2 / Math.sqrt(changes.length));
  const at = autocorrelation(changes);
  const known = usual.find((lag) => 2 * lag <= changes.length && at(lag) > least);
  if (known !== undefined) return { steps: known, correlation: at(known) };
  const lags = Array.from({ length: Math.max(0, Math.min(MOST, Math.floor(changes.length / 2)) - 1) }, (_, index) => index + 2);
  const peaks = lags.filter((lag) => at(lag) > least && at(lag) >= at(lag - 1) && at(lag) >= at(lag + 1));
  // A multiple of a season correlates as well: the shortest that is nearly the best.
  const best = Math.max(...peaks.map(at), Number.NEGATIVE_INFINITY);
  const [steps] = peaks.filter((lag) => at(lag) > 0.9 * best);
  return steps === undefined ? undefined : { steps, correlation: at(steps) };
}

/** Longer seasons have to be written. */
const MOST = 400;
/** The last values of a series, this many, are enough to see a season. */
const SEEN = 20_000;

function autocorrelation(all: Float64Array): (lag: number) => number {
  const values = all.subarray(Math.max(0, all.length - SEEN));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const variance = centred.reduce((sum, value) => sum + value * value, 0);
  const known = new Map<number, number>();
  return (lag) => {
    const before = known.get(lag);
    if (before !== undefined) return before;
    let sum = 0;
    for (let i = lag; i < centred.length; i++) sum += (centred[i] ?? 0) * (centred[i - lag] ?? 0);
    const found = variance === 0 ? 0 : sum / variance;
    known.set(lag, found);
    return found;
  };
}
