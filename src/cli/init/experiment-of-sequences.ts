import type { Problem } from '../../diagnostics/diagnostic.js';
import { createStreams } from '../../random/streams.js';
import { readCsv } from '../../stages/dataset/sequences/csv.js';
import { gatherSequences, type Sequence } from '../../stages/dataset/sequences/gather.js';
import { LINE, readJsonl } from '../../stages/dataset/sequences/jsonl.js';
import { readNpy, SEQUENCE } from '../../stages/dataset/sequences/npy.js';
import { drawSplits, readSplits, reportLonelyClasses, type Parts } from '../../stages/dataset/sequences/split.js';
import type { Table } from '../../stages/dataset/sequences/table.js';
import type { Report } from '../../stages/stage.js';
import { type Columns, readColumns, type Unused } from './columns.js';
import type { Draft } from './draft.js';
import { cannot } from './refusals.js';
import { few, formatted, line, list, quoted, roundEpochs, sentence, shown } from './lines.js';

export type Format = 'csv' | 'jsonl' | 'npy';

/** Steps that training goes through in half a minute, with the sizes below. */
const STEPS_OF_HALF_A_MINUTE = 2_000_000;

export interface SequencesFile {
  /** As a person typed it. */
  readonly file: string;
  /** As the document names it. */
  readonly path: string;
  readonly name: string;
  readonly format: Format;
  readonly bytes: Uint8Array;
  /** Of csv and jsonl: the bytes as text. */
  readonly text: string;
}

/** A model of a person's own sequences; what each column is, is read off its name and its values. */
export function experimentOfSequences(source: SequencesFile): Draft {
  const { file, path, name, format } = source;
  const { table, own } = readTable(source, (problem) => {
    if (problem.severity !== 'warning') throw cannot(file, `can't be read: ${problem.message}`, problem.help);
  });
  if (format === 'csv' && isNumberedHeader(table.columns)) {
    throw cannot(file, 'begins with a line of numbers, and the first line names the columns', 'put a line of names above it');
  }
  const columns = readColumns(table, own);
  if ('why' in columns) throw cannot(file, columns.why, columns.help);
  const { sequence, order, features, target, per, sequences, steps, longest } = columns;
  const { task, split, classes } = chooseSplit(file, table, columns);
  const unused = [...columns.unused, ...split.unused];
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
    ...(order === undefined ? [] : [line(`  order: ${quoted(order)}`, 'what orders the steps of a sequence')]),
    ...list('  features', features.map(called), 'what the model reads'),
    ...comments(unused),
    line(`  target: ${called(target)}`, 'what the model answers'),
    line(`  task: ${task}`, classifies ? 'or regression, when the target is a measure' : 'or classification, when the target is a name'),
    line(`  target_per: ${per}`, per === 'step' ? 'an answer at every step' : 'one answer a sequence'),
    ...split.lines,
    '',
    line('model:'),
    line('  kind: gru', 'or lstm, rnn'),
    line('  hidden_size: 32', 'more units learn more, and slower'),
    line(`  readout: ${per === 'step' ? 'every' : 'last'}`, 'after which steps the model answers'),
    line('  initializer: {kind: pytorch}'),
    '',
    line('loss:'),
    line(`  kind: ${classifies ? 'cross_entropy' : 'mean_squared_error'}`),
    line('optimizer:'),
    line('  kind: adam'),
    line('  learning_rate: 0.005'),
    line('  clip_norm: 5', 'of all gradients together; keeps recurrent training steady'),
    line('metrics:'),
    line(`  - kind: ${classifies ? 'accuracy' : 'mean_absolute_error'}`),
    '',
    line('training:'),
    line(`  epochs: ${roundEpochs(Math.min(60, STEPS_OF_HALF_A_MINUTE / steps))}`, 'times through the sequences'),
    line(`  batch_size: ${batchSize(split.trained)}`, 'sequences of one step'),
    ...(split.validates ? [line('  keep: best', 'the weights of the epoch that did best on validation')] : []),
  ];
  const reads = `${few(features.map(called))} ${features.length === 1 ? 'is' : 'are'} read, ${called(target)} is the answer (${task}${classifies ? `, ${formatted(classes)} classes` : ''})`;
  return {
    text: `${lines.join('\n')}\n`,
    summary: `${formatted(sequences)} sequences of up to ${formatted(longest)} steps: ${reads}`,
    notes: [...unused.map(told), ...(longest > LONG ? [`a program of ${formatted(longest)} steps takes a while to make, once`] : [])],
  };
}

/** Steps that take more than some seconds to compile. */
const LONG = 500;

const batchSize = (trained: number): number => Math.max(1, Math.min(32, 2 ** Math.floor(Math.log2(Math.max(1, trained / 5)))));

const told = ({ name, why }: Unused): string => `${name === '' ? 'a column' : shown(name)} is not used: it ${why}`;

/** In the document: what is left out, each on a line of its own. */
function comments(unused: readonly Unused[]): readonly string[] {
  const some = unused.length > MOST_COMMENTS + 1 ? unused.slice(0, MOST_COMMENTS) : unused;
  const rest = unused.slice(some.length).map(({ name }) => shown(name));
  return [...some.map((one) => `  # ${told(one)}`), ...(rest.length > 0 ? [`  # not used either: ${few(rest)}`] : [])];
}

const MOST_COMMENTS = 12;

// ------------------------------------------------------------------------------------------------ reading

const READ: Readonly<Record<Format, (source: SequencesFile, report: Report) => { readonly table: Table; readonly own?: string }>> = {
  csv: ({ text }, report) => ({ table: readCsv(text, report) }),
  npy: ({ bytes }, report) => ({ table: readNpy(bytes, report), own: SEQUENCE }),
  jsonl({ text }, report) {
    const first =
      text
        .replace(/^\uFEFF/, '')
        .split('\n')
        .find((each) => each.trim() !== '') ?? '';
    const fields = Object.entries(parsed(first));
    const names = fields.map(([key]) => key);
    // Where a line holds lists it is a whole sequence, and without them a step.
    const isSequence = fields.some(([, value]) => Array.isArray(value));
    return isSequence
      ? { table: readJsonl(text, names, undefined, report), own: LINE }
      : { table: readJsonl(text, names, names[0] ?? '', report) };
  },
};

const readTable = (source: SequencesFile, report: Report) => READ[source.format](source, report);

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

interface ChosenSplit {
  readonly lines: readonly string[];
  readonly trained: number;
  readonly validates: boolean;
  readonly unused: readonly Unused[];
}

/**
 * Who trains, validates and tests: as a column says, else drawn, with a test where there are sequences enough. A class that is rare has to be
 * among what trains; where the first draw leaves it out, another seed draws.
 */
function chooseSplit(
  file: string,
  table: Table,
  columns: Columns,
): { readonly task: Columns['tasks'][number]; readonly split: ChosenSplit; readonly classes: number } {
  let why: Problem | undefined;
  for (const task of columns.tasks) {
    const all = gatherSequences(table, columns, { task, targetPer: columns.per }, (problem) => {
      throw cannot(file, `can't be used: ${problem.message}`, problem.help);
    });
    const answers = countAnswers(all);
    const judge = (parts: Parts, problems: Problem[]): readonly Problem[] => {
      if (task === 'classification' && problems.length === 0) reportLonelyClasses(parts, (problem) => problems.push(problem));
      return problems;
    };
    const read = columns.split === undefined ? undefined : splitsOfColumn(all, columns.split, judge);
    if (read && 'lines' in read) return { task, split: read, classes: answers.size };
    // A class of one sequence trains or is measured: no draw does both.
    const isMeasurable = task === 'regression' || [...answers.values()].every((times) => times > 1);
    const drawn = drawnSplits(all, judge, isMeasurable ? [() => true, isError] : [isError]);
    if ('lines' in drawn) {
      const unused = read && columns.split !== undefined ? [{ name: columns.split, why: `names splits, but ${read.message}` }] : [];
      return { task, split: { ...drawn, unused }, classes: answers.size };
    }
    why ??= drawn;
  }
  throw cannot(
    file,
    `leaves nothing to measure by: ${why?.message ?? 'it is too small'}`,
    'more sequences of every class are needed, or another column called "target"',
  );
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
  const parts = readSplits(all, column, (problem) => problems.push(problem));
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
): Omit<ChosenSplit, 'unused'> | Problem {
  let first: Problem | undefined;
  for (const shares of SHARES) {
    for (const isObjection of objections) {
      for (let seed = 1; seed <= MOST_SEEDS; seed++) {
        const drawing: Problem[] = [];
        const parts = drawSplits(all, { test: 0, ...shares }, createStreams(seed), (problem) => drawing.push(problem));
        const trained = parts.get('train')?.length ?? 0;
        // Sizes are the same whatever the seed.
        const isTooSmall = drawing.length > 0 || trained * 2 < all.length;
        const objection = judge(parts, drawing).find(isObjection);
        first ??= objection;
        if (isTooSmall) break;
        if (objection) continue;
        const lines = [
          ...(seed === 1 ? [] : [line(`  seed: ${seed}`, 'draws a split with every class among what trains')]),
          line('  split:', 'shares of the sequences, drawn by the seed'),
          ...Object.entries(shares).map(([name, share]) => line(`    ${name}: ${share}`)),
        ];
        return { lines, trained, validates: true };
      }
    }
  }
  return first ?? { code: 'empty-split', path: [], message: 'there are too few sequences' };
}
