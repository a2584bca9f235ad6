import * as messages from './messages.js';
import { few, type Problem } from '../../../diagnostics/diagnostic.js';
import type { Streams } from '../../../random/streams.js';
import type { Fact, Report } from '../../stage.js';
import { namesOf, reportOddClasses, reportOddSplits, spellings } from '../classes.js';
import { decodeData, encodingFact, unreadableText } from '../encoding.js';
import { readCsv } from '../../../formats/csv.js';
import { gatherSequences, type Parts, type Sequence } from './gather.js';
import { isJsonList, LINE, readJsonl } from '../../../formats/jsonl.js';
import { readNpy, SEQUENCE } from '../../../formats/npy.js';
import type { Options } from './options.js';
import { A_FIFTH_TESTS, drawSplits, groupsFact, readSplits, reportLonelyClasses } from '../split.js';
import { findSubjects, reportSameSubjects } from '../subjects.js';
import { cellsIn, indexOfColumn, plainNumber, type Table, textOf } from '../../../formats/table.js';
import { isPattern, unfold } from './wide.js';
import { FILE_COLUMN, filesFact, FOLDER_COLUMN, joined, type Source } from './sources.js';

/** What a file holds, or why it can't be read. */
interface Read {
  readonly parts: Parts;
  /** By index. */
  readonly classes: readonly string[];
  readonly problems: readonly Problem[];
  /** What the document does not say and was taken to be so, what was filled in and left out. */
  readonly assumed: readonly Fact[];
  /** Earlier versions read the file with the steps of a sequence in another order. */
  readonly isReordered: boolean;
}

export function read(options: Options, sources: readonly Source[], streams: Streams): Read {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  if (options.split && options.split_column !== undefined) {
    report({
      code: 'two-splits',
      path: ['split_column'],
      at: 'key',
      message: 'split and split_column both say who trains',
      help: 'leave one of them out',
    });
  }
  if (options.split?.stratify && (options.task !== 'classification' || options.target_per !== 'sequence'))
    report(messages.notStratified(options.task));
  reportRows(options, report);
  const table = problems.length === 0 ? readTables(options, sources, wantedOf(options), report) : undefined;
  const isWrong = (): boolean => problems.some(({ severity }) => severity !== 'warning');
  const found = isWrong() || !table ? undefined : gatherSequences(table, columnsOf(options), readingOf(options), report);
  const assumed = [...filesFact(sources), ...(table?.assumed ?? []), ...(found?.assumed ?? [])];
  if (!found || isWrong()) return { parts: new Map(), classes: [], problems, assumed, isReordered: false };
  const all = found.sequences;
  reportOddNames(all, report);
  const parts =
    options.split_column === undefined
      ? drawSplits(all, { noun: messages.NOUN, validation: 0, test: 0, ...(options.split ?? A_FIFTH_TESTS) }, streams, report)
      : readSplits(all, String(options.split_column), messages.NOUN, report);
  if (options.split_column !== undefined) reportOddSplits(parts, report);
  const subjects = options.split?.group === undefined ? findSubjects(all, found.others) : undefined;
  if (subjects) reportSameSubjects(parts, subjects, messages.sameSubjects(options, subjects.column), report);
  const classes = options.task === 'classification' ? namesOf(all) : [];
  if (options.task === 'classification') {
    reportOddClasses(all, report);
    reportLonelyClasses(parts, messages.NOUN, report);
  } else reportConstantTarget(all, report);
  const groups = groupsFact(parts, options.split?.group);
  return { parts, classes, problems, assumed: [...groups, ...assumed], isReordered: found.isReordered };
}

/** What `rows` does not go with. */
function reportRows({ rows, format, order, features, target_per: per }: Options, report: Report): void {
  const patterns = features.map(String).filter(isPattern);
  if (rows !== 'sequences') {
    const [first] = patterns;
    if (first !== undefined && format === 'csv') report(messages.patternOfSteps(first));
    return;
  }
  if (format !== 'csv') report(messages.notOfRows('rows'));
  if (order !== undefined) report(messages.notOfRows('order'));
  if (per === 'step') report(messages.notOfRows('target_per'));
  const single = features.map(String).find((name) => !isPattern(name));
  if (single !== undefined) report(messages.noPattern(single));
}

/** What of the options says how a file's bytes become a table. Columns that are wanted help to tell the form of a file. */
export type TableOptions = Pick<Options, 'format' | 'separator' | 'encoding' | 'comment' | 'rows'> & {
  readonly file: string;
  /** In JSON Lines without one a line is a sequence. */
  readonly sequence: string | undefined;
  readonly wanted: readonly string[];
};

/** A table of a file in any of the formats; undefined where it is none, which is reported. */
export function tableOf(options: TableOptions, bytes: Uint8Array, report: Report): Table | undefined {
  const { file, format, sequence, wanted } = options;
  if (format === 'npy') return readNpy(bytes, report);
  const decoded = decodeData(bytes, options.encoding);
  if ('fault' in decoded) {
    report(unreadableText(file, decoded.fault, { option: true }));
    return undefined;
  }
  const { text, encoding } = decoded;
  if (format === 'jsonl' && isJsonList(text)) {
    report(messages.jsonList(file));
    return undefined;
  }
  const table = format === 'jsonl' ? readJsonl(text, wanted, sequence, report) : tableOfCsv(options, text, report);
  if (!table || options.encoding !== undefined) return table;
  return { ...table, assumed: [...encodingFact(encoding, { option: true }), ...(table.assumed ?? [])] };
}

/** A row for each step, whatever a row of the file is. */
function tableOfCsv({ separator, comment, wanted, rows }: TableOptions, text: string, report: Report): Table | undefined {
  const isWide = rows === 'sequences';
  const table = readCsv(text, report, { separator, comment, wanted: isWide ? wanted.filter((name) => !isPattern(name)) : wanted });
  return isWide ? unfold(table, wanted.filter(isPattern), report) : table;
}

/** The tables of all files as one. A file that is asked about is a sequence where those that trained were. */
function readTables(
  options: Options & { readonly isAsked?: boolean },
  sources: readonly Source[],
  wanted: readonly string[],
  report: Report,
): Table | undefined {
  const { format, order, isAsked = false } = options;
  const [only, another] = sources;
  if (!only) {
    report(messages.noFiles(options.file, format));
    return undefined;
  }
  const isNamedByFile = format === 'csv' && options.sequence === undefined && options.rows !== 'sequences';
  if (isNamedByFile && !another && !isAsked) {
    report(messages.nothingTellsSequences());
    return undefined;
  }
  const sequence = options.sequence === undefined ? undefined : String(options.sequence);
  const form = { ...options, sequence, wanted };
  const isMade = (name: string): boolean => name === FILE_COLUMN || name === FOLDER_COLUMN;
  if (!another && !isNamedByFile) {
    const table = tableOf({ ...form, file: only.file }, only.bytes, report);
    const lacks = table && wanted.some((name) => isMade(name) && indexOfColumn(table.columns, name) < 0);
    return lacks ? joined([{ source: only, table }], undefined) : table;
  }
  const written = wanted.filter((name) => !isMade(name));
  const tell = few(report);
  const parts = sources.flatMap((source) => {
    const { file, name, bytes } = source;
    const table = tableOf({ ...form, file, wanted: written }, bytes, (problem) =>
      tell(another ? { ...problem, message: `${name}: ${problem.message}` } : problem),
    );
    return table ? [{ source, table }] : [];
  });
  if (parts.length === sources.length) {
    const has = (table: Table, name: string): boolean => indexOfColumn(table.columns, name) >= 0;
    if (isNamedByFile && parts.some(({ table }) => has(table, FILE_COLUMN))) tell(messages.fileIsColumn());
    for (const column of written.filter((name) => parts.some(({ table }) => has(table, name))))
      for (const { source, table } of parts) if (!has(table, column)) tell(messages.columnNotInFile(source.name, column, table.columns));
    if (sequence !== undefined && order === undefined)
      for (const [name, one, other] of inTwoFiles(parts, sequence)) tell(messages.nameInTwoFiles(name, one, other));
  }
  tell.end();
  if (parts.length < sources.length) return undefined;
  return joined(parts, sequence !== undefined ? undefined : format === 'npy' ? SEQUENCE : LINE);
}

/** Sequences of which steps stand in two files, with both. */
function* inTwoFiles(
  parts: readonly { readonly source: Source; readonly table: Table }[],
  sequence: string,
): Iterable<readonly [name: string, one: string, other: string]> {
  const firsts = new Map<string, string>();
  for (const { source, table } of parts) {
    const names = new Set(cellsIn(table, indexOfColumn(table.columns, sequence)).map(textOf));
    for (const name of names) {
      const one = firsts.get(name);
      if (one !== undefined) yield [name, one, source.name];
      else firsts.set(name, source.name);
    }
  }
}

/** Columns that a file must have. */
function wantedOf(options: Options): readonly string[] {
  const { features, target, order, split, group } = columnsOf(options);
  const sequence = options.sequence === undefined ? undefined : String(options.sequence);
  return [...features, target, ...[order, split, group, sequence].filter((name) => name !== undefined)];
}

/** The sequences of a file that a trained model is asked about, whatever their split; their answers must be there only where `answered` says so. */
export function readAsked(options: Options, sources: readonly Source[], answered: boolean, report: Report): readonly Sequence[] {
  // What separates the values of this file need not be what separated those of the other one.
  const { split: _, split_column: __, separator: ___, ...asked } = options;
  let isWrong = false;
  const watched: Report = (problem) => {
    isWrong ||= problem.severity !== 'warning';
    report(problem);
  };
  const wanted = wantedOf(asked).filter((name) => answered || name !== String(options.target));
  const table = readTables({ ...asked, isAsked: true }, sources, wanted, watched);
  const { group } = columnsOf(options);
  // Answers of one subject go together where the file says whose they are.
  const isGrouped = answered && group !== undefined && table !== undefined && indexOfColumn(table.columns, group) >= 0;
  const columns = { ...columnsOf(asked), ...(isGrouped && { group }) };
  const found = table && !isWrong ? gatherSequences(table, columns, { ...readingOf(asked), isAsked: !answered }, watched) : undefined;
  return found && !isWrong ? found.sequences : [];
}

const columnsOf = ({ format, rows, sequence, order, features, target, split, split_column }: Options) => ({
  sequence:
    format === 'npy' ? SEQUENCE : sequence !== undefined ? String(sequence) : format === 'csv' && rows !== 'sequences' ? FILE_COLUMN : LINE,
  order: order === undefined ? undefined : String(typeof order === 'object' ? order.column : order),
  features: features.map(String),
  target: String(target),
  split: split_column === undefined ? undefined : String(split_column),
  group: split?.group === undefined ? undefined : String(split.group),
});

const readingOf = ({ task, target_per, order, decimal, missing, missing_values }: Options) => ({
  task,
  targetPer: target_per,
  order: typeof order === 'object' ? order : undefined,
  decimal,
  missing,
  missingValues: missing_values,
});

/** A number that never changes is learnt by the bias alone. */
function reportConstantTarget(all: readonly Sequence[], report: Report): void {
  const [first] = all[0]?.targets ?? [];
  if (first !== undefined && all.every(({ targets }) => targets.every((target) => target === first)))
    report(messages.constantTarget(first));
}

/** A program that writes whole numbers with a fraction has one sequence end where another of that number begins. Other names may well be near each other. */
function reportOddNames(all: readonly Sequence[], report: Report): void {
  const [alike] = spellings(all.flatMap(({ name }) => (plainNumber(name) === undefined ? [] : [name])));
  if (!alike) return;
  const places = all.filter(({ name }) => alike.includes(name)).map(({ place }) => place);
  report(messages.sequencesAlike(alike, places));
}
