import { expect, test } from 'vitest';
import { createStreams } from '../../src/random/streams.js';
import { clusterIntervals } from '../../src/statistics/bootstrap.js';
import { clopperPearson, clusteredShare } from '../../src/statistics/tests.js';

/* How sure a share is whose tries hang together: an accuracy over several examples of each subject. */

test('single tries have the interval of Clopper and Pearson', () => {
  const tries = [1, 1, 0, 1, 1, 0, 1, 1, 1, 1].map((hits) => ({ hits, all: 1 }));
  expect(clusteredShare(tries, 0.025)).toEqual(clopperPearson(8, 10, 0.025));
});

test('clusters have that of the tries that they are worth', () => {
  const clusters = [
    [9, 10],
    [4, 8],
    [7, 7],
    [8, 12],
    [2, 6],
  ].map(([hits = 0, all = 0]) => ({ hits, all }));
  // The formula, with Student's and the beta distribution integrated by Simpson's rule.
  const { lower, upper } = clusteredShare(clusters, 0.025);
  expect([lower, upper].map((end) => end.toFixed(8))).toEqual(['0.35094344', '0.92984289']);
});

test('where all tries end alike the clusters are counted', () => {
  const clusters = Array.from({ length: 6 }, () => ({ hits: 20, all: 20 }));
  expect(clusteredShare(clusters, 0.025)).toEqual(clopperPearson(6, 6, 0.025));
});

/** How often the interval holds the truth where half of all subjects are good at `share + spread`, the others at `share - spread`. */
function coverage(count: number, share: number, spread: number, repeats: number): number {
  const { uniform } = createStreams(count).stream(`subjects/${share}`);
  let held = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const clusters = Array.from({ length: count }, () => {
      const own = share + (uniform() < 0.5 ? spread : -spread);
      const tries = Array.from({ length: 1 + Math.floor(20 * uniform()) }, () => uniform() < own);
      return { hits: tries.filter(Boolean).length, all: tries.length };
    });
    const { lower, upper } = clusteredShare(clusters, 0.025);
    held += Number(lower <= share && share <= upper);
  }
  return held / repeats;
}

test.each([
  [40, 0.8, 0.15],
  [40, 0.6, 0.25],
  [40, 0.9, 0.1],
  [10, 0.7, 0.2],
])('of %d clusters around %d ± %d it holds the truth 95 times of 100', (count, share, spread) => {
  expect(coverage(count, share, spread, 1000)).toBeGreaterThanOrEqual(0.93);
});

test('an interval that took clusters for single tries would not', () => {
  const { uniform } = createStreams(7).stream('alike');
  const held = Array.from({ length: 400 }, () => {
    const hits = Array.from({ length: 40 }, () => (uniform() < 0.6 ? 10 : 0)).reduce<number>((sum, each) => sum + each, 0);
    const { lower, upper } = clopperPearson(hits, 400, 0.025);
    return lower <= 0.6 && 0.6 <= upper;
  });
  expect(held.filter(Boolean).length / held.length).toBeLessThan(0.6);
});

test('drawn clusters give each statistic the interval that it has alone', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  const streamOf = () => createStreams(4).stream('clusters').integer;
  const meanOf = (times: Int32Array): number => values.reduce((sum, value, at) => sum + value * (times[at] ?? 0), 0) / 8;
  const largest = (times: Int32Array): number => Math.max(...values.map((value, at) => ((times[at] ?? 0) > 0 ? value : 0)));
  const both = clusterIntervals(8, (times) => [meanOf(times), largest(times)], streamOf());
  expect(both).toEqual([meanOf, largest].flatMap((of) => clusterIntervals(8, (times) => [of(times)], streamOf())));
  // The standard error of the mean is sqrt(6.61) / sqrt(8) = 0.91.
  const [[low = 0, high = 0] = []] = both;
  expect((high - low) / 2 / 0.91).toBeGreaterThan(1.7);
  expect((high - low) / 2 / 0.91).toBeLessThan(2.1);
});
