import type { Problem } from '../../diagnostics/diagnostic.js';
import { nearest } from '../../diagnostics/words.js';
import type { TableConfig, WrittenClaim } from './document.js';
import { FORM_NAMES, FORMS, formsOf, isKnown, namedCells, ownersOf } from './forms.js';
import * as messages from './messages.js';
import { type Printed, readPublished, suggestNumber } from './published.js';

type Path = Problem['path'];

/** A table as written; `textAt` is what stands in the file at a path, because `1.0` as a number is no longer `1.0`. */
interface WrittenTable {
  readonly config: TableConfig;
  readonly textAt?: (path: Path) => string | undefined;
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

/** More than anybody trains; each run is planned before the first one starts. */
const MOST_RUNS = 100_000;

const runsCanBeCounted: Rule = {
  truth: 'rows times seeds are no more runs than a person means',
  check({ config }) {
    const { seeds } = config;
    const runs = Object.keys(config.rows).length * (typeof seeds === 'number' ? seeds : seeds.length);
    return runs > MOST_RUNS ? [{ ...messages.tooManyWorks(runs, MOST_RUNS), path: ['seeds'], at: 'key' }] : [];
  },
};

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

const signsAreOfPairs = ofClaims('signs are of pairs', ({ test, paired }, path) =>
  test === 'sign' && paired === undefined
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
  const form = claim.lower ? 'lower' : 'higher';
  if (claim[form] === undefined || claim.than === undefined || namedCells(claim).some(({ cell }) => isKnown(config, cell))) return [];
  const [key, ...others] = (['of', 'share'] as const).filter((each) => claim[each] !== undefined);
  return key === undefined ? [] : [{ ...messages.shareOfOrder([key, ...others], form), path: [...path, key], at: 'key' }];
});

/** What a claim says of runs, which a known number has none of. */
const OF_RUNS = ['reference', 'equivalent', 'probability', 'paired', 'test'] as const;
const OF_ALL_RUNS = ['of', 'share', 'confidence', 'spread', 'reading', 'device_bound', 'diverged', 'deterministic'] as const;

const knownNumbersHaveNoRuns = ofClaims('of a known number only what one number can be is claimed', (claim, path, { config }) => {
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
  namedCells(claim).flatMap(({ path: inside, cell }): readonly Problem[] => {
    const at = [...path, ...inside];
    const [row = '', column = ''] = cell;
    if (cell.length !== 2) return [{ ...messages.noCell(cell.length), path: at }];
    const [rows, columns] = [Object.keys(config.rows), Object.keys(config.columns)];
    const isRow = rows.includes(row);
    const isColumn = columns.includes(column);
    if (!isRow && !isColumn && columns.includes(row) && rows.includes(column)) return [{ ...messages.cellSwapped(row, column), path: at }];
    return [
      ...(isRow ? [] : [{ ...messages.unknownRow(row, nearest(row, rows), rows), path: [...at, 0] }]),
      ...(isColumn ? [] : [{ ...messages.unknownColumn(column, nearest(column, columns), columns), path: [...at, 1] }]),
    ];
  }),
);

const cellsDiffer = ofClaims('two cells are compared, not one with itself', (claim, path) => {
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
    return [{ ...messages.noNumber(text, suggestNumber(text)), path: [...path, key] }];
  }),
);

const plusMinusIsExplained = ofClaims('what stands behind ± is said', ({ cell, published, spread }, path, { config }) => {
  const printed: Printed | undefined = typeof published === 'string' ? readPublished(published) : undefined;
  if (!printed || isKnown(config, cell)) return [];
  if (spread && printed.plusMinus === undefined) return [{ ...messages.spreadWithoutPlusMinus(printed.text), path: [...path, 'spread'] }];
  if (!spread && printed.plusMinus !== undefined)
    return [{ ...messages.plusMinusWithoutMeaning(), path: [...path, 'published'], severity: 'warning' }];
  return [];
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
  runsCanBeCounted,
  claimHasOneForm,
  keysBelongToForm,
  signsAreOfPairs,
  probabilityHasNoTest,
  shareIsOfRuns,
  sharesOfOrdersAreOfKnown,
  knownNumbersHaveNoRuns,
  cellsExist,
  cellsDiffer,
  publishedIsQuoted,
  printedTextIsNumber,
  plusMinusIsExplained,
  referenceHasPointer,
  marginHasReason,
  ratioMarginIsBelowBound,
];

function ofClaims(truth: string, check: (claim: WrittenClaim, path: Path, table: WrittenTable) => readonly Problem[]): Rule {
  return { truth, check: (table) => table.config.claims.flatMap((claim, index) => check(claim, ['claims', index], table)) };
}
