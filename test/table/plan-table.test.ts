import { describe, expect, test } from 'vitest';
import type { TableConfig } from '../../src/study/claims/document.js';
import { cellRuns, planTable, type SettledWork, worksOf } from '../../src/study/claims/plan-table.js';
import { d2l } from './claims.js';

const config: TableConfig = {
  table: 't',
  seeds: 2,
  looks: 2,
  run_on: { kind: 'local' },
  columns: { perplexity: { metric: 'train/perplexity' }, speed: { metric: 'train/tokens_per_second', unit: 'tokens/s' } },
  rows: {
    scratch: { label: 'from scratch', base: 'rnn.yaml' },
    reset: { base: 'rnn.yaml', set: { 'training.recurrent_state': 'reset', 'model.hidden_size': 8 } },
    same: { base: 'rnn.yaml', set: { 'model.hidden_size': 8, 'training.recurrent_state': 'reset' } },
  },
  claims: [],
};

const settle = (index: number, outcome: SettledWork['outcome'] = 'finished'): SettledWork => ({
  id: worksOf(config)[index]?.id ?? '',
  outcome,
  values: { perplexity: 1 + index },
});

describe('what a table needs', () => {
  test('rows times seeds; rows that differ in name only share their works', () => {
    expect(worksOf(config).map(({ rows, seed }) => [rows, seed])).toEqual([
      [['scratch'], 1],
      [['scratch'], 2],
      [['reset', 'same'], 1],
      [['reset', 'same'], 2],
    ]);
  });

  test('settled works are not needed again, crashed ones are', () => {
    const { works, cells } = planTable(config, [], [settle(0), settle(1, 'crashed'), settle(2, 'diverged')]);
    expect(works.map(({ isSettled }) => isSettled)).toEqual([true, false, true, false]);
    expect(cells.find(({ name }) => name.join() === 'scratch,speed')).toMatchObject({ have: [1], missing: [2] });
    expect(cells).toHaveLength(6);
  });

  test('more seeds add works and keep the others', () => {
    const more = worksOf({ ...config, seeds: 3 }).map(({ id }) => id);
    expect(more).toHaveLength(6);
    for (const { id } of worksOf(config)) expect(more).toContain(id);
    expect(worksOf({ ...config, seeds: [7, 9] }).map(({ seed }) => seed)).toEqual([7, 9, 7, 9]);
  });

  test('a single cell needs its row only', () => {
    const plan = planTable(config, [], [], [['same', 'speed']]);
    expect(plan.works.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(plan.cells.map(({ name }) => name[0])).toEqual(['same', 'same']);
  });
});

describe('what records say of a cell', () => {
  test('as verdicts want it', () => {
    const settled = [settle(0), settle(1, 'diverged')];
    expect(cellRuns(['scratch', 'perplexity'], config, settled, { better: 'lower' })).toEqual({
      label: 'from scratch',
      seeds: [1, 2],
      samples: [
        { seed: 1, outcome: 'finished', value: 1 },
        { seed: 2, outcome: 'diverged', value: 2 },
      ],
      metric: 'train/perplexity',
      better: 'lower',
    });
    expect(cellRuns(['scratch', 'speed'], config, settled, { isSpeed: true })).toMatchObject({ isSpeed: true, unit: 'tokens/s' });
    expect(cellRuns(['scratch', 'speed'], config, settled).samples[0]).not.toHaveProperty('value');
  });
});

describe('folds', () => {
  const folded: TableConfig = { ...config, folds: [1, 3], rows: { a: { base: 'a.yaml' } } };
  const [first, second, third, fourth] = worksOf(folded);
  const settled = (work: typeof first, perplexity: number, more: Partial<SettledWork> = {}): SettledWork => ({
    id: work?.id ?? '',
    outcome: 'finished',
    values: { perplexity },
    ...more,
  });
  const samplesOf = (...works: readonly SettledWork[]) => cellRuns(['a', 'perplexity'], folded, works).samples;

  test('each seed is trained in each of them', () => {
    expect(worksOf(folded).map(({ seed, fold }) => [seed, fold])).toEqual([
      [1, 1],
      [1, 3],
      [2, 1],
      [2, 3],
    ]);
    expect(new Set(worksOf(folded).map(({ id }) => id)).size).toBe(4);
  });

  test('the value of a seed is the mean over its folds, and a seed that lacks one has none', () => {
    expect(samplesOf(settled(first, 1), settled(second, 4), settled(third, 7))).toEqual([
      { seed: 1, outcome: 'finished', value: 2.5, parts: [1, 4], endedAt: 0 },
    ]);
    const { cells } = planTable(folded, [], [settled(first, 1), settled(second, 4), settled(third, 7)]);
    expect(cells[0]).toMatchObject({ have: [1], missing: [2] });
  });

  test('a seed diverged where one of its folds did, and is repeated where one crashed', () => {
    const outcomes = samplesOf(
      settled(first, 1, { outcome: 'diverged', values: {} }),
      settled(second, 4),
      settled(third, 7),
      settled(fourth, 7, { outcome: 'crashed', values: {} }),
    );
    expect(outcomes.map(({ seed, outcome, value }) => [seed, outcome, value])).toEqual([
      [1, 'diverged', undefined],
      [2, 'crashed', undefined],
    ]);
  });

  test('folds that were trained by different code are not averaged', () => {
    const ages = [settled(first, 1, { procedure: 'today' }), settled(second, 4, { procedure: 'before' })];
    expect(samplesOf(...ages)).toEqual([]);
  });
});

describe('splits', () => {
  const drawn: TableConfig = { ...config, splits: [2, 5], rows: { a: { base: 'a.yaml' } } };
  const [first, second, third, fourth] = worksOf(drawn);
  const settled = (work: typeof first, perplexity: number, outcome: SettledWork['outcome'] = 'finished'): SettledWork => ({
    id: work?.id ?? '',
    outcome,
    values: outcome === 'finished' ? { perplexity } : {},
  });
  const runsOf = (...works: readonly SettledWork[]) => cellRuns(['a', 'perplexity'], drawn, works);

  test('each is trained with seeds of its own, split by split', () => {
    expect(worksOf(drawn).map(({ seed, split }) => [seed, split])).toEqual([
      [2001, 2],
      [2002, 2],
      [5001, 5],
      [5002, 5],
    ]);
    expect(new Set(worksOf(drawn).map(({ id }) => id)).size).toBe(4);
  });

  test('more seeds and more splits keep the works that there are', () => {
    const more = worksOf({ ...drawn, seeds: 3, splits: [1, 2, 5] }).map(({ id }) => id);
    expect(more).toHaveLength(9);
    for (const { id } of worksOf(drawn)) expect(more).toContain(id);
  });

  test('the value of a split is the mean over its seeds, and a split that lacks one has none', () => {
    const works = [settled(first, 1), settled(second, 4), settled(third, 7)];
    expect(runsOf(...works)).toMatchObject({
      each: 'split',
      seeds: [2, 5],
      samples: [{ seed: 2, outcome: 'finished', value: 2.5, parts: [1, 4], endedAt: 0 }],
    });
    expect(planTable(drawn, [], works).cells[0]).toMatchObject({ have: [2], missing: [5] });
  });

  test('a split diverged where one of its seeds did, and is repeated where one crashed', () => {
    const { samples } = runsOf(settled(first, 1, 'diverged'), settled(second, 4), settled(third, 7), settled(fourth, 7, 'crashed'));
    expect(samples.map(({ seed, outcome, value }) => [seed, outcome, value])).toEqual([
      [2, 'diverged', undefined],
      [5, 'crashed', undefined],
    ]);
  });
});

describe('what seeds can decide', () => {
  const prospect = (seeds: number, margin: number, more: { readonly source?: string } = {}) =>
    planTable({ ...config, seeds, rows: { a: { base: 'a.yaml' } } }, [d2l('lstm_scratch/pytorch', margin, more)], []).prospects[0];

  test('a wide margin is decided by five seeds', () => {
    expect(prospect(5, 0.3)?.wording).toBe(
      'a x against the reference: a margin of 0.3 is 3.3 standard deviations of the reference; 5 seeds will probably decide if there is no difference',
    );
  });

  test('a margin of one standard deviation is not', () => {
    const found = prospect(5, 0.1, { source: 'pytorch' });
    expect(found?.wording).toMatch(
      /^a x against pytorch: a margin of 0.1 is 1.1 standard deviations of the reference; 5 seeds will rarely decide, \d+ would/,
    );
    expect(found?.halfWidth).toBeCloseTo(0.95 * (found?.sd ?? 0), 2);
    expect(found?.enough).toBeGreaterThan(8);
  });

  test('what the reference itself cannot tell, no seeds tell', () => {
    expect(prospect(5, 0.001)).not.toHaveProperty('enough');
    expect(prospect(5, 0.001)?.wording).toContain('no number of seeds up to 1000');
  });
});
