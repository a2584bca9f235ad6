import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as TensorFlowLayers from '@tensorflow/tfjs-layers';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Problem } from '../diagnostics/diagnostic.js';
import type { Loop } from '../engine/engine.js';
import type { ObjectSchema, Static } from '../language/type.js';
import type { Streams } from '../random/streams.js';
import type { View } from '../views/view.js';
import type { Schedule } from './optimizer/schedule.js';

/** Sizes without the batch axis, unless a comment says otherwise. */
export type Shape = readonly number[];
export type Tensors = Readonly<Record<string, Tensor>>;
export type Numbers = Float32Array | Int32Array;

/** One tensor that flows between stages, without its batch axis; every axis has a name: `[time, bits]`. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly axes: readonly string[];
  readonly dtype: 'float32' | 'int32';
  /** Of whole numbers that are read as indices, the input of a model of text: there are so many, from 0. */
  readonly tokens?: number;
  /** Of an input that only `decode` is handed, and no model: the truth in a person's unit, the last values before a forecast. */
  readonly decodes?: true;
}

/** How a parameter's numbers are drawn before training. Each draw comes from the stream `parameters/NAME`, NAME being the parameter's, or that of a matrix that it is a part of. */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly stddev: number }
  | { readonly kind: 'uniform'; readonly limit: number }
  /** `part`: the block `index` of `count` blocks of columns of one orthogonal matrix, of which other parameters are the other blocks. */
  | { readonly kind: 'orthogonal'; readonly part?: { readonly of: string; readonly index: number; readonly count: number } }
  /** Equal blocks along the last axis, each drawn in its own way: the gates of a joined matrix. */
  | { readonly kind: 'blocks'; readonly blocks: readonly Initializer[] }
  /** Of a matrix with a row for each token: the rows of tokens that a file of word vectors has are those of the file, all others as in `otherwise`. */
  | { readonly kind: 'vectors'; readonly file: string; readonly otherwise: Initializer };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  /**
   * What each axis stands for. Along `tokens`, `classes` and `features`, weights that come from other data are matched by name; an axis that is
   * a multiple as long holds the names several times, one after the other.
   */
  readonly axes?: readonly string[];
  /** Training leaves the parameter as it is: there is no gradient by it, and the optimizer neither sees it nor remembers anything of it. */
  readonly frozen?: true;
}

// ------------------------------------------------------------------------------------------------ dataset

/**
 * What the files (or the generator) hold, found by looking: slow to get, a function of content and options alone, cached by content. `Content` is
 * plain data that `fit`, `plan` and `create` need again (columns, sizes).
 */
export interface DataFacts<Content = unknown> {
  /** SHA-256 of the content, hex. Of a generated set: of its kind, version, options and seed; never of a path. */
  readonly digest: string;
  /** Facts worth printing in a plan: `share of test pairs that occur in training`: 0.992. In a fixed order. */
  readonly facts: readonly Fact[];
  readonly content: Content;
}

export interface Fact {
  /** By which programs know it, whatever it is called in print: `test-pairs-in-train`. */
  readonly key: string;
  readonly name: string;
  readonly value: number | string;
  /** A sentence for the plan and the report when the fact deserves one. */
  readonly note?: string;
}

/** What a batch holds, by name: `input` is there always, what else there is a dataset says. A model is handed all of them. */
export interface Inputs<T> {
  readonly input: T;
  readonly [name: string]: T;
}

export interface SplitSpec {
  readonly examples: number;
  /** Batches of an epoch; the last one may be filled up with examples of weight 0. */
  readonly batches: number;
  readonly batchSize: number;
  readonly inputs: Inputs<TensorSpec>;
  readonly target: TensorSpec;
  /** Text: tokens predicted in an epoch. */
  readonly tokens?: number;
  /** Lengths vary: batches carry a `mask` `[batch, time]`. */
  readonly masked?: boolean;
  /** Of a mask: what fills a sequence up stands behind all of its steps, so that a model which reads forwards need not pass over it. */
  readonly filledAtEnd?: boolean;
  /** Where it is left out, the name says it: `train` learns; `validation`, `valid`, `val` and `dev` choose; any other one tests. */
  readonly role?: SplitRole;
}

/** What a split is for: weights are learnt from it, epochs and settings are chosen by it, or it tells how good the result is. */
export type SplitRole = 'train' | 'validation' | 'test';

/**
 * What a dataset took from its training data, and what its indices stand for: plain data, so that weights keep their meaning on other data. It
 * is recorded with a run and goes with its weights.
 */
export interface Fitted {
  /** Tokens of the input, by index. */
  readonly vocabulary?: readonly string[];
  /** What stands between two tokens of a text. */
  readonly separator?: string;
  /** Classes of the target, by index. */
  readonly classes?: readonly string[];
  /** How many targets that train are of each class, by index; weights of classes follow from them. */
  readonly classCounts?: readonly number[];
  /** Features along the last axis of the input. */
  readonly features?: readonly string[];
  /** By feature, what is subtracted from it and what the rest is divided by; not there where features are read as they are. */
  readonly means?: readonly number[];
  readonly deviations?: readonly number[];
  /** What is subtracted from a target that is a number, and what the rest is divided by, where a model learns it so. */
  readonly targetScale?: { readonly mean: number; readonly deviation: number };
  /** By column, the least and the largest value that trains, as the model reads it, and of how many; a dataset may leave it out. */
  readonly ranges?: Readonly<Record<string, { readonly least: number; readonly most: number; readonly values: number }>>;
  /** By target of a series, the mean of |y[t] - y[t - season]| over training data, in its unit: what a scaled error divides by. */
  readonly naiveErrors?: Readonly<Record<string, number>>;
  /** By column, what each transform of the document's list was fitted to. */
  readonly transforms?: Readonly<Record<string, readonly FittedTransform[]>>;
  /** What else a dataset took, by names of its own. */
  readonly own?: Readonly<Record<string, unknown>>;
}

/** What `plan` of a dataset says of its data. */
export interface DataSpec {
  /** In the order in which they are evaluated and printed; `train` is always the first. */
  readonly splits: Readonly<Record<string, SplitSpec>>;
  /** Targets are indices into this many classes; what the input holds, `tokens` of its spec says. */
  readonly classes?: number;
  /** The target of a step is the input of the step after it, as in text: a model that reads ahead sees the answer. */
  readonly shifted?: boolean;
  /** No batch continues the one before it, in whatever order: there is no state to carry. */
  readonly independent?: boolean;
  /** `SPLIT/METRIC` of the best answer that ignores the input, as training knows it; drawn as a line in plots. */
  readonly chance: Readonly<Record<string, number>>;
  /** By `SPLIT/METRIC`: what answers that need no learning reach, by name, the worst first. Where there are some, plots draw them all. */
  readonly baselines?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What the last axis of the target is, where that is a forecast: the steps ahead, and at each of them these numbers. */
  readonly outputs?: {
    readonly steps: number;
    readonly names: readonly string[];
    /** By split, how many values are below 1 % of their mean size, where there are some: a percentage of them means nothing. */
    readonly nearZero?: Readonly<Record<string, number>>;
  };
  /** `decode` reads nothing of the data but inputs of a batch: one program serves all data of these shapes and options. */
  readonly decodesInputs?: boolean;
  /** Bytes that the data take while a run trains, where examples are cut out of them batch by batch. */
  readonly bytes?: number;
  /** Of data in the order of time that are cut into folds, fold by fold from 1: the parts of each. */
  readonly folds?: readonly (readonly FoldPart[])[];
  /** Worth printing too, beside what was found by looking: sizes and dates of splits, constants that were fitted. */
  readonly facts?: readonly Fact[];
}

/** A stretch of the time of a fold: from one step up to another, counted from the first step of the data, and the moments of its first and last step. */
export interface FoldPart {
  readonly split: string;
  readonly from: number;
  readonly to: number;
  readonly begins: string;
  readonly ends: string;
}

/** The data of a plan, as models, losses and metrics are handed them: what was planned, what was fitted, and what they are. */
export interface Data extends DataSpec {
  readonly fitted: Fitted;
  /** SHA-256, hex, of what was looked at. */
  readonly digest: string;
  /** The facts that looking found, then those of planning. */
  readonly facts: readonly Fact[];
}

/** Arrays of one batch, each with the batch axis in front; `weight` is `[batch]`, 0 for what only fills up the last batch. */
export interface Batch {
  readonly inputs: Inputs<Numbers>;
  readonly target: Numbers;
  readonly weight: Float32Array;
  readonly mask?: Float32Array;
}

/** Output and target of a batch in the person's own unit, of the shapes and kinds that they have, given what a model is. Pure. */
export type Decode = (
  values: { readonly output: Tensor; readonly target: Tensor },
  inputs: Omit<ModelInputs, 'weight'>,
) => { readonly output: Tensor; readonly target: Tensor };

export interface Dataset {
  /** The batches of one epoch (from 1) of a split, in order. Same arguments, same numbers. */
  batches(split: string, epoch: number): Iterable<Batch>;
  /** Whether the batches of a split are the same numbers in every epoch: few of them are made once then. Left out: nobody knows. */
  repeats?(split: string): boolean;
  /**
   * What needs no learning, by name: the most frequent class, the last value. Every metric is measured on these answers as it is on the model's,
   * so that a value has something to be compared with.
   */
  baselines?(split: string): Readonly<Record<string, Answer>>;
  /** What each example of a split is, in the order in which it is measured. */
  rows?(split: string): readonly RowName[];
  /**
   * Of a series: the last windows of the data, whose forecasts lie beyond its end, in batches of the size and the inputs of the train split. The target,
   * and what else nobody knows yet, may be any numbers. `retable forecast` asks for them.
   */
  beyond?(): Iterable<Beyond>;
}

/** Windows at the end of the data, and of each row with weight what it is a forecast of. */
export interface Beyond {
  readonly batch: Batch;
  readonly rows: readonly RowName[];
  /** Of each row, the steps before its forecast, which a picture begins with. */
  readonly known?: readonly KnownSteps[];
}

/** The last steps of a series that are known: their moments, and of each target its values in the unit of the file. */
export interface KnownSteps {
  readonly times: readonly string[];
  readonly values: readonly (readonly number[])[];
}

/** What an answer is about: of which series or sequence, and when. */
export interface RowName {
  readonly series?: string;
  /** Of a forecast: the last moment that is read. */
  readonly origin?: string;
  /** Of a forecast, the moment of each step ahead; of a sequence that has an answer at every step, the number of each; else none. */
  readonly times: readonly string[];
  /** Of a text: how it begins. */
  readonly text?: string;
  /** Of a sentence with an answer for each word: the words. */
  readonly words?: readonly string[];
  /** Whose it is, where examples of one subject belong together. */
  readonly group?: string;
}

/** Where the rows of windows stand. */
export interface WindowSource {
  readonly file: string;
  readonly time: string;
  readonly known?: readonly string[];
}

/** Data that a trained model is asked about: a split of its own, and its batches. */
export interface Encoded {
  readonly split: SplitSpec;
  /** Knows this split alone. */
  readonly dataset: Dataset;
}

/**
 * The answer to a batch, in the place of a model's output, and of its size: numbers as the target holds them, or a probability for each class (for
 * each bit), which are made into what the loss reads. Where a dataset decodes, they are what decoding gives. It must not look at the target.
 */
export type Answer = (batch: Batch) => Float32Array;

// ------------------------------------------------------------------------------------------------ model

export interface ModelSpec {
  readonly parameters: readonly ParameterSpec[];
  /** What training changes without a gradient (running means), zero at first. */
  readonly buffers: readonly Omit<ParameterSpec, 'initializer'>[];
  /** What one batch hands to the next (`h`, `c`), without the batch axis; zero at first. */
  readonly state: Readonly<Record<string, Shape>>;
  /** Dropout masks, drawn outside of the program from the stream `masks/NAME`: 0 with probability `rate`, else 1 / (1 - rate). */
  readonly masks: readonly { readonly name: string; readonly shape: Shape; readonly rate: number }[];
  readonly output: TensorSpec;
  /**
   * Reading a sequence one step at a time, the state handed on, gives what reading it at once does. A text is then gone on with token by token,
   * and the exported model takes any length. Left out, it is not taken for granted.
   */
  readonly stepwise?: boolean;
  /** Whether `attention` tells how much each step counts for the answer. */
  readonly attends?: boolean;
}

export interface Variables {
  readonly parameters: Tensors;
  readonly buffers: Tensors;
  readonly state: Tensors;
}

/** What a model is handed of a batch: every input by its name, each `[batch, ...]` of its spec; never one called `mask` or `weight`. */
export interface ModelInputs extends Inputs<Tensor> {
  /** `[batch, time]` where lengths vary: 1 at the steps that are there, 0 at those that fill a sequence up. */
  readonly mask?: Tensor;
  /**
   * `[batch]` where the last batch may be filled up: 0 for the rows that only fill it up. A score leaves them out by itself; a model needs it
   * where it takes a mean over the batch.
   */
  readonly weight?: Tensor;
}

export interface Model {
  /** Pure: returns new buffers and state. */
  forward(
    variables: Variables,
    inputs: ModelInputs,
    context: { readonly mode: 'train' | 'evaluate'; readonly masks: Tensors },
  ): { readonly output: Tensor; readonly buffers: Tensors; readonly state: Tensors };
  /**
   * How much each step counts for the answers to a batch, `[batch, time]`: from 0 on, of each row 1 in total, and 0 where `mask` is 0. There where `plan`
   * says `attends`; asked when a run has ended, and what a picture of it shows.
   */
  attention?(variables: Variables, inputs: ModelInputs): Tensor;
}

/** How the weights of another model become those of this one, so that both compute the same. */
export interface WeightCopy {
  /** What a document says of the other: `{ kind: 'lstm', implementation: 'scratch' }`. */
  readonly from: Readonly<Record<string, unknown>>;
  /** What it says of this one besides its kind: `{ implementation: 'builtin' }`. */
  readonly to: Readonly<Record<string, unknown>>;
  /** By plain names. It only joins, cuts and reorders, so that gradients go the same way as weights. */
  copy(tools: Tools, tensors: Tensors): Tensors;
}

// ------------------------------------------------------------------------------------------------ loss and metrics

/** How the model's output is to be read: numbers, log odds of a bit, or unnormalised log probabilities of classes on the last axis. */
export type Reading = 'values' | 'logits' | 'class_logits';

/** Where values can lie, as far as that is known: an accuracy from 0 to 1, a perplexity from 1 on. */
export interface Range {
  readonly least?: number;
  readonly most?: number;
}

export interface ClassWeight {
  readonly name: string;
  readonly weight: number;
}

export interface LossSpec extends Range {
  readonly reading: Reading;
  /** What a target of each class counts, by index, where that differs. */
  readonly classWeights?: readonly ClassWeight[];
}

/** A weighted sum and what to divide it by, both scalars; a batch of weights 0 gives 0 and 0. */
export interface Sums {
  readonly sum: Scalar;
  readonly count: Scalar;
}

/** `weight` is `[batch]`, or `[batch, time]` where lengths vary. */
export type Score = (output: Tensor, target: Tensor, weight: Tensor) => Sums;

export interface Loss {
  readonly score: Score;
}

/** The split whose answers say how far others may be off. */
export const VALIDATION = 'validation';

export interface MetricSpec extends Range {
  readonly better: 'higher' | 'lower';
  /** Every promise of equal digits is about the deterministic ones. */
  readonly deterministic: boolean;
  /** What a value is counted in, for axes and tables: `nats`, `` for none. A `share` lies between 0 and 1. */
  readonly unit: string;
  /** A metric that tells how fast something went is no result, and not to be compared between machines. */
  readonly is?: 'speed';
  /** Sums over a split, by name with their shapes: `{ counts: [3, 3] }`. Where neither this nor `collects` is said, they are `sum` and `count`. */
  readonly accumulates?: Readonly<Record<string, Shape>>;
  /** Whether all outputs and targets of a split are needed at once: for a rank, a quantile, a curve. */
  readonly collects?: boolean;
  /** Of one that collects: whether it is handed `validation` too, as of the same weights. Then it is measured on what neither trains nor validates. */
  readonly calibrates?: boolean;
}

/** A value, and what there is to see besides. */
export type Measured = number | { readonly value: number; readonly view?: View };

/**
 * What `create` of a metric gives, in one of three forms. The form is the one that `plan` announced: a mean where it says nothing, sums of any
 * shape with `accumulates`, the whole split with `collects`.
 */
export type Metric = MeanMetric | AccumulatingMetric | CollectingMetric;

/** A weighted sum and what to divide it by. The short form of a metric that accumulates `{ sum: [], count: [] }`. */
export interface MeanMetric {
  readonly score: Score;
  readonly accumulate?: undefined;
  readonly evaluate?: undefined;
  /** The value from sums taken in double over a split. */
  finish(sums: { readonly sum: number; readonly count: number }): Measured;
}

/** Sums of any shape: counts of a confusion matrix, moments, errors by step of a horizon. */
export interface AccumulatingMetric {
  readonly score?: undefined;
  readonly evaluate?: undefined;
  /** The sums of a batch, by the names and of the shapes that `plan` announced. What has weight 0 adds nothing. */
  accumulate(output: Tensor, target: Tensor, weight: Tensor): Tensors;
  /** The value from the sums over a split, added up in double, each in row-major order. */
  finish(totals: Readonly<Record<string, Float64Array>>): Measured;
}

/** All outputs and targets of a split at once, outside of the program. */
export interface CollectingMetric {
  readonly score?: undefined;
  readonly accumulate?: undefined;
  readonly finish?: undefined;
  /** `validating` is there where `plan` said `calibrates`. */
  evaluate(split: Collected, validating?: Collected): Measured;
}

/** All batches of a split one below the other, without the rows that only fill up the last one. */
export interface Collected {
  /** `[examples, ...]` */
  readonly output: HostTensor<Float32Array>;
  readonly target: HostTensor;
  /** `[examples]`, or `[examples, time]` where lengths vary and every step has a target. */
  readonly weight: HostTensor<Float32Array>;
}

/** Numbers with their shape, in row-major order. */
export interface HostTensor<N extends Numbers = Numbers> {
  readonly shape: Shape;
  readonly values: N;
}

// ------------------------------------------------------------------------------------------------ optimizer

export interface OptimizerSpec {
  /** Slots of state per parameter, each of the parameter's own shape and zero at first: `['m', 'v']`. */
  readonly slots: readonly string[];
  /** Numbers that are inputs of the program, so that a sweep over them compiles once; `learning_rate` is always one. */
  readonly scalars: Readonly<Record<string, number>>;
  /** How `learning_rate` changes while training goes on; `scalars` holds what it comes from. */
  readonly schedule?: Schedule;
}

export interface Optimizer {
  /** One step. `scalars` holds `step` (from 1) and the numbers of the spec. Pure: nothing given is changed. */
  update(
    gradients: Tensors,
    state: Readonly<Record<string, Tensors>>,
    parameters: Tensors,
    scalars: Readonly<Record<string, Scalar>>,
  ): { readonly parameters: Tensors; readonly state: Readonly<Record<string, Tensors>> };
}

// ------------------------------------------------------------------------------------------------ transforms

/**
 * What a transform may do with a series, written once for two worlds: `Float64Array` on the host, in double, and tensors inside a program. `T` is a
 * series `[time]`, or one of each row of a batch; the second value may be a number.
 */
export interface Arithmetic<T> {
  add(x: T, y: T | number): T;
  subtract(x: T, y: T | number): T;
  multiply(x: T, y: T | number): T;
  divide(x: T, y: T | number): T;
  minimum(x: T, y: T | number): T;
  maximum(x: T, y: T | number): T;
  exp(x: T): T;
  log(x: T): T;
  power(x: T, exponent: number): T;
  length(x: T): number;
  /** The values from one place up to another, to the end where that is left out. */
  slice(x: T, from: number, to?: number): T;
  join(x: T, y: T): T;
}

interface TransformSpec {
  /** How many values at the beginning of a series have no result. */
  readonly lost: number;
}

/** Numbers by name, plain data: what a transform took from training data. */
export type FittedTransform = Readonly<Record<string, number>>;

/** What is fitted as `apply` and `invert` are handed it: as numbers, or in a program as values of its arithmetic, `[batch, 1]`. */
export type FittedIn<T> = Readonly<Record<string, number | T>>;

/** Changes a series before a net reads it, one column by itself, and what the net says back. */
export interface Transform {
  /**
   * `apply` and `invert` do nothing with what is fitted but hand it to the arithmetic, so that it can be an input of a program: one program then serves
   * all folds of the data.
   */
  readonly takesInputs?: boolean;
  /**
   * How `x`, the series, becomes `y`, and how `y` becomes `x` again, in the words of other programs: numbers by the names of options and of what is
   * fitted, `log`, `exp`, `min`, `max`. It goes with an exported model.
   */
  readonly formula?: { readonly apply: string; readonly invert: string };
  /** From the values that train, in their order. Left out, nothing is fitted. */
  fit?(values: Float64Array): FittedTransform;
  /** In a few words, why a value can't be changed: the document's mistake, told with its line. */
  refuses?(value: number): string | undefined;
  apply<T>(math: Arithmetic<T>, x: T, fitted: FittedIn<T>): T;
  /** `past` are values before `y` as `apply` would be given them: `lost` of them at least. */
  invert<T>(math: Arithmetic<T>, y: T, fitted: FittedIn<T>, past: T): T;
}

/** A transform that a document lists. */
export interface UsedTransform {
  readonly kind: string;
  /** What the document says of it. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly spec: TransformSpec;
  readonly transform: Transform;
  /** The part of the data that it is fitted on. */
  readonly fitOn: 'train' | 'all';
  /** The columns that it changes; all of them where that is left out. */
  readonly columns?: readonly string[];
}

// ------------------------------------------------------------------------------------------------ the stage itself

type Nothing = Readonly<Record<string, never>>;

/** What of the rest of a document a dataset must know: how batches are cut, and which fold is asked for, from 1; the last one where that is left out. */
export interface BatchRequest {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly fold?: number;
}

/** By slot: what comes before it, what `plan` gives and what `create` gives. `Content` is what a dataset keeps for itself. */
export interface Slots<Content = unknown> {
  dataset: {
    upstream: {
      readonly facts: DataFacts<Content>;
      readonly fitted: Fitted;
      readonly transforms: readonly UsedTransform[];
      readonly request: BatchRequest;
    };
    spec: DataSpec;
    built: Dataset;
  };
  model: { upstream: { readonly data: Data }; spec: ModelSpec; built: Model };
  loss: { upstream: { readonly data: Data; readonly model: ModelSpec }; spec: LossSpec; built: Loss };
  metric: { upstream: { readonly data: Data; readonly model: ModelSpec; readonly loss: LossSpec }; spec: MetricSpec; built: Metric };
  optimizer: { upstream: { readonly model: ModelSpec }; spec: OptimizerSpec; built: Optimizer };
  transform: { upstream: Nothing; spec: TransformSpec; built: Transform };
}
export type Slot = keyof Slots;

/** The library is handed in: stage files import its types only, so that checking and planning never load it. */
export interface Tools {
  readonly tf: typeof TensorFlow;
  /** `tf.layers`, for the built-in layers alone; of the same TensorFlow.js as `tf`. */
  readonly layers?: typeof TensorFlowLayers;
  /** What long sequences are read by; without it, they are read at once. */
  readonly loop?: Loop;
}

/** Files that a dataset may read; paths are absolute, or relative to the document's folder. */
export interface Files {
  readonly read: (path: string) => Uint8Array;
  /** The files of a folder, at any depth, or those that a pattern such as `data/*.csv` matches, in no order; of anything else the path itself. */
  readonly list?: (path: string) => readonly string[];
}

/** Misfits are reported, not thrown: `path` is relative to the stage's own options (`['readout']`, `[]` for the stage itself). */
export type Report = (problem: Problem) => void;

/** What `create` of a dataset gets besides the options: streams of the data's own seed, the files, and what came before. */
interface DataTools<Content = unknown> {
  readonly transforms: readonly UsedTransform[];
  readonly streams: Streams;
  readonly files: Files;
  readonly facts: DataFacts<Content>;
  readonly fitted: Fitted;
  readonly request: BatchRequest;
}

export interface Stage<S extends Slot = Slot, O extends ObjectSchema = ObjectSchema, Content = unknown> {
  readonly slot: S;
  readonly kind: string;
  /** Counts up when the same options come to mean another result; part of the identity of a work. */
  readonly version: number;
  /** The version of some options, where these alone came to mean another result. */
  versionOf?(options: Static<O>): number;
  readonly summary: string;
  /** The only place that knows what a person may write about this stage. */
  readonly options: O;
  /** What an example in the documentation says besides the kind, where what must be said is about a person's own files or a list. */
  readonly example?: Readonly<Record<string, unknown>>;
  /** Models only: whose weights this one can take over. `retable same` copies by it; where nothing is declared, by name. */
  readonly weightsFrom?: readonly WeightCopy[];
  /** Datasets only: looks at the files or the generator. No tensors. */
  look?(options: Static<O>, tools: { readonly files: Files; readonly streams: Streams }): DataFacts<Content>;
  /**
   * Datasets only: in a few words each, what their seed draws besides the order of shuffled examples: `the split`, `the examples`. Where this is left
   * out, all of the data are said to be drawn if their digest is another one with another seed.
   */
  draws?(options: Static<O>): readonly string[];
  /**
   * Datasets only: the numbers and names that the net's own numbers rest on, taken from training data alone. Pure. `inherited` is what the run had
   * fitted whose weights training begins with: its scales are the ones to take.
   */
  fit?(
    options: Static<O>,
    given: {
      readonly facts: DataFacts<Content>;
      readonly transforms: readonly UsedTransform[];
      readonly request: BatchRequest;
      readonly inherited?: Fitted;
    },
  ): Fitted;
  /**
   * Datasets only: other data of the same columns, by what was fitted in training, for `retable predict` and `evaluate`. `name` is what the split is
   * called. Where `answered` is said, rows without an answer are left out; else they are there too, and their target is NaN, or -1 of classes.
   * Data that can't be read are reported, and what is odd about them as a warning; undefined where nothing can be asked.
   */
  encode?(
    options: Static<O>,
    given: {
      readonly name: string;
      readonly answered: boolean;
      readonly files: Files;
      readonly fitted: Fitted;
      readonly transforms: readonly UsedTransform[];
      readonly request: BatchRequest;
    },
    report: Report,
  ): Encoded | undefined;
  /**
   * Datasets of windows over the rows of a CSV file only: which file that is, and the column that says when a row is, in the words that `rows` has as
   * `origin`. Planning changes every number behind the origin of a window, but those of columns that are `known` in advance, has the window cut again,
   * and tells where an input is another one.
   */
  source?(options: Static<O>): WindowSource;
  /** Datasets only: what another program must do before the model and after it, as plain data. It goes with an exported model. */
  recipe?(
    options: Static<O>,
    given: { readonly fitted: Fitted; readonly transforms: readonly UsedTransform[] },
  ): Readonly<Record<string, unknown>>;
  /** Datasets only, where the net's numbers are not a person's: what brings them back before metrics see them. The loss reads the net's own. */
  decode?(tools: Tools & { readonly transforms: readonly UsedTransform[] }, options: Static<O>, data: Data): Decode;
  /** Datasets only: whether `decode` changes anything with these options. Left out, it does. */
  decodes?(options: Static<O>): boolean;
  /** Thinks: pure, no tensors. Shapes that don't fit are reported; the spec returned then is a best guess so that later stages are checked too. */
  plan(options: Static<O>, upstream: Slots<Content>[S]['upstream'], report: Report): Slots[S]['spec'];
  /** Gives the functions that an engine runs eagerly or records into a program. */
  create(
    tools: S extends 'dataset' ? DataTools<Content> : S extends 'transform' ? Nothing : Tools,
    options: Static<O>,
    spec: Slots[S]['spec'],
    upstream: Slots<Content>[S]['upstream'],
  ): Slots[S]['built'];
}

export const defineStage = <S extends Slot, O extends ObjectSchema, Content>(stage: Stage<S, O, Content>): Stage<S, O> => stage;
