import { describe, expect, test } from 'vitest';
import type { ReferenceClaim } from '../../src/study/claims/claim.js';
import type { Verdict } from '../../src/study/verdicts/verdict.js';
import { allCases, casesOf, referenceOf } from './cases.js';
import { cell, d2l, equivalent, judgeWith, limit, printed, published, rank, ratio } from './claims.js';

const KINDS = { reproduced: 'reproduced', differs: 'differs', inconclusive: 'inconclusive', not_run: 'not run', not_claimable: '' };
const REASONS: Readonly<Record<string, string>> = { 'few seeds': 'n<3' };

/** What the case states, in its words; `extra` are the numbers it gives. */
function expectVerdict(verdict: Verdict, { verdict: kind, reason, ...numbers }: Expected, extra: Readonly<Record<string, unknown>>): void {
  expect(KINDS[verdict.kind]).toBe(kind);
  if (reason !== undefined) expect(verdict.reason ? (REASONS[verdict.reason] ?? verdict.reason) : null).toBe(reason);
  for (const [name, expected] of Object.entries(numbers)) close(extra[name], expected, name);
}

function close(actual: unknown, expected: unknown, name: string): void {
  if (Array.isArray(expected)) expected.forEach((each, i) => close((actual as readonly unknown[])[i], each, `${name}.${i}`));
  else if (typeof expected === 'number' && typeof actual === 'number') {
    const error = Math.abs(actual - expected);
    if (!(error <= 1e-12 || error <= 1e-9 * Math.abs(expected))) expect.fail(`${name}: ${actual} is not ${expected}`);
  } else expect(actual, name).toEqual(expected);
}

interface Expected {
  readonly verdict: string;
  readonly reason?: string | null;
  readonly [number: string]: unknown;
}
interface Two {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

describe.each(casesOf<{ x: number[]; published: number; unit: number; margin: number }, Expected>('verdict_published'))(
  'published $input',
  ({ input, output }) => {
    test('as stated', () => {
      const claim = published('0', input.margin, {
        published: { text: String(input.published), value: input.published, unit: input.unit },
      });
      const verdict = judgeWith(claim, cell(input.x));
      const { mean, sd, interval, runInterval, zone } = verdict.numbers;
      expectVerdict(verdict, output, { mean, sd, interval, run_interval: runInterval, zone });
    });
  },
);

describe.each(casesOf<{ x: number[]; reference: string; unit: number; margin: number }, Expected>('verdict_reference'))(
  'reference $input',
  ({ input, output }) => {
    test('as stated', () => {
      const claim: ReferenceClaim = {
        ...d2l('rnn_scratch/pytorch', input.margin),
        runs: referenceOf(input.reference),
        printed: input.unit,
      };
      const verdict = judgeWith(claim, cell(input.x), cell([]), { interimLooks: { declared: 1, number: 1 } }); // the cases are of 5 % at one look
      const { difference, se, df, interval, rankP, spreadFrom } = verdict.numbers;
      expectVerdict(verdict, output, { difference, se, df, interval, rank_p: rankP, spread_from: spreadFrom });
    });
  },
);

describe.each(['paired', 'unpaired'])('%s', (how) => {
  const paired = how === 'paired';
  test.each(casesOf<Two & { at_least: number }, Expected>(`verdict_ratio_${how}`))('ratio $input', ({ input, output }) => {
    const verdict = judgeWith(ratio(input.at_least, { paired }), cell(input.a), cell(input.b));
    expectVerdict(verdict, output, { ...verdict.numbers });
  });

  test.each(casesOf<Two, Expected>(`verdict_rank_${how}`))('rank $input', ({ input, output }) => {
    const verdict = judgeWith(rank('higher', { paired }), cell(input.a), cell(input.b));
    const { p, pOpposite, share } = verdict.numbers;
    expectVerdict(verdict, output, { p, p_opposite: pOpposite, share });
  });
});

test.each(casesOf<Two & { margin: number }, Expected>('verdict_equivalence_paired'))('equivalence $input', ({ input, output }) => {
  const verdict = judgeWith(equivalent(input.margin), cell(input.a), cell(input.b));
  expectVerdict(verdict, output, { ...verdict.numbers });
});

test.each(casesOf<{ x: number[]; bound: number }, Expected>('verdict_at_most'))('at most $input', ({ input, output }) => {
  const verdict = judgeWith(limit('at_most', input.bound), cell(input.x));
  expectVerdict(verdict, output, { ...verdict.numbers });
});

test('every case of the file is one that a test knows', () => {
  const functions = Array.from(new Set(allCases.map(({ fn }) => fn)));
  const judged = functions.filter((fn) => fn.startsWith('verdict_'));
  expect(allCases).toHaveLength(287);
  expect(judged).toEqual([
    'verdict_published',
    'verdict_reference',
    'verdict_ratio_paired',
    'verdict_ratio_unpaired',
    'verdict_rank_paired',
    'verdict_rank_unpaired',
    'verdict_equivalence_paired',
    'verdict_at_most',
  ]);
  expect(printed('1.0').unit).toBe(0.1);
});
