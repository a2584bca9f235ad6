import { describe, expect, test } from 'vitest';
import { check } from '../../src/language/check.js';
import { readSource } from '../../src/language/source.js';
import { explain } from '../../src/report/study/why.js';
import type { RanksClaim } from '../../src/study/claims/claim.js';
import { type TableConfig, tableSchema } from '../../src/study/claims/document.js';
import { judge } from '../../src/study/claims/judge.js';
import { readClaims } from '../../src/study/claims/read-claims.js';
import { brokenRules } from '../../src/study/claims/rules.js';
import type { CellRuns } from '../../src/study/claims/samples.js';
import { cell } from './claims.js';

/** Demšar 2006, table 6: the areas under the curve of C4.5 with four ways of pruning, [data set, method]. */
const DEMSAR = [
  [0.763, 0.768, 0.771, 0.798],
  [0.599, 0.591, 0.59, 0.569],
  [0.954, 0.971, 0.968, 0.967],
  [0.628, 0.661, 0.654, 0.657],
  [0.882, 0.888, 0.886, 0.898],
  [0.936, 0.931, 0.916, 0.931],
  [0.661, 0.668, 0.609, 0.685],
  [0.583, 0.583, 0.563, 0.625],
  [0.775, 0.838, 0.866, 0.875],
  [1, 1, 1, 1],
  [0.94, 0.962, 0.965, 0.962],
  [0.619, 0.666, 0.614, 0.669],
  [0.972, 0.981, 0.975, 0.9749], // printed alike, and ranked 2 and 3
  [0.957, 0.978, 0.946, 0.97],
];
const TREES = ['C4.5', 'C4.5+m', 'C4.5+cf', 'C4.5+m+cf'];

interface Asked {
  readonly methods?: readonly string[];
  readonly better?: 'lower' | 'higher';
  readonly looks?: number;
  readonly cellOf?: (value: number, set: number, method: number) => CellRuns;
}

/** Of values [data set, method]. */
function judged(
  values: readonly (readonly number[])[],
  claim: Partial<RanksClaim> = {},
  { methods = ['A', 'B', 'C'], better = 'lower', looks = 2, cellOf = (value) => cell([value - 0.001, value + 0.001]) }: Asked = {},
) {
  const names = methods.map((_, method) => values.map((__, set) => [`${method} ${set}`, 'x'] as const));
  const asked: RanksClaim = { kind: 'ranks', confidence: 0.95, methods, of: names, dataSets: values.length, ...claim };
  const verdict = judge(asked, {
    cell([row]) {
      const [method = 0, set = 0] = row.split(' ').map(Number);
      return { better, ...cellOf(values[set]?.[method] ?? Number.NaN, set, method) };
    },
    interimLooks: { declared: looks, number: 1 },
    device: 'CPU',
  });
  return { ...verdict, why: explain(asked, verdict) };
}

/** A is always first, then B, then C. */
const CLEAR = [
  [0.1, 0.2, 0.3],
  [1.1, 1.2, 1.3],
  [5, 6, 9],
  [0.01, 0.02, 0.05],
  [7, 8, 9],
  [1, 2, 3],
];
/** A is always first; B and C take turns. */
const AHEAD = CLEAR.map(([a = 0, b = 0, c = 0], set) => (set % 2 === 0 ? [a, b, c] : [a, c, b]));

describe('several methods over several data sets', () => {
  test("are ranked as in Demšar's example, ties corrected and all orders counted", () => {
    const asked = { methods: TREES, better: 'higher', looks: 1, cellOf: (value: number) => cell([value]) } as const;
    const { kind, numbers, wording } = judged(DEMSAR, {}, asked);
    const { ranking } = numbers;
    expect(ranking?.ranks.map((rank) => rank.toFixed(3))).toEqual(['3.143', '2.000', '2.893', '1.964']);
    expect(ranking).toMatchObject({ first: 'highest', isExact: true, before: [[], [], [], []] });
    expect(ranking?.criticalDifference).toBeCloseTo(1.25, 2);
    expect(kind).toBe('reproduced');
    expect(wording).toBe(
      "reproduced: mean ranks C4.5+m+cf 1.96, C4.5+m 2.00, C4.5+cf 2.89, C4.5 3.14 over 14 data sets; Friedman's test, exact: p = 0.014; no two are apart by the critical difference 1.25",
    );
    // At 0.1 he finds C4.5 behind two of the others.
    const at10 = judged(DEMSAR, { confidence: 0.9 }, asked).numbers.ranking;
    expect(at10?.before).toEqual([[], [0], [], [0]]);
  });

  test('differ or not, and which are apart is said', () => {
    const all = judged(CLEAR);
    expect(all).toMatchObject({ kind: 'reproduced', couldDecide: true });
    expect(all.numbers.p).toBeCloseTo(6 ** -5, 12);
    expect(all.wording).toBe(
      "reproduced: mean ranks A 1.00, B 2.00, C 3.00 over 6 data sets; Friedman's test, exact: p = 0.00013; by the critical difference 1.40 A is before C",
    );
    const none = judged(CLEAR.map(([a = 0, b = 0, c = 0], set) => [[a, b, c], [b, c, a], [c, a, b]][set % 3] ?? [])); // prettier-ignore
    expect(none.wording).toBe(
      "inconclusive: mean ranks A 2.00, B 2.00, C 2.00 over 6 data sets; Friedman's test, exact: p = 1, so that they may be equal",
    );
  });

  test('one is before each of the others, or one of them before it', () => {
    const ahead = judged(AHEAD, { best: 0 });
    expect(ahead.kind).toBe('reproduced');
    expect(ahead.wording).toMatch(/; by the critical difference 1\.40 A is before B and C$/);
    const open = judged(CLEAR, { best: 0 });
    expect(open.kind).toBe('inconclusive');
    expect(open.wording).toMatch(/; by the critical difference 1\.40 A is before C; A is not before B by as much$/);
    expect(judged(CLEAR, { best: 2 }).kind).toBe('differs');
    expect(judged(CLEAR, { best: 1 }).kind).toBe('inconclusive');
    expect(judged(AHEAD, { best: 0 }, { better: 'higher' }).kind).toBe('differs');
  });

  test('too few data sets decide nothing, however they rank, and that is no look', () => {
    const two = judged(CLEAR.slice(0, 2));
    expect(two).toMatchObject({ kind: 'inconclusive', reason: 'few seeds', further: 'never', couldDecide: false });
    expect(two.wording).toBe('inconclusive: mean ranks A 1.00, B 2.00, C 3.00 over 2 data sets; at least 3 are needed');
    expect(judged(CLEAR.slice(0, 3)).kind).toBe('reproduced');
    // That C is behind A can be shown on four, that A is before both only on six.
    expect(judged(CLEAR.slice(0, 4), { best: 2 }).kind).toBe('differs');
    expect(judged(AHEAD.slice(0, 4), { best: 0 })).toMatchObject({ kind: 'inconclusive', couldDecide: true });
    expect(judged(CLEAR.slice(0, 2), { best: 0 }).wording).toMatch(/; at least 6 are needed$/);
  });

  test('values that binary arithmetic alone tells apart tie', () => {
    const found = judged(
      CLEAR.map((_, set) => [0.1 + 0.2, 0.3, set]),
      {},
      { cellOf: (value) => cell([value]) },
    );
    expect(found.numbers.ranking?.ranks.slice(0, 2)).toEqual([found.numbers.ranking?.ranks[1], found.numbers.ranking?.ranks[0]]);
  });

  test('a cell without a value is named, and known numbers count as they are', () => {
    const odd = (runs: CellRuns, claim: Partial<RanksClaim> = {}) =>
      judged(CLEAR, claim, { cellOf: (value, set, method) => (set === 2 && method === 1 ? runs : cell([value])) });
    expect(odd(cell([], { label: 'GRU on wine' })).wording).toBe('not run: no seed of GRU on wine has finished');
    expect(odd(cell([6, Number.NaN], { label: 'GRU on wine' })).wording).toBe(
      'inconclusive: seeds of GRU on wine diverged, so that there is no value over the seeds',
    );
    expect(odd(cell([6, Number.NaN]), { excludesDiverged: true }).kind).toBe('reproduced');
    expect(odd({ ...cell([]), known: 6 }).kind).toBe('reproduced');
  });

  test('beyond what is counted the p is that of F', () => {
    const methods = ['A', 'B', 'C', 'D', 'E', 'F'];
    const rows = Array.from({ length: 9 }, (_, set) => methods.map((__, method) => method + 3 * Math.sin(1 + 7 * set + 3 * method)));
    const found = judged(rows, {}, { methods });
    expect(found.numbers.ranking?.isExact).toBe(false);
    expect(found.wording).toMatch(/; Friedman's test: p = /);
    expect(found.why[1]).toMatch(/^Friedman's χ² [\d.]+: p = [\d.e-]+ by F\(5, 40\) [\d.]+, the form of Iman and Davenport$/);
  });

  test('how it was come to is told', () =>
    expect(judged(AHEAD, { best: 0 }).why).toEqual([
      'on each data set, which counts once, the lowest value has rank 1, and ties have their mean rank',
      "Friedman's χ² 9: p = 0.0081 among all orders of the methods on each data set",
      "apart are mean ranks 1.403 from each other or more, Nemenyi's critical difference: if all were equal, any two would be with a chance of 4 %",
      'reproduced needs p to be at most 0.04 and A before each of the others by that, differs one of them before A',
    ]));
});

describe('in a document', () => {
  const HEAD = `table: t
columns:
  x: {metric: test/loss}
rows:
${['a', 'b', 'c'].flatMap((method) => [1, 2, 3].map((set) => `  ${method}${set}: {base: ${method}${set}.yaml}\n`)).join('')}  known: {base: a.yaml, baseline: chance}
looks: 2
seeds: 5
claims:
`;
  const [A, B, C] = ['A: [a1, a2, a3]', 'B: [b1, b2, b3]', 'C: [c1, c2, c3]'];
  const read = (claim: string): TableConfig => {
    const found = readSource('t.yaml', new TextEncoder().encode(`${HEAD}  - {${claim}}\n`));
    if ('diagnostics' in found) throw new Error('no YAML');
    return found.doc.value as unknown as TableConfig;
  };
  const said = (claim: string) => brokenRules({ config: read(claim) }).map(({ message, path }) => `${path.slice(2).join('.')}: ${message}`);

  test('each method has a row for each data set', () => {
    const config = read(`ranks: {column: x, methods: {${A}, ${B}, ${C}}}`);
    expect(check(tableSchema, config)).toEqual([]);
    expect(brokenRules({ config })).toEqual([]);
    expect(readClaims(config, new Map())).toEqual([
      {
        kind: 'ranks',
        confidence: 0.95,
        methods: ['A', 'B', 'C'],
        of: ['a', 'b', 'c'].map((method) => [1, 2, 3].map((set) => [`${method}${set}`, 'x'])),
        dataSets: 3,
      },
    ]);
    expect(said(`ranks: {column: x, methods: {${A}, ${B}, C: [c1, known, c3]}}, confidence: 0.9, source: page 3`)).toEqual([]);
  });

  test.each([
    [`column: x, methods: {${A}, ${B}}`, 'ranks.methods: ranks are of three methods or more, and 2 stand here'],
    [
      `column: x, methods: {${A}, ${B}, C: [c1, c2]}`,
      'ranks.methods.C: "A" has 3 rows and "C" 2, and all methods name their data sets in one order',
    ],
    [
      `column: x, methods: {${A}, ${B}, C: [c1, b2, c3]}`,
      'ranks.methods.C.1: the row "b2" stands in two methods, and is compared with itself',
    ],
    [`column: x, methods: {${A}, ${B}, C: [c1, c2, c4]}`, 'ranks.methods.C.2: this table has no row "c4"'],
    [`column: z, methods: {${A}, ${B}, ${C}}`, 'ranks.column: this table has no column "z"'],
    [`column: x, best: D, methods: {${A}, ${B}, ${C}}`, 'ranks.best: "D" is none of the methods'],
    [
      'column: x, methods: {A: [a1, a2], B: [b1, b2], C: [c1, c2]}',
      'ranks.methods: 2 data sets cannot show that 3 methods differ, even if all rank them alike: at least 3 can',
    ],
    [
      `column: x, best: A, methods: {${A}, ${B}, ${C}}`,
      'ranks.methods: 3 data sets cannot show that "A" is before each of the others, even if it is the first on all: at least 6 can',
    ],
  ])('is refused, or warned of: %s', (ranks, message) => expect(said(`ranks: {${ranks}}`)).toEqual([message]));

  test.each([
    ['paired: seed', 'paired: "paired" means nothing for "ranks"'],
    ['margin: 0.1', 'margin: "margin" means nothing for "ranks"'],
    ['deterministic: true', 'deterministic: "deterministic" is about runs, and over several rows each data set counts once'],
  ])('takes nothing that is about runs: %s', (key, message) =>
    expect(said(`ranks: {column: x, methods: {${A}, ${B}, ${C}}}, ${key}`)).toContain(message),
  );
});
