import { createHash } from 'node:crypto';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Problem } from '../../diagnostics/diagnostic.js';
import { formatCount, formatSetting } from '../../diagnostics/numbers.js';
import {
  defineStage,
  type Batch,
  type DataFacts,
  type DataSpec,
  type Fact,
  type Fitted,
  type FittedTransform,
  type RowName,
  type SplitSpec,
  type UsedTransform,
} from '../stage.js';
import { StageFault } from '../stage-fault.js';
import { get } from '../tensors.js';
import { HOST, inProgram } from '../transform/arithmetic.js';
import { applyAll, lostBy, undoAll } from '../transform/chain.js';
import { naiveError, naiveForecasts, type Naive } from './series/forecasts.js';
import * as messages from './series/messages.js';
import { type Options, options } from './series/options.js';
import { commonMoment, momentOf, type Part, partsOf, reportEmpty, startsOf, type Windows, windowsOf } from './series/parts.js';
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
 * inputs of the model a batch has `truth` `[horizon x targets]`, the values as the file has them, and `past` `[lost x targets]`, the last ones
 * before the forecast, where undoing a difference needs them.
 */
export const series = defineStage({
  slot: 'dataset',
  kind: 'series',
  version: VERSION,
  summary: 'A series of your own, to forecast.',
  options,

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
    return {
      features: inputColumns(options),
      transforms: Object.fromEntries(fitted),
      naiveErrors: Object.fromEntries(options.targets.map((target) => [target, naiveError(valuesIn(content, target, train), season)])),
      own: { season, starts: startsOf(content, parts) },
    };
  },

  plan(options, { facts: { content }, fitted, transforms, request: { batchSize, fold } }, report): DataSpec {
    const { targets, horizon, window, layout, known = [] } = options;
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
      reportEmpty(parts, windows, options, lost, report);
      const [train] = parts;
      if (options.season !== undefined && train && options.season >= train.to) report(messages.longSeason(options.season, train.to));
      const refused = refusedBy(transforms, options, content, fitted);
      const seen = (column: string) => content.all.map((each) => transformed(each, column, options, transforms, fitted));
      const looked = { content, parts, season: Number(fitted.own?.['season'] ?? 1), read: seen };
      for (const problem of refused.length > 0 ? refused : threatsOf(options, looked)) report(problem);
    }
    const outputs = horizon * targets.length;
    const split = (examples: number): SplitSpec => ({
      examples,
      batches: Math.ceil(examples / batchSize),
      batchSize,
      inputs: {
        input:
          layout === 'steps'
            ? { shape: [window, read.length], axes: ['time', 'features'], dtype: 'float32' }
            : { shape: [1, window * read.length], axes: ['time', 'features'], dtype: 'float32' },
        ...(transforms.length > 0 && { truth: { shape: [outputs], axes: ['outputs'], dtype: 'float32', decodes: true } as const }),
        ...(lost > 0 && { past: { shape: [lost * targets.length], axes: ['past'], dtype: 'float32', decodes: true } as const }),
      },
      target: { shape: [outputs], axes: ['outputs'], dtype: 'float32' },
    });
    const counted = parts.map(
      ({ split: name }) => [name, split(isUnreadable ? batchSize : (windows.get(name)?.origins.length ?? 0))] as const,
    );
    return {
      splits: Object.fromEntries(counted),
      outputs: { steps: horizon, names: targets, ...nearZero(options, content, parts) },
      independent: layout === 'features' || window > 1,
      chance: {},
      ...(!isUnreadable && {
        baselines: naiveLevels(options, content, fitted, parts, windows),
        facts: factsOf(options, content, fitted, transforms, parts, windows),
      }),
    };
  },

  create({ facts: { content }, fitted, transforms, streams, request }, options, spec) {
    const parts = partsOf(content, withItsParts(options, fitted), request.fold, () => {});
    const lost = lostBy(transforms);
    const read = inputColumns(options);
    const windowsBySplit = Object.fromEntries(parts.map((part) => [part.split, windowsOf(content, part, options, lost, read)]));
    const changed = content.all.map((each) =>
      Object.fromEntries(columnsOf(options).map((column) => [column, transformed(each, column, options, transforms, fitted)])),
    );
    const origins = new WeakMap<Batch['inputs'], { readonly windows: Windows; readonly chosen: Int32Array }>();
    const [train] = parts;
    const forecasts = train ? forecastsOf(options, content, fitted, train) : {};
    return {
      *batches(name, epoch) {
        const split = get(spec.splits, name);
        const windows = get(windowsBySplit, name);
        const order = Int32Array.from(windows.origins.keys());
        if (name === 'train' && request.shuffle) streams.stream('shuffle', epoch).shuffle(order);
        for (let first = 0; first < order.length; first += split.batchSize) {
          const chosen = order.subarray(first, first + split.batchSize);
          const batch = cut(chosen, windows, content, changed, options, transforms, split);
          origins.set(batch.inputs, { windows, chosen });
          yield batch;
        }
      },
      rows(name) {
        const { series: of, origins: from } = get(windowsBySplit, name);
        return Array.from(from, (origin, window): RowName => {
          return rowOf(seriesAt(content, of[window] ?? 0), origin, content, options);
        });
      },

      baselines: () =>
        Object.fromEntries(
          Object.keys(forecasts[options.targets[0] ?? ''] ?? {}).map((name) => [
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
                  answer[row * options.horizon * options.targets.length + at] =
                    forecasts[target]?.[name]?.(each?.columns[target] ?? new Float64Array(), origin, ahead) ?? Number.NaN;
                });
              }
              return answer;
            },
          ]),
        ),
      *beyond() {
        const { batchSize } = get(spec.splits, 'train');
        const windows: Windows = {
          series: Int32Array.from(content.all.keys()),
          origins: Int32Array.from(content.all, (each) => lastOrigin(each, options, lost)),
        };
        for (let first = 0; first < content.all.length; first += batchSize) {
          const chosen = windows.series.subarray(first, first + batchSize);
          const rows = Array.from(chosen, (index) => rowOf(seriesAt(content, index), windows.origins[index] ?? 0, content, options));
          yield { batch: cut(chosen, windows, content, changed, options, transforms, get(spec.splits, 'train')), rows };
        }
      },
    };
  },

  decode: ({ tf, transforms }, options, { fitted }) => {
    if (transforms.length === 0) return (values) => values;
    const { targets, horizon } = options;
    const math = inProgram(tf);
    return ({ output }, { truth, past }) => {
      const batch = output.shape[0] ?? 1;
      const ofTarget = (values: Tensor, steps: number, index: number): Tensor =>
        tf.reshape(tf.slice(tf.reshape(values, [batch, steps, targets.length]), [0, 0, index], [batch, steps, 1]), [batch, steps]);
      const undone = targets.map((target, index) => {
        const y = ofTarget(output, horizon, index);
        const before = past ? ofTarget(past, lostBy(transforms), index) : y;
        return undoAll(math, transformsOf(transforms, options, target), fitted.transforms?.[target] ?? [], y, before);
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
  times: Array.from({ length: horizon }, (_, ahead) => writeMoment(momentOf(each, origin + ahead + 1, step), step)),
});

/** What the model reads at each step, in this order. */
const inputColumns = (options: Options): readonly string[] => [...featuresOf(options), ...(options.known ?? [])];

/** The parts are those that the constants were fitted on, whatever was added to the file since. */
function withItsParts(options: Options, { own }: Fitted): Options {
  const starts = own?.['starts'] as Readonly<Record<string, string>> | undefined;
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

/** The transforms of a column. One that is known in advance is scaled only: a holiday has no logarithm. */
function transformsOf(
  transforms: readonly UsedTransform[],
  { targets, features = targets, known = [] }: Options,
  column: string,
): readonly UsedTransform[] {
  const isKnown = known.includes(column) && !features.includes(column) && !targets.includes(column);
  return transforms.filter(
    ({ columns, transform, spec }) => (columns?.includes(column) ?? true) && (!isKnown || (transform.fit !== undefined && spec.lost === 0)),
  );
}

const unknownColumns = (transforms: readonly UsedTransform[], options: Options): readonly Problem[] =>
  transforms.flatMap(({ columns = [] }, index) => {
    const at = columns.findIndex((column) => !columnsOf(options).includes(column));
    return at < 0 ? [] : [messages.unreadColumn(['transform', index, 'columns', at], columns[at] ?? '', columnsOf(options))];
  });

/** The values of a column that lie in a part of the time, series by series. */
const valuesIn = (content: SeriesContent, column: string, { from, to }: Pick<Part, 'from' | 'to'>): readonly Float64Array[] =>
  content.all.map((each) => {
    return get(each.columns, column).slice(Math.max(0, from - each.offset), Math.max(0, to - each.offset));
  });

const EVERYTHING = { from: 0, to: Infinity };

/** Fits each transform to what those before it make of the values that it may see. */
function fitAll(transforms: readonly UsedTransform[], column: string, content: SeriesContent, train: Part): readonly FittedTransform[] {
  const fitted: FittedTransform[] = [];
  for (const [index, { transform, fitOn }] of transforms.entries()) {
    const values = valuesIn(content, column, fitOn === 'all' ? EVERYTHING : train).flatMap((each) => [
      ...applyAll(HOST, transforms.slice(0, index), fitted, each),
    ]);
    fitted.push(transform.fit?.(Float64Array.from(values.filter((value) => !Number.isNaN(value)))) ?? {});
  }
  return fitted;
}

/** A column as the model reads it, as long as the series: the values that are lost at its beginning are `NaN`. */
function transformed(each: Series, column: string, options: Options, transforms: readonly UsedTransform[], fitted: Fitted): Float64Array {
  const list = transformsOf(transforms, options, column);
  const values = applyAll(HOST, list, fitted.transforms?.[column] ?? [], get(each.columns, column));
  return HOST.join(new Float64Array(each.length - values.length).fill(Number.NaN), values);
}

/** The first value of each column that a transform can't take, as the transforms before it have made it. */
const refusedBy = (transforms: readonly UsedTransform[], options: Options, content: SeriesContent, fitted: Fitted): readonly Problem[] =>
  columnsOf(options).flatMap((column) => {
    const list = transformsOf(transforms, options, column);
    for (const { columns, lines } of content.all) {
      const found: Problem[] = [];
      applyAll(HOST, list, fitted.transforms?.[column] ?? [], get(columns, column), (values, used) => {
        const { kind, transform } = used;
        const at = values.findIndex((value) => !Number.isNaN(value) && transform.refuses?.(value) !== undefined);
        if (at < 0 || found.length > 0) return;
        const value = values[at] ?? Number.NaN;
        const place = `line ${lines[at + lines.length - values.length]}`;
        found.push(messages.notTransformed(transforms.indexOf(used), kind, place, column, value, transform.refuses?.(value) ?? ''));
      });
      if (found.length > 0) return found;
    }
    return [];
  });

/** Of the first target's training values. */
function seasonOf(
  { season, targets }: Options,
  content: SeriesContent,
  train: Part,
): { readonly steps: number; readonly correlation?: number } {
  if (season !== undefined) return { steps: season };
  const values = valuesIn(content, targets[0] ?? '', train).reduce((a, b) => (b.length > a.length ? b : a), new Float64Array());
  return (
    findSeason(
      values.filter((value) => !Number.isNaN(value)),
      usualSeasons(content.step),
    ) ?? { steps: 1 }
  );
}

/** Each number of a forecast: its target, its step ahead from 1, its place in the answer. */
function eachOutput({ horizon, targets }: Options, see: (target: string, ahead: number, at: number) => void): void {
  for (let ahead = 1; ahead <= horizon; ahead++)
    for (const [index, target] of targets.entries()) see(target, ahead, (ahead - 1) * targets.length + index);
}

const forecastsOf = (
  options: Options,
  content: SeriesContent,
  { own }: Fitted,
  train: Part,
): Readonly<Record<string, Readonly<Record<string, Naive>>>> =>
  Object.fromEntries(
    options.targets.map((target) => [target, naiveForecasts(valuesIn(content, target, train), Number(own?.['season'] ?? 1))]),
  );

/** Errors of the naive forecasts on what doesn't train, in the unit of the file and over every window, the worst first. */
function naiveLevels(
  options: Options,
  content: SeriesContent,
  fitted: Fitted,
  parts: readonly Part[],
  windows: ReadonlyMap<string, Windows>,
): NonNullable<DataSpec['baselines']> {
  const [train] = parts;
  if (!train) return {};
  const forecasts = forecastsOf(options, content, fitted, train);
  const names = Object.keys(forecasts[options.targets[0] ?? ''] ?? {});
  const levels: Record<string, Record<string, number>> = {};
  for (const { split } of parts) {
    const { series: of, origins } = windows.get(split) ?? { series: new Int32Array(), origins: new Int32Array() };
    if (origins.length === 0) continue;
    const errors = names.map((name) => {
      let [absolute, squared, count] = [0, 0, 0];
      for (const [window, origin] of origins.entries()) {
        const each = content.all[of[window] ?? 0];
        eachOutput(options, (target, ahead) => {
          const values = each?.columns[target] ?? new Float64Array();
          const error = (values[origin + ahead] ?? Number.NaN) - (forecasts[target]?.[name]?.(values, origin, ahead) ?? Number.NaN);
          absolute += Math.abs(error);
          squared += error * error;
          count += 1;
        });
      }
      return { name, absolute: absolute / count, squared: Math.sqrt(squared / count) };
    });
    const by = (of: 'absolute' | 'squared') =>
      Object.fromEntries(errors.toSorted((a, b) => b[of] - a[of]).map((error) => [error.name, error[of]]));
    levels[`${split}/mean_absolute_error`] = by('absolute');
    levels[`${split}/root_mean_squared_error`] = by('squared');
  }
  return levels;
}

function factsOf(
  options: Options,
  content: SeriesContent,
  fitted: Fitted,
  transforms: readonly UsedTransform[],
  parts: readonly Part[],
  windows: ReadonlyMap<string, Windows>,
): readonly Fact[] {
  const when = (at: number): string => writeMoment(commonMoment(content, at), content.step);
  const [train] = parts;
  const season = train ? seasonOf(options, content, train) : { steps: 1 };
  const fittedFacts = columnsOf(options).flatMap((column) =>
    transformsOf(transforms, options, column).flatMap(({ kind, fitOn }, index): readonly Fact[] => {
      const numbers = Object.entries(fitted.transforms?.[column]?.[index] ?? {});
      if (numbers.length === 0 || !train) return [];
      const to = fitOn === 'all' ? parts.reduce((end, part) => Math.max(end, part.to), 0) : train.to;
      return [
        {
          key: `fitted-${index + 1}-${keyOf(column)}`,
          name: `${kind} of ${column}`,
          value: `${numbers.map(([name, value]) => `${name} ${formatSetting(value, 6)}`).join(', ')}; from ${when(0)} to ${when(to - 1)}`,
        },
      ];
    }),
  );
  return [
    ...parts.map(({ split, from, to }): Fact => ({
      key: `${keyOf(split)}-windows`,
      name: `forecasts of ${split}`,
      value: `${formatCount(windows.get(split)?.origins.length ?? 0)}, from ${when(from)} to ${when(Math.max(from, to - 1))}`,
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

function cut(
  chosen: Int32Array,
  windows: Windows,
  content: SeriesContent,
  changed: readonly Readonly<Record<string, Float64Array>>[],
  options: Options,
  transforms: readonly UsedTransform[],
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
    const values = changed[of] ?? {};
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
      target[row * outputs + at] = get(values, name)[origin + ahead] ?? 0;
      truth[row * outputs + at] = get(raw, name)[origin + ahead] ?? 0;
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
  return {
    inputs: { input, ...(transforms.length > 0 && { truth }), ...(lost > 0 && { past }) },
    target,
    weight: new Float32Array(batchSize).fill(1, 0, chosen.length),
  };
}
