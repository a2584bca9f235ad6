import { dirname } from 'node:path';
import type { Place } from '../diagnostics/diagnostic.js';
import type { Words } from '../diagnostics/words.js';

export type Path = readonly (string | number)[];
export type Scalar = string | number | boolean | null;
export type Written = 'file' | 'set' | 'flag' | 'environment';

/** A value and where it was written: what a document is made of before anybody asks what it means. */
export interface Located {
  readonly content: Scalar | readonly Located[] | ReadonlyMap<string, Located>;
  readonly from: Written;
  /** The key that holds the value; list items and the document itself have none. */
  readonly key?: Span;
  readonly value: Span;
  /** Text in quotes is text on purpose. */
  readonly quoted?: boolean;
}

/** A text that places point into, and where its lines start. Offsets count UTF-16 units, as JavaScript does. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly lines: readonly number[];
  /** Where a relative path counts from that is written here: the folder of the file; of an argument, the one that the person stands in. */
  readonly folder: string;
}

/** From `start` up to, not including, `end`. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** What is wrong with a piece of text. */
export interface Fault {
  readonly words: Words;
  readonly span: Span;
}

export function sourceOf(file: string, text: string, folder = dirname(file)): Source {
  return { file, text, folder, lines: [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (end) => end.index + end[0].length)] };
}

export const isMapping = (content: Located['content']): content is ReadonlyMap<string, Located> => content instanceof Map;
export const isList = (content: Located['content']): content is readonly Located[] => Array.isArray(content);

/** Line and columns as an editor counts them: from 1, in characters. A span over several lines is cut at the end of its first. */
export function placeOf({ source, start, end }: Span): Place {
  const { line, begin, text, column } = pointAt(source, start);
  const marked = withoutBlanks(text.slice(start - begin, end - begin));
  return { file: source.file, line, column, length: Math.max(1, characters(marked)), text };
}

interface Point {
  readonly offset: number;
  readonly line: number;
  /** Where the line begins. */
  readonly begin: number;
  readonly text: string;
  readonly column: number;
}

/** The last one of a source: values are looked up in the order of the file, and a line may hold very many. */
const latest = new WeakMap<Source, Point>();

function pointAt(source: Source, offset: number): Point {
  const line = lineAt(source.lines, offset);
  const begin = source.lines[line - 1] ?? 0;
  const before = latest.get(source);
  const { text, ...known } =
    before?.line === line && before.offset <= offset ? before : { text: lineText(source, offset), offset: begin, column: 1 };
  const column = known.column + characters(text.slice(known.offset - begin, offset - begin));
  const point = { offset, line, begin, text, column };
  latest.set(source, point);
  return point;
}

/** The whole line that an offset lies on, without its line break. */
export function lineText({ text, lines }: Source, offset: number): string {
  const line = lineAt(lines, offset);
  const [begin = 0, end = text.length] = [lines[line - 1], lines[line]];
  const isBreak = (at: number): boolean => text[at] === '\n' || text[at] === '\r';
  return text.slice(begin, end - Number(end > begin && isBreak(end - 1)) - Number(end > begin + 1 && text.endsWith('\r\n', end)));
}

/** The value without its places. No object is shared between two uses of an alias. */
export function plain(located: Located): unknown {
  const { content } = located;
  if (isList(content)) return content.map(plain);
  if (isMapping(content)) return record(Array.from(content, ([key, value]) => [key, plain(value)]));
  return content;
}

/** As `Object.fromEntries`; a key `__proto__` is a key like any other. */
export function record(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
    else object[key] = value;
  }
  return object;
}

export const child = ({ content }: Located, name: string | number): Located | undefined =>
  isList(content) ? content[Number(name)] : isMapping(content) ? content.get(String(name)) : undefined;

/** The value at a path, or the closest existing value above it. */
export function closest(root: Located, path: Path): { readonly found: Located; readonly exact: boolean } {
  let found = root;
  for (const name of path) {
    const next = child(found, name);
    if (!next) return { found, exact: false };
    found = next;
  }
  return { found, exact: true };
}

/** A regular expression would begin anew at every blank. */
function withoutBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end--;
  return text.slice(0, end);
}

const characters = (text: string): number => Array.from(text).length;

/** The number, from 1, of the line that an offset lies on. */
export function lineAt(lines: readonly number[], offset: number): number {
  let [low, high] = [0, lines.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lines[middle] ?? Infinity) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
