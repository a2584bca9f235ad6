import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/diagnostics/diagnostic.js';
import { readSource } from '../../src/language/source.js';
import type { TableConfig } from '../../src/study/claims/document.js';
import { judgedSeries, type OverSeeds } from '../../src/study/claims/over-seeds.js';
import { brokenRules } from '../../src/study/claims/rules.js';
import type { CellRuns } from '../../src/study/claims/samples.js';
import type { Claim } from '../../src/study/claims/claim.js';
import { judgeTable } from '../../src/study/claims/judge-table.js';
import { effectSizes, withOneAccident } from '../../src/study/claims/wording.js';
import { hedgesG } from '../../src/statistics/effect-sizes.js';
import { clopperPearson } from '../../src/statistics/tests.js';
import { differenceP } from '../../src/statistics/shares.js';
import { cell, d2l, equivalent, judgeWith, limit, published, rank } from './claims.js';

const ten = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9];
const over = (overSeeds: OverSeeds, values: readonly number[], more: Partial<CellRuns> = {}): CellRuns =>
  cell(values, { overSeeds, seeds: values.map((_, index) => index + 1), ...more });

describe('what a cell is judged by', () => {
  const values = [0.5, 0.7, Number.NaN, 0.4, 0.9, 0.8, 0.3];

  test.each<[OverSeeds, readonly number[], readonly number[]]>([
    ['mean', [0.5, 0.7, 0.4, 0.9, 0.8, 0.3], [3]],
    ['median', [0.5, 0.7, Infinity, 0.4, 0.9, 0.8, 0.3], []],
    ['failures', [0, 0, 1, 0, 0, 0, 0], []],
    [{ kind: 'share', at_most: 0.5 }, [1, 0, 0, 1, 0, 0, 1], []],
    [{ kind: 'share', at_least: 0.8 }, [0, 0, 0, 0, 1, 1, 0], []],
    [{ kind: 'best_of', k: 2 }, [0.5, 0.4, 0.8], []],
    [{ kind: 'best_of', k: 3 }, [0.5, 0.4], []],
  ])('%o', (overSeeds, judged, diverged) => {
    const series = judgedSeries(over(overSeeds, values));
    expect(series.finished.map(({ value }) => value)).toEqual(judged);
    expect(series.diverged).toEqual(diverged);
  });

  test('the best is the highest where high is good, and a block diverged where all of it did', () => {
    const runs = over({ kind: 'best_of', k: 2 }, [0.5, 0.7, Number.NaN, Number.NaN], { better: 'higher' });
    expect(judgedSeries(runs)).toMatchObject({ finished: [{ seed: 1, value: 0.7 }], diverged: [3], wanted: 2 });
  });

  test('blocks follow the order of the document, and only whole ones count', () => {
    const runs = over({ kind: 'best_of', k: 2 }, [0.5, 0.7, 0.4], { seeds: [3, 1, 2, 9] });
    expect(judgedSeries(runs).finished).toEqual([{ seed: 3, value: 0.4 }]);
  });

  test('a value that a run does not record tells nothing of whether it diverged', () => {
    const runs = over('failures', [1, 2, 3]);
    const bare = { ...runs, samples: runs.samples.map(({ value: _, ...rest }) => rest) };
    expect(judgedSeries(bare).finished.map(({ value }) => value)).toEqual([0, 0, 0]);
    expect(judgedSeries({ ...bare, overSeeds: { kind: 'share', at_most: 1 } })).toMatchObject({ finished: [], unrecorded: [1, 2, 3] });
  });
});

describe('a median', () => {
  test('against a number: order statistics, and no verdict that one more run could undo', () => {
    const verdict = judgeWith(published('1.5', 0.5), over('median', ten));
    expect(verdict).toMatchObject({
      kind: 'reproduced',
      numbers: { n: 10, interval: [1.1, 1.8], estimate: { of: 'median', value: 1.45 } },
    });
    expect(verdict.numbers.mean).toBeUndefined();
    expect(verdict.wording).toBe(
      'reproduced: 1.45 over 10 seeds, the median is between 1.1 and 1.8; published 1.5 with margin 0.5 allows 0.95 to 2.05',
    );
    const apart = judgeWith(published('5', 0.5), over('median', ten));
    expect(apart).toMatchObject({ kind: 'inconclusive', reason: 'single draw', further: 29 });
    expect(apart.wording).toBe(
      'inconclusive: our median is between 1.1 and 1.8, but how far single runs of ours reach is not known, and the published 5 may be one such run; about 29 more seeds would decide (4 chances in 5)',
    );
    expect(
      judgeWith(
        published('5', 0.5),
        over(
          'median',
          Array.from({ length: 39 }, (_, index) => 1 + index / 40),
        ),
      ),
    ).toMatchObject({ kind: 'differs' });
  });

  test('five seeds have no interval at the first of two looks, and six have', () => {
    const few = judgeWith(limit('at_most', 2), over('median', ten.slice(0, 5)));
    expect(few).toMatchObject({ kind: 'inconclusive', reason: 'few seeds', further: 1, couldDecide: false });
    expect(few.wording).toBe('inconclusive: median 1.2 of 5 seeds; at least 6 are needed for an interval of it');
    expect(judgeWith(limit('at_most', 2), over('median', ten.slice(0, 6))).wording).toBe(
      'reproduced: median 1.25, at most 1.50 (97.5 % sure); claim at most 2',
    );
  });

  test('a diverged seed is the worst value, and leaves the median where it is', () => {
    const verdict = judgeWith(limit('at_most', 2), over('median', [...ten, Number.NaN]));
    expect(verdict).toMatchObject({ kind: 'reproduced', numbers: { n: 11, estimate: { value: 1.5 } } });
    const lost = judgeWith(limit('at_most', 2), over('median', [1, 1.1, 1.2, 1.3, ...Array.from({ length: 5 }, () => Number.NaN)]));
    expect(lost.kind).toBe('inconclusive');
    expect(judgeWith(limit('at_most', 2, { excludesDiverged: true }), over('median', [...ten, Number.NaN])).numbers.n).toBe(10);
  });
});

describe('an interquartile mean', () => {
  test('has Tukey and McLaughlin’s interval, and is not moved by one run far out', () => {
    const verdict = judgeWith(limit('at_most', 2), over('interquartile_mean', [...ten.slice(0, 9), 1000]));
    expect(verdict).toMatchObject({ kind: 'reproduced', numbers: { estimate: { of: 'interquartile mean', value: 1.45 } } });
    expect(judgeWith(limit('at_most', 2), cell([...ten.slice(0, 9), 1000])).kind).toBe('inconclusive');
  });

  test('is no number where more than a quarter diverged', () => {
    const some = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, Number.NaN];
    expect(judgeWith(limit('at_most', 2), over('interquartile_mean', some)).kind).toBe('reproduced');
    const verdict = judgeWith(limit('at_most', 2), over('interquartile_mean', [1, 1.1, 1.2, 1.3, 1.4, Number.NaN, Number.NaN, Number.NaN]));
    expect(verdict).toMatchObject({ kind: 'inconclusive', reason: 'diverged' });
    expect(verdict.wording).toBe('inconclusive: 3 of 8 seeds diverged, so many that what the column takes over the seeds is no number');
  });

  test('two are equal by Yuen’s interval', () => {
    const [a, b] = [
      over('interquartile_mean', ten),
      over(
        'interquartile_mean',
        ten.map((value) => value + 0.01),
        { label: 'b' },
      ),
    ];
    expect(judgeWith(equivalent(0.6, { paired: false }), a, b).kind).toBe('reproduced');
    expect(judgeWith(equivalent(0.1, { paired: false }), a, b)).toMatchObject({
      kind: 'inconclusive',
      numbers: { difference: expect.closeTo(-0.01, 9) as number },
    });
  });
});

describe('the best of k', () => {
  test('blocks are what is counted, and seeds are what is missing', () => {
    const four = judgeWith(published('1.3', 0.4), over({ kind: 'best_of', k: 2 }, ten));
    expect(four.numbers.n).toBe(5);
    expect(four.wording).toContain('1.40 over 5 blocks of 2 seeds, the mean is between');
    const two = judgeWith(published('1.3', 0.4), over({ kind: 'best_of', k: 5 }, ten));
    expect(two).toMatchObject({ kind: 'inconclusive', further: 5 });
    expect(two.wording).toBe('inconclusive: 2 blocks of 5 seeds (1, 1.5) say too little of the spread; at least 3 are needed');
  });

  test('a block that is lost stands against a verdict, a seed that is lost does not', () => {
    const runs = (lost: readonly number[]) =>
      over(
        { kind: 'best_of', k: 2 },
        [...ten, ...ten].map((value, index) => (lost.includes(index) ? Number.NaN : value)),
      );
    expect(judgeWith(limit('at_most', 2), runs([3])).kind).toBe('reproduced');
    const verdict = judgeWith(limit('at_most', 2), runs([2, 3]));
    expect(verdict).toMatchObject({ kind: 'inconclusive', reason: 'diverged' });
    expect(verdict.wording).toContain('1 of 10 blocks of 2 seeds diverged (from seed 3)');
  });
});

describe('runs that are counted', () => {
  const counted = (hits: number, all: number, label = 'ours') =>
    over(
      { kind: 'share', at_least: 0.5 },
      Array.from({ length: all }, (_, index) => (index < hits ? 0.9 : 0.1) + index / 1000),
      { label },
    );

  test('against a printed share: Clopper and Pearson', () => {
    const { lower, upper } = clopperPearson(29, 30, 0.025);
    const verdict = judgeWith(published('97 %', 0.2), counted(29, 30));
    expect(verdict).toMatchObject({
      kind: 'reproduced',
      numbers: { n: 30, interval: [lower, upper], estimate: { of: 'share', value: 29 / 30 } },
    });
    expect(verdict.wording).toBe(
      'reproduced: 29 of 30 runs, the share is between 0.83 and 0.999; published 97 % with margin 0.2 allows 0.765 to 1',
    );
    expect(judgeWith(published('97 %', 0.05), counted(29, 30)).kind).toBe('inconclusive');
    expect(judgeWith(published('97 %', 0.05), counted(10, 30)).kind).toBe('differs');
  });

  test('against runs in print: two samples', () => {
    const verdict = judgeWith(published('29 of 30', 0.3), counted(28, 30));
    expect(verdict.kind).toBe('reproduced');
    expect(verdict.wording).toBe(
      'reproduced: 28 of 30 runs beside the published 29 of 30; the difference of the shares is between -0.20 and +0.11, within the margin 0.3',
    );
    expect(judgeWith(published('29/30', 0.1), counted(28, 30)).kind).toBe('inconclusive');
    const far = judgeWith(published('29 of 30', 0.1), counted(10, 30));
    expect(far).toMatchObject({ kind: 'differs', numbers: { pDiffers: differenceP({ hits: 29, all: 30 }, { hits: 10, all: 30 }, 0.1) } });
    expect(judgeWith(published('29 of 30'), counted(28, 30)).numbers).toMatchObject({ margin: 1 / 30, marginByDefault: true });
  });

  test('a limit of the share', () => {
    expect(judgeWith(limit('at_least', 0.8), counted(29, 30)).wording).toBe(
      'reproduced: 29 of 30 runs, the share is between 0.83 and 0.999; claim at least 0.8',
    );
    expect(judgeWith(limit('at_least', 0.9), counted(29, 30)).kind).toBe('inconclusive');
    expect(judgeWith(limit('at_most', 0.5), counted(29, 30)).kind).toBe('differs');
  });

  test('the order of two, with the p-value of Barnard; with pairs that of signs', () => {
    const verdict = judgeWith(rank('higher'), counted(9, 10), counted(2, 10, 'b'));
    const p = differenceP({ hits: 9, all: 10 }, { hits: 2, all: 10 }, 0);
    expect(verdict).toMatchObject({ kind: 'reproduced', numbers: { p } });
    expect(verdict.wording).toBe('reproduced: 9 of 10 runs of ours, 2 of 10 runs of b; claim higher (p = 0.0013)');
    expect(judgeWith(rank('lower'), counted(9, 10), counted(2, 10, 'b')).kind).toBe('differs');
    expect(judgeWith(rank('higher', { by: 0.6 }), counted(9, 10), counted(2, 10, 'b')).kind).toBe('inconclusive');
    const pairs = judgeWith(rank('higher', { paired: true }), counted(9, 10), counted(2, 10, 'b'));
    expect(pairs).toMatchObject({ kind: 'reproduced', numbers: { p: expect.closeTo(2 ** -7, 12) as number, n: 10 } });
    expect(pairs.wording).toBe('reproduced: of 10 pairs, 7 counted only for ours and 0 only for b; claim higher (p = 0.0078)');
  });

  test('a diverged run is a failure, and never stands against a verdict about failures', () => {
    const lost = over('failures', [...ten, Number.NaN, Number.NaN]);
    expect(judgeWith(limit('at_most', 0.6), lost)).toMatchObject({ kind: 'reproduced', numbers: { n: 12, estimate: { value: 2 / 12 } } });
  });

  test('runs that are all equal say no more than one', () => {
    expect(judgeWith(limit('at_least', 0.1), over({ kind: 'share', at_least: 0.5 }, [1, 1, 1, 1, 1]))).toMatchObject({
      reason: 'zero spread',
    });
    expect(judgeWith(limit('at_least', 0.1), over({ kind: 'share', at_least: 0.5 }, [1, 1, 1, 1, 1], { resolution: 0.01 })).kind).toBe(
      'reproduced',
    );
  });
});

describe('a claim and its column', () => {
  const HEAD = `table: t
seeds: 10
columns:
  plain: {metric: test/loss}
  median: {metric: test/loss, over_seeds: median}
  middle: {metric: test/loss, over_seeds: interquartile_mean}
  best: {metric: test/loss, over_seeds: {kind: best_of, k: 3}}
  lost: {metric: test/loss, over_seeds: failures}
  kept: {metric: test/loss, over_seeds: {kind: share, at_most: 0.1}}
rows:
  a: {base: a.yaml}
  b: {base: b.yaml}
  known: {base: b.yaml, baseline: chance}
claims:
`;
  const problems = (text: string): readonly Problem[] => {
    const found = readSource('t.yaml', new TextEncoder().encode(text));
    if ('diagnostics' in found) throw new Error('no YAML');
    return brokenRules({ config: { claims: [], ...(found.doc.value as object) } as unknown as TableConfig });
  };
  const said = (claim: string) =>
    problems(`${HEAD}  - {${claim}}\n`).map(({ message, help, path }) => `${path.slice(2).join('.')}: ${message}; ${help}`);

  test.each([
    'cell: [a, median], published: "0.1"',
    'cell: [a, median], at_most: 0.1, of: runs, share: 0.8',
    'lower: [a, median], than: [b, median], probability: 0.5',
    'equivalent: [[a, middle], [b, middle]], margin: 0.1, because: x',
    'cell: [a, best], published: "0.1 ± 0.1", spread: {kind: standard_deviation, runs: 5}',
    'ratio: {of: [a, best], to: [b, best], at_most: 1}',
    'cell: [a, kept], published: "29 of 30"',
    'cell: [a, lost], at_most: "5 %"',
    'lower: [a, lost], than: [b, lost], by: 0.1',
    'lower: [a, lost], than: [b, lost], paired: seed',
    'equivalent: [[a, kept], [b, kept]], margin: 0.1, because: x',
  ])('may be claimed: %s', (claim) => expect(said(claim)).toEqual([]));

  test.each([
    [
      'ratio: {of: [a, median], to: [b, median], at_most: 1}',
      'ratio: a ratio is one of geometric means, and the column "median" takes the median over the seeds',
    ],
    ['cell: [a, median], reference: r.json#/a', 'reference: runs of a reference are compared by their mean'],
    [
      'cell: [a, middle], published: "0.1 ± 0.1"',
      'published: a ± belongs to a mean, and the column "middle" takes the interquartile mean over the seeds',
    ],
    ['equivalent: [[a, median], [b, median]], margin: 0.1, because: x', 'equivalent: the equality of two cells is one of means'],
    [
      'equivalent: [[a, middle], [b, middle]], margin: 0.1, because: x, paired: seed',
      'paired: the difference of two interquartile means is not that of pairs',
    ],
    [
      'cell: [a, best], at_most: 0.1, of: runs, share: 0.8',
      'of: "of: runs" is about single runs, and the column "best" takes the best of each 3 seeds',
    ],
    [
      'cell: [a, kept], at_most: 0.1, of: runs, share: 0.8',
      'of: "of: runs" with a share is what the column is already, and the column "kept" counts the runs that keep a limit',
    ],
    ['lower: [a, lost], than: [b, lost], probability: 0.5', 'probability: a probability is about the values of runs'],
    ['lower: [a, lost], than: [b, lost], by: 0.1, paired: seed', 'by: pairs tell which share is higher, and not by how much'],
    [
      'cell: [a, lost], at_most: 0.1, diverged: exclude, because: x',
      'diverged: runs that diverged cannot be left out, and the column "lost" counts the runs that diverged',
    ],
    ['cell: [a, plain], published: "29 of 30"', 'published: "29 of 30" counts runs, and the column "plain" holds their values'],
    ['cell: [a, kept], published: "31 of 30"', 'published: "31 of 30": of so many runs there cannot be more; write it as in "29 of 30"'],
    ['lower: [a, plain], than: [b, median]', 'lower: the columns "plain" and "median" take different things over the seeds'],
    ['cell: [known, kept], at_least: 0.5', 'at_least: a number that is known without training has no runs'],
  ])('is refused: %s', (claim, message) => {
    const [first = '', ...others] = said(claim);
    expect(others).toEqual([]);
    expect(first.startsWith(message)).toBe(true);
  });

  test.each([
    ['{kind: share}', 'a share is of runs that keep a limit, and there is none'],
    ['{kind: share, at_least: 1, at_most: 2}', 'a run keeps one limit, and this has two'],
    ['{kind: best_of, k: 11}', 'the best of 11 needs 11 seeds, and this table has 10'],
  ])('a column says all of it: %s', (overSeeds, message) => {
    expect(problems(HEAD.replace('claims:\n', '').replace('{kind: best_of, k: 3}', overSeeds)).map((problem) => problem.message)).toEqual([
      message,
    ]);
  });
});

describe('beside a verdict', () => {
  const judgementOf = (claim: Claim, a: CellRuns, b = cell([])) =>
    judgeTable({
      names: [['a', 'x']],
      columns: { x: { metric: 'test/loss' } },
      cell: ([row]) => (row === 'b' ? b : a),
      claims: [claim],
      interimLooks: () => ({ declared: 2, number: 1 }),
      device: 'CPU',
    }).judgements[0];

  test('two cells have effect sizes, and so has a cell beside a reference', () => {
    const [a, b] = [cell(ten), cell(ten.map((value) => value + 0.5))];
    const found = judgementOf(rank('lower'), a, b)?.effects;
    const ours = hedgesG(
      ten,
      ten.map((value) => value + 0.5),
      0.025,
    );
    expect(found).toMatchObject({ between: 'runs', hedgesG: ours, cliffsDelta: { value: -0.75 } });
    if (!found) throw new Error('there are none');
    expect(effectSizes(found)).toBe(
      "size of the difference, with 95 % intervals: Hedges' g -1.58 (-2.66 to -0.61) standard deviations of a run, Cliff's delta -0.75 (-1.00 to -0.21), the share of comparisons in which it is above less that in which it is below",
    );
    expect(judgementOf(d2l('rnn_scratch/pytorch'), a)?.effects).toMatchObject({ between: 'runs' });
    expect(judgementOf(published('1.0', 0.5), a)?.effects).toBeUndefined();
    expect(judgementOf(rank('lower'), a, cell([1, 2]))?.effects).toBeUndefined();
  });

  test('of pairs they are of their differences, and equal pairs are equal up to dust', () => {
    const [a, b] = [cell([0.3, 1, 2, 3, 4]), cell([0.1 + 0.2, 1.5, 2.5, 3.6, 4.7])];
    expect(judgementOf(rank('lower', { paired: true }), a, b)?.effects).toMatchObject({ between: 'pairs', cliffsDelta: { value: -0.8 } });
  });

  test('a diverged run ranks last, and has no mean', () => {
    const found = judgementOf(rank('lower'), over('median', ten), over('median', [...ten, Number.NaN]))?.effects;
    expect(found?.hedgesG).toBeUndefined();
    expect(found?.cliffsDelta.value).toBeLessThan(0);
  });

  test('one accident more is at the level of chance, else at the worst value, else far out', () => {
    const near = [1.0, 1.01, 0.99, 1.02, 0.98];
    const claim = published('1.0', 0.1);
    expect(judgementOf(claim, cell(near, { chance: 3 }))?.oneAccident).toEqual({ value: 3, from: 'chance', verdict: 'inconclusive' });
    // A model that is worse than chance is moved by no such run.
    expect(judgementOf(claim, cell(near, { chance: 0.5, range: [0, 2] }))?.oneAccident).toEqual({
      value: 2,
      from: 'worst',
      verdict: 'inconclusive',
    });
    expect(judgementOf(published('1.0', 0.02), cell(near, { better: 'higher' }))?.oneAccident).toMatchObject({
      from: 'far',
      verdict: 'inconclusive',
    });
    const steady = Array.from({ length: 40 }, (_, index) => 1 + index / 10_000);
    const found = judgementOf(claim, cell(steady, { chance: 1.5 }))?.oneAccident;
    expect(found).toEqual({ value: 1.5, from: 'chance', verdict: 'reproduced' });
    if (!found) throw new Error('there is none');
    expect(withOneAccident(found)).toBe('with one more run, one that learned nothing (1.5), the verdict would be: reproduced');
  });

  test('a median is not moved by one, and what is not decided is not asked', () => {
    const many = over(
      'median',
      Array.from({ length: 20 }, (_, index) => 1 + index / 1000),
      { chance: 3 },
    );
    expect(judgementOf(published('1.0', 0.1), many)?.oneAccident?.verdict).toBe('reproduced');
    expect(judgementOf(published('1.0', 0.1), cell([1, 1.4, 0.6]))?.oneAccident).toBeUndefined();
    expect(judgementOf(limit('at_most', 2, { share: 0.4 }), cell(ten, { chance: 3 }))?.oneAccident).toBeUndefined();
  });
});
