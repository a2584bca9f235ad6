import type { Problem } from '../../diagnostics/diagnostic.js';
import { nearest, quote } from '../../diagnostics/words.js';
import type { TableConfig, WrittenClaim } from './document.js';
import { FORM_NAMES, FORMS, formsOf, isAcross, isKnown, isRows, namedCells, ownersOf } from './forms.js';
import * as messages from './messages.js';
import { fewestPairs } from '../verdicts/rank.js';
import { fewestDataSets } from '../verdicts/ranks.js';
import { levelOf } from './interim-looks.js';
import { OF_A_SPLIT, seedsOf, splitsOf, stagesOf } from '../replicates.js';
import { countsRuns, kindOver, takesWhat } from './over-seeds.js';
import { isCounted, type Printed, readPublished, suggestNumber } from './published.js';
import { FEWEST } from '../verdicts/preconditions.js';

type Path = Problem['path'];

/** A table as written; `textAt` is what stands in the file at a path, because `1.0` as a number is no longer `1.0`. */
interface WrittenTable {
  readonly config: TableConfig;
  readonly textAt?: (path: Path) => string | undefined;
  /** Whether a key stands in the document, and not its default. */
  readonly isWritten?: (path: Path) => boolean;
}

/** A truth between the fields of a table. */
interface Rule {
  readonly truth: string;
  readonly check: (table: WrittenTable) => readonly Problem[];
}

export const brokenRules = (table: WrittenTable): readonly Problem[] => rules.flatMap(({ check }) => check(table));

const tableHasCells: Rule = {
  truth: 'there is a row and a column at least',
  check: ({ config }) =>
    (['columns', 'rows'] as const).flatMap((what) =>
      Object.keys(config[what]).length === 0 ? [{ ...messages.empty(what), path: [what], at: 'key' as const }] : [],
    ),
};

const rowHasOneSource: Rule = {
  truth: 'a row has an experiment, or a sweep that selects one',
  check: ({ config }) =>
    Object.entries(config.rows).flatMap(([row, { base, sweep, baseline }]): readonly Problem[] => {
      const path = ['rows', row];
      if (base === undefined && sweep === undefined) return [{ ...messages.rowWithoutBase(row), path, at: 'key' }];
      if (base !== undefined && sweep !== undefined) return [{ ...messages.baseAndSweep(), path: [...path, 'sweep'], at: 'key' }];
      return sweep !== undefined && baseline !== undefined
        ? [{ ...messages.baselineOfSweep(baseline), path: [...path, 'baseline'], at: 'key' }]
        : [];
    }),
};

/** More than anybody trains; each run is planned before the first one starts. */
const MOST_RUNS = 100_000;

const runsCanBeCounted: Rule = {
  truth: 'rows times seeds times splits are no more runs than a person means',
  check({ config }) {
    const runs = Object.keys(config.rows).length * seedsOf(config).length * (splitsOf(config)?.length ?? 1);
    return runs > MOST_RUNS ? [{ ...messages.tooManyWorks(runs, MOST_RUNS), path: ['seeds'], at: 'key' }] : [];
  },
};

/** Each is a look, and a plan of more of them is no plan. */
const MOST_STAGES = 10;

const stagesGrow: Rule = {
  truth: 'each stage adds seeds to what the one before had, and the first has enough for a verdict',
  check({ config }) {
    const { stages = [], until } = stagesOf(config) ?? {};
    const at = (index: number): Path => ['seeds', 'stages', index];
    const [first = FEWEST] = stages;
    const back = stages.findIndex((count, index) => count <= (stages[index - 1] ?? 0));
    if (back > 0) return [{ ...messages.stagesShrink(stages, back), path: at(back) }];
    if (first < FEWEST) return [{ ...messages.stageTooSmall(first, FEWEST), path: at(0) }];
    if (stages.length > MOST_STAGES)
      return [{ ...messages.tooManyStages(stages.length, MOST_STAGES), path: ['seeds', 'stages'], at: 'key' }];
    if (until === undefined || stages.includes(until)) return [];
    return [{ ...messages.noStage(until, stages), path: ['seeds', 'until'] }];
  },
};

const stagesAreTheLooks: Rule = {
  truth: 'where seeds come in stages, the stages are the looks',
  check({ config, isWritten }) {
    const stages = stagesOf(config);
    return stages && isWritten?.(['looks']) ? [{ ...messages.looksBesideStages(stages.stages.length), path: ['looks'], at: 'key' }] : [];
  },
};

const splitsAreTheOnlyParts: Rule = {
  truth: 'splits stand beside no folds and no stages, and have room for their seeds',
  check({ config }) {
    if (config.splits === undefined) return [];
    const path = ['splits'];
    if (config.folds !== undefined) return [{ ...messages.splitsBeside('folds'), path, at: 'key' }];
    if (stagesOf(config)) return [{ ...messages.splitsBeside('stages'), path, at: 'key' }];
    const most = Math.max(...seedsOf(config));
    return most < OF_A_SPLIT ? [] : [{ ...messages.seedBeyondSplit(most, OF_A_SPLIT - 1), path: ['seeds'], at: 'key' }];
  },
};

const splitsTakeMeans: Rule = {
  truth: 'the value of a split is a mean over seeds, and so is what its column takes',
  check: ({ config }) =>
    config.splits === undefined
      ? []
      : Object.entries(config.columns).flatMap(([column, { over_seeds: over }]) =>
          over === undefined || over === 'mean'
            ? []
            : [
                {
                  ...messages.notOfSplits(`the column ${quote(column)} ${takesWhat(over)}`, 'leave "over_seeds" out, or "splits"'),
                  path: ['columns', column, 'over_seeds'],
                  at: 'key' as const,
                },
              ],
        ),
};

/** Keys of a claim that are about single runs, or give another meaning to their word. */
const ABOUT_RUNS: readonly Misfit[] = [
  ['reference', 'a reference is of single runs', 'claim its mean with its spread: published, and spread: {standard_deviation: {runs: N}}'],
  ['of', '"of: runs" is about single runs', 'leave out "of" and "share", or "splits"'],
  ['probability', 'a probability is about single runs', 'leave it out: then the order of the means is claimed'],
  ['reading', '"reading" is about single runs', 'leave it out, or "splits"'],
];

const claimsOfSplitsAreOfMeans = ofClaims('a claim over splits is about means', (claim, path, { config }) => {
  const found = config.splits === undefined ? undefined : ABOUT_RUNS.find(([key]) => claim[key] !== undefined && claim[key] !== 'mean');
  if (!found) return [];
  const [key, what, help] = found;
  return [{ ...messages.notOfSplits(what, help), path: [...path, key], at: 'key' }];
});

const claimHasOneForm = ofClaims('a claim has exactly one form, and what that form needs', (claim, path) => {
  const [form, ...others] = formsOf(claim);
  if (!form) return [{ ...messages.noForm(FORM_NAMES), path }];
  if (others[0]) return [{ ...messages.severalForms([form, ...others]), path: [...path, others[0]], at: 'key' }];
  const { needs, example } = FORMS[form];
  const missing = needs.filter((key) => claim[key] === undefined);
  const problems = missing.map((key): Problem => ({ ...messages.formNeeds(form, key, example), path: [...path, form], at: 'key' }));
  const isRatio = form === 'ratio' && claim.ratio?.at_least === undefined && claim.ratio?.at_most === undefined;
  return isRatio ? [...problems, { ...messages.formNeeds(form, 'at_least', example), path: [...path, form], at: 'key' }] : problems;
});

const keysBelongToForm = ofClaims('every key of a claim means something for its form', (claim, path) => {
  const [form, another] = formsOf(claim);
  if (!form || another) return [];
  return Object.keys(claim).flatMap((key): readonly Problem[] => {
    const owners = ownersOf(key);
    if (owners.length === 0 || owners.includes(form)) return [];
    return [{ ...messages.notOfThisForm(key, form, owners), path: [...path, key], at: 'key' }];
  });
});

const signsAreOfPairs = ofClaims('signs are of pairs', ({ test, paired, ...claim }, path) =>
  test === 'sign' && paired === undefined && !isAcross(claim)
    ? [
        {
          ...messages.formNeeds('test: sign', 'paired', 'lower: […], than: […], paired: seed, test: sign'),
          path: [...path, 'test'],
          at: 'key',
        },
      ]
    : [],
);

const probabilityHasNoTest = ofClaims('a probability has an interval, and no test of an order', ({ test, probability }, path) =>
  test !== undefined && probability !== undefined ? [{ ...messages.testOfProbability(test), path: [...path, 'test'], at: 'key' }] : [],
);

const shareIsOfRuns = ofClaims('a share is of runs, and runs have a share', ({ of, share }, path) => {
  if (share !== undefined && of !== 'runs')
    return [{ ...messages.formNeeds('share', 'of', 'at_most: 1.25, of: runs, share: 0.8'), path: [...path, 'share'], at: 'key' }];
  if (of === 'runs' && share === undefined)
    return [{ ...messages.formNeeds('of: runs', 'share', 'at_most: 1.25, of: runs, share: 0.8'), path: [...path, 'of'], at: 'key' }];
  return [];
});

const sharesOfOrdersAreOfKnown = ofClaims('an order of two cells of runs has no share of runs', (claim, path, { config }) => {
  if (isAcross(claim)) return [];
  const form = claim.lower ? 'lower' : 'higher';
  if (claim[form] === undefined || claim.than === undefined || namedCells(claim).some(({ cell }) => isKnown(config, cell))) return [];
  const [key, ...others] = (['of', 'share'] as const).filter((each) => claim[each] !== undefined);
  return key === undefined ? [] : [{ ...messages.shareOfOrder([key, ...others], form), path: [...path, key], at: 'key' }];
});

/** What a claim says of runs, which a known number has none of. */
const OF_RUNS = ['reference', 'equivalent', 'probability', 'paired', 'test'] as const;
const OF_ALL_RUNS = ['of', 'share', 'confidence', 'spread', 'reading', 'device_bound', 'diverged', 'deterministic'] as const;

const knownNumbersHaveNoRuns = ofClaims('of a known number only what one number can be is claimed', (claim, path, { config }) => {
  if (isAcross(claim)) return [];
  const cells = namedCells(claim).map(({ cell }) => cell);
  const [known] = cells.filter((cell) => isKnown(config, cell));
  if (!known) return [];
  const areAllKnown = cells.every((cell) => isKnown(config, cell));
  const misfits: readonly (keyof WrittenClaim)[] = areAllKnown ? [...OF_RUNS, ...OF_ALL_RUNS] : OF_RUNS;
  const [key, ...others] = misfits.filter((each) => claim[each] !== undefined);
  if (key !== undefined) return [{ ...messages.noRunsOfKnown([key, ...others], known[0] ?? ''), path: [...path, key], at: 'key' }];
  const printed = typeof claim.published === 'string' ? readPublished(claim.published) : undefined;
  return printed?.plusMinus === undefined
    ? []
    : [{ ...messages.spreadOfKnown(printed.text, known[0] ?? ''), path: [...path, 'published'] }];
});

const cellsExist = ofClaims('every cell that is named exists', (claim, path, { config }) =>
  namedCells(claim).flatMap(({ path: inside, cell, rowPath, columnPath }): readonly Problem[] => {
    const at = [...path, ...inside];
    const [row = '', column = ''] = cell;
    if (cell.length !== 2) return [{ ...messages.noCell(cell.length), path: at }];
    const [rows, columns] = [Object.keys(config.rows), Object.keys(config.columns)];
    const isRow = rows.includes(row);
    const isColumn = columns.includes(column);
    if (!isRow && !isColumn && columns.includes(row) && rows.includes(column)) return [{ ...messages.cellSwapped(row, column), path: at }];
    return [
      ...(isRow ? [] : [{ ...messages.unknownRow(row, nearest(row, rows), rows), path: [...path, ...rowPath] }]),
      ...(isColumn || !columnPath
        ? []
        : [{ ...messages.unknownColumn(column, nearest(column, columns), columns), path: [...path, ...columnPath] }]),
    ];
  }),
);

/** What is about pairs of seeds, or of one cell, means nothing over several data sets. */
const NOT_ACROSS = ['paired', 'probability', 'of', 'share', 'deterministic'] as const;

const rowsArePaired = ofClaims('rows of two methods are as many, and none is compared with itself', (claim, path, { config }) => {
  const form = claim.lower === undefined ? 'higher' : 'lower';
  const { [form]: claimed, than } = claim;
  if (claimed === undefined || than === undefined || !isAcross(claim)) return [];
  if (!isRows(claimed) || !isRows(than)) {
    const key = isRows(claimed) ? 'than' : form;
    return [{ ...messages.oneSideOfRows(), path: [...path, key] }];
  }
  const [key] = NOT_ACROSS.filter((each) => claim[each] !== undefined);
  if (key !== undefined) return [{ ...messages.notAcross(key), path: [...path, key], at: 'key' }];
  const [n, m] = [claimed.rows.length, than.rows.length];
  if (n !== m) return [{ ...messages.unequalRows(n, m), path: [...path, 'than', 'rows'] }];
  const alike = claimed.rows.findIndex((row, index) => row === than.rows[index] && claimed.column === than.column);
  if (alike !== -1) return [{ ...messages.sameCell(), path: [...path, 'than', 'rows', alike] }];
  const needed = fewestPairs(alphaOfOrder(config, claim));
  return n < needed ? [{ ...messages.tooFewRows(n, needed), path: [...path, form, 'rows'], severity: 'warning' }] : [];
});

/** Two methods are compared by pairs. */
const FEWEST_METHODS = 3;

const methodsHaveEqualRows = ofClaims('several methods have as many rows each, and none of them is in two', (claim, path, { config }) => {
  if (!claim.ranks) return [];
  const { methods, best } = claim.ranks;
  const at: Path = [...path, 'ranks', 'methods'];
  const [names, all] = [Object.keys(methods), Object.values(methods)];
  if (names.length < FEWEST_METHODS) return [{ ...messages.tooFewMethods(names.length), path: at, at: 'key' }];
  const [n = 0] = all.map((rows) => rows.length);
  const other = all.findIndex((rows) => rows.length !== n);
  if (other !== -1)
    return [
      { ...messages.unequalMethods(names[0] ?? '', n, names[other] ?? '', all[other]?.length ?? 0), path: [...at, names[other] ?? ''] },
    ];
  const rows = all.flat();
  const again = rows.findIndex((row, index) => rows.indexOf(row) < index);
  if (again !== -1)
    return [{ ...messages.rowOfTwoMethods(rows[again] ?? ''), path: [...at, names[Math.floor(again / n)] ?? '', again % n] }];
  if (best !== undefined && !names.includes(best))
    return [{ ...messages.unknownMethod(best, nearest(best, names), names), path: [...path, 'ranks', 'best'] }];
  if (claim.deterministic !== undefined) return [{ ...messages.notAcross('deterministic'), path: [...path, 'deterministic'], at: 'key' }];
  const needed = fewestDataSets(names.length, alphaOfOrder(config, claim), best === undefined ? 'different' : 'best');
  return n < needed ? [{ ...messages.tooFewToRank(names.length, n, needed, best), path: at, at: 'key', severity: 'warning' }] : [];
});

/** At the first look. */
const alphaOfOrder = (config: TableConfig, { confidence = 0.95 }: WrittenClaim): number =>
  levelOf('rank', { declared: config.looks, number: 1, ...stagesOf(config) }, confidence).alpha;

const cellsDiffer = ofClaims('two cells are compared, not one with itself', (claim, path) => {
  if (isAcross(claim)) return [];
  const [first, second] = namedCells(claim);
  return first && second && first.cell.join('\n') === second.cell.join('\n')
    ? [{ ...messages.sameCell(), path: [...path, ...second.path] }]
    : [];
});

const publishedIsQuoted = ofClaims('a published value is text', ({ published }, path, { textAt }) => {
  if (typeof published !== 'number') return [];
  const at = [...path, 'published'];
  return [{ ...messages.notQuoted('published', textAt?.(at) ?? String(published)), path: at }];
});

const printedTextIsNumber = ofClaims('text is a number as a source prints it', (claim, path) =>
  (['published', 'at_most', 'at_least'] as const).flatMap((key): readonly Problem[] => {
    const text = claim[key];
    if (typeof text !== 'string' || readPublished(text)) return [];
    const words = isCounted(text) ? messages.countTooLarge(text) : messages.noNumber(text, suggestNumber(text));
    return [{ ...words, path: [...path, key] }];
  }),
);

const plusMinusIsExplained = ofClaims('what stands behind ± is said', ({ cell, published, spread }, path, { config }) => {
  const printed: Printed | undefined = typeof published === 'string' ? readPublished(published) : undefined;
  const takesMean = !MISFITS[kindOver(config.columns[cell?.[1] ?? '']?.over_seeds)].includes(SPREAD);
  if (!printed || isKnown(config, cell) || !takesMean) return [];
  if (spread && printed.plusMinus === undefined) return [{ ...messages.spreadWithoutPlusMinus(printed.text), path: [...path, 'spread'] }];
  if (!spread && printed.plusMinus !== undefined)
    return [{ ...messages.plusMinusWithoutMeaning(), path: [...path, 'published'], severity: 'warning' }];
  return [];
});

const columnsTakeSomething: Rule = {
  truth: 'what a column takes over the seeds is said in full',
  check({ config }) {
    const count = seedsOf(config).length;
    return Object.entries(config.columns).flatMap(([name, { over_seeds: overSeeds }]): readonly Problem[] => {
      const path = ['columns', name, 'over_seeds'];
      if (typeof overSeeds !== 'object') return [];
      if (overSeeds.kind === 'best_of')
        return overSeeds.k > count ? [{ ...messages.noBlock(overSeeds.k, count), path: [...path, 'k'] }] : [];
      const limits = [overSeeds.at_least, overSeeds.at_most].filter((limit) => limit !== undefined).length;
      return limits === 1 ? [] : [{ ...messages.shareNeedsLimit(limits === 2), path }];
    });
  },
};

const PLAIN_COLUMN = 'claim it of another column with the same metric and without "over_seeds"';
const WITHIN_LIMITS = 'claim it with "at_most" or "at_least", or of another column with the same metric and without "over_seeds"';

/** What is about means, or single runs, and what is written in its place. Keys of a claim, first what it is about. */
type Misfit = readonly [key: keyof WrittenClaim, what: string, help: string];
const RATIO: Misfit = ['ratio', 'a ratio is one of geometric means', PLAIN_COLUMN];
const REFERENCE: Misfit = ['reference', 'runs of a reference are compared by their mean', PLAIN_COLUMN];
const SPREAD: Misfit = [
  'spread',
  'a ± belongs to a mean',
  'leave out "spread" and the ±, or claim it of another column without "over_seeds"',
];
const READING: Misfit = ['reading', '"reading" is about single runs', 'leave it out'];
const COUNTED: readonly Misfit[] = [
  RATIO,
  REFERENCE,
  SPREAD,
  READING,
  ['probability', 'a probability is about the values of runs', 'claim "lower" or "higher" without it: then the shares are compared'],
  [
    'test',
    'there are no ranks of runs that are counted',
    'leave it out: an exact test of two shares is taken, with "paired: seed" that of McNemar',
  ],
  [
    'of',
    '"of: runs" with a share is what the column is already',
    'leave out "of" and "share", and claim the share itself: at_least: "80 %"',
  ],
];
const MISFITS: Readonly<Record<ReturnType<typeof kindOver>, readonly Misfit[]>> = {
  mean: [],
  median: [RATIO, REFERENCE, SPREAD, READING, ['equivalent', 'the equality of two cells is one of means', WITHIN_LIMITS]],
  interquartile_mean: [RATIO, REFERENCE, SPREAD, READING],
  best_of: [['of', '"of: runs" is about single runs', PLAIN_COLUMN]],
  failures: [...COUNTED, ['diverged', 'runs that diverged cannot be left out', 'leave out "diverged"']],
  share: COUNTED,
};

const claimsFitColumns = ofClaims('a claim is about what its column takes over the seeds', (claim, path, { config }) => {
  const named = namedCells(claim).flatMap(({ cell: [row = '', column = ''] }) => {
    const found = config.columns[column];
    return found ? [{ row, column, overSeeds: found.over_seeds ?? ('mean' as const) }] : [];
  });
  const [first, ...others] = named;
  if (!first) return [];
  const form = formsOf(claim)[0] ?? 'cell';
  const { column, overSeeds } = first;
  const second = others.find((each) => JSON.stringify(each.overSeeds) !== JSON.stringify(overSeeds));
  if (second) return [{ ...messages.differentOver(column, second.column), path: [...path, form] }];
  const say = ([key, what, help]: Misfit): Problem => ({
    ...messages.notOver(what, column, takesWhat(overSeeds), help),
    path: [...path, key],
    at: 'key',
  });
  const kind = kindOver(overSeeds);
  const areCounted = countsRuns(overSeeds);
  const texts = (['published', 'at_most', 'at_least'] as const).flatMap((key) => {
    const text = claim[key];
    const printed = typeof text === 'string' ? readPublished(text) : undefined;
    return printed ? [{ key, printed }] : [];
  });
  const count = texts.find(({ printed }) => printed.count);
  if (count && !areCounted) return [{ ...messages.countNeedsShare(count.printed.text, column), path: [...path, count.key] }];
  const misfits = MISFITS[kind].filter(([key]) => claim[key] !== undefined);
  const plusMinus = MISFITS[kind].includes(SPREAD) && !claim.spread && texts.some(({ printed }) => printed.plusMinus !== undefined);
  const isKnownRow = areCounted && named.some(({ row }) => config.rows[row]?.baseline !== undefined);
  return [
    ...misfits.slice(0, 1).map(say),
    ...(plusMinus ? [{ ...say(SPREAD), path: [...path, 'published'] }] : []),
    ...(kind === 'interquartile_mean' && claim.equivalent && claim.paired
      ? [say(['paired', 'the difference of two interquartile means is not that of pairs', 'leave out "paired"'])]
      : []),
    ...(areCounted && claim.equivalent && claim.paired
      ? [say(['paired', 'the equality of two shares is not judged by pairs', 'leave out "paired"'])]
      : []),
    ...(areCounted && claim.paired && claim.by !== undefined
      ? [say(['by', 'pairs tell which share is higher, and not by how much', 'leave out "by", or "paired"'])]
      : []),
    ...(isKnownRow ? [say([form, 'a number that is known without training has no runs', PLAIN_COLUMN])] : []),
  ];
});

const referenceHasPointer = ofClaims('a reference says which part of a file', ({ reference }, path) =>
  reference === undefined || /.#(\/.*)?$/.test(reference) ? [] : [{ ...messages.noPointer(reference), path: [...path, 'reference'] }],
);

const marginHasReason = ofClaims('a margin has a reason', ({ margin, because, diverged }, path) => {
  if (margin !== undefined && margin !== 0 && because === undefined)
    return [{ ...messages.marginWithoutReason(), path: [...path, 'margin'], severity: 'warning' }];
  if (diverged === 'exclude' && because === undefined) return [{ ...messages.excludeWithoutReason(), path: [...path, 'diverged'] }];
  if (because !== undefined && margin === undefined && diverged === undefined)
    return [{ ...messages.reasonWithoutMargin(), path: [...path, 'because'], severity: 'warning' }];
  return [];
});

const ratioMarginIsBelowBound = ofClaims('the margin of a ratio is below its bound', ({ ratio, margin }, path) => {
  const bound = ratio?.at_least ?? ratio?.at_most;
  if (bound === undefined || margin === undefined || margin < bound) return [];
  return [{ ...messages.ratioMarginTooLarge(margin, bound), path: [...path, 'margin'] }];
});

/** In the order of a document. */
export const rules: readonly Rule[] = [
  tableHasCells,
  rowHasOneSource,
  runsCanBeCounted,
  stagesGrow,
  stagesAreTheLooks,
  splitsAreTheOnlyParts,
  splitsTakeMeans,
  claimHasOneForm,
  keysBelongToForm,
  signsAreOfPairs,
  probabilityHasNoTest,
  shareIsOfRuns,
  sharesOfOrdersAreOfKnown,
  knownNumbersHaveNoRuns,
  cellsExist,
  cellsDiffer,
  rowsArePaired,
  methodsHaveEqualRows,
  publishedIsQuoted,
  printedTextIsNumber,
  plusMinusIsExplained,
  columnsTakeSomething,
  claimsFitColumns,
  claimsOfSplitsAreOfMeans,
  referenceHasPointer,
  marginHasReason,
  ratioMarginIsBelowBound,
];

function ofClaims(truth: string, check: (claim: WrittenClaim, path: Path, table: WrittenTable) => readonly Problem[]): Rule {
  return { truth, check: (table) => table.config.claims.flatMap((claim, index) => check(claim, ['claims', index], table)) };
}
