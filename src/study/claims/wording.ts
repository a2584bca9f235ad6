import {
  decimalsFor,
  decimalsOf,
  fixed,
  levelText,
  formatCount,
  measured,
  pValue,
  percent,
  placesOf,
  plain,
  plural,
  shareText,
  signed,
} from '../../diagnostics/numbers.js';
import { listed } from '../../diagnostics/words.js';
import type { ColumnConfig } from './document.js';
import type { Tuning } from './facts.js';
import type { Printed } from './published.js';
import type { Count } from '../../statistics/shares.js';
import { ANYWHERE, around, type Interval } from '../../statistics/means.js';
import type { EffectSize } from '../../statistics/effect-sizes.js';
import type { Effects } from '../verdicts/effects.js';
import type { OneAccident } from './accident.js';
import { type Further, position, type Ranking, type VerdictKind } from '../verdicts/verdict.js';

/**
 * Every sentence of a verdict, one function each: the kind, the numbers, then the reason. How sure, how wide and why is decided elsewhere.
 */

const KINDS: Readonly<Record<VerdictKind, string>> = {
  reproduced: 'reproduced',
  differs: 'differs',
  inconclusive: 'inconclusive',
  not_run: 'not run',
  not_claimable: 'not claimable here',
};

export const says = (kind: VerdictKind, what: string): string => `${KINDS[kind]}: ${what}`;

/** What a verdict says, where its kind stands beside it already. */
export const withoutKind = (kind: VerdictKind, wording: string): string => wording.slice(says(kind, '').length);

/** `3 seeds`, `3 blocks of 5 seeds`; `about 3 more blocks of 5 seeds`. */
export const countOf = (n: number, noun: string, more = ''): string =>
  `${formatCount(n)} ${more}${n === 1 ? noun : noun.replace(/^\w+/, '$&s')}`;

/** What numbers are of: a block of seeds is told by those. */
const numbered = (noun: string): string => (noun === 'split' ? 'split' : 'seed');

// Nothing to judge

export function notRun(finished: number, wanted: number, crashed: number, noun: string): string {
  const repeat = crashed > 0 ? `; ${crashed === 1 ? '1 crashed and is' : `${crashed} crashed and are`} to be repeated` : '';
  return says('not_run', `${finished} of ${countOf(wanted, noun)}${repeat}`);
}

/** Seeds that come in stages are judged a stage at a time. */
export const firstStage = (settled: number, first: number): string =>
  says('inconclusive', `${settled} of the ${plural(first, 'seed')} of the first stage, which is judged when it has all of them`);

/** `decided at stage 2 of 4 (10 seeds)`; what a later stage would say stands behind it. */
export function decidedAt(
  number: number,
  stages: number,
  seeds: number,
  later: { readonly seeds: number; readonly kind: VerdictKind } | undefined,
): string {
  const otherwise = later && `, which stands though ${plural(later.seeds, 'seed')} alone would say ${KINDS[later.kind]}`;
  return `decided at stage ${number} of ${stages} (${plural(seeds, 'seed')})${otherwise ?? ''}`;
}

export const stillOpenAt = (number: number, stages: number, seeds: number): string =>
  `not decided at stage ${number} of ${stages} (${plural(seeds, 'seed')})`;

export const otherDevice = (what: string, measured: string | undefined, ours: string): string =>
  says('not_claimable', `${what} was measured on ${measured ? article(measured) : 'another device'}; this is ${article(ours)}`);

/** `test/accuracy after epoch 9` */
export const recordedAs = (metric = 'value', at?: ColumnConfig['at']): string =>
  typeof at === 'number' ? `${metric} after epoch ${at}` : metric;

export function someUnrecorded(seeds: readonly number[], n: number, what: string, others: string, noun: string): string {
  const has = seeds.length === 1 ? 'has' : 'have';
  const which = seeds.length === 1 ? numbered(noun) : `${numbered(noun)}s`;
  return says(
    'inconclusive',
    `${seeds.length} of ${countOf(n, numbered(noun))} ${has} no ${what} (${which} ${seeds.join(', ')}); the others alone would be ${others}`,
  );
}

/** `hidden_size 32, the best of 12 configurations (3 of them pruned) of sweeps/x.yaml by validation/loss after the last epoch; 36 trials with 3 seeds, 1200 epochs in all` */
export function tuningText({ sweep, by, configurations, pruned, trials, epochs, seeds, selected, set }: Tuning): string {
  if ('missing' in selected) return selected.missing;
  const left = pruned === 0 ? '' : ` (${pruned} of them pruned)`;
  const budget = `${plural(trials, 'trial')} with ${plural(seeds.length, 'seed')}, ${plural(epochs, 'epoch')} in all`;
  const then = set === '' ? '' : `; then set: ${set}`;
  return `${selected.label}, the best of ${plural(configurations, 'configuration')}${left} of ${sweep} by ${by}; ${budget}${then}`;
}

/** `why`: what must come first. */
export const notKnownYet = (why: string): string => says('not_run', why);

export const notRecorded = (metric: string): string => says('not_claimable', `the runs do not record ${metric}`);

export const marginTooFine = (margin: number, unit: number): string =>
  says('not_claimable', `the margin ${plain(margin)} is finer than the reference prints (${plain(unit)})`);

export const ratioMarginTooLarge = (margin: number, bound: number): string =>
  says('not_claimable', `the margin ${plain(margin)} is not below the bound ${plain(bound)}, so that any ratio would do`);

export const notPositive = (seed: number, value: number, noun: string): string =>
  says('not_claimable', `a ratio is of values above 0, and ${noun} ${seed} gave ${plain(value)}`);

// Too little to judge

export const fewSeeds = (values: readonly number[], remark: string, noun: string): string =>
  says('inconclusive', `${few(values, noun)}; at least 3 are needed${remark && `. ${remark}`}`);

export const fewPairs = (compared: readonly number[]): string => says('inconclusive', `${few(compared, 'pair')}; at least 3 are needed`);

export const noPairs = (noun: string): string => says('inconclusive', `no ${noun} is finished in both cells, so there is no pair`);

function few(values: readonly number[], noun: string): string {
  const shown = values.map((value) => fixed(value, Math.min(placesOf(value), Math.max(4, decimalsFor(value, 4))))).join(', ');
  return `${countOf(values.length, noun)} (${shown}) ${values.length === 1 ? 'shows no spread' : 'say too little of the spread'}`;
}

/** How a single run stands among those of a reference. */
export function standing(value: string, above: number, below: number, m: number, twoSided: number, isOneOfSeveral: boolean): string {
  const so = (how: string) => (isOneOfSeveral ? `as ${how} as ${value}` : `this ${how}`);
  if (above === 0) return `None of ${m} reference runs was ${so('high')}`;
  if (below === 0) return `None of ${m} reference runs was ${so('low')}`;
  if (twoSided > 0.05) return `${isOneOfSeveral ? value : 'It'} is an ordinary run of the reference (rank ${pValue(twoSided)})`;
  const [few, how] = above < below ? [above, 'high'] : [below, 'low'];
  return `${few} of ${m} reference runs ${few === 1 ? 'was' : 'were'} ${so(how)}`;
}

export const zeroSpread = (n: number, value: number, what: string, whose = ''): string =>
  says(
    'inconclusive',
    `all ${countOf(n, what)}${ofWhom(whose)} gave ${measured(value)}: the ${numbered(what)} changes nothing, or the metric is saturated`,
  );

export const fewForMedian = (value: number, n: number, needed: number, noun: string): string =>
  says('inconclusive', `median ${measured(value)} of ${countOf(n, noun)}; at least ${needed} are needed for an interval of it`);

/** More than what is taken over them leaves out. */
export const tooManyDiverged = (diverged: number, n: number): string =>
  says('inconclusive', `${diverged} of ${plural(n, 'seed')} diverged, so many that what the column takes over the seeds is no number`);

export const allDiverged = (n: number, noun: string): string =>
  says('inconclusive', `all ${countOf(n, noun)} diverged, so there is no mean`);

export function someDiverged(diverged: readonly number[], n: number, others: string, comparison: string, noun: string): string {
  const which = `(${noun === numbered(noun) ? '' : 'from '}${numbered(noun)}${diverged.length === 1 ? '' : 's'} ${diverged.join(', ')})`;
  return says(
    'inconclusive',
    `${diverged.length} of ${countOf(n, noun)} diverged ${which}${comparison}; the others alone would be ${others}`,
  );
}

export const againstDiverged = (ours: number, n: number, theirs: number, m: number, p: number): string =>
  `, ${ours} of ${n} against ${theirs} of ${m} in the reference (${pValue(p)})`;

// How many more

/** `of`: what of ours is held against the zone. */
export const moreSeeds = (further: Further | undefined, unit = 'seed', of = 'mean'): string =>
  moreOf(further, unit, `the ${of} is too close to the edge of the zone, or the margin is small for this spread`);

/** Of an order of two cells, which has no zone; `by`: how far apart it says that they are at least. */
export const moreToOrder = (further: Further | undefined, unit: string, by: number): string =>
  moreOf(further, unit, by === 0 ? 'the two are too alike for this spread' : `the difference is too close to ${plain(by)} for this spread`);

/** Of a probability that is claimed to be `bound` at least. */
export const moreToBound = (further: Further | undefined, unit: string, bound: number): string =>
  moreOf(further, unit, `the probability is too close to ${plain(bound)}`);

/** `why`: that so many are needed. */
function moreOf(further: Further | undefined, unit: string, why: string): string {
  if (further === undefined) return '';
  if (further === 'never') return `; more ${numbered(unit)}s will not decide`;
  if (further === 'many') return `; more than 200 further ${unit.replace(/^\w+/, '$&s')} would be needed: ${why}`;
  return `; about ${countOf(further, unit, 'more ')} would decide (4 chances in 5)`;
}

// Against a printed number

export interface NumberFacts {
  readonly n: number;
  readonly noun: string;
  /** What is taken over the seeds: `median`. */
  readonly of: string;
  readonly mean: number;
  readonly interval: Interval;
  readonly zone: Interval;
  readonly published: Printed;
  readonly margin: number;
  /** The interval is where one more run would fall, not where the mean is. */
  readonly ofRuns: boolean;
}

export function againstNumber(
  kind: VerdictKind,
  { n, noun, of, mean, interval, zone, published, margin, ofRuns }: NumberFacts,
  more = '',
): string {
  const decimals = decimalsBeside(interval, zone, mean);
  const between = `${ofRuns ? 'one more run is' : `the ${of} is`} ${range(interval, decimals)}`;
  const value = `${fixed(mean, meanDecimals(decimals, published.unit))} over ${countOf(n, noun)}, ${between}`;
  const [low, high] = zone.map(plain);
  if (kind === 'inconclusive') return says(kind, `${value}, allowed ${low} to ${high}${more}`);
  return says(kind, `${value}; published ${published.text} with margin ${plain(margin)} allows ${low} to ${high}`);
}

/** Without a `runInterval` so few seeds say nothing of how far single runs reach. */
export function singleDraw(of: string, interval: Interval, runInterval: Interval | undefined, published: Printed, more: string): string {
  const decimals = decimalsOf(interval);
  const reach = runInterval && fixed(published.value > interval[1] ? runInterval[1] : runInterval[0], decimals);
  const runs =
    reach === undefined
      ? `how far single runs of ours reach is not known, and the published ${published.text} may be one such run`
      : `single runs of ours reach ${reach}, so the published ${published.text} may be one such run`;
  return says('inconclusive', `our ${of} is ${range(interval, decimals)}, but ${runs}${more}`);
}

// Against a distribution, or a mean with a spread

export interface DifferenceFacts {
  readonly n: number;
  readonly noun: string;
  /** Of ours as they are compared: rounded, where the source printed its runs rounded. */
  readonly mean: number;
  /** Of ours as they were measured. */
  readonly own?: number;
  /** `the reference's 1.15 (28 runs)` */
  readonly other: { readonly owner: string; readonly mean: number; readonly runs: number; readonly sd: number };
  readonly difference: number;
  readonly interval: Interval;
  readonly margin: number;
  /** Half of the zone's width, where a printed mean adds its own rounding to the margin. */
  readonly half?: number;
}

export function againstRuns(kind: VerdictKind, facts: DifferenceFacts, more = ''): string {
  const { n, noun, mean, own = mean, other, difference, interval, margin, half = margin } = facts;
  const decimals = decimalsBeside(interval, around(0, half), mean, other.mean);
  const theirs = `${other.owner} ${fixed(other.mean, decimals)} (${plural(other.runs, 'run')})`;
  const size = fixed(Math.abs(difference), decimals);
  const side = difference > 0 ? 'above' : 'below';
  const apart = /[1-9]/.test(size) ? `${size} ${side} ${theirs}` : `equal to ${theirs}`;
  const compared = fixed(mean, decimals);
  const rounded = fixed(own, decimals) === compared ? '' : `, which rounded as printed is ${compared}`;
  const value = `${fixed(own, decimals)} over ${countOf(n, noun)}${rounded}, ${apart}`;
  const zone = `${plain(half)} (the margin ${plain(margin)} and half of the printed unit)`;
  const allowed = half === margin ? `margin ${plain(margin)}` : `allowed ${zone}`;
  const between = `the difference is between ${signed(interval[0], decimals)} and ${signed(interval[1], decimals)}`;
  if (kind === 'reproduced') return says(kind, `${value}; ${between}, ${half === margin ? `within the ${allowed}` : `within ${zone}`}`);
  if (kind === 'inconclusive') return says(kind, `${value}; ${between}, ${allowed}${more}`);
  const least = fixed(Math.min(...interval.map(Math.abs)), decimals);
  const inSd = other.sd > 0 ? `, ${(Math.abs(difference) / other.sd).toFixed(1)} of its standard deviations` : '';
  return says(kind, `${value}${inSd}; at least ${least} ${side}, ${allowed}`);
}

/** What is decided of rounded values, and not of the values themselves. */
export function hiddenByRounding(facts: DifferenceFacts, exact: Interval, unit: number, more: string): string {
  const decimals = decimalsOf(exact);
  const [low, high] = exact.map((end) => signed(end, decimals));
  return `${againstRuns('inconclusive', facts)}; before rounding to ${plain(unit)} it may be between ${low} and ${high}${more}`;
}

export const smallReference = (kind: VerdictKind, m: number, against: readonly string[]): string =>
  says(kind, `reference of ${plural(m, 'run')}, each taken as a printed number; ${against.join('; ')}`);

// Limits

export function limit(
  kind: VerdictKind,
  side: Side,
  of: string,
  mean: number,
  interval: Interval,
  sure: number,
  claimed: string,
  more = '',
  zone = ANYWHERE,
  whose = '',
): string {
  const decimals = decimalsBeside(interval, zone, mean);
  const [low, high] = [fixed(interval[0], decimals), fixed(interval[1], decimals)];
  const keeps = side === 'at_most' ? kind === 'reproduced' : kind === 'differs';
  const found =
    kind === 'inconclusive' ? range(interval, decimals) : `${keeps ? `at most ${high}` : `at least ${low}`} (${percent(sure)} sure)`;
  return says(kind, `${of}${ofWhom(whose)} ${fixed(mean, decimals)}, ${found}; claim ${claimed}${more}`);
}

export function limitOfRuns(
  kind: VerdictKind,
  within: number,
  n: number,
  shares: Interval,
  sure: number,
  claimed: string,
  wanted: number,
  whose = '',
): string {
  const [lower, upper] = shares.map((share) => shareText(share, wanted));
  const found = {
    reproduced: `a share of at least ${lower} (${percent(sure)} sure)`,
    differs: `a share of at most ${upper} (${percent(sure)} sure)`,
    inconclusive: `a share between ${lower} and ${upper}`,
    not_run: '',
    not_claimable: '',
  }[kind];
  return says(kind, `${within} of ${plural(n, 'run')}${ofWhom(whose)} ${claimed}, ${found}; claim ${plain(wanted)}`);
}

// Several data sets

interface OverDataSets {
  /** What the claim says the one method is: `lower`. */
  readonly word: string;
  readonly by: number;
}

const onDataSets = ({ word, by }: OverDataSets, { asClaimed, ties, pairs }: PairCounts): string => {
  const tied = ties === 0 ? '' : by === 0 ? `, equal on ${ties}` : `, by exactly ${plain(by)} on ${ties}`;
  return `${word}${byAtLeast(by)} on ${asClaimed} of ${plural(pairs, 'data set')}${tied}`;
};

export const overDataSets = (kind: VerdictKind, who: OverDataSets, counts: PairCounts, p: number): string =>
  says(kind, `${onDataSets(who, counts)} (${pValue(p)}${kind === 'differs' ? ' for the opposite' : ''})`);

export const tooFewDataSets = (who: OverDataSets, counts: PairCounts, needed: number): string =>
  says('inconclusive', `${onDataSets(who, counts)}; at least ${needed} that are not equal are needed`);

/** `mean ranks GRU 1.25, LSTM 2.13, RNN 2.63 over 8 data sets` */
function meanRanks({ methods, ranks }: Ranking, n: number): string {
  const inOrder = methods.map((method, index) => ({ method, rank: ranks[index] ?? Number.NaN })).toSorted((a, b) => a.rank - b.rank);
  return `mean ranks ${inOrder.map(({ method, rank }) => `${method} ${fixed(rank, 2)}`).join(', ')} over ${plural(n, 'data set')}`;
}

export const tooFewToRank = (ranking: Ranking, n: number, needed: number): string =>
  says('inconclusive', `${meanRanks(ranking, n)}; at least ${needed} are needed`);

/** `best`: which method is claimed to be before each of the others. */
export function ranksOver(kind: VerdictKind, ranking: Ranking, n: number, p: number, alpha: number, best: number | undefined): string {
  const { methods, isExact } = ranking;
  const test = `${meanRanks(ranking, n)}; Friedman's test${isExact ? ', exact' : ''}: ${pValue(p)}`;
  if (p > alpha) return says(kind, `${test}, so that they may be equal`);
  const ahead = best === undefined ? [] : (ranking.before[best] ?? []);
  const close = methods.filter((_, method) => best !== undefined && method !== best && !ahead.includes(method));
  const open = kind === 'inconclusive' && best !== undefined ? `; ${methods[best]} is not before ${listed(close, 'and')} by as much` : '';
  return says(kind, `${test}; ${apartText(ranking)}${open}`);
}

/** `by the critical difference 0.83 GRU is before LSTM and RNN, LSTM before RNN`; methods before the same others stand together. */
function apartText({ methods, ranks, before, criticalDifference }: Ranking): string {
  const by = `by the critical difference ${fixed(criticalDifference, 2)}`;
  const inOrder = methods.map((_, method) => method).toSorted((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0));
  const namesOf = (chosen: readonly number[]): string =>
    listed(
      inOrder.filter((method) => chosen.includes(method)).map((method) => methods[method] ?? ''),
      'and',
    );
  const behind = (method: number): string => namesOf(before[method] ?? []);
  const found = Array.from(new Set(inOrder.map(behind)))
    .filter((others) => others !== '')
    .map((others, index) => {
      const ahead = inOrder.filter((method) => behind(method) === others);
      const are = index > 0 ? '' : ahead.length > 1 ? ' are' : ' is';
      return `${namesOf(ahead)}${are} before ${others}`;
    });
  if (found.length === 0) return `no two are apart ${by}`;
  return `${by} ${found.join(', ')}`;
}

const cellsOfRows = (labels: readonly string[]): string => listed(Array.from(new Set(labels)), 'and');

export const cellsNotRun = (labels: readonly string[], noun: string): string =>
  says('not_run', `no ${noun} of ${cellsOfRows(labels)} has finished`);

export const cellsDiverged = (labels: readonly string[]): string =>
  says('inconclusive', `seeds of ${cellsOfRows(labels)} diverged, so that there is no value over the seeds`);

export const cellsUnrecorded = (labels: readonly string[]): string =>
  says('inconclusive', `seeds of ${cellsOfRows(labels)} have no value where the column looks`);

// Shares of runs

const counted = ({ hits, all }: Count): string => `${formatCount(hits)} of ${plural(all, 'run')}`;
const betweenShares = ([low, high]: Interval, edges: Interval): string => {
  const seen = edges.filter(Number.isFinite);
  return `between ${shareText(low, ...seen)} and ${shareText(high, ...seen)}`;
};

export const shareAgainstNumber = (
  kind: VerdictKind,
  ours: Count,
  interval: Interval,
  { text }: Printed,
  margin: number,
  zone: Interval,
  more: string,
): string => {
  const [low, high] = zone.map(plain);
  return says(
    kind,
    `${counted(ours)}, the share is ${betweenShares(interval, zone)}; published ${withMargin(text, margin)} allows ${low} to ${high}${more}`,
  );
};

export const shareAgainstLimit = (
  kind: VerdictKind,
  ours: Count,
  interval: Interval,
  zone: Interval,
  claimed: string,
  more: string,
): string => says(kind, `${counted(ours)}, the share is ${betweenShares(interval, zone)}; claim ${claimed}${more}`);

/** Another share, and how a sentence calls it: `the published 29 of 30`. */
export type OtherShare = (count: Count) => string;
export const theirCount =
  (text: string): OtherShare =>
  () =>
    `the published ${text}`;
export const otherCount =
  (label: string): OtherShare =>
  (count) =>
    `${counted(count)} of ${label}`;

export function sharesApart(
  kind: VerdictKind,
  ours: Count,
  theirs: Count,
  other: OtherShare,
  interval: Interval,
  margin: number,
  more: string,
): string {
  const [low, high] = interval.map((end) => signedShare(end, -margin, margin));
  const within = kind === 'reproduced' ? 'within the ' : '';
  return says(
    kind,
    `${counted(ours)} beside ${other(theirs)}; the difference of the shares is between ${low} and ${high}, ${within}margin ${plain(margin)}${more}`,
  );
}

const signedShare = (share: number, ...edges: readonly number[]): string => {
  const text = shareText(Math.abs(share), ...edges.map(Math.abs));
  return Number(text) === 0 ? text : `${share < 0 ? '-' : '+'}${text}`;
};

interface ComparedShares {
  readonly label: string;
  readonly other: string;
  readonly direction: 'lower' | 'higher';
  readonly by: number;
}

export function sharesInOrder(
  kind: VerdictKind,
  { label, other, direction, by }: ComparedShares,
  ours: Count,
  theirs: Count,
  p: number,
  more: string,
): string {
  const what = kind === 'differs' ? `, which is not ${direction}${byAtLeast(by)}` : `; claim ${direction}${byAtLeast(by)}`;
  return says(kind, `${counted(ours)} of ${label}, ${counted(theirs)} of ${other}${what} (${pValue(p)})${more}`);
}

export function sharesOfPairs(
  kind: VerdictKind,
  { label, other, direction }: ComparedShares,
  asClaimed: number,
  opposite: number,
  pairs: number,
  p: number,
): string {
  const [first, second] = direction === 'lower' ? [opposite, asClaimed] : [asClaimed, opposite];
  return says(
    kind,
    `of ${plural(pairs, 'pair')}, ${first} counted only for ${label} and ${second} only for ${other}; claim ${direction} (${pValue(p)})`,
  );
}

/** Where a claim is about two cells, it is said of which one the numbers are. */
const ofWhom = (label: string): string => label && ` of ${label}`;

// A number that is known without training

export const knownAgainstNumber = (kind: VerdictKind, value: number, { text, unit }: Printed, margin: number, zone: Interval): string => {
  const [low, high] = zone.map(plain);
  const allowed = `published ${withMargin(text, margin)} allows ${low} to ${high}`;
  return says(kind, `${fixed(value, placesOf(unit) + 2)}, known without training; ${allowed}`);
};

export const knownAgainstLimit = (kind: VerdictKind, label: string, value: number, claimed: string): string =>
  says(kind, `${label} has ${plain(Number(value.toPrecision(6)))}, known without training; claim ${claimed}`);

// Two cells

export interface Compared {
  readonly label: string;
  readonly other: string;
  /** What the claim says `label` is: `slower`. */
  readonly word: string;
  readonly opposite: string;
  /** By how much at least; 0 where any difference will do. */
  readonly by: number;
}

/** How pairs stand to the claim: beyond it, or at `by` exactly (equal, where that is 0). */
export interface PairCounts {
  readonly asClaimed: number;
  readonly ties: number;
  readonly pairs: number;
}

/** The opposite of `lower by at least 0.1` is not `higher by at least 0.1`, but `not lower by at least 0.1`. */
export function rankInPairs(kind: VerdictKind, who: Compared, counts: PairCounts, p: number, more = ''): string {
  return says(kind, `${inPairs(who, counts, kind === 'differs')} (${pValue(p)})${more}`);
}

function inPairs({ label, word, opposite, by }: Compared, { asClaimed, ties, pairs }: PairCounts, isOpposite = false): string {
  const tied = ties === 0 ? '' : by === 0 ? `, equal in ${ties}` : `, by exactly ${plain(by)} in ${ties}`;
  const claimed = `${word}${ties > 0 && by > 0 ? ` by more than ${plain(by)}` : byAtLeast(by)}`;
  const [what, k] = isOpposite
    ? [by === 0 ? `was ${opposite}` : `was not ${word}${byAtLeast(by)}`, pairs - asClaimed - ties]
    : [claimed, asClaimed];
  return `${label} ${what} in ${k} of ${plural(pairs, 'pair')}${tied}`;
}

export function tooFewPairs(asClaimed: number, pairs: number, ties: number, needed: number): string {
  const [equal, differing] = ties === 0 ? ['', ''] : [`, ${ties} equal`, ' that are not equal'];
  return says('inconclusive', `${asClaimed} of ${plural(pairs, 'pair')}${equal}, at least ${needed}${differing} are needed`);
}

export interface RunCounts {
  /** Of all comparisons of a run with a run, how many are as claimed. */
  readonly share: number;
  /** Some are neither so nor otherwise, and count half. */
  readonly hasTies: boolean;
  readonly sizes: readonly [number, number];
}

export function rankOfRuns(kind: VerdictKind, who: Compared, counts: RunCounts, p: number, more = ''): string {
  return says(kind, `${inComparisons(who, counts, kind === 'differs')} (${pValue(p)})${more}`);
}

function inComparisons(
  { label, other, word, opposite, by }: Compared,
  { share, hasTies, sizes: [n, m] }: RunCounts,
  isOpposite = false,
): string {
  const [what, part] = isOpposite
    ? [by === 0 ? `was ${opposite} than ${other}` : `was not ${word} than ${other}${byAtLeast(by)}`, 1 - share]
    : [`${word} than ${other}${byAtLeast(by)}`, share];
  return `${label} ${what} in ${percent(part)} of ${n} × ${m} comparisons${hasTies ? ', ties counted half' : ''}`;
}

/** How often one is beyond the other, seen and claimed. */
export function probabilityOf(
  kind: VerdictKind,
  who: Compared,
  counts: PairCounts | RunCounts,
  interval: Interval,
  bound: number,
  more = '',
): string {
  const seen = 'pairs' in counts ? inPairs(who, counts) : inComparisons(who, counts);
  const [low, high] = interval.map((end) => end.toFixed(2));
  return says(kind, `${seen}; the probability is between ${low} and ${high}, claim at least ${plain(bound)}${more}`);
}

export const tooFewToCompare = (n: number, noun: 'run' | 'pair', needed: number): string =>
  says(
    'inconclusive',
    `${plural(n, noun)}${noun === 'run' ? ' of the smaller cell' : ''}, at least ${needed} are needed for this probability`,
  );

/** Of values that are the same at every seed on purpose. */
export function certainOrder(kind: VerdictKind, { label, other, word, by }: Compared, a: number, b: number): string {
  const is = kind === 'differs' ? 'was not ' : '';
  return says(kind, `${label} ${is}${word} than ${other}${byAtLeast(by)}: ${plain(a)} and ${plain(b)}, the same at every seed`);
}

export const tooFewRuns = (n: readonly [number, number], needed: number, noun: string): string =>
  says('inconclusive', `${n[0]} and ${countOf(n[1], noun)}, at least ${needed} of each are needed`);

export const timesAs = (isSpeed: boolean): string => (isSpeed ? 'times as fast' : 'times as high');

export function ratio(
  kind: VerdictKind,
  value: number,
  interval: Interval,
  times: string,
  side: Side,
  bound: string,
  more = '',
  zone = ANYWHERE,
): string {
  const decimals = decimalsBeside(interval, zone, value);
  return says(kind, `${fixed(value, decimals)} ${times}, ${range(interval, decimals)}; claim ${SIDES[side]} ${bound}${more}`);
}

export const identical = (pairs: number): string => says('reproduced', `identical in ${pairs} of ${plural(pairs, 'pair')}`);

export function equivalence(kind: VerdictKind, difference: number, interval: Interval, over: string, margin: number, more = ''): string {
  const decimals = decimalsBeside(interval, around(0, margin), difference);
  const value = `the difference is ${signed(difference, decimals)} over ${over}`;
  const between = `between ${signed(interval[0], decimals)} and ${signed(interval[1], decimals)}`;
  return says(kind, `${value}, ${between}, ${kind === 'reproduced' ? 'within the ' : ''}margin ${plain(margin)}${more}`);
}

type Side = 'at_most' | 'at_least';
export const SIDES: Readonly<Record<Side, string>> = { at_most: 'at most', at_least: 'at least' };

/** `1.25`; `1.0, which allows 1.05`, as its rounding and the margin come on top. */
export function withMargin(bound: string, margin: number, edge?: number): string {
  const declared = margin === 0 ? bound : `${bound} with margin ${plain(margin)}`;
  return edge === undefined || plain(edge) === bound ? declared : `${declared}, which allows ${plain(edge)}`;
}

/**
 * Decimals of an interval that stands beside a zone: as many as mean something, and more where rounding would put an end on the other side of
 * an edge, so that what is read agrees with the verdict.
 */
export function decimalsBeside(interval: Interval, zone: Interval, ...beside: readonly number[]): number {
  const meaningful = decimalsOf(interval, ...beside);
  const seen = position(interval, zone);
  const rounded = (decimals: number): Interval => [Number(interval[0].toFixed(decimals)), Number(interval[1].toFixed(decimals))];
  return [0, 1, 2, 3, 4].map((more) => meaningful + more).find((decimals) => position(rounded(decimals), zone) === seen) ?? meaningful;
}

function range(interval: Interval, decimals: number): string {
  return `between ${fixed(interval[0], decimals)} and ${fixed(interval[1], decimals)}`;
}

/** A mean beside a printed number shows two places more than the print, as far as the interval lets it mean something. */
const meanDecimals = (meaningful: number, unit: number): number => Math.max(meaningful, Math.min(placesOf(unit) + 2, meaningful + 1));

export const article = (device: string): string => `${/^[aeiou]/i.test(device) ? 'an' : 'a'} ${device}`;

/** `by: 0.1`: ` by at least 0.1`. */
export const byAtLeast = (by: number): string => (by === 0 ? '' : ` by at least ${plain(by)}`);

/** `Hedges' g -1.20 (-2.50 to 0.10), Cliff's delta -0.60 (-0.90 to 0.10)`: how large a difference is, each with its 95 % interval. */
export function effectSizes({ between, hedgesG, cliffsDelta }: Effects): string {
  const size = ({ value, interval: [low, high] }: EffectSize): string => `${fixed(value, 2)} (${fixed(low, 2)} to ${fixed(high, 2)})`;
  const g = hedgesG
    ? `Hedges' g ${size(hedgesG)} standard deviations of ${between === 'pairs' ? 'the differences of pairs' : 'a run'}, `
    : '';
  const delta = `Cliff's delta ${size(cliffsDelta)}, the share of ${between === 'pairs' ? 'pairs' : 'comparisons'} in which it is above less that in which it is below`;
  return `size of the difference, with 95 % intervals: ${g}${delta}`;
}

const ACCIDENTS: Readonly<Record<OneAccident['from'], string>> = {
  chance: 'one that learned nothing',
  worst: 'at the worst value there is',
  far: 'ten of our standard deviations out',
};

export const withOneAccident = ({ value, from, verdict }: OneAccident): string =>
  `with one more run, ${ACCIDENTS[from]} (${levelText(value)}), the verdict would be: ${KINDS[verdict]}`;
