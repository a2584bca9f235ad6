import type { Problem } from '../../../diagnostics/diagnostic.js';
import { formatCount, formatSetting, plural } from '../../../diagnostics/numbers.js';
import { listed, nearest, quote } from '../../../diagnostics/words.js';
import { MARKS } from '../../../formats/csv.js';
import type { Fact } from '../../stage.js';
import { renamed, shellWord } from '../encoding.js';
import { LETTERS_TOLD } from './dates.js';
import type { Options } from './options.js';

// Everything that is said of a person's own sequences.

/** A cell, for a person: where it stands, the name of its column, what is written there. */
export interface Value {
  readonly place: string;
  readonly column: string;
  readonly text: string;
}

/** What an item of a split is called. */
export const NOUN = 'sequence';

const FILE = ['file'];
const at = ({ place, column }: Value): string => `${place}: ${quote(column)}`;

// The file

export const emptyFile = (): Problem => ({ code: 'empty-file', path: FILE, message: 'the file holds no step of a sequence' });

export const jsonList = (file: string): Problem => ({
  code: 'not-json',
  path: FILE,
  message: `${file} is one JSON list, and a JSON object on each line is read`,
  help: `rewrite it: jq -c '.[]' ${shellWord(file)} > ${shellWord(renamed(file, '-lines'))}`,
});

export const noSteps = (place: string): Problem => ({
  code: 'no-steps',
  path: FILE,
  message: `${place} is a sequence without a step`,
  help: `delete it, or ${DROP}`,
});

/** Of no file that a path names. */
export const noFiles = (file: string | readonly string[], format: string): Problem => ({
  code: 'unreadable-file',
  path: FILE,
  message: `there is no ${format} file in ${[file].flat().map(quote).join(', ')}`,
  help: 'name a file, a folder, or a pattern such as data/*.csv; folders are counted from that of the document',
});

export const nothingTellsSequences = (): Problem => ({
  code: 'missing-option',
  path: [],
  message: 'a row of CSV is a step, and nothing says of which sequence',
  help: 'name the column: sequence: COLUMN',
});

export const fileIsColumn = (): Problem => ({
  code: 'missing-option',
  path: FILE,
  message: 'the files have a column "file" of their own, and nothing says what tells sequences apart',
  help: 'name the column: sequence: COLUMN',
});

export const noColumnsOfPattern = (pattern: string, columns: readonly string[]): Problem => ({
  code: 'missing-column',
  path: ['features'],
  message: `no column is called ${quote(pattern)} with a number in the place of *`,
  help: helpOfColumns(pattern, columns, nearest(pattern, columns)),
});

export const unequalRuns = ([one, steps]: readonly [string, number], [other, others]: readonly [string, number]): Problem => ({
  code: 'unequal-rows',
  path: ['features'],
  message: `${quote(one)} has ${plural(steps, 'column')} and ${quote(other)} has ${formatCount(others)}`,
  help: 'all features of a sequence have a value at each of its steps',
});

export const noPattern = (name: string): Problem => ({
  code: 'missing-option',
  path: ['features'],
  message: `a row is a sequence, and ${quote(name)} is one column of it`,
  help: 'write * in the place of the number of the step: features: [x_*] for x_1, x_2, …',
});

export const patternOfSteps = (name: string): Problem => ({
  code: 'missing-option',
  path: ['features'],
  message: `${quote(name)} names columns side by side, and a row is a step`,
  help: 'where each row is a whole sequence write rows: sequences',
});

const NOT_OF_ROWS = {
  rows: 'rows is of CSV',
  order: 'the steps of a row stand in the order of the numbers in their names',
  target_per: 'a row is a sequence and has one answer',
} as const;

export const notOfRows = (option: keyof typeof NOT_OF_ROWS): Problem => ({
  code: 'option-without-effect',
  path: [option],
  at: 'key',
  message: NOT_OF_ROWS[option],
  help: 'leave it out',
});

export const columnNotInFile = (file: string, column: string, columns: readonly string[]): Problem => ({
  code: 'missing-column',
  path: FILE,
  message: `${file} has no column ${quote(column)}, and other files have it`,
  help: helpOfColumns(column, columns, nearest(column, columns)),
});

export const nameInTwoFiles = (name: string, one: string, other: string): Problem => ({
  code: 'order-twice',
  path: FILE,
  message: `steps of the sequence ${quote(name)} stand in ${one} and in ${other}, and nothing says which come first`,
  help: 'name the column that orders them, order: COLUMN; or give other sequences other names',
});

// Columns

const MOST_LISTED = 12;

export function missingColumn(path: Problem['path'], name: string, columns: readonly string[], meant: string | undefined): Problem {
  const message = `no column is called ${quote(name)}`;
  return { code: 'missing-column', path, message, help: helpOfColumns(name, columns, meant) };
}

function helpOfColumns(name: string, columns: readonly string[], meant: string | undefined): string {
  const [only = ''] = columns;
  if (columns.length === 1 && name.length < only.length) {
    const mark = Object.keys(MARKS).find((separator) => only.includes(separator));
    const help = mark === undefined ? 'values are separated by commas, semicolons, tabs or bars' : `write separator: ${MARKS[mark]}`;
    return `the only column is ${quote(only)}: ${help}`;
  }
  if (meant !== undefined && meant.length + name.length > 2) return `did you mean ${quote(meant)}?`;
  const shown = columns.slice(0, MOST_LISTED).map(quote);
  return `there is ${shown.join(', ')}${columns.length > shown.length ? ', …' : ''}`;
}

// Missing values

const missing = (value: Value): string => (value.text === '' ? `${at(value)} is empty` : `${at(value)} is missing: ${value.text}`);

const DROP = 'write missing: drop to leave such sequences out';
const ROLES = {
  feature: 'write missing: forward to take the last value of the sequence, or missing: drop to leave the sequence out',
  target: `${DROP}; an answer is never made up`,
  order: DROP,
  split: DROP,
  group: DROP,
} as const;

export const missingValue = (value: Value, role: keyof typeof ROLES): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: missing(value),
  help: `${ROLES[role]}${role === 'feature' ? '' : asName(value)}`,
});

export const missingName = (value: Value): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${missing(value)}, and it says to which sequence the step belongs`,
  help: `fill it in, or delete the line${asName(value)}`,
});

/** Some words that stand for nothing are also good names. */
const asName = ({ text }: Value): string =>
  text === '' || /nan|#/i.test(text) ? '' : `; if ${quote(text)} is a name here, write missing_values: []`;

export const nothingLeft = (dropped: number): Problem => ({
  code: 'empty-file',
  path: ['missing'],
  message: `a value is missing in ${dropped === 1 ? 'the only sequence' : `each of the ${formatCount(dropped)} sequences`}, and none is left`,
  help: 'leave out the column that is empty, or write missing: forward',
});

export const nothingBefore = (value: Value): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${missing(value)}, and its sequence has no earlier value to take`,
  help: DROP,
});

export const filledForward = (filled: number): readonly Fact[] =>
  filled === 0
    ? []
    : [
        {
          key: 'missing-forward',
          name: 'missing values',
          value: `${formatCount(filled)} filled in`,
          note: 'Each is the last value before it in its sequence (missing: forward).',
        },
      ];

export function leftOut(dropped: readonly string[], all: number): readonly Fact[] {
  if (dropped.length === 0) return [];
  const shown = dropped.slice(0, 5).join(', ');
  return [
    {
      key: 'missing-dropped',
      name: 'sequences left out',
      value: `${formatCount(dropped.length)} of ${formatCount(all)}`,
      note: `A value is missing in them (missing: drop): ${shown}${dropped.length > 5 ? ', …' : ''}.`,
    },
  ];
}

// Numbers

/** `other`: the number that it would be with the other decimal mark. */
export function notANumber(value: Value, other?: { readonly mark: string; readonly number: number | undefined }): Problem {
  const { text } = value;
  const problem = { code: 'not-a-number', path: FILE };
  if (/^[+-]?inf(inity)?$/i.test(text)) return { ...problem, message: `${at(value)} is infinite` };
  const message = `${at(value)} ${quote(text)} is not a number`;
  if (other?.number !== undefined) return { ...problem, message, help: `decimal: ${other.mark} reads it as ${other.number}` };
  const meant = wholeOf(text.normalize('NFKC').replaceAll('_', ''));
  return { ...problem, message, ...(meant === undefined ? {} : { help: `write ${meant}` }) };
}

/** What `1_000`, `0x1F` and digits of full width are in ordinary digits. */
const wholeOf = (text: string): number | undefined => (/^([+-]?\d+(\.\d+)?|0[xob][\da-f]+)$/i.test(text) ? Number(text) : undefined);

export const mixedDecimals = (comma: Value, point: Value): Problem => ({
  code: 'decimal-mixed',
  path: FILE,
  message: `${at(comma)} ${quote(comma.text)} has a decimal comma, and ${at(point)} ${quote(point.text)} a decimal point`,
  help: 'write all numbers of the file with one of them',
});

export const unclearDecimal = (value: Value, pointed: number | undefined, withComma: number | undefined): Problem => ({
  code: 'decimal-unclear',
  path: FILE,
  message: `${at(value)} ${quote(value.text)} may be ${pointed} or ${withComma}, and no other value of the column says which`,
  help: `write decimal: point for ${pointed}, decimal: comma for ${withComma}`,
});

// The order of steps

export const twoOrders = (): Problem => ({
  code: 'two-orders',
  path: ['order', 'as'],
  at: 'key',
  message: 'written and as both say how steps are ordered',
  help: 'leave one of them out',
});

export const orderTwice = (value: Value, name: string, other: string): Problem => ({
  code: 'order-twice',
  path: FILE,
  message: `${value.place}: sequence ${quote(name)} has two steps at ${quote(value.column)} ${value.text}`,
  help: `the other is ${other}; which of them comes first?`,
});

export function unknownOrder(value: Value, patterns: readonly string[], isNumbered: boolean): Problem {
  const { column, text } = value;
  const write = (rest: string): string => `order: {column: ${yaml(column)}, ${rest}}`;
  const message = `${at(value)} ${quote(text)} is neither a number nor a date of ISO 8601, and orders the steps`;
  const [first, ...others] = patterns;
  if (first !== undefined && others.length > 0) {
    return {
      code: 'unknown-order',
      path: ['order'],
      message: `${message}; it may be written ${listed(patterns)}`,
      help: `say which: ${patterns.map((pattern) => write(`written: ${yaml(pattern)}`)).join(' or ')}`,
    };
  }
  const help =
    first !== undefined
      ? `say how it is written: ${write(`written: ${yaml(first)}`)}`
      : isNumbered
        ? `write ${write('as: natural')} for 2 before 10, or ${write('as: text')}`
        : `write ${write('written: PATTERN')} for dates, such as dd/MM/yyyy, or ${write('as: text')}`;
  return { code: 'unknown-order', path: ['order'], message, help };
}

export const oddStep = (value: Value, kind: 'number' | 'date'): Problem => ({
  code: 'odd-step',
  path: FILE,
  message: `${at(value)} ${quote(value.text)} is not a ${kind}, as what orders the other steps is`,
  help: `correct it; order: {column: ${yaml(value.column)}, as: text} orders by text`,
});

export const mixedMoments = (one: Value, other: Value, what: 'zone' | 'date'): Problem => ({
  code: 'order-mixed',
  path: FILE,
  message: `${at(one)} ${quote(one.text)} and ${at(other)} ${quote(other.text)} can't be compared: one of them has no ${what === 'zone' ? 'time zone' : 'date'}`,
  help: what === 'zone' ? 'give each a zone, such as Z or +01:00, or none' : 'give each a date, or none',
});

export const badPattern = (pattern: string, why: string, meant: string | undefined): Problem => ({
  code: 'date-pattern',
  path: ['order', 'written'],
  message: `${quote(pattern)} says no form of a date: ${why}`,
  help: meant === undefined ? `its letters are ${LETTERS_TOLD}; other text stands in single quotes` : `did you mean ${meant}?`,
});

export const notWrittenSo = (value: Value, pattern: string): Problem => ({
  code: 'date-not-so-written',
  path: FILE,
  message: `${at(value)} ${quote(value.text)} is no date written ${pattern}`,
});

export const datesAsNumbers = (value: Value, patterns: readonly string[]): Problem => ({
  code: 'unknown-order',
  path: ['order'],
  message: `${at(value)} ${quote(value.text)} looks like a date, which numbers don't bring into order`,
  help: [...patterns.map((pattern) => `written: ${pattern}`), 'as: number']
    .map((rest) => `order: {column: ${yaml(value.column)}, ${rest}}`)
    .join(' or '),
});

/** As YAML reads it in a mapping on one line. */
const yaml = (text: string): string =>
  /^[A-Za-z][\w./:' -]*$/.test(text) && !/: |\s$|^(true|false|null|yes|no)$/i.test(text) ? text : quote(text);

// Answers

export const severalValues = (value: Value, name: string, first: string, what: 'targets' | 'splits' | 'groups'): Problem => ({
  code: 'several-values',
  path: FILE,
  message: `${value.place}: sequence ${quote(name)} has the ${what} ${quote(first)} and ${quote(value.text)}`,
  help: {
    targets: 'write target_per: step, if every step has a target of its own',
    splits: 'a sequence stays whole: all its steps are in one split',
    groups: 'a sequence stays whole: all its steps are of one group',
  }[what],
});

export const notStratified = (task: 'classification' | 'regression'): Problem => ({
  code: 'not-stratified',
  path: ['split', 'stratify'],
  at: 'key',
  message: `stratify keeps the shares of classes, and ${task === 'regression' ? 'the target is a number' : 'a sequence has a class at each of its steps'}`,
  help: 'leave it out',
});

/** What is said of a subject that stands in two splits. */
export const sameSubjects = ({ split, split_column: column }: Pick<Options, 'split' | 'split_column'>, subject: string, noun = NOUN) => ({
  noun,
  called: ({ name, place }: { readonly name: string; readonly place: string }) => (name === place ? place : `${quote(name)} (${place})`),
  path: split ? ['split'] : column === undefined ? FILE : ['split_column'],
  help:
    column === undefined
      ? `split: {${Object.entries({ ...(split ?? { test: 0.2 }), group: yaml(subject) })
          .map(([key, value]) => `${key}: ${value}`)
          .join(', ')}} keeps each of them in one split`
      : `mark all ${noun}s of one value alike in ${quote(String(column))}, or have them drawn: split: {test: 0.2, group: ${yaml(subject)}}`,
});

export const oneClass = (name: string, times: number): Problem => ({
  code: 'one-class',
  path: ['target'],
  message: `every answer is the class ${quote(name)} (${formatCount(times)}), and there is nothing to tell it from`,
  help: 'name another column, or add sequences of another class',
});

export const constantTarget = (value: number | string): Problem => ({
  code: 'constant-target',
  severity: 'warning',
  path: ['target'],
  message: `every answer is ${value}: a model can learn nothing else`,
  help: 'name another column',
});

export const classesNotScaled = (): Problem => ({
  code: 'option-without-effect',
  path: ['standardize_target'],
  at: 'key',
  message: 'standardize_target scales a number, and the target is a class',
  help: 'leave it out',
});

/** A net gives numbers around 0 at first, and Adam moves each weight by about the learning rate a step. */
const FAR = 10;

export const targetFarFromOne = ({ mean, deviation }: { readonly mean: number; readonly deviation: number }): readonly Problem[] =>
  Math.abs(mean) <= FAR && deviation <= FAR
    ? []
    : [
        {
          code: 'target-not-scaled',
          severity: 'warning',
          path: ['target'],
          message: `the targets that train are ${formatSetting(mean)} ± ${formatSetting(deviation)} (mean, standard deviation), and a net begins with answers around 0`,
          help: 'write standardize_target: true; metrics and predictions stay in the unit of the file',
        },
      ];

export const scaledTarget = (
  target: string | number,
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
): Fact => ({
  key: 'target-scale',
  name: `${quote(String(target))}, as it is learnt`,
  value: `(y - ${formatSetting(mean)}) / ${formatSetting(deviation)}`,
  note: 'Metrics and predictions are in the unit of the file; the loss is of the scaled target.',
});

export const classesAlike = (classes: readonly (readonly [string, number])[]): Problem => ({
  code: 'classes-alike',
  severity: 'warning',
  path: ['target'],
  message: `the classes ${listed(
    classes.map(([name, times]) => `${quote(name)} (${formatCount(times)})`),
    'and',
  )} differ in spelling alone, and are learnt as ${classes.length}`,
  help: 'write them alike in the file, if they are one class',
});

export const splitsAlike = (splits: readonly (readonly [string, number])[]): Problem => ({
  code: 'splits-alike',
  severity: 'warning',
  path: ['split_column'],
  message: `the splits ${listed(
    splits.map(([name, times]) => `${quote(name)} (${plural(times, 'sequence')})`),
    'and',
  )} differ in spelling alone, and are ${splits.length} splits`,
  help: 'write them alike in the file, if they are one split',
});

export const sequencesAlike = (names: readonly string[], places: readonly string[]): Problem => ({
  code: 'sequences-alike',
  severity: 'warning',
  path: ['sequence'],
  message: `the sequences ${listed(names.map(quote), 'and')} are one number in ${names.length} spellings, and are ${names.length} sequences`,
  help: `they begin in ${listed(places, 'and')}; write them alike, if they are one`,
});

export const classesAreMeasures = (name: string, classes: number): Problem => ({
  code: 'classes-are-measures',
  severity: 'warning',
  path: ['target'],
  message: `${name} is one of ${formatCount(classes)} classes that are numbers, not all of them whole: it looks like a measure`,
  help: 'write task: regression, if it is one',
});

export const perhapsUnlabelled = (name: string, times: number): Problem => ({
  code: 'perhaps-unlabelled',
  severity: 'warning',
  path: ['target'],
  message: `${name} is a class beside others that count from 0 (${plural(times, 'time')}), and often marks what has no label`,
  help: 'if it does, leave these sequences out of the file',
});

// What was assumed

export const readDecimals = (value: Value, number: number | undefined): Fact => ({
  key: 'decimal',
  name: 'decimal mark',
  value: 'comma',
  note: `${value.place}: ${value.text} is read as ${number}; decimal: comma says so in the document.`,
});

export const readThousands = (value: Value, number: number | undefined): Fact => ({
  key: 'thousands',
  name: 'thousands',
  value: 'set apart',
  note: `${value.place}: ${value.text} is read as ${number}.`,
});

export const readMinus = (value: Value, number: number | undefined): Fact => ({
  key: 'minus',
  name: 'minus sign',
  value: `U+${value.text.charCodeAt(0).toString(16).toUpperCase()}`,
  note: `${value.place}: ${value.text} is read as ${number}.`,
});

export const readMoments = (value: Value): Fact => ({
  key: 'order',
  name: 'order of steps',
  value: 'dates and times of ISO 8601',
  note: `${value.place}: ${quote(value.column)} ${value.text}.`,
});

export const classesNotTrained = (
  unknown: readonly (readonly [name: string, place: string])[],
  classes: readonly string[],
  answered: boolean,
): Problem => {
  const [[name, place] = ['', '']] = unknown;
  const meant = nearest(name, classes);
  const others = unknown.length > 1 ? ` and ${formatCount(unknown.length - 1)} others` : '';
  const known = meant === undefined ? `its classes are ${listed(classes.slice(0, 10).map(quote), 'and')}` : `did you mean ${quote(meant)}?`;
  const takeOut = 'no answer to rows of other classes can be right: take them out';
  return {
    code: 'class-not-trained',
    severity: answered ? 'error' : 'warning',
    path: FILE,
    message: `${place}: the run was not trained on the class ${quote(name)}${others}`,
    help: answered ? `${known}${meant === undefined ? ';' : ''} ${takeOut}` : known,
  };
};

export const trainedOn = (count: number, of: number, isExact: boolean): Problem => ({
  code: 'trained-on',
  severity: 'warning',
  path: FILE,
  message: `${isExact ? '' : 'about '}${formatCount(count)} of ${formatCount(of)} sequences ${count === 1 ? 'is' : 'are'} among those that the run was trained on`,
  help: 'the model has seen their answers, and an error on them says nothing of new data',
});
