import { describe, expect, test } from 'vitest';
import { readSource } from '../../src/language/source.js';
import { check } from '../../src/language/check.js';
import { signedRank } from '../../src/statistics/ranks.js';
import type { AcrossClaim, CellName } from '../../src/study/claims/claim.js';
import { type TableConfig, tableSchema } from '../../src/study/claims/document.js';
import { judge } from '../../src/study/claims/judge.js';
import { readClaims } from '../../src/study/claims/read-claims.js';
import { brokenRules } from '../../src/study/claims/rules.js';
import type { CellRuns } from '../../src/study/claims/samples.js';
import { cell } from './claims.js';

const OURS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
const THEIRS = [0.11, 0.23, 0.32, 0.44, 0.55, 0.56];
const names = (method: string, n: number): readonly CellName[] => Array.from({ length: n }, (_, index) => [`${method}${index}`, 'x']);

/** Seeds around a value, as many as the data set has; the mean is that value. */
const around = (value: number, seeds: number): readonly number[] =>
  Array.from({ length: seeds }, (_, index) => value + 0.001 * (index - (seeds - 1) / 2));

function judged(
  ours: readonly number[],
  theirs: readonly number[],
  more: Partial<AcrossClaim> = {},
  cellOf: (value: number, index: number) => CellRuns = (value, index) => cell(around(value, 1 + index), { label: `data ${index}` }),
) {
  const claim: AcrossClaim = {
    kind: 'across',
    confidence: 0.95,
    direction: 'lower',
    of: names('a', ours.length),
    than: names('b', theirs.length),
    by: 0,
    ...more,
  };
  return judge(claim, {
    cell: ([row]) => cellOf((row.startsWith('a') ? ours : theirs)[Number(row.slice(1))] ?? Number.NaN, Number(row.slice(1))),
    interimLooks: { declared: 2, number: 1 },
    device: 'CPU',
  });
}

describe('a method over several data sets', () => {
  test('is judged by signed ranks of what is taken over the seeds, whatever their number', () => {
    const verdict = judged(OURS, THEIRS);
    const differences = OURS.map((value, index) => (THEIRS[index] ?? 0) - value);
    const { greater, less } = signedRank(differences, OURS);
    expect(verdict.kind).toBe('inconclusive');
    expect(verdict.numbers.p).toBeCloseTo(greater, 12);
    expect(verdict.numbers.pOpposite).toBeCloseTo(less, 12);
    expect(verdict.numbers).toMatchObject({ n: 6, differences: expect.anything() as unknown });
    expect(verdict.wording).toBe('inconclusive: lower on 5 of 6 data sets (p = 0.13)');
    const all = judged(OURS.slice(0, 5), THEIRS.slice(0, 5));
    expect(all.wording).toBe('reproduced: lower on 5 of 5 data sets (p = 0.031)');
    expect(judged(THEIRS.slice(0, 5), OURS.slice(0, 5)).wording).toBe('differs: lower on 0 of 5 data sets (p = 0.031 for the opposite)');
  });

  test('by signs alone, and by a difference', () => {
    const far = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.9];
    const near = far.map((value, index) => (index === 7 ? 0.1 : value + 0.01));
    expect(judged(far, near, { test: 'sign' }).numbers.p).toBeCloseTo(9 / 256, 12);
    expect(judged(far, near).numbers.p).toBeGreaterThan(9 / 256);
    expect(judged(OURS.slice(0, 5), THEIRS.slice(0, 5), { by: 0.5 }).kind).toBe('differs');
    const apart = judged([0.1, 0.2, 0.3, 0.4, 0.5], [0.2, 0.3, 0.4, 0.5, 0.6], { by: 0.1 });
    expect(apart.wording).toBe(
      'inconclusive: lower by at least 0.1 on 0 of 5 data sets, by exactly 0.1 on 5; at least 5 that are not equal are needed',
    );
  });

  test('four cannot decide, and that is no look', () =>
    expect(judged(OURS.slice(0, 4), THEIRS.slice(0, 4))).toMatchObject({ kind: 'inconclusive', reason: 'few seeds', couldDecide: false }));

  test('known numbers count as they are, and a column may take a median', () => {
    const five = [OURS.slice(0, 5), THEIRS.slice(0, 5)] as const;
    const known = judged(...five, {}, (value, index) => (index === 2 ? { ...cell([], { label: 'known' }), known: value } : cell([value])));
    expect(known.kind).toBe('reproduced');
    const medians = judged(...five, {}, (value) => cell([value, value, 1000], { overSeeds: 'median' }));
    expect(medians.kind).toBe('reproduced');
  });

  test('a data set without a run, or with one that diverged, has no value', () => {
    const five = [OURS.slice(0, 5), THEIRS.slice(0, 5)] as const;
    const odd = (runs: CellRuns) => judged(...five, {}, (value, index) => (index === 2 ? runs : cell([value])));
    expect(odd(cell([], { label: 'LSTM on wine' })).wording).toBe('not run: no seed of LSTM on wine has finished');
    expect(odd(cell([1, Number.NaN], { label: 'LSTM on wine' })).wording).toBe(
      'inconclusive: seeds of LSTM on wine diverged, so that there is no value over the seeds',
    );
    const excluding = judged(...five, { excludesDiverged: true }, (value) => cell([value, Number.NaN]));
    expect(excluding.kind).toBe('reproduced');
  });
});

describe('in a document', () => {
  const HEAD = `table: t
columns:
  x: {metric: test/loss}
  y: {metric: test/loss, over_seeds: median}
rows:
${['a', 'b'].flatMap((method) => [1, 2, 3, 4, 5].map((set) => `  ${method}${set}: {base: ${method}${set}.yaml}\n`)).join('')}  known: {base: a.yaml, baseline: chance}
looks: 2
seeds: 5
claims:
`;
  const A = '{rows: [a1, a2, a3, a4, a5], column: x}';
  const B = '{rows: [b1, b2, b3, b4, b5], column: x}';
  const read = (claim: string): TableConfig => {
    const found = readSource('t.yaml', new TextEncoder().encode(`${HEAD}  - {${claim}}\n`));
    if ('diagnostics' in found) throw new Error('no YAML');
    return found.doc.value as unknown as TableConfig;
  };
  const said = (claim: string) => brokenRules({ config: read(claim) }).map(({ message, path }) => `${path.slice(2).join('.')}: ${message}`);

  test('both sides are rows of one column', () => {
    const config = read(`lower: ${A}, than: ${B}, test: sign`);
    expect(check(tableSchema, config)).toEqual([]);
    expect(brokenRules({ config })).toEqual([]);
    expect(readClaims(config, new Map())).toEqual([
      {
        kind: 'across',
        confidence: 0.95,
        direction: 'lower',
        of: [1, 2, 3, 4, 5].map((set) => [`a${set}`, 'x']),
        than: [1, 2, 3, 4, 5].map((set) => [`b${set}`, 'x']),
        by: 0,
        test: 'sign',
      },
    ]);
    expect(said(`higher: ${A}, than: {rows: [b1, b2, known, b4, b5], column: x}, by: 0.1`)).toEqual([]);
  });

  test.each([
    [`lower: ${A}, than: [b1, x]`, 'than: one side has several rows, and the other one cell'],
    [`lower: [a1, x], than: ${B}`, 'lower: one side has several rows, and the other one cell'],
    [`lower: ${A}, than: {rows: [b1, b2, b3, b4], column: x}`, 'than.rows: 5 rows are held against 4, and they are paired in order'],
    [`lower: ${A}, than: {rows: [b1, b2, a3, b4, b5], column: x}`, 'than.rows.2: a cell is compared with itself'],
    [`lower: ${A}, than: ${B}, paired: seed`, 'paired: "paired" is about runs, and over several rows each data set counts once'],
    [
      `lower: ${A}, than: ${B}, probability: 0.5`,
      'probability: "probability" is about runs, and over several rows each data set counts once',
    ],
    [
      'lower: {rows: [a1, a2], column: x}, than: {rows: [b1, b2], column: x}',
      'lower.rows: 2 data sets cannot decide which method is better, even if all agree: at least 5 can',
    ],
    [`lower: ${A}, than: {rows: [b1, b2, b3, b4, b6], column: x}`, 'than.rows.4: this table has no row "b6"'],
    [`lower: ${A}, than: {rows: [b1, b2, b3, b4, b5], column: z}`, 'than.column: this table has no column "z"'],
    [
      `lower: ${A}, than: {rows: [b1, b2, b3, b4, b5], column: y}`,
      'lower: the columns "x" and "y" take different things over the seeds, which are not compared',
    ],
  ])('is refused: %s', (claim, message) => expect(said(claim)).toEqual([message]));
});
