import { readFileSync } from 'node:fs';
import { createStreams, type Stream } from '../src/random/streams.js';
import type { CellName, Claim, Terms } from '../src/study/claims/claim.js';
import type { InterimLooks } from '../src/study/claims/interim-looks.js';
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
 *     npm run bench error-rates            all of it: half an hour of one processor
 *     npm run bench error-rates stages     the sections whose headings have one of these words
 */

const TABLES = 3000;
const streams = createStreams(8);

/** Numbers of seeds at which verdicts are looked at, until one is decided. */
interface Looked {
  readonly seeds: readonly number[];
  readonly declared: number;
  /** The looks are stages of a table. */
  readonly isStaged?: boolean;
}

/** How verdicts are looked at: one of two looks, both (the second if the first decides nothing), one look that is the only one declared, or stages. */
const PLANS = {
  'n = 3': { seeds: [3], declared: 2 },
  'n = 5': { seeds: [5], declared: 2 },
  'n = 10': { seeds: [10], declared: 2 },
  'looks 5, 10': { seeds: [5, 10], declared: 2 },
  'looks 3, 10': { seeds: [3, 10], declared: 2 },
  'one look, n = 10': { seeds: [10], declared: 1 },
  'stages 5, 10, 20, 40': { seeds: [5, 10, 20, 40], declared: 4, isStaged: true },
} as const satisfies Readonly<Record<string, Looked>>;
type Plans = Readonly<Record<string, Looked>>;

/** A table that stops where it is decided, beside tables of so many seeds that are looked at once. */
const STOPPING = {
  'stages 5, 10, 20, 40': PLANS['stages 5, 10, 20, 40'],
  '5 seeds': { seeds: [5], declared: 1 },
  '10 seeds': { seeds: [10], declared: 1 },
  '40 seeds': { seeds: [40], declared: 1 },
} as const satisfies Plans;

const MOST_SEEDS = 40;

/** In percent; the rest is inconclusive. */
interface Rates {
  readonly reproduced: number;
  readonly differs: number;
  /** How many seeds a table took on average. */
  readonly seeds: number;
}

/** One table of which the truth is known: the claim, and the runs of one cell or two, as many as any plan looks at. */
interface Simulated {
  readonly claim: Claim;
  readonly a?: readonly number[];
  readonly b?: readonly number[];
  /** Of more cells than two, all of them, by their rows. */
  readonly cells?: Readonly<Record<string, readonly number[]>>;
  /** What the column takes over the seeds. */
  readonly overSeeds?: CellRuns['overSeeds'];
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

/** As above, of the shapes that results have: ours are theirs, drawn out around the mean. */
function wideShapeRows(): readonly Row[] {
  const shapes = PERPLEXITIES.filter(({ name }) => ['lognormal', 'LSTM of d2l'].includes(name));
  return shapes.flatMap(({ name, mean: center, draw }) =>
    [1.5, 2, 3, 5].map((times) => ({
      shape: `${name}, ours ${times} times as wide`,
      truth: 'differ by the margin',
      tables: [0.2, -0.2].map((shift) => againstRuns(draw, (stream) => center + times * (draw(stream) - center), 28, 0.2, shift)),
      isError: onEdge,
    })),
  );
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

/** Where the median, the interquartile mean or the best of five of a shape lies, by a great many runs. */
function placeOf(draw: Draw, take: (runs: readonly number[]) => number, each = 1): number {
  const stream = streams.stream('places', each);
  return take(Array.from({ length: 200_000 }, () => Math.min(...many(draw, stream, 0, each))));
}

/** As a published number, of columns that take something else than the mean; best of five: the least of each five. */
function estimandRows(): readonly Row[] {
  const published = { text: '0.0', value: 0, unit: 0.5 };
  const middle = (share: number) => (runs: readonly number[]) =>
    mean(runs.toSorted((a, b) => a - b).slice(share * runs.length, (1 - share) * runs.length));
  const taken = [
    { name: 'median', overSeeds: 'median', take: middle(0.4999), each: 1 },
    { name: 'interquartile mean', overSeeds: 'interquartile_mean', take: middle(0.25), each: 1 },
    { name: 'best of 5', overSeeds: { kind: 'best_of', k: 5 }, take: mean, each: 5 },
  ] as const;
  const shapes = STANDARD.filter(({ name }) =>
    ['normal', 'lognormal', 'lognormal, log-sd 1', 'accidents, 1 in 10', 'LSTM of d2l'].includes(name),
  );
  return taken.flatMap(({ name, overSeeds, take, each }) =>
    shapes.map(({ name: shape, draw }) => {
      const place = placeOf(draw, take, each);
      const at = (shift: number) => (stream: Stream) => ({
        claim: { ...terms, kind: 'published', cell: A, published, reading: 'mean', margin: 2 } as const,
        a: many(draw, stream, shift - place),
        overSeeds,
      });
      return { shape, truth: `${name} on the edge`, tables: [at(2.25), at(-2.25)], isError: onEdge };
    }),
  );
}

/** Of runs that succeed or not: so many of 30 of theirs did, and ours do more or less often by the margin; a bound; two cells that succeed alike. */
function shareRows(): readonly Row[] {
  const runs = (share: number, stream: Stream, n = MOST_SEEDS): readonly number[] =>
    Array.from({ length: n }, () => (stream.uniform() < share ? 1 : 0));
  const overSeeds = { kind: 'share', at_least: 1 } as const;
  const against = (theirs: number, ours: number) => (stream: Stream) => {
    const published = readPublished(`${runs(theirs, stream, 30).reduce((a, b) => a + b, 0)} of 30`);
    if (!published) throw new Error('no count of runs');
    return {
      claim: { ...terms, kind: 'published', cell: A, published, reading: 'mean', margin: 0.2, deterministic: true } as const,
      a: runs(ours, stream),
      overSeeds,
    };
  };
  const bound = (share: number, side: 'at_least' | 'at_most') => (stream: Stream) => ({
    claim: { ...terms, kind: 'limit', cell: A, side, bound: share, deterministic: true } as const,
    a: runs(share, stream),
    overSeeds,
  });
  const order = (share: number) => (stream: Stream) => ({
    claim: { ...terms, ...ORDERS.ranks, direction: 'lower', of: A, than: B, by: 0, deterministic: true } as const,
    a: runs(share, stream),
    b: runs(share, stream),
    overSeeds,
  });
  const pairs = [
    [0.9, 0.7],
    [0.75, 0.95],
    [0.5, 0.7],
  ] as const;
  return [
    ...pairs.map(([theirs, ours]) => ({
      shape: `theirs ${theirs}, ours ${ours}`,
      truth: 'as N of 30, margin 0.2',
      tables: [against(theirs, ours)],
      isError: onEdge,
    })),
    ...[0.5, 0.8, 0.95].map((share) => ({
      shape: `share ${share}`,
      truth: 'at the bound',
      tables: [bound(share, 'at_least'), bound(share, 'at_most')],
      isError: onEdge,
    })),
    ...[0.5, 0.9].map((share) => ({ shape: `share ${share} of both`, truth: 'order', tables: [order(share)], isError: onEdge })),
  ];
}

/** Eight data sets, on which a method is better as often as worse: what it is better by lies around 0, on each of them another number. */
function acrossRows(): readonly Row[] {
  const sets = Array.from({ length: 8 }, (_, index) => index);
  const at = (draw: Draw, test?: 'sign') => (stream: Stream) => {
    const cells: Record<string, readonly number[]> = {};
    for (const set of sets) {
      const [level, better] = [10 * stream.normal(), draw(stream)];
      cells[`of ${set}`] = many(NORMAL, stream, level + better);
      cells[`than ${set}`] = many(NORMAL, stream, level);
    }
    return {
      claim: {
        ...terms,
        kind: 'across',
        direction: 'lower',
        of: sets.map((set) => [`of ${set}`, 'x'] as const),
        than: sets.map((set) => [`than ${set}`, 'x'] as const),
        by: 0,
        ...(test && { test }),
      } as const,
      cells,
    };
  };
  const eitherSide: Draw = (stream) => (stream.uniform() < 0.5 ? 1 : -1) * OFTEN(stream);
  return Object.entries({ normal: NORMAL, 'accidents, either side': eitherSide }).flatMap(([shape, draw]) =>
    ([undefined, 'sign'] as const).map((test) => ({
      shape,
      truth: test ? 'signs' : 'signed ranks',
      tables: [at(draw, test)],
      isError: onEdge,
    })),
  );
}

/** How far a table gets that adds seeds until it is decided: against 28 runs printed to 0.1, margin 0.1, and against a printed number. */
function stoppingRows(): readonly Row[] {
  const truths = [
    { name: 'equal', times: 0, isError: ofEqual },
    { name: 'half the margin apart', times: 0.5, isError: ofEqual },
    { name: 'on the edge', times: 1, isError: onEdge },
    { name: 'twice the margin apart', times: 2, isError: (kind: string) => kind === 'reproduced' },
  ];
  const wide =
    (times: number): Draw =>
    (stream) =>
      1.4 + 0.085 * times * stream.normal();
  const shapes = PERPLEXITIES.filter(({ name }) => ['normal', 'lognormal', 'LSTM of d2l'].includes(name));
  const ofReference = [
    ...shapes.map(({ name, draw }) => ({ shape: `28 runs, ${name}`, theirs: draw, ours: draw, margin: 0.1 })),
    ...[2, 5].map((times) => ({ shape: `28 runs, normal, ours ${times} times as wide`, theirs: wide(1), ours: wide(times), margin: 0.2 })),
  ].flatMap(({ shape, theirs, ours, margin }) =>
    truths.map(({ name, times, isError }) => ({
      shape,
      truth: name,
      tables: [againstRuns(theirs, ours, 28, margin, margin * times)],
      isError,
    })),
  );
  const published = { text: '0.0', value: 0, unit: 0.5 };
  const ofPrinted = ['normal', 'lognormal'].flatMap((of) => {
    const { draw = NORMAL } = STANDARD.find(({ name }) => name === of) ?? {};
    return truths.map(({ name, times, isError }) => ({
      shape: `a printed number, ${of}`,
      truth: name,
      tables: [
        (stream: Stream) => ({
          claim: { ...terms, kind: 'published', cell: A, published, reading: 'mean', margin: 1 } as const,
          a: many(draw, stream, 1.25 * times),
        }),
      ],
      isError,
    }));
  });
  return [...ofReference, ...ofPrinted];
}

/** Draws tables and counts verdicts under every plan of looks. */
function simulate(name: string, draw: (stream: Stream) => Simulated, plans: Plans): Readonly<Record<string, Rates>> {
  const stream = streams.stream(name, 1);
  const counts = Object.fromEntries(Object.keys(plans).map((plan) => [plan, { reproduced: 0, differs: 0, seeds: 0 }]));
  for (let table = 0; table < TABLES; table++) {
    const simulated = draw(stream);
    const known = new Map<string, VerdictKind>();
    for (const [plan, looked] of Object.entries(plans)) {
      const { kind, seeds } = decide(simulated, looked, known);
      const count = counts[plan];
      if (!count) continue;
      count.seeds += seeds;
      if (kind === 'reproduced' || kind === 'differs') count[kind]++;
    }
  }
  return Object.fromEntries(
    Object.entries(counts).map(([plan, { reproduced, differs, seeds }]) => [
      plan,
      { reproduced: (100 * reproduced) / TABLES, differs: (100 * differs) / TABLES, seeds: seeds / TABLES },
    ]),
  );
}

/** The verdict of the first look that decides, or of the last one, and how many seeds it has. `known`: what other plans have asked of this table. */
function decide(
  simulated: Simulated,
  { seeds, declared, isStaged = false }: Looked,
  known = new Map<string, VerdictKind>(),
): { readonly kind: VerdictKind; readonly seeds: number } {
  let found: { readonly kind: VerdictKind; readonly seeds: number } = { kind: 'inconclusive', seeds: 0 };
  for (const [look, n] of seeds.entries()) {
    const looks = { number: look + 1, declared, ...(isStaged && { stages: seeds }) };
    const key = JSON.stringify([n, looks]);
    const kind = known.get(key) ?? judged(simulated, n, looks);
    known.set(key, kind);
    found = { kind, seeds: n };
    if (kind !== 'inconclusive') break;
  }
  return found;
}

/** What `judge` says of the first n seeds; of a cell with more runs than the others, of as many times n. */
function judged({ claim, a = [], b = [], cells = { a, b }, overSeeds }: Simulated, n: number, interimLooks: InterimLooks): VerdictKind {
  const seen = ([row]: CellName): CellRuns => {
    const runs = cells[row] ?? [];
    return cellOf(runs.slice(0, (n * runs.length) / MOST_SEEDS), overSeeds);
  };
  const asked = () => judge(claim, { cell: seen, interimLooks, device: 'CPU' }).kind;
  if (typeof overSeeds !== 'object' || overSeeds.kind !== 'share') return asked();
  // Of runs that are counted, equal counts have equal verdicts, and the exact tests take a while.
  const counts = Object.values(cells).map((runs) => runs.slice(0, n).reduce((sum, value) => sum + value, 0));
  const key = JSON.stringify([claim, counts, n, interimLooks]);
  const kind = counted.get(key) ?? asked();
  counted.set(key, kind);
  return kind;
}
const counted = new Map<string, VerdictKind>();

const cellOf = (values: readonly number[], overSeeds: CellRuns['overSeeds']): CellRuns => ({
  label: 'ours',
  seeds: values.map((_, index) => index + 1),
  samples: values.map((value, index) => ({ seed: index + 1, outcome: 'finished', value })),
  ...(overSeeds !== undefined && { overSeeds }),
});

// The tables of the document

type Measured = Pick<Row, 'shape' | 'truth' | 'isError'> & { readonly rates: Readonly<Record<string, Rates>> };

function measure(heading: string, { tables, ...row }: Row, plans: Plans): Measured {
  const found = tables.map((draw, index) => simulate(`${heading}, ${row.shape}, ${row.truth} ${index}`, draw, plans));
  const worst = (plan: string, kind: keyof Rates) => Math.max(...found.map((rates) => rates[plan]?.[kind] ?? 0));
  const rates = Object.keys(plans).map((plan) => [
    plan,
    { reproduced: worst(plan, 'reproduced'), differs: worst(plan, 'differs'), seeds: worst(plan, 'seeds') },
  ]);
  return { ...row, rates: Object.fromEntries(rates) as Measured['rates'] };
}

const digits = (rate: number): string => (rate === 0 ? '0' : rate < 10 ? rate.toFixed(1) : rate.toFixed(0));

const ratesText = ({ reproduced, differs, seeds }: Rates, plans: Plans): string =>
  `${digits(reproduced)} / ${digits(differs)}${plans === STOPPING ? `, ${seeds.toFixed(1)} seeds` : ''}`;

const rowText = ({ shape, truth, rates }: Measured, plans: Plans): string =>
  `| ${[shape, truth, ...Object.values(rates).map((each) => ratesText(each, plans))].join(' | ')} |`;

/** The rows that stand below a heading: by their first two columns, the stated rates. */
function statedRows(heading: string): ReadonlyMap<string, readonly Omit<Rates, 'seeds'>[]> {
  const document = readFileSync(new URL('../docs/statistics.md', import.meta.url), 'utf8');
  const section = document.split(`### ${heading}\n`)[1]?.split(/\n#{2,3} /)[0] ?? '';
  const rows = section.split('\n').flatMap((line) => {
    const [shape = '', truth = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const rates = cells.flatMap((cell) => {
      const [, reproduced, differs] = /^([\d.]+) \/ ([\d.]+)(?:, [\d.]+ seeds)?$/.exec(cell) ?? [];
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
    Object.entries(rates).flatMap(([plan, rate], index) =>
      KINDS.flatMap((kind) => {
        const bound = stated.get(`${shape} ${truth}`)?.[index]?.[kind];
        if (!isError(kind) || (bound !== undefined && Number(digits(rate[kind])) <= bound)) return [];
        return [`${heading}, ${shape}, ${truth}, ${plan}: ${kind} ${digits(rate[kind])} %, stated ${bound ?? 'nothing'}`];
      }),
    ),
  );
}

const KINDS = ['reproduced', 'differs'] as const;

const WORST = 'The worst of each';
const SECTIONS: readonly (readonly [heading: string, rows: () => readonly Row[], plans?: Plans])[] = [
  ['Against a published number', publishedRows],
  ['Against M ± S of five runs', meanWithSpreadRows],
  ['Against a reference of 28 runs', referenceRows(28)],
  ['Against a reference of 98 runs', referenceRows(98)],
  ['Against a reference that spreads otherwise', unequalSpreadRows],
  ['Against a reference that spreads otherwise, skewed', wideShapeRows],
  ['Against a reference whose print is coarse', roundingRows],
  ['Limits', limitRows],
  ['Ratios', ratioRows],
  ['Equivalence', equivalenceRows],
  ['Orders', orderRows],
  ['Orders of cells of unequal sizes', unequalSizeRows],
  ['Probabilities', probabilityRows],
  ['Medians, interquartile means, the best of five', estimandRows],
  ['Shares of runs', shareRows],
  ['Methods over eight data sets', acrossRows],
  ['Stages beside fixed numbers of seeds', stoppingRows, STOPPING],
];

const asked = process.argv.slice(2).map((word) => word.toLowerCase());
const sections = SECTIONS.filter(([heading]) => asked.length === 0 || asked.some((word) => heading.toLowerCase().includes(word)));
const measured = sections.map(([heading, rowsOf, plans = PLANS]) => {
  const rows = rowsOf().map((row) => measure(heading, row, plans));
  const names = Object.keys(plans);
  console.log(`### ${heading}\n\n| shape | truth | ${names.join(' | ')} |\n| --- | --- |${' --- |'.repeat(names.length)}`);
  console.log(`${rows.map((row) => rowText(row, plans)).join('\n')}\n`);
  return { heading, rows };
});

console.log(`### ${WORST}\n\n| claims | normal runs | any runs | of which |\n| --- | --- | --- | --- |`);
console.log(`${measured.map(({ heading, rows }) => worstText(heading, rows)).join('\n')}\n`);

/** The largest rate of an error over both looks, or over the stages, of normal runs and of all shapes. */
function worstText(heading: string, rows: readonly Measured[]): string {
  const normal = worstOf(rows.filter(({ shape }) => shape.startsWith('normal')));
  const { rate, of } = worstOf(rows) ?? { rate: 0, of: '' };
  return `| ${[heading, normal ? digits(normal.rate) : '–', digits(rate), of].join(' | ')} |`;
}

function worstOf(rows: readonly Measured[]): { readonly rate: number; readonly of: string } | undefined {
  const plans = ['looks 5, 10', 'looks 3, 10', 'stages 5, 10, 20, 40'];
  const found = rows.flatMap(({ shape, truth, rates, isError }) =>
    plans.flatMap((plan) =>
      KINDS.flatMap((kind) => (isError(kind) ? [{ rate: rates[plan]?.[kind] ?? 0, of: `${shape}, ${truth}, ${plan}` }] : [])),
    ),
  );
  return found.length === 0 ? undefined : found.reduce((a, b) => (b.rate > a.rate ? b : a));
}

/** A section of which the first screen of the document says less than was measured. */
function tooKind(heading: string, rows: readonly Measured[]): readonly string[] {
  const line = worstText(heading, rows);
  const cellsOf = (text: string): readonly string[] => text.split('|').map((cell) => cell.trim());
  const document = readFileSync(new URL('../docs/statistics.md', import.meta.url), 'utf8').split(`### ${WORST}\n`)[1] ?? '';
  const stated = document.split('\n').find((each) => cellsOf(each)[1] === heading);
  return stated !== undefined && cellsOf(stated).slice(1, 4).join() === cellsOf(line).slice(1, 4).join() ? [] : [`${WORST}: ${line}`];
}

const exceeded = measured.flatMap(({ heading, rows }) => [...excesses(heading, rows), ...tooKind(heading, rows)]);
const { user, system } = process.cpuUsage();
const took = ((user + system) / 1e6).toFixed(0);
const date = new Date().toISOString().slice(0, 10);
console.log(`${TABLES} tables a rate; ${date}, ${describeMachine(thisMachine())}; ${took} s of one processor`);
for (const line of exceeded) console.error(`above what docs/statistics.md states: ${line}`);
if (exceeded.length > 0) process.exitCode = 1;
