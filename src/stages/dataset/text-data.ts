import { formatCount, percent, plural } from '../../diagnostics/numbers.js';
import { createHash } from 'node:crypto';
import type { Problem } from '../../diagnostics/diagnostic.js';
import { Type, type ObjectSchema, type Static } from '../../language/type.js';
import type { Streams } from '../../random/streams.js';
import type { Batch, BatchRequest, DataFacts, Dataset, DataSpec, Encoded, Files, Fitted, Report, SplitSpec, TensorSpec } from '../stage.js';
import { mostFrequent, ngramPerplexities, shareOf, unigramPerplexity } from './baselines.js';
import { type Corpus, type CorpusOptions, readBy } from './corpus.js';
import { decodeData, unreadableText } from './encoding.js';
import { DUPLICATES, isMuch, sharedPassages, type SharedPassages } from './duplicates.js';
import { randomBatches, randomStarts, sequentialBatches, sequentialStarts, type Cut } from './windows.js';

/** What every dataset of text can be told about its sequences. */
export const sequenceOptions = {
  time_steps: Type.Integer({ minimum: 1, default: 35, description: 'Tokens of a sequence.' }),
  validation: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: 'Share of the used tokens, the last ones, that is held out for validation.',
  }),
};

type Options = Static<ObjectSchema<typeof sequenceOptions>> & Pick<CorpusOptions, 'tokens' | 'minimum_count'>;

/** The part of a text that is used, and what was left out of it. */
export interface Text extends Corpus {
  /** Tokens of the whole text, from which the vocabulary is made. */
  readonly length: number;
}

/** What `plan` needs again of the text, kept with its facts. */
export interface TextContent {
  readonly vocabulary: readonly string[];
  readonly tokens: Readonly<Record<string, number>>;
  readonly chance: Readonly<Record<string, number>>;
  readonly baselines: NonNullable<DataSpec['baselines']>;
  readonly problems: readonly Problem[];
}

/**
 * Facts of a text: its vocabulary, its size, and the perplexity of answers that need no learning. Bigram and trigram are measured on tokens that
 * they have not counted: those that validate, where there are some. The unigram of the training text is the chance level of training on it.
 */
export function textFacts(text: Text, options: Options, identity: readonly unknown[]): DataFacts<TextContent> {
  const { train, validation } = splitText(text.indices, options);
  const classes = text.vocabulary.length;
  const unigram = unigramPerplexity(train);
  const [heldOutUnigram = Number.NaN, bigram = Number.NaN, trigram = Number.NaN] = ngramPerplexities(train, classes, 2, validation);
  const usual = mostFrequent(train);
  const shared = validation && sharedPassages(validation, train, trigram);
  const content: TextContent = {
    vocabulary: text.vocabulary,
    tokens: { train: train.length, ...(validation && { validation: validation.length }) },
    chance: {
      'train/perplexity': unigram,
      'train/accuracy': shareOf(train, usual),
      ...(validation && { 'validation/perplexity': heldOutUnigram, 'validation/accuracy': shareOf(validation, usual) }),
    },
    baselines: validation
      ? { 'validation/perplexity': { uniform: classes, unigram: heldOutUnigram, bigram, trigram } }
      : { 'train/perplexity': { uniform: classes, unigram, bigram, trigram } },
    problems: shared && isMuch(shared) ? [standInBoth(shared)] : [],
  };
  return {
    digest: createHash('sha256').update(JSON.stringify(identity)).digest('hex'),
    facts: [
      { key: 'vocabulary', name: 'vocabulary', value: classes },
      { key: 'text-tokens', name: 'tokens in the text', value: text.length },
      { key: 'used-tokens', name: 'tokens used', value: text.indices.length },
      { key: 'uniform-perplexity', name: 'perplexity of uniform guesses', value: classes },
      { key: 'unigram-perplexity', name: 'perplexity of the unigram', value: unigram },
      { key: 'bigram-perplexity', name: 'perplexity of the bigram', value: bigram },
      { key: 'trigram-perplexity', name: 'perplexity of the trigram', value: trigram },
      ...(shared
        ? [{ key: DUPLICATES, name: 'share of validation passages that occur in training', value: shared.count / shared.of }]
        : []),
    ],
    content,
  };
}

const standInBoth = ({ count, of, length, first: [start, equal] }: SharedPassages): Problem => ({
  code: DUPLICATES,
  severity: 'warning',
  path: ['validation'],
  message: `${count} of ${of} passages of validation, of ${length} tokens each, stand word for word in what trains: the one at token ${start + 1} of validation at token ${equal + 1}`,
  help: 'what trained may be known by heart: take repeated parts out of the text',
});

/** The words that indices stand for: of the whole text, so that it is one text for the net and for a reader. */
export const fitText = ({ tokens }: Options, { vocabulary }: TextContent): Fitted => ({
  vocabulary,
  separator: tokens === 'words' ? ' ' : '',
  classes: vocabulary,
});

/**
 * Input `[time]` are indices, target `[time]` the next ones. Without `training.shuffle` the batches are sequential, and a sequence goes on where
 * the same row of the batch before ended; with it they are random.
 */
export function planText(options: Options, content: TextContent, { batchSize, shuffle }: BatchRequest, report: Report): DataSpec {
  const { vocabulary, tokens, chance, baselines, problems } = content;
  for (const problem of problems) report(problem);
  const { time_steps: steps, minimum_count: least } = options;
  if (vocabulary.length === 1 && Object.values(tokens).some((count) => count > 0)) {
    report({
      code: 'one-class',
      path: ['minimum_count'],
      message: `no ${options.tokens === 'words' ? 'word' : 'character'} occurs ${formatCount(least)} times, so that all are the unknown token`,
      help: 'write a smaller number, or leave it out',
    });
  }
  const target: TensorSpec = { shape: [steps], axes: ['time'], dtype: 'int32' };
  const input: TensorSpec = { ...target, tokens: vocabulary.length };
  const split = (name: string): SplitSpec => {
    const batches = countBatches({ length: tokens[name] ?? 0, rows: batchSize, steps }, name, shuffle);
    if (batches === 0) {
      report({
        code: 'empty-split',
        path: [name === 'train' ? 'time_steps' : 'validation'],
        message: `${tokens[name] ?? 0} tokens for ${name === 'train' ? 'training' : name} are too few for one batch of ${batchSize} sequences of ${steps} tokens`,
        help: 'use more text, shorter sequences or smaller batches',
      });
    }
    return { examples: batches * batchSize, batches, batchSize, inputs: { input }, target, tokens: batches * batchSize * steps };
  };
  return {
    splits: Object.fromEntries(Object.keys(tokens).map((name) => [name, split(name)])),
    classes: vocabulary.length,
    shifted: true,
    chance,
    baselines,
  };
}

export function createText(indices: Int32Array, options: Options, spec: DataSpec, { shuffle }: BatchRequest, streams: Streams): Dataset {
  const parts: Readonly<Record<string, Int32Array>> = splitText(indices, options);
  const { time_steps: steps } = options;
  return {
    *batches(name, epoch) {
      const [tokens, split] = [parts[name], spec.splits[name]];
      if (!tokens || !split) throw new Error(`the text has no split ${name}`);
      const cut: Cut = { length: tokens.length, rows: split.batchSize, steps };
      for (const starts of epochStarts(cut, split.batches, name, epoch, shuffle, streams)) yield read(tokens, starts, steps);
    },
  };
}

/**
 * The text of a file by the vocabulary that was fitted, cut as what validates. As many rows as training has, or fewer where the text is short, so that it
 * is read from its beginning; undefined where it has no token to predict, which is reported.
 */
export function encodeText(
  {
    file,
    time_steps,
    ...how
  }: Pick<Options, 'time_steps' | 'tokens'> & { readonly file: string; readonly normalize: CorpusOptions['normalize'] },
  { files, fitted: { vocabulary = [] }, request }: { readonly files: Files; readonly fitted: Fitted; readonly request: BatchRequest },
  report: Report,
): Encoded | undefined {
  const decoded = decodeData(files.read(file));
  if ('fault' in decoded) {
    report(unreadableText(file, decoded.fault, { option: false }));
    return undefined;
  }
  const indices = readBy(vocabulary, decoded.text, how);
  const steps = Math.min(time_steps, indices.length - 1);
  if (steps < 1) {
    report({ code: 'empty-file', path: ['file'], message: `a text of ${plural(indices.length, 'token')} has none to predict` });
    return undefined;
  }
  const unknown = indices.reduce((count, token) => count + Number(token === 0), 0) / indices.length;
  if (unknown > MUCH_UNKNOWN) report(muchUnknown(unknown));
  const rows = Math.min(request.batchSize, Math.floor((indices.length - 1) / steps));
  const cut: Cut = { length: indices.length, rows, steps };
  const batches = sequentialBatches(cut, 0);
  const target: TensorSpec = { shape: [steps], axes: ['time'], dtype: 'int32' };
  const input: TensorSpec = { ...target, tokens: vocabulary.length };
  return {
    split: { examples: batches * rows, batches, batchSize: rows, inputs: { input }, target, tokens: batches * rows * steps },
    dataset: {
      *batches() {
        for (const starts of sequentialStarts(cut, 0, batches)) yield read(indices, starts, steps);
      },
    },
  };
}

/** From this share of unknown tokens on, a text is of another kind than what trained. */
const MUCH_UNKNOWN = 0.1;

const muchUnknown = (share: number): Problem => ({
  code: 'unknown-tokens',
  severity: 'warning',
  path: ['file'],
  message: `${percent(share, 2)} of the tokens never occurred in training, and are read as the unknown token`,
});

/** What the seed of the data draws of a text, shuffled or not. */
export const drawsOfText = (): readonly string[] => ['where an epoch begins in the text'];

/** Training starts at another place in every epoch; what is measured only is always cut alike. */
function epochStarts(cut: Cut, batches: number, split: string, epoch: number, shuffle: boolean, streams: Streams): Iterable<Int32Array> {
  if (split !== 'train') return sequentialStarts(cut, 0, batches);
  const offset = streams.stream('dataset/offset', epoch);
  return shuffle
    ? randomStarts(cut, offset.integer(cut.steps), batches, streams.stream('shuffle', epoch))
    : sequentialStarts(cut, offset.integer(cut.steps + 1), batches);
}

function countBatches(cut: Cut, split: string, shuffle: boolean): number {
  if (split !== 'train') return sequentialBatches(cut, 0);
  return shuffle ? randomBatches(cut) : sequentialBatches(cut, cut.steps);
}

function read(tokens: Int32Array, starts: Int32Array, steps: number): Batch {
  const input = new Int32Array(starts.length * steps);
  const target = new Int32Array(starts.length * steps);
  for (const [row, start] of starts.entries()) {
    input.set(tokens.subarray(start, start + steps), row * steps);
    target.set(tokens.subarray(start + 1, start + 1 + steps), row * steps);
  }
  return { inputs: { input }, target, weight: new Float32Array(starts.length).fill(1) };
}

function splitText(indices: Int32Array, { validation }: Options): { readonly train: Int32Array; readonly validation?: Int32Array } {
  const train = indices.length - Math.round(indices.length * validation);
  return { train: indices.subarray(0, train), ...(validation > 0 ? { validation: indices.subarray(train) } : {}) };
}
