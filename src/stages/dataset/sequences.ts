import { createHash } from 'node:crypto';
import type { Problem } from '../../diagnostics/diagnostic.js';
import { defineStage, type Batch, type DataSpec, type Fitted, type RowName, type SplitSpec, type TensorSpec } from '../stage.js';
import { countClasses } from '../fitted.js';
import { constantAnswers } from './constants.js';
import {
  bestConstant,
  describeParts,
  type Example,
  fill,
  fitScales,
  fitTarget,
  inheritScales,
  type Scales,
  toExample,
  TRUTH,
} from './sequences/examples.js';
import { type Sketch, sketchOf } from './seen.js';
import type { Sequence } from './sequences/gather.js';
import { options, type Options } from './sequences/options.js';
import { read, readAsked } from './sequences/read.js';
import { hashesOf, oddOf, rangesOf, unknownClasses } from './sequences/asked.js';
import * as messages from './sequences/messages.js';
import { FILE_COLUMN, FOLDER_COLUMN, type Source, sourcesOf } from './sequences/sources.js';
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

  draws: ({ split_column: given }) => (given === undefined ? ['the split'] : []),

  look(options, { files, streams }) {
    const sources = sourcesOf(options, files);
    const { parts, classes, problems, assumed, isReordered } = read(options, sources, streams);
    const threats = threatsOf(options, parts);
    const { file: _, ...settings } = options;
    const drawn = options.split_column === undefined ? streams.seed : null;
    const identity = [
      'sequences',
      VERSION,
      digestOf(sources, options),
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
            ...(options.task === 'regression' && { targetScale: fitTarget(trained) }),
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

  fit({ features, task, standardize, standardize_target: standardizes }, { facts: { content }, inherited }) {
    const { classes, counts, scales: own, targetScale, ranges, seen } = content;
    const names = features.map(String);
    return {
      features: names,
      ...(task === 'classification' && { classes, ...(counts && { classCounts: counts }) }),
      ...(standardize && own && (inherited ? inheritScales(own, names, inherited) : own)),
      ...(standardizes && targetScale && { targetScale: inherited?.targetScale ?? targetScale }),
      ...(ranges && { ranges }),
      ...(seen && { own: { seen } }),
    };
  },

  plan(options, { facts: { content }, fitted, request }, report): DataSpec {
    const { problems, shifted, classes, sizes, chance } = content;
    for (const problem of problems) report(problem);
    if (options.standardize_target !== undefined && options.task === 'classification') report(messages.classesNotScaled());
    if (options.standardize_target === undefined && content.targetScale) messages.targetFarFromOne(content.targetScale).forEach(report);
    const unreadable = problems.some(({ severity }) => severity !== 'warning');
    // What can't be read is planned as if it were there, so that the rest of the document is checked all the same.
    const split = (size: Size): SplitSpec => splitOf(options, unreadable ? { ...size, count: request.batchSize } : size, request.batchSize);
    return {
      splits: { train: split(NONE), ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, split(size)])) },
      ...(options.task === 'classification' ? { classes: Math.max(1, classes.length) } : {}),
      ...(shifted ? { shifted } : {}),
      independent: true,
      chance,
      ...(fitted.targetScale && { facts: [messages.scaledTarget(options.target, fitted.targetScale)] }),
    };
  },

  encode(options, { answered, files, fitted, request }, report) {
    const { classes = [] } = fitted;
    const all = readAsked(options, sourcesOf(options, files), answered, report);
    if (all.length === 0) return undefined;
    const unknown = options.task === 'classification' ? unknownClasses(all, classes) : [];
    // A file need not lie in a folder of its class before anybody knows it.
    const isSaid = answered || options.target !== FOLDER_COLUMN;
    if (unknown.length > 0 && isSaid) report(messages.classesNotTrained(unknown, classes, answered));
    for (const problem of oddOf(all, options, fitted)) report(problem);
    const split = splitOf(options, sizeOf(all), request.batchSize);
    const examples = all.map((sequence) => toExample(sequence, options, fitted));
    return {
      split,
      dataset: {
        batches: () => batchesOf(examples, Int32Array.from(examples.keys()), split),
        rows: () => all.map((sequence) => rowOf(sequence, options)),
      },
    };
  },

  decodes: standardizesTarget,

  decode({ tf }, _, { fitted: { targetScale } }) {
    return ({ output, target }, { truth }) => ({
      output: targetScale ? tf.add(tf.mul(output, targetScale.deviation), targetScale.mean) : output,
      // As the file has it: scaled and unscaled, it would be rounded twice.
      target: truth ?? target,
    });
  },

  recipe: ({ features, target, task, target_per: per }, { fitted: { means, deviations, classes, targetScale } }) => ({
    features: features.map(String),
    ...(means && deviations && { means, deviations, formula: '(x - mean) / deviation' }),
    target: String(target),
    task,
    target_per: per,
    ...(targetScale && { target_scale: { ...targetScale, formula: 'output * deviation + mean' } }),
    ...(classes && { classes }),
  }),

  create({ streams, files, fitted, request }, options, spec) {
    const { parts } = read(options, sourcesOf(options, files), streams);
    const examples = new Map([...parts].map(([name, all]) => [name, all.map((sequence) => toExample(sequence, options, fitted))]));
    return {
      *batches(name, epoch) {
        const [split, all] = [spec.splits[name], examples.get(name)];
        if (!split || !all) throw new Error(`the sequences have no split ${name}`);
        const order = Int32Array.from(all.keys());
        if (name === 'train' && request.shuffle) streams.stream('shuffle', epoch).shuffle(order);
        yield* batchesOf(all, order, split);
      },
      rows: (name) => (parts.get(name) ?? []).map((sequence) => rowOf(sequence, options)),
      baselines(name) {
        // In the unit that `decode` gives.
        const trained = (examples.get('train') ?? []).map(({ target, truth = target }) => ({ target: truth }));
        return constantAnswers(trained, spec, name);
      },
    };
  },
});

function* batchesOf(all: readonly Example[], order: Int32Array, split: SplitSpec): Iterable<Batch> {
  for (let first = 0; first < order.length; first += split.batchSize) {
    const chosen = [...order.subarray(first, first + split.batchSize)].flatMap((index) => all[index] ?? []);
    yield fill(chosen, split);
  }
}

const rowOf = ({ name, length, group }: Sequence, { target_per: per }: Options): RowName => ({
  series: name,
  ...(group !== undefined && { group }),
  times: per === 'step' ? Array.from({ length }, (_, step) => String(step + 1)) : [],
});

const splitOf = (options: Options, { count, longest, varies }: Size, batchSize: number): SplitSpec => ({
  examples: count,
  batches: Math.ceil(count / batchSize),
  batchSize,
  ...tensorSpecs(options, longest),
  ...(varies ? { masked: true, filledAtEnd: true } : {}),
});

/** What `plan` needs again, kept with the facts. A file's mistakes are facts of it. */
interface Content {
  readonly problems: readonly Problem[];
  readonly shifted: boolean;
  readonly classes: readonly string[];
  /** Of the train split; not there where nothing could be read. Counts are by class. */
  readonly counts?: readonly number[];
  readonly scales?: Scales;
  readonly targetScale?: NonNullable<Fitted['targetScale']>;
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

function tensorSpecs(options: Options, time: number): Pick<SplitSpec, 'inputs' | 'target'> {
  const { features, task, target_per: per } = options;
  const steps = per === 'step' ? [time] : [];
  const axes = per === 'step' ? ['time'] : [];
  const target: TensorSpec =
    task === 'classification'
      ? { shape: steps, axes, dtype: 'int32' }
      : { shape: [...steps, 1], axes: [...axes, 'outputs'], dtype: 'float32' };
  const input: TensorSpec = { shape: [time, features.length], axes: ['time', 'features'], dtype: 'float32' };
  return { inputs: { input, ...(standardizesTarget(options) && { [TRUTH]: { ...target, decodes: true } }) }, target };
}

/** What the files hold, in their order; and what they are called, where that says anything of a sequence. */
function digestOf(
  sources: readonly Source[],
  { sequence = FILE_COLUMN, target, split_column: split, split: { group } = {} }: Options,
): unknown {
  const contents = sources.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'));
  if (contents.length === 1) return contents[0];
  const areNamed = [sequence, target, split, group].some((name) => name === FILE_COLUMN || name === FOLDER_COLUMN);
  return areNamed ? sources.map(({ name }, at) => [name, contents[at]]) : contents;
}

function standardizesTarget({ task, standardize_target: standardizes }: Options): boolean {
  return task === 'regression' && standardizes === true;
}
