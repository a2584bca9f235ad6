import type { Report } from '../../stage.js';
import type { Table } from './table.js';

/**
 * A table of comma-separated values (RFC 4180): the first record names the columns; `"` around a value that holds commas, line breaks or
 * quotes, which are doubled inside. Lines end with LF or CRLF; empty lines and a byte order mark are passed over.
 */
export function readCsv(text: string, report: Report): Table {
  const records = [...parse(text, report)];
  const [header, ...rows] = records;
  const columns = header?.cells.map((name) => name.trim()) ?? [];
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice !== undefined) {
    report({
      code: 'column-twice',
      path: ['file'],
      message: `two columns are called ${JSON.stringify(twice)}`,
      help: 'rename one of them',
    });
  }
  const unequal = rows.filter(({ cells }) => cells.length !== columns.length);
  for (const { line, cells } of unequal.slice(0, 3)) {
    report({
      code: 'unequal-rows',
      path: ['file'],
      message: `line ${line} has ${count(cells.length)}, and the first line names ${count(columns.length, 'column')}`,
      help: 'a value that holds a comma stands in quotes: "1,5"',
    });
  }
  return { columns, rows: rows.map(({ cells }) => cells), place: (row) => `line ${rows[row]?.line ?? '?'}` };
}

interface Record {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

function* parse(text: string, report: Report): Iterable<Record> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const first = line;
    const cells: string[] = [];
    let more = true;
    while (more) {
      const cell = text[at] === '"' ? quoted(text, at) : plain(text, at);
      if (cell.end === undefined) {
        report({
          code: 'open-quote',
          path: ['file'],
          message: `a quote that opens in line ${line} is never closed`,
          help: 'double a quote inside a value: ""',
        });
        return;
      }
      cells.push(cell.value);
      line += cell.lines;
      at = cell.end;
      more = text[at] === ',';
      at += more ? 1 : 0;
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line += 1;
    if (cells.length > 1 || cells[0] !== '') yield { line: first, cells };
  }
}

interface Value {
  readonly value: string;
  /** After it; undefined where the text ended inside. */
  readonly end: number | undefined;
  /** Line breaks inside. */
  readonly lines: number;
}

const END_OF_PLAIN = /,|\r?\n|$/g;

function plain(text: string, start: number): Value {
  END_OF_PLAIN.lastIndex = start;
  const end = END_OF_PLAIN.exec(text)?.index ?? text.length;
  return { value: text.slice(start, end), end, lines: 0 };
}

function quoted(text: string, start: number): Value {
  let close = start + 1;
  for (;;) {
    close = text.indexOf('"', close);
    if (close < 0) return { value: '', end: undefined, lines: 0 };
    if (text[close + 1] !== '"') break;
    close += 2;
  }
  const inside = text.slice(start + 1, close);
  const { value: after, end } = plain(text, close + 1);
  return { value: inside.replaceAll('""', '"') + after.trimEnd(), end, lines: inside.split('\n').length - 1 };
}

const count = (number: number, noun = 'value'): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
