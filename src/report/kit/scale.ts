/** An axis that was decided by the data: its ends and where it is labelled. */
export interface AxisScale {
  readonly type: 'linear' | 'log';
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

interface ScaleHints {
  /** Shares live between 0 and 1. */
  readonly unit?: string;
  /** From the least to the most that a value can be: no axis goes on behind it. */
  readonly range?: readonly [least: number, most: number];
  /** A logarithm is of use for what falls over orders of magnitude, as a loss does. */
  readonly logarithmic?: boolean;
}

/** From how large a ratio of the largest to the smallest value on a logarithm shows more than it hides. */
const LOG_RATIO = 20;

/** Values this near to zero, and differences this small beside the values, are drawn as none. */
const SMALLEST = 1e-90;
const FLAT = 1e-9;

/** The axis for these values, whatever they are: none, one, all equal, not finite. */
export function decideScale(
  values: readonly number[],
  { range: [least, most] = [-Infinity, Infinity], ...hints }: ScaleHints = {},
): AxisScale {
  const { type, domain, ticks } = spanningScale(
    values.map((value) => (Number.isFinite(value) ? Math.max(least, Math.min(most, value)) : value)),
    hints,
  );
  const ends = [Math.max(least, domain[0]), Math.min(most, domain[1])] as const;
  return ends[0] < ends[1]
    ? { type, domain: ends, ticks: ticks.filter((tick) => tick >= ends[0] && tick <= ends[1]) }
    : { type, domain, ticks };
}

function spanningScale(values: readonly number[], { unit, logarithmic = false }: Omit<ScaleHints, 'range'>): AxisScale {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (finite.length === 0) return linear(0, 1);
  if (logarithmic && low > 0 && high / low >= LOG_RATIO) return log(low, high);
  if (unit === 'share' && low >= 0 && high <= 1 && high > 0.4) return linear(0, 1);
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size < SMALLEST) return linear(0, 1);
  if (high - low < size * FLAT) return linear(low - size / 2, high + size / 2);
  const startsAtZero = low > 0 && low < high / 2;
  return linear(startsAtZero ? 0 : low, high);
}

function linear(low: number, high: number): AxisScale {
  const step = niceStep((high - low) / 5);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => exact((first + index) * step, step));
  return { type: 'linear', domain: [ticks[0] ?? low, ticks.at(-1) ?? high], ticks };
}

/** Ends at the next 1, 2 or 5 times a power of ten; labelled there, or at the powers alone when there are many. */
function log(low: number, high: number): AxisScale {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const decades = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const candidates = decades.flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)));
  const below = candidates.filter((tick) => tick <= low).at(-1) ?? low;
  const above = candidates.find((tick) => tick >= high) ?? high;
  const inside = candidates.filter((tick) => tick >= below && tick <= above);
  const powers = inside.filter((tick) => Number.isInteger(Math.log10(tick)));
  const every = Math.max(1, Math.ceil(powers.length / 8));
  return { type: 'log', domain: [below, above], ticks: inside.length <= 8 ? inside : powers.filter((_, index) => index % every === 0) };
}

/** 1, 2 or 5 times a power of ten, at least about so large. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.99) ?? 10;
  return digit * power;
}

/** `3 * 0.1` is 0.30000000000000004; a tick is 0.3. */
const exact = (value: number, step: number): number => Number(value.toFixed(Math.min(100, Math.max(0, 1 - Math.floor(Math.log10(step))))));

/** Where a value stands on an axis of so many pixels, measured from the top. */
export function pixelOf({ type, domain: [low, high] }: AxisScale, value: number, height: number): number {
  const along = type === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return (1 - along) * height;
}
