import { readFileSync } from 'node:fs';
import { createStreams, type Stream } from '../src/random/streams.js';
import type { Claim, Terms } from '../src/study/claims/claim.js';
import { judge } from '../src/study/claims/judge.js';
import { readPublished } from '../src/study/claims/published.js';
import type { CellRuns } from '../src/study/claims/samples.js';
import { roundAsPrinted } from '../src/statistics/round-as-printed.js';
import type { VerdictKind } from '../src/study/verdicts/verdict.js';
import { thisMachine, describeMachine } from './machine.js';
import { type Draw, NORMAL, OFTEN, PERPLEXITIES, SKEWED, STANDARD } from './shapes.js';
import { mean, standardDeviation } from './statistics.js';

/**
 * How often verdicts are wrong, and how often they are right: many tables are simulated whose truth is known, and `judge` is asked, as it is
 * of a person's table. Prints the tables of docs/statistics.md, and fails where a rate of error is above the one that stands there.
 *
 *     npm run bench error-rates
 */

const TABLES = 3000;
const streams = createStreams(8);

/** How verdicts are looked at: one of two looks, both (the second if the first decides nothing), or one look that is the only one declared. */
const PLANS = {
  'n = 3': { seeds: [3], declared: 2 },
  'n = 5': { seeds: [5], declared: 2 },
  'n = 10': { seeds: [10], declared: 2 },
  'looks 5, 10': { seeds: [5, 10], declared: 2 },
  'looks 3, 10': { seeds: [3, 10], declared: 2 },
  'one look, n = 10': { seeds: [10], declared: 1 },
} as const satisfies Readonly<Record<string, { readonly seeds: readonly number[]; readonly declared: number }>>;
type PlanName = keyof typeof PLANS;
const PLAN_NAMES = Object.keys(PLANS) as readonly PlanName[];
const MOST_SEEDS = 10;

/** In percent; the rest is inconclusive. */
interface Rates {
  readonly reproduced: number;
  readonly differs: number;
}

/** One table of which the truth is known: the claim, and the runs of one cell or two, as many as any plan looks at. */
interface Simulated {
  readonly claim: Claim;
  readonly a: readonly number[];
  readonly b?: readonly number[];
}

interface Row {
  readonly shape: string;
  readonly truth: string;
  /** Of several the worse rate stands in the row: both edges of a margin. */
  readonly tables: readonly ((stream: Stream) => Simulated)[];
  /** At the edge of the margin both verdicts are errors; of equal experiments only *differs* is. */
  readonly isError: (kind: 'reproduced' | 'differs') => boolean;
}

const onEdge = () => true;
const ofEqual = (kind: string) => kind === 'differs';
const terms: Terms = { confidence: 0.95 };
const A = ['a', 'x'] as const;
const B = ['b', 'x'] as const;
const many = (draw: Draw, stream: Stream, shift = 0, n = MOST_SEEDS): readonly number[] =>
  Array.from({ length: n }, () => draw(stream) + shift);

/** Against a printed number 0.0 in steps of 0.5 sd, margin 2 sd. */
function publishedRows(): readonly Row[] {
  const published = { text: '0.0', value: 0, unit: 0.5 };
  const at = (draw: Draw, shift: number) => (stream: Stream) => ({
    claim: { ...terms, kind: 'published', cell: A, published, reading: 'mean', margin: 2 } as const,
    a: many(draw, stream, shift),
  });
  return STANDARD.flatMap(({ name, draw }) => [
    { shape: name, truth: 'equal', tables: [at(draw, 0)], isError: ofEqual },
    { shape: name, truth: 'on the edge', tables: [at(draw, 2.25), at(draw, -2.25)], isError: onEdge },
  ]);
}

/** Against M ± S of five runs of the same shape, printed to 0.1 sd, margin 2 sd. */
function meanWithSpreadRows(): readonly Row[] {
  const at = (draw: Draw, shift: number) => (stream: Stream) => {
    const theirs = many(draw, stream, 0, 5);
    const published = readPublished(roundAsPrinted(mean(theirs), 0.1).toFixed(1));
    if (!published) throw new Error('a mean that is no printed number');
    const spread = { sd: roundAsPrinted(standardDeviation(theirs), 0.1), runs: 5 };
    return {
      claim: { ...terms, kind: 'published', cell: A, published, spread, reading: 'mean', margin: 2 } as const,
      a: many(draw, stream, shift),
    };
  };
  return STANDARD.flatMap(({ name, draw }) => [
    { shape: name, truth: 'equal', tables: [at(draw, 0)], isError: ofEqual },
    { shape: name, truth: 'on the edge', tables: [at(draw, 2.05), at(draw, -2.05)], isError: onEdge },
  ]);
}

/** Against m runs that were printed in steps of `unit`. */
const againstRuns =
  (theirs: Draw, ours: Draw, m: number, margin: number, shift: number, unit = 0.1) =>
  (stream: Stream) => ({
    claim: {
      ...terms,
      kind: 'reference',
      cell: A,
      runs: many(theirs, stream, 0, m).map((value) => roundAsPrinted(value, unit)),
      printed: unit,
      margin,
    } as const,
    a: many(ours, stream, shift),
  });

/** A reference of m runs, both printed to 0.1, margin 0.1. */
const referenceRows = (m: number) => (): readonly Row[] =>
  PERPLEXITIES.flatMap(({ name, draw }) => [
    { shape: name, truth: 'equal', tables: [againstRuns(draw, draw, m, 0.1, 0)], isError: ofEqual },
    {
      shape: name,
      truth: 'differ by the margin',
      tables: [0.1, -0.1].map((shift) => againstRuns(draw, draw, m, 0.1, shift)),
      isError: onEdge,
    },
  ]);

/** Normal runs around 1.4, printed to 0.1, ours wider or narrower than the 28 of theirs. */
function unequalSpreadRows(): readonly Row[] {
  const of =
    (sd: number): Draw =>
    (stream) =>
      1.4 + sd * stream.normal();
  return [0.5, 1, 1.5, 2, 3, 5].map((times) => ({
    shape: `ours ${times} times as wide`,
    truth: 'differ by the margin',
    tables: [0.2, -0.2].map((shift) => againstRuns(of(0.085), of(0.085 * times), 28, 0.2, shift)),
    isError: onEdge,
  }));
}

/** Runs that are close together beside the step in which 98 of theirs were printed, and margins that are no multiple of it. */
function roundingRows(): readonly Row[] {
  const of =
    (at: number, sd: number): Draw =>
    (stream) =>
      at + sd * stream.normal();
  const pairs = [
    [0.002, 0.002],
    [0.01, 0.01],
    [0.03, 0.03],
    [0.002, 0.03],
    [0.03, 0.002],
    [0.2, 0.02],
  ] as const;
  return [0.1, 0.15, 0.25].flatMap((margin) =>
    pairs.flatMap(([ours, theirs]) => {
      const shape = `ours sd ${ours}, theirs ${theirs}`;
      const at = (shift: number, places: readonly number[]) =>
        places.map((place) => againstRuns(of(place, theirs), of(place, ours), 98, margin, shift));
      const edge = { shape, truth: `margin ${margin}, differ by it`, isError: onEdge };
      return [
        { ...edge, tables: [...at(margin, [1, 1.043, 1.06]), ...at(-margin, [1, 1.043, 1.06])] },
        ...(margin === 0.1 && ours === theirs ? [{ shape, truth: 'margin 0.1, equal', tables: at(0, [1.02]), isError: ofEqual }] : []),
      ];
    }),
  );
}

/** The mean is exactly at the bound. */
function limitRows(): readonly Row[] {
  const at = (draw: Draw, side: 'at_most' | 'at_least') => (stream: Stream) => ({
    claim: { ...terms, kind: 'limit', cell: A, side, bound: 0 } as const,
    a: many(draw, stream),
  });
  const half = (stream: Stream) => ({
    claim: { ...terms, kind: 'limit', cell: A, side: 'at_most', bound: 0, share: 0.5 } as const,
    a: many(NORMAL, stream),
  });
  return [
    ...STANDARD.map(({ name, draw }) => ({
      shape: name,
      truth: 'the mean at the bound',
      tables: [at(draw, 'at_most'), at(draw, 'at_least')],
      isError: onEdge,
    })),
    { shape: 'any', truth: 'half of the runs within, claimed of half', tables: [half], isError: onEdge },
  ];
}

/** Speeds: one cell is 1.5 times the other, and that is the bound. */
function ratioRows(): readonly Row[] {
  const speed: Draw = (stream) => Math.exp(0.1 * stream.normal());
  const slowed: Draw = (stream) => speed(stream) * (stream.integer(10) === 0 ? 0.5 : 1);
  const skewed: Draw = (stream) => Math.exp(0.1 * SKEWED(stream));
  const at = (of: Draw, to: Draw, paired: boolean, side: 'at_least' | 'at_most', bound: number) => (stream: Stream) => ({
    claim: { ...terms, kind: 'ratio', of: A, to: B, side, bound, paired } as const,
    a: many(of, stream).map((value) => 1.5 * value),
    b: many(to, stream),
  });
  const sides = ['at_least', 'at_most'] as const;
  const row = (shape: string, of: Draw, to: Draw, paired: boolean, truth = 'at the bound', bound = 1.5): Row => ({
    shape,
    truth: `${truth}, ${paired ? 'paired' : 'not paired'}`,
    tables: sides.map((side) => at(of, to, paired, side, bound)),
    isError: onEdge,
  });
  const geometric = 1.5 * 0.5 ** 0.1;
  return [true, false].flatMap((paired) => [
    row('lognormal', speed, speed, paired),
    row('skewed in the logarithm', skewed, skewed, paired),
    row('one in ten half as fast', slowed, speed, paired, 'at the bound', geometric),
    row('one in ten half as fast', slowed, speed, paired, 'at the ratio of plain means', 1.5 * 0.95),
  ]);
}

/** Two cells whose means differ by the margin, 2 sd. */
function equivalenceRows(): readonly Row[] {
  const tight: Draw = (stream) => 0.05 * stream.normal();
  const at = (of: Draw, to: Draw, paired: boolean, shift: number) => (stream: Stream) => ({
    claim: { ...terms, kind: 'equivalent', of: A, to: B, margin: 2, paired } as const,
    a: many(of, stream, shift),
    b: many(to, stream),
  });
  const row = (shape: string, of: Draw, to: Draw, paired: boolean): Row => ({
    shape,
    truth: `differ by the margin, ${paired ? 'paired' : 'not paired'}`,
    tables: [2, -2].map((shift) => at(of, to, paired, shift)),
    isError: onEdge,
  });
  return [true, false].flatMap((paired) => [
    ...STANDARD.slice(0, 5).map(({ name, draw }) => row(name, draw, draw, paired)),
    row('tight and lognormal, log-sd 1', tight, SKEWED, paired),
    row('tight and accidents, 1 in 10', tight, OFTEN, paired),
  ]);
}

const ORDERS = {
  'ranks, paired': { kind: 'rank', paired: true },
  signs: { kind: 'rank', paired: true, test: 'sign' },
  'probability, paired': { kind: 'probability', paired: true, bound: 0.5 },
  ranks: { kind: 'rank', paired: false },
  probability: { kind: 'probability', paired: false, bound: 0.5 },
} as const;

/** Neither order is true: each is as likely as the other, or the means are equal and the runs are not. */
function orderRows(): readonly Row[] {
  const wide: Draw = (stream) => 5 * stream.normal();
  const tight: Draw = (stream) => 0.05 * stream.normal();
  const logNormal: Draw = (stream) => Math.exp(stream.normal());
  const at = (how: keyof typeof ORDERS, of: Draw, to: Draw) => (stream: Stream) => ({
    claim: { ...terms, ...ORDERS[how], direction: 'lower', of: A, than: B, by: 0 } as const,
    a: many(of, stream),
    b: many(to, stream),
  });
  const rows = (shape: string, of: Draw, to: Draw, hows: readonly (keyof typeof ORDERS)[], isError = onEdge): readonly Row[] =>
    hows.map((how) => ({ shape, truth: how, tables: [at(how, of, to)], isError }));
  const all = Object.keys(ORDERS) as readonly (keyof typeof ORDERS)[];
  return [
    ...[STANDARD[0], STANDARD[2], STANDARD[4], STANDARD[6]].flatMap((shape) =>
      shape ? rows(shape.name, shape.draw, shape.draw, all) : [],
    ),
    ...rows('normal, sd 1 and 5', NORMAL, wide, ['ranks', 'probability']),
    ...rows('1 and lognormal, equal medians', (stream) => 1 + tight(stream), logNormal, all),
    ...rows(
      'tight and lognormal, equal means',
      (stream) => tight(stream),
      SKEWED,
      all,
      () => false,
    ),
    ...rows(
      'tight and accidents, equal means',
      (stream) => tight(stream),
      OFTEN,
      all,
      () => false,
    ),
  ];
}

/** With half as many runs of the cell that spreads less. */
function unequalSizeRows(): readonly Row[] {
  const at = (how: 'ranks' | 'probability', of: Draw, to: Draw) => (stream: Stream) => ({
    claim: { ...terms, ...ORDERS[how], direction: 'lower', of: A, than: B, by: 0 } as const,
    a: many(of, stream, 0, 2 * MOST_SEEDS),
    b: many(to, stream),
  });
  const wide: Draw = (stream) => 5 * stream.normal();
  return (['ranks', 'probability'] as const).flatMap((how) => [
    { shape: 'normal, sd 1 and 5', truth: `${how}, twice as many of sd 1`, tables: [at(how, NORMAL, wide)], isError: onEdge },
    { shape: 'normal, sd 1 and 5', truth: `${how}, twice as many of sd 5`, tables: [at(how, wide, NORMAL)], isError: onEdge },
  ]);
}

/** A probability of 0.7 is true, and claimed. */
function probabilityRows(): readonly Row[] {
  const z = 0.5244005127080407; // the normal quantile of 0.7
  const apart =
    (sd: number): Draw =>
    (stream) =>
      -z * Math.hypot(1, sd) + sd * stream.normal();
  const at = (sd: number, paired: boolean) => (stream: Stream) => ({
    claim: { ...terms, kind: 'probability', direction: 'lower', of: A, than: B, by: 0, paired, bound: 0.7 } as const,
    a: many(apart(sd), stream),
    b: many(NORMAL, stream),
  });
  return [1, 3].flatMap((sd) =>
    [true, false].map((paired) => ({
      shape: `normal, sd ${sd} and 1`,
      truth: `0.7, ${paired ? 'paired' : 'not paired'}`,
      tables: [at(sd, paired)],
      isError: onEdge,
    })),
  );
}

/** Draws tables and counts verdicts under every plan of looks. */
function simulate(name: string, draw: (stream: Stream) => Simulated): Readonly<Record<PlanName, Rates>> {
  const stream = streams.stream(name, 1);
  const counts = mapPlans(() => ({ reproduced: 0, differs: 0 }));
  for (let table = 0; table < TABLES; table++) {
    const simulated = draw(stream);
    const known = new Map<string, VerdictKind>();
    const kindAt = (n: number, number: number, declared: number): VerdictKind => {
      const key = `${n} ${number} ${declared}`;
      const kind = known.get(key) ?? judged(simulated, n, { number, declared });
      known.set(key, kind);
      return kind;
    };
    for (const plan of PLAN_NAMES) {
      const { seeds, declared } = PLANS[plan];
      const kinds = seeds.map((n, look) => () => kindAt(n, look + 1, declared));
      const kind = kinds.reduce<VerdictKind>((found, next) => (found === 'inconclusive' ? next() : found), 'inconclusive');
      if (kind === 'reproduced' || kind === 'differs') counts[plan][kind]++;
    }
  }
  const percent = (count: number) => (100 * count) / TABLES;
  return mapPlans((plan) => ({ reproduced: percent(counts[plan].reproduced), differs: percent(counts[plan].differs) }));
}

/** What `judge` says of the first n seeds; of a cell with more runs than the others, of as many times n. */
function judged(
  { claim, a, b = [] }: Simulated,
  n: number,
  interimLooks: { readonly declared: number; readonly number: number },
): VerdictKind {
  const cells = { a: cellOf(a.slice(0, (n * a.length) / MOST_SEEDS)), b: cellOf(b.slice(0, n)) };
  return judge(claim, { cell: ([row]) => (row === 'a' ? cells.a : cells.b), interimLooks, device: 'CPU' }).kind;
}

const cellOf = (values: readonly number[]): CellRuns => ({
  label: 'ours',
  seeds: values.map((_, index) => index + 1),
  samples: values.map((value, index) => ({ seed: index + 1, outcome: 'finished', value })),
});

const mapPlans = <T>(f: (plan: PlanName) => T): Readonly<Record<PlanName, T>> =>
  Object.fromEntries(PLAN_NAMES.map((plan) => [plan, f(plan)])) as Record<PlanName, T>;

// The tables of the document

type Measured = Pick<Row, 'shape' | 'truth' | 'isError'> & { readonly rates: Readonly<Record<PlanName, Rates>> };

function measure(heading: string, { tables, ...row }: Row): Measured {
  const found = tables.map((draw, index) => simulate(`${heading}, ${row.shape}, ${row.truth} ${index}`, draw));
  const worst = (plan: PlanName, kind: keyof Rates) => Math.max(...found.map((rates) => rates[plan][kind]));
  return { ...row, rates: mapPlans((plan) => ({ reproduced: worst(plan, 'reproduced'), differs: worst(plan, 'differs') })) };
}

const digits = (rate: number): string => (rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : rate.toFixed(0));

const rowText = ({ shape, truth, rates }: Measured): string =>
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
function excesses(heading: string, rows: readonly Measured[]): readonly string[] {
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
  ['Against M ± S of five runs', meanWithSpreadRows],
  ['Against a reference of 28 runs', referenceRows(28)],
  ['Against a reference of 98 runs', referenceRows(98)],
  ['Against a reference that spreads otherwise', unequalSpreadRows],
  ['Against a reference whose print is coarse', roundingRows],
  ['Limits', limitRows],
  ['Ratios', ratioRows],
  ['Equivalence', equivalenceRows],
  ['Orders', orderRows],
  ['Orders of cells of unequal sizes', unequalSizeRows],
  ['Probabilities', probabilityRows],
];

const exceeded = SECTIONS.flatMap(([heading, rowsOf]) => {
  const rows = rowsOf().map((row) => measure(heading, row));
  console.log(`### ${heading}\n\n| shape | truth | ${PLAN_NAMES.join(' | ')} |\n| --- | --- |${' --- |'.repeat(PLAN_NAMES.length)}`);
  console.log(`${rows.map(rowText).join('\n')}\n`);
  return excesses(heading, rows);
});
const { user, system } = process.cpuUsage();
const took = ((user + system) / 1e6).toFixed(0);
const date = new Date().toISOString().slice(0, 10);
console.log(`${TABLES} tables a rate; ${date}, ${describeMachine(thisMachine())}; ${took} s of one processor`);
for (const line of exceeded) console.error(`above what docs/statistics.md states: ${line}`);
if (exceeded.length > 0) process.exitCode = 1;
