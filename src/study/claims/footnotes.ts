import { cellsOf, type Claim } from './claim.js';
import { listed } from '../../diagnostics/words.js';
import { decimalsOf, fixed, formatMeasure, levelText, measured, pValue, percent, plain, plural } from '../../diagnostics/numbers.js';
import type { Judgement, Registered, TableFacts, Tuning } from './facts.js';
import { countsRuns, judgedSeries, kindOver, nounOf, rangeOver, runsOfOne } from './over-seeds.js';
import { type CellRuns, levelsOf, type Series, seriesOf, valuesOf } from './samples.js';
import { type InterimLooks, type Look, SEEDS_OF_SPLITS } from './interim-looks.js';
import type { ClaimStage } from './stages.js';
import { article, byAtLeast, recordedAs, tuningText } from './wording.js';
import type { Verdict } from '../verdicts/verdict.js';
import { weaknessOf, zoneOf } from './zones.js';
import { examplesOf, whichIsWider, widerOf } from '../by-examples.js';
import { holm } from '../../statistics/tests.js';
import { around, type Interval, meanInterval, median, medianAbsoluteDeviation, sum } from '../../statistics/means.js';
import { DUST } from '../../statistics/ranks.js';
import { possible, valueOver } from '../verdicts/estimate.js';
import { allEqual, constantOf } from '../verdicts/preconditions.js';

/** What a reader must know to believe a table, and no more: each rule is silent where there is nothing to say. */
export interface Footnote {
  readonly id: FootnoteId;
  readonly text: string;
  /** Numbers of the claims that it is about, from 0; of none where it is about the whole table. */
  readonly claims: readonly number[];
}

type FootnoteId = `F${number}`;

type JudgedFacts = TableFacts & { readonly judgements: readonly Judgement[] };

interface Rule {
  readonly id: FootnoteId;
  readonly truth: string;
  readonly check: (facts: JudgedFacts) => readonly Omit<Footnote, 'id'>[];
}

/** In the order of their numbers; equal texts are one footnote. */
export function footnotesOf(facts: JudgedFacts): readonly Footnote[] {
  const found = rules.flatMap(({ id, check }) => check(facts).map((note) => ({ id, ...note })));
  const texts = Array.from(new Map(found.map((note) => [`${note.id} ${note.text}`, note])).values());
  return texts.map((note) => ({
    ...note,
    claims: Array.from(new Set(found.filter(({ id, text }) => id === note.id && text === note.text).flatMap(({ claims }) => claims))),
  }));
}

/**
 * How verdicts are to be read, and how often they are wrong by the levels at which they were judged: none where nothing was. Over the declared
 * looks the chance is 1 - confidence; looks beyond them come on top.
 */
export function readingOf({ judgements, interimLooks }: Pick<JudgedFacts, 'judgements' | 'interimLooks'>): readonly string[] {
  const judged = judgements.flatMap(({ claim, verdict: { numbers } }) => {
    const { declared, number, stages } = interimLooks(claim);
    return numbers.alpha === undefined
      ? []
      : [{ alpha: numbers.alpha, declared, stages, overall: overallChance(claim, numbers.alpha, { declared, number }) }];
  });
  if (judged.length === 0) return [];
  const isRounded = judgements.some(({ claim }) => claim.kind === 'reference' && claim.printed > 0);
  const now = timesIn(judged.map(({ alpha }) => alpha));
  const several = judged.find(({ declared }) => declared > 1);
  const over = several
    ? several.stages
      ? ` over all ${NUMERALS[several.declared] ?? several.declared} stages (${listed(several.stages.map(String), 'and')} seeds, 1 in ${now} at each)`
      : ` over the ${NUMERALS[several.declared] ?? several.declared} looks that are declared (1 in ${now} at this one)`
    : '';
  const rate = `a verdict is wrong about 1 time in ${timesIn(judged.map(({ overall }) => overall))}${over}`;
  const reading = `reproduced = what counts as the same holds all of our interval. With the truth on the edge of that, ${rate}, if runs are independent and not strongly skewed (see statistics).`;
  return [...(isRounded ? [ROUNDED_ALIKE] : []), reading];
}

/** Of a wrong verdict over all looks so far and all that are declared. */
const overallChance = ({ confidence }: Claim, alpha: number, { declared, number }: InterimLooks): number =>
  Math.min(1, number > declared ? number * alpha : 1 - confidence);

/** One time in so many: `40`, `25 to 40`. */
function timesIn(chances: readonly number[]): string {
  const times = Array.from(new Set(chances.map((chance) => Math.max(1, Math.round(1 / chance))))).toSorted((a, b) => a - b);
  return times.length > 1 ? `${times[0]} to ${times.at(-1)}` : String(times[0]);
}

/** Printed where ours are held against runs that a source printed rounded. */
const ROUNDED_ALIKE =
  'Against runs that were printed rounded, ours are rounded alike first: the means in such a verdict are of rounded values.';

/** With so many seeds an outcome that is missed is rarer than 1 in 20. */
const MANY_SEEDS = 59;

const fewSeedsMissRareOutcomes: Rule = {
  id: 'F1',
  truth: 'what so few seeds cannot see',
  check({ judgements, names, cell }) {
    const counts = judgements
      .filter(({ claim, verdict }) => isDecided(verdict.kind) && claim.kind !== 'across')
      .map(({ claim, verdict }) => verdict.numbers.n * Math.max(1, ...cellsOf(claim).map((name) => runsOfOne(cell(name)))));
    const n = Math.min(...counts.filter((seeds) => seeds > 0));
    if (n >= MANY_SEEDS) return [];
    const noun = tableNoun({ names, cell });
    const of = noun === 'split' ? 'splits' : 'runs';
    const missed = (seeds: number) => percent(1 - 0.05 ** (1 / seeds), 2);
    const text = `${plural(n, noun)} can miss an outcome that happens in up to ${missed(n)} of ${of} (1 - 0.05^(1/${n})); ${2 * n} ${noun}s: ${missed(2 * n)}.`;
    return [{ text, claims: [] }];
  },
};

const marginsByDefault: Rule = eachClaim('F2', 'a margin that nobody chose', ({ claim, verdict: { numbers } }) => {
  if (!numbers.marginByDefault || numbers.margin === undefined) return undefined;
  const isUnit = numbers.unit !== undefined && Math.abs(numbers.margin - numbers.unit) <= 1e-9 * numbers.unit;
  const what = isUnit || claim.kind !== 'reference' ? 'one printed unit' : 'one standard deviation of the reference';
  const half = numbers.margin + roundingOf(claim);
  const each = half === numbers.margin ? '' : `, so that with the rounding of the print ${measured(half)} each way counts as the same`;
  return `Margin by default: ${what} (${plain(Number(numbers.margin.toPrecision(2)))})${each}. Declare your own with a reason.`;
});

const publishedRunMovesMoreThanMargin: Rule = eachClaim(
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

const verdictRestsOnRounding: Rule = eachClaim('F4', 'what rounding decides', ({ claim, verdict }) => {
  const { kindIfExact } = verdict.numbers;
  if (claim.kind !== 'published' || kindIfExact === undefined || kindIfExact === verdict.kind || isHeldBack(verdict)) return undefined;
  return `The verdict rests on rounding: taken as exactly ${claim.published.text} it would be ${kindIfExact}.`;
});

const outliersAreKept: Rule = eachCell('F5', 'a run that stands apart', ({ label, each, finished }, { overSeeds }) => {
  if (countsRuns(overSeeds)) return undefined;
  const values = finished.map(({ value }) => value);
  if (values.length < 3) return undefined;
  const reach = 3 * 1.4826 * medianAbsoluteDeviation(values);
  const center = median(values);
  const apart = finished.filter(({ value }) => Math.abs(value - center) > Math.max(reach, 1e-12 * Math.abs(center)));
  if (apart.length === 0) return undefined;
  const which = apart.map(({ seed, value }) => `${each ?? 'seed'} ${seed}: ${plain(Number(value.toPrecision(4)))}`).join(', ');
  const [runs, stand] = apart.length === 1 ? ['One', 'stands apart; it is kept'] : [String(apart.length), 'stand apart; they are kept'];
  return `${runs} of ${plural(values.length, each ?? 'run')} of ${label} (${which}) ${stand}.`;
});

const cellsHaveEqualSeeds: Rule = {
  id: 'F6',
  truth: 'cells that rest on different numbers of seeds',
  check({ names, cell }) {
    const counts = names.map((name) => seriesOf(cell(name)).finished.length).filter((n) => n > 0);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    return counts.length > 0 && least < most
      ? [{ text: `Cells have different numbers of ${tableNoun({ names, cell })}s (${least} to ${most}).`, claims: [] }]
      : [];
  },
};

const timesAreDependent: Rule = eachClaim('F7', 'times of one machine', ({ claim, verdict }, { cell }) => {
  const isTime = cellsOf(claim).some((name) => cell(name).isSpeed);
  return isTime && isDecided(verdict.kind) ? 'Times share one machine and are not independent; the interval may be too narrow.' : undefined;
});

const interimLooksAreDeclared: Rule = eachClaim(
  'F8',
  'more looks than were declared',
  ({ claim, verdict: { numbers } }, { interimLooks }) => {
    const { declared, number, counted } = interimLooks(claim);
    if (number <= declared || numbers.alpha === undefined) return undefined;
    const oneIn = (chance: number) => `1 in ${Math.round(1 / chance)}`;
    const wrong = `a wrong verdict is up to ${oneIn(number * numbers.alpha)} instead of ${oneIn(1 - claim.confidence)}`;
    return `${ORDINALS[number] ?? `${number}th`} look at this claim${counted ? ` (${looksInWords(counted.slice(0, number))})` : ''}, ${NUMERALS[declared] ?? declared} ${declared === 1 ? 'was' : 'were'} declared; ${wrong}.`;
  },
);

/** `5 seeds with margin 0.02, 5 seeds with margin 0.05, 10 seeds with margin 0.05`: of the terms, those in which the looks differ. */
function looksInWords(looks: readonly Look[]): string {
  const varied = Object.keys(Object.assign({}, ...looks.map(({ terms }) => terms)) as object).filter(
    (key) => new Set(looks.map(({ terms }) => JSON.stringify(terms[key]))).size > 1,
  );
  const inWords = ({ seeds, terms }: Look): string => {
    const noun = terms[SEEDS_OF_SPLITS] === undefined ? 'seed' : 'split';
    const told = varied.map((key) => (terms[key] === undefined ? `no ${key}` : `${key} ${termText(terms[key])}`));
    return [plural(seeds.length, noun), ...(told.length > 0 ? [`with ${listed(told, 'and')}`] : [])].join(' ');
  };
  const [shown, more] = [looks.slice(0, MOST_LOOKS), looks.length - MOST_LOOKS];
  return [...shown.map(inWords), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

const termText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const MOST_LOOKS = 8;

const smallDifferencesAreSeen: Rule = eachClaim('F9', 'a difference smaller than the margin', ({ claim, verdict: { kind, numbers } }) => {
  const p = numbers.pNoDifference;
  if (kind !== 'reproduced' || p === undefined || p > 1 - claim.confidence) return undefined;
  return `A difference is detectable (${pValue(p)}) but smaller than the margin.`;
});

const familiesAreCorrected: Rule = {
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

const codeIsOne: Rule = eachCell('F11', 'runs of different code', ({ leftOut, differences, finished, diverged }) => {
  if (leftOut === 0) return undefined;
  const told = differences.filter((difference) => difference !== '');
  const why = told.length === 0 ? '' : ` (${told.join('; ')})`;
  return `Runs of different code: ${leftOut} of ${leftOut + judgedSeeds({ finished, diverged })} left out${why}.`;
});

const divergedAreCounted: Rule = {
  id: 'F12',
  truth: 'seeds that diverged, ours and theirs',
  check: (facts) => [...oursDiverged.check(facts), ...theirsDiverged.check(facts)],
};

const oursDiverged: Rule = eachCell('F12', 'seeds of ours that diverged', (series) => {
  const { label, each: noun = 'seed', diverged, senseless } = series;
  if (diverged.length === 0) return undefined;
  const lost = diverged.filter((seed) => !senseless.includes(seed));
  const told = [
    ...(lost.length > 0 ? [`${lost.length} of ${plural(judgedSeeds(series), noun)} of ${label} diverged (${seedList(lost, noun)})`] : []),
    ...(senseless.length > 0
      ? [
          `${senseless.length} of ${plural(judgedSeeds(series), noun)} of ${label} finished with a value that is no number (${seedList(senseless, noun)})`,
        ]
      : []),
  ];
  return `${told.join('; ')}.`;
});

const theirsDiverged: Rule = eachClaim('F12', 'runs of a reference that diverged', ({ claim }) => {
  if (claim.kind !== 'reference' || !claim.diverged) return undefined;
  const all = claim.runs.length + claim.diverged;
  return `${claim.diverged} of ${plural(all, 'run')} of the reference diverged; its mean is that of the other ${claim.runs.length}.`;
});

/** Who has no value is no accident: those that stopped early are not like the others. */
const unrecordedAreCounted: Rule = eachCell(
  'F18',
  'seeds that have no value where the column looks',
  (series, { at, metric, overSeeds }) => {
    const { label, each: noun = 'seed', unrecorded } = series;
    if (unrecorded.length === 0 || overSeeds === 'failures' || judgedSeeds(series) === 0) return undefined;
    const n = judgedSeeds(series) + unrecorded.length;
    const has = unrecorded.length === 1 ? 'has' : 'have';
    const what = `${unrecorded.length} of ${plural(n, noun)} of ${label} ${has} no ${recordedAs(metric, at)} (${seedList(unrecorded, noun)})`;
    const remedy = typeof at === 'number' ? ' Runs that stop early have a last epoch: "at: last".' : '';
    return `${what}, and which ones may be no accident: no verdict is decided by the others.${remedy}`;
  },
);

const missingAreCounted: Rule = eachCell('F19', 'seeds that are not there yet', (series, { seeds }) => {
  const { label, each: noun = 'seed', finished, diverged, crashed, unrecorded } = series;
  if (judgedSeeds(series) === 0) return undefined;
  const there = new Set([...finished.map(({ seed }) => seed), ...diverged, ...crashed, ...unrecorded]);
  const missing = seeds.filter((seed) => !there.has(seed));
  const told = [
    ...(crashed.length > 0
      ? [`${crashed.length} failed and ${crashed.length === 1 ? 'is' : 'are'} to be repeated (${seedList(crashed, noun)})`]
      : []),
    ...(missing.length > 0 ? [`${missing.length} ${missing.length === 1 ? 'has' : 'have'} not run (${seedList(missing, noun)})`] : []),
  ];
  return told.length === 0 ? undefined : `Of ${plural(seeds.length, noun)} of ${label} ${told.join(', ')}.`;
});

const pairsAreWhole: Rule = eachClaim('F20', 'seeds without a partner', ({ claim }, { cell }) => {
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

const confidenceIsUsual: Rule = eachClaim(
  'F23',
  'another confidence than the usual one',
  ({ claim: { confidence }, verdict: { numbers } }) => {
    if (confidence === USUAL.confidence || numbers.alpha === undefined) return undefined;
    return `Confidence ${plain(confidence)} in place of ${USUAL.confidence}: a wrong verdict is up to 1 in ${timesIn([1 - confidence])} instead of 1 in ${timesIn([1 - USUAL.confidence])}.`;
  },
);

const looksAreUsual: Rule = {
  id: 'F24',
  truth: 'another number of looks than the usual one, or than before',
  check({ judgements, interimLooks, declaredBefore = [] }) {
    const [first] = judgements;
    if (!first) return [];
    const { declared, stages } = interimLooks(first.claim);
    const before = declaredBefore.filter((each) => each !== declared);
    const changed =
      before.length > 0
        ? [`The number of looks was changed: ${declared} in place of ${before.join(', then ')}, after verdicts were seen.`]
        : [];
    const usual =
      declared === USUAL.looks || stages
        ? []
        : [
            `${declared} ${declared === 1 ? 'look is' : 'looks are'} declared in place of ${USUAL.looks}: the chance of an error is ${declared === 1 ? 'spent at once' : 'divided among them'}.`,
          ];
    return [...changed, ...usual].map((text) => ({ text, claims: [] }));
  },
};

/** What stands where a table says nothing. */
const USUAL = { confidence: 0.95, looks: 2 } as const;

const zonesCanBeMissed: Rule = eachClaim(
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

const bestIsNotMean: Rule = eachClaim('F13', 'a best epoch beside a published last', ({ claim }, { columns }) => {
  if (claim.kind !== 'published' && claim.kind !== 'reference') return undefined;
  const column = claim.cell[1];
  if (columns[column]?.at !== 'best') return undefined;
  return `Column ${column} holds the best epoch of each run, which flatters it unless the source reports the best too.`;
});

const testIsNotSelectedOn: Rule = {
  id: 'F14',
  truth: 'choices made on test data',
  check({ names, cell, columns, rows = {} }) {
    const isOfTest = (name: string) =>
      names.some((each) => each[1] === name && rows[each[0]]?.baseline === undefined && cell(each).role === 'test');
    const ofColumns = Object.entries(columns).flatMap(([name, { metric, at }]) =>
      at === 'best' && isOfTest(name) ? [`The epoch in column ${name} was chosen on the test data that it reports (${metric}).`] : [],
    );
    const ofRows = Object.entries(rows).flatMap(([name, { selectedOnTest }]) =>
      selectedOnTest === undefined ? [] : [`Row ${name} chose its epoch on test data (${selectedOnTest}).`],
    );
    const ofSweeps = Object.entries(rows).flatMap(([name, { tuning }]) =>
      tuning?.isOnTest ? [`Row ${name} chose its configuration on test data (${tuning.by}).`] : [],
    );
    return [...ofColumns, ...ofRows, ...ofSweeps].map((text) => ({ text, claims: [] }));
  },
};

const testIsUnseen: Rule = {
  id: 'F15',
  truth: 'test examples that training has seen',
  check({ names, cell, rows = {} }) {
    const isTested = (row: string) => names.some((name) => name[0] === row && cell(name).role === 'test');
    const seen = Object.entries(rows).flatMap(([row, { testOverlap = 0 }]) =>
      testOverlap > 0 && isTested(row) ? [{ row, share: percent(testOverlap) }] : [],
    );
    return Array.from(new Set(seen.map(({ share }) => share)), (share) => {
      const found = seen.flatMap((each) => (each.share === share ? [each.row] : []));
      const whose = found.length === 1 ? `row ${found.join()} are also in its` : `rows ${found.join(', ')} are also in their`;
      return { text: `${share} of the test examples of ${whose} train split.`, claims: [] };
    });
  },
};

const deviceBoundNumbersStayThere: Rule = eachClaim('F16', 'numbers that hold on another device', ({ claim, verdict }) => {
  if (verdict.reason !== 'device') return undefined;
  const where = typeof claim.deviceBound === 'string' ? `on ${article(claim.deviceBound)}` : 'on the device of the source';
  return `Measured ${where}; a comparison here would say nothing about the method.`;
});

/** One line where all runs are of one earlier engine, a note of each cell where they are not: its seeds, or its rows, are not of one making. */
const engineIsTodays: Rule = {
  id: 'F17',
  truth: 'runs of the engine as it was',
  check(facts) {
    const cells = facts.names.map((name) => seriesOf(facts.cell(name))).filter((series) => judgedSeeds(series) > 0);
    const [difference, ...others] = new Set(cells.flatMap(({ earlier }) => earlier.map((each) => each.difference)));
    if (difference === undefined) return [];
    const isOne = others.length === 0 && cells.every((series) => series.earlier.length === judgedSeeds(series));
    if (!isOne) return earlierSeeds.check(facts);
    const speed = facts.names.some((name) => facts.cell(name).isSpeed) ? ' Speeds are of that engine.' : '';
    return [{ text: `All runs were made with ${difference}: the same arithmetic, rounded otherwise.${speed}`, claims: [] }];
  },
};

const earlierSeeds: Rule = eachCell('F17', 'cells of which some runs are of the engine as it was', (series, { isSpeed }) => {
  const { each: noun = 'seed', earlier } = series;
  if (earlier.length === 0) return undefined;
  const groups = Array.from(new Set(earlier.map(({ difference }) => difference)), (difference) => {
    const seeds = earlier.filter((each) => each.difference === difference).map(({ seed }) => seed);
    const which = seeds.length === judgedSeeds(series) ? `all of its ${noun}s` : seedList(seeds, noun);
    return `${which} with ${difference}`;
  });
  const what = isSpeed ? 'Speeds of an earlier engine' : 'Runs of an earlier engine, the same arithmetic rounded otherwise';
  return `${what}: ${groups.join('; ')}.`;
});

const constantValuesAreTold: Rule = eachClaim('F21', 'a verdict on values that do not vary', ({ claim, verdict }, { cell }) => {
  if (verdict.kind !== 'reproduced' && verdict.kind !== 'differs') return undefined;
  // Of several data sets, each counts once.
  if (claim.kind === 'across') return undefined;
  const constant = constantCells(claim, cell).map(({ label, finished }) => {
    const [first] = finished;
    return `all ${plural(finished.length, 'run')} of ${label} gave ${plain(first?.value ?? Number.NaN)}`;
  });
  if (constant.length === 0) return undefined;
  const why = claim.deterministic
    ? ', on purpose as the claim says'
    : ': the metric may be at its bound, or the seed may change nothing, and then more seeds say no more than one';
  return `The verdict rests on values that do not vary: ${constant.join(', ')}${why}.`;
});

const deterministicIsChecked: Rule = eachClaim('F22', 'a claim of a deterministic value that varies', ({ claim }, { cell }) => {
  if (!claim.deterministic) return undefined;
  const varying = cellsOf(claim)
    .map((name) => seriesOf(cell(name)))
    .find((series) => !allEqual(valuesOf(series)));
  if (!varying) return undefined;
  const values = valuesOf(varying);
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => plain(Number(value.toPrecision(6))));
  return `Declared deterministic, but ${plural(values.length, 'run')} of ${varying.label} gave ${low} to ${high}: judged as any other value.`;
});

const ranksAndMeansAgree: Rule = eachClaim(
  'F26',
  'ranks that say the opposite of means',
  ({ claim, limit, verdict: { kind } }, { cell }) => {
    if (limit || (claim.kind !== 'rank' && claim.kind !== 'probability')) return undefined;
    const cells = cellsOf(claim).map(cell);
    if (cells.some(({ overSeeds }) => countsRuns(overSeeds))) return undefined;
    const [of, than] = cells.map((runs) => judgedSeries(runs, claim.excludesDiverged));
    const decides = kind === (claim.kind === 'rank' || claim.bound === 0.5 ? kind : claim.bound > 0.5 ? 'reproduced' : 'differs');
    if (!isDecided(kind) || kind === 'inconclusive' || !decides || !of || !than || of.diverged.length + than.diverged.length > 0)
      return undefined;
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

const acceptedThreatsAreTold: Rule = {
  id: 'F27',
  truth: 'a threat that is there on purpose',
  check({ rows = {}, accepted: own = [] }) {
    const ofRows = Object.entries(rows).flatMap(([row, { accepted = [] }]) => accepted.map((each) => ({ ...each, row })));
    const texts = [...own.map((each) => ({ ...each, row: undefined })), ...ofRows].map(({ threat, because, found, row }) => {
      const text = `${found} (${threat}). Accepted: ${because.replace(/\.$/, '')}.`;
      return { row, text };
    });
    return Array.from(new Set(texts.map(({ text }) => text)), (text) => {
      const of = texts.flatMap((each) => (each.text === text && each.row !== undefined ? [each.row] : []));
      if (of.length === 0) return { text: text.charAt(0).toUpperCase() + text.slice(1), claims: [] };
      const whose = of.length === Object.keys(rows).length ? 'All rows' : `${of.length === 1 ? 'Row' : 'Rows'} ${of.join(', ')}`;
      return { text: `${whose}: ${text}`, claims: [] };
    });
  },
};

const knownNumbersAreTold: Rule = {
  id: 'F28',
  truth: 'numbers that nobody trained',
  check({ rows = {}, names, cell }) {
    const told = Object.entries(rows).flatMap(([row, { baseline }]) => {
      const name = names.find(([of]) => of === row);
      const label = name ? cell(name).label : row;
      return baseline === undefined ? [] : [label === baseline ? label : `${label} (${baseline})`];
    });
    if (told.length === 0) return [];
    const what = told.length === 1 ? 'Its numbers are' : 'Their numbers are';
    return [
      { text: `Nothing is trained for ${told.join(', ')}. ${what} known without training, and have no seeds and no spread.`, claims: [] },
    ];
  },
};

/** Not of two cells, which are tested on the same examples, nor of a split that the data give, nor where each seed draws one of its own. */
const fewTestExamples: Rule = eachClaim('F29', 'examples that are too few for a margin', ({ claim, verdict }, { cell }) => {
  const [name, ...others] = cellsOf(claim);
  const zone = zoneOf(claim);
  const { byExamples, isGivenSplit = false, metric = '', overSeeds } = name ? cell(name) : {};
  if (!zone || countsRuns(overSeeds) || others.length > 0 || !isDecided(verdict.kind) || !byExamples?.isShared || isGivenSplit)
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
  const isTold = share === undefined && ours !== undefined && (kind === 'reproduced' || kind === 'differs');
  return ['from our mean to the limit', isTold ? Math.abs(ours - edge) : undefined];
};

/** A line a column, or several where its rows have other answers. */
const examplesOrSeeds: Rule = {
  id: 'F30',
  truth: 'what other examples leave beside what seeds leave',
  check({ names, cell }) {
    const told = names.flatMap((name) => {
      const { byExamples, isGivenSplit = false, metric = '', label, ...runs } = cell(name);
      if (!byExamples || isGivenSplit || runs.overSeeds !== undefined) return [];
      const series = seriesOf({ ...runs, label });
      const seeds = series.finished.length > 1 ? possible(meanInterval(valuesOf(series), 0.025), series).interval : undefined;
      const widths = { examples: byExamples, seeds };
      return [{ metric, label, widths, wider: widerOf(widths) }];
    });
    return Array.from(new Set(told.map(({ metric, wider }) => metric + wider)), (answer) => {
      const group = told.filter(({ metric, wider }) => metric + wider === answer);
      const { metric = '' } = group[0] ?? {};
      const [labels, means] = [group.map(({ label }) => label), group.map(({ widths }) => widths)];
      const isAll = group.length === told.filter((each) => each.metric === metric).length;
      const sentence = whichIsWider(means, metric);
      const whose = isAll ? metric : `${metric} of ${listed(labels, 'and')}`;
      return { text: `${whose}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`, claims: [] };
    });
  },
};

const protocolIsKept: Rule = {
  id: 'F31',
  truth: 'a protocol that was changed after it was frozen',
  check: ({ protocol }) => protocol?.changes ?? [],
};

/** Seeds that were trained and are not asked for may have been left out for what they say. */
const allSeedsAreAskedFor: Rule = {
  id: 'F32',
  truth: 'seeds on record that the table does not ask for',
  check(facts) {
    const { names, judgements } = facts;
    const about = names.filter((name) => moreOf(facts, name));
    const turned = judgements.flatMap(({ claim, verdict, overAll }, index) =>
      overAll && overAll.kind !== verdict.kind ? [{ index, claim, verdict, overAll }] : [],
    );
    const told = turned.map(({ index, claim, verdict, overAll }) => {
      const of = cellsOf(claim).flatMap((name) => moreOf(facts, name) ?? []);
      const center = of.length === 1 ? overAll.numbers.mean : undefined;
      const over = center === undefined ? 'over all of them' : `over all of them (${formatMeasure(center, 4)})`;
      const seeds = of.map(({ label, asked, there }) => `${asked} of the ${plural(there, 'seed')} of ${label}`);
      const text = `${listed(seeds, 'and')} on record are asked for; ${over} the verdict is ${spoken(overAll.kind)}, and not ${spoken(verdict.kind)}.`;
      return { text, claims: [index] };
    });
    const isTurned = (name: readonly [string, string]) => turned.some(({ claim }) => concerns(claim, name));
    return [
      ...told,
      ...quietlyMore(
        facts,
        about.filter((name) => !isTurned(name)),
      ),
    ];
  },
};

/** Cells of which more seeds would change no verdict, in one line: `5 of 10 seeds of LSTM and RNN` */
function quietlyMore(facts: JudgedFacts, names: TableFacts['names']): readonly Omit<Footnote, 'id'>[] {
  if (names.length === 0) return [];
  const groups = new Map<string, Set<string>>();
  for (const name of names) {
    const { label = '', asked = 0, there = 0 } = moreOf(facts, name) ?? {};
    const counts = `${asked} of ${plural(there, 'seed')}`;
    groups.set(counts, (groups.get(counts) ?? new Set()).add(label));
  }
  const seeds = Array.from(groups, ([counts, labels]) => `${counts} of ${fewOf(Array.from(labels))}`);
  const claims = facts.judgements.flatMap(({ claim }, index) => (names.some((name) => concerns(claim, name)) ? [index] : []));
  const same = claims.length === 0 ? '' : '; over all of them no verdict on these is another one';
  return [{ text: `${seeds.join(', ')} on record are asked for${same}.`, claims }];
}

const fewOf = (labels: readonly string[]): string =>
  labels.length <= MOST_LABELS
    ? listed(labels, 'and')
    : `${labels.slice(0, MOST_LABELS).join(', ')} and ${labels.length - MOST_LABELS} more rows`;
const MOST_LABELS = 6;

/** How many seeds of a cell are judged, and how many there are; undefined where those are all. */
function moreOf({ cell, onRecord }: TableFacts, name: readonly [string, string]) {
  const all = onRecord?.(name);
  if (!all) return undefined;
  const series = seriesOf(all);
  return { label: series.label, asked: judgedSeeds(seriesOf(cell(name))), there: judgedSeeds(series) };
}

const spoken = (kind: Verdict['kind']): string => kind.replaceAll('_', ' ');

const variationIsTold: Rule = {
  id: 'F33',
  truth: 'what a seed changes',
  check({ names, cell, rows = {} }) {
    const told = Object.entries(rows).flatMap(([row, { varies, variesBySplit }]) => {
      const runs = names.filter((name) => name[0] === row).map((name) => cell(name));
      const isRun = runs.some((each) => judgedSeeds(seriesOf(each)) > 0);
      return varies && isRun ? [{ label: runs[0]?.label ?? row, varies, variesBySplit }] : [];
    });
    const inGroups = (all: readonly { readonly label: string; readonly what: readonly string[] }[]): string => {
      const each = all.map(({ label, what }) => ({ label, what: what.join(', ') || 'nothing' }));
      const groups = Array.from(new Set(each.map(({ what }) => what)), (what) => {
        const labels = each.flatMap((one) => (one.what === what ? [one.label] : []));
        return labels.length === each.length ? what : `${what} (${fewOf(labels)})`;
      });
      return groups.join('; ');
    };
    if (told.length === 0) return [];
    const bySeed = inGroups(told.map(({ label, varies }) => ({ label, what: varies })));
    const bySplit = inGroups(told.flatMap(({ label, variesBySplit: what }) => (what ? [{ label, what }] : [])));
    const text =
      bySplit === ''
        ? `From seed to seed change: ${bySeed}.`
        : `From seed to seed of a split change: ${bySeed}. From split to split change: ${bySplit}.`;
    return [{ text, claims: [] }];
  },
};

/** What more seeds in each split can do, and what only more splits can (Bouthillier et al. 2021). */
const levelsAreTold: Rule = eachCell('F43', 'the spread between splits, and within them', (series, { metric, at }) => {
  const levels = levelsOf(series);
  if (!levels || levels.between + levels.within === 0) return undefined;
  const { between, within, size, shareWithin } = levels;
  const shown = (sd: number): string => formatMeasure(sd, 2);
  const narrower = 1 - Math.sqrt(1 - shareWithin);
  const what = `${series.label}, ${recordedAs(metric, at)}: standard deviation ${shown(between)} between splits, ${shown(within)} within (${size} seeds each)`;
  if (between === 0)
    return `${what}; the splits differ by no more than their seeds make them differ, so that more seeds narrow the mean as much as more splits with as many runs.`;
  return `${what}; of the variance of the mean ${percent(shareWithin, 2)} comes from the seeds: more of them would narrow its interval by ${percent(narrower, 2)} at most, and the rest takes more splits.`;
});

/** How many of the figures of a digest stand in print: enough to tell protocols apart. */
const FIGURES = 12;

/** `Registered 2026-12-02 before any of its 12 trials was on record, sha256 0123456789ab.` */
export function registeredLine({ at, digest, done, trials, seen }: Registered): string {
  const all = plural(trials, 'trial');
  const some =
    done === 0 ? ` before any of its ${all} was on record` : ` when ${done} of its ${all} ${done === 1 ? 'was' : 'were'} on record`;
  const before = trials === 0 ? '' : some;
  const elsewhere = seen === 0 ? '' : ` and ${plural(seen, 'claim')} had been looked at in other tables`;
  return `Registered ${at.slice(0, 10)}${before}${elsewhere}, sha256 ${digest.slice(0, FIGURES)}.`;
}
/** The rows of which a sweep selects the configuration. */
const rowsOfSweeps = ({ rows = {}, names, cell }: JudgedFacts) =>
  Object.entries(rows).flatMap(([row, { tuning }]) => {
    const name = names.find(([of]) => of === row);
    return name && tuning ? [{ row, tuning, runs: cell(name), label: cell(name).label }] : [];
  });

const tunedRows = (facts: JudgedFacts) => rowsOfSweeps(facts).filter(({ tuning }) => 'label' in tuning.selected);

const selectionIsTold: Rule = {
  id: 'F40',
  truth: 'a configuration that a sweep selects',
  check: (facts) =>
    rowsOfSweeps(facts).map(({ tuning, label }) => ({
      text:
        'missing' in tuning.selected ? `Nothing has run for ${label}: ${tuning.selected.missing}.` : `${label} is ${tuningText(tuning)}.`,
      claims: [],
    })),
};

/** The more configurations are tried, the better the best of them: rows are compared by what they were given, too. */
const budgetsAreEqual: Rule = {
  id: 'F41',
  truth: 'rows that were tuned with more than others',
  check(facts) {
    const tuned = tunedRows(facts);
    const budget = ({ configurations, epochs }: Tuning): string => `${plural(configurations, 'configuration')}, ${plural(epochs, 'epoch')}`;
    const isUnequal = new Set(tuned.map(({ tuning }) => budget(tuning))).size > 1;
    const all = tuned.map(({ label, tuning }) => `${label} ${budget(tuning)}`).join('; ');
    const beside = facts.judgements.flatMap(({ claim, limit }, index) => {
      const rows = cellsOf(claim).map(([row]) => row);
      const [of, ...others] = tuned.filter(({ row }) => rows.includes(row));
      const other = cellsOf(claim).find(([row]) => row !== of?.row);
      if (!of || others.length > 0 || !other || limit || facts.rows?.[other[0]]?.tuning) return [];
      const text = `${of.label} is the best of ${plural(of.tuning.configurations, 'configuration')}, and ${facts.cell(other).label}, which it is compared with, is as written: nobody tuned it.`;
      return [{ text, claims: [index] }];
    });
    return [...(isUnequal ? [{ text: `Rows were tuned with unequal budgets: ${all}.`, claims: [] }] : []), ...beside];
  },
};

/** The best of many is partly lucky, and its luck is that of the seeds which chose it. */
const seedsAreNotSelectedOn: Rule = {
  id: 'F42',
  truth: 'seeds that chose a configuration and judge it',
  check(facts) {
    const noun = tableNoun(facts);
    const told = tunedRows(facts).flatMap(({ tuning, runs, label }) => {
      const both = runs.seeds.filter((seed) => tuning.seeds.includes(seed));
      return both.length === 0 || tuning.configurations < 2 ? [] : [{ label, which: seedList(both, runs.each), isOne: both.length === 1 }];
    });
    return Array.from(new Map(told.map((each) => [each.which, each])).values(), ({ which, isOne }) => {
      const labels = told.flatMap((each) => (each.which === which ? [each.label] : []));
      const [chosen, judged] = labels.length === 1 ? ['its configuration', 'it'] : ['their configurations', 'them'];
      const text = `${listed(labels, 'and')}: ${which} also chose ${chosen}, and some of ${isOne ? 'its' : 'their'} luck may be in that choice; other ${noun}s would judge ${judged} without it.`;
      return { text, claims: [] };
    });
  },
};

/** What is judged in place of a mean, a line a column. */
const overSeedsIsTold: Rule = {
  id: 'F36',
  truth: 'a column that takes something else than the mean over the seeds',
  check({ names, cell, columns, judgements }) {
    return Object.entries(columns).flatMap(([column, { over_seeds: overSeeds, label = column.replaceAll('_', ' ') }]) => {
      const [first] = names.filter((name) => name[1] === column).map(cell);
      if (overSeeds === undefined || overSeeds === 'mean' || !first) return [];
      const claims = judgements.flatMap(({ claim }, index) => (cellsOf(claim).some((name) => name[1] === column) ? [index] : []));
      return [{ text: `${label}: ${takenOver(first)}`, claims }];
    });
  },
};

function takenOver({ overSeeds, seeds }: CellRuns): string {
  switch (kindOver(overSeeds)) {
    case 'median':
      return 'the median over the seeds, with an interval that is exact whatever the shape; a diverged seed counts as the worst value.';
    case 'interquartile_mean':
      return 'the mean over the seeds without the least and the largest quarter (rounded down); a diverged seed counts as the worst value.';
    case 'failures':
      return 'how many runs diverged, with exact intervals; nothing is said of the value of those that did not.';
    case 'share':
      return 'how many runs keep the limit, with exact intervals; a diverged run does not.';
    case 'best_of': {
      const k = runsOfOne({ overSeeds });
      const over = seeds.slice(seeds.length - (seeds.length % k));
      const left =
        over.length === 0
          ? ''
          : `; ${seedList(over)} ${over.length === 1 ? 'fills' : 'fill'} no block and ${over.length === 1 ? 'counts' : 'count'} for nothing`;
      return `the best of each ${nounOf({ overSeeds })}, in the order of the document, and their mean: n counts blocks, and what they are held against is taken as such a best too${left}.`;
    }
    case 'mean':
      return '';
  }
}

/** From so many times theirs on, and how often a verdict on skewed runs is wrong then, at worst (docs/statistics.md). */
const WIDE = { times: 1.5, wrong: '1 verdict in 6' };

const wideRunsAreTold: Rule = eachClaim(
  'F37',
  'runs that spread more than those of the reference',
  ({ claim, verdict: { kind, numbers } }) => {
    const { sd, reference } = numbers;
    const isVerdict = kind === 'reproduced' || kind === 'differs';
    if (claim.kind !== 'reference' || !isVerdict || sd === undefined || !reference || sd < WIDE.times * reference.sd) return undefined;
    const times = reference.sd > 0 ? `${(sd / reference.sd).toFixed(1)} times as wide as` : 'more than';
    return `Our runs spread ${times} those of the reference: where they are skewed, up to ${WIDE.wrong} of this kind is wrong.`;
  },
);

const halfOf = ([low, high]: Interval): number => (high - low) / 2;

const stagesAreTold: Rule = {
  id: 'F35',
  truth: 'what is still open, and what gets no more seeds though it is not decided',
  check({ judgements, stages, cell, columns }) {
    if (!stages) return [];
    const waiting = judgements.flatMap(({ claim, stage }, index) => {
      const state = stage && stateOf(stage, stages.stages);
      if (state === undefined) return [];
      const isOpen = stage?.outlook === 'open' || stage?.outlook === 'until';
      return [{ index, isOpen, state, name: nameOf(claim, chanceOf(stage)) }];
    });
    return [true, false].flatMap((isOpen) => {
      const told = waiting.filter((each) => each.isOpen === isOpen);
      const states = Array.from(new Set(told.map(({ state }) => state)));
      const texts = states.map((state) => {
        const names = Array.from(new Set(told.filter((each) => each.state === state).map(({ name }) => name)));
        const more = names.length - MOST_NAMES;
        return `${state}: ${[...names.slice(0, MOST_NAMES), ...(more > 0 ? [`${more} more`] : [])].join('; ')}.`;
      });
      return told.length === 0 ? [] : [{ text: texts.join(' '), claims: told.map(({ index }) => index) }];
    });

    /** `LSTM from scratch (PyTorch, chance 2 %)`; a source tells claims about the same cells apart. */
    function nameOf(claim: Claim, chance: string | undefined): string {
      const key = JSON.stringify(cellsOf(claim));
      const isOneOfSeveral = judgements.some((other) => other.claim !== claim && JSON.stringify(cellsOf(other.claim)) === key);
      const hasColumns = Object.keys(columns).length > 1;
      const cells = cellsOf(claim).map((name) => cell(name).label + (hasColumns ? `, ${name[1]}` : ''));
      const more = [isOneOfSeveral ? claim.source : undefined, chance].filter((part) => part !== undefined);
      return `${cells.join(' against ')}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
    }
  },
};

/** What comes next for a claim that is not decided, and why; undefined of one that is, and of one without a complete stage, whose verdict says so. */
function stateOf({ outlook, number, seeds }: ClaimStage, counts: readonly number[]): string | undefined {
  if (number === 0) return undefined;
  const last = counts.at(-1) ?? 0;
  const so = `with ${seeds} of ${plural(last, 'seed')}`;
  switch (outlook) {
    case 'open':
      return `Still open ${so}, and the next stage has ${counts[number] ?? 0}`;
    case 'until':
      return `Still open ${so}, at which this table stops for now`;
    case 'never':
      return `Closed ${so}, as no number of seeds decides`;
    case 'close':
      return `Closed ${so}, as more are not likely to decide`;
    case 'all':
      return `Not decided with all ${plural(last, 'seed')}`;
    case 'decided':
      return undefined;
    default:
      return outlook satisfies never;
  }
}

/** `chance 2 %`: of a decision by the last stage, where it is so small that no more seeds are added. */
function chanceOf(stage: ClaimStage | undefined): string | undefined {
  if (stage?.outlook !== 'close') return undefined;
  const chance = sum(stage.chances ?? []);
  return `chance ${chance < 0.01 ? 'below 1 %' : percent(chance, 1)}`;
}

/** The marks in the table stand for those that are not named. */
const MOST_NAMES = 8;

export const rules: readonly Rule[] = [
  fewSeedsMissRareOutcomes,
  marginsByDefault,
  publishedRunMovesMoreThanMargin,
  verdictRestsOnRounding,
  wideRunsAreTold,
  outliersAreKept,
  cellsHaveEqualSeeds,
  timesAreDependent,
  interimLooksAreDeclared,
  smallDifferencesAreSeen,
  familiesAreCorrected,
  codeIsOne,
  divergedAreCounted,
  bestIsNotMean,
  testIsNotSelectedOn,
  testIsUnseen,
  deviceBoundNumbersStayThere,
  engineIsTodays,
  unrecordedAreCounted,
  missingAreCounted,
  pairsAreWhole,
  confidenceIsUsual,
  looksAreUsual,
  zonesCanBeMissed,
  constantValuesAreTold,
  deterministicIsChecked,
  ranksAndMeansAgree,
  acceptedThreatsAreTold,
  knownNumbersAreTold,
  fewTestExamples,
  examplesOrSeeds,
  protocolIsKept,
  overSeedsIsTold,
  selectionIsTold,
  budgetsAreEqual,
  seedsAreNotSelectedOn,
  allSeedsAreAskedFor,
  variationIsTold,
  levelsAreTold,
  stagesAreTold,
];

function eachClaim(id: FootnoteId, truth: string, say: (judgement: Judgement, facts: JudgedFacts) => string | undefined): Rule {
  return {
    id,
    truth,
    check: (facts) =>
      facts.judgements.flatMap((judgement, index) => {
        const text = say(judgement, facts);
        return text === undefined ? [] : [{ text, claims: [index] }];
      }),
  };
}

/** About the runs of a cell, with the claims that rest on them. */
function eachCell(id: FootnoteId, truth: string, say: (series: Series, runs: CellRuns) => string | undefined): Rule {
  return {
    id,
    truth,
    check: ({ names, cell, judgements }) =>
      names.flatMap((name) => {
        const runs = cell(name);
        const text = say(seriesOf(runs), runs);
        if (text === undefined) return [];
        const about = judgements.flatMap(({ claim }, index) => (concerns(claim, name) ? [index] : []));
        return [{ text, claims: about }];
      }),
  };
}

const judgedSeeds = ({ finished, diverged }: Pick<Series, 'finished' | 'diverged'>): number => finished.length + diverged.length;

/** The cells of a claim whose runs all gave the same. */
const constantCells = (claim: Claim, cell: TableFacts['cell']): readonly Series[] =>
  cellsOf(claim)
    .map((name) => seriesOf(cell(name)))
    .filter((series) => series.finished.length > 0 && constantOf([series]));

const concerns = (claim: Claim, [row, column]: readonly [string, string]): boolean =>
  cellsOf(claim).some(([ofRow, ofColumn]) => ofRow === row && ofColumn === column);

const isDecided = (kind: string): boolean => kind === 'reproduced' || kind === 'differs' || kind === 'inconclusive';
/** Undecided for the seeds that it lacks, whatever the others say. */
const isHeldBack = ({ reason }: Verdict): boolean => reason === 'diverged' || reason === 'not recorded';

/** What the rounding of a printed number allows on each side of it, beside the margin. */
const roundingOf = (claim: Claim): number => (claim.kind === 'published' ? claim.published.unit / 2 : 0);

const seedList = (seeds: readonly number[], noun = 'seed'): string => `${noun}${seeds.length === 1 ? '' : 's'} ${seeds.join(', ')}`;

/** What all cells of a table count. */
const tableNoun = ({ names, cell }: Pick<TableFacts, 'names' | 'cell'>): string => names.map(cell).find(({ each }) => each)?.each ?? 'seed';

const ORDINALS: readonly (string | undefined)[] = [undefined, 'First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth'];
const NUMERALS: readonly (string | undefined)[] = [undefined, 'one', 'two', 'three', 'four', 'five', 'six'];
