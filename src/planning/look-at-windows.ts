import type { Problem } from '../diagnostics/diagnostic.js';
import { plainNumber } from '../formats/table.js';
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
  const text = new TextDecoder().decode(files.read(source.file));
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

const SEPARATORS = [',', ';', '\t', '|'];

/** A file in which every number of the rows after a moment is another one; undefined where no row is at that moment. */
function changedBehind(text: string, { time, known = [] }: WindowSource, origin: string): string | undefined {
  const lines = text.split('\n');
  const [header = ''] = lines;
  const cut = (line: string, mark: string): readonly string[] => line.replace(/\r$/, '').split(mark);
  const plain = (cell: string): string => cell.trim().replace(/^"(.*)"$/, '$1');
  const mark = SEPARATORS.find((each) =>
    cut(header.replace(/^\uFEFF/, ''), each)
      .map(plain)
      .includes(time),
  );
  if (mark === undefined) return undefined;
  const names = cut(header.replace(/^\uFEFF/, ''), mark).map(plain);
  const at = names.indexOf(time);
  const stays = new Set([at, ...known.map((name) => names.indexOf(name))]);
  const rows = lines.map((line) => cut(line, mark));
  const times = rows.map((cells) => plain(cells[at] ?? ''));
  const asked = times.findLastIndex((each, line) => line > 0 && each === origin);
  if (asked < 0) return undefined;
  const later = laterThan(times, asked);
  return rows
    .map((cells, line) =>
      later(line) && cells.length === names.length
        ? cells.map((cell, column) => (stays.has(column) ? cell : other(plainNumber(plain(cell)), cell))).join(mark)
        : lines[line],
    )
    .join('\n');
}

/** As large again and more: of the same sign, and whole where it was. */
const other = (number: number | undefined, cell: string): string =>
  number === undefined ? cell : String(number + 1 + Math.ceil(Math.abs(number)));

/** By what moments say; where they can't be read, in the order of the file. */
function laterThan(times: readonly string[], asked: number): (line: number) => boolean {
  let isRead = true;
  const filled = times.map((time, line) => (line === 0 || time === '' ? (times[asked] ?? '') : time));
  const { values } = readMoments(
    { length: filled.length, cell: (row) => filled[row] ?? '' },
    undefined,
    String,
    '',
    () => (isRead = false),
  );
  return (line) => line > 0 && times[line] !== '' && (isRead ? (values[line] ?? 0) > (values[asked] ?? 0) : line > asked);
}

// Shared steps

/** Steps that a split asks for, and that lie in windows of training: among what those read, or among what they ask for. */
function sharedSteps(name: string, train: readonly RowName[], rows: readonly RowName[], split: SplitSpec | undefined): readonly Problem[] {
  const all = [...train, ...rows];
  if (!split || train.length === 0 || rows.length === 0 || all.some(({ origin }) => origin === undefined)) return [];
  const words = [...new Set(all.flatMap(({ origin = '', times }) => [origin, ...times]))];
  let isRead = true;
  const { values } = readMoments({ length: words.length, cell: (at) => words[at] ?? '' }, undefined, String, '', () => (isRead = false));
  if (!isRead) return [];
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
