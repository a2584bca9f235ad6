import type { Interval } from './means.js';

/** A count of some out of all. */
export interface Count {
  readonly hits: number;
  readonly all: number;
}

export const shareOf = ({ hits, all }: Count): number => hits / all;

/**
 * How far a share p_a - p_b lies above `difference`, in standard errors at the shares that are likeliest among those that differ by just that
 * (Farrington & Manning 1990, whose cubic this solves; Miettinen & Nurminen 1985 have the factor N / (N - 1) besides). With no difference it is the pooled
 * z of Barnard's test.
 */
export function scoreOf(a: Count, b: Count, difference: number): number {
  const beyond = shareOf(a) - shareOf(b) - difference;
  if (Math.abs(beyond) < 1e-14) return 0;
  const [pa, pb] = likeliest(a, b, difference);
  const variance = (pa * (1 - pa)) / a.all + (pb * (1 - pb)) / b.all;
  return variance > 1e-30 ? beyond / Math.sqrt(variance) : beyond * Infinity;
}

/** The likeliest shares with p_a = p_b + difference. */
function likeliest(a: Count, b: Count, difference: number): readonly [number, number] {
  if (difference === 0) {
    const pooled = (a.hits + b.hits) / (a.all + b.all);
    return [pooled, pooled];
  }
  const ratio = b.all / a.all;
  const [pa, pb] = [shareOf(a), shareOf(b)];
  const first = 1 + ratio;
  const second = -(1 + ratio + pa + ratio * pb + difference * (ratio + 2));
  const third = difference * difference + difference * (2 * pa + ratio + 1) + pa + ratio * pb;
  const fourth = -pa * difference * (1 + difference);
  const v = second ** 3 / (3 * first) ** 3 - (second * third) / (6 * first * first) + fourth / (2 * first);
  const u = (v < 0 ? -1 : 1) * Math.sqrt(Math.max(0, second ** 2 / (3 * first) ** 2 - third / (3 * first)));
  const angle = (Math.PI + Math.acos(u === 0 ? 0 : Math.min(1, Math.max(-1, v / u ** 3)))) / 3;
  const [least, most] = [Math.max(0, difference), Math.min(1, 1 + difference)];
  const likeliestA = Math.min(most, Math.max(least, 2 * u * Math.cos(angle) - second / (3 * first)));
  return [likeliestA, Math.min(1, Math.max(0, likeliestA - difference))];
}

/**
 * The exact p-value of p_a - p_b <= `difference` against more than that: how likely a score as high as the one that was seen is at most, whatever the
 * shares are that differ by just that (Barnard 1947; Chan & Zhang 1999 for a difference that is not 0). With no difference it is
 * `scipy.stats.barnard_exact(pooled=True)`, one-sided.
 *
 * For each count of A the counts of B with a score as high are 0 to c, so that at p_b = p the chance is Σ P(A = x) P(B <= c(x)). It has several peaks
 * in p: all of a grid, even in the angle arcsin √p, are seen, and the highest three are climbed.
 */
export function differenceP(a: Count, b: Count, difference: number): number {
  if (Math.abs(difference) >= 1) return difference > 0 ? 1 : 0;
  const observed = scoreOf(a, b, difference);
  const isAsHigh = (x: number, y: number): boolean => {
    const score = scoreOf({ hits: x, all: a.all }, { hits: y, all: b.all }, difference);
    return score >= observed - 1e-9 * Math.max(1, Number.isFinite(observed) ? Math.abs(observed) : 1) || score === observed;
  };
  let last = -1;
  const most = Array.from({ length: a.all + 1 }, (_, x) => {
    while (last < b.all && isAsHigh(x, last + 1)) last++;
    return last;
  });
  const [least, largest] = [Math.max(0, -difference), Math.min(1, 1 - difference)];
  const chanceAt = (angle: number): number => {
    const p = least + (largest - least) * Math.sin(angle) ** 2;
    const [ofA, ofB] = [binomial(a.all, Math.min(1, Math.max(0, p + difference))), binomial(b.all, p)];
    const upTo = cumulated(ofB.chances);
    let total = 0;
    for (let index = 0; index < ofA.chances.length; index++) {
      const y = (most[ofA.from + index] ?? -1) - ofB.from;
      if (y >= 0) total += (ofA.chances[index] ?? 0) * (upTo[Math.min(y, upTo.length - 1)] ?? 0);
    }
    return total;
  };
  const points = 64 + Math.ceil(8 * Math.sqrt(a.all + b.all));
  const step = Math.PI / 2 / points;
  const grid = Array.from({ length: points + 1 }, (_, index) => ({ angle: index * step, chance: chanceAt(index * step) }));
  const highest = grid.toSorted((one, other) => other.chance - one.chance).slice(0, 3);
  return Math.min(
    1,
    Math.max(...highest.map(({ angle }) => climb(chanceAt, Math.max(0, angle - step), Math.min(Math.PI / 2, angle + step)))),
  );
}

/**
 * Where p_a - p_b is, with `alpha` at most on each side: the differences that `differenceP` does not reject, from either side (Chan & Zhang 1999).
 */
export function differenceInterval(a: Count, b: Count, alpha: number): Interval {
  const seen = shareOf(a) - shareOf(b);
  const end = (from: number, isRejected: (difference: number) => boolean): number => {
    if (!isRejected(from)) return from;
    let [out, inside] = [from, seen];
    for (let step = 0; step < BISECTIONS; step++) {
      const middle = (out + inside) / 2;
      if (isRejected(middle)) out = middle;
      else inside = middle;
    }
    return out;
  };
  return [end(-1, (difference) => differenceP(a, b, difference) <= alpha), end(1, (difference) => differenceP(b, a, -difference) <= alpha)];
}

/** An end of the interval is known to 1e-7. */
const BISECTIONS = 24;

/** P(k of n), rising in k from `from` on, as far from the likeliest as it is a 1e-20th of that. */
function binomial(n: number, p: number): { readonly from: number; readonly chances: Float64Array } {
  if (p <= 0 || p >= 1) return { from: p <= 0 ? 0 : n, chances: Float64Array.of(1) };
  const peak = Math.min(n, Math.floor((n + 1) * p));
  const odds = p / (1 - p);
  const above = [1];
  for (let k = peak + 1, chance = 1; k <= n && chance > NEGLIGIBLE; k++) above.push((chance *= ((n - k + 1) / k) * odds));
  const below: number[] = [];
  for (let k = peak - 1, chance = 1; k >= 0 && chance > NEGLIGIBLE; k--) below.push((chance *= (k + 1) / (n - k) / odds));
  const chances = Float64Array.from([...below.toReversed(), ...above]);
  let total = 0;
  for (const chance of chances) total += chance;
  for (let index = 0; index < chances.length; index++) chances[index] = (chances[index] ?? 0) / total;
  return { from: peak - below.length, chances };
}

const NEGLIGIBLE = 1e-20;

function cumulated(chances: Float64Array): Float64Array {
  const sums = new Float64Array(chances.length);
  let total = 0;
  for (let index = 0; index < chances.length; index++) sums[index] = total += chances[index] ?? 0;
  return sums;
}

/** The largest value between two places with one peak between them (golden section). */
function climb(value: (at: number) => number, low: number, high: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [value(left), value(right)];
  let most = Math.max(atLeft, atRight, value(low), value(high));
  for (let step = 0; step < CLIMBS; step++) {
    if (atLeft >= atRight) {
      high = right;
      [right, atRight] = [left, atLeft];
      left = high - golden * (high - low);
      atLeft = value(left);
    } else {
      low = left;
      [left, atLeft] = [right, atRight];
      right = low + golden * (high - low);
      atRight = value(right);
    }
    most = Math.max(most, atLeft, atRight);
  }
  return most;
}

/** At a peak the value is flat: 1e-6 of its width is 1e-12 of its height. */
const CLIMBS = 26;
