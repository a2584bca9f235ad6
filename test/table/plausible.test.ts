import { describe, expect, test } from 'vitest';
import type { WrittenClaim } from '../../src/study/claims/document.js';
import { judgeWith, cell as runs, printed, published } from './claims.js';
import { implausible, type PlannedMetric } from '../../src/study/claims/plausible.js';
import { readClaims } from '../../src/study/claims/read-claims.js';
import { zoneOf } from '../../src/study/claims/zones.js';
import { CONFIG } from '../report/judged.js';

/** Claims beside what their metrics can be. */

const ACCURACY: PlannedMetric = { metric: 'test/accuracy', unit: 'share', better: 'higher', range: [0, 1], chance: 0.504 };
const PERPLEXITY: PlannedMetric = { metric: 'train/perplexity', unit: '', better: 'lower', range: [1, Infinity], chance: 17 };
const LOSS: PlannedMetric = { metric: 'train/loss', unit: '', better: 'lower', range: [0, Infinity] };
const OWN: PlannedMetric = { metric: 'test/reward', unit: '', better: 'higher', range: [-Infinity, Infinity] };
const PERCENT: PlannedMetric = { metric: 'test/hits', unit: 'percent', better: 'higher', range: [0, 100] };

const cell = ['a', 'x'];
const because = 'it matters';
const theirs = new Map([
  ['r.json#/percent', { runs: [98.1, 98.7, 98.4, 98.2, 98.5], printed: 0.1 }],
  ['r.json#/near', { runs: [0.49, 0.61, 0.55, 0.7, 0.5], printed: 0.01 }],
  ['r.json#/good', { runs: [0.98, 0.97, 0.99, 0.98, 0.98], printed: 0.01 }],
]);

/** `error zone-holds-chance at published`, with the help. */
function told(claim: WrittenClaim, known: PlannedMetric): readonly (readonly [what: string, help: string | undefined, message: string])[] {
  const config = { ...CONFIG, claims: [claim] };
  return implausible(config, readClaims(config, theirs), () => known).map(({ severity = 'error', code, path, help, message }) => [
    `${severity} ${code} at ${path.slice(2).join('.')}`,
    help,
    message,
  ]);
}

describe('a zone that nobody chose and that chance lies in is refused', () => {
  test.each<readonly [WrittenClaim, PlannedMetric, what: string, help: string | undefined]>([
    [{ cell, published: '1' }, ACCURACY, 'error zone-holds-chance at published', 'if the source means it that exactly, write "1.0"'],
    [{ cell, published: '0' }, ACCURACY, 'error zone-holds-chance at published', 'if the source means it that exactly, write "0.0"'],
    [
      { cell, published: '0.6' },
      ACCURACY,
      'error zone-holds-chance at published',
      'say what counts as the same: "margin: 0.02", and "because: …"',
    ],
    [{ cell, published: '50 %' }, ACCURACY, 'error zone-holds-chance at published', 'if the source means it that exactly, write "0.500"'],
    [
      { cell, published: '1', reading: 'procedure' },
      ACCURACY,
      'error zone-holds-chance at published',
      'if the source means it that exactly, write "1.0"',
    ],
    [
      { cell, published: '0.6 ± 0.1', spread: { kind: 'standard_deviation', runs: 5 } },
      ACCURACY,
      'error zone-holds-chance at published',
      'say what counts as the same: "margin: 0.02", and "because: …"',
    ],
    [
      { cell, at_least: '1' },
      { ...ACCURACY, chance: 0.51 },
      'error zone-holds-chance at at_least',
      'if the source means it that exactly, write "1.0"',
    ],
    [
      { cell, reference: 'r.json#/near' },
      ACCURACY,
      'error zone-holds-chance at reference',
      'say what counts as the same: "margin: 0.02", and "because: …"',
    ],
    [
      { cell, published: '20' },
      { ...PERPLEXITY, chance: 18.7 },
      'error zone-holds-chance at published',
      'say what counts as the same: "margin: 0.2", and "because: …"',
    ],
    [
      { cell, published: '0' },
      { ...ACCURACY, chance: 2 },
      'error zone-holds-everything at published',
      'say what counts as the same: "margin: 0.2", and "because: …"',
    ],
  ])('%# %s', (claim, known, what, help) => {
    const [found, ...others] = told(claim, known);
    expect(found?.slice(0, 2)).toEqual([what, help]);
    expect(others).toEqual([]);
  });

  test('what is proposed is accepted', () => {
    expect(told({ cell, published: '1.0' }, ACCURACY)).toEqual([]);
    expect(told({ cell, published: '0.6', margin: 0.02, because }, ACCURACY)).toEqual([]);
    expect(told({ cell, reference: 'r.json#/near', margin: 0.02, because }, ACCURACY)).toEqual([]);
  });

  test('it says what it allows, and what of that is chance', () => {
    const [[, , message] = []] = told({ cell, published: '1' }, ACCURACY);
    expect(message).toBe(
      'the margin by default, one printed unit (1), allows -0.5 to 2.5, which holds the chance level 0.504 of test/accuracy: a model that learned nothing would be reproduced',
    );
  });
});

describe('one that a person declares is warned of', () => {
  test.each<readonly [WrittenClaim, PlannedMetric, what: string]>([
    [{ cell, published: '0.60', margin: 0.1, because }, ACCURACY, 'warning zone-holds-chance at published'],
    [{ cell, reference: 'r.json#/good', margin: 0.6, because }, ACCURACY, 'warning zone-holds-chance at reference'],
    [{ cell, at_least: 0.4 }, ACCURACY, 'warning zone-holds-chance at at_least'],
    [{ cell, at_least: '0.60', margin: 0.2, because }, ACCURACY, 'warning zone-holds-chance at at_least'],
    [{ cell, at_most: 20 }, PERPLEXITY, 'warning zone-holds-chance at at_most'],
    [{ cell, at_least: 0 }, LOSS, 'warning zone-holds-everything at at_least'],
    [{ equivalent: [cell, ['b', 'x']], margin: 0.5, because }, ACCURACY, 'warning zone-holds-chance at equivalent'],
    [{ equivalent: [cell, ['b', 'x']], margin: 1, because }, { ...ACCURACY, chance: 3 }, 'warning zone-holds-everything at equivalent'],
  ])('%# %s', (claim, known, what) => expect(told(claim, known).map(([found]) => found)).toEqual([what]));

  test('a margin in percent is asked for', () => {
    expect(told({ cell, published: '0.98', margin: 2, because }, ACCURACY)[0]?.[1]).toContain('of a share, 2 % is 0.02');
  });
});

describe('a number that the metric cannot be', () => {
  test.each<readonly [WrittenClaim, PlannedMetric, what: string, help: string | undefined]>([
    [{ cell, published: '98.7' }, ACCURACY, 'error out-of-range at published', 'did you mean "98.7 %"?'],
    [{ cell, published: '98.7 ± 0.3' }, ACCURACY, 'error out-of-range at published', 'did you mean "98.7 ± 0.3 %"?'],
    [{ cell, published: '98.7', margin: 0.5, because }, ACCURACY, 'error out-of-range at published', 'did you mean "98.7 %"?'],
    [{ cell, published: '-0.2' }, ACCURACY, 'error out-of-range at published', undefined],
    [{ cell, published: '987' }, ACCURACY, 'error out-of-range at published', undefined],
    [{ cell, published: '0.9' }, PERPLEXITY, 'error out-of-range at published', undefined],
    [{ cell, published: '-0.01' }, LOSS, 'error out-of-range at published', undefined],
    [{ cell, at_least: 1.2 }, ACCURACY, 'error out-of-range at at_least', 'did you mean 0.012?'],
    [{ cell, at_least: 95 }, ACCURACY, 'error out-of-range at at_least', 'did you mean 0.95?'],
    [{ cell, at_least: '95' }, ACCURACY, 'error out-of-range at at_least', 'did you mean "95 %"?'],
    [{ cell, at_most: -1 }, ACCURACY, 'error out-of-range at at_most', undefined],
    [{ cell, at_most: 0.5 }, PERPLEXITY, 'error out-of-range at at_most', undefined],
    [
      { cell, reference: 'r.json#/percent', margin: 1, because },
      ACCURACY,
      'error out-of-range at reference',
      'did you mean 0.981? Percent stand in the file as text: "98.1 %"',
    ],
    [{ higher: cell, than: ['b', 'x'], by: 5 }, ACCURACY, 'error out-of-range at by', 'did you mean 0.05?'],
    [{ cell, published: '0.987' }, PERCENT, 'warning share-of-percent at published', 'did you mean "98.7"?'],
    [{ cell, published: '98.7 %' }, PERCENT, 'warning share-of-percent at published', 'did you mean "98.7"?'],
  ])('%# %s', (claim, known, what, help) => {
    const [found, ...others] = told(claim, known);
    expect(found?.slice(0, 2)).toEqual([what, help]);
    expect(others).toEqual([]);
  });
});

test('what can be and tells something is not spoken of', () => {
  const fine: readonly (readonly [WrittenClaim, PlannedMetric])[] = [
    [{ cell, published: '98.7 %' }, ACCURACY],
    [{ cell, published: '1.0' }, PERPLEXITY],
    [{ cell, published: '1' }, PERPLEXITY],
    [{ cell, published: '-3.5' }, OWN],
    [{ cell, published: '98.7' }, PERCENT],
    [{ cell, at_least: 0.95 }, ACCURACY],
    [{ cell, at_most: 0.6 }, ACCURACY],
    [{ cell, at_most: 1.25 }, PERPLEXITY],
    [{ cell, reference: 'r.json#/good' }, ACCURACY],
    [{ higher: cell, than: ['b', 'x'], by: 0.1 }, ACCURACY],
    [{ ratio: { of: cell, to: ['b', 'x'], at_least: 1.5 } }, LOSS],
    [{ equivalent: [cell, ['b', 'x']], margin: 0.05, because }, ACCURACY],
  ];
  for (const [claim, known] of fine) expect(told(claim, known), JSON.stringify(claim)).toEqual([]);
});

test('the zone that is checked is the one that is judged', () => {
  for (const claim of [published('0.60', 0.1), published('0.9'), published('98 %', 0.01)]) {
    const zone = judgeWith(claim, runs([0.5, 0.6, 0.7])).numbers.zone ?? [];
    zoneOf(claim)?.forEach((end, index) => expect(end).toBeCloseTo(zone[index] ?? Number.NaN, 12));
  }
  expect(zoneOf({ kind: 'limit', cell: ['a', 'x'], side: 'at_least', bound: printed('1'), confidence: 0.95 })).toEqual([0.5, Infinity]);
});
