import { few, type Problem, type Report } from '../diagnostics/diagnostic.js';
import { quote } from '../diagnostics/words.js';
import { type Cell, indexOfColumn, rowsAsTable, type Table } from './table.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A table of JSON Lines, one object a line. With a column that names the sequence a line is a step, as in CSV. Without one a line is a whole
 * sequence: `{"x": [1, 2], "y": [0, 1], "label": "up"}`, where lists run over the steps and anything else holds for all of them. Of
 * columns that are not asked for, values that are one number or text are at hand. A line without a column has no value there. NaN and infinities, which Python writes and JSON does not know, are
 * read for what they are, and whole numbers beyond 2^53 keep their digits.
 */
export function readJsonl(text: string, columns: readonly string[], sequence: string | undefined, report: Report): Table {
  const objects = [...readObjects(text, report)];
  const names = new Set<string>();
  for (const { fields } of objects) for (const name of Object.keys(fields)) names.add(name);
  const known = [...names];
  const asked = new Set(columns.flatMap((name) => known[indexOfColumn(known, name)] ?? []));
  const used = [...asked];
  const tell = few(report);
  const others = known.filter((name) => !asked.has(name));
  const steps: { readonly line: number; readonly cells: readonly Cell[] }[] = [];
  const empty: string[] = [];
  for (const [index, { line, fields }] of objects.entries()) {
    const values = used.map((name) => (Object.hasOwn(fields, name) ? fields[name] : undefined));
    const isSequence = sequence === undefined;
    const rest = others.map((name) => plainCell(Object.hasOwn(fields, name) ? fields[name] : undefined));
    const unrolled = isSequence ? unroll(values, used, line, tell) : [values];
    if (unrolled?.length === 0) empty.push(`line ${line}`);
    for (const step of unrolled ?? []) {
      const cells = step.map((value, i) => toCell(value, used[i] ?? '', line, tell));
      steps.push({ line, cells: [...(isSequence ? [String(index + 1)] : []), ...cells, ...rest] });
    }
  }
  tell.end();
  return {
    columns: [...(sequence === undefined ? [LINE] : []), ...used, ...others],
    ...rowsAsTable(steps.map(({ cells }) => cells)),
    place: (row) => `line ${steps[row]?.line ?? '?'}`,
    empty,
  };
}

/** The column that names sequences where a line is one. */
export const LINE = 'number of the line';

/** The object of each line that is not empty, with its line from 1. Lines that are none are reported, and reading ends after the third. */
export function* readObjects(source: string, report: Report): Iterable<{ readonly line: number; readonly fields: Fields }> {
  let refused = 0;
  for (const [index, line] of source
    .replace(/^\uFEFF/, '')
    .split(/\r+\n|\n|\r/)
    .entries()) {
    if (line.trim() === '' || refused === 3) continue;
    const fields = parseObject(line);
    if (fields) yield { line: index + 1, fields };
    else {
      refused += 1;
      report(notJson(index + 1));
    }
  }
}

/** Is it one list of objects, as most programs write JSON? */
export function isJsonList(text: string): boolean {
  if (!/^\uFEFF?\s*\[/.test(text)) return false;
  try {
    return Array.isArray(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    return false;
  }
}

/** Strings, which stay as they are, then what JSON.parse would round or refuse. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?\b(?:NaN|Infinity)\b/g;

function parseObject(line: string): Fields | undefined {
  // As text they keep their digits, and say what they are.
  const quote = (token: string): string =>
    token.startsWith('"') || (/^-?\d/.test(token) && (!/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))))
      ? token
      : `"${token}"`;
  const source = /\d{16}|NaN|Infinity/.test(line) ? line.replaceAll(TOKENS, quote) : line;
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** The steps of a line whose lists run over them; undefined where the lists are not equally long. */
function unroll(
  values: readonly unknown[],
  names: readonly string[],
  line: number,
  report: Report,
): readonly (readonly unknown[])[] | undefined {
  const lengths = new Map(values.flatMap((value, i) => (Array.isArray(value) ? [[names[i] ?? '', value.length] as const] : [])));
  const [length = 1] = lengths.values();
  const other = [...lengths].find(([, of]) => of !== length);
  if (other) {
    const [[name] = ['']] = lengths;
    report(raggedLists(line, [name, length], other));
    return undefined;
  }
  return Array.from({ length }, (_, step) => values.map((value) => (Array.isArray(value) ? (value as unknown[])[step] : value)));
}

const plainCell = (value: unknown): Cell => (typeof value === 'number' || typeof value === 'string' ? value : '');

function toCell(value: unknown, name: string, line: number, report: Report): Cell {
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value !== null && value !== undefined) report(nestedValue(line, name, Array.isArray(value) ? 'list' : 'mapping'));
  return '';
}

// What is said of such a file

const FILE = ['file'];

const notJson = (line: number): Problem => ({
  code: 'not-json',
  path: FILE,
  message: `line ${line} is not a JSON object`,
  help: 'JSON Lines: one {"name": value, …} a line',
});

const raggedLists = (line: number, [name, length]: readonly [string, number], [other, others]: readonly [string, number]): Problem => ({
  code: 'ragged-lists',
  path: FILE,
  message: `line ${line} has ${length} steps of ${quote(name)} and ${others} of ${quote(other)}`,
  help: 'all lists of a sequence have a value for each of its steps',
});

const nestedValue = (line: number, name: string, what: 'list' | 'mapping'): Problem => ({
  code: 'nested-value',
  path: FILE,
  message: `line ${line}: ${quote(name)} holds a ${what} where a value of one step stands`,
  help: 'give each feature a name of its own: {"x": [1, 2], "y": [3, 4]}',
});
