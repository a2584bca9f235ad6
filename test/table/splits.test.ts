import { describe, expect, test } from 'vitest';
import { judge } from '../../src/study/claims/judge.js';
import type { Claim } from '../../src/study/claims/claim.js';
import type { CellRuns } from '../../src/study/claims/samples.js';
import { oneAccident } from '../../src/study/claims/accident.js';
import { equivalent, limit, overSplits, published, rank } from './claims.js';

const verdictOf = (claim: Claim, a: CellRuns, b = a) =>
  judge(claim, { cell: ([row]) => (row === 'b' ? b : a), interimLooks: { declared: 2, number: 1 }, device: 'CPU' });

const WIDE = overSplits([
  [0.9, 1.1],
  [0.91, 1.11],
  [0.89, 1.09],
  [0.9, 1.11],
]);

describe('over splits', () => {
  test('a number in print is a single run: how far those reach counts, and not only how far the means of splits do', () => {
    const found = verdictOf(published('1.20', 0.05), WIDE);
    expect(found.reason).toBe('single draw');
    // Means 1, 1.01, 0.99 and 1.005: sd² 7.292e-5; within² 0.020513 (numpy), half of which comes on top for a single run; t(3) at 0.975 is 3.1824.
    const [low = 0, high = 0] = found.numbers.runInterval ?? [];
    expect((high - low) / 2).toBeCloseTo(3.182446305284263 * Math.sqrt(7.291666666666e-5 * 1.25 + 0.0205125 / 2), 6);
    // The same means of single runs differ.
    const alone = overSplits([[1], [1.01], [0.99], [1.005]]);
    expect(verdictOf(published('1.20', 0.05), alone).kind).toBe('differs');
  });

  test('one run that went wrong is a part of a split, and nothing is said of it', () => {
    const judging = { cell: () => WIDE, interimLooks: { declared: 2, number: 1 }, device: 'CPU' };
    const claim = limit('at_most', 9);
    expect(oneAccident(claim, judge(claim, judging), judging)).toBeUndefined();
    const { each: _, ...alone } = WIDE;
    const ofRuns = { ...judging, cell: () => alone };
    expect(oneAccident(claim, judge(claim, ofRuns), ofRuns)).toMatchObject({ from: 'far' });
  });

  test('two are too few, whatever the number of their seeds', () => {
    const two = overSplits([
      [1, 2, 3],
      [2, 3, 4],
    ]);
    expect(verdictOf(limit('at_most', 9), two).wording).toBe(
      'inconclusive: 2 splits (2, 3) say too little of the spread; at least 3 are needed',
    );
  });

  test('verdicts speak of splits', () => {
    const same = overSplits([[1], [1], [1]]);
    expect(verdictOf(limit('at_most', 9), same).wording).toBe(
      'inconclusive: all 3 splits gave 1: the split changes nothing, or the metric is saturated',
    );
    const lost = overSplits([[1], [1.1], [1.2], [1.1]], {});
    const oneLost = { ...lost, samples: [...lost.samples.slice(0, 3), { seed: 4, outcome: 'diverged' as const }] };
    expect(verdictOf(limit('at_most', 9), oneLost).wording).toMatch(/^inconclusive: 1 of 4 splits diverged \(split 4\); the others/);
    const unrecorded = { ...lost, samples: [...lost.samples.slice(0, 3), { seed: 4, outcome: 'finished' as const }] };
    expect(verdictOf(limit('at_most', 9), unrecorded).wording).toContain('1 of 4 splits has no ');
    expect(verdictOf(limit('at_most', 9), overSplits([], { seeds: [1, 2] })).wording).toBe('not run: 0 of 2 splits');
    expect(verdictOf(equivalent(0.5, { paired: false }), lost, overSplits([[1.05], [1], [1.3], [1.2]])).wording).toContain(
      'over 4 and 4 splits',
    );
    expect(verdictOf(rank('lower', { paired: false }), lost, overSplits([[2], [2.1]])).wording).toContain('2 splits');
  });
});
