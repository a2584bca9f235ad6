import { readNumber, type Cell } from '../../stages/dataset/sequences/table.js';
import { shown } from './lines.js';

/** Whether a column can say in which order the steps of a sequence come. */
export type Order =
  /** Numbers, or dates as ISO 8601 writes them: what `order:` sorts rightly. */
  | { readonly kind: 'sorts' }
  /** Written in another way, but the rows of every sequence stand in its order as they are. */
  | { readonly kind: 'in-order' }
  /** Two steps of a sequence have one value: it does not order them. */
  | { readonly kind: 'repeats' }
  | { readonly kind: 'unreadable'; readonly why: string; readonly help: string };

/** `groups` are the rows of each sequence; `place` says where a row stands. */
export function orderOf(cells: readonly Cell[], groups: readonly (readonly number[])[], place: (row: number) => string): Order {
  const texts = cells.map(String);
  const numbers = texts.map((text) => readNumber(text));
  const isNumber = (row: number): boolean => typeof numbers[row] === 'number';
  const key = (row: number): string => (isNumber(row) ? String(numbers[row]) : (texts[row] ?? ''));
  if (groups.some((rows) => new Set(rows.map(key)).size < rows.length)) return { kind: 'repeats' };

  const rows = texts.map((_, row) => row);
  const word = rows.find((row) => !isNumber(row));
  if (word === undefined) return { kind: 'sorts' };
  const [first = ''] = texts;
  const other = texts.find((text) => shapeOf(text) !== shapeOf(first));
  if (shapeOf(first) !== undefined && other === undefined) return { kind: 'sorts' };
  if (rows.some(isNumber)) return unreadable(`in ${place(word)} it is ${shown(texts[word] ?? '')}, and elsewhere a number`);
  const isInOrder = READINGS.some((read) => {
    const values = texts.map(read);
    return groups.every((of) => of.every((row, i) => i === 0 || isBefore(values[of[i - 1] ?? 0], values[row])));
  });
  if (isInOrder) return { kind: 'in-order' };
  if (texts.every((text) => shapeOf(text) !== undefined)) return unreadable(`it has both ${shown(first)} and ${shown(other ?? '')}`);
  return unreadable(`${shown(texts.find((text) => shapeOf(text) === undefined) ?? first)} is neither a number nor a date as 2020-01-25`);
}

const unreadable = (why: string): Order => ({
  kind: 'unreadable',
  why,
  help: 'number the steps, or write dates as 2020-01-25 and times as 2020-01-25T07:00',
});

/** What dates must have in common so that text order is the order of time; undefined for what is no date of ISO 8601. */
function shapeOf(text: string): string | undefined {
  const [, time = '', zone = ''] = ISO.exec(text) ?? [];
  return ISO.test(text) ? `${text.length} ${time.charAt(0)} ${zone}` : undefined;
}

const ISO = /^\d{4}-[01]\d(?:-[0-3]\d((?:[T ])\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?$/;

type Value = readonly number[] | string | undefined;

/** How a person may have meant it: day first, month first, or words with numbers in them. */
const READINGS: readonly ((text: string) => Value)[] = [(text) => dated(text, 0, 1), (text) => dated(text, 1, 0), (text) => text];

const DATE = /^(\d{1,2})[./-](\d{1,2})[./-](\d{2,4})\b/;

function dated(text: string, day: number, month: number): Value {
  const [all = '', a, b, year] = DATE.exec(text) ?? [];
  if (a === undefined || b === undefined) return undefined;
  const parts = [Number(a), Number(b)];
  const time = /(\d{1,2}):(\d\d)(?::(\d\d))?/.exec(text.slice(all.length));
  return [Number(year), parts[month] ?? 0, parts[day] ?? 0, ...[1, 2, 3].map((part) => Number(time?.[part] ?? 0))];
}

function isBefore(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return NATURAL.compare(a, b) < 0;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

const NATURAL = new Intl.Collator('en', { numeric: true });
