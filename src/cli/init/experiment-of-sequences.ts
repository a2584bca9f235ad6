import type { Problem } from '../../diagnostics/diagnostic.js';
import { formatCount } from '../../diagnostics/numbers.js';
import { LINE } from '../../formats/jsonl.js';
import { SEQUENCE } from '../../formats/npy.js';
import type { Table } from '../../formats/table.js';
import { createStreams } from '../../random/streams.js';
import { decodeData } from '../../stages/dataset/encoding.js';
import { gatherSequences, type Parts, type Sequence } from '../../stages/dataset/sequences/gather.js';
import type { OrderSettings } from '../../stages/dataset/sequences/order.js';
import { tableOf, type TableOptions } from '../../stages/dataset/sequences/read.js';
import { drawSplits, readSplits, reportLonelyClasses } from '../../stages/dataset/split.js';
import { findSubjects, isSubjectName } from '../../stages/dataset/subjects.js';
import { tellingFeatures } from '../../stages/dataset/sequences/threats.js';
import type { Report } from '../../stages/stage.js';
import { type Columns, readColumns, type Unused } from './columns.js';
import { cannot, type Draft, escaped, few, line, list, quoted, sentence, shown, trainedOnSequences } from './draft.js';

export type Format = 'csv' | 'jsonl' | 'npy';

interface SequencesFile {
  /** As a person typed it. */
  readonly file: string;
  /** As the document names it. */
  readonly path: string;
  readonly name: string;
  readonly format: Format;
  readonly bytes: Uint8Array;
}

/** A model of a person's own sequences; what each column is, is read off its name and its values. */
export function experimentOfSequences(source: SequencesFile): Draft {
  const { file, path, name, format } = source;
  const { table, own } = readTable(source, (problem) => {
    if (problem.severity !== 'warning') throw cannot(file, `can't be read: ${problem.message}`, problem.help);
  });
  if (!table) throw cannot(file, "can't be read");
  if (format === 'csv' && isNumberedHeader(table.columns)) {
    throw cannot(file, 'begins with a line of numbers, and the first line names the columns', 'put a line of names above it');
  }
  const columns = readColumns(table, own);
  if ('why' in columns) throw cannot(file, columns.why, columns.help);
  const { sequence, order, ordering, target, per, sequences, steps, longest } = columns;
  const { task, split, classes, features, telling } = decide(file, table, columns);
  const unused = [...columns.unused.filter(({ name: column }) => column !== split.subject), ...telling, ...split.unused];
  const classifies = task === 'classification';
  // An array has no names: its columns are called by their number.
  const called = format === 'npy' ? String : quoted;
  const lines = [
    line(`experiment: ${name}`),
    line(`description: ${sentence(`A gated recurrent network reads the sequences of ${path}.`)}`),
    line('seed: 1', 'another seed is another try at the same experiment'),
    '',
    line('dataset:'),
    line('  kind: sequences'),
    line(`  file: ${quoted(path)}`),
    line(`  format: ${format}`),
    ...(own === undefined ? [line(`  sequence: ${quoted(sequence)}`, 'which sequence a row belongs to')] : []),
    ...(order === undefined ? [] : [line(`  order: ${orderValue(order, ordering)}`, 'what orders the steps of a sequence')]),
    ...list('  features', features.map(called), 'what the model reads'),
    ...comments(unused),
    line(`  target: ${called(target)}`, 'what the model answers'),
    line(`  task: ${task}`, classifies ? 'or regression, when the target is a measure' : 'or classification, when the target is a name'),
    line(`  target_per: ${per}`, per === 'step' ? 'an answer at every step' : 'one answer a sequence'),
    ...(classifies ? [] : [line('  standardize_target: true', 'a net learns from numbers around 0; metrics are in the unit of the file')]),
    ...split.lines,
    ...trainedOnSequences({
      classifies,
      readout: per === 'step' ? 'every' : 'last',
      steps,
      trained: split.trained,
      validates: split.validates,
    }),
  ];
  const reads = `${few(features.map(called))} ${features.length === 1 ? 'is' : 'are'} read, ${called(target)} is the answer (${task}${classifies ? `, ${formatCount(classes)} classes` : ''})`;
  return {
    text: `${lines.join('\n')}\n`,
    summary: `${formatCount(sequences)} sequences of up to ${formatCount(longest)} steps: ${reads}`,
    notes: [...unused.map(told), ...(longest > LONG ? [`a program of ${formatCount(longest)} steps takes a while to make, once`] : [])],
  };
}

/** Steps that take more than some seconds to compile. */
const LONG = 500;

const told = ({ name, why }: Unused): string => `${name === '' ? 'a column' : shown(name)} is not used: it ${why}`;

/** The column alone, or with how it is read. */
function orderValue(column: string, { written, as }: OrderSettings): string {
  if (written !== undefined) return `{column: ${quoted(column)}, written: ${escaped(written)}}`;
  return as === undefined ? quoted(column) : `{column: ${quoted(column)}, as: ${as}}`;
}

/** In the document: what is left out, each on a line of its own. */
function comments(unused: readonly Unused[]): readonly string[] {
  const some = unused.length > MOST_COMMENTS + 1 ? unused.slice(0, MOST_COMMENTS) : unused;
  const rest = unused.slice(some.length).map(({ name }) => shown(name));
  return [...some.map((one) => `  # ${told(one)}`), ...(rest.length > 0 ? [`  # not used either: ${few(rest)}`] : [])];
}

const MOST_COMMENTS = 12;

// ------------------------------------------------------------------------------------------------ reading

/** The table of a file, and the column that names its sequences where the file itself says what one is. */
function readTable({ format, path, bytes }: SequencesFile, report: Report): { readonly table: Table | undefined; readonly own?: string } {
  const read = (more: Pick<TableOptions, 'sequence' | 'wanted'>) => tableOf({ file: path, format, ...more }, bytes, report);
  if (format === 'npy') return { table: read({ sequence: undefined, wanted: [] }), own: SEQUENCE };
  if (format === 'csv') return { table: read({ sequence: undefined, wanted: [] }) };
  const decoded = decodeData(bytes);
  const first = 'text' in decoded ? (decoded.text.split(/\r+\n|\n|\r/).find((each) => each.trim() !== '') ?? '') : '';
  const fields = Object.entries(parsed(first));
  // Where a line holds lists it is a whole sequence, and without them a step.
  const isSequence = fields.some(([, value]) => Array.isArray(value));
  const isRead = (value: unknown): boolean => isSingle(value) || (isSequence && Array.isArray(value) && value.every(isSingle));
  const wanted = fields.flatMap(([name, value]) => (isRead(value) ? [name] : []));
  return isSequence ? { table: read({ sequence: undefined, wanted }), own: LINE } : { table: read({ sequence: wanted[0] ?? '', wanted }) };
}

/** What can be a value of one step. */
const isSingle = (value: unknown): boolean => value === null || typeof value !== 'object';

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** A first row of data where names should be. Columns that are called by their place, from 0 or 1, are names. */
function isNumberedHeader(columns: readonly string[]): boolean {
  const numbers = columns.map((name) => (name === '' ? Number.NaN : Number(name)));
  const [first = 0] = numbers;
  const counts = (first === 0 || first === 1) && numbers.every((number, i) => number === first + i);
  return columns.length > 0 && numbers.every(Number.isFinite) && !counts;
}

// ------------------------------------------------------------------------------------------------ splits

interface Decided {
  readonly task: Columns['tasks'][number];
  readonly classes: number;
  readonly features: readonly string[];
  readonly telling: readonly Unused[];
  readonly split: ChosenSplit;
}

interface ChosenSplit {
  readonly lines: readonly string[];
  readonly trained: number;
  readonly validates: boolean;
  readonly unused: readonly Unused[];
  /** The column whose values stand in one split each. */
  readonly subject?: string | undefined;
}

/**
 * What the target is, what is read, and who trains, validates and tests: as a column says, else drawn, with a test where there are sequences enough. A class that is rare has to be
 * among what trains; where the first draw leaves it out, another seed draws.
 */
function decide(file: string, table: Table, columns: Columns): Decided {
  let why: Problem | undefined;
  for (const task of columns.tasks) {
    const gather = (changed: Partial<Columns> & { readonly group?: string }) =>
      gatherSequences(table, { ...columns, ...changed }, { task, targetPer: columns.per, order: columns.ordering }, (problem) => {
        if (isError(problem)) throw cannot(file, `can't be used: ${problem.message}`, problem.help);
      });
    const perhaps = columns.features.filter((name) => !isSubjectName(name));
    const first = gather(perhaps.length > 0 ? { features: perhaps } : {});
    const subject = findSubjects(first.sequences, first.others)?.column;
    const features = columns.features.filter((name) => name !== subject);
    const all = gather({ features, ...(subject !== undefined && { group: subject }) }).sequences;
    const answers = countAnswers(all);
    const judge = (parts: Parts, problems: Problem[]): readonly Problem[] => {
      if (task === 'classification' && problems.length === 0) reportLonelyClasses(parts, 'sequence', (problem) => problems.push(problem));
      return problems;
    };
    const decided = { task, classes: answers.size, ...untold(all, task, { ...columns, features }) };
    const read = columns.split === undefined ? undefined : splitsOfColumn(all, columns.split, judge);
    if (read && 'lines' in read) return { ...decided, split: read };
    // A class of one sequence trains or is measured: no draw does both.
    const isMeasurable = task === 'regression' || [...answers.values()].every((times) => times > 1);
    const objections = isMeasurable ? [() => true, isError] : [isError];
    const apart = subject === undefined ? undefined : drawnSplits(all, judge, objections, subject);
    const drawn = apart && 'lines' in apart ? apart : drawnSplits(all, judge, objections);
    if ('lines' in drawn) {
      const unused = read && columns.split !== undefined ? [{ name: columns.split, why: `names splits, but ${read.message}` }] : [];
      return { ...decided, split: { ...drawn, unused, ...(drawn === apart && { subject }) } };
    }
    why ??= drawn;
  }
  throw cannot(
    file,
    `leaves nothing to measure by: ${why?.message ?? 'it is too small'}`,
    'more sequences of every class are needed, or another column called "target"',
  );
}

/** The features without those that tell the answer by themselves; all of them, where there are no others. */
function untold(
  all: readonly Sequence[],
  task: Decided['task'],
  { features, target, per }: Columns,
): Pick<Decided, 'features' | 'telling'> {
  const telling = new Set(tellingFeatures(all, features.length, { task, target_per: per }).map(({ feature }) => feature));
  if (telling.size === features.length) return { features, telling: [] };
  return {
    features: features.filter((_, index) => !telling.has(index)),
    telling: features.filter((_, index) => telling.has(index)).map((name) => ({ name, why: `tells ${shown(target)} by itself` })),
  };
}

/** In how many sequences each answer occurs. */
function countAnswers(all: readonly Sequence[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { targets } of all) for (const name of new Set(targets.map(String))) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** What is wrong with a split, what was wrong with drawing it included. */
type Judge = (parts: Parts, problems: Problem[]) => readonly Problem[];

const isError = ({ severity }: Problem): boolean => severity !== 'warning';

function splitsOfColumn(all: readonly Sequence[], column: string, judge: Judge): ChosenSplit | Problem {
  const problems: Problem[] = [];
  const parts = readSplits(all, column, 'sequence', (problem) => problems.push(problem));
  return (
    judge(parts, problems).find(isError) ?? {
      lines: [line(`  split_column: ${quoted(column)}`, 'who trains, validates and tests')],
      trained: parts.get('train')?.length ?? 0,
      validates: parts.has('validation'),
      unused: [],
    }
  );
}

const SHARES = [{ validation: 0.2, test: 0.2 }, { validation: 0.2 }, { validation: 0.5 }] as const;
const MOST_SEEDS = 60;

/** The first draw that nothing can be said against; `objections` are tried in turn, the strictest first. */
function drawnSplits(
  all: readonly Sequence[],
  judge: Judge,
  objections: readonly ((problem: Problem) => boolean)[],
  group?: string,
): Omit<ChosenSplit, 'unused'> | Problem {
  let first: Problem | undefined;
  for (const shares of SHARES) {
    for (const isObjection of objections) {
      for (let seed = 1; seed <= MOST_SEEDS; seed++) {
        const drawing: Problem[] = [];
        const drawn = { noun: 'sequence', test: 0, ...shares, group };
        const parts = drawSplits(all, drawn, createStreams(seed), (problem) => drawing.push(problem));
        const trained = parts.get('train')?.length ?? 0;
        // Sizes are the same whatever the seed, but for those of whole groups.
        const isTooSmall = drawing.length > 0 || trained * 2 < all.length;
        const objection = judge(parts, drawing).find(isObjection);
        first ??= objection;
        if (isTooSmall && group === undefined) break;
        if (isTooSmall || objection) continue;
        const lines = [
          ...(seed === 1 ? [] : [line(`  seed: ${seed}`, 'draws a split with every class among what trains')]),
          line('  split:', 'shares of the sequences, drawn by the seed'),
          ...Object.entries(shares).map(([name, share]) => line(`    ${name}: ${share}`)),
          ...(group === undefined ? [] : [line(`    group: ${quoted(group)}`, 'each stands in one split: who trains is not tested')]),
        ];
        return { lines, trained, validates: true };
      }
    }
  }
  return first ?? { code: 'empty-split', path: [], message: 'there are too few sequences' };
}
