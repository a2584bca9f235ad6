import { brunnerMunzel, probabilityInterval } from './brunner-munzel.js';
import { logGamma, noncentralTCdf, normalQuantile } from './distributions.js';
import { type Interval, mean, standardDeviation, sum, variance } from './means.js';
import { clopperPearson } from './tests.js';

/** How large a difference is, without a unit. */
export interface EffectSize {
  readonly value: number;
  readonly interval: Interval;
}

/**
 * Hedges' g (1981), the difference of two means in standard deviations of a run, s pooled over both:
 *
 *     d = (mean a - mean b) / s        g = J d,  J = Γ(df / 2) / (√(df / 2) Γ((df - 1) / 2)),  df = n + m - 2
 *
 * The interval, with `alpha` on each side, is that of the true difference in true standard deviations: those shifts of the noncentral t at which
 * d / √(1/n + 1/m) is its quantile 1 - alpha, and alpha (Steiger & Fouladi 1997). Some multiply its ends by J too. Of pairs everything is of their
 * differences, with n - 1 degrees of freedom. Undefined without any spread, and where a difference is a thousand standard errors: the spread is nothing then.
 */
export function hedgesG(a: readonly number[], b: readonly number[], alpha: number): EffectSize | undefined {
  const df = a.length + b.length - 2;
  const sd = Math.sqrt(sum([variance(a) * (a.length - 1), variance(b) * (b.length - 1)]) / df);
  return standardised(mean(a) - mean(b), sd, df, 1 / a.length + 1 / b.length, alpha);
}

/** Of pairs: the mean of their differences in standard deviations of those. */
export const hedgesGOfPairs = (differences: readonly number[], alpha: number): EffectSize | undefined =>
  standardised(mean(differences), standardDeviation(differences), differences.length - 1, 1 / differences.length, alpha);

function standardised(difference: number, sd: number, df: number, share: number, alpha: number): EffectSize | undefined {
  if (!(sd > 1e-12 * Math.abs(difference)) || df < 2) return undefined;
  const d = difference / sd;
  const small = Math.exp(logGamma(df / 2) - logGamma((df - 1) / 2)) / Math.sqrt(df / 2);
  const t = d / Math.sqrt(share);
  if (Math.abs(t) > FARTHEST) return undefined;
  const shifts = [1 - alpha, alpha].map((p) => shiftWith(t, df, p));
  return { value: small * d, interval: [(shifts[0] ?? 0) * Math.sqrt(share), (shifts[1] ?? 0) * Math.sqrt(share)] };
}

/**
 * The shift of the noncentral t at which t is its quantile p, which falls as the shift grows. The quantile of the normal at that chance is almost a
 * line in the shift, so that the secant through the last two tries hits within a few steps, whose errors multiply: after one of 1e-9 there is none. Where it leaves the bracket, that
 * is halved.
 */
function shiftWith(t: number, df: number, p: number): number {
  const scale = Math.sqrt(1 + (t * t) / (2 * df));
  const wanted = normalQuantile(p);
  let [low, high] = [t - 10 * scale - 10, t + 10 * scale + 10];
  let [shift, slope] = [t - wanted * scale, -1 / scale];
  let before: { readonly shift: number; readonly excess: number } | undefined;
  for (let step = 0; step < SHIFT_STEPS && high - low > 1e-13 * Math.max(1, Math.abs(t)); step++) {
    const excess = normalQuantile(noncentralTCdf(t, df, shift)) - wanted;
    if (excess === 0) return shift;
    if (excess > 0) low = shift;
    else high = shift;
    if (Number.isFinite(excess)) {
      if (before && excess !== before.excess) slope = (excess - before.excess) / (shift - before.shift);
      before = { shift, excess };
    }
    const next = shift - excess / slope;
    const isInside = next > low && next < high;
    if (isInside && Math.abs(next - shift) < 1e-9 * Math.max(1, Math.abs(t))) return next;
    shift = isInside ? next : (low + high) / 2;
  }
  return shift;
}

const SHIFT_STEPS = 100;
const FARTHEST = 1000;

/** Cliff's delta (1993), P(A > B) - P(A < B): 2 P(A > B) + P(A = B) - 1, with the interval of Brunner and Munzel's probability. */
export function cliffsDelta(a: readonly number[], b: readonly number[], alpha: number): EffectSize {
  const [low, high] = probabilityInterval(a, b, alpha);
  return { value: 2 * brunnerMunzel(a, b).share - 1, interval: [2 * low - 1, 2 * high - 1] };
}
/** Of pairs: the share that is above less the share that is below, with Clopper and Pearson's interval, ties on the side that proves less. */
export function cliffsDeltaOfPairs(differences: readonly number[], alpha: number): EffectSize {
  const n = differences.length;
  const [above, below] = [differences.filter((each) => each > 0).length, differences.filter((each) => each < 0).length];
  const low = clopperPearson(above, n, alpha).lower;
  const high = clopperPearson(n - below, n, alpha).upper;
  return { value: (above - below) / n, interval: [2 * low - 1, 2 * high - 1] };
}
