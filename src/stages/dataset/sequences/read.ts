import type { Problem } from '../../../diagnostics/diagnostic.js';
import type { Streams } from '../../../random/streams.js';
import { readCsv } from './csv.js';
import { gatherSequences, type Sequence } from './gather.js';
import { LINE, readJsonl } from './jsonl.js';
import { readNpy, SEQUENCE } from './npy.js';
import type { Options } from './options.js';
import { drawSplits, readSplits, reportLonelyClasses, type Parts } from './split.js';
import type { Table } from './table.js';

/** What a file holds, or why it can't be read. */
export interface Read {
  readonly parts: Parts;
  /** By index. */
  readonly classes: readonly string[];
  readonly problems: readonly Problem[];
}

const A_FIFTH_TESTS = { test: 0.2 };

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
  const table = readTable(options, bytes, report);
  const isWrong = (): boolean => problems.some(({ severity }) => severity !== 'warning');
  const all =
    isWrong() || !table ? [] : gatherSequences(table, columnsOf(options), { task: options.task, targetPer: options.target_per }, report);
  if (isWrong()) return { parts: new Map(), classes: [], problems };
  const parts =
    options.split_column === undefined
      ? drawSplits(all, { validation: 0, test: 0, ...(options.split ?? A_FIFTH_TESTS) }, streams, report)
      : readSplits(all, String(options.split_column), report);
  const classes = options.task === 'classification' ? namesOf(all) : [];
  if (options.task === 'classification') reportLonelyClasses(parts, report);
  return { parts, classes, problems };
}

function readTable(options: Options, bytes: Uint8Array, report: (problem: Problem) => void): Table | undefined {
  const { format, sequence } = options;
  if (format === 'npy') return readNpy(bytes, report);
  const text = decode(bytes);
  if (text === undefined) {
    report({
      code: 'not-utf8',
      path: ['file'],
      message: `${options.file} is not a text in UTF-8`,
      help: bytes[0] === 0x93 ? 'write format: npy' : 'convert it: iconv -t utf-8',
    });
    return undefined;
  }
  if (format === 'jsonl') {
    const { features, target, order, split } = columnsOf(options);
    const others = [order, split, sequence === undefined ? undefined : String(sequence)].filter((name) => name !== undefined);
    return readJsonl(text, [...features, target, ...others], sequence === undefined ? undefined : String(sequence), report);
  }
  if (sequence === undefined) {
    report({
      code: 'missing-option',
      path: [],
      message: 'a row of CSV is a step, and nothing says of which sequence',
      help: 'name the column: sequence: COLUMN',
    });
    return undefined;
  }
  return readCsv(text, report);
}

const columnsOf = ({ format, sequence, order, features, target, split_column }: Options) => ({
  sequence: format === 'npy' ? SEQUENCE : sequence === undefined ? LINE : String(sequence),
  order: order === undefined ? undefined : String(order),
  features: features.map(String),
  target: String(target),
  split: split_column === undefined ? undefined : String(split_column),
});

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Names of classes in order: as numbers where all are, else as text. */
function namesOf(all: readonly Sequence[]): readonly string[] {
  const names = [...new Set(all.flatMap(({ targets }) => targets.map(String)))];
  const areNumbers = names.every((name) => Number.isFinite(Number(name)));
  return areNumbers ? names.toSorted((a, b) => Number(a) - Number(b)) : names.toSorted();
}
