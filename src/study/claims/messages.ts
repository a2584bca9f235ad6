import type { Problem } from '../../diagnostics/diagnostic.js';
import { didYouMean, listed, pathHelp, quote } from '../../diagnostics/words.js';
import { formatCount, levelText, measured, plain, plural } from '../../diagnostics/numbers.js';
import type { Interval } from '../../statistics/means.js';

/** What a table document says wrong, one function a sentence. Verdicts have their words in `wording.ts`. */
export type Words = Pick<Problem, 'code' | 'message' | 'help'>;

const oneOf = (word: string, guess: string | undefined, known: readonly string[], nouns: string): string => {
  if (guess !== undefined) return `did you mean ${quote(guess)}?`;
  return known.length > 0 ? `${nouns}: ${known.join(', ')}` : `there are no ${nouns} to choose ${quote(word)} from`;
};

export const empty = (what: 'rows' | 'columns'): Words => ({
  code: 'empty-table',
  message: `a table has one of ${what} at least`,
  help: what === 'rows' ? 'a row is "NAME: {base: FILE}"' : 'a column is "NAME: {metric: SPLIT/METRIC}"',
});

export const rowWithoutBase = (row: string): Words => ({
  code: 'row-without-base',
  message: `the row ${quote(row)} says no experiment`,
  help: 'write base: EXPERIMENT.yaml, or sweep: SWEEP.yaml for the configuration that a sweep selects',
});

export const baseAndSweep = (): Words => ({
  code: 'base-and-sweep',
  message: 'a row has a base or a sweep, and this has both',
  help: 'the sweep names its base itself: leave base out; without the sweep the row is the base as it is',
});

export const baselineOfSweep = (baseline: string): Words => ({
  code: 'baseline-of-sweep',
  message: `nothing is trained for the baseline ${quote(baseline)}, so no sweep selects anything for it`,
  help: 'write base: EXPERIMENT.yaml in place of the sweep',
});

/** `path` is one that the configurations of the sweep differ in. */
export const selectedIsSet = (path: string, sweep: string): Words => ({
  code: 'selected-is-set',
  message: `the sweep selects ${quote(path)}, and this would put another value in its place`,
  help: `leave it out here, or take it out of the axes of ${sweep}`,
});

export const unknownRow = (row: string, guess: string | undefined, rows: readonly string[]): Words => ({
  code: 'unknown-row',
  message: `this table has no row ${quote(row)}`,
  help: oneOf(row, guess, rows, 'rows'),
});

export const unknownColumn = (column: string, guess: string | undefined, columns: readonly string[]): Words => ({
  code: 'unknown-column',
  message: `this table has no column ${quote(column)}`,
  help: oneOf(column, guess, columns, 'columns'),
});

export const stagesShrink = (stages: readonly number[], back: number): Words => ({
  code: 'stages-not-growing',
  message: `a stage of ${plural(stages[back] ?? 0, 'seed')} comes after one of ${stages[back - 1] ?? 0}, and adds none to it`,
  help: `each number is how many seeds there are in all: write stages: [${Array.from(new Set(stages))
    .toSorted((a, b) => a - b)
    .join(', ')}]`,
});

export const stageTooSmall = (first: number, fewest: number): Words => ({
  code: 'stage-too-small',
  message: `a first stage of ${plural(first, 'seed')} decides nothing: a verdict takes ${fewest}`,
  help: 'begin with five, which is what most claims need at least',
});

export const tooManyStages = (stages: number, most: number): Words => ({
  code: 'too-many-stages',
  message: `these are ${stages} stages, and each is another chance of an error: there are at most ${most}`,
  help: 'let each stage have twice as many seeds as the one before: [5, 10, 20, 40]',
});

export const noStage = (until: number, stages: readonly number[]): Words => {
  const [below, above] = [stages.findLast((count) => count < until), stages.find((count) => count > until)];
  const near = [below, above].flatMap((count) => count ?? []);
  return {
    code: 'no-stage',
    message: `no stage has ${plural(until, 'seed')}: the stages have ${listed(stages.map(String), 'and')}, and claims are judged at these alone`,
    help: `stop at ${listed(near.map(String))}`,
  };
};

export const looksBesideStages = (stages: number): Words => ({
  code: 'looks-beside-stages',
  message: `each of the ${stages} stages is a look, and "looks" would count them once more`,
  help: 'delete "looks": the chance of an error is spent over the stages',
});

export const splitsBeside = (key: 'folds' | 'stages'): Words => ({
  code: 'splits-beside',
  message:
    key === 'folds'
      ? 'splits draw the data, and folds cut them in order: a table has one of the two'
      : 'stages add seeds until claims are decided, and with splits a claim is about splits',
  help: key === 'folds' ? 'leave "folds" out, or "splits"' : 'write how many seeds each split has (seeds: 3), or leave "splits" out',
});

export const seedBeyondSplit = (seed: number, most: number): Words => ({
  code: 'splits-beside',
  message: `with splits, seeds go up to ${most}, and ${seed} is asked for: seed 1 of split 3 is 3001`,
  help: 'seeds: 5 says how many each split has',
});

/** `what`: the words that are about single runs. */
export const notOfSplits = (what: string, help: string): Words => ({
  code: 'not-of-splits',
  message: `${what}, and with splits a value is the mean over the seeds of a split`,
  help,
});

export const cellSwapped = (first: string, second: string): Words => ({
  code: 'cell-order',
  message: `${quote(first)} is a column and ${quote(second)} a row`,
  help: `a cell names its row first: [${second}, ${first}]`,
});

export const noCell = (length: number): Words => ({
  code: 'no-cell',
  message: `a cell has a row and a column, and this has ${length === 1 ? 'one name' : `${length} names`}`,
  help: 'write [ROW, COLUMN]',
});

export const noForm = (forms: readonly string[]): Words => ({
  code: 'no-claim',
  message: 'this claims nothing',
  help: `a claim has one of ${listed(forms)}`,
});

export const severalForms = (forms: readonly string[]): Words => ({
  code: 'several-claims',
  message: `one claim has ${listed(forms, 'and')}`,
  help: 'make each a claim of its own',
});

export const formNeeds = (form: string, key: string, example: string): Words => ({
  code: 'incomplete-claim',
  message: `${quote(form)} needs ${quote(key)}`,
  help: `for example: ${example}`,
});

export const notOfThisForm = (key: string, form: string, owners: readonly string[]): Words => ({
  code: 'not-of-this-claim',
  message: `${quote(key)} means nothing for ${quote(form)}`,
  help: `it belongs to ${listed(owners)}`,
});

export const testOfProbability = (test: string): Words => ({
  code: 'not-of-this-claim',
  message: `"test: ${test}" means nothing beside "probability", which is judged by its interval`,
  help: 'keep one of the two: "test" for an order, "probability" for how often it holds',
});

export const shareOfOrder = (keys: readonly string[], form: string): Words => ({
  code: 'not-of-this-claim',
  message: `${keysMean(keys, 'means nothing', 'mean nothing')} for ${quote(form)} between two rows that are trained`,
  help: 'how often the order holds is claimed with "probability: 0.8"; a share of runs keeps a limit, or an order against a row with a "baseline"',
});

/** `row` is one that nobody trains. */
export const noRunsOfKnown = (keys: readonly string[], row: string): Words => ({
  code: 'known-number',
  message: `${quote(row)} is a known number, without runs and seeds, and ${keysMean(keys, 'is', 'are')} about runs`,
  help: HELP_OF_KNOWN[keys[0] ?? ''] ?? `leave ${keys.length === 1 ? 'it' : 'them'} out`,
});

const keysMean = (keys: readonly string[], one: string, several: string): string =>
  `${listed(keys.map(quote), 'and')} ${keys.length === 1 ? one : several}`;

export const spreadOfKnown = (text: string, row: string): Words => ({
  code: 'known-number',
  message: `${quote(row)} is a known number, which has no ± as in ${quote(text)}`,
  help: 'write the number alone',
});

const HELP_OF_KNOWN: Readonly<Record<string, string>> = {
  reference: 'claim what a source printed of it: "published", in quotes',
  equivalent: 'claim two limits: "at_most" and "at_least"',
  probability: 'a share of the runs of the other cell is claimed with "of: runs, share: 0.8"',
};

export const unknownBaseline = (name: string, base: string, known: readonly string[], guess: string | undefined): Words => ({
  code: 'unknown-baseline',
  message:
    known.length === 0
      ? `nothing is known of the data of ${base} without training, so it has no ${quote(name)}`
      : `the data of ${base} have no answer ${quote(name)} that needs no learning`,
  help:
    known.length === 0
      ? 'delete "baseline", and the row is trained'
      : `${guess === undefined ? '' : `did you mean ${quote(guess)}? `}${known.length === 1 ? 'there is' : 'there are'} ${listed(known, 'and')}`,
});

/** None of the columns has a number of it. */
export const nothingKnown = (name: string, metrics: readonly string[], known: readonly string[]): Words => ({
  code: 'not-known',
  message: `${quote(name)} is not known as ${listed(metrics)}`,
  help: knownBeside(metrics[0] ?? '', known),
});

export const cellNotKnown = (row: string, column: string, metric: string, known: readonly string[]): Words => ({
  code: 'not-known',
  message: `the row ${quote(row)} has no number in the column ${quote(column)}: ${metric} is not known without training`,
  help: knownBeside(metric, known),
});

/** What is known of the split that was asked about, or of any where that has nothing. */
function knownBeside(metric: string, known: readonly string[]): string {
  const split = metric.slice(0, metric.indexOf('/') + 1);
  const near = known.filter((each) => each.startsWith(split));
  const shown = near.length > 0 ? near : known;
  return `known without training ${shown.length === 1 ? 'is' : 'are'} ${listed(shown, 'and')}`;
}

/** Numbers of two seeds, or two splits, as data that are drawn or split by the seed give them. */
export const baselineVaries = (name: string, metric: string, [a, b]: readonly [number, number], areSplits: boolean): Words => ({
  code: 'baseline-varies',
  message: `${quote(name)} is not one number: ${metric} is ${measured(a)} with one ${areSplits ? 'split' : 'seed'} of the table and ${measured(b)} with another`,
  help: areSplits
    ? 'take the row into a table without splits, whose data have a seed of their own: set: {dataset.seed: 1}'
    : 'give the data a seed of their own: set: {dataset.seed: 1}',
});

export const notQuoted = (key: string, text: string): Words => ({
  code: 'not-quoted',
  message: `a printed number is text, and ${text} without quotes loses its rounding`,
  help: `write ${key}: ${quote(text)}`,
});

export const noNumber = (text: string, guess: string | undefined): Words => ({
  code: 'no-number',
  message: `${quote(text)} is not how a number is printed`,
  help: guess === undefined ? 'write it as in "1.0", "67,044.5", "1.2e3", "12 %" or "0.987 ± 0.003"' : `did you mean ${quote(guess)}?`,
});

export const plusMinusWithoutMeaning = (): Words => ({
  code: 'spread-unknown',
  message: 'what stands behind ± is not used: a standard deviation, a standard error or an interval?',
  help: 'say which with spread: {kind: standard_deviation, runs: N}',
});

export const spreadWithoutPlusMinus = (text: string): Words => ({
  code: 'no-spread',
  message: `there is no ± in ${quote(text)} that "spread" could be about`,
  help: `write it as printed: "${text} ± …"`,
});

export const marginWithoutReason = (): Words => ({
  code: 'margin-without-reason',
  message: 'a margin is a judgement, and its reason is printed with the table',
  help: 'add "because: …": the unit that the source prints, the gap between the rows, …',
});

export const ratioMarginTooLarge = (margin: number, bound: number): Words => ({
  code: 'margin-too-large',
  message: `a margin of ${margin} is not below the ratio ${bound} that is claimed, so that any ratio would do`,
  help: `take a margin below ${bound}, such as ${Number((bound / 20).toPrecision(1))}`,
});

export const excludeWithoutReason = (): Words => ({
  code: 'exclude-without-reason',
  message: 'diverged seeds are left out without a reason',
  help: 'add "because: …"; it is printed with the table',
});

export const reasonWithoutMargin = (): Words => ({
  code: 'reason-without-margin',
  message: 'a reason stands here, and no margin that it is for',
  help: 'add "margin: …", or delete the line',
});

export const noPointer = (reference: string): Words => ({
  code: 'no-pointer',
  message: `${quote(reference)} does not say which part of the file`,
  help: 'write FILE#/POINTER, as in runs.json#/perplexity/lstm',
});

// Several rows of each side

export const oneSideOfRows = (): Words => ({
  code: 'rows-unpaired',
  message: 'one side has several rows, and the other one cell',
  help: 'give both rows: {rows: [ROW, ROW, ...], column: COLUMN}',
});

export const unequalRows = (n: number, m: number): Words => ({
  code: 'rows-unpaired',
  message: `${n} rows are held against ${m}, and they are paired in order`,
  help: 'name on both sides a row for each data set, in one order',
});

export const notAcross = (key: string): Words => ({
  code: 'not-of-this-claim',
  message: `${quote(key)} is about runs, and over several rows each data set counts once`,
  help: 'leave it out',
});

export const tooFewRows = (n: number, needed: number): Words => ({
  code: 'too-few-rows',
  message: `${n} data sets cannot decide which method is better, even if all agree: at least ${needed} can`,
  help: 'name more rows, or claim it of each pair of cells',
});

export const tooFewMethods = (n: number): Words => ({
  code: 'too-few-methods',
  message: `ranks are of three methods or more, and ${n === 1 ? 'one stands' : `${n} stand`} here`,
  help: 'compare two with "lower" or "higher": lower: {rows: [...], column: COLUMN}, than: {rows: [...], column: COLUMN}',
});

export const unequalMethods = (first: string, n: number, other: string, m: number): Words => ({
  code: 'rows-unpaired',
  message: `${quote(first)} has ${n} rows and ${quote(other)} ${m}, and all methods name their data sets in one order`,
  help: 'name of each method a row for each data set',
});

export const rowOfTwoMethods = (row: string): Words => ({
  code: 'same-cell',
  message: `the row ${quote(row)} stands in two methods, and is compared with itself`,
});

export const unknownMethod = (best: string, near: string | undefined, methods: readonly string[]): Words => ({
  code: 'unknown-method',
  message: `${quote(best)} is none of the methods`,
  help: oneOf(best, near, methods, 'methods'),
});

export const tooFewToRank = (k: number, n: number, needed: number, best: string | undefined): Words => ({
  code: 'too-few-rows',
  message:
    best === undefined
      ? `${n} data sets cannot show that ${k} methods differ, even if all rank them alike: at least ${needed} can`
      : `${n} data sets cannot show that ${quote(best)} is before each of the others, even if it is the first on all: at least ${needed} can`,
  help: 'name more rows of each method',
});

export const sameCell = (): Words => ({ code: 'same-cell', message: 'a cell is compared with itself' });

// What a column takes over the seeds

export const shareNeedsLimit = (both: boolean): Words => ({
  code: 'share-without-limit',
  message: both ? 'a run keeps one limit, and this has two' : 'a share is of runs that keep a limit, and there is none',
  help: both ? 'keep one of "at_least" and "at_most"' : 'write {kind: share, at_least: 0.95}, or at_most',
});

export const noBlock = (k: number, seeds: number): Words => ({
  code: 'too-few-seeds',
  message: `the best of ${k} needs ${k} seeds, and this table has ${seeds}`,
  help: `ask for more seeds: ${k} make one best, and at least three of them are judged (seeds: ${3 * k})`,
});

/** `takes`: what the column does, in words. */
export const notOver = (what: string, column: string, takes: string, help: string): Words => ({
  code: 'not-of-this-column',
  message: `${what}, and the column ${quote(column)} ${takes}`,
  help,
});

export const differentOver = (first: string, second: string): Words => ({
  code: 'not-of-this-column',
  message: `the columns ${quote(first)} and ${quote(second)} take different things over the seeds, which are not compared`,
  help: 'give both the same "over_seeds"',
});

export const countNeedsShare = (text: string, column: string): Words => ({
  code: 'not-of-this-column',
  message: `${quote(text)} counts runs, and the column ${quote(column)} holds their values`,
  help: 'count ours too: give the column over_seeds: {kind: share, at_least: LIMIT}, or over_seeds: failures; a share of examples is written "0.97"',
});

export const countTooLarge = (text: string): Words => ({
  code: 'no-number',
  message: `${quote(text)}: of so many runs there cannot be more`,
  help: 'write it as in "29 of 30"',
});

// References

export const noReference = (pointer: string, known: readonly string[], guess: string | undefined): Words => ({
  code: 'no-reference',
  message: `the reference has nothing at ${quote(pointer)}`,
  ...(known.length > 0 && {
    help:
      guess === undefined
        ? `there: ${known.slice(0, MOST_NAMED).join(', ')}${known.length > MOST_NAMED ? ', …' : ''}`
        : `did you mean ${quote(guess)}?`,
  }),
});

const MOST_NAMED = 20;

export const badReference = (): Words => ({
  code: 'bad-reference',
  message: 'a reference is a mapping of values to counts, or a list of values',
  help: 'as in {"1.0": 34, "1.1": 7} or [0.9871, 0.9823]',
});

/** One of many is no number: whether that run diverged, or was never measured, is for the person to say. */
export const noRun = (value: unknown, times: unknown, number: number, all: number): Words => ({
  code: 'bad-reference',
  message:
    times === undefined
      ? `run ${number} of the ${all} of this reference is no number: ${shown(value)}`
      : `${shown(value)}: ${shown(times)} in this reference is no value with how often it was found`,
  help: LEFT_OUT,
});

export const linesWithoutRun = (pointer: string, lines: readonly number[]): Words => ({
  code: 'bad-reference',
  message: `${lines.length === 1 ? `line ${lines[0]} of the reference has` : `lines ${listed(lines.map(String), 'and')} of the reference have`} nothing at ${quote(pointer)}`,
  help: LEFT_OUT,
});

const LEFT_OUT = 'no run is left out unasked: take it out of the file, and count those that diverged as in {"values": […], "diverged": 2}';
const shown = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'a mapping' : cut(JSON.stringify(value) ?? String(value));
const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

export const emptyReference = (): Words => ({ code: 'bad-reference', message: 'the reference has no runs' });

export const tooManyWorks = (runs: number, most: number): Words => ({
  code: 'too-many-runs',
  message: `these are ${formatCount(runs)} runs, and a table has at most ${formatCount(most)}`,
  help: 'take fewer seeds',
});

export const tooManyRuns = (most: number): Words => ({
  code: 'bad-reference',
  message: `the counts of this reference add up to more than ${formatCount(most)} runs`,
});

/** `reason` says more than that there is no such file. */
export const referenceUnreadable = (file: string, isNoJson: boolean, reason?: string): Words => ({
  code: 'bad-reference',
  message: isNoJson ? `${quote(file)} is no JSON` : `${quote(file)} cannot be read${reason === undefined ? '' : `: ${reason}`}`,
  help: isNoJson ? 'a reference is a .json file, or .jsonl with a run on each line' : pathHelp(file),
});

// Rows and columns beside the experiments that they name

export const unknownMetric = (key: string, known: readonly string[], guess: string | undefined): Words => ({
  code: 'unknown-metric',
  message: `${key} is not recorded by any row`,
  help: guess === undefined ? `they record ${listed(known, 'and')}` : `did you mean ${quote(guess)}?`,
});

/** Numbers that a metric can be, in words. */
export interface About {
  readonly metric: string;
  readonly range: Interval;
}

const lies = ([least, most]: Interval): string => {
  if (!Number.isFinite(most)) return `is at least ${plain(least)}`;
  return Number.isFinite(least) ? `lies between ${plain(least)} and ${plain(most)}` : `is at most ${plain(most)}`;
};

const meant = (guess: string | undefined): Pick<Words, 'help'> => (guess === undefined ? {} : { help: `did you mean ${guess}?` });

export const outOfRange = (text: string, { metric, range }: About, guess: string | undefined): Words => ({
  code: 'out-of-range',
  message: `${quote(text)} is no value of ${metric}, which ${lies(range)}`,
  ...meant(guess),
});

export const runOutOfRange = (value: number, { metric, range }: About, guess: string | undefined): Words => ({
  code: 'out-of-range',
  message: `the reference holds ${plain(value)}, and ${metric} ${lies(range)}`,
  ...(guess !== undefined && { help: `did you mean ${guess}? Percent stand in the file as text: "${plain(value)} %"` }),
});

export const differenceOutOfRange = (by: number, { metric, range }: About, guess: string | undefined): Words => ({
  code: 'out-of-range',
  message: `no two values of ${metric}, which ${lies(range)}, are ${plain(by)} apart`,
  ...meant(guess),
});

export const shareOfPercent = (text: string, metric: string, guess: string): Words => ({
  code: 'share-of-percent',
  message: `${metric} counts in percent, and ${quote(text)} stands for less than one of them`,
  ...didYouMean(guess),
});

/** What a zone holds that it should not: the level of chance, or all that there is. */
export type Held = { readonly metric: string } & ({ readonly chance: number } | { readonly range: Interval });

const holds = (held: Held): string =>
  'chance' in held
    ? `which holds the chance level ${levelText(held.chance)} of ${held.metric}: a model that learned nothing would be reproduced`
    : `which is all that ${held.metric} can be`;

const codeOf = (held: Held): string => ('chance' in held ? 'zone-holds-chance' : 'zone-holds-everything');

export interface WeakZone {
  readonly zone: Interval;
  readonly what: Held;
  readonly isByDefault: boolean;
  /** None of a limit. */
  readonly margin: number | undefined;
  /** The margin by default is the spread of the reference, not a printed unit. */
  readonly isSpread: boolean;
  /** The margin was given in percent of a share, as it seems. */
  readonly isPercent: boolean;
  /** A margin that would do. */
  readonly enough?: number;
  /** The printed number with the places with which it would do. */
  readonly finer?: string;
}

export function weakZone({ zone: [low, high], what, isByDefault, margin, isSpread, isPercent, enough, finer }: WeakZone): Words {
  const allowed = !Number.isFinite(high)
    ? `${plain(low)} and above`
    : Number.isFinite(low)
      ? `${plain(low)} to ${plain(high)}`
      : `up to ${plain(high)}`;
  const unit = isSpread ? 'one standard deviation of the reference' : 'one printed unit';
  const byDefault = margin === undefined ? 'with the rounding of its print, this' : `the margin by default, ${unit} (${measured(margin)}),`;
  const declared = margin === undefined ? 'this' : 'this margin';
  const help = isPercent
    ? "a margin is in the metric's own unit: of a share, 2 % is 0.02"
    : enough !== undefined
      ? `say what counts as the same: "margin: ${plain(enough)}", and "because: …"`
      : finer !== undefined
        ? `if the source means it that exactly, write ${quote(finer)}`
        : undefined;
  return {
    code: codeOf(what),
    message: `${isByDefault ? byDefault : declared} allows ${allowed}, ${holds(what)}`,
    ...(help !== undefined && { help }),
  };
}

export const wideMargin = (margin: number, what: Held, isPercent: boolean): Words => ({
  code: codeOf(what),
  message:
    'chance' in what
      ? `this margin, ${plain(margin)}, is as wide as from the best ${what.metric} to the chance level ${levelText(what.chance)}: a model that learned nothing would equal a perfect one`
      : `no two values of ${what.metric} are more than this margin, ${plain(margin)}, apart`,
  ...(isPercent && { help: "a margin is in the metric's own unit: of a share, 2 % is 0.02" }),
});

export const epochNotReached = (epoch: number, epochs: number): Words => ({
  code: 'epoch-not-reached',
  message: `there is no epoch ${epoch}: training ends after ${epochs}`,
});
