import { createHash } from 'node:crypto';
import type { Problem } from '../../diagnostics/diagnostic.js';
import { defineStage, type Batch, type DataSpec, type Fitted, type RowName, type SplitSpec } from '../stage.js';
import { countClasses } from '../fitted.js';
import { constantAnswers } from './constants.js';
import { bestConstant, describeParts, type Example, fill, fitScales, inheritScales, type Scales, toExample } from './sequences/examples.js';
import { type Sketch, sketchOf } from './seen.js';
import type { Sequence } from './sequences/gather.js';
import { options, type Options } from './sequences/options.js';
import { read, readAsked } from './sequences/read.js';
import { hashesOf, oddOf, rangesOf, unknownClasses } from './sequences/asked.js';
import * as messages from './sequences/messages.js';
import { threatsOf } from './sequences/threats.js';

const VERSION = 1;

/**
 * A person's own sequences. Input `[time, features]` in float32; target `[]` or `[time]`, indices of classes in the order of their names, or `[1]`
 * or `[time, 1]`, numbers. A sequence stays whole: all its steps are in one split.
 *
 * Sequences shorter than the longest of their split are filled up with zeros at the end. Where that happens, a batch carries a `mask` `[batch,
 * time]`, 1 for what is there: models pass over the rest, and it counts in no score.
 */
export const sequences = defineStage({
  slot: 'dataset',
  kind: 'sequences',
  version: VERSION,
  summary: 'Sequences of your own, to classify or to map to numbers.',
  options,
  example: { file: 'walks.csv', format: 'csv', sequence: 'walk', order: 'step', features: ['x'], target: 'label', task: 'classification' },

  look(options, { files, streams }) {
    const bytes = files.read(options.file);
    const { parts, classes, problems, assumed, isReordered } = read(options, bytes, streams);
    const threats = threatsOf(options, parts);
    const { file: _, ...settings } = options;
    const drawn = options.split_column === undefined ? streams.seed : null;
    const identity = [
      'sequences',
      VERSION,
      createHash('sha256').update(bytes).digest('hex'),
      Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      drawn,
      // Old works keep their digest, but for one whose steps were in another order.
      ...(isReordered ? ['by time'] : []),
    ];
    const trained = parts.get('train') ?? [];
    const content: Content = {
      problems: [...problems, ...threats.problems],
      shifted: threats.shifted,
      classes,
      ...(trained.length > 0
        ? {
            counts: countClasses(
              trained.flatMap(({ targets }) => targets),
              classes,
            ),
            scales: fitScales(trained, options.features.length),
            ranges: rangesOf(trained, options),
            seen: sketchOf(hashesOf(trained)),
          }
        : {}),
      sizes: Object.fromEntries([...parts].map(([split, all]) => [split, sizeOf(all)])),
      chance: bestConstant(parts, options.task),
    };
    return {
      digest: createHash('sha256').update(JSON.stringify(identity)).digest('hex'),
      facts: [...describeParts(parts, options.task), ...threats.facts, ...assumed],
      content,
    };
  },

  fit({ features, task, standardize }, { facts: { content }, inherited }) {
    const { classes, counts, scales: own, ranges, seen } = content;
    const names = features.map(String);
    return {
      features: names,
      ...(task === 'classification' && { classes, ...(counts && { classCounts: counts }) }),
      ...(standardize && own && (inherited ? inheritScales(own, names, inherited) : own)),
      ...(ranges && { ranges }),
      ...(seen && { own: { seen } }),
    };
  },

  plan(options, { facts: { content }, request }, report): DataSpec {
    const { problems, shifted, classes, sizes, chance } = content;
    for (const problem of problems) report(problem);
    const unreadable = problems.some(({ severity }) => severity !== 'warning');
    // What can't be read is planned as if it were there, so that the rest of the document is checked all the same.
    const split = (size: Size): SplitSpec => splitOf(options, unreadable ? { ...size, count: request.batchSize } : size, request.batchSize);
    return {
      splits: { train: split(NONE), ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, split(size)])) },
      ...(options.task === 'classification' ? { classes: Math.max(1, classes.length) } : {}),
      ...(shifted ? { shifted } : {}),
      independent: true,
      chance,
    };
  },

  encode(options, { answered, files, fitted, request }, report) {
    const { classes = [] } = fitted;
    const all = readAsked(options, files.read(options.file), answered, report);
    if (all.length === 0) return undefined;
    const unknown = options.task === 'classification' ? unknownClasses(all, classes) : [];
    if (unknown.length > 0) report(messages.classesNotTrained(unknown, classes, answered));
    for (const problem of oddOf(all, options, fitted)) report(problem);
    const split = splitOf(options, sizeOf(all), request.batchSize);
    const examples = all.map((sequence) => toExample(sequence, options, classes, scalesOf(fitted)));
    return {
      split,
      dataset: {
        batches: () => batchesOf(examples, Int32Array.from(examples.keys()), split),
        rows: () => all.map((sequence) => rowOf(sequence, options)),
      },
    };
  },

  recipe: ({ features, target, task, target_per: per }, { fitted: { means, deviations, classes } }) => ({
    features: features.map(String),
    ...(means && deviations && { means, deviations, formula: '(x - mean) / deviation' }),
    target: String(target),
    task,
    target_per: per,
    ...(classes && { classes }),
  }),

  create({ streams, files, fitted, request }, options, spec) {
    const { parts, classes } = read(options, files.read(options.file), streams);
    const scales = scalesOf(fitted);
    const examples = new Map([...parts].map(([name, all]) => [name, all.map((sequence) => toExample(sequence, options, classes, scales))]));
    return {
      *batches(name, epoch) {
        const [split, all] = [spec.splits[name], examples.get(name)];
        if (!split || !all) throw new Error(`the sequences have no split ${name}`);
        const order = Int32Array.from(all.keys());
        if (name === 'train' && request.shuffle) streams.stream('shuffle', epoch).shuffle(order);
        yield* batchesOf(all, order, split);
      },
      rows: (name) => (parts.get(name) ?? []).map((sequence) => rowOf(sequence, options)),
      baselines: (name) => constantAnswers(examples.get('train') ?? [], spec, name),
    };
  },
});

function* batchesOf(all: readonly Example[], order: Int32Array, split: SplitSpec): Iterable<Batch> {
  for (let first = 0; first < order.length; first += split.batchSize) {
    const chosen = [...order.subarray(first, first + split.batchSize)].flatMap((index) => all[index] ?? []);
    yield fill(chosen, split);
  }
}

const scalesOf = ({ means, deviations }: Fitted): Scales | undefined => means && deviations && { means, deviations };

const rowOf = ({ name, length }: Sequence, { target_per: per }: Options): RowName => ({
  series: name,
  times: per === 'step' ? Array.from({ length }, (_, step) => String(step + 1)) : [],
});

const splitOf = (options: Options, { count, longest, varies }: Size, batchSize: number): SplitSpec => ({
  examples: count,
  batches: Math.ceil(count / batchSize),
  batchSize,
  ...tensorSpecs(options, longest),
  ...(varies ? { masked: true } : {}),
});

/** What `plan` needs again, kept with the facts. A file's mistakes are facts of it. */
interface Content {
  readonly problems: readonly Problem[];
  readonly shifted: boolean;
  readonly classes: readonly string[];
  /** Of the train split; not there where nothing could be read. Counts are by class. */
  readonly counts?: readonly number[];
  readonly scales?: Scales;
  readonly ranges?: NonNullable<Fitted['ranges']>;
  readonly seen?: Sketch;
  readonly sizes: Readonly<Record<string, Size>>;
  readonly chance: Readonly<Record<string, number>>;
}

interface Size {
  readonly count: number;
  readonly longest: number;
  readonly varies: boolean;
}

const NONE: Size = { count: 0, longest: 1, varies: false };

const sizeOf = (all: readonly Sequence[]): Size => {
  const lengths = all.map(({ length }) => length);
  const [shortest, longest] = [lengths.reduce((a, b) => Math.min(a, b), Infinity), lengths.reduce((a, b) => Math.max(a, b), 1)];
  return { count: all.length, longest, varies: shortest < longest };
};

function tensorSpecs({ features, task, target_per }: Options, time: number): Pick<SplitSpec, 'inputs' | 'target'> {
  const steps = target_per === 'step' ? [time] : [];
  const axes = target_per === 'step' ? ['time'] : [];
  return {
    inputs: { input: { shape: [time, features.length], axes: ['time', 'features'], dtype: 'float32' } },
    target:
      task === 'classification'
        ? { shape: steps, axes, dtype: 'int32' }
        : { shape: [...steps, 1], axes: [...axes, 'outputs'], dtype: 'float32' },
  };
}
