import { describe, expect, it } from 'vitest';
import { latexTable } from '../../src/report/kit/latex.js';
import { PLAIN } from '../../src/report/kit/tables.js';
import { renderSvg } from '../../src/report/kit/render.js';
import { sweepChart } from '../../src/report/study/sweep-chart.js';
import { curvesOf, pictureOf, sweepMarkdown, sweepPage } from '../../src/report/study/sweep-report.js';
import { describeResults, rankedCells, resultRows, resultTable, sweepToJson } from '../../src/report/study/sweep-table.js';
import { selectValue, summarize, type TrialResult, type TrialState } from '../../src/study/proposals/results.js';
import type { SweepReport } from '../../src/study/sweep-trials.js';
import { nameConfiguration, shortNames } from '../../src/planning/name-configuration.js';
import { planned, sweepText } from './documents.js';
import { withoutScript } from '../report/fixture.js';

const plan = planned(sweepText('vary: [{model.hidden_size: [4, 8]}]\nseeds: 3'));

/** The states of the trials in their order: a number is a finished one. */
const results = (...states: readonly (number | TrialState)[]) =>
  plan.trials.map((trial, index) => {
    const state = states[index] ?? { kind: 'needed' };
    return { trial, state: typeof state === 'number' ? ({ kind: 'finished', run: `run${index}`, value: state } as const) : state };
  });
const DIVERGED: TrialState = { kind: 'diverged', run: 'd' };

describe('a cell', () => {
  const [cell] = summarize(plan, results(0.5, 0.6, 0.7)).cells;

  it('has mean, sd and Student’s interval over its seeds', () => {
    // t of 0.975 with 2 degrees of freedom is 4.302653 (tables).
    expect(cell?.mean).toBeCloseTo(0.6, 12);
    expect(cell?.sd).toBeCloseTo(0.1, 12);
    expect(cell?.interval?.[0]).toBeCloseTo(0.6 - (4.302653 * 0.1) / Math.sqrt(3), 6);
    expect(cell?.interval?.[1]).toBeCloseTo(0.6 + (4.302653 * 0.1) / Math.sqrt(3), 6);
  });

  it('of one seed has no interval, of none no mean', () => {
    const [one, none] = summarize(plan, results(0.5, DIVERGED)).cells;
    expect([one?.mean, one?.sd, one?.interval]).toEqual([0.5, undefined, undefined]);
    expect(none?.mean).toBeUndefined();
  });
});

describe('the best', () => {
  const bestOf = (...states: readonly (number | TrialState)[]): unknown => summarize(plan, results(...states)).best?.configuration.index;

  it('has the best mean', () => {
    expect(bestOf(0.5, 0.5, 0.5, 0.6, 0.6, 0.6)).toBe(1);
    expect(bestOf(0.7, 0.7, 0.7, 0.6, 0.6, 0.6)).toBe(0);
  });

  it('is the lowest of a loss', () => {
    const losses = { ...plan, better: 'lower' } as const;
    expect(summarize(losses, results(0.5, 0.5, 0.5, 0.6, 0.6, 0.6)).best?.configuration.index).toBe(0);
  });

  it('is none that lost a seed while another lost none', () => {
    expect(bestOf(0.9, 0.9, DIVERGED, 0.6, 0.6, 0.6)).toBe(1);
    expect(bestOf(0.9, 0.9, DIVERGED, 0.6, 0.6)).toBe(0);
    expect(bestOf()).toBeUndefined();
  });
});

describe('the value that counts', () => {
  const points = [0.3, 0.9, Number.NaN, 0.5].map((value, index) => ({ step: index + 1, value }));
  it.each([
    ['last', 'higher', 0.5],
    ['best', 'higher', 0.9],
    ['best', 'lower', 0.3],
    [2, 'lower', 0.9],
    [7, 'lower', undefined],
  ] as const)('at %s, %s being better, is %d', (at, better, value) => expect(selectValue(points, at, better)).toBe(value));
});

describe('names', () => {
  it('are as short as they can be told apart', () => {
    const paths = ['model.kind', 'model.hidden_size', 'optimizer.learning_rate.from', 'dataset.from'];
    expect([...shortNames(paths).values()]).toEqual(['model.kind', 'hidden_size', 'learning_rate.from', 'dataset.from']);
  });

  it('say what a configuration sets', () => {
    const assignments = [
      { path: 'model.kind', value: 'lstm', from: [] },
      { path: 'training.epochs', value: 5, from: [] },
    ];
    expect(nameConfiguration(assignments)).toBe('model.kind lstm, epochs 5');
  });
});

it('is told with what was lost, and of how many the best is the best', () => {
  const text = describeResults(
    plan,
    summarize(plan, results(0.5, 0.6, DIVERGED, 0.6, 0.7, { kind: 'failed', reason: 'the disk is full' })),
  );
  expect(text).toBe(
    [
      'hidden_size  test/exact_match     sd     95 % interval  seeds',
      '          8            0.6500  0.071  0.01469 to 1.000      2  best, 1 failed',
      '          4            0.5500  0.071        0 to 1.000      2  1 diverged',
      '',
      'best  hidden_size 8: test/exact_match 0.6500 (0.01469 to 1.000)',
      "      the best of 2 is partly luck; check it on new seeds: --seeds '[4,5,6]'",
      '6 trials of 2 configurations: 4 done, 1 diverged, 1 failed',
      '',
    ].join('\n'),
  );
});

it('tells what is the same in all configurations below the table, and not in a column', () => {
  const same = planned(sweepText('vary: [{model.hidden_size: [4, 8]}, {training.epochs: [3]}]\nseeds: 1'));
  const table = resultTable(same, summarize(same, []));
  expect(table.columns.map(({ heading }) => heading)).toEqual(['hidden_size', 'test/exact_match', 'sd', '95 % interval', 'seeds', '']);
  expect(table.notes).toContain('In all of them epochs is 3.');
  expect(resultRows(same, summarize(same, []))[0]?.slice(0, 2)).toEqual(['model.hidden_size', 'training.epochs']);
});

it('counts a seed that finished and gave no number', () => {
  const text = describeResults(
    plan,
    summarize(plan, results(0.5, Number.NaN, { kind: 'finished', run: 'mute', value: undefined }, 0.6, 0.7, 0.8)),
  );
  expect(text).toMatch(/ 4 +0\.5000 +1 +2 without a value\n/);
});

it('as JSON has no number that JSON can’t hold', () => {
  const all = results(Number.NaN, 0.5);
  const json = sweepToJson(plan, all, summarize(plan, all));
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  expect(json.trials[0]).toMatchObject({ state: 'finished', value: 'NaN' });
});

it('shows what other examples leave beside what other seeds do, where runs keep that', () => {
  const byExamples = { half: 0.25, examples: 40, digest: 'd' };
  const measured = (value: number): TrialState => ({ kind: 'finished', run: 'r', value, byExamples });
  const found = summarize(plan, results(measured(0.5), measured(0.6), measured(0.7), 0.4, 0.5, 0.4));
  const said = 'The 40 examples of test leave ±0.25 (95 %), the seeds ±0.25: more of both would help.';
  expect(describeResults(plan, found)).toContain(
    [
      'hidden_size  test/exact_match     sd     95 % interval  by examples  seeds',
      '          4            0.6000   0.10  0.3516 to 0.8484        ±0.25      3  best',
      '          8            0.4333  0.058  0.2899 to 0.5768                   3',
    ].join('\n'),
  );
  expect(describeResults(plan, found)).toContain(`\n${said}\n`);
  const headings = (width: number): string | undefined => describeResults(plan, found, { style: PLAIN, width }).split('\n')[0];
  expect(headings(75)).toBe('hidden_size  test/exact_match     95 % interval  by examples  seeds');
  expect(headings(65)).toBe('hidden_size  test/exact_match     95 % interval  seeds');
  expect(resultTable(plan, found).notes).toContain(said);
  expect(resultRows(plan, found)[1]?.at(-1)).toBe(0.25);
});

const reportOf = (all: readonly TrialResult[]): SweepReport => ({
  file: 's.yaml',
  typed: 's.yaml',
  base: 'tiny.yaml',
  plan,
  trials: all,
  results: summarize(plan, all),
  curveOf: () => undefined,
});

describe('the report', () => {
  it('is a table of LaTeX, a page and comma-separated values with the same numbers', () => {
    const all = results(0.5, 0.6, 0.7, DIVERGED, 0.7, { kind: 'pruned', run: 'p', epoch: 2, value: 0.25 });
    const table = resultTable(plan, summarize(plan, all));
    expect(latexTable(table)).toContain('4 & 0.6000 & 0.10 & 0.3516 to 0.8484 & 3 & best \\\\');
    expect(table.notes?.slice(0, 2)).toEqual([
      'Best: hidden_size 4: test/exact_match 0.6000 (0.3516 to 0.8484).',
      "The best of 2 is partly luck; check it on new seeds: --seeds '[4,5,6]'.",
    ]);
    expect(latexTable(table)).toContain('8 & 0.7000 &  &  & 1 & pruned after epoch 2, at 0.2500, 1 diverged \\\\');
    expect(resultRows(plan, summarize(plan, all))[2]).toEqual([
      ...['8', 0.7, undefined, undefined, undefined, 1],
      ...[1, 0, 2, 0.25, undefined],
    ]);
    const page = sweepPage({ ...reportOf(all), typed: "'a & b.yaml'" }, []);
    for (const text of ['0.3516 to 0.8484', 'Best: hidden_size 4', '>pruned<', 'npx run &#39;a &amp; b.yaml&#39;', 'sweep: s'])
      expect(page).toContain(text);
    expect(withoutScript(page)).not.toMatch(/<script|https?:/);
  });

  it('draws the curve of each of the best, with the range of its seeds', async () => {
    const summary = summarize(plan, results(0.5, 0.6, 0.7, 0.6, 0.7, 0.8));
    expect(rankedCells(plan, summary).map(({ configuration }) => configuration.index)).toEqual([1, 0]);
    const curve = [0.1, 0.4, 0.7].map((value, index) => ({ step: index + 1, value }));
    const seeds = [curve, curve.map(({ step, value }) => ({ step, value: value + 0.2 })), curve.slice(0, 2)];
    const [cell] = rankedCells(plan, summary);
    if (!cell) throw new Error('no leader');
    const spec = JSON.stringify(curvesOf(plan, summary, [{ cell, seeds }]));
    // The third epoch is missing from a seed.
    expect(spec).toContain('"low":0.4,"high":0.6');
    expect(spec).not.toContain('"step":3');
    await expect(renderSvg(curvesOf(plan, summary, [{ cell, seeds }]))).resolves.toContain('>s by hidden_size<');
  });

  it('names the picture, every configuration and the best', () => {
    const text = sweepMarkdown(reportOf(results(0.5, 0.6, 0.7, 0.6, 0.7, 0.8)), [{ file: 's.svg' }]);
    expect(text).toContain('![test/exact_match](s.svg)');
    expect(text).toContain('| 8 | **0.7000** | 0.10 | 0.4516 to 0.9484 | 3 |');
  });

  it.each([
    ['an axis', 'vary: [{model.hidden_size: [4, 8]}]'],
    ['words', 'vary: [{model.kind: [lstm, gru]}]'],
    ['two axes', 'vary: [{model.hidden_size: [4, 8]}, {optimizer.learning_rate: [0.001, 0.1]}]'],
    ['three', 'vary: [{model.hidden_size: [4, 8]}, {optimizer.learning_rate: [0.001, 0.1]}, {training.batch_size: [8, 16]}]'],
    ['drawn values', 'vary: [{optimizer.learning_rate: {kind: uniform, low: 0.1, high: 1}}]\nsearch: {kind: random, trials: 5}'],
  ])('draws %s', async (_, lines) => {
    const other = planned(sweepText(lines));
    const all = other.trials.map((trial, index) => ({ trial, state: { kind: 'finished', run: 'r', value: 0.5 + index / 100 } as const }));
    const svg = await renderSvg(sweepChart(pictureOf(other, summarize(other, all))));
    for (const text of ['test/exact_match (share): mean over seeds, higher is better', 's']) expect(svg).toContain(`>${text}<`);
    expect(svg).not.toContain('NaN');
  });

  it('draws a sweep that has no result yet', async () => {
    await expect(renderSvg(sweepChart(pictureOf(plan, summarize(plan, results()))))).resolves.toContain('<svg');
  });
});

it('no interval of a share leaves 0 to 1, in no form', async () => {
  const found = summarize(plan, results(0.99, 0.8, 0.999, 0.01, 0.3, 0.02));
  for (const { interval = [Number.NaN, Number.NaN] } of found.cells) {
    expect(interval[0]).toBeGreaterThanOrEqual(0);
    expect(interval[1]).toBeLessThanOrEqual(1);
  }
  const { range } = pictureOf(plan, found);
  expect(range).toEqual([0, 1]);
  const oneAxis = sweepChart(pictureOf(plan, found));
  const threeAxes = sweepChart({ ...pictureOf(plan, found), axes: ['a', 'b', 'c'] });
  for (const chart of [oneAxis, threeAxes]) expect(Math.max(...domainsOf(chart))).toBe(1);
  expect(await renderSvg(oneAxis)).not.toMatch(/>1\.[2-9]</);
});

/** The ends of every axis of a picture. */
const domainsOf = (chart: unknown): readonly number[] =>
  Array.from(JSON.stringify(chart).matchAll(/"domain":\[([-\d.e]+),([-\d.e]+)\]/g)).flatMap(([, low, high]) => [Number(low), Number(high)]);
