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
