/** One measured value. `step` is the epoch, the first being 1; `timestamp` is milliseconds since 1970. */
export interface MetricPoint {
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

/**
 * A line of a metric file: `TIMESTAMP VALUE STEP`. The value is the shortest text that reads as the same double; what has no digits is
 * written as Python's float() reads it. Throws when step or timestamp isn't whole: MLflow would read another number.
 */
export function formatPoint(value: number, step: number, timestamp: number): string {
  if (!Number.isSafeInteger(step) || !Number.isSafeInteger(timestamp)) throw new Error(`step ${step} and time ${timestamp} must be whole`);
  return `${timestamp} ${Object.is(value, -0) ? '-0' : value} ${step}\n`;
}

/** The points of a metric file. A last line without its end was torn by a crash and doesn't count, nor does a line that is no point. */
export function parsePoints(text: string): readonly MetricPoint[] {
  const points: MetricPoint[] = [];
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const point = parsePoint(line);
    if (point) points.push(point);
  }
  return points;
}

/** Null for what is no line of a metric file. */
export function parsePoint(line: string): MetricPoint | null {
  const [timestamp, value, step, ...rest] = line.trim().split(' ');
  if (timestamp === undefined || value === undefined || step === undefined || rest.length > 0) return null;
  const point = { value: parseValue(value), step: Number(step), timestamp: Number(timestamp) };
  return point.value !== null && Number.isSafeInteger(point.step) && Number.isSafeInteger(point.timestamp)
    ? { ...point, value: point.value }
    : null;
}

/** Bytes up to and with the last line end. */
export const wholeLines = (bytes: Uint8Array): number => bytes.lastIndexOf(10) + 1;

/** What MLflow calls the latest: the largest by step, then time, then value. */
export function latestPoint(points: readonly MetricPoint[]): MetricPoint | null {
  let latest: MetricPoint | null = null;
  for (const point of points) if (!latest || isLater(point, latest)) latest = point;
  return latest;
}

const isLater = (a: MetricPoint, b: MetricPoint): boolean =>
  a.step !== b.step ? a.step > b.step : a.timestamp !== b.timestamp ? a.timestamp > b.timestamp : a.value > b.value;

function parseValue(text: string): number | null {
  const named = namedValues[text.toLowerCase()];
  if (named !== undefined) return named;
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}

/** As Python writes and reads them. */
const namedValues: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
};
