import type { Problem } from '../diagnostics/diagnostic.js';
import { MARKS, readCsv } from '../formats/csv.js';
import { cellsIn, indexOfColumn, plainNumber, textOf } from '../formats/table.js';
import { decodeData } from '../stages/dataset/encoding.js';
import { readMoments } from '../stages/dataset/series/time.js';
import type { Batch, DataSpec, Dataset, Files, RowName, SplitSpec, WindowSource } from '../stages/stage.js';
import { get, sizeOf } from '../stages/tensors.js';
import { sourceUnmatched, stepsShared, windowSeesFuture } from './messages.js';

/**
 * What windows of a dataset that says when they are show: whether they read what comes after their origin, which is tried on a few of each split that
 * doesn't train, and whether steps that test lie in windows that train. `remade` is the dataset over other files, with what was fitted to these.
 */
export function lookAtWindows(
  dataset: Dataset,
  { splits }: DataSpec,
  source: WindowSource | undefined,
  files: Files,
  remade: (files: Files) => Dataset,
): readonly Problem[] {
  const others = Object.entries(splits).filter(([name]) => name !== 'train');
  const train = dataset.rows?.('train') ?? [];
  return others.flatMap(([name, split]) => {
    const rows = dataset.rows?.(name) ?? [];
    return [
      ...(source ? futureOf(dataset, name, split, rows, source, files, remade) : []),
      ...sharedSteps(name, train, rows, splits['train']),
    ];
  });
}

// The future

function futureOf(
  dataset: Dataset,
  name: string,
  split: SplitSpec,
  rows: readonly RowName[],
  source: WindowSource,
  files: Files,
  remade: (files: Files) => Dataset,
): readonly Problem[] {
  const decoded = decodeData(files.read(source.file));
  // What isn't text has no rows to change.
  if (!('text' in decoded)) return [];
  const { text } = decoded;
  const inputs = Object.entries(split.inputs).filter(([, { decodes }]) => !decodes);
  for (const index of new Set([0, Math.floor(rows.length / 2), rows.length - 1])) {
    const origin = rows[index]?.origin;
    if (origin === undefined) return [];
    const changed = changedBehind(text, source, origin);
    if (changed === undefined) return [sourceUnmatched(origin, source)];
    const bytes = new TextEncoder().encode(changed);
    const other = remade({ ...files, read: (file) => (file === source.file ? bytes : files.read(file)) });
    const [before, after] = [exampleAt(dataset, name, index), exampleAt(other, name, index)];
    for (const [input, { shape }] of inputs) {
      const width = sizeOf(shape);
      const numbersOf = ({ batch, row }: Example) => get(batch.inputs, input).subarray(row * width, (row + 1) * width);
      if (before && after && numbersOf(before).some((value, at) => !Object.is(value, numbersOf(after)[at])))
        return [windowSeesFuture(name, input, origin)];
    }
  }
  return [];
}

interface Example {
  readonly batch: Batch;
  readonly row: number;
}

function exampleAt(dataset: Dataset, name: string, index: number): Example | undefined {
  let seen = 0;
  for (const batch of dataset.batches(name, 1)) {
    const there = [...batch.weight.keys()].filter((row) => batch.weight[row] !== 0);
    const row = there[index - seen];
    if (row !== undefined) return { batch, row };
    seen += there.length;
  }
  return undefined;
}

/** A file in which every number of the rows after a moment is another one; undefined where no row is at that moment. */
function changedBehind(text: string, { time, known = [] }: WindowSource, origin: string): string | undefined {
  const table = readCsv(text, () => {}, { wanted: [time] });
  const [at, ...stays] = [time, ...known].map((name) => indexOfColumn(table.columns, name));
  if (at === undefined || at < 0) return undefined;
  const times = cellsIn(table, at).map(textOf);
  const asked = times.lastIndexOf(origin);
  if (asked < 0) return undefined;
  // Where moments can't be read, rows are in their order.
  const moments = momentsIn(times) ?? times.map((_, row) => row);
  const lines = text.split('\n');
  for (const [row, moment] of moments.entries()) {
    const line = table.line(row) - 1;
    const [, end = ''] = /(\r?)$/.exec(lines[line] ?? '') ?? [];
    const mark = Object.keys(MARKS).find((each) => lines[line]?.split(each).length === table.columns.length);
    if (mark === undefined || moment <= (moments[asked] ?? Infinity)) continue;
    const cells = (lines[line] ?? '').slice(0, -end.length || undefined).split(mark);
    lines[line] = `${cells.map((cell, column) => (column === at || stays.includes(column) ? cell : another(cell))).join(mark)}${end}`;
  }
  return lines.join('\n');
}

/** A number that is as large again and more, of its sign, and whole where it was; what is no number stays. */
function another(cell: string): string {
  const number = plainNumber(cell.trim().replace(/^"(.*)"$/, '$1'));
  return number === undefined ? cell : String(number + 1 + Math.ceil(Math.abs(number)));
}

/** When each of some texts is; undefined where one of them tells no moment. */
function momentsIn(texts: readonly string[]): readonly number[] | undefined {
  let isRead = true;
  const { values } = readMoments({ length: texts.length, cell: (at) => texts[at] ?? '' }, undefined, String, '', () => (isRead = false));
  return isRead ? [...values] : undefined;
}

// Shared steps

/** Steps that a split asks for, and that lie in windows of training: among what those read, or among what they ask for. */
function sharedSteps(name: string, train: readonly RowName[], rows: readonly RowName[], split: SplitSpec | undefined): readonly Problem[] {
  const all = [...train, ...rows];
  if (!split || train.length === 0 || rows.length === 0 || all.some(({ origin }) => origin === undefined)) return [];
  const words = [...new Set(all.flatMap(({ origin = '', times }) => [origin, ...times]))];
  const values = momentsIn(words);
  if (!values) return [];
  const order = words.map((_, at) => at).toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const placeOf = new Map(order.map((at, place) => [words[at] ?? '', place]));
  const { axes, shape } = split.inputs.input;
  const reads = axes[0] === 'time' ? (shape[0] ?? 1) : 1;
  const trained = new Map<string, Uint8Array>();
  for (const { series = '', origin = '', times } of train) {
    const seen = trained.get(series) ?? new Uint8Array(words.length);
    trained.set(series, seen);
    const last = Math.max(...[origin, ...times].map((time) => placeOf.get(time) ?? 0));
    seen.fill(1, Math.max(0, (placeOf.get(origin) ?? 0) - reads + 1), last + 1);
  }
  const asked = rows.flatMap(({ series = '', times }) =>
    times.map((time) => ({ time, shared: trained.get(series)?.[placeOf.get(time) ?? 0] })),
  );
  const shared = asked.filter((step) => step.shared === 1);
  return shared.length === 0 ? [] : [stepsShared(name, shared.length, asked.length, shared[0]?.time ?? '')];
}
