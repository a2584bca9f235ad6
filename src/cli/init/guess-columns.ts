import { readNumber, type Cell, type Table } from '../../stages/dataset/sequences/table.js';

/** What the columns of a table seem to be. */
export interface Columns {
  readonly sequence: string | undefined;
  readonly order: string | undefined;
  readonly features: readonly string[];
  readonly target: string;
  readonly task: 'classification' | 'regression';
  readonly per: 'sequence' | 'step';
  readonly sequences: number;
  readonly steps: number;
  readonly longest: number;
}

const SEQUENCE = /^(sequence|seq|series|id|session|subject|patient|user|unit|episode|trial|case|group)$|[_ ]?id$/i;
const ORDER = /^(order|step|time|t|date|datetime|timestamp|frame|index|day|hour)$/i;
const TARGET = /^(target|label|class|y|output|category|kind|answer)$/i;
/** Whole numbers with so few values are rather names than measures. */
const MOST_CLASSES = 20;

export type Missing = 'sequence' | 'features' | 'target';

/** Reads roles off the names and the values of columns, or says what it could not find. `own`: the name of sequences where lines are sequences. */
export function guessColumns({ columns, rows }: Table, own: string | undefined): Columns | { readonly missing: Missing } {
  const named = (pattern: RegExp): string | undefined => columns.find((name) => name !== own && pattern.test(name));
  const at = (name: string): number => columns.indexOf(name);
  const valuesOf = (name: string): readonly Cell[] => rows.map((row) => row[at(name)] ?? '');
  const isNumeric = (name: string): boolean => valuesOf(name).every((cell) => typeof readNumber(cell) === 'number');

  const sequence = own ?? named(SEQUENCE) ?? columns.find((name) => comesInBlocks(valuesOf(name)));
  if (sequence === undefined) return { missing: 'sequence' };
  const lengths = new Map<Cell, number>();
  for (const value of valuesOf(sequence)) lengths.set(value, (lengths.get(value) ?? 0) + 1);
  const order = own === undefined ? columns.find((name) => name !== sequence && ORDER.test(name)) : undefined;
  const others = columns.filter((name) => name !== sequence && name !== order);
  const target = others.find((name) => TARGET.test(name)) ?? others.at(-1);
  if (target === undefined) return { missing: 'target' };
  const features = others.filter((name) => name !== target && isNumeric(name));
  if (features.length === 0) return { missing: 'features' };
  const answers = valuesOf(target);
  const distinct = new Set(answers);
  const isName = !isNumeric(target) || (answers.every((cell) => Number.isInteger(Number(cell))) && distinct.size <= MOST_CLASSES);
  const seen = new Map<Cell, Cell>();
  const constant = rows.every((row) => {
    const [of = '', answer = ''] = [row[at(sequence)], row[at(target)]];
    if (!seen.has(of)) seen.set(of, answer);
    return seen.get(of) === answer;
  });
  return {
    sequence: own === undefined ? sequence : undefined,
    order,
    features,
    target,
    task: isName ? 'classification' : 'regression',
    per: constant ? 'sequence' : 'step',
    sequences: lengths.size,
    steps: rows.length,
    longest: Math.max(...lengths.values()),
  };
}

/** Each value once in a row, several times, and there are several: what the name of a sequence looks like. */
function comesInBlocks(values: readonly Cell[]): boolean {
  const starts = values.filter((value, index) => value !== values[index - 1]);
  return starts.length > 1 && new Set(starts).size === starts.length && values.length >= 2 * starts.length;
}
