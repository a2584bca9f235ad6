import { cellsOf, type Claim } from './claim.js';
import { count, decimalsOf, fixed, percent, plain, probability } from './figures.js';
import type { Judgement, TableFacts } from './facts.js';
import { type CellRuns, type Series, seriesOf } from './samples.js';
import { article } from './wording.js';
import { holm } from './statistics/holm.js';
import { around } from './statistics/interval.js';
import { median, medianAbsoluteDeviation } from './statistics/moments.js';

/** What a reader must know to believe a table, and no more: each rule is silent where there is nothing to say. */
export interface Footnote {
  readonly id: FootnoteId;
  readonly text: string;
  /** Numbers of the claims that it is about, from 0; of none where it is about the whole table. */
  readonly claims: readonly number[];
}

export type FootnoteId = `F${number}`;

export type JudgedFacts = TableFacts & { readonly judgements: readonly Judgement[] };

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

/** Printed under every table. */
export const READING =
  'reproduced = the mean is within the margin; each verdict is wrong about 1 time in 20 if runs are independent and not strongly skewed (see statistics).';

/** Printed where ours are held against runs that a source printed rounded. */
export const ROUNDED_ALIKE =
  'Against runs that were printed rounded, ours are rounded alike first: the means in such a verdict are of rounded values.';

/** With so many seeds an outcome that is missed is rarer than 1 in 20. */
const MANY_SEEDS = 59;

const fewSeedsMissRareOutcomes: Rule = {
  id: 'F1',
  truth: 'what so few seeds cannot see',
  check({ judgements }) {
    const counts = judgements.filter(({ verdict }) => isDecided(verdict.kind)).map(({ verdict }) => verdict.numbers.n);
    const n = Math.min(...counts.filter((seeds) => seeds > 0));
    if (n >= MANY_SEEDS) return [];
    const missed = (seeds: number) => percent(1 - 0.05 ** (1 / seeds), 2);
    const text = `${count(n, 'seed')} can miss an outcome that happens in up to ${missed(n)} of runs (1 - 0.05^(1/${n})); ${2 * n} seeds: ${missed(2 * n)}.`;
    return [{ text, claims: [] }];
  },
};

const marginsByDefault: Rule = eachClaim('F2', 'a margin that nobody chose', ({ claim, verdict: { numbers } }) => {
  if (!numbers.marginByDefault || numbers.margin === undefined) return undefined;
  const isUnit = numbers.unit !== undefined && Math.abs(numbers.margin - numbers.unit) <= 1e-9 * numbers.unit;
  const what = isUnit || claim.kind !== 'reference' ? 'one printed unit' : 'one standard deviation of the reference';
  return `Margin by default: ${what} (${plain(Number(numbers.margin.toPrecision(2)))}). Declare your own with a reason.`;
});

const publishedRunMovesMoreThanMargin: Rule = eachClaim(
  'F3',
  'a single published run is itself uncertain',
  ({ claim, verdict: { numbers } }) => {
    const { sd, margin } = numbers;
    if (claim.kind !== 'published' || claim.spread || sd === undefined || margin === undefined || sd <= margin / 2) return undefined;
    const varies = fixed(sd, decimalsOf(around(0, sd)));
    return `One run to the next varies by ${varies}, more than half the margin; the published number is a single run.`;
  },
);

const verdictRestsOnRounding: Rule = eachClaim('F4', 'what rounding decides', ({ claim, verdict }) => {
  const { kindIfExact } = verdict.numbers;
  if (claim.kind !== 'published' || kindIfExact === undefined || kindIfExact === verdict.kind || verdict.reason === 'diverged')
    return undefined;
  return `The verdict rests on rounding: taken as exactly ${claim.published.text} it would be ${kindIfExact}.`;
});

const outliersAreKept: Rule = eachCell('F5', 'a run that stands apart', ({ label, finished }) => {
  const values = finished.map(({ value }) => value);
  if (values.length < 3) return undefined;
  const reach = 3 * 1.4826 * medianAbsoluteDeviation(values);
  const center = median(values);
  const apart = finished.filter(({ value }) => Math.abs(value - center) > Math.max(reach, 1e-12 * Math.abs(center)));
  if (apart.length === 0) return undefined;
  const which = apart.map(({ seed, value }) => `seed ${seed}: ${plain(Number(value.toPrecision(4)))}`).join(', ');
  const [runs, stand] = apart.length === 1 ? ['One', 'stands apart; it is kept'] : [String(apart.length), 'stand apart; they are kept'];
  return `${runs} of ${count(values.length, 'run')} of ${label} (${which}) ${stand}.`;
});

const cellsHaveEqualSeeds: Rule = {
  id: 'F6',
  truth: 'cells that rest on different numbers of seeds',
  check({ names, cell }) {
    const counts = names.map((name) => seriesOf(cell(name)).finished.length).filter((n) => n > 0);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    return counts.length > 0 && least < most ? [{ text: `Cells have different numbers of seeds (${least} to ${most}).`, claims: [] }] : [];
  },
};

const timesAreDependent: Rule = eachClaim('F7', 'times of one machine', ({ claim, verdict }, { cell }) => {
  const isTime = cellsOf(claim).some((name) => cell(name).isSpeed);
  return isTime && isDecided(verdict.kind) ? 'Times share one machine and are not independent; the interval may be too narrow.' : undefined;
});

const looksAreDeclared: Rule = eachClaim('F8', 'more looks than were declared', ({ claim, verdict: { numbers } }, { looks }) => {
  const { declared, number } = looks(claim);
  if (number <= declared || numbers.alpha === undefined) return undefined;
  const oneIn = (chance: number) => `1 in ${Math.round(1 / chance)}`;
  const wrong = `a wrong verdict is up to ${oneIn(number * numbers.alpha)} instead of ${oneIn(1 - claim.confidence)}`;
  return `${ORDINALS[number] ?? `${number}th`} look at this cell, ${NUMERALS[declared] ?? declared} ${declared === 1 ? 'was' : 'were'} declared; ${wrong}.`;
});

const smallDifferencesAreSeen: Rule = eachClaim('F9', 'a difference smaller than the margin', ({ claim, verdict: { kind, numbers } }) => {
  const p = numbers.pNoDifference;
  if (kind !== 'reproduced' || p === undefined || p > 1 - claim.confidence) return undefined;
  return `A difference is detectable (p = ${probability(p)}) but smaller than the margin.`;
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
  const why = differences.length === 0 ? '' : ` (${differences.join('; ')})`;
  return `Runs of different code: ${leftOut} of ${leftOut + judgedSeeds({ finished, diverged })} left out${why}.`;
});

const divergedAreCounted: Rule = eachCell('F12', 'seeds that diverged', ({ label, diverged, finished }) => {
  if (diverged.length === 0) return undefined;
  const n = judgedSeeds({ diverged, finished });
  return `${diverged.length} of ${count(n, 'seed')} of ${label} diverged (${diverged.length === 1 ? 'seed' : 'seeds'} ${diverged.join(', ')}).`;
});

const bestIsNotMean: Rule = eachClaim('F13', 'a best epoch beside a published last', ({ claim }, { columns }) => {
  if (claim.kind !== 'published' && claim.kind !== 'reference') return undefined;
  const column = claim.cell[1];
  if (columns[column]?.at !== 'best') return undefined;
  return `Column ${column} holds the best epoch of each run, which flatters it unless the source reports the best too.`;
});

const testIsNotSelectedOn: Rule = {
  id: 'F14',
  truth: 'choices made on test data',
  check({ columns, rows = {} }) {
    const ofColumns = Object.entries(columns).flatMap(([name, { metric, at }]) =>
      at === 'best' && isTest(metric) ? [`The epoch in column ${name} was chosen on the test data that it reports (${metric}).`] : [],
    );
    const ofRows = Object.entries(rows).flatMap(([name, { selectedBy }]) =>
      selectedBy !== undefined && isTest(selectedBy) ? [`Row ${name} chose its epoch on test data (${selectedBy}).`] : [],
    );
    return [...ofColumns, ...ofRows].map((text) => ({ text, claims: [] }));
  },
};

const testIsUnseen: Rule = {
  id: 'F15',
  truth: 'test examples that training has seen',
  check({ names, columns, rows = {} }) {
    const isTested = (row: string) => names.some(([of, column]) => of === row && isTest(columns[column]?.metric ?? ''));
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
  const { earlier } = series;
  if (earlier.length === 0) return undefined;
  const groups = Array.from(new Set(earlier.map(({ difference }) => difference)), (difference) => {
    const seeds = earlier.filter((each) => each.difference === difference).map(({ seed }) => seed);
    const which =
      seeds.length === judgedSeeds(series) ? 'all of its seeds' : `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
    return `${which} with ${difference}`;
  });
  const what = isSpeed ? 'Speeds of an earlier engine' : 'Runs of an earlier engine, the same arithmetic rounded otherwise';
  return `${what}: ${groups.join('; ')}.`;
});

export const rules: readonly Rule[] = [
  fewSeedsMissRareOutcomes,
  marginsByDefault,
  publishedRunMovesMoreThanMargin,
  verdictRestsOnRounding,
  outliersAreKept,
  cellsHaveEqualSeeds,
  timesAreDependent,
  looksAreDeclared,
  smallDifferencesAreSeen,
  familiesAreCorrected,
  codeIsOne,
  divergedAreCounted,
  bestIsNotMean,
  testIsNotSelectedOn,
  testIsUnseen,
  deviceBoundNumbersStayThere,
  engineIsTodays,
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

const concerns = (claim: Claim, [row, column]: readonly [string, string]): boolean =>
  cellsOf(claim).some(([ofRow, ofColumn]) => ofRow === row && ofColumn === column);

const isDecided = (kind: string): boolean => kind === 'reproduced' || kind === 'differs' || kind === 'inconclusive';
const isTest = (metric: string): boolean => metric.startsWith('test');

const ORDINALS: readonly (string | undefined)[] = [undefined, 'First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth'];
const NUMERALS: readonly (string | undefined)[] = [undefined, 'one', 'two', 'three', 'four', 'five', 'six'];
