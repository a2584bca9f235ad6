import { describe, expect, test } from 'vitest';
import type { Claim } from '../../src/study/claims/claim.js';
import { explain } from '../../src/report/study/why.js';
import { decimalsOf, fixed, pValue, percent, plain, shareText } from '../../src/diagnostics/numbers.js';
import { judge } from '../../src/study/claims/judge.js';
import type { CellRuns } from '../../src/study/claims/samples.js';
import { mean } from '../../src/statistics/means.js';
import { position, type Verdict } from '../../src/study/verdicts/verdict.js';
import fc, { cases } from '../support/properties.js';
import { cell, equivalent, judgeWith, limit, printed, published, rank, ratio } from './claims.js';

/** Numbers in sentences are read back: each is the one that it speaks of, to the last digit that is printed. */

const NUMBER = String.raw`([-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?)`;
const pattern = (text: string): RegExp => new RegExp(text.replaceAll('#', NUMBER));
const valueOf = (text: string): number => Number(text.replaceAll(',', ''));

/** Half a step of the last place that is printed. */
function precisionOf(text: string): number {
  const [digits = '', exponent = '0'] = text.split('e');
  return 0.5 * 10 ** (Number(exponent) - (digits.split('.')[1]?.length ?? 0));
}

function expectSpoken(text: string, value: number | undefined, sentence: string): void {
  const said = valueOf(text);
  const near = value !== undefined && Math.abs(said - value) <= precisionOf(text) * (1 + 1e-6) + 1e-9 * Math.abs(value);
  if (!near) expect.fail(`"${text}" speaks of ${value}: ${sentence}`);
}

/** What a sentence says, each number by what it is. */
function expectSaid(sentence: string, says: readonly (readonly [what: string, values: readonly (number | undefined)[]])[]): void {
  let found = 0;
  for (const [what, values] of says) {
    const match = pattern(what).exec(sentence);
    if (!match) continue;
    found += 1;
    values.forEach((value, index) => expectSpoken(match[index + 1] ?? '', value, sentence));
  }
  if (found === 0) expect.fail(`nothing was found in: ${sentence}`);
}

const digits = fc.integer({ min: -6, max: 6 });
/** Seeds of one cell: of any size, with any spread, none included. */
const values = fc
  .tuple(
    digits,
    fc.double({ min: 1, max: 10, noNaN: true }),
    fc.integer({ min: -14, max: 1 }),
    fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 9 }),
  )
  .map(([size, center, spread, each]) => each.map((one) => (center + one * 10 ** spread) * 10 ** size));
const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 9 });
/** A number as a source would print it that has about this value. */
const printedLike = (value: number, places: number): string => {
  const exponent = Math.floor(Math.log10(Math.abs(value) || 1));
  return Number(value.toPrecision(places)).toFixed(Math.max(0, places - 1 - exponent));
};
const places = fc.integer({ min: 1, max: 4 });
const factor = fc.double({ min: 0.5, max: 2, noNaN: true });
const runs = cases(400);

const of95 = (verdict: Verdict) => verdict.numbers.interval ?? [];

describe('every number of a sentence is the one that it speaks of', () => {
  test('against a printed number', () => {
    fc.assert(
      fc.property(values, places, factor, (ours, width, times) => {
        const claim = published(printedLike(mean(ours) * times, width));
        const verdict = judgeWith(claim, cell(ours));
        const { numbers, wording } = verdict;
        expectSaid(wording, [
          [': # over # seeds', [numbers.mean, ours.length]],
          ['mean is between # and #', of95(verdict)],
          ['allow(?:s|ed) # to #', numbers.zone ?? []],
          ['all # seeds(?: of \\w+)? gave #', [ours.length, ours[0]]],
        ]);
      }),
      runs,
    );
  });

  test('against a printed mean with its spread', () => {
    fc.assert(
      fc.property(values, places, factor, factor, (ours, width, times, spread) => {
        const theirs = printed(printedLike(mean(ours) * times, width));
        const claim = published(theirs.text, theirs.unit, { spread: { sd: spread * theirs.unit, runs: 5 } });
        const verdict = judgeWith(claim, cell(ours));
        const { numbers, wording } = verdict;
        expectSaid(wording, [
          [': # over # seeds', [mean(ours), ours.length]],
          ['# above the published #', [numbers.difference, theirs.value]],
          ['difference is between # and #', of95(verdict)],
          ['(?:within|allowed) # \\(the margin #', [numbers.zone?.[1], theirs.unit]],
          ['all # seeds(?: of \\w+)? gave #', [ours.length, ours[0]]],
        ]);
      }),
      runs,
    );
  });

  test('against runs, rounded alike or not', () => {
    fc.assert(
      fc.property(values, values, fc.boolean(), (ours, others, isRounded) => {
        const theirs = others.map((value) => (value / mean(others)) * mean(ours));
        const unit = isRounded ? 10 ** Math.floor(Math.log10(Math.abs(mean(ours)))) / 10 : 0;
        const claim: Claim = { kind: 'reference', cell: ['a', 'x'], confidence: 0.95, runs: [...theirs, ...theirs], printed: unit };
        const verdict = judgeWith(claim, cell(ours));
        const { numbers, wording } = verdict;
        expectSaid(wording, [
          [': # over # seeds', [mean(ours), ours.length]],
          ['rounded as printed is #', [numbers.mean]],
          ["the reference's # \\(# runs\\)", [numbers.reference?.mean, claim.runs.length]],
          ['difference is between # and #', of95(verdict)],
          ['all # seeds(?: of \\w+)? gave #', [ours.length, ours[0]]],
        ]);
      }),
      runs,
    );
  });

  test('a limit', () => {
    fc.assert(
      fc.property(values, places, factor, fc.boolean(), (ours, width, times, isText) => {
        const bound = printed(printedLike(mean(ours) * times, width));
        const verdict = judgeWith(limit('at_most', isText ? bound : bound.value), cell(ours));
        const { numbers, wording } = verdict;
        expectSaid(wording, [
          ['mean #', [numbers.mean]],
          ['between # and #', of95(verdict)],
          ['which allows #', [numbers.zone?.[1]]],
          ['all # seeds(?: of \\w+)? gave #', [ours.length, ours[0]]],
        ]);
      }),
      runs,
    );
  });

  test('a share of runs', () => {
    fc.assert(
      fc.property(shares, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (ours, share) => {
        const verdict = judgeWith(limit('at_least', 0.5, { share }), cell(ours));
        const [lower = 0, upper = 1] = of95(verdict);
        expectSaid(verdict.wording, [
          [': # of # runs', [Math.round((verdict.numbers.share ?? 0) * ours.length), ours.length]],
          ['share between # and #', [lower, upper]],
          ['share of at least #', [lower]],
          ['share of at most #', [upper]],
        ]);
        const said = pattern('share between # and #').exec(verdict.wording);
        if (said) expect(valueOf(said[1] ?? '') < share && valueOf(said[2] ?? '') >= share, verdict.wording).toBe(true);
      }),
      runs,
    );
  });

  test('two cells', () => {
    fc.assert(
      fc.property(values, values, factor, fc.boolean(), (ours, others, by, paired) => {
        const theirs = others.map((value) => (value / mean(others)) * mean(ours) * by);
        const [a, b] = [cell(ours), cell(theirs)];
        const same = judgeWith(equivalent(0.1 * Math.abs(mean(ours)), { paired }), a, b);
        expectSaid(same.wording, [
          ['difference is # over', [same.numbers.difference]],
          ['between # and #', of95(same)],
          ['all # \\w+(?: of \\w+)? gave', [same.numbers.n]],
          ['identical in # of # pairs', [same.numbers.n, same.numbers.n]],
        ]);
        const times = judgeWith(ratio(1.1, { paired }), a, b);
        expectSaid(times.wording, [
          [': # times as', [times.numbers.ratio]],
          ['between # and #', of95(times)],
          ['all # \\w+(?: of \\w+)? gave', [times.numbers.n]],
          ['gave #$', [[...ours, ...theirs].find((value) => value <= 0)]],
        ]);
      }),
      runs,
    );
  });

  test('and so is every number of its explanation', () => {
    fc.assert(
      fc.property(values, places, factor, (ours, width, times) => {
        const claim = published(printedLike(mean(ours) * times, width));
        const verdict = judgeWith(claim, cell(ours));
        const { interval, runInterval, zone } = verdict.numbers;
        if (!interval || !runInterval || !zone) return;
        expectSaid(explain(claim, verdict).join('. '), [
          ['# to # counts as the same', zone],
          ['our mean is between # and #', interval],
          ['would fall between # and #', runInterval],
        ]);
      }),
      runs,
    );
  });
});

describe('what is read agrees with the verdict', () => {
  test('an interval lies where its digits say', () => {
    fc.assert(
      fc.property(values, places, factor, (ours, width, times) => {
        const { kind, numbers, wording } = judgeWith(published(printedLike(mean(ours) * times, width)), cell(ours));
        const said = pattern('mean is between # and #').exec(wording);
        if (!said || !numbers.interval || !numbers.zone || numbers.interval[0] === numbers.interval[1]) return;
        const seen = position([valueOf(said[1] ?? ''), valueOf(said[2] ?? '')], numbers.zone);
        if (kind === 'reproduced') expect(seen, wording).toBe('inside');
        if (kind === 'differs') expect(seen, wording).toBe('outside');
      }),
      cases(1000),
    );
  });

  test('0.60 is not 1, and 0.7 has no dust', () => {
    const spread = { spread: { sd: 0, runs: 5 } };
    expect(judgeWith(published('0.60', 0.05, spread), cell([0.6, 0.6, 0.6])).wording).not.toMatch(/\b1 over/);
    expect(judgeWith(published('0.70', 0.05), cell([0.7, 0.7, 0.1 + 0.6, 0.7, 0.7])).wording).not.toMatch(/\d{9}/);
    expect(judgeWith(published('0.7', 0.05, { deterministic: true }), cell([0.1 + 0.2 + 0.4])).wording).toContain('0.7');
  });

  test('ours as the cell has it, then as it was compared', () => {
    const claim: Claim = { kind: 'reference', cell: ['a', 'x'], confidence: 0.95, runs: [1.1, 1.1, 1.1, 1.2, 1.1, 1.1], printed: 0.1 };
    expect(judgeWith({ ...claim, margin: 0.1 }, cell([1.06, 1.07, 1.05, 1.06, 1.07])).wording).toContain(
      '1.06 over 5 seeds, which rounded as printed is 1.10',
    );
  });
});

describe('nothing is said to be where it cannot be', () => {
  const bounded = (all: readonly number[], range: CellRuns['range']): CellRuns => cell(all, range && { range });
  const SHARE = [0, 1] as const;

  test('a share lies between 0 and 1, in every form', () => {
    fc.assert(
      fc.property(
        shares,
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        fc.double({ min: 0.01, max: 0.4, noNaN: true }),
        (ours, p, d) => {
          const claims: readonly Claim[] = [
            published(p.toFixed(2), d),
            published(p.toFixed(2), d, { reading: 'procedure' }),
            limit('at_least', p),
            limit('at_most', p, { margin: d }),
          ];
          for (const claim of claims) {
            const { numbers } = judgeWith(claim, bounded(ours, SHARE));
            for (const end of [...(numbers.interval ?? []), ...(numbers.runInterval ?? []), ...(numbers.zone ?? [])])
              if (Number.isFinite(end) && !(end >= 0 && end <= 1)) expect.fail(`${end} is no share`);
          }
        },
      ),
      runs,
    );
  });

  test('a perplexity is at least 1', () => {
    const { numbers } = judgeWith(published('1.1', 0.2), bounded([1.01, 1.02, 1.3, 1.0], [1, Infinity]));
    expect(numbers.interval?.[0]).toBe(1);
    expect(numbers.zone).toEqual([1, expect.closeTo(1.35, 12)]);
  });

  test('what is known of a metric decides no verdict but where it must', () => {
    fc.assert(
      fc.property(shares, fc.double({ min: 0.2, max: 0.8, noNaN: true }), (ours, p) => {
        const claim = published(p.toFixed(2), 0.1);
        const [free, known] = [bounded(ours, undefined), bounded(ours, SHARE)].map((each) => judgeWith(claim, each).kind);
        expect(known).toBe(free);
      }),
      runs,
    );
  });
});

describe('small and large numbers', () => {
  test.each([
    [0.05, 'p = 0.05'],
    [8e-9, 'p = 8e-9'],
    [0, 'p < 1e-300'],
  ])('a p-value of %d', (p, text) => expect(pValue(p)).toBe(text));

  test('what is short of all is not all', () => {
    expect(percent(0.99996)).toBe('99.996 %');
    expect(percent(1)).toBe('100 %');
    expect(percent(0.9999999)).toBe('99.99999 %');
    expect(shareText(0.9996)).toBe('0.9996');
    expect(shareText(0.0004)).toBe('0.0004');
    expect(shareText(0.7996, 0.8)).toBe('0.7996');
    expect(shareText(1)).toBe('1.00');
  });

  test('an interval without width has the digits of its numbers', () => {
    expect(fixed(0.6, decimalsOf([0, 0], 0.6))).toBe('0.6');
    expect(fixed(0.7, decimalsOf([0.7, 0.7 + 1e-16]))).toBe('0.7');
    expect(plain(0.1 + 0.2)).toBe('0.3');
  });

  test('of a judgement nothing is left of binary numbers', () => {
    const runs = cell([0.3, 0.1 + 0.2, 0.3, 0.3]);
    const verdict = judge(published('0.3', 0.1), { cell: () => runs, interimLooks: { declared: 2, number: 1 }, device: 'CPU' });
    expect(verdict.wording).not.toMatch(/\d\.\d{8}/);
  });
});

test('a rank says how many of how many', () => {
  const { wording } = judgeWith(rank('lower', { paired: true }), cell([1, 2, 3, 4, 5]), cell([2, 3, 4, 5, 6]));
  expect(wording).toContain('5 of 5 pairs');
});
