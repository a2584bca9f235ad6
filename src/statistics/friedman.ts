import { fUpperTail, studentizedRangeQuantile } from './distributions.js';
import { doubledMidranks } from './ranks.js';

/** How k methods rank over n data sets, and whether they may be equal. */
interface Friedman {
  /** Of each method, the mean of its ranks; 1 is that of the lowest value. */
  readonly ranks: readonly number[];
  /** Corrected for ties. */
  readonly chiSquared: number;
  /** Iman and Davenport's form of it, with k - 1 and (k - 1) (n - 1) degrees of freedom; infinite where all data sets rank alike. */
  readonly f: number;
  /** The chance of so much or more if every order of the methods is as likely on each data set. */
  readonly p: number;
  /** Whether that counts all orders; else it is that of F. */
  readonly isExact: boolean;
}

/**
 * Friedman 1937: on each data set the methods are ranked, ties by midranks, and mean ranks R_j that lie far apart tell that the methods differ. With r the
 * ranks themselves:
 *
 *     χ² = n² (k - 1) Σ (R_j - (k + 1) / 2)² / Σ (r - (k + 1) / 2)²        the last sum is n k (k² - 1) / 12 without ties
 *     F  = (n - 1) χ² / (n (k - 1) - χ²)                                   Iman and Davenport 1980
 *
 * Where the orders can be counted, p is exact: of all permutations of the ranks within each data set, those with a χ² as large. Else it is that of F, and
 * where all data sets rank alike, which makes F infinite, the (1 / k!)^(n - 1) that one order has. `scipy.stats.friedmanchisquare` gives the same χ², and the
 * p of its limit, which is too large for few data sets.
 *
 * @param values [data set, method], equal ones made equal; the lowest gets rank 1.
 */
export function friedman(values: readonly (readonly number[])[]): Friedman {
  const doubled = values.map(doubledMidranks);
  const [n, k] = [values.length, values[0]?.length ?? 0];
  const sums = Array.from({ length: k }, (_, method) => doubled.reduce((total, row) => total + (row[method] ?? 0), 0));
  const between = sums.reduce((total, sum) => total + (sum - n * (k + 1)) ** 2, 0) / 4;
  const within = doubled.flat().reduce((total, rank) => total + (rank - (k + 1)) ** 2, 0) / 4;
  // Methods that tie on every data set.
  if (within === 0) return { ranks: sums.map(() => (k + 1) / 2), chiSquared: 0, f: 0, p: 1, isExact: true };
  const chiSquared = ((k - 1) * between) / within;
  const left = n * (k - 1) - chiSquared;
  const isOneOrder = left <= 1e-9 * n * (k - 1);
  const f = isOneOrder ? Infinity : ((n - 1) * chiSquared) / left;
  const isExact = canCount(n, k);
  const p = isExact ? exactP(doubled, sums) : isOneOrder ? smallestFriedmanP(n, k) : fUpperTail(f, k - 1, (k - 1) * (n - 1));
  return { ranks: sums.map((sum) => sum / (2 * n)), chiSquared, f, p, isExact };
}

/** The chance that all data sets rank k methods alike, whatever the order. */
export const smallestFriedmanP = (n: number, k: number): number => factorial(k) ** (1 - n);

/**
 * Nemenyi 1963: of k methods over n data sets, how far two mean ranks lie apart at least where the two methods differ; the chance that any pair does if all
 * methods are equal is alpha. Demšar 2006 has the table of q / √2.
 *
 *     q √(k (k + 1) / (12 n))      q the studentized range of k at 1 - alpha, infinite degrees of freedom
 */
export const criticalDifference = (n: number, k: number, alpha: number): number =>
  studentizedRangeQuantile(1 - alpha, k) * Math.sqrt((k * (k + 1)) / (12 * n));

/**
 * Whether all orders are counted: about k^(k - 2) n^k / k sums are formed, which are points of a permutohedron times n. Three methods are counted to 100 data
 * sets, four to 22, five to 8, six to 4, seven to 2.
 */
const canCount = (n: number, k: number): boolean => k ** (k - 3) * n ** k <= MOST_SUMS;
const MOST_SUMS = 1e6;

/** The share of all orders whose rank sums are as far apart as these. */
function exactP(rows: readonly (readonly number[])[], sums: readonly number[]): number {
  const observed = squaresOf(sums);
  let p = 0;
  for (const [squares, chance] of spreadsOf(rows)) if (squares >= observed) p += chance;
  return Math.min(1, p);
}

/** What the squares of the rank sums come to over all orders, each value with its chance. It depends on the ties alone, and is kept for the next who asks. */
function spreadsOf(rows: readonly (readonly number[])[]): ReadonlyMap<number, number> {
  const patterns = rows.map((row) => row.toSorted(ascending));
  const key = patterns
    .map((row) => row.join())
    .toSorted()
    .join(';');
  const found = COUNTED.get(key) ?? countSpreads(patterns);
  if (COUNTED.size >= MOST_COUNTED) COUNTED.clear();
  COUNTED.set(key, found);
  return found;
}
const COUNTED = new Map<string, ReadonlyMap<number, number>>();
const MOST_COUNTED = 32;

/**
 * Data set by data set, with what chance the rank sums are these. Which method has which sum does not matter: sums stand in ascending order, and are told
 * apart by the number that has them as digits. On the first data set one order stands for all.
 */
function countSpreads([first = [], ...others]: readonly (readonly number[])[]): ReadonlyMap<number, number> {
  const base = 1 + 2 * first.length * (others.length + 1);
  let states: ReadonlyMap<number, State> = new Map([[0, { sums: first, chance: 1 }]]);
  const sums = first.slice();
  for (const row of others) {
    const orders = permutations(row);
    const next = new Map<number, State>();
    for (const state of states.values()) {
      const chance = state.chance / orders.length;
      for (const order of orders) {
        for (const [method, sum] of state.sums.entries()) insert(sums, method, sum + (order[method] ?? 0));
        let key = 0;
        for (const sum of sums) key = key * base + sum;
        const found = next.get(key);
        if (found) found.chance += chance;
        else next.set(key, { sums: sums.slice(), chance });
      }
    }
    states = next;
  }
  const spreads = new Map<number, number>();
  for (const state of states.values()) {
    const squares = squaresOf(state.sums);
    spreads.set(squares, (spreads.get(squares) ?? 0) + state.chance);
  }
  return spreads;
}

interface State {
  readonly sums: readonly number[];
  chance: number;
}

/** Into the first `count` numbers, which ascend, so that they go on to. */
function insert(sorted: number[], count: number, value: number): void {
  let at = count;
  for (; at > 0 && (sorted[at - 1] ?? 0) > value; at--) sorted[at] = sorted[at - 1] ?? 0;
  sorted[at] = value;
}

/** Each order of the values once, where some are equal. */
function permutations(values: readonly number[]): readonly (readonly number[])[] {
  if (values.length <= 1) return [values];
  return Array.from(new Set(values)).flatMap((value) => {
    const at = values.indexOf(value);
    return permutations(values.toSpliced(at, 1)).map((rest) => [value, ...rest]);
  });
}

const squaresOf = (sums: readonly number[]): number => sums.reduce((total, sum) => total + sum ** 2, 0);
const ascending = (a: number, b: number): number => a - b;
const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1));
