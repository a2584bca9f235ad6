import { withArticle } from '../../diagnostics/words.js';
import { type Claim, cellsOf } from '../../study/claims/claim.js';
import { decimalsOf, fixed, pValue, percent, plain, plural, probability, signed } from '../../diagnostics/numbers.js';
import { ANYWHERE, type Interval } from '../../statistics/means.js';
import type { Numbers, Verdict } from '../../study/verdicts/verdict.js';
import { byAtLeast, decimalsBeside, SIDES } from '../../study/claims/wording.js';

/** How a verdict was come to: what was compared, with which numbers, and what would have decided otherwise. A sentence each. */
export function explain(claim: Claim, { numbers }: Verdict): readonly string[] {
  switch (claim.kind) {
    case 'published':
      return claim.spread ? ofDifference(numbers, 'the published mean') : ofPrint(claim, numbers);
    case 'reference':
      return [
        ...(claim.printed > 0 ? [`ours are rounded to ${plain(claim.printed)} first, as theirs were`] : []),
        ...(numbers.spreadFrom === 'reference' ? ['our spread is taken as theirs, which is the larger one'] : []),
        ...ofDifference(numbers, 'their mean'),
        ...ofRounding(numbers),
        ...(numbers.rankP === undefined ? [] : [`for information: an exact rank test of equal distributions has ${pValue(numbers.rankP)}`]),
      ];
    case 'limit':
      return claim.share === undefined ? ofMean(numbers, claim.side) : ofShare(claim.share, numbers);
    case 'rank':
      return ofRank(claim, numbers);
    case 'probability':
      return ofProbability(claim, numbers);
    case 'ratio':
      return [
        `geometric means are compared${claim.paired ? ', seed by seed' : ''}`,
        ...between(numbers, 'the ratio is'),
        `reproduced needs all of that ${SIDES[claim.side]} ${plain(claim.bound)}, differs none of it`,
      ];
    case 'equivalent':
      return [
        ...between(numbers, claim.paired ? 'the mean of the differences, seed by seed, is' : 'the difference of the means is', signed),
        `reproduced needs all of that within ±${plain(claim.margin)}, differs none of it`,
      ];
    default:
      return claim satisfies never;
  }
}

function ofPrint(
  { published, reading, margin = published.unit }: Extract<Claim, { kind: 'published' }>,
  numbers: Numbers,
): readonly string[] {
  const half = published.unit / 2;
  const [low, high] = [published.value - half, published.value + half];
  const zone = `${published.text} in print may have been ${plain(low)} to ${plain(high)}; with the margin ${plain(margin)}, ${plain(low - margin)} to ${plain(high + margin)} counts as the same`;
  const isOfRuns = reading === 'procedure';
  return [
    zone,
    ...between(numbers, 'our mean is'),
    ...(numbers.runInterval ? [`one more run of ours would fall ${range(numbers.runInterval)}`] : []),
    `reproduced needs ${isOfRuns ? 'one more run' : 'our mean'} inside of the zone; differs needs it outside${isOfRuns ? '' : ', and one more run of ours beyond what the print may have been'}`,
  ];
}

function ofDifference(numbers: Numbers, theirs: string): readonly string[] {
  const { reference, margin, zone, se, df } = numbers;
  if (!reference) return [];
  const [, edge = margin ?? 0] = zone ?? [];
  const decimals = decimalsOf([reference.mean - reference.sd, reference.mean + reference.sd]) + 1;
  return [
    `${theirs} is ${fixed(reference.mean, decimals)}, one run to the next varies by ${fixed(reference.sd, decimals)} (${plural(reference.n, 'run')})`,
    ...between(numbers, 'ours minus theirs is', signed),
    ...(se === undefined || df === undefined
      ? []
      : [`that rests on a standard error of ${plain(Number(se.toPrecision(3)))} with ${Number(df.toFixed(1))} degrees of freedom (Welch)`]),
    `reproduced needs all of that within ±${plain(edge)}, differs none of it`,
  ];
}

function ofRounding({ exactInterval, hidden = 0 }: Numbers): readonly string[] {
  if (!exactInterval) return [];
  const decimals = decimalsOf(exactInterval);
  const [low, high] = exactInterval.map((end) => signed(end, decimals));
  const hides = hidden > 0 ? `, with up to ${plain(Number(hidden.toPrecision(2)))} of their mean that the print hides` : '';
  return [`the same must hold before rounding, where the difference is between ${low} and ${high}${hides}`];
}

const ofMean = (numbers: Numbers, side: 'at_most' | 'at_least'): readonly string[] => {
  const [low = -Infinity, high = Infinity] = numbers.zone ?? [];
  return [
    ...between(numbers, 'our mean is'),
    `reproduced needs all of that ${SIDES[side]} ${plain(side === 'at_most' ? high : low)}, differs none of it`,
  ];
};

const ofShare = (share: number, numbers: Numbers): readonly string[] => [
  ...between(numbers, 'the share of runs that keep the limit is'),
  `reproduced needs all of that at least ${plain(share)}, differs none of it (Clopper and Pearson)`,
];

function ofRank({ direction, paired, by, test }: Extract<Claim, { kind: 'rank' }>, { p, pOpposite, alpha }: Numbers): readonly string[] {
  const ofPairs = test === 'sign' ? 'the sign test over pairs of equal seeds' : 'the exact signed rank test over pairs of equal seeds';
  const name = paired ? ofPairs : 'the exact rank sum test';
  if (p === undefined || alpha === undefined) return [name];
  const opposite = by > 0 ? `less than that` : 'the opposite';
  const found = `${pValue(p)} for ${direction}${byAtLeast(by)}${pOpposite === undefined ? '' : `, ${probability(pOpposite)} for ${opposite}`}`;
  return [`${name}: ${found}`, `reproduced needs the first to be at most ${plain(alpha)}, differs the second`];
}

function ofProbability({ direction, by, bound, paired }: Extract<Claim, { kind: 'probability' }>, numbers: Numbers): readonly string[] {
  const [what, how] = paired
    ? ['a run is', 'Clopper and Pearson, of pairs of equal seeds']
    : ['a run of the one is', 'Brunner and Munzel, whatever the spreads'];
  return [
    `ties count half; the interval is by ${how}`,
    ...between(numbers, `the probability that ${what} ${direction}${byAtLeast(by)} is`),
    `reproduced needs all of that at least ${plain(bound)}, differs none of it`,
  ];
}

/** `our mean is between 1.02 and 1.05: a 95 % interval, 2.5 % of error on each side at this look` */
function between({ interval, alpha, zone = ANYWHERE, mean = 0 }: Numbers, what: string, show = fixed): readonly string[] {
  if (!interval || alpha === undefined) return [];
  const decimals = decimalsBeside(interval, zone, mean);
  const [low, high] = interval.map((end) => show(end, decimals));
  return [
    `${what} between ${low} and ${high}: ${withArticle(percent(1 - 2 * alpha))} interval, ${percent(alpha)} of error on each side at this look`,
  ];
}

const range = (interval: Interval): string => {
  const decimals = decimalsOf(interval);
  return `between ${fixed(interval[0], decimals)} and ${fixed(interval[1], decimals)}`;
};

/** Whether a claim is about this cell, alone or with another. */
export const isAbout = (claim: Claim, row: string, column: string): boolean => cellsOf(claim).some(([r, c]) => r === row && c === column);
