import { describe, expect, test } from 'vitest';
import { cell, d2l, equivalent, judgeWith, limit, printed, published, rank, ratio, samples } from './claims.js';
import { referenceOf } from './cases.js';

const LSTM = [1.08, 1.11, 1.16, 1.09, 1.31];
const RESET = [1.45, 1.39, 1.52, 1.44, 1.47];
const ADDITION = [0.983, 0.985, 0.987, 0.989, 0.991];
const addition = (margin?: number) => ({
  ...d2l('rnn_scratch/pytorch', margin),
  runs: referenceOf('addition_pytorch.jsonl'),
  printed: 0,
});

describe('worked examples', () => {
  test.each([
    [
      'LSTM, TensorFlow',
      d2l('lstm_scratch/tensorflow', 0.1),
      LSTM,
      "inconclusive: 1.15 over 5 seeds, which rounded as printed is 1.16, 0.01 above the reference's 1.15 (28 runs); the difference is between -0.10 and +0.12, margin 0.1; about 8 more seeds would decide (4 chances in 5)",
    ],
    [
      'LSTM, PyTorch',
      d2l('lstm_scratch/pytorch', 0.1),
      LSTM,
      "reproduced: 1.15 over 5 seeds, which rounded as printed is 1.16, 0.01 below the reference's 1.17 (98 runs); the difference is between -0.07 and +0.06, within the margin 0.1",
    ],
    [
      'LSTM, MXNet',
      d2l('lstm_scratch/mxnet', 0.1),
      LSTM,
      "inconclusive: 1.15 over 5 seeds, which rounded as printed is 1.16, 0.03 above the reference's 1.13 (81 runs); the difference is between -0.08 and +0.14, margin 0.1; about 13 more seeds would decide (4 chances in 5)",
    ],
    [
      'LSTM, the number alone',
      published('1.1', 0.1),
      LSTM,
      'inconclusive: 1.150 over 5 seeds, the mean is between 1.03 and 1.27, allowed 0.95 to 1.25; about 4 more seeds would decide (4 chances in 5)',
    ],
    [
      'addition',
      addition(0.005),
      ADDITION,
      "reproduced: 0.9870 over 5 seeds, 0.0003 below the reference's 0.9873 (15 runs); the difference is between -0.0031 and +0.0026, within the margin 0.005",
    ],
    [
      'addition, one sd',
      addition(0.0032),
      ADDITION,
      "reproduced: 0.9870 over 5 seeds, 0.0003 below the reference's 0.9873 (15 runs); the difference is between -0.0031 and +0.0026, within the margin 0.0032",
    ],
    [
      'state reset, one run',
      d2l('rnn_scratch_state_reset/pytorch', 0.1),
      [1.45],
      'inconclusive: 1 seed (1.45) shows no spread; at least 3 are needed. It is an ordinary run of the reference (rank p = 1)',
    ],
    [
      'state reset, TensorFlow',
      d2l('rnn_scratch_state_reset/tensorflow', 0.1),
      RESET,
      "reproduced: 1.45 over 5 seeds, which rounded as printed is 1.44, 0.01 below the reference's 1.45 (41 runs); the difference is between -0.08 and +0.06, within the margin 0.1",
    ],
    [
      'state reset against state carried',
      d2l('rnn_scratch/pytorch', 0.1),
      RESET,
      "differs: 1.45 over 5 seeds, which rounded as printed is 1.44, 0.42 above the reference's 1.02 (122 runs), 7.7 of its standard deviations; at least 0.35 above, margin 0.1",
    ],
    [
      'deep LSTM',
      d2l('deep_lstm/tensorflow', 0.1),
      [1, 1, 1, 1, 1],
      "reproduced: 1.000 over 5 seeds, equal to the reference's 1.000 (16 runs); the difference is between -0.025 and +0.025, within the margin 0.1",
    ],
    [
      'one high run',
      d2l('rnn_scratch/pytorch', 0.1),
      [1.9],
      'inconclusive: 1 seed (1.9) shows no spread; at least 3 are needed. None of 122 reference runs was this high',
    ],
    [
      'published',
      published('1.0', 0.1),
      [1.03, 1.02, 1.05, 1.03, 1.04],
      'reproduced: 1.034 over 5 seeds, the mean is between 1.020 and 1.048; published 1.0 with margin 0.1 allows 0.85 to 1.15',
    ],
    [
      'single draw',
      published('0.987', 0.002),
      [0.97, 0.981, 0.976, 0.985, 0.972, 0.979, 0.983, 0.975, 0.978, 0.974],
      'inconclusive: our mean is between 0.974 and 0.981, but single runs of ours reach 0.989, so the published 0.987 may be one such run; more seeds will not decide',
    ],
    [
      'differs from a number',
      published('1.0', 0.1),
      RESET,
      'differs: 1.454 over 5 seeds, the mean is between 1.40 and 1.51; published 1.0 with margin 0.1 allows 0.85 to 1.15',
    ],
    [
      'finer than print',
      d2l('rnn_scratch/pytorch', 0.05),
      RESET,
      'not claimable here: the margin 0.05 is finer than the reference prints (0.1)',
    ],
    [
      'limit',
      limit('at_most', 1.25),
      [1.164, 1.185, 1.18, 1.182, 1.185, 1.06],
      'reproduced: mean 1.16, at most 1.21 (97.5 % sure); claim at most 1.25',
    ],
    [
      'limit undecided',
      limit('at_least', 0.99),
      ADDITION,
      'inconclusive: mean 0.987, between 0.983 and 0.991; claim at least 0.99; about 6 more seeds would decide (4 chances in 5)',
    ],
    [
      'printed limit',
      limit('at_most', printed('1.0')),
      RESET,
      'differs: mean 1.45, at least 1.40 (97.5 % sure); claim at most 1.0, which allows 1.05',
    ],
    ['not run', published('1.0'), [], 'not run: 0 of 5 seeds'],
  ] as const)('%s', (_, claim, values, wording) => {
    expect(judgeWith(claim, cell(values)).wording).toBe(wording);
  });

  test('with two seeds each stands for itself', () => {
    expect(judgeWith(d2l('rnn_scratch/pytorch', 0.1), cell([1.9, 1.0312])).wording).toBe(
      'inconclusive: 2 seeds (1.9, 1.0312) say too little of the spread; at least 3 are needed. None of 122 reference runs was as high as 1.9. 1.0 is an ordinary run of the reference (rank p = 1)',
    );
  });

  test('the numbers behind them', () => {
    const one = judgeWith(d2l('rnn_scratch/pytorch', 0.1), cell([1.9]));
    expect(one.numbers.rankP).toBeCloseTo(0.016, 3);
    const far = judgeWith(d2l('rnn_scratch/pytorch', 0.1), cell(RESET));
    expect(far.numbers.rankP).toBeCloseTo(8e-9, 9);
    const wide = judgeWith(d2l('lstm_scratch/tensorflow', 0.1), cell(LSTM), cell([]), { interimLooks: { declared: 4, number: 1 } });
    expect(wide.kind).toBe('inconclusive');
    expect(wide.numbers.interval?.map((edge) => edge.toFixed(3))).toEqual(['-0.121', '0.148']);
  });
});

describe('two cells', () => {
  const rounds = cell([1.62, 1.75, 1.71, 1.68, 1.74], { label: 'builtin', isSpeed: true });
  const ones = cell([1, 1, 1, 1, 1], { label: 'scratch', isSpeed: true });
  const plain = (values: readonly number[], label: string) => cell(values, { label });

  test.each([
    [ratio(1.5, { paired: true }), rounds, ones, 'reproduced: 1.70 times as fast, between 1.63 and 1.77; claim at least 1.5'],
    [ratio(1.8, { paired: true }), rounds, ones, 'differs: 1.70 times as fast, between 1.63 and 1.77; claim at least 1.8'],
    [rank('higher', { paired: true }), rounds, ones, 'reproduced: builtin faster in 5 of 5 pairs (p = 0.031)'],
    [rank('lower', { paired: true }), ones, rounds, 'reproduced: scratch slower in 5 of 5 pairs (p = 0.031)'],
    [rank('lower', { paired: true }), rounds, ones, 'differs: builtin was faster in 5 of 5 pairs (p = 0.031)'],
    [rank('higher', { paired: true, by: 0.5 }), rounds, ones, 'reproduced: builtin faster by at least 0.5 in 5 of 5 pairs (p = 0.031)'],
    [
      rank('lower', { paired: true }),
      plain([1, 2, 3, 4], 'a'),
      plain([2, 3, 4, 5], 'b'),
      'inconclusive: 4 of 4 pairs, at least 5 are needed',
    ],
    [
      rank('higher'),
      plain([5, 6, 7, 8], 'a'),
      plain([1, 2, 3, 4], 'b'),
      'reproduced: a higher than b in 100 % of 4 × 4 comparisons (p = 0.014)',
    ],
    [
      rank('higher'),
      plain([1, 2, 3, 4], 'a'),
      plain([5, 6, 7, 8], 'b'),
      'differs: a was lower than b in 100 % of 4 × 4 comparisons (p = 0.014)',
    ],
    [rank('higher'), plain([5, 6, 7], 'a'), plain([1, 2, 3], 'b'), 'inconclusive: 3 and 3 runs, at least 4 of each are needed'],
    [equivalent(0.1), plain([1.5, 2.5, 3.5], 'a'), plain([1.5, 2.5, 3.5], 'b'), 'reproduced: identical in 3 of 3 pairs'],
    [ratio(1.5), plain([1, 2, -1], 'a'), plain([1, 2, 3], 'b'), 'not claimable here: a ratio is of values above 0, and seed 3 gave -1'],
  ])('%# %s', (claim, a, b, wording) => {
    expect(judgeWith(claim, a, b).wording).toBe(wording);
  });

  test('pairs are of equal seeds', () => {
    const shuffled = { ...rounds, samples: samples([1.62, 1.75, 1.71, 1.68, 1.74, 9]).toReversed() };
    expect(judgeWith(ratio(1.5, { paired: true }), shuffled, ones).numbers.n).toBe(5);
  });
});
