import { type Diagnostic, firstOf, isError, MOST_TOLD, type Place, type Problem } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/messages.js';
import * as reading from '../diagnostics/reading-messages.js';
import { nearest, type Words } from '../diagnostics/words.js';
import { child, closest, type Fault, isMapping, type Located, type Path, placeOf, plain, type Source, sourceOf } from './located.js';
import { parseYaml } from './parse.js';

export const DOCUMENT_KINDS = ['experiment', 'sweep', 'table'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** A document in which every value knows where it was written. */
export interface SourceDoc {
  readonly file: string;
  /** As read, with a byte order mark if there was one. */
  readonly text: string;
  readonly kind: DocumentKind;
  readonly root: Located;
  readonly value: Readonly<Record<string, unknown>>;
  /** Of the key or the value at a path; where nothing is written there, of the key of the closest value above it. */
  readonly place: (path: Path, at?: 'key' | 'value') => Place;
}

export type Read = { readonly doc: SourceDoc } | { readonly diagnostics: readonly Diagnostic[] };

/** Bytes -> text -> located values -> a document of one kind. What is wrong with the YAML itself is told here, and nothing else is then. */
export function readSource(file: string, bytes: Uint8Array): Read {
  const decoded = decode(file, bytes);
  if ('fault' in decoded) return { diagnostics: [located(decoded.fault)] };
  const source = sourceOf(file, decoded.text.replace(/^\uFEFF/, ''));
  const strange = foreignMarks(source);
  if (strange.length > 0) return { diagnostics: strange.map(located) };
  const parsed = parseYaml(source, 'file');
  if ('faults' in parsed) return { diagnostics: parsed.faults.map(located) };
  return toDoc(file, decoded.text, parsed.root);
}

/** A document from its located values; also after `--set` has changed them. */
export function toDoc(file: string, text: string, root: Located): Read {
  const { content } = root;
  if (!isMapping(content)) return { diagnostics: [located({ words: messages.noMapping(), span: root.value })] };
  const [kind, second] = DOCUMENT_KINDS.filter((key) => content.has(key));
  if (!kind) {
    const guess = Array.from(content.keys()).find((key) => nearest(key, DOCUMENT_KINDS));
    const span = (guess === undefined ? undefined : content.get(guess)?.key) ?? root.value;
    return { diagnostics: [located({ words: messages.noDocumentKind(guess && nearest(guess, DOCUMENT_KINDS)), span })] };
  }
  if (second)
    return { diagnostics: [located({ words: messages.twoDocumentKinds(kind, second), span: content.get(second)?.key ?? root.value })] };
  return {
    doc: { file, text, kind, root, value: plain(root) as Record<string, unknown>, place: (path, at) => place(root, kind, path, at) },
  };
}

/** Adds the place to what a rule or a stage found. */
export const diagnose = (doc: SourceDoc, { path, at, severity = 'error', ...words }: Problem): Diagnostic => ({
  ...words,
  severity,
  place: doc.place(path, at),
});

function place(root: Located, kind: DocumentKind, path: Path, at: 'key' | 'value' = 'value'): Place {
  const { found, exact } = closest(root, path);
  if (found === root) return placeOf(child(root, kind)?.key ?? root.value);
  return placeOf(((at === 'key' || !exact) && found.key) || found.value);
}

const located = ({ words, span }: Fault): Diagnostic => ({ ...words, severity: 'error', place: placeOf(span) });

/** What no YAML reader could know: the traces of an editor, of a web page, of a merge. */
function foreignMarks(source: Source): readonly Fault[] {
  const at = (start: number, length: number) => ({ source, start, end: start + length });
  const [control] = matches(source.text, CONTROL, 1);
  if (control) return [{ words: reading.controlCharacter(control[0]), span: at(control.index, 1) }];
  const conflicts = matches(source.text, /(?<![^\n])(?:<{7}|={7}|>{7})(?![^ \r\n])/g, 3);
  if (conflicts.length === 3) return conflicts.slice(0, 1).map(({ index }) => ({ words: reading.mergeConflict(), span: at(index, 7) }));
  return matches(source.text, ODD_BLANK, MOST_TOLD).map(({ index, 0: all, 1: blanks = '' }) => {
    return { words: reading.oddBlank(blanks), span: at(index + all.length - blanks.length, blanks.length) };
  });
}

/** The first ones; the others aren't looked for. */
function matches(text: string, pattern: RegExp, most: number): readonly RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  for (const match of text.matchAll(pattern)) if (found.push(match) === most) break;
  return found;
}

/** YAML forbids them, and editors don't show them; also a line end of old Macintoshes, which YAML readers don't agree on. */
export const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]|\r(?!\n)/g;
/** Blanks of web pages and word processors, where YAML wants spaces: before a key and after its colon. Not `^`: to it U+2028 ends a line. */
const ODD_BLANK = /(?<![^\n]) *(?:[\w-]+:)?([\u00A0\u2000-\u200B\u202F\u3000]+)/g;

/** Bytes to text: UTF-8, with or without a byte order mark. `text` keeps the mark, so that it can be written back as it was. */
function decode(file: string, bytes: Uint8Array): { readonly text: string } | { readonly fault: Fault; readonly isUtf16: boolean } {
  const wide = utf16(bytes);
  const broken = wide ?? brokenUtf8(bytes);
  if (!broken) return { text: strict().decode(bytes) };
  const { words, text, at } = broken;
  const fault = { words, span: { source: sourceOf(file, text), start: at, end: Math.min(at + 1, text.length) } };
  return { fault, isUtf16: wide !== undefined };
}

interface Broken {
  readonly words: Words;
  /** What can be shown of the text, and the offset of the fault in it. */
  readonly text: string;
  readonly at: number;
}

const strict = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A byte order mark says it; without one, text in Latin letters has a zero in every other byte. */
function utf16(bytes: Uint8Array): Broken | undefined {
  const [a = 1, b = 1, c = 1, d = 1] = bytes;
  const little = (a === 0xff && b === 0xfe) || (b === 0 && d === 0 && a !== 0 && c !== 0);
  const big = (a === 0xfe && b === 0xff) || (a === 0 && c === 0 && b !== 0 && d !== 0);
  if (!little && !big) return undefined;
  const text = new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes);
  return { words: reading.utf16(), text, at: 0 };
}

function brokenUtf8(bytes: Uint8Array): Broken | undefined {
  if (decodes(bytes, bytes.length, false)) return undefined;
  const good = decodablePrefix(bytes);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, good), { stream: true });
  const offset = new TextEncoder().encode(text).length;
  const rest = new TextDecoder('utf-8').decode(bytes.subarray(offset));
  const shown = (text + rest).replace(/^\uFEFF/, '');
  return { words: reading.notUtf8(offset, bytes[offset] ?? 0), text: shown, at: shown.length - rest.length };
}

/** The longest prefix that is UTF-8, or could become it with more bytes. */
function decodablePrefix(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes, middle, true)) good = middle;
    else bad = middle;
  }
  return good;
}

function decodes(bytes: Uint8Array, length: number, stream: boolean): boolean {
  try {
    strict().decode(bytes.subarray(0, length), { stream });
    return true;
  } catch {
    return false;
  }
}

/** All mistakes that were found; and, where their help says enough to go on, what would stand here if it had been followed. */
export interface Invalid<T> {
  readonly diagnostics: readonly Diagnostic[];
  readonly repaired?: T;
}

export const isInvalid = <T extends object>(found: T | Invalid<T>): found is Invalid<T> => 'diagnostics' in found;

/** What a phase made and found: mistakes between fields keep nobody from looking further. */
export const withMistakes = <T extends { readonly warnings: readonly Diagnostic[] }>(made: T): T | Invalid<T> =>
  made.warnings.some(isError) ? { diagnostics: made.warnings, repaired: made } : made;

/**
 * The next phase of a document. It looks at a repaired one too, and what it finds there is told together with what was found before: a person
 * hears of all mistakes in one go. What stands at the very place of an earlier mistake follows from it, and isn't told.
 */
export function andThen<
  T extends { readonly doc: SourceDoc },
  U extends { readonly doc?: SourceDoc; readonly warnings?: readonly Diagnostic[] },
>(before: T | Invalid<T>, next: (given: T) => U | Invalid<U>): U | Invalid<U> {
  if (!isInvalid(before)) return next(before);
  const { diagnostics, repaired } = before;
  if (!repaired) return { diagnostics };
  const after = next(repaired);
  const further = isInvalid(after) ? after : { diagnostics: after.warnings ?? [], repaired: after };
  return { ...further, diagnostics: together(repaired.doc, diagnostics, further.diagnostics) };
}

/** By place, what the command line says last; what is wrong in an alias that is used twice is told once. */
export const inOrder = (doc: SourceDoc, problems: readonly Problem[]): readonly Diagnostic[] =>
  sorted(
    doc,
    firstOf(problems).map((problem) => diagnose(doc, problem)),
  );

function together(doc: SourceDoc, before: readonly Diagnostic[], later: readonly Diagnostic[]): readonly Diagnostic[] {
  const at = ({ place }: Diagnostic) => JSON.stringify([place?.file, place?.line, place?.column]);
  const told = new Set(before.map(at));
  return sorted(doc, [...before, ...later.filter((each) => !told.has(at(each)))]);
}

function sorted(doc: SourceDoc, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const id = ({ code, message, place }: Diagnostic) =>
    JSON.stringify([code === 'missing-key' ? message : code, place?.file === doc.file ? '' : place?.text, place?.line, place?.column]);
  const rank = ({ place }: Diagnostic) => (place?.file === doc.file ? [0, place.line, place.column] : [1, 0, 0]);
  const compare = (a: readonly number[], b: readonly number[]) => a.reduce((order, x, i) => order || x - (b[i] ?? 0), 0);
  const told = new Set<string>();
  return diagnostics.filter((each) => !told.has(id(each)) && told.add(id(each))).toSorted((a, b) => compare(rank(a), rank(b)));
}
