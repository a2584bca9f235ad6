import { createHash } from 'node:crypto';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Problem } from '../../diagnostics/diagnostic.js';
import { formatCount, formatSetting } from '../../diagnostics/numbers.js';
import {
  defineStage,
  type Batch,
  type DataFacts,
  type Dataset,
  type DataSpec,
  type Fact,
  type Fitted,
  type KnownSteps,
  type RowName,
  type SplitSpec,
  type UsedTransform,
} from '../stage.js';
import { StageFault } from '../stage-fault.js';
import { get } from '../tensors.js';
import { inProgram, joined } from '../transform/arithmetic.js';
import { lostBy, undoAll } from '../transform/chain.js';
import { rangeOf, reportOutside } from './ranges.js';
import { sum } from '../../statistics/means.js';
import {
  fitAll,
  fittedFrom,
  inputColumns,
  refusedBy,
  scalesOf,
  transformed,
  transformsAhead,
  transformsOf,
  unknownColumns,
  valuesIn,
  within,
  withoutMissing,
} from './series/columns.js';
import { eachOutput, forecastsOf, type Kept, keptOf, levelOf, naiveError, naiveLevels } from './series/forecasts.js';
import * as messages from './series/messages.js';
import { type Options, options } from './series/options.js';
import {
  askedWindows,
  foldsOf,
  momentOf,
  type Part,
  partsOf,
  readStep,
  reportEmpty,
  reportFolds,
  startsOf,
  type Windows,
  windowsOf,
  writeStep,
} from './series/parts.js';
import { columnsOf, featuresOf, readSeries, type Series, type SeriesContent } from './series/read.js';
import { findSeason } from './series/season.js';
import { nearZero, threatsOf } from './series/threats.js';
import { usualSeasons, writeMoment } from './series/time.js';

const VERSION = 1;

/**
 * A series to forecast, from a CSV file with a row for each step. A window of `window` steps is read, the `horizon` steps behind it are answered all at
 * once. Input `[window, columns]`, or `[1, window x columns]` with layout `features`; target `[horizon x targets]`, the steps ahead one after the
 * other. A known column stands in a step of the window with the value that it has `horizon` steps later.
 *
 * The model reads transformed values; `decode` brings its answers back, so that metrics are in the file's own unit, over every window. Beside the
 * inputs of the model a batch has `truth` `[horizon x targets]`, the values as the file has them, `past` `[lost x targets]`, the last ones before the
 * forecast, where undoing a difference needs them, and `scales` `[numbers]`, what transforms were fitted to: so one program serves all folds.
 */
export const series = defineStage({
  slot: 'dataset',
  kind: 'series',
  version: VERSION,
  summary: 'A series of your own, to forecast.',
  options,
  example: { file: 'airline.csv', time: 'Month', targets: ['Passengers'], window: 12 },

  look(options, { files }): DataFacts<SeriesContent> {
    const bytes = files.read(options.file);
    const content = readSeries(options, bytes);
    const { file: _, ...settings } = options;
    const identity = [
      'series',
      VERSION,
      createHash('sha256').update(bytes).digest('hex'),
      Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ];
    return { digest: createHash('sha256').update(JSON.stringify(identity)).digest('hex'), facts: content.assumed, content };
  },

  fit(options, { facts: { content }, transforms, request, inherited }): Fitted {
    const parts = partsOf(content, options, request.fold, () => {});
    const [train] = parts;
    if (!train || content.all.length === 0) return {};
    const fitted = columnsOf(options).map((column) => {
      const list = transformsOf(transforms, options, column);
      return [column, inherited?.transforms?.[column] ?? fitAll(list, column, content, train)] as const;
    });
    const season = seasonOf(options, content, train).steps;
    const transformsByColumn = Object.fromEntries(fitted);
    const ofTargets = <T>(of: (trained: readonly Float64Array[]) => T): Readonly<Record<string, T>> =>
      Object.fromEntries(options.targets.map((target) => [target, of(valuesIn(content, target, train))]));
    const own: Kept = {
      season,
      starts: startsOf(content, parts),
      trained: momentsOf(content, train),
      step: content.step,
      levels: ofTargets(levelOf),
    };
    return {
      features: inputColumns(options),
      transforms: transformsByColumn,
      naiveErrors: ofTargets((trained) => naiveError(trained, season)),
      ranges: rangesOf(content, train, options, transforms, { transforms: transformsByColumn }),
      own: { ...own },
    };
  },

  plan(options, { facts: { content }, fitted, transforms, request: { batchSize, fold } }, report): DataSpec {
    const { targets, horizon, window, known = [] } = options;
    for (const problem of content.problems) report(problem);
    const isUnreadable = content.all.length === 0;
    const answers = known.filter((name) => targets.includes(name));
    if (answers.length > 0) report(messages.targetKnown(answers));
    if (known.length > 0 && window < horizon) report(messages.shortForKnown(window, horizon));
    for (const problem of unknownColumns(transforms, options)) report(problem);
    const lost = lostBy(transforms);
    const parts = partsOf(content, options, fold, report);
    const read = inputColumns(options);
    const windows = new Map(parts.map((part) => [part.split, windowsOf(content, part, options, lost, read)]));
    if (!isUnreadable) {
      if (!reportFolds(content, options, lost, report)) reportEmpty(parts, windows, options, lost, report);
      const [train] = parts;
      if (options.season !== undefined && train && options.season >= train.to) report(messages.longSeason(options.season, train.to));
      if (options.mean_of_last !== undefined && train && options.mean_of_last > train.to)
        report(messages.longMean(options.mean_of_last, train.to));
      const refused = refusedBy(transforms, options, content, fitted);
      const seen = (column: string) => content.all.map((each) => transformed(each, column, options, transforms, fitted));
      const looked = { content, parts, season: keptOf(fitted).season, read: seen, ranges: fitted.ranges ?? {} };
      const threats = () => [...transformsAhead(transforms, options, content, fitted), ...threatsOf(options, looked)];
      for (const problem of refused.length > 0 ? refused : threats()) report(problem);
    }
    const split = (examples: number): SplitSpec => splitOf(options, transforms, fitted, batchSize, examples);
    const counted = parts.map(
      ({ split: name }) => [name, split(isUnreadable ? batchSize : (windows.get(name)?.origins.length ?? 0))] as const,
    );
    return {
      splits: Object.fromEntries(counted),
      ...(transforms.every(({ transform }) => transform.takesInputs) && { decodesInputs: true }),
      outputs: { steps: horizon, names: targets, ...nearZero(options, content, parts) },
      // One step after the other: windows that overlap, lie side by side or are of different series don't go on from one another.
      independent: window > 1 || batchSize > 1 || content.all.length > 1,
      chance: {},
      ...(!isUnreadable && {
        baselines: naiveLevels(options, content, fitted, parts, windows),
        facts: factsOf(options, content, fitted, transforms, parts, windows),
        // Each column as the file has it and as the model reads it, and the moments.
        bytes: 8 * sum(content.all.map(({ length }) => length)) * (1 + 2 * columnsOf(options).length),
        ...(options.folds && { folds: foldsOf(content, options) }),
      }),
    };
  },

  create({ facts: { content }, fitted, transforms, streams, request }, options, spec) {
    const parts = partsOf(content, withItsParts(options, fitted), request.fold, () => {});
    const lost = lostBy(transforms);
    const read = inputColumns(options);
    const windowsBySplit = Object.fromEntries(parts.map((part) => [part.split, windowsOf(content, part, options, lost, read)]));
    const of = { content, options, fitted, transforms, read: readBy(content, options, transforms, fitted) };
    const shuffles = (name: string): boolean => name === 'train' && request.shuffle;
    const dataset = datasetOf(of, windowsBySplit, spec.splits, (name, epoch, order) => {
      if (shuffles(name)) streams.stream('shuffle', epoch).shuffle(order);
    });
    return {
      ...dataset,
      repeats: (name) => !shuffles(name),
      *beyond() {
        const train = get(spec.splits, 'train');
        const windows: Windows = {
          series: Int32Array.from(content.all.keys()),
          origins: Int32Array.from(content.all, (each) => lastOrigin(each, options, lost)),
        };
        for (let first = 0; first < content.all.length; first += train.batchSize) {
          const chosen = windows.series.subarray(first, first + train.batchSize);
          const rows = Array.from(chosen, (index) => rowOf(seriesAt(content, index), windows.origins[index] ?? 0, content, options));
          const known = Array.from(chosen, (index) =>
            knownBefore(seriesAt(content, index), windows.origins[index] ?? 0, content, options, keptOf(fitted).season),
          );
          yield { batch: cut(chosen, windows, of, train), rows, known };
        }
      },
    };
  },

  encode(options, { name, answered, files, fitted, transforms, request }, report) {
    const kept = keptOf(fitted);
    const lost = lostBy(transforms);
    const read = inputColumns(options);
    const unread = answered || lost > 0 ? [] : options.targets.filter((target) => !read.includes(target));
    // What separates the values of this file need not be what separated those of the other one.
    const { separator: _, ...said } = options;
    const content = readSeries(said, files.read(options.file), { step: kept.step, unread });
    for (const problem of content.problems) report(problem);
    if (content.all.length === 0) return undefined;
    const refused = refusedBy(transforms, options, content, fitted);
    for (const problem of refused) report(problem);
    if (refused.length > 0) return undefined;
    const of = { content, options, fitted, transforms, read: readBy(content, options, transforms, fitted) };
    const windows = askedWindows(content, of.read, options, lost, answered);
    for (const problem of oddOf(of, windows, answered)) report(problem);
    if (windows.origins.length === 0) return undefined;
    const split = splitOf(options, transforms, fitted, request.batchSize, windows.origins.length);
    return { split, dataset: datasetOf(of, { [name]: windows }, { [name]: split }) };
  },

  recipe: ({ time, series: of, targets, known = [], window, horizon, layout, ...options }, { fitted, transforms }) => {
    const all = { ...options, targets, known, time, window, horizon, layout };
    return {
      time: typeof time === 'string' ? time : time.column,
      ...(of !== undefined && { series: of }),
      targets,
      features: featuresOf(all),
      known,
      window,
      horizon,
      layout,
      lost: lostBy(transforms),
      input:
        layout === 'steps'
          ? 'step s, feature f of a window that ends at row o: feature f at row o - window + 1 + s; a known column horizon rows later'
          : 'number s * features + f of a window that ends at row o: feature f at row o - window + 1 + s; a known column horizon rows later',
      output: 'number (a - 1) * targets + t: target t at row o + a, transformed; undo the transforms of the target, the last one first',
      transforms: Object.fromEntries(
        columnsOf(all).map((column) => [
          column,
          transformsOf(transforms, all, column).map(({ kind, options: { columns: _, fit_on: __, ...said }, transform, spec }, index) => ({
            kind,
            ...said,
            ...fitted.transforms?.[column]?.[index],
            lost: spec.lost,
            ...transform.formula,
          })),
        ]),
      ),
    };
  },

  decode: ({ tf, transforms }, options, { fitted }) => {
    if (transforms.length === 0) return (values) => values;
    const { targets, horizon } = options;
    const math = inProgram(tf);
    const numbers = scalesOf(options, transforms, fitted);
    return ({ output }, { truth, past, scales }) => {
      const batch = output.shape[0] ?? 1;
      const ofTarget = (values: Tensor, steps: number, index: number): Tensor =>
        tf.reshape(tf.slice(tf.reshape(values, [batch, steps, targets.length]), [0, 0, index], [batch, steps, 1]), [batch, steps]);
      const undone = targets.map((target, index) => {
        const y = ofTarget(output, horizon, index);
        const before = past ? ofTarget(past, lostBy(transforms), index) : y;
        const fits = scales
          ? fittedFrom(numbers, target, fitted, (place) => tf.slice(scales, [0, place], [batch, 1]))
          : (fitted.transforms?.[target] ?? []);
        return undoAll(math, transformsOf(transforms, options, target), fits, y, before);
      });
      const [first] = undone;
      const all = undone.length === 1 && first ? first : tf.reshape(tf.stack(undone, 2), [batch, horizon * targets.length]);
      return { output: all, target: truth ?? output };
    };
  },
});

function seriesAt({ all }: SeriesContent, index: number): Series {
  const series = all[index];
  if (!series) throw new Error(`there is no series ${index}`);
  return series;
}

/** What the forecast after a step of a series is about. */
const rowOf = (each: Series, origin: number, { step }: SeriesContent, { horizon }: Options): RowName => ({
  ...(each.name !== undefined && { series: each.name }),
  origin: writeMoment(momentOf(each, origin, step), step),
  times: Array.from({ length: horizon }, (_, ahead) => writeMoment(momentOf(each, origin + ahead + 1, step), step)),
});

/** Steps up to the last one that is known, so many that a season and a window can be seen beside the forecast. */
function knownBefore(
  each: Series,
  origin: number,
  { step }: SeriesContent,
  { window, horizon, targets }: Options,
  season: number,
): KnownSteps {
  const count = Math.min(MOST_KNOWN, Math.max(2 * window, 3 * season, 4 * horizon));
  const [from, to] = [Math.max(0, origin + 1 - count), origin + 1];
  return {
    times: Array.from({ length: to - from }, (_, at) => writeMoment(momentOf(each, from + at, step), step)),
    values: targets.map((target) => [...get(each.columns, target).subarray(from, to)]),
  };
}

const MOST_KNOWN = 200;

/** The parts are those that the constants were fitted on, whatever was added to the file since. */
function withItsParts(options: Options, fitted: Fitted): Options {
  const { starts } = keptOf(fitted);
  // A fold ends where the next one begins to test.
  return starts === undefined || options.folds
    ? options
    : { ...options, split: Object.fromEntries(Object.entries(starts).map(([split, from]) => [split, { from }])) };
}

/** The step after which a series is forecast: the last one with all values. A window before it that lacks some can't be read. */
function lastOrigin({ name, columns, length, lines }: Series, options: Options, lost: number): number {
  const { targets, known = [], horizon, window } = options;
  const read = [...new Set([...featuresOf(options), ...targets])];
  const lacks = (names: readonly string[], at: number): string | undefined =>
    names.find((column) => Number.isNaN(get(columns, column)[at] ?? Number.NaN));
  let origin = length - 1;
  while (origin > 0 && lacks(read, origin) !== undefined) origin -= 1;
  const first = origin - window - lost + 1;
  if (first < 0) throw new StageFault(messages.tooShortForForecast(origin + 1, window + lost, name));
  for (let at = first; at <= origin + horizon; at++) {
    const column = at <= origin ? (lacks(read, at) ?? lacks(known, at)) : lacks(known, at);
    if (column === undefined) continue;
    throw new StageFault(
      at <= origin ? messages.holeBeforeForecast(lines[at] ?? 0, column, window + lost, name) : messages.knownEnds(column, horizon, name),
    );
  }
  return origin;
}

/** Of the first target's training values. */
function seasonOf(
  { season, targets }: Options,
  content: SeriesContent,
  train: Part,
): { readonly steps: number; readonly correlation?: number } {
  if (season !== undefined) return { steps: season };
  const values = valuesIn(content, targets[0] ?? '', train).reduce((a, b) => (b.length > a.length ? b : a), new Float64Array());
  return findSeason(withoutMissing(values), usualSeasons(content.step)) ?? { steps: 1 };
}

/** How many forecasts there are, and from the first step that one is about to the last. */
function forecastsIn(
  { series, origins }: Windows = { series: new Int32Array(), origins: new Int32Array() },
  { all }: SeriesContent,
  { horizon }: Options,
  when: (at: number) => string,
): string {
  const begins = origins.map((origin, window) => (all[series[window] ?? 0]?.offset ?? 0) + origin + 1);
  if (begins.length === 0) return '0';
  const [first, last] = begins.reduce(([a, b], begin) => [Math.min(a, begin), Math.max(b, begin)], [Infinity, 0]);
  return `${formatCount(begins.length)}, from ${when(first)} to ${when(last + horizon - 1)}`;
}

function factsOf(
  options: Options,
  content: SeriesContent,
  fitted: Fitted,
  transforms: readonly UsedTransform[],
  parts: readonly Part[],
  windows: ReadonlyMap<string, Windows>,
): readonly Fact[] {
  const when = (at: number): string => writeStep(content, at);
  const [train] = parts;
  const season = train ? seasonOf(options, content, train) : { steps: 1 };
  const fittedFacts = columnsOf(options).flatMap((column) =>
    transformsOf(transforms, options, column).flatMap(({ kind, fitOn }, index): readonly Fact[] => {
      const numbers = Object.entries(fitted.transforms?.[column]?.[index] ?? {});
      const to = fitOn === 'all' ? parts.reduce((end, part) => Math.max(end, part.to), 0) : (train?.to ?? 0);
      if (numbers.length === 0 || to === 0) return [];
      return [
        {
          key: `fitted-${index + 1}-${keyOf(column)}`,
          name: `${kind} of ${column}`,
          value: `${numbers.map(([name, value]) => `${name} ${formatSetting(value)}`).join(', ')}; from ${when(0)} to ${when(to - 1)}`,
        },
      ];
    }),
  );
  return [
    ...parts.map(({ split }): Fact => ({
      key: `${keyOf(split)}-windows`,
      name: `forecasts of ${split}`,
      value: forecastsIn(windows.get(split), content, options, when),
    })),
    {
      key: 'season',
      name: 'season',
      value:
        season.steps === 1
          ? 'none'
          : `${season.steps} steps${season.correlation === undefined ? '' : ` (found: changes go with those a season before, correlation ${formatSetting(season.correlation, 2)})`}`,
    },
    ...fittedFacts,
  ];
}

const keyOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'column';

/** A series and all that its batches are made of. */
interface Encoding {
  readonly content: SeriesContent;
  readonly options: Options;
  readonly fitted: Fitted;
  readonly transforms: readonly UsedTransform[];
  /** By series and column, what the model reads. */
  readonly read: readonly Readonly<Record<string, Float64Array>>[];
}

const readBy = (
  content: SeriesContent,
  options: Options,
  transforms: readonly UsedTransform[],
  fitted: Pick<Fitted, 'transforms'>,
): Encoding['read'] =>
  content.all.map((each) =>
    Object.fromEntries(columnsOf(options).map((column) => [column, transformed(each, column, options, transforms, fitted)])),
  );

/** The first and the last moment of a part. */
const momentsOf = (content: SeriesContent, { from, to }: Part): { readonly from: string; readonly to: string } => ({
  from: writeStep(content, from),
  to: writeStep(content, Math.max(from, to - 1)),
});

function rangesOf(
  content: SeriesContent,
  train: Part,
  options: Options,
  transforms: readonly UsedTransform[],
  fitted: Pick<Fitted, 'transforms'>,
): NonNullable<Fitted['ranges']> {
  const trained = (column: string): Float64Array =>
    joined(content.all.map((each) => within(transformed(each, column, options, transforms, fitted), each, train)));
  return Object.fromEntries(columnsOf(options).map((column) => [column, rangeOf(trained(column))]));
}

/** What is odd about data that a trained model is asked about. */
function oddOf({ content, options, fitted, transforms, read }: Encoding, windows: Windows, answered: boolean): readonly Problem[] {
  const { window, horizon, known = [] } = options;
  const lost = lostBy(transforms);
  if (windows.origins.length === 0) {
    const longest = content.all.reduce((most, { length }) => Math.max(most, length), 0);
    return [messages.noWindowAsked(longest, Math.max(window + lost, lost) + (answered || known.length > 0 ? horizon : 0), answered)];
  }
  const used = new Set(windows.series);
  const unused = content.all.flatMap(({ name }, index) => (used.has(index) ? [] : [name ?? '']));
  const outside = columnsOf(options).flatMap((column) => {
    if (!inputColumns(options).includes(column) && lost === 0) return [];
    const values = withoutMissing(joined(read.map((of) => get(of, column))));
    return reportOutside(column, values, fitted.ranges?.[column], transformsOf(transforms, options, column).length > 0);
  });
  return [
    ...(unused.length > 0 ? [messages.seriesWithoutWindow(unused, content.all.length)] : []),
    ...trainedOn(content, keptOf(fitted), windows, horizon),
    ...outside,
  ];
}

/** How many forecasts are about moments that trained. */
function trainedOn(content: SeriesContent, { trained }: Kept, { series, origins }: Windows, horizon: number): readonly Problem[] {
  if (!trained) return [];
  const { step } = content;
  const [from, to] = [readStep(content, trained.from), readStep(content, trained.to)];
  const count = origins.reduce((total, origin, index) => {
    const each = seriesAt(content, series[index] ?? 0);
    const isSeen = momentOf(each, origin + 1, step) <= to && momentOf(each, origin + horizon, step) >= from;
    return total + (isSeen ? 1 : 0);
  }, 0);
  return count === 0 ? [] : [messages.trainedOn(count, origins.length, trained.from, trained.to)];
}

function splitOf(options: Options, transforms: readonly UsedTransform[], fitted: Fitted, batchSize: number, examples: number): SplitSpec {
  const { window, layout, horizon, targets } = options;
  const width = inputColumns(options).length;
  const [outputs, lost, scales] = [horizon * targets.length, lostBy(transforms), scalesOf(options, transforms, fitted).length];
  return {
    examples,
    batches: Math.ceil(examples / batchSize),
    batchSize,
    inputs: {
      input:
        layout === 'steps'
          ? { shape: [window, width], axes: ['time', 'features'], dtype: 'float32' }
          : { shape: [1, window * width], axes: ['time', 'features'], dtype: 'float32' },
      ...(transforms.length > 0 && { truth: { shape: [outputs], axes: ['outputs'], dtype: 'float32', decodes: true } as const }),
      ...(lost > 0 && { past: { shape: [lost * targets.length], axes: ['past'], dtype: 'float32', decodes: true } as const }),
      ...(scales > 0 && { scales: { shape: [scales], axes: ['numbers'], dtype: 'float32', decodes: true } as const }),
    },
    target: { shape: [outputs], axes: ['outputs'], dtype: 'float32' },
  };
}

/** Batches of windows by split, what each window is about, and what needs no learning to answer it. */
function datasetOf(
  of: Encoding,
  windowsBySplit: Readonly<Record<string, Windows>>,
  splits: Readonly<Record<string, SplitSpec>>,
  reorder: (name: string, epoch: number, order: Int32Array) => void = () => {},
): Dataset {
  const { content, options, fitted } = of;
  const { targets, horizon } = options;
  const origins = new WeakMap<Batch['inputs'], { readonly windows: Windows; readonly chosen: Int32Array }>();
  const forecasts = forecastsOf(options, fitted);
  return {
    *batches(name, epoch) {
      const [split, windows] = [get(splits, name), get(windowsBySplit, name)];
      const order = Int32Array.from(windows.origins.keys());
      reorder(name, epoch, order);
      for (let first = 0; first < order.length; first += split.batchSize) {
        const chosen = order.subarray(first, first + split.batchSize);
        const batch = cut(chosen, windows, of, split);
        origins.set(batch.inputs, { windows, chosen });
        yield batch;
      }
    },

    rows(name) {
      const { series: ofWindow, origins: from } = get(windowsBySplit, name);
      return Array.from(from, (origin, window) => rowOf(seriesAt(content, ofWindow[window] ?? 0), origin, content, options));
    },

    baselines: () =>
      Object.fromEntries(
        Object.keys(forecasts[targets[0] ?? ''] ?? {}).map((name) => [
          name,
          (batch: Batch) => {
            const { windows, chosen } = origins.get(batch.inputs) ?? {
              windows: { series: new Int32Array(), origins: new Int32Array() },
              chosen: new Int32Array(),
            };
            const answer = new Float32Array(batch.target.length);
            for (const [row, index] of chosen.entries()) {
              const [each, origin] = [content.all[windows.series[index] ?? 0], windows.origins[index] ?? 0];
              eachOutput(options, (target, ahead, at) => {
                answer[row * horizon * targets.length + at] =
                  forecasts[target]?.[name]?.(each?.columns[target] ?? new Float64Array(), origin, ahead) ?? Number.NaN;
              });
            }
            return answer;
          },
        ]),
      ),
  };
}

function cut(
  chosen: Int32Array,
  windows: Windows,
  { content, options, transforms, fitted, read: columns }: Encoding,
  { batchSize }: SplitSpec,
): Batch {
  const { window, horizon, targets, known = [] } = options;
  const read = featuresOf(options);
  const [width, outputs, lost] = [read.length + known.length, horizon * targets.length, lostBy(transforms)];
  const input = new Float32Array(batchSize * window * width);
  const [target, truth] = [new Float32Array(batchSize * outputs), new Float32Array(batchSize * outputs)];
  const past = new Float32Array(batchSize * lost * targets.length);
  for (const [row, index] of chosen.entries()) {
    const [of, origin] = [windows.series[index] ?? 0, windows.origins[index] ?? 0];
    const values = columns[of] ?? {};
    const fill = (names: readonly string[], from: number, shift: number): void => {
      for (const [place, name] of names.entries()) {
        const column = get(values, name);
        for (let step = 0; step < window; step++)
          input[(row * window + step) * width + from + place] = column[origin - window + 1 + step + shift] ?? Number.NaN;
      }
    };
    fill(read, 0, 0);
    fill(known, read.length, horizon);
    const raw = content.all[of]?.columns ?? {};
    eachOutput(options, (name, ahead, at) => {
      // Beyond the end of the data there is none.
      target[row * outputs + at] = get(values, name)[origin + ahead] ?? Number.NaN;
      truth[row * outputs + at] = get(raw, name)[origin + ahead] ?? Number.NaN;
    });
    for (const [place, name] of targets.entries()) {
      const column = get(raw, name);
      for (let step = 0; step < lost; step++)
        past[(row * lost + step) * targets.length + place] = column[origin - lost + 1 + step] ?? Number.NaN;
    }
  }
  // What fills the batch up must be numbers too: a logarithm of zeros undone is none.
  for (let row = chosen.length; row < batchSize; row++) {
    truth.copyWithin(row * outputs, 0, outputs);
    past.copyWithin(row * lost * targets.length, 0, lost * targets.length);
  }
  const fits = scalesOf(options, transforms, fitted);
  const scales = Float32Array.from({ length: batchSize * fits.length }, (_, at) => fits[at % fits.length]?.value ?? Number.NaN);
  return {
    inputs: { input, ...(transforms.length > 0 && { truth }), ...(lost > 0 && { past }), ...(scales.length > 0 && { scales }) },
    target,
    weight: new Float32Array(batchSize).fill(1, 0, chosen.length),
  };
}
