import { formatCount } from '../../diagnostics/numbers.js';
import { cellsIn, type Table, textOf } from '../../formats/table.js';
import { areNumbers, type DecimalMark, findDecimalMark, missingIn, readNumeral } from '../../stages/dataset/sequences/numbers.js';
import type { OrderSettings } from '../../stages/dataset/sequences/order.js';
import { isSubjectName } from '../../stages/dataset/subjects.js';
import { few, quoted, shown } from './draft.js';
import { orderingOf } from './order.js';

/** What the columns of a table seem to be. */
export interface Columns {
  readonly sequence: string;
  readonly order: string | undefined;
  /** How the column that orders is read, where the document has to say it. */
  readonly ordering: OrderSettings;
  readonly features: readonly string[];
  readonly target: string;
  readonly per: 'sequence' | 'step';
  /** What the target can be, the likelier first. */
  readonly tasks: readonly ('classification' | 'regression')[];
  /** Says of every sequence whether it trains, validates or tests. */
  readonly split: string | undefined;
  readonly sequences: number;
  readonly steps: number;
  readonly longest: number;
  readonly unused: readonly Unused[];
}

/** A column that is left out, and why: `is empty`. */
export interface Unused {
  readonly name: string;
  readonly why: string;
}

/** Why a table can't become an experiment: `f.csv` and this make a sentence. */
interface Impossible {
  readonly why: string;
  readonly help?: string | undefined;
}

const SEQUENCE = /^(sequence|seq|series|id|session|subject|patient|user|unit|episode|trial|case|group)$|[_ .-]id$/i;
const CAMEL_ID = /[a-z](Id|ID)$/;
/** Names of columns that say when, or in which order. */
export const ORDER =
  /^(order|step|time|t|date|datetime|timestamp|ts|frame|index|tick|year|month|week|day|hour|minute|second|time_?step|position)$|[_ .-](date|datetime|timestamp|step|frame)$/i;
/** Names of columns that hold answers. */
export const TARGET = /^(target|label|class|y|output|category|kind|answer)$/i;
/** Beside z, or beside words that could be answers, it is a place in space. */
const COORDINATE = /^y$/i;
/** Whole numbers with so few values are rather names than measures. */
const MOST_CLASSES = 20;
const SPLITS = ['train', 'validation', 'test'];
const PARTS = new Set([...SPLITS, 'training', 'valid', 'val', 'dev', 'testing', 'eval', 'evaluation']);

/** Steps: the program of a recurrent model is unrolled over all of them, and the time to make it grows with the square. */
const LONGEST = 2000;
/** Of an answer: squares are added up in 32 bits, which end at 3e38. */
const LARGEST = 1e15;

const HELP_TARGET = 'call the column of answers "target"';
const HELP_FEATURES = 'features are columns of numbers; "retable init" takes all that are neither order nor target';

/**
 * Reads roles off the names and the values of columns, or says why that can't be done. `own`: the column that names sequences where the file
 * itself says what a sequence is.
 */
export function readColumns(table: Table, own: string | undefined): Columns | Impossible {
  if (table.length === 0) {
    return {
      why: `does not say which sequence a row belongs to: it ${table.columns.length === 0 ? 'is empty' : 'names columns and has no rows'}`,
    };
  }
  const { mark, unclear } = decimalMarkOf(table);
  const all = table.columns.map((name, index) => profile(table, name, index, mark));
  const columns = all.filter(({ name }) => name !== '' && name !== own);

  const sequence = own === undefined ? findSequence(columns) : all.find(({ name }) => name === own);
  if (!sequence) return missingSequence(columns);
  const groups = groupsOf(sequence.cells);
  const [sequences, longest] = [groups.length, groups.reduce((most, { length }) => Math.max(most, length), 0)];
  if (sequences < 2)
    return { why: 'holds one sequence, and there must be others to see what a model has learnt', help: 'give it more sequences' };
  if (longest < 2) {
    return {
      why: `has one step a sequence${own === undefined ? `: ${shown(sequence.name)} is another one in every row` : ''}`,
      help: 'a row is one step of a sequence; a whole sequence a line is written as JSON Lines: {"x": [1, 2, 3], "label": "a"}',
    };
  }
  if (longest > LONGEST) {
    return {
      why: `has sequences of up to ${formatCount(longest)} steps, and making a program takes minutes from ${formatCount(LONGEST)} on`,
      help: `cut them into shorter ones, each with a name of its own in ${shown(sequence.name)}`,
    };
  }

  const unused: Unused[] = all.filter(({ name }) => name === '').map(({ name }) => ({ name, why: 'has no name' }));
  const leaveOut = ({ name }: Column, why: string): void => void unused.push({ name, why });
  let others = columns.filter((column) => column !== sequence);
  const take = (chosen: Column | undefined): void => void (others = others.filter((column) => column !== chosen));

  const orders = (own === undefined ? others : [])
    .filter(({ name }) => ORDER.test(name))
    .map((column) => ({ column, ...orderingOf(table, column.index, groups, mark) }));
  const order = orders.find((one) => one.kind === 'orders');
  const unreadable = order ? undefined : orders.find((one) => one.kind === 'unreadable');
  if (unreadable?.kind === 'unreadable') {
    const { column, problem } = unreadable;
    return { why: `can't be put in order by ${shown(column.name)}: ${problem.message}`, help: HELP_ORDER };
  }
  take(order?.column);

  const part = others.find(isPart);
  const split = part && namesSplits(part, groups) ? part : undefined;
  if (part && !split) leaveOut(part, 'names splits, and a sequence has to be in one of them with all its steps');
  take(part);

  const target = findTarget(others, groups);
  if (!target) return { why: 'does not say what the model should answer', help: HELP_TARGET };
  take(target);

  const features: Column[] = [];
  for (const column of others) {
    const why = unclear.get(column.index) ?? whyNoFeature(column, table);
    if (why === undefined) features.push(column);
    else leaveOut(column, why);
  }
  if (features.length === 0) return { why: `does not say what the model should read: ${noFeature(unused)}`, help: HELP_FEATURES };
  const fault = faultOfTarget(target, table);
  if (fault) return fault;
  return {
    ...{ sequence: sequence.name, order: order?.column.name, ordering: order?.kind === 'orders' ? order.settings : {} },
    ...{ features: features.map(({ name }) => name), target: target.name },
    per: groups.every((rows) => isConstant(rows, target.cells)) ? 'sequence' : 'step',
    tasks: tasksOf(target),
    split: split?.name,
    ...{ sequences, longest, steps: table.length, unused },
  };
}

const HELP_ORDER = 'number the steps, or write dates as 2020-01-25 and times as 2020-01-25T07:00';

// ------------------------------------------------------------------------------------------------ columns one by one

export interface Column {
  readonly name: string;
  readonly index: number;
  /** As text, without blanks around it. */
  readonly cells: readonly string[];
  readonly distinct: ReadonlySet<string>;
  /** The first row without a value. */
  readonly missing: number | undefined;
  /** The first row with a value that is no number. */
  readonly word: number | undefined;
  /** Rows with a number, and the numbers; NaN elsewhere. */
  readonly count: number;
  readonly numbers: Float64Array;
  readonly isWhole: boolean;
}

const isMissing = missingIn();

/** Every column of a table, its numbers read as the file plainly has them. */
export function profiles(table: Table): readonly Column[] {
  const { mark } = decimalMarkOf(table);
  return table.columns.map((name, index) => profile(table, name, index, mark));
}

/** How the numbers of the file are read, and the columns that may be read in two ways. */
function decimalMarkOf(table: Table): { readonly mark: DecimalMark; readonly unclear: ReadonlyMap<number, string> } {
  const unclear = new Map<number, string>();
  const numeric = table.columns.flatMap((_, column) => {
    if (!areNumbers(cellsIn(table, column), isMissing)) return [];
    const { mark } = findDecimalMark(table, [column], undefined, isMissing, ({ message }) => {
      if (!unclear.has(column)) unclear.set(column, `has numbers with two readings: ${message}`);
    });
    return mark !== undefined && !unclear.has(column) ? [column] : [];
  });
  const { mark } = findDecimalMark(table, numeric, undefined, isMissing, () => {});
  return { mark: mark ?? 'point', unclear };
}

function profile(table: Table, name: string, index: number, mark: DecimalMark): Column {
  const cells = cellsIn(table, index).map(textOf);
  const distinct = new Set<string>();
  const numbers = new Float64Array(table.length).fill(Number.NaN);
  let [missing, word, count, isWhole]: [number | undefined, number | undefined, number, boolean] = [undefined, undefined, 0, true];
  for (const [row, text] of cells.entries()) {
    if (isMissing(text)) missing ??= row;
    else {
      distinct.add(text);
      const number = readNumeral(text, mark);
      if (number === undefined) word ??= row;
      else {
        numbers[row] = number;
        count += 1;
        isWhole &&= Number.isInteger(number);
      }
    }
  }
  return { name, index, cells, distinct, missing, word, count, numbers, isWhole };
}

const isNumeric = ({ missing, word }: Column): boolean => missing === undefined && word === undefined;
/** Whether it says by its name which sequence, series or thing a row belongs to. */
export const isName = ({ name }: Column): boolean => SEQUENCE.test(name) || CAMEL_ID.test(name);

/** A column of that meaning whose values come again; else one whose values come in blocks, or that is a key together with what orders. */
function findSequence(columns: readonly Column[]): Column | undefined {
  const several = columns.filter(
    ({ cells, distinct, missing }) => missing === undefined && distinct.size > 1 && distinct.size < cells.length,
  );
  const unnamed = several.filter(
    (column) => !TARGET.test(column.name) && !ORDER.test(column.name) && !isPart(column) && (column.word !== undefined || column.isWhole),
  );
  const orders = columns.filter(({ name, cells, distinct }) => ORDER.test(name) && distinct.size < cells.length);
  const present = columns.filter((column) => isName(column) && column.missing === undefined);
  const named = several.find(isName);
  // A person with several recordings is not one sequence.
  const finer = named && isSubjectName(named.name) ? unnamed.find((column) => partsOf(column, named)) : undefined;
  return (
    finer ??
    named ??
    present.find(({ distinct }) => distinct.size === 1) ??
    unnamed.find(comesInBlocks) ??
    unnamed.find((column) => orders.some((order) => isKey(column, order))) ??
    // A name for every row is none for a sequence, but it says what was meant.
    present[0]
  );
}

/** Each value comes in one block of rows, and the blocks are of one kind of length: what the name of a sequence looks like. */
function comesInBlocks({ cells, distinct }: Column): boolean {
  const starts = cells.flatMap((value, row) => (row === 0 || value !== cells[row - 1] ? [row] : []));
  if (starts.length !== distinct.size || cells.length < 2 * starts.length) return false;
  const lengths = starts.map((row, i) => (starts[i + 1] ?? cells.length) - row);
  const [shortest, longest] = [lengths.reduce((x, y) => Math.min(x, y)), lengths.reduce((x, y) => Math.max(x, y))];
  return longest <= 10 * shortest;
}

/** Cuts what another column names into parts: its names come in blocks, and each stands beside one of the other. */
const partsOf = (column: Column, whole: Column): boolean =>
  column.distinct.size > whole.distinct.size &&
  comesInBlocks(column) &&
  new Set(column.cells.map((cell, row) => JSON.stringify([cell, whole.cells[row]]))).size === column.distinct.size;

const isKey = (column: Column, order: Column): boolean =>
  column.distinct.size * 2 <= column.cells.length &&
  new Set(column.cells.map((cell, row) => JSON.stringify([cell, order.cells[row]]))).size === column.cells.length;

function missingSequence(columns: readonly Column[]): Impossible {
  return {
    why: `does not say which sequence a row belongs to: its columns are ${few(columns.map(({ name }) => quoted(name)))}`,
    help: 'call the column that tells sequences apart "sequence"; a series to forecast has a column of dates or years, evenly apart',
  };
}

/** The rows of each sequence, in the order of the file. */
function groupsOf(cells: readonly string[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const [row, cell] of cells.entries()) {
    const group = groups.get(cell);
    if (group) group.push(row);
    else groups.set(cell, [row]);
  }
  return [...groups.values()];
}

const isConstant = (rows: readonly number[], cells: readonly string[]): boolean => rows.every((row) => cells[row] === cells[rows[0] ?? 0]);

const isPart = ({ distinct, missing }: Column): boolean =>
  missing === undefined && distinct.has('train') && [...distinct].every((word) => PARTS.has(word.toLowerCase()));

const namesSplits = ({ cells, distinct }: Column, groups: readonly (readonly number[])[]): boolean =>
  distinct.size > 1 && [...distinct].every((word) => SPLITS.includes(word)) && groups.every((rows) => isConstant(rows, cells));

/** The column that is called so; else the last one that could be answered. */
function findTarget(columns: readonly Column[], groups: readonly (readonly number[])[]): Column | undefined {
  const named = columns.filter(({ name }) => TARGET.test(name));
  const plain = named.find(({ name }) => !COORDINATE.test(name));
  if (plain) return plain;
  const isPlace = columns.some((column) => /^z$/i.test(column.name) || (column.word !== undefined && isAnswer(column, groups)));
  return (isPlace ? undefined : named[0]) ?? columns.findLast((column) => isAnswer(column, groups));
}

/** A column that could be answered, though its name doesn't say so: a measure, or classes that come again. */
function isAnswer(column: Column, groups: readonly (readonly number[])[]): boolean {
  if (isName(column) || column.missing !== undefined || column.distinct.size < 2) return false;
  if (isNumeric(column)) return !countsRows(column);
  const units = groups.every((rows) => isConstant(rows, column.cells)) ? groups.length : column.cells.length;
  return column.distinct.size * 5 <= units;
}

function faultOfTarget(target: Column, { place }: Table): Impossible | undefined {
  const { name, missing, distinct, cells, numbers } = target;
  if (missing !== undefined) return { why: `has no answer in ${place(missing)}: ${shown(name)} is empty there` };
  if (distinct.size === 1)
    return { why: `has one answer only: ${shown(name)} is ${shown(cells[0] ?? '')} in every row`, help: HELP_TARGET };
  const largest = isNumeric(target) ? numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0) : 0;
  if (largest <= LARGEST) return undefined;
  return {
    why: `has answers as large as ${largest.toPrecision(2)}, the square of which is more than 32 bits hold`,
    help: `write ${shown(name)} in a larger unit`,
  };
}

function tasksOf(target: Column): Columns['tasks'] {
  if (!isNumeric(target)) return ['classification'];
  return target.isWhole && target.distinct.size <= MOST_CLASSES ? ['classification', 'regression'] : ['regression'];
}

/** Why a column is nothing that a model can read; undefined where it is a measure. */
export function whyNoFeature(column: Column, { place }: Pick<Table, 'place'>): string | undefined {
  const { cells, distinct, missing, word, count } = column;
  if (distinct.size === 0) return 'is empty';
  if (isName(column)) return 'is a name, and no measure';
  if (word !== undefined && count < cells.length / 2) return `holds text: ${shown(cells[word] ?? '')}`;
  if (word !== undefined) return `is no number in ${place(word)}: ${shown(cells[word] ?? '')}`;
  if (missing !== undefined) return `has no value in ${place(missing)}; with "missing: forward" in the document it can be a feature`;
  if (distinct.size === 1) return `is ${shown(cells[0] ?? '')} in every row`;
  return countsRows(column) ? 'counts the rows' : undefined;
}

/** A column that a program has added: 0, 1, 2, … or 1, 2, 3, … over the whole file. */
function countsRows({ name, numbers }: Column): boolean {
  const [first = 0] = numbers;
  return COUNT.test(name) && (first === 0 || first === 1) && numbers.every((number, row) => number === first + row);
}

const COUNT = /^(unnamed: \d+|index|#|n|no|nr|number|rownames|row([_ .-]?(no|nr|number|index))?)$/i;

const noFeature = (unused: readonly Unused[]): string =>
  unused.length === 0
    ? 'no column is left'
    : few(
        unused.map(({ name, why }) => `${shown(name)} ${why}`),
        3,
      );
