import type { Problem } from '../../diagnostics/diagnostic.js';
import { type OrderSettings, readOrder } from '../../stages/dataset/sequences/order.js';
import { type DecimalMark, missingIn } from '../../stages/dataset/sequences/numbers.js';
import { cellsIn, type Table, textOf } from '../../formats/table.js';
import { guessPatterns } from '../../stages/dataset/sequences/dates.js';

/** Whether a column can say in which order the steps of a sequence come. */
type Ordering =
  /** `settings` say how it is read, where the document has to say it. */
  | { readonly kind: 'orders'; readonly settings: OrderSettings }
  /** Two steps of a sequence have one value: it does not order them. */
  | { readonly kind: 'repeats' }
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/**
 * How a column orders the rows of each sequence (`groups`): by itself, else by dates written in a common form, else by the digits in its text. Of two
 * forms that all dates fit, day first and month first, the one is taken in which the rows of every sequence stand as they are.
 */
export function orderingOf(table: Table, column: number, groups: readonly (readonly number[])[], mark: DecimalMark): Ordering {
  const texts = [...new Set(cellsIn(table, column).map(textOf))];
  const patterns = guessPatterns(texts);
  const tries: readonly OrderSettings[] = [
    {},
    ...patterns.map((written) => ({ written })),
    ...(isNumbered(texts) ? [{ as: 'natural' as const }] : []),
  ];
  const isMissing = missingIn();
  const gap = cellsIn(table, column).findIndex(isMissing);
  const problems: Problem[] = [];
  const read = tries.flatMap((settings) => {
    const found: Problem[] = [];
    const order = readOrder(table, column, groups, settings, { mark, isMissing, report: (problem) => found.push(problem) });
    problems.push(...found.slice(0, 1));
    return order ? [{ settings, order }] : [];
  });
  const isBefore = (compare: (a: number, b: number) => number) =>
    groups.every((rows) => rows.every((row, i) => i === 0 || compare(rows[i - 1] ?? row, row) < 0));
  const isTwice = (compare: (a: number, b: number) => number) =>
    groups.some((rows) => rows.toSorted(compare).some((row, i, all) => i > 0 && compare(all[i - 1] ?? row, row) === 0));
  const [first, ...others] = read;
  const [problem] = problems;
  if (gap >= 0 || !first) {
    const repeats = groups.some((rows) => new Set(rows.map((row) => textOf(table.cell(row, column)))).size < rows.length);
    if (repeats) return { kind: 'repeats' };
    const empty = {
      code: 'missing-value',
      path: ['order'],
      message: `${table.place(gap)} has none`,
      help: 'fill it in, or number the steps',
    };
    return { kind: 'unreadable', problem: gap >= 0 || !problem ? empty : problem };
  }
  if (isTwice(first.order.compare)) return { kind: 'repeats' };
  if (first.settings.written === undefined || others.every(({ settings }) => settings.written === undefined))
    return { kind: 'orders', settings: first.settings };
  const standing = read.filter(({ settings, order }) => settings.written !== undefined && isBefore(order.compare));
  const [only] = standing;
  if (only && standing.length === 1) return { kind: 'orders', settings: only.settings };
  return {
    kind: 'unreadable',
    problem: problem ?? { code: 'unknown-order', path: ['order'], message: 'its dates may be read in several ways' },
  };
}

/** One text with other digits in it: `t1`, `t2`, … */
const isNumbered = (texts: readonly string[]): boolean =>
  texts.every((text) => /\d/.test(text)) && new Set(texts.map((text) => text.replaceAll(/\d+/g, '0'))).size === 1;
