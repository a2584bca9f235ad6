import type { Report } from '../../stage.js';
import type { Cell, Table } from './table.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A table of JSON Lines, one object a line. With a column that names the sequence a line is a step, as in CSV. Without one a line is a whole
 * sequence: `{"x": [1, 2], "y": [0, 1], "label": "up"}`, where lists run over the steps and anything else holds for all of them. Only the
 * columns asked for are read.
 */
export function readJsonl(text: string, columns: readonly string[], sequence: string | undefined, report: Report): Table {
  const objects = [...parse(text, report)];
  const names = [...new Set(objects.slice(0, 1).flatMap(({ fields }) => Object.keys(fields)))];
  const used = [...new Set(columns)].filter((name) => names.includes(name));
  const missing = objects.flatMap(({ line, fields }) =>
    used.filter((name) => !Object.hasOwn(fields, name)).map((name) => ({ line, name })),
  );
  for (const { line, name } of missing.slice(0, 3)) {
    report({ code: 'missing-value', path: ['file'], message: `line ${line} has no ${JSON.stringify(name)}, and the first line has` });
  }
  const steps = objects.flatMap(({ line, fields }, index) =>
    sequence === undefined
      ? unroll(
          used.map((name) => fields[name]),
          used,
          line,
          report,
        ).map((cells) => ({ line, cells: [String(index + 1), ...cells] }))
      : [{ line, cells: used.map((name) => toCell(fields[name])) }],
  );
  return {
    columns: [...(sequence === undefined ? [LINE] : []), ...used, ...names.filter((name) => !used.includes(name))],
    rows: steps.map(({ cells }) => cells),
    place: (row) => `line ${steps[row]?.line ?? '?'}`,
  };
}

/** The column that names sequences where a line is one. */
export const LINE = 'number of the line';

function* parse(text: string, report: Report): Iterable<{ readonly line: number; readonly fields: Fields }> {
  let refused = 0;
  for (const [index, source] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (source.trim() === '' || refused === 3) continue;
    const fields = parseObject(source);
    if (fields) yield { line: index + 1, fields };
    else {
      refused += 1;
      report({
        code: 'not-json',
        path: ['file'],
        message: `line ${index + 1} is not a JSON object`,
        help: 'JSON Lines: one {"name": value, …} a line',
      });
    }
  }
}

function parseObject(source: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** The steps of a line whose lists run over them. */
function unroll(values: readonly unknown[], names: readonly string[], line: number, report: Report): readonly (readonly Cell[])[] {
  const lengths = new Map(values.flatMap((value, i) => (Array.isArray(value) ? [[names[i] ?? '', value.length] as const] : [])));
  const [length = 1] = lengths.values();
  const other = [...lengths].find(([, of]) => of !== length);
  if (other) {
    const [[name] = ['']] = lengths;
    report({
      code: 'ragged-lists',
      path: ['file'],
      message: `line ${line} has ${length} steps of ${JSON.stringify(name)} and ${other[1]} of ${JSON.stringify(other[0])}`,
      help: 'all lists of a sequence have a value for each of its steps',
    });
    return [];
  }
  return Array.from({ length }, (_, step) => values.map((value) => toCell(Array.isArray(value) ? (value as unknown[])[step] : value)));
}

function toCell(value: unknown): Cell {
  if (typeof value === 'number' || typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
