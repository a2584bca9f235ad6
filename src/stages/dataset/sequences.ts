import { createHash } from 'node:crypto';
import type { Problem } from '../../diagnostics/diagnostic.js';
import { Type, type Static } from '../../language/type.js';
import type { Streams } from '../../random/streams.js';
import { defineStage, type Batch, type DataSpec, type Numbers, type SplitSpec, type TensorSpec } from '../stage.js';
import { readCsv } from './sequences/csv.js';
import { bestConstant, describeParts } from './sequences/facts.js';
import { gatherSequences, type Sequence } from './sequences/gather.js';
import { LINE, readJsonl } from './sequences/jsonl.js';
import { readNpy, SEQUENCE } from './sequences/npy.js';
import { drawSplits, readSplits, reportLonelyClasses, type Parts } from './sequences/split.js';
import { fitScaler, type Scaler } from './sequences/standardize.js';
import type { Table } from './sequences/table.js';

const column = (description: string) => Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })], { description });

const share = (description: string) => Type.Optional(Type.Number({ minimum: 0, exclusiveMaximum: 1, description }));

const options = Type.Object({
  file: Type.String({ minLength: 1, path: true, description: 'A file with the sequences; the path is relative to the document.' }),
  format: Type.Enum(['csv', 'jsonl', 'npy'], {
    description:
      'csv: a step per row under a line of names; jsonl: an object a line, a step or a whole sequence; npy: an array [sequences, time, columns], whose columns are called 0, 1, …',
  }),
  sequence: Type.Optional(
    column('Names the sequence that a step belongs to. In JSON Lines it may be left out: then a line is a sequence.'),
  ),
  order: Type.Optional(column('Orders the steps of a sequence, by number or as text; the order of the file when left out.')),
  features: Type.Array(Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })]), {
    minItems: 1,
    uniqueItems: true,
    description: 'The columns that the model reads, all of them numbers.',
  }),
  target: column('The column that the model answers: a class, or a number.'),
  task: Type.Enum(['classification', 'regression'], { description: 'Whether the target is the name of a class or a number.' }),
  target_per: Type.Enum(['sequence', 'step'], {
    default: 'sequence',
    description: 'sequence: one answer, which goes with readout: last; step: an answer at every step, which goes with readout: every.',
  }),
  split: Type.Optional(
    Type.Object(
      {
        validation: share('Share of the sequences that validates; none when left out.'),
        test: share('Share of the sequences that tests; none when left out.'),
      },
      { description: 'Shares of the sequences, drawn by the seed; a fifth tests when left out.' },
    ),
  ),
  split_column: Type.Optional(column('In place of split: a column that says train, validation or test.')),
  standardize: Type.Boolean({
    default: true,
    description: 'Give each feature mean 0 and standard deviation 1 over the steps that train. A target that is a number stays as it is.',
  }),
});
type Options = Static<typeof options>;

const VERSION = 1;

const A_FIFTH_TESTS = { test: 0.2 };

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

  inspect(options, { files, streams }) {
    const bytes = files.read(options.file);
    const { parts, classes, problems } = read(options, bytes, streams);
    const { file: _, ...settings } = options;
    const drawn = options.split_column === undefined ? streams.seed : null;
    const identity = [
      'sequences',
      VERSION,
      createHash('sha256').update(bytes).digest('hex'),
      Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      drawn,
    ];
    const content: Content = {
      problems,
      classes,
      sizes: Object.fromEntries([...parts].map(([split, all]) => [split, sizeOf(all)])),
      chance: Object.assign({}, ...[...parts].map(([split, all]) => bestConstant(split, all, options.task))) as Content['chance'],
    };
    return {
      digest: createHash('sha256').update(JSON.stringify(identity)).digest('hex'),
      facts: describeParts(parts, options.task),
      content: { ...content },
    };
  },

  plan(options, { facts, request }, report): DataSpec {
    const { problems, classes, sizes, chance } = facts.content as unknown as Content;
    for (const problem of problems) report(problem);
    const unreadable = problems.some(({ severity }) => severity !== 'warning');
    const split = ({ count, longest, varies }: Size): SplitSpec => ({
      // What can't be read is planned as if it were there, so that the rest of the document is checked all the same.
      examples: unreadable ? request.batchSize : count,
      batches: unreadable ? 1 : Math.ceil(count / request.batchSize),
      batchSize: request.batchSize,
      ...tensorSpecs(options, longest),
      ...(varies ? { masked: true } : {}),
    });
    return {
      splits: { train: split(NONE), ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, split(size)])) },
      ...(options.task === 'classification' ? { classes: Math.max(1, classes.length) } : {}),
      chance,
      digest: facts.digest,
      facts: facts.facts,
    };
  },

  create({ streams, files, request }, options, spec) {
    const { parts, classes } = read(options, files.read(options.file), streams);
    const scale = options.standardize ? fitScaler(parts.get('train') ?? [], options.features.length) : undefined;
    const examples = new Map([...parts].map(([name, all]) => [name, all.map((sequence) => toExample(sequence, options, classes, scale))]));
    return {
      *batches(name, epoch) {
        const [split, all] = [spec.splits[name], examples.get(name)];
        if (!split || !all) throw new Error(`the sequences have no split ${name}`);
        const order = Int32Array.from(all.keys());
        if (name === 'train' && request.shuffle) streams.stream('shuffle', epoch).shuffle(order);
        for (let first = 0; first < order.length; first += split.batchSize) {
          const chosen = [...order.subarray(first, first + split.batchSize)].flatMap((index) => all[index] ?? []);
          yield fill(chosen, split);
        }
      },
    };
  },
});

/** What `plan` needs again, kept with the facts. A file's mistakes are facts of it. */
interface Content {
  readonly problems: readonly Problem[];
  readonly classes: readonly string[];
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

interface Read {
  readonly parts: Parts;
  /** By index. */
  readonly classes: readonly string[];
  readonly problems: readonly Problem[];
}

function read(options: Options, bytes: Uint8Array, streams: Streams): Read {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  if (options.split && options.split_column !== undefined) {
    report({
      code: 'two-splits',
      path: ['split_column'],
      at: 'key',
      message: 'split and split_column both say who trains',
      help: 'leave one of them out',
    });
  }
  const table = readTable(options, bytes, report);
  const isWrong = (): boolean => problems.some(({ severity }) => severity !== 'warning');
  const all =
    isWrong() || !table ? [] : gatherSequences(table, columnsOf(options), { task: options.task, targetPer: options.target_per }, report);
  if (isWrong()) return { parts: new Map(), classes: [], problems };
  const parts =
    options.split_column === undefined
      ? drawSplits(all, { validation: 0, test: 0, ...(options.split ?? A_FIFTH_TESTS) }, streams, report)
      : readSplits(all, String(options.split_column), report);
  const classes = options.task === 'classification' ? namesOf(all) : [];
  if (options.task === 'classification') reportLonelyClasses(parts, report);
  return { parts, classes, problems };
}

function readTable(options: Options, bytes: Uint8Array, report: (problem: Problem) => void): Table | undefined {
  const { format, sequence } = options;
  if (format === 'npy') return readNpy(bytes, report);
  const text = decode(bytes);
  if (text === undefined) {
    report({
      code: 'not-utf8',
      path: ['file'],
      message: `${options.file} is not a text in UTF-8`,
      help: bytes[0] === 0x93 ? 'write format: npy' : 'convert it: iconv -t utf-8',
    });
    return undefined;
  }
  if (format === 'jsonl') {
    const { features, target, order, split } = columnsOf(options);
    const others = [order, split, sequence === undefined ? undefined : String(sequence)].filter((name) => name !== undefined);
    return readJsonl(text, [...features, target, ...others], sequence === undefined ? undefined : String(sequence), report);
  }
  if (sequence === undefined) {
    report({
      code: 'missing-option',
      path: [],
      message: 'a row of CSV is a step, and nothing says of which sequence',
      help: 'name the column: sequence: COLUMN',
    });
    return undefined;
  }
  return readCsv(text, report);
}

const columnsOf = ({ format, sequence, order, features, target, split_column }: Options) => ({
  sequence: format === 'npy' ? SEQUENCE : sequence === undefined ? LINE : String(sequence),
  order: order === undefined ? undefined : String(order),
  features: features.map(String),
  target: String(target),
  split: split_column === undefined ? undefined : String(split_column),
});

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Names of classes in order: as numbers where all are, else as text. */
function namesOf(all: readonly Sequence[]): readonly string[] {
  const names = [...new Set(all.flatMap(({ targets }) => targets.map(String)))];
  const areNumbers = names.every((name) => Number.isFinite(Number(name)));
  return areNumbers ? names.toSorted((a, b) => Number(a) - Number(b)) : names.toSorted();
}

function tensorSpecs({ features, task, target_per }: Options, time: number): { input: TensorSpec; target: TensorSpec } {
  const steps = target_per === 'step' ? [time] : [];
  const axes = target_per === 'step' ? ['time'] : [];
  return {
    input: { shape: [time, features.length], axes: ['time', 'features'], dtype: 'float32' },
    target:
      task === 'classification'
        ? { shape: steps, axes, dtype: 'int32' }
        : { shape: [...steps, 1], axes: [...axes, 'outputs'], dtype: 'float32' },
  };
}

interface Example {
  readonly length: number;
  /** `[length, features]` */
  readonly input: Float32Array;
  readonly target: Numbers;
}

function toExample({ length, features, targets }: Sequence, { task }: Options, classes: readonly string[], scale?: Scaler): Example {
  return {
    length,
    input: Float32Array.from(scale ? scale(features) : features),
    target:
      task === 'classification' ? Int32Array.from(targets, (name) => classes.indexOf(String(name))) : Float32Array.from(targets, Number),
  };
}

function fill(chosen: readonly Example[], { batchSize, input: of, target: to, masked }: SplitSpec): Batch {
  const [time = 1, width = 1] = of.shape;
  const answers = to.axes.includes('time') ? time : 1;
  const input = new Float32Array(batchSize * time * width);
  const target = to.dtype === 'int32' ? new Int32Array(batchSize * answers) : new Float32Array(batchSize * answers);
  const mask = new Float32Array(batchSize * time);
  for (const [row, example] of chosen.entries()) {
    input.set(example.input, row * time * width);
    target.set(example.target, row * answers);
    mask.fill(1, row * time, row * time + example.length);
  }
  return { input, target, weight: new Float32Array(batchSize).fill(1, 0, chosen.length), ...(masked ? { mask } : {}) };
}
