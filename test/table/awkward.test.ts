import { describe, expect, test } from 'vitest';
import { levelOf } from '../../src/study/claims/interim-looks.js';
import { withLook } from '../../src/study/looks.js';
import { seriesOf } from '../../src/study/claims/samples.js';
import { cell, d2l, equivalent, judgeWith, limit, printed, probability, published, rank, samples } from './claims.js';

const GOOD = [1.03, 1.02, 1.05, 1.03, 1.04];
const with5 = (outcome: 'diverged' | 'crashed') =>
  cell([], { samples: [...samples(GOOD.slice(0, 4)), { seed: 5, outcome, procedure: 'p', endedAt: 9 }] });

describe('awkward data', () => {
  test.each([
    ['no seed', [], 'not_run', undefined],
    ['one seed', [1.03], 'inconclusive', 'few seeds'],
    ['two seeds', [1.03, 1.04], 'inconclusive', 'few seeds'],
    ['three seeds', [1.03, 1.04, 1.02], 'reproduced', undefined],
    ['zero spread', [1.03, 1.03, 1.03], 'inconclusive', 'zero spread'],
    ['zero spread but for dust', [1.03, 1.03, 1.03 + 1e-13], 'inconclusive', 'zero spread'],
  ] as const)('%s', (_, values, kind, reason) => {
    const verdict = judgeWith(published('1.0', 0.1), cell(values));
    expect([verdict.kind, verdict.reason]).toEqual([kind, reason]);
  });

  test('equal on purpose is compared directly, once three seeds have shown it', () => {
    const claim = published('1.0', 0.1, { deterministic: true });
    expect(judgeWith(claim, cell([1.03, 1.03, 1.03])).wording).toBe(
      'reproduced: 1.030 over 3 seeds, the mean is between 1.03 and 1.03; published 1.0 with margin 0.1 allows 0.85 to 1.15',
    );
    expect(judgeWith(claim, cell([1.2, 1.2, 1.2])).kind).toBe('differs');
    expect(judgeWith(claim, cell([1.2])).wording).toBe('inconclusive: 1 seed (1.2) shows no spread; at least 3 are needed');
  });

  test('equal because counted hides a spread of a step', () => {
    const verdict = judgeWith(published('1.000', 0.001), cell([1, 1, 1, 1, 1], { resolution: 1 / 20000 }));
    expect(verdict.kind).toBe('reproduced');
    expect(verdict.numbers.sd).toBeCloseTo(1 / 20000 / Math.sqrt(12), 12);
  });

  test('a reference that never varies and runs that never vary decide nothing', () => {
    const claim = { ...d2l('rnn_scratch/pytorch', 0.1), runs: [1, 1, 1, 1, 1, 1], printed: 0 };
    expect(judgeWith(claim, cell([1, 1, 1])).reason).toBe('zero spread');
    expect(judgeWith({ ...claim, deterministic: true }, cell([1, 1, 1])).kind).toBe('reproduced');
  });

  test('a diverged seed stands against a verdict on the mean', () => {
    const verdict = judgeWith(published('1.0', 0.1), with5('diverged'));
    expect(verdict.wording).toBe(
      'inconclusive: 1 of 5 seeds diverged (seed 5); the others alone would be reproduced: 1.032 over 4 seeds, the mean is between 1.012 and 1.053; published 1.0 with margin 0.1 allows 0.85 to 1.15',
    );
    expect([verdict.kind, verdict.reason, verdict.further]).toEqual(['inconclusive', 'diverged', 'never']);
    expect(judgeWith(published('1.0', 0.1, { excludesDiverged: true }), with5('diverged')).kind).toBe('reproduced');
  });

  test('a value that is no number has diverged', () => {
    expect(judgeWith(published('1.0', 0.1), cell([1.03, 1.02, Number.NaN, 1.03])).reason).toBe('diverged');
    expect(judgeWith(published('1.0'), cell([Infinity, Number.NaN])).wording).toBe(
      'inconclusive: all 2 seeds diverged, so there is no mean',
    );
  });

  test('failures are compared with failures of the reference', () => {
    const verdict = judgeWith(d2l('rnn_scratch/pytorch', 0.1, { diverged: 0 }), with5('diverged'));
    expect(verdict.numbers.pDiverged).toBeCloseTo(0.03937007874015748, 12);
    expect(verdict.wording).toContain('1 of 5 seeds diverged (seed 5), 1 of 5 against 0 of 122 in the reference (p = 0.039)');
  });

  test('a crashed seed is no data', () => {
    expect(judgeWith(published('1.0', 0.1), with5('crashed')).numbers.n).toBe(4);
    const crashed = cell([], { samples: [{ seed: 1, outcome: 'crashed' }] });
    expect(judgeWith(published('1.0'), crashed).wording).toBe('not run: 0 of 5 seeds; 1 crashed and is to be repeated');
  });

  test('diverged seeds rank worst, at the bad end of the metric', () => {
    const better = cell([1, 2, 3, 4, 5]);
    const worse = cell([6, 7, 8, 9, Number.NaN]);
    expect(judgeWith(rank('lower', { paired: true }), better, worse).kind).toBe('reproduced');
    const accurate = cell([7, 8, 9, 10, 11], { better: 'higher' });
    expect(judgeWith(rank('higher', { paired: true }), accurate, { ...worse, better: 'higher' }).kind).toBe('reproduced');
    expect(judgeWith(rank('higher', { paired: true }), cell([Number.NaN, 1]), cell([Number.NaN, 2])).kind).toBe('inconclusive');
  });

  test('diverged runs do not keep a limit', () => {
    const runs = limit('at_most', 1.25, { share: 0.5 });
    expect(judgeWith(runs, cell([1, 1.1, 1.2, 1.1, 1.15, 1])).wording).toBe(
      'reproduced: 6 of 6 runs at most 1.25, a share of at least 0.54 (97.5 % sure); claim 0.5',
    );
    expect(judgeWith(runs, cell([1, 1.1, 1.2, 1.1, 1.15, Number.NaN])).kind).toBe('inconclusive');
    expect(judgeWith({ ...runs, share: 0.9 }, cell([2, 2.1, 2, 1.1])).kind).toBe('differs');
  });

  test('runs of other code are not pooled', () => {
    const old = samples([9, 9, 9]).map((sample) => ({ ...sample, procedure: 'old', endedAt: -1 }));
    const mixed = cell([], { samples: [...old, ...samples(GOOD)] });
    expect(seriesOf(mixed).leftOut).toBe(3);
    expect(judgeWith(published('1.0', 0.1), mixed).kind).toBe('reproduced');
  });

  test('the newest run of a seed counts', () => {
    const again = [...samples(GOOD), { seed: 1, outcome: 'finished' as const, value: 7, procedure: 'p', endedAt: 99 }];
    expect(seriesOf(cell([], { samples: again })).finished[0]).toEqual({ seed: 1, value: 7 });
  });

  test('numbers of another device are not ours to claim', () => {
    const claim = published('67,044.5', undefined, { deviceBound: 'V100' });
    expect(judgeWith(claim, cell(GOOD, { unit: 'tokens/s' })).wording).toBe(
      'not claimable here: 67,044.5 tokens/s was measured on a V100; this is a CPU',
    );
    expect(judgeWith(claim, cell(GOOD), cell([]), { device: 'v100' }).kind).toBe('differs');
    expect(judgeWith({ ...claim, deviceBound: true }, cell(GOOD)).kind).toBe('not_claimable');
    expect(judgeWith(rank('lower', { deviceBound: 'A100' }), cell(GOOD), cell(GOOD)).wording).toBe(
      'not claimable here: the order was measured on an A100; this is a CPU',
    );
  });

  test('a metric that is not recorded is not claimable', () => {
    const unrecorded = cell([], { samples: [{ seed: 1, outcome: 'finished' }] });
    expect(judgeWith(published('1.0'), unrecorded).wording).toBe('not claimable here: the runs do not record train/perplexity');
  });

  test('a handful of reference runs are printed numbers, one by one', () => {
    const claim = d2l('rnn_scratch/paddle', 0.1);
    expect(claim.runs).toHaveLength(3);
    expect(judgeWith(claim, cell(GOOD)).wording).toBe('reproduced: reference of 3 runs, each taken as a printed number; 1.0: reproduced');
    const mixed = { ...claim, runs: [1, 1.5, 1] };
    expect(judgeWith(mixed, cell(GOOD)).kind).toBe('inconclusive');
  });

  test('a published mean with its spread is compared as two means', () => {
    const claim = published('1.0', 0.05, { spread: { sd: 0.02, runs: 10 } });
    const verdict = judgeWith(claim, cell(GOOD));
    expect(verdict.wording).toBe(
      'reproduced: 1.034 over 5 seeds, 0.034 above the published 1.000 (10 runs); the difference is between +0.016 and +0.052, within 0.1 (the margin 0.05 and half of the printed unit)',
    );
  });

  test('the strict reading asks it of single runs', () => {
    const claim = published('1.0', 0.02, { reading: 'procedure' });
    expect(judgeWith(published('1.0', 0.02), cell(GOOD)).kind).toBe('reproduced');
    expect(judgeWith(claim, cell([1.03, 1.02, 1.06, 1.03, 1.04])).kind).toBe('inconclusive');
    expect(judgeWith(claim, cell([1.03, 1.02, 1.06, 1.03, 1.04])).wording).toContain('one more run is between');
  });

  test('three seeds promise too much: what they ask for is rounded up', () => {
    const verdict = judgeWith(published('1.1', 0.1), cell([1.08, 1.11, 1.31]));
    expect(verdict.further).toBeTypeOf('number');
    expect(Number(verdict.further) % 5).toBe(0);
    const edge = judgeWith(published('1.0', 0.1), cell([1.149, 1.151, 1.1503, 1.1497, 1.15]));
    expect(edge.wording).toContain('more than 200 further seeds would be needed');
  });

  test('an order and a probability have no zone to be too close to', () => {
    const [one, other] = [cell([1, 2, 3, 4, 5, 6, 7, 8]), cell([1.1, 1.9, 3.1, 3.9, 5.1, 5.9, 7.1, 7.9])];
    const said = (claim: Parameters<typeof judgeWith>[0]): string =>
      judgeWith(claim, one, other).wording.split('would be needed: ')[1] ?? '';
    expect(said(rank('lower'))).toBe('the two are too alike for this spread');
    expect(said(rank('lower', { paired: true }))).toBe('the two are too alike for this spread');
    expect(said(rank('higher', { by: 0.001 }))).toBe('the difference is too close to 0.001 for this spread');
    expect(said(probability('lower', 0.5))).toBe('the probability is too close to 0.5');
  });

  test('a limit from print has half a step on top', () => {
    const values = [1.27, 1.28, 1.275, 1.27, 1.285];
    expect(judgeWith(limit('at_most', 1.25), cell(values)).kind).toBe('differs');
    expect(judgeWith(limit('at_most', printed('1.2')), cell([1.23, 1.24, 1.235, 1.23, 1.238])).kind).toBe('reproduced');
  });

  test('two cells without pairs are compared by their means', () => {
    const verdict = judgeWith(equivalent(0.1, { paired: false }), cell(GOOD), cell([1.02, 1.03, 1.01]));
    expect(verdict.kind).toBe('reproduced');
    expect(verdict.wording).toContain('over 5 and 3 seeds');
  });
});

describe('looks', () => {
  test.each([
    ['other', 1, 1, 0.05],
    ['reference', 1, 1, 0.05],
    ['rank', 1, 1, 0.05],
    ['other', 2, 1, 0.025],
    ['reference', 2, 2, 0.05],
    ['rank', 2, 1, 0.04],
    ['rank', 2, 2, 0.01],
    ['rank', 2, 3, 0.01],
    ['other', 4, 2, 0.0125],
    ['reference', 4, 1, 0.025],
    ['rank', 5, 3, 0.01],
  ] as const)('%s with %d declared, look %d: %f', (kind, declared, number, alpha) => {
    expect(levelOf(kind, { declared, number }, 0.95).alpha).toBe(alpha);
  });

  test('confidence divides what is left of 1', () => expect(levelOf('other', { declared: 2, number: 1 }, 0.99).alpha).toBe(0.005));

  test('the same seeds that are judged in the same way are no new look, another margin is', () => {
    const look = (...seeds: readonly number[]) => ({ seeds, terms: { margin: 0.1 } });
    const number = (...[before, now]: Parameters<typeof withLook>): number => withLook(before, now).number;
    expect(number([], look(1, 2, 3))).toBe(1);
    expect(number([look(1, 2, 3)], look(3, 2, 1))).toBe(1);
    expect(number([look(1, 2, 3), look(1, 2, 3), look(1, 2, 3, 4)], look(1, 2, 3, 4, 5))).toBe(3);
    expect(number([look(1, 2, 3)], { seeds: [1, 2, 3], terms: { margin: 0.2 } })).toBe(2);
  });

  test('too few seeds to decide are no look', () => {
    expect(judgeWith(published('1.0'), cell([1.03])).couldDecide).toBe(false);
    expect(judgeWith(rank('lower', { paired: true }), cell([1, 2]), cell([3, 4])).couldDecide).toBe(false);
    expect(judgeWith(published('1.0'), cell(GOOD)).couldDecide).toBe(true);
  });
});
