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

/** P(Z <= x) of the standard normal: within 3 by the series of its integral, beyond by the continued fraction of Mills' ratio. */
export function normalCdf(x: number): number {
  if (x === 0) return 0.5;
  if (Math.abs(x) < 3) return 0.5 + normalDensity(x) * integralSeries(x);
  const beyond = Number.isFinite(x) ? normalDensity(x) / millsDenominator(Math.abs(x)) : 0;
  return x < 0 ? beyond : 1 - beyond;
}

/**
 * The x with P(Z <= x) = p: a start good to three digits (Abramowitz & Stegun 26.2.23), then Halley's method, which triples the digits each
 * time.
 */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p <= 0 || p >= 1) return p <= 0 ? -Infinity : Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  const u = Math.sqrt(-2 * Math.log(p));
  let x = (2.515517 + u * (0.802853 + u * 0.010328)) / (1 + u * (1.432788 + u * (0.189269 + u * 0.001308))) - u;
  for (let step = 0; step < 3; step++) {
    const newton = (normalCdf(x) - p) / normalDensity(x);
    x -= newton / (1 + (x * newton) / 2);
  }
  return x;
}

const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** x + x³/3 + x⁵/(3·5) + …: the integral of the density from 0 to x, over the density at x. */
function integralSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return sum;
}

/** x + 1/(x + 2/(x + 3/(x + …))), from the inside out. */
function millsDenominator(x: number): number {
  let value = x;
  for (let k = MILLS_TERMS; k >= 1; k--) value = x + k / value;
  return value;
}

const MILLS_TERMS = 120;

/**
 * ln Γ(x), x > 0, to about 1e-15: Lanczos (1964) with g = 7 and nine terms (coefficients of Godfrey 2001); below 0.5 by reflection.
 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x + LANCZOS_G - 0.5;
  const series = LANCZOS.reduce((sum, coefficient, k) => sum + (k === 0 ? coefficient : coefficient / (x + k - 1)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(series);
}

/**
 * ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b). With a large argument the difference of two huge logarithms is taken analytically, by
 * Stirling's series, so that a million degrees of freedom cost no digits (Didonato & Morris 1992).
 */
function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < 15) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const ratio = -(large - 0.5) * Math.log1p(small / large) - small * Math.log(large + small) + small;
  return logGamma(small) + ratio + stirlingRest(large) - stirlingRest(large + small);
}

/**
 * The regularized incomplete beta function I_x(a, b), by Lentz's continued fraction (Numerical Recipes, section 6.4) on the side where it
 * converges fast. `complement` is 1 - x, for callers who know it better than by subtraction.
 */
export function betaRegularized(x: number, a: number, b: number, complement = 1 - x): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  return x < (a + 1) / (a + b + 2) ? lowerPart(x, complement, a, b) : 1 - lowerPart(complement, x, b, a);
}

/** P(F >= f) of the ratio of two means of squares with `d1` and `d2` degrees of freedom: I_x(d2/2, d1/2) at x = d2 / (d2 + d1 f). */
export function fUpperTail(f: number, d1: number, d2: number): number {
  if (f <= 0) return 1;
  if (!Number.isFinite(f)) return 0;
  return betaRegularized(d2 / (d2 + d1 * f), d2 / 2, d1 / 2, (d1 * f) / (d2 + d1 * f));
}

/** The x at which I_x(a, b) = p, by bisection down to neighbouring doubles. */
export function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (betaRegularized(middle, a, b) < p) low = middle;
    else high = middle;
  }
}

/** x^a (1-x)^b / (a B(a, b)) times the continued fraction; log1p keeps the digits of whichever of the two is close to 1. */
function lowerPart(x: number, complement: number, a: number, b: number): number {
  const logX = x > 0.5 ? Math.log1p(-complement) : Math.log(x);
  const logComplement = complement > 0.5 ? Math.log1p(-x) : Math.log(complement);
  return (Math.exp(a * logX + b * logComplement - logBeta(a, b)) / a) * continuedFraction(x, a, b);
}

function continuedFraction(x: number, a: number, b: number): number {
  const atLeastTiny = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / atLeastTiny(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / atLeastTiny(1 + even * d);
    c = atLeastTiny(1 + even / c);
    product *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / atLeastTiny(1 + odd * d);
    c = atLeastTiny(1 + odd / c);
    product *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return product;
}

/** ln Γ(x) minus Stirling's (x - 1/2) ln x - x + ln(2π)/2, for x >= 15. */
function stirlingRest(x: number): number {
  const inverse = 1 / (x * x);
  return (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
}

const LANCZOS_G = 7;
const LANCZOS: readonly number[] = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const TINY = 1e-300;
const MOST_TERMS = 10_000;

/**
 * P(T <= t) of Student's t that is not centred, T = (Z + shift) / √(χ² / df): the chance of Z <= t s - shift, over the density of s = √(χ² / df).
 *
 *     ∫ Φ(t s - shift) f(s) ds,   f(s) s ~ s^df exp(-df s² / 2) in ln s
 *
 * In ln s the density falls off at both ends faster than any power, so that the trapezoid rule needs no more than a few points for each width of it, and
 * of the step that Φ makes. Absolute error below 1e-12.
 */
export function noncentralTCdf(t: number, df: number, shift: number): number {
  const logDensity = (x: number): number => df * x - (df / 2) * Math.expm1(2 * x);
  const width = 1 / Math.sqrt(2 * df);
  const step = Math.min(width / 3, 0.5 / Math.max(1, Math.abs(t), Math.abs(shift)));
  let [weights, total] = [0, 0];
  for (const side of [-1, 1]) {
    for (let index = side === 1 ? 0 : 1; ; index++) {
      const x = side * index * step;
      const logWeight = logDensity(x);
      if (logWeight < NO_WEIGHT) break;
      const weight = Math.exp(logWeight);
      weights += weight;
      total += weight * normalCdf(t * Math.exp(x) - shift);
    }
  }
  return total / weights;
}

/** e^-40 of the highest density. */
const NO_WEIGHT = -40;

/**
 * The q with P(Q <= q) = p of the studentized range with infinite degrees of freedom, which is how far the largest of k normal values lies above the least:
 * R's `qtukey(p, k, Inf)`. Newton's method from the bound by Bonferroni,
 * √2 z with all k (k - 1) / 2 pairs, which lies above q.
 */
export function studentizedRangeQuantile(p: number, k: number): number {
  if (p <= 0 || p >= 1) return p <= 0 ? 0 : Infinity;
  let q = -Math.SQRT2 * normalQuantile((1 - p) / (k * (k - 1)));
  for (let step = 0; step < MOST_STEPS; step++) {
    const [probability, density] = rangeIntegral(q, k);
    const next = Math.max(q / 2, q - (probability - p) / density);
    if (Math.abs(next - q) < 1e-13 * q) return next;
    q = next;
  }
  return q;
}

/**
 * P(Q <= q) and its derivative, where z is the largest value:
 *
 *     k ∫ φ(z) (Φ(z) - Φ(z - q))^(k - 1) dz
 *     k (k - 1) ∫ φ(z) φ(z - q) (Φ(z) - Φ(z - q))^(k - 2) dz
 *
 * What is integrated falls off at both ends faster than any power, so that the trapezoid rule with a step of 1/6 leaves no error beside that of Φ.
 */
function rangeIntegral(q: number, k: number): readonly [probability: number, density: number] {
  let [probability, density] = [0, 0];
  for (let index = -RANGE_STEPS; index <= RANGE_STEPS; index++) {
    const z = index / RANGE_STEPS_OF_ONE;
    const between = z < 0 ? normalCdf(z) - normalCdf(z - q) : normalCdf(q - z) - normalCdf(-z);
    const weight = (k * normalDensity(z) * between ** (k - 2)) / RANGE_STEPS_OF_ONE;
    probability += weight * between;
    density += (k - 1) * weight * normalDensity(z - q);
  }
  return [probability, density];
}

const RANGE_STEPS_OF_ONE = 6;
/** Beyond 9 the normal density is 1e-18. */
const RANGE_STEPS = 9 * RANGE_STEPS_OF_ONE;
