import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/study/claims/claim.js';
import { limitByKnown } from '../../src/study/claims/known.js';
import type { CellRuns } from '../../src/study/claims/samples.js';
import { cell, judgeWith, limit, published, rank, ratio } from './claims.js';

/** A row that nobody trains: `a` is runs and `b` is the number, or the other way round. */
const known = (value: number, label = 'persistence'): CellRuns => cell([], { label, known: value });
const OURS = [44.1, 45.9, 43.7, 46.2, 44.8, 45.1];
const ours = cell(OURS, { label: 'LSTM' });
const limitOf = (claim: Claim, a: CellRuns, b: CellRuns) => limitByKnown(claim, ([row]) => (row === 'a' ? a : b));

describe('a claim against a known number is a limit on the other cell', () => {
  it.each([
    [rank('lower'), 'at_most', 48.66, 'lower than persistence (48.66)'],
    [rank('lower', { by: 2 }), 'at_most', 46.66, 'lower than persistence (48.66) by at least 2'],
    [rank('higher', { by: 2 }), 'at_least', 50.66, 'higher than persistence (48.66) by at least 2'],
    [ratio(0.95, { side: 'at_most' }), 'at_most', 46.227, 'at most 0.95 times persistence (48.66), which allows 46.23'],
    [ratio(0.9, { margin: 0.05 }), 'at_least', 41.361, 'at least 0.9 times persistence (48.66), with margin 0.05, which allows 41.36'],
  ] as const)('%j', (claim, side, bound, words) => {
    const found = limitOf(claim, ours, known(48.66));
    expect(found).toMatchObject({ kind: 'limit', side, cell: ['a', 'x'], against: { words } });
    expect(found?.bound).toBeCloseTo(bound, 12);
  });

  it.each([
    [rank('higher'), 'at_most', 48.66, 'lower than persistence (48.66)'],
    [rank('lower', { by: 2 }), 'at_least', 50.66, 'higher than persistence (48.66) by at least 2'],
    [ratio(1.1), 'at_most', 48.66 / 1.1, 'at most 44.24, so that persistence (48.66) is at least 1.1 times as much'],
    [
      ratio(1, { side: 'at_most', margin: 0.1 }),
      'at_least',
      48.66 / 1.1,
      'at least 44.24, so that persistence (48.66) is at most 1 times as much, with margin 0.1',
    ],
  ] as const)('where it is the claimed one: %j', (claim, side, bound, words) => {
    const found = limitOf(claim, known(48.66), ours);
    expect(found).toMatchObject({ kind: 'limit', side, cell: ['b', 'x'], against: { words } });
    expect(found?.bound).toBeCloseTo(bound, 12);
  });

  it('and judged as that limit is, number by number', () => {
    for (const bound of [44, 45, 48.66])
      for (const more of [{}, { share: 0.5 }, { confidence: 0.8 }, { excludesDiverged: true, because: 'so' }]) {
        const { wording: _, ...verdict } = judgeWith(rank('lower', more), ours, known(bound));
        const { wording: __, ...direct } = judgeWith(limit('at_most', bound, more), ours);
        expect(verdict).toEqual(direct);
      }
    expect(judgeWith(rank('lower'), ours, known(48.66)).wording).toBe(
      'reproduced: mean of LSTM 45.0, at most 46.0 (97.5 % sure); claim lower than persistence (48.66)',
    );
    expect(judgeWith(rank('lower', { share: 0.5 }), ours, known(45)).wording).toBe(
      'inconclusive: 3 of 6 runs of LSTM lower than persistence (45.00), a share between 0.12 and 0.88; claim 0.5',
    );
  });

  it('but what equals the number is not lower than it', () => {
    const same = cell([0.25, 0.25, 0.25, 0.25, 0.25, 0.25], { resolution: 0.001 });
    expect(judgeWith(limit('at_most', 0.25, { share: 0.5 }), same).kind).toBe('reproduced');
    expect(judgeWith(rank('lower', { share: 0.5 }), same, known(0.25)).kind).toBe('differs');
    expect(judgeWith(rank('higher', { share: 0.5 }), same, known(0.25)).kind).toBe('differs');
    expect(judgeWith(rank('lower', { deterministic: true }), same, known(0.25)).kind).toBe('differs');
    expect(judgeWith(rank('lower', { by: 0.25, deterministic: true }), same, known(0.5)).kind).toBe('reproduced');
    const zero = cell([0, 0, 0, 0, 0, 0]);
    expect(judgeWith(rank('higher', { deterministic: true }), zero, known(0)).kind).toBe('differs');
  });
});

describe('a claim of known numbers alone is decided by comparing', () => {
  it.each([
    [published('48.66', 0), 48.6641, 'reproduced: 48.6641, known without training; published 48.66 allows 48.655 to 48.665'],
    [published('48.67', 0), 48.6641, 'differs: 48.6641, known without training; published 48.67 allows 48.665 to 48.675'],
    [published('48.7', 0), 48.6641, 'reproduced: 48.664, known without training; published 48.7 allows 48.65 to 48.75'],
    [published('48', 0.5), 48.6641, 'reproduced: 48.66, known without training; published 48 with margin 0.5 allows 47 to 49'],
    [limit('at_most', 45), 48.6641, 'differs: persistence has 48.6641, known without training; claim at most 45'],
  ])('%j', (claim, value, wording) => {
    expect(judgeWith(claim, known(value))).toMatchObject({ wording, couldDecide: false, numbers: { n: 0, mean: value } });
  });

  it('of two rows too, and a tie is no order', () => {
    const year = known(42.32, 'last year');
    expect(judgeWith(rank('lower', { by: 5 }), year, known(48.66)).wording).toBe(
      'reproduced: last year has 42.32, known without training; claim lower than persistence (48.66) by at least 5',
    );
    expect(judgeWith(rank('higher'), year, known(48.66)).kind).toBe('differs');
    expect(judgeWith(rank('lower'), year, known(42.32)).kind).toBe('differs');
    expect(judgeWith(rank('higher'), year, known(42.32)).kind).toBe('differs');
    expect(judgeWith(ratio(0.9, { side: 'at_most' }), year, known(48.66)).kind).toBe('reproduced');
    expect(judgeWith(ratio(0.9), year, known(48.66)).kind).toBe('differs');
  });
});
