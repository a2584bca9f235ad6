import { readFileSync } from 'node:fs';
import { createStreams, type Stream } from '../src/random/streams.js';
import { levelOf } from '../src/table/looks.js';
import { around, meanInterval } from '../src/table/statistics/interval.js';
import { rankSum } from '../src/table/statistics/rank-sum.js';
import { roundAsPrinted } from '../src/table/statistics/round-as-printed.js';
import { signedRank } from '../src/table/statistics/signed-rank.js';
import { decide } from '../src/table/verdict/published.js';
import { judgeReference } from '../src/table/verdict/reference.js';
import { seriesOf } from '../src/table/samples.js';
import { type VerdictKind } from '../src/table/verdict/verdict.js';
import { PERPLEXITIES, type Shape, STANDARD } from './shapes.js';

/**
 * How often verdicts are wrong, and how often they are right: many tables are simulated whose truth is known, and judged by the rules that
 * judge a person's. Prints the tables of docs/statistics.md, and fails where a rate of error is above the one that stands there.
 *
 *     node bench/run.mjs error-rates
 */

const TABLES = 15_000;
const streams = createStreams(8);

/** Seeds after which verdicts are looked at: one look at 3, 5 or 10, or one at 5 and, if nothing is decided, one at 10. */
const PLANS = { 'n = 3': [3], 'n = 5': [5], 'n = 10': [10], 'looks 5, 10': [5, 10] } as const;
type PlanName = keyof typeof PLANS;
const PLAN_NAMES = Object.keys(PLANS) as readonly PlanName[];

/** In percent; the rest is inconclusive. */
interface Rates {
  readonly reproduced: number;
  readonly differs: number;
}

interface Row {
  readonly shape: string;
  readonly truth: string;
  readonly rates: Readonly<Record<PlanName, Rates>>;
  /** At the edge of the margin both verdicts are errors; of equal experiments only *differs* is. */
  readonly isError: (kind: 'reproduced' | 'differs') => boolean;
}

const onEdge = () => true;
const ofEqual = (kind: string) => kind === 'differs';

/** Against a printed number 0 in steps of 0.5 sd, margin 2 sd; the worse of both edges. */
function publishedRows(): readonly Row[] {
  const [half, margin] = [0.25, 2];
  const zone = around(0, half + margin);
  const judge = (values: readonly number[]) =>
    decide(meanInterval(values, ALPHA.other, allEqual(values) ? 1 / 12 : 0), zone, around(0, half), 'mean').kind;
  return STANDARD.flatMap((shape) => [
    row(shape, 'equal', [simulate(`published ${shape.name}`, shape, 0, () => judge)], ofEqual),
    row(
      shape,
      'on the edge',
      [-1, 1].map((side) => simulate(`published ${shape.name}`, shape, side * (half + margin), () => judge)),
      onEdge,
    ),
  ]);
}

/** Against a reference of m runs, both printed to 0.1, margin 0.1. */
function referenceRows(m: number): readonly Row[] {
  const [unit, margin] = [0.1, 0.1];
  const against = (shape: Shape) => (stream: Stream) => {
    const runs = Array.from({ length: m }, () => roundAsPrinted(shape.draw(stream), unit));
    const claim = { kind: 'reference', cell: ['a', 'x'], runs, printed: unit, margin, confidence: 0.95 } as const;
    const levels = { theirs: { alpha: ALPHA.reference, nextAlpha: ALPHA.reference }, own: { alpha: ALPHA.other, nextAlpha: ALPHA.other } };
    return (values: readonly number[]) => judgeReference(claim, seriesOf(cellOf(values)), levels).kind;
  };
  return PERPLEXITIES.flatMap((shape) => {
    const name = `reference ${m} ${shape.name}`;
    const edges = [-1, 1].map((side) => simulate(name, shape, side * margin, against(shape)));
    return [row(shape, 'equal', [simulate(name, shape, 0, against(shape))], ofEqual), row(shape, 'differ by the margin', edges, onEdge)];
  });
}

/** Two equal cells are claimed to be ranked: five runs or pairs at the first look, ten at the second. */
function rankRows(): readonly Row[] {
  const first = levelOf('rank', { declared: 2, number: 1 }, 0.95).alpha;
  const second = levelOf('rank', { declared: 2, number: 2 }, 0.95).alpha;
  const alphaOf = (n: number) => (n === 10 ? second : first);
  const verdict = (p: number, opposite: number, n: number): VerdictKind => {
    if (p <= alphaOf(n)) return 'reproduced';
    return opposite <= alphaOf(n) ? 'differs' : 'inconclusive';
  };
  return STANDARD.flatMap((shape) => {
    const others = (stream: Stream) => Array.from({ length: 10 }, () => shape.draw(stream));
    const paired = (stream: Stream) => {
      const b = others(stream);
      return (a: readonly number[]) => {
        const { greater, less } = signedRank(a.map((value, i) => value - (b[i] ?? 0)));
        return verdict(greater, less, a.length);
      };
    };
    const unpaired = (stream: Stream) => {
      const b = others(stream);
      return (a: readonly number[]) => {
        const { greater, less } = rankSum(a, b.slice(0, a.length));
        return verdict(greater, less, a.length);
      };
    };
    return [
      row(shape, 'equal, paired', [simulate(`paired ${shape.name}`, shape, 0, paired)], onEdge),
      row(shape, 'equal, not paired', [simulate(`unpaired ${shape.name}`, shape, 0, unpaired)], onEdge),
    ];
  });
}

const ALPHA = {
  other: levelOf('other', { declared: 2, number: 1 }, 0.95).alpha,
  reference: levelOf('reference', { declared: 2, number: 1 }, 0.95).alpha,
};

/** Draws tables of up to ten seeds, shifted from the shape's own place, and counts verdicts under every plan of looks. */
function simulate(
  name: string,
  shape: Shape,
  shift: number,
  judgeOf: (stream: Stream) => (values: readonly number[]) => VerdictKind,
): Readonly<Record<PlanName, Rates>> {
  const stream = streams.stream(name, Math.round(1000 * shift) + 10_000);
  const counts = Object.fromEntries(PLAN_NAMES.map((plan) => [plan, { reproduced: 0, differs: 0 }])) as Record<
    PlanName,
    { reproduced: number; differs: number }
  >;
  for (let table = 0; table < TABLES; table++) {
    const judge = judgeOf(stream);
    const values = Array.from({ length: 10 }, () => shape.draw(stream) + shift);
    const verdicts = new Map<number, VerdictKind>([3, 5, 10].map((n) => [n, judge(values.slice(0, n))]));
    for (const plan of PLAN_NAMES) {
      const kind = PLANS[plan].map((n) => verdicts.get(n)).find((each) => each !== 'inconclusive');
      if (kind === 'reproduced' || kind === 'differs') counts[plan][kind]++;
    }
  }
  const percent = (count: number) => (100 * count) / TABLES;
  return mapPlans((plan) => ({ reproduced: percent(counts[plan].reproduced), differs: percent(counts[plan].differs) }));
}

/** Of several simulations the worse rates. */
function row(shape: Shape, truth: string, simulations: readonly Row['rates'][], isError: Row['isError']): Row {
  const worst = (plan: PlanName, kind: keyof Rates) => Math.max(...simulations.map((rates) => rates[plan][kind]));
  const rates = mapPlans((plan) => ({ reproduced: worst(plan, 'reproduced'), differs: worst(plan, 'differs') }));
  return { shape: shape.name, truth, rates, isError };
}

const mapPlans = <T>(f: (plan: PlanName) => T): Readonly<Record<PlanName, T>> =>
  Object.fromEntries(PLAN_NAMES.map((plan) => [plan, f(plan)])) as Record<PlanName, T>;

const cellOf = (values: readonly number[]) => ({
  label: 'ours',
  seeds: values.map((_, index) => index + 1),
  samples: values.map((value, index) => ({ seed: index + 1, outcome: 'finished' as const, value })),
});

const allEqual = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

// The tables of the document

const digits = (rate: number): string => (rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : rate.toFixed(0));

const rowText = ({ shape, truth, rates }: Row): string =>
  `| ${[shape, truth, ...PLAN_NAMES.map((plan) => `${digits(rates[plan].reproduced)} / ${digits(rates[plan].differs)}`)].join(' | ')} |`;

/** The rows that stand below a heading: by their first two columns, the stated rates. */
function statedRows(heading: string): ReadonlyMap<string, readonly Rates[]> {
  const document = readFileSync(new URL('../docs/statistics.md', import.meta.url), 'utf8');
  const section = document.split(`### ${heading}\n`)[1]?.split(/\n#{2,3} /)[0] ?? '';
  const rows = section.split('\n').flatMap((line) => {
    const [shape = '', truth = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const rates = cells.flatMap((cell) => {
      const [, reproduced, differs] = /^([\d.]+) \/ ([\d.]+)$/.exec(cell) ?? [];
      return reproduced === undefined ? [] : [{ reproduced: Number(reproduced), differs: Number(differs) }];
    });
    return rates.length > 0 ? [[`${shape} ${truth}`, rates] as const] : [];
  });
  return new Map(rows);
}

/** Above what is stated by more than its rounding. The streams are seeded: nothing else moves. */
function excesses(heading: string, rows: readonly Row[]): readonly string[] {
  const stated = statedRows(heading);
  return rows.flatMap(({ shape, truth, rates, isError }) =>
    PLAN_NAMES.flatMap((plan, index) =>
      (['reproduced', 'differs'] as const).flatMap((kind) => {
        const bound = stated.get(`${shape} ${truth}`)?.[index]?.[kind];
        if (!isError(kind) || (bound !== undefined && Number(digits(rates[plan][kind])) <= bound)) return [];
        return [`${heading}, ${shape}, ${truth}, ${plan}: ${kind} ${digits(rates[plan][kind])} %, stated ${bound ?? 'nothing'}`];
      }),
    ),
  );
}

const SECTIONS: readonly (readonly [heading: string, rows: () => readonly Row[]])[] = [
  ['Against a published number', publishedRows],
  ['Against a reference of 28 runs', () => referenceRows(28)],
  ['Against a reference of 98 runs', () => referenceRows(98)],
  ['Ranks', rankRows],
];

const started = performance.now();
const exceeded = SECTIONS.flatMap(([heading, rowsOf]) => {
  const rows = rowsOf();
  console.log(`### ${heading}\n\n| shape | truth | ${PLAN_NAMES.join(' | ')} |\n| --- | --- |${' --- |'.repeat(PLAN_NAMES.length)}`);
  console.log(`${rows.map(rowText).join('\n')}\n`);
  return excesses(heading, rows);
});
console.log(`${SECTIONS.length} tables in ${((performance.now() - started) / 1000).toFixed(0)} s`);
for (const line of exceeded) console.error(`above what docs/statistics.md states: ${line}`);
if (exceeded.length > 0) process.exitCode = 1;
