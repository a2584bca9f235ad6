import { decimalsOf, fixed, formatMeasure, levelText, measured, pValue, plain, plural } from '../../../diagnostics/numbers.js';
import { type Interval, around } from '../../../statistics/means.js';
import { DUST } from '../../../statistics/ranks.js';
import { holm } from '../../../statistics/tests.js';
import { examplesOf } from '../../by-examples.js';
import { valueOver } from '../../verdicts/estimate.js';
import { isDecided, type Verdict } from '../../verdicts/verdict.js';
import { type Claim, cellsOf } from '../claim.js';
import { countsRuns, judgedSeries, rangeOver } from '../over-seeds.js';
import { seriesOf } from '../samples.js';
import { article, byAtLeast } from '../wording.js';
import { weaknessOf, zoneOf } from '../zones.js';
import { type Rule, USUAL, eachClaim, halfOf, isHeldBack, isJudged, roundingOf, seedList, timesIn } from './rule.js';

export const marginsByDefault: Rule = eachClaim('F2', 'a margin that nobody chose', ({ claim, verdict: { numbers } }) => {
  if (!numbers.marginByDefault || numbers.margin === undefined) return undefined;
  const isUnit = numbers.unit !== undefined && Math.abs(numbers.margin - numbers.unit) <= 1e-9 * numbers.unit;
  const what = isUnit || claim.kind !== 'reference' ? 'one printed unit' : 'one standard deviation of the reference';
  const half = numbers.margin + roundingOf(claim);
  const each = half === numbers.margin ? '' : `, so that with the rounding of the print ${measured(half)} each way counts as the same`;
  return `Margin by default: ${what} (${plain(Number(numbers.margin.toPrecision(2)))})${each}. Declare your own with a reason.`;
});

export const publishedRunMovesMoreThanMargin: Rule = eachClaim(
  'F3',
  'a single published run is itself uncertain',
  ({ claim, verdict: { numbers } }, { cell }) => {
    const { sd, margin } = numbers;
    if (claim.kind !== 'published' || cell(claim.cell).overSeeds !== undefined || claim.spread || sd === undefined || margin === undefined)
      return undefined;
    const half = margin + roundingOf(claim);
    if (sd <= half / 2) return undefined;
    const varies = fixed(sd, decimalsOf(around(0, sd)));
    const noun = cell(claim.cell).each ?? 'run';
    const isOf = noun === 'split' ? 'of a single one' : 'a single run';
    return `One ${noun} to the next varies by ${varies}, more than half of the ${measured(half)} each way that count as the same; the published number is ${isOf}.`;
  },
);

export const verdictRestsOnRounding: Rule = eachClaim('F4', 'what rounding decides', ({ claim, verdict }) => {
  const { kindIfExact } = verdict.numbers;
  if (claim.kind !== 'published' || kindIfExact === undefined || kindIfExact === verdict.kind || isHeldBack(verdict)) return undefined;
  return `The verdict rests on rounding: taken as exactly ${claim.published.text} it would be ${kindIfExact}.`;
});

export const timesAreDependent: Rule = eachClaim('F7', 'times of one machine', ({ claim, verdict }, { cell }) => {
  const isTime = cellsOf(claim).some((name) => cell(name).isSpeed);
  return isTime && isJudged(verdict.kind) ? 'Times share one machine and are not independent; the interval may be too narrow.' : undefined;
});

export const smallDifferencesAreSeen: Rule = eachClaim(
  'F9',
  'a difference smaller than the margin',
  ({ claim, verdict: { kind, numbers } }) => {
    const p = numbers.pNoDifference;
    if (kind !== 'reproduced' || p === undefined || p > 1 - claim.confidence) return undefined;
    return `A difference is detectable (${pValue(p)}) but smaller than the margin.`;
  },
);

export const familiesAreCorrected: Rule = {
  id: 'F10',
  truth: 'several differences among many claims',
  check({ judgements }) {
    const tested = judgements.flatMap(({ claim, verdict: { kind, numbers } }, index) =>
      numbers.pDiffers === undefined ? [] : [{ index, claim, kind, p: numbers.pDiffers, alpha: numbers.alpha ?? 0.05 }],
    );
    const differ = tested.filter(({ kind }) => kind === 'differs');
    if (differ.length === 0 || tested.length < 2) return [];
    const adjusted = holm(tested.map(({ p }) => p));
    const still = tested.filter(({ kind, alpha }, index) => kind === 'differs' && (adjusted[index] ?? 1) <= alpha).length;
    const text = `${differ.length} of ${tested.length} claims ${differ.length === 1 ? 'differs' : 'differ'}; ${still} still ${still === 1 ? 'does' : 'do'} after Holm's correction for ${tested.length} claims.`;
    return [{ text, claims: differ.map(({ index }) => index) }];
  },
};

export const pairsAreWhole: Rule = eachClaim('F20', 'seeds without a partner', ({ claim }, { cell }) => {
  if (!('paired' in claim) || !claim.paired) return undefined;
  const [of = [], to = []] = cellsOf(claim).map((name) => {
    const { finished, diverged } = seriesOf(cell(name));
    return claim.kind === 'rank' ? [...finished.map(({ seed }) => seed), ...diverged] : finished.map(({ seed }) => seed);
  });
  const alone = [...of.filter((seed) => !to.includes(seed)), ...to.filter((seed) => !of.includes(seed))].toSorted((a, b) => a - b);
  if (alone.length === 0 || alone.length === of.length + to.length) return undefined;
  const noun = cellsOf(claim).map(cell)[0]?.each ?? 'seed';
  const [have, are] = alone.length === 1 ? ['has', 'is'] : ['have', 'are'];
  return `${plural(alone.length, noun)} ${have} a value on one side only and ${are} in no pair (${seedList(alone, noun)}).`;
});

export const confidenceIsUsual: Rule = eachClaim(
  'F23',
  'another confidence than the usual one',
  ({ claim: { confidence }, verdict: { numbers } }) => {
    if (confidence === USUAL.confidence || numbers.alpha === undefined) return undefined;
    return `Confidence ${plain(confidence)} in place of ${USUAL.confidence}: a wrong verdict is up to 1 in ${timesIn([1 - confidence])} instead of 1 in ${timesIn([1 - USUAL.confidence])}.`;
  },
);

export const zonesCanBeMissed: Rule = eachClaim(
  'F25',
  'a zone that holds what a model reaches that has learned nothing',
  ({ claim, limit = claim }, { cell }) => {
    const [first] = cellsOf(limit);
    const known = first && cell(first);
    const weakness = known && weaknessOf(limit, countsRuns(known.overSeeds) ? { range: rangeOver(known) } : known);
    if (weakness === undefined) return undefined;
    const metric = known?.metric ?? 'the metric';
    if (weakness === 'holds everything') return `What counts as the same is all that ${metric} can be: this claim cannot fail.`;
    const level = `the chance level ${levelText(known?.chance ?? Number.NaN)} of ${metric}`;
    return claim.kind === 'equivalent'
      ? `The margin is as wide as from the best ${metric} to ${level}: what learned nothing would equal what is perfect.`
      : `What counts as the same holds ${level}: a model that learned nothing would be reproduced.`;
  },
);

export const deviceBoundNumbersStayThere: Rule = eachClaim('F16', 'numbers that hold on another device', ({ claim, verdict }) => {
  if (verdict.reason !== 'device') return undefined;
  const where = typeof claim.deviceBound === 'string' ? `on ${article(claim.deviceBound)}` : 'on the device of the source';
  return `Measured ${where}; a comparison here would say nothing about the method.`;
});

export const ranksAndMeansAgree: Rule = eachClaim(
  'F26',
  'ranks that say the opposite of means',
  ({ claim, limit, verdict: { kind } }, { cell }) => {
    if (limit || (claim.kind !== 'rank' && claim.kind !== 'probability')) return undefined;
    const cells = cellsOf(claim).map(cell);
    if (cells.some(({ overSeeds }) => countsRuns(overSeeds))) return undefined;
    const [of, than] = cells.map((runs) => judgedSeries(runs, claim.excludesDiverged));
    const decides = kind === (claim.kind === 'rank' || claim.bound === 0.5 ? kind : claim.bound > 0.5 ? 'reproduced' : 'differs');
    if (!isDecided(kind) || !decides || !of || !than || of.diverged.length + than.diverged.length > 0) return undefined;
    const [a, b] = [valueOver(of), valueOver(than)];
    if (!Number.isFinite(a) || !Number.isFinite(b)) return undefined;
    const beyond = (claim.direction === 'lower' ? b - a : a - b) - claim.by;
    const dust = DUST * Math.max(Math.abs(a), Math.abs(b), claim.by);
    if (kind === 'reproduced' ? beyond >= -dust : beyond <= dust) return undefined;
    const order = `${claim.direction} than ${than.label}${byAtLeast(claim.by)}`;
    const [not, isNot] = kind === 'reproduced' ? ['', 'is not'] : ['not ', 'is'];
    const decimals = decimalsOf(around(0, Math.abs(a - b) / 5));
    const what = { median: 'median', interquartile_mean: 'interquartile mean' }[String(of.overSeeds)] ?? 'mean';
    const means = `${fixed(a, decimals)} against ${fixed(b, decimals)}`;
    return `By most single runs ${of.label} is ${not}${order}, by the ${what} it ${isNot} (${means})${what === 'mean' ? ': a few runs far out move a mean' : ''}.`;
  },
);

/** Not of two cells, which are tested on the same examples, nor of a split that the data give, nor where each seed draws one of its own. */
export const fewTestExamples: Rule = eachClaim('F29', 'examples that are too few for a margin', ({ claim, verdict }, { cell }) => {
  const [name, ...others] = cellsOf(claim);
  const zone = zoneOf(claim);
  const { byExamples, isGivenSplit = false, metric = '', overSeeds } = name ? cell(name) : {};
  if (!zone || countsRuns(overSeeds) || others.length > 0 || !isJudged(verdict.kind) || !byExamples?.isShared || isGivenSplit)
    return undefined;
  const [what, room] = claim.kind === 'limit' ? roomOfLimit(claim, zone, verdict) : ['each way that count as the same', halfOf(zone)];
  if (room === undefined || byExamples.half <= room) return undefined;
  const leave = `The ${examplesOf(byExamples, metric)} leave ±${formatMeasure(byExamples.half, 2)} (95 %)`;
  return `${leave}, more than the ${formatMeasure(room, 2)} ${what}: on others of the same kind the verdict might be another one, with any number of seeds (too-few-test-examples).`;
});

/** From our mean to the end of what counts as the same, where the verdict is one. */
const roomOfLimit = (
  { share }: Extract<Claim, { kind: 'limit' }>,
  zone: Interval,
  { kind, numbers: { mean: ours } }: Verdict,
): readonly [what: string, room: number | undefined] => {
  const [edge = Number.NaN] = zone.filter(Number.isFinite);
  const isTold = share === undefined && ours !== undefined && isDecided(kind);
  return ['from our mean to the limit', isTold ? Math.abs(ours - edge) : undefined];
};

/** From so many times theirs on, and how often a verdict on skewed runs is wrong then, at worst (docs/statistics.md). */
const WIDE = { times: 1.5, wrong: '1 verdict in 6' };

export const wideRunsAreTold: Rule = eachClaim(
  'F37',
  'runs that spread more than those of the reference',
  ({ claim, verdict: { kind, numbers } }) => {
    const { sd, reference } = numbers;
    if (claim.kind !== 'reference' || !isDecided(kind) || sd === undefined || !reference || sd < WIDE.times * reference.sd)
      return undefined;
    const times = reference.sd > 0 ? `${(sd / reference.sd).toFixed(1)} times as wide as` : 'more than';
    return `Our runs spread ${times} those of the reference: where they are skewed, up to ${WIDE.wrong} of this kind is wrong.`;
  },
);
