import { betaRegularized, logBeta } from './beta.js';

/** P(T <= t) of Student's t with `df` > 0 degrees of freedom, which need not be whole: a tail is I_x(df/2, 1/2) / 2 at x = df / (df + t²). */
export function studentTCdf(t: number, df: number): number {
  if (t === 0) return 0.5;
  if (Math.abs(t) > NEAR) return t < 0 ? tail(-t, df) : 1 - tail(t, df);
  return 0.5 + (Math.sign(t) * central(Math.abs(t), df)) / 2;
}

/** P(|T| >= |t|). */
export const studentTTwoSided = (t: number, df: number): number => Math.min(1, 2 * studentTCdf(-Math.abs(t), df));

/**
 * The t with P(T <= t) = p. Newton's method on logarithms: tails are powers of t, so that ln P is almost a line in ln t; near the middle the
 * same with P(|T| <= t), which keeps its digits there.
 */
export function studentTQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p <= 0 || p >= 1) return p <= 0 ? -Infinity : Infinity;
  const sign = p < 0.5 ? -1 : 1;
  const outside = p < 0.5 ? p : 1 - p;
  const inTail = outside < 0.25;
  const wanted = Math.log(inTail ? outside : sign * (2 * p - 1));
  let logT = 0;
  let low = -Infinity;
  let high = Infinity;
  for (let step = 0; step < MOST_STEPS; step++) {
    const t = Math.exp(logT);
    const probability = inTail ? tail(t, df) : central(t, df);
    const excess = Math.log(probability) - wanted;
    if (excess > 0 === inTail) low = logT;
    else high = logT;
    const slope = (t * density(t, df) * (inTail ? -1 : 2)) / probability;
    const newton = logT - excess / slope;
    const next = newton > low && newton < high ? newton : bisected(low, high);
    if (Math.abs(next - logT) < 1e-15 * Math.max(1, Math.abs(logT))) return sign * Math.exp(next);
    logT = next;
  }
  return sign * Math.exp(logT);
}

const tail = (t: number, df: number): number => betaRegularized(df / (df + t * t), df / 2, 0.5, (t * t) / (df + t * t)) / 2;
const central = (t: number, df: number): number => betaRegularized((t * t) / (df + t * t), 0.5, df / 2, df / (df + t * t));
const density = (t: number, df: number): number =>
  Math.exp(-((df + 1) / 2) * Math.log1p((t * t) / df) - logBeta(df / 2, 0.5)) / Math.sqrt(df);

/** Half way, or two further where one end isn't known yet. */
function bisected(low: number, high: number): number {
  if (low === -Infinity) return high - 2;
  return high === Infinity ? low + 2 : (low + high) / 2;
}

/** Nearer to the middle, half of what is between keeps more digits than the tail; beyond, only the tail keeps them. */
const NEAR = 0.5;
const MOST_STEPS = 200;
