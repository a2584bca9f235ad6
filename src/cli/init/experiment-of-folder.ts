import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { formatCount, plural } from '../../diagnostics/numbers.js';
import { readCsv } from '../../formats/csv.js';
import { listFiles } from '../../language/list-files.js';
import { decodeData } from '../../stages/dataset/encoding.js';
import { type Column, ORDER, profiles, TARGET, whyNoFeature } from './columns.js';
import { cannot, type Draft, few, line, list, quoted, sequenceTexts } from './draft.js';

interface Folder {
  /** As a person typed it, and as the document names it. */
  readonly folder: string;
  readonly path: string;
  readonly name: string;
}

/** Files that are looked into; the others are taken to be alike. */
const MOST_READ = 200;
const FEWEST_FILES = 5;
const MOST_CLASSES = 20;

/** A folder of CSV files, each of them a sequence. The answer is a column that is the same all through a file, or the folder that a file lies in. */
export function experimentsOfFolder({ folder, path, name }: Folder): readonly Draft[] {
  const files = listFiles(folder, (each) => each).filter((file) => /\.(?:csv|tsv|txt|dat)$/i.test(file));
  if (files.length < FEWEST_FILES) {
    throw cannot(
      folder,
      `is a folder with ${files.length === 0 ? 'no CSV file' : plural(files.length, 'CSV file')}, and each must be a sequence of ${FEWEST_FILES} at least`,
      'init takes one file, or a folder of CSV files',
    );
  }
  const read = files.slice(0, MOST_READ).map((file) => ({ file, columns: columnsOf(folder, file) }));
  const names = read[0]?.columns.map((column) => column.name) ?? [];
  const common = names.filter((each) => each !== '' && read.every(({ columns }) => columns.some((column) => column.name === each)));
  const of = (each: string): readonly Column[] => read.flatMap(({ columns }) => columns.find((column) => column.name === each) ?? []);
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(relative(folder, file)), (counts.get(dirname(relative(folder, file))) ?? 0) + 1);
  const areClasses = counts.size > 1 && [...counts.values()].every((count) => count > 1);
  const isConstant = (column: Column): boolean => column.missing === undefined && column.distinct.size === 1;
  const answers = common.filter(
    (each) => of(each).every(isConstant) && new Set(of(each).flatMap((column) => [...column.distinct])).size > 1,
  );
  const target = answers.find((each) => TARGET.test(each)) ?? (areClasses ? 'folder' : answers.at(-1));
  if (target === undefined)
    throw cannot(
      folder,
      'does not say what the model should answer: no column is the same all through a file, and the files lie in one folder',
      'put the files of each class into a folder of its own, or give them a column "label"',
    );
  const order = common.find(
    (each) =>
      ORDER.test(each) &&
      of(each).every(({ word, missing, distinct, cells }) => word === undefined && missing === undefined && distinct.size === cells.length),
  );
  const features = common.filter(
    (each) =>
      each !== order &&
      each !== target &&
      !answers.includes(each) &&
      of(each).every((column) => column.word === undefined && column.missing === undefined && column.count > 0) &&
      of(each).some((column) => whyNoFeature(column, { place: String }) === undefined),
  );
  if (features.length === 0)
    throw cannot(folder, 'does not say what the model should read: no column of numbers stands in all of its files');
  const values = target === 'folder' ? [...counts.keys()] : [...new Set(of(target).flatMap((column) => [...column.distinct]))];
  const columns = target === 'folder' ? [] : of(target);
  const classifies =
    target === 'folder' ||
    columns.some(({ word }) => word !== undefined) ||
    (columns.every(({ isWhole }) => isWhole) && values.length <= MOST_CLASSES);
  const steps = (read.reduce((sum, { columns: all }) => sum + (all[0]?.cells.length ?? 0), 0) / read.length) * files.length;
  const texts = sequenceTexts({
    name,
    about: `A gated recurrent network reads the files of ${path}, each a sequence.`,
    source: [
      line(`  file: ${quoted(path)}`, 'a folder, each file of which is a sequence'),
      line('  format: csv'),
      ...(order === undefined ? [] : [line(`  order: ${quoted(order)}`, 'what orders the steps of a sequence')]),
      ...list('  features', features.map(quoted), 'what the model reads'),
    ],
    target,
    isTarget: target === 'folder' ? 'the folder that a file lies in' : 'what the model answers',
    classifies,
    sequences: files.length,
    steps,
  });
  return texts.map((text) => ({
    text,
    summary: `${formatCount(files.length)} files, each a sequence: ${few(features.map(quoted))} ${features.length === 1 ? 'is' : 'are'} read, ${quoted(target)} is the answer (${classifies ? `classification, ${formatCount(values.length)} classes` : 'regression'})`,
    notes: [],
  }));
}

function columnsOf(folder: string, file: string): readonly Column[] {
  const decoded = decodeData(readFileSync(file));
  if ('fault' in decoded) throw cannot(file, "can't be read as a text, and every file of the folder is a sequence");
  let why: string | undefined;
  const table = readCsv(decoded.text, ({ severity, message }) => {
    if (severity !== 'warning') why ??= message;
  });
  if (why !== undefined)
    throw cannot(
      relative('', file).startsWith('..') ? file : relative('', file),
      `can't be read: ${why}`,
      `every CSV file in ${folder} is a sequence`,
    );
  return profiles(table);
}
