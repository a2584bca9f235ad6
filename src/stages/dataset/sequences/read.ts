import * as messages from './messages.js';
import type { Problem } from '../../../diagnostics/diagnostic.js';
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
import { plainNumber, type Table } from '../../../formats/table.js';

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

export function read(options: Options, bytes: Uint8Array, streams: Streams): Read {
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
  const table = readTable(options, bytes, wantedOf(options), report);
  const isWrong = (): boolean => problems.some(({ severity }) => severity !== 'warning');
  const found = isWrong() || !table ? undefined : gatherSequences(table, columnsOf(options), readingOf(options), report);
  const assumed = [...(table?.assumed ?? []), ...(found?.assumed ?? [])];
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

/** What of the options says how a file's bytes become a table. Columns that are wanted help to tell the form of a file. */
export type TableOptions = Pick<Options, 'file' | 'format' | 'separator' | 'encoding' | 'comment'> & {
  /** In JSON Lines without one a line is a sequence. */
  readonly sequence: string | undefined;
  readonly wanted: readonly string[];
};

/** A table of a file in any of the formats; undefined where it is none, which is reported. */
export function tableOf(options: TableOptions, bytes: Uint8Array, report: Report): Table | undefined {
  const { file, format, separator, comment, sequence, wanted } = options;
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
  const table = format === 'jsonl' ? readJsonl(text, wanted, sequence, report) : readCsv(text, report, { separator, comment, wanted });
  if (options.encoding !== undefined) return table;
  return { ...table, assumed: [...encodingFact(encoding, { option: true }), ...(table.assumed ?? [])] };
}

function readTable(options: Options, bytes: Uint8Array, wanted: readonly string[], report: Report): Table | undefined {
  if (options.format === 'csv' && options.sequence === undefined) {
    report({
      code: 'missing-option',
      path: [],
      message: 'a row of CSV is a step, and nothing says of which sequence',
      help: 'name the column: sequence: COLUMN',
    });
    return undefined;
  }
  const sequence = options.sequence === undefined ? undefined : String(options.sequence);
  return tableOf({ ...options, sequence, wanted }, bytes, report);
}

/** Columns that a file must have. */
function wantedOf(options: Options): readonly string[] {
  const { features, target, order, split, group } = columnsOf(options);
  const sequence = options.sequence === undefined ? undefined : String(options.sequence);
  return [...features, target, ...[order, split, group, sequence].filter((name) => name !== undefined)];
}

/** The sequences of a file that a trained model is asked about, whatever their split; their answers must be there only where `answered` says so. */
export function readAsked(options: Options, bytes: Uint8Array, answered: boolean, report: Report): readonly Sequence[] {
  // What separates the values of this file need not be what separated those of the other one.
  const { split: _, split_column: __, separator: ___, ...asked } = options;
  let isWrong = false;
  const watched: Report = (problem) => {
    isWrong ||= problem.severity !== 'warning';
    report(problem);
  };
  const wanted = wantedOf(asked).filter((name) => answered || name !== String(options.target));
  const table = readTable(asked, bytes, wanted, watched);
  const found =
    table && !isWrong ? gatherSequences(table, columnsOf(asked), { ...readingOf(asked), isAsked: !answered }, watched) : undefined;
  return found && !isWrong ? found.sequences : [];
}

const columnsOf = ({ format, sequence, order, features, target, split, split_column }: Options) => ({
  sequence: format === 'npy' ? SEQUENCE : sequence === undefined ? LINE : String(sequence),
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
