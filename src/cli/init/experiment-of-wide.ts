import { formatCount, plural } from '../../diagnostics/numbers.js';
import { readCsv } from '../../formats/csv.js';
import { decodeData } from '../../stages/dataset/encoding.js';
import { isSubjectName } from '../../stages/dataset/subjects.js';
import { isName, ORDER, profiles, TARGET, type Column } from './columns.js';
import { type Draft, few, line, list, quoted, sequenceTexts } from './draft.js';

interface WideFile {
  /** As the document names it. */
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Fewer columns with numbers in their names are as well so many features. */
const FEWEST_STEPS = 8;
/** Whole numbers with so few values are rather names than measures. */
const MOST_CLASSES = 20;
const FEWEST_ROWS = 10;

/** Rows that are sequences, their steps side by side in numbered columns; none where the file holds no such rows. The best way to split them comes first. */
export function experimentsOfWide({ path, name, bytes }: WideFile): readonly Draft[] {
  const decoded = decodeData(bytes);
  if ('fault' in decoded) return [];
  let isWrong = false;
  const table = readCsv(decoded.text, ({ severity }) => (isWrong ||= severity !== 'warning'));
  if (isWrong || table.length < FEWEST_ROWS) return [];
  const columns = profiles(table);
  const runs = runsOf(columns);
  const [longest] = runs;
  if (!longest) return [];
  const features = runs.filter(({ members }) => members.length === longest.members.length);
  const taken = new Set(features.flatMap(({ members }) => members));
  const others = columns.filter((column) => !taken.has(column) && column.name !== '');
  const isGroup = (column: Column): boolean => isSubjectName(column.name) && column.missing === undefined;
  // Rows that have an order are steps, and so are those of which many belong together.
  const together = others.find((column) => isName(column) && column.distinct.size * FEWEST_STEPS <= table.length);
  if (others.some(({ name: called }) => ORDER.test(called)) || together) return [];
  const group = others.find((column) => isGroup(column) && column.distinct.size >= 6 && column.distinct.size * 1.5 <= table.length);
  const answers = others.filter(
    (column) => column !== group && column.missing === undefined && column.distinct.size > 1 && column.distinct.size < table.length,
  );
  const target =
    answers.find(({ name: called }) => TARGET.test(called)) ??
    answers.findLast(({ distinct }) => distinct.size <= MOST_CLASSES) ??
    answers.at(-1);
  if (!target) return [];
  const classifies = target.word !== undefined || (target.isWhole && target.distinct.size <= MOST_CLASSES);
  const [steps, rows] = [longest.members.length, table.length];
  const texts = sequenceTexts({
    name,
    about: `A gated recurrent network reads the rows of ${path}, each a sequence.`,
    source: [
      line(`  file: ${quoted(path)}`),
      line('  format: csv'),
      line('  rows: sequences', 'a row is a sequence, and its steps stand side by side'),
      ...list(
        '  features',
        features.map(({ pattern }) => `'${pattern.replaceAll("'", "''")}'`),
        '* is the number of the step',
      ),
    ],
    target: target.name,
    isTarget: 'what the model answers',
    classifies,
    group: group?.name,
    sequences: rows,
    steps: rows * steps,
  });
  return texts.map((text) => ({
    text,
    summary: `${plural(rows, 'row')} of ${formatCount(steps)} steps side by side: ${few(features.map(({ pattern }) => pattern))} ${features.length === 1 ? 'is' : 'are'} read, ${quoted(target.name)} is the answer (${classifies ? `classification, ${formatCount(target.distinct.size)} classes` : 'regression'})`,
    notes: group ? [`the split keeps all sequences of one ${quoted(group.name)} together: they are alike`] : [],
  }));
}

interface NumberedColumns {
  readonly pattern: string;
  readonly members: readonly Column[];
}

/** Columns of numbers that differ in one number of their names, which counts without a gap; the longest first. */
function runsOf(columns: readonly Column[]): readonly NumberedColumns[] {
  const found = new Map<string, { readonly number: number; readonly column: Column }[]>();
  for (const column of columns) {
    const [, before = '', digits = '', after = ''] = /^(.*?)(\d+)(\D*)$/.exec(column.name) ?? [];
    if (digits === '' || column.word !== undefined || before.includes('*') || after.includes('*')) continue;
    const pattern = `${before}*${after}`;
    const members = found.get(pattern) ?? [];
    members.push({ number: Number(digits), column });
    found.set(pattern, members);
  }
  return [...found]
    .map(([pattern, members]) => ({ pattern, members: members.toSorted((a, b) => a.number - b.number) }))
    .filter(({ members }) => members.length >= FEWEST_STEPS && members.every(({ number }, at) => number === (members[0]?.number ?? 0) + at))
    .map(({ pattern, members }) => ({ pattern, members: members.map(({ column }) => column) }))
    .toSorted((a, b) => b.members.length - a.members.length);
}
