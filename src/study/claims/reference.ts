import type { Problem } from '../../diagnostics/diagnostic.js';
import { nearest } from '../../diagnostics/words.js';
import * as messages from './messages.js';
import { readPublished } from './published.js';

/** The runs of somebody else, as a file holds them. */
export interface ReferenceRuns {
  readonly runs: readonly number[];
  /** The unit to which they were rounded; 0 where they were not. */
  readonly printed: number;
  readonly diverged?: number;
  /** What the file says of where they are from, under `source`. */
  readonly provenance?: string;
}

export type ReadReference = { readonly reference: ReferenceRuns } | { readonly words: Pick<Problem, 'code' | 'message' | 'help'> };

/** `FILE#/POINTER` in its two parts. */
export function splitReference(reference: string): { readonly file: string; readonly pointer: string } {
  const end = reference.lastIndexOf('#');
  const pointer = reference.slice(end + 1);
  // A name of a file may hold one too; a pointer is empty or begins with a slash.
  return end < 0 || /^[^/]/.test(pointer) ? { file: reference, pointer: '' } : { file: reference.slice(0, end), pointer };
}

/**
 * The runs that a JSON pointer (RFC 6901) names: a mapping of printed values to counts, a list of values, or `{values, printed, diverged}` with
 * either of them inside. `printed` may stand beside the named part too; else text keeps its rounding, and plain numbers have none.
 *
 * A file of JSON lines is a list of runs: the pointer picks one value of each line.
 */
export function readReference(text: string, pointer: string, isLines = false): ReadReference {
  if (isLines) {
    const lines = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{ line, number: index + 1 }]));
    const found = lines.map(({ line, number }) => ({ number, ...follow(JSON.parse(line), pointer) }));
    const without = found.filter((each) => each.missing !== undefined);
    const [first] = without;
    if (first && without.length === found.length)
      return { words: messages.noReference(pointer, first.known, nearest(first.missing ?? '', first.known)) };
    if (first)
      return {
        words: messages.linesWithoutRun(
          pointer,
          without.map(({ number }) => number),
        ),
      };
    return runsOf(found.map((each) => each.found));
  }
  const document: unknown = JSON.parse(text);
  const { found, around, known, missing } = follow(document, pointer);
  if (missing !== undefined) return { words: messages.noReference(pointer, known, nearest(missing, known)) };
  const {
    values,
    printed = around['printed'],
    diverged,
  }: Record<string, unknown> = isObject(found) && 'values' in found ? found : { values: found };
  const read = runsOf(values);
  if ('words' in read) return read;
  return {
    reference: {
      runs: read.reference.runs,
      printed: typeof printed === 'number' ? printed : read.reference.printed,
      ...(typeof diverged === 'number' && { diverged }),
      ...(isObject(document) && typeof document['source'] === 'string' && { provenance: document['source'] }),
    },
  };
}

function runsOf(values: unknown): ReadReference {
  const entries = Array.isArray(values)
    ? values.map((value: unknown) => [value, 1] as const)
    : isObject(values)
      ? Object.entries(values)
      : [];
  const read = entries.map(([value, count]) => ({ number: printedNumber(value), count }));
  if (!Array.isArray(values) && !isObject(values)) return { words: messages.badReference() };
  const wrong = read.findIndex(({ number, count }) => !number || !Number.isInteger(count) || Number(count) < 0);
  const [value, times] = entries[wrong] ?? [];
  if (wrong !== -1) return { words: messages.noRun(value, Array.isArray(values) ? undefined : times, wrong + 1, entries.length) };
  const total = read.reduce((sum, { count }) => sum + Number(count), 0);
  if (total > MOST_RUNS) return { words: messages.tooManyRuns(MOST_RUNS) };
  const runs = read.flatMap(({ number, count }) => Array.from({ length: Number(count) }, () => number?.value ?? Number.NaN));
  if (runs.length === 0) return { words: messages.emptyReference() };
  return { reference: { runs, printed: read.reduce((most, { number }) => Math.max(most, number?.unit ?? 0), 0) } };
}

/** More than anybody trained; a resample is drawn from all of them many times. */
const MOST_RUNS = 1_000_000;

function printedNumber(value: unknown): { readonly value: number; readonly unit: number } | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? { value, unit: 0 } : undefined;
  const printed = typeof value === 'string' ? readPublished(value) : undefined;
  return printed?.count ? undefined : printed;
}

interface Followed {
  readonly found: unknown;
  /** The mapping around what was found. */
  readonly around: Readonly<Record<string, unknown>>;
  readonly missing?: string;
  readonly known: readonly string[];
}

/** How many names are looked through for the one that is meant. */
const MOST_NAMES = 1000;

function follow(document: unknown, pointer: string): Followed {
  let found = document;
  let around: Readonly<Record<string, unknown>> = {};
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const inside = isObject(found) || Array.isArray(found) ? (found as Readonly<Record<string, unknown>>) : {};
    const isThere = Array.isArray(found) ? /^(?:0|[1-9]\d*)$/.test(name) && Number(name) < found.length : Object.hasOwn(inside, name);
    if (!isThere) return { found: undefined, around: inside, missing: name, known: Object.keys(inside).slice(0, MOST_NAMES) };
    around = isObject(found) ? found : {};
    found = inside[name];
  }
  return { found, around, known: [] };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
