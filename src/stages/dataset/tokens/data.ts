import { createHash } from 'node:crypto';
import type { Problem } from '../../../diagnostics/diagnostic.js';
import { quote } from '../../../diagnostics/words.js';
import type { Streams } from '../../../random/streams.js';
import type {
  Batch,
  BatchRequest,
  DataFacts,
  Dataset,
  DataSpec,
  Encoded,
  Fact,
  Files,
  Fitted,
  Report,
  RowName,
  SplitSpec,
} from '../../stage.js';
import { namesOf, reportOddClasses, reportOddSplits } from '../classes.js';
import { countClasses } from '../../fitted.js';
import { constantAnswers } from '../constants.js';
import { duplicatesAcross, duplicatesFact, hashExample, isMuch } from '../duplicates.js';
import { type Sketch, sketchOf, trainedOn } from '../seen.js';
import { unknownClasses } from '../sequences/asked.js';
import { classesNotTrained, sameSubjects } from '../sequences/messages.js';
import { A_FIFTH_TESTS, drawSplits, groupsFact, type Parts, readSplits, reportLonelyClasses } from '../split.js';
import { findSubjects, reportSameSubjects } from '../subjects.js';
import { naiveBayes, tagsOfTokens } from './baselines.js';
import { type Cut, cutText, fill, piecesOf, type TokenExample } from './examples.js';
import * as messages from './messages.js';
import type { FileOptions, VocabularyOptions } from './options.js';
import { NOTHING_READ, type ReadFile, type RowOptions, textOfFile, type TokenText } from './read.js';
import { TokenTable } from './tokenize.js';
import { indicesOf, vocabularyOf } from './vocabulary.js';

/** What a kind of texts is, besides what its options say. */
export interface TokenKind<O> {
  readonly kind: string;
  readonly version: number;
  readonly noun: 'text' | 'sentence';
  /** What has an answer. */
  readonly per: 'text' | 'token';
  /** What stands between two tokens. */
  readonly separator: (options: O) => string;
  readonly read: ReadFile<O>;
  readonly cut: (options: O) => Cut;
}

interface TokenOptions extends FileOptions, VocabularyOptions, RowOptions {
  readonly target?: string | number;
  readonly split?: { readonly validation?: number; readonly test?: number; readonly group?: string | number; readonly stratify?: boolean };
}

/** What `plan` needs again, kept with the facts. A file's mistakes are facts of it. */
interface TokenContent {
  readonly problems: readonly Problem[];
  readonly vocabulary: readonly string[];
  readonly classes: readonly string[];
  /** How many targets that train are of each class. */
  readonly counts: readonly number[];
  readonly sizes: Readonly<Record<string, Size>>;
  readonly chance: Readonly<Record<string, number>>;
  readonly seen: Sketch;
  /** Share of the tokens that train and are unknown. */
  readonly unknown: number;
}

interface Size {
  readonly count: number;
  readonly longest: number;
  readonly varies: boolean;
}

const NONE: Size = { count: 0, longest: 1, varies: false };

/** All texts of a document's files, by split, as they are read: long ones cut. */
interface Everything {
  readonly parts: Parts<TokenText>;
  readonly table: TokenTable;
  readonly problems: readonly Problem[];
  readonly assumed: readonly Fact[];
  readonly digests: readonly string[];
  /** Share of the texts of which something is not read. */
  readonly cut: number;
}

function readAll<O extends TokenOptions>(kind: TokenKind<O>, options: O, files: Files, streams: Streams): Everything {
  const problems: Problem[] = [];
  const report: Report = (problem) => void problems.push(problem);
  const table = new TokenTable();
  const given = { main: options.file, validation: options.validation_file, test: options.test_file };
  for (const [name, other] of [
    ['validation', 'validation_file'],
    ['test', 'test_file'],
  ] as const) {
    if (given[name] === undefined) continue;
    if ((options.split?.[name] ?? 0) > 0) report(messages.twoSplits(`split.${name}`, other));
    if (options.split_column !== undefined) report(messages.twoSplits('split_column', other));
  }
  if (options.split && options.split_column !== undefined) report(messages.twoSplits('split', 'split_column'));
  const digests: string[] = [];
  const assumed: Fact[] = [];
  const unnamed: NonNullable<ReturnType<ReadFile<O>>['others']>[number][] = [];
  const readOne = (file: string | undefined, path: string): readonly TokenText[] => {
    if (file === undefined) return [];
    const bytes = files.read(file);
    digests.push(sha256(bytes));
    const tell: Report = (problem) => report(problem.path[0] === 'file' ? { ...problem, path: [path] } : problem);
    const {
      texts,
      assumed: more,
      others: beside = [],
    } = readOneFile(kind, { ...options, file }, bytes, { table, answered: true, report: tell });
    if (path === 'file') {
      assumed.push(...more);
      unnamed.push(...beside);
    }
    return texts;
  };
  const main = readOne(given.main, 'file');
  const others = { validation: readOne(given.validation, 'validation_file'), test: readOne(given.test, 'test_file') };
  const isWrong = problems.some(({ severity }) => severity !== 'warning');
  const shares = sharesOf(options);
  const drawing = { validation: 0, test: 0, ...shares, noun: kind.noun };
  const drawn = isWrong
    ? new Map<string, readonly TokenText[]>()
    : options.split_column === undefined
      ? drawSplits(main, drawing, streams, report)
      : readSplits(main, String(options.split_column), kind.noun, report);
  if (options.split_column !== undefined) reportOddSplits(drawn, report);
  const whole = new Map([...drawn, ...Object.entries(others).filter(([, texts]) => !isWrong && texts.length > 0)]);
  const subjects = options.split?.group === undefined ? findSubjects(main, unnamed) : undefined;
  if (subjects && !isWrong) reportSameSubjects(whole, subjects, sameSubjects(options, subjects.column, kind.noun), report);
  const { parts, cut } = cutAll(kind, options, whole);
  return { parts, table, problems, assumed, digests, cut };
}

/** Nothing where the data say it themselves: by a column, or in files of their own. */
export const drawsOfTokens = (options: TokenOptions): readonly string[] =>
  options.split_column === undefined && Object.values(sharesOf(options)).some((share) => typeof share === 'number' && share > 0)
    ? ['the split']
    : [];

/** Of the first file; where others are named and nothing is said, all of it trains. */
const sharesOf = ({ split, validation_file: validation, test_file: test }: TokenOptions): NonNullable<TokenOptions['split']> =>
  split ?? (validation === undefined && test === undefined ? A_FIFTH_TESTS : {});

const isDrawn = (options: TokenOptions): boolean => {
  const { validation = 0, test = 0 } = sharesOf(options);
  return options.split_column === undefined && validation + test > 0;
};

function readOneFile<O extends TokenOptions>(
  { read }: TokenKind<O>,
  options: O,
  bytes: Uint8Array,
  given: Parameters<ReadFile<O>>[2],
): ReturnType<ReadFile<O>> {
  const found = textOfFile(options, bytes, given.report);
  if (!found) return NOTHING_READ;
  const made = read(options, found.text, given);
  return { ...made, assumed: [...found.facts, ...made.assumed] };
}

function cutAll<O extends TokenOptions>(kind: TokenKind<O>, options: O, whole: Parts<TokenText>): Pick<Everything, 'parts' | 'cut'> {
  const how = kind.cut(options);
  const all = [...whole.values()].flat();
  const isLong = ({ ids }: TokenText): boolean => ids.length > how.most;
  const cut = (texts: readonly TokenText[]): readonly TokenText[] =>
    kind.per === 'token'
      ? texts.flatMap((text) => piecesOf(text, how.most))
      : texts.map((text) => (isLong(text) ? { ...text, ids: cutText(text.ids, how) } : text));
  return {
    parts: new Map([...whole].map(([split, texts]) => [split, cut(texts)])),
    cut: all.length === 0 ? 0 : all.filter(isLong).length / all.length,
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function lookAtTokens<O extends TokenOptions>(
  kind: TokenKind<O>,
  options: O,
  { files, streams }: { readonly files: Files; readonly streams: Streams },
): DataFacts<TokenContent> {
  const everything = readAll(kind, options, files, streams);
  const { parts, table, digests } = everything;
  const problems = [...everything.problems];
  const report: Report = (problem) => void problems.push(problem);
  const all = [...parts.values()].flat();
  const trained = parts.get('train') ?? [];
  const classes = namesOf(all);
  if (all.length > 0) {
    reportOddClasses(all, report);
    reportLonelyClasses(parts, kind.noun, report);
  }
  const { vocabulary, distinct } = vocabularyOf(
    trained.map(({ ids }) => ids),
    table.tokens,
    options,
  );
  if (vocabulary.length === 1 && trained.length > 0) report(messages.allUnknown(options.minimum_count));
  const short = all.filter(({ ids }) => ids.length === 1).length / Math.max(1, all.length);
  if (kind.per === 'text' && short > 0.5) report(messages.oneToken(short));
  const told = kind.per === 'text' ? classesTold(trained, table, classes) : [];
  if (told.length > 0) report(messages.classTold(told));
  const hashes = new Map([...parts].map(([split, texts]) => [split, Float64Array.from(texts, ({ ids }) => hashExample(ids))]));
  const duplicates = duplicatesAcross(hashes);
  for (const each of duplicates.filter(isMuch)) {
    const place = (split: string, at: number): string => quote(parts.get(split)?.[at]?.place ?? '');
    report(messages.standInTwo(each, `${kind.noun}s`, [place(each.split, each.first[0]), place(each.earlier, each.first[1])]));
  }
  const index = indicesOf(table.tokens, vocabulary);
  const unknown = new Map([...parts].map(([split, texts]) => [split, unknownShare(texts, index)]));
  const { file: _, validation_file: __, test_file: ___, ...settings } = options;
  const identity = [
    kind.kind,
    kind.version,
    digests,
    Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    // Where nothing is drawn, all seeds have the same data.
    isDrawn(options) ? streams.seed : null,
  ];
  return {
    digest: sha256(new TextEncoder().encode(JSON.stringify(identity))),
    facts: [
      ...describe(kind, options, everything, { classes, vocabulary: vocabulary.length, distinct, unknown }),
      ...duplicates.map((each) => duplicatesFact(each, `${kind.noun}s`)),
      ...everything.assumed,
    ],
    content: {
      problems,
      vocabulary,
      classes,
      sizes: Object.fromEntries([...parts].map(([split, texts]) => [split, sizeOf(texts)])),
      counts: countsOf(trained, classes),
      chance: chanceOf(parts, classes),
      seen: sketchOf(hashesOf(trained, index)),
      unknown: unknown.get('train') ?? 0,
    },
  };
}

/** Of texts as the model reads them, so that those of other files can be told from them. */
const hashesOf = (texts: readonly TokenText[], index: Int32Array): Float64Array =>
  Float64Array.from(texts, ({ ids }) => hashExample(ids.map((id) => index[id] ?? 0)));

function unknownShare(texts: readonly TokenText[], index: Int32Array): number {
  let [all, unknown] = [0, 0];
  for (const { ids } of texts)
    for (const id of ids) {
      all += 1;
      if (index[id] === 0) unknown += 1;
    }
  return all === 0 ? 0 : unknown / all;
}

/** With fewer texts of a class, a word may stand in all of them by accident. */
const FEWEST = 10;

/** The classes whose name is a word of nearly all of their texts and of nearly no other one, where that holds for all classes. */
function classesTold(trained: readonly TokenText[], table: TokenTable, classes: readonly string[]): readonly string[] {
  const named = classes.map((name) => {
    const id = table.idIfKnown(name) ?? table.idIfKnown(name.toLowerCase());
    let [own, others, ownAll, othersAll] = [0, 0, 0, 0];
    for (const { ids, targets } of id === undefined ? [] : trained) {
      const holds = Number(ids.includes(id ?? -1));
      if (targets[0] === name) [own, ownAll] = [own + holds, ownAll + 1];
      else [others, othersAll] = [others + holds, othersAll + 1];
    }
    return ownAll >= FEWEST && own > 0.95 * ownAll && others < 0.05 * othersAll;
  });
  return classes.length > 1 && named.every(Boolean) ? classes : [];
}

function sizeOf(texts: readonly TokenText[]): Size {
  let [shortest, longest] = [Infinity, 1];
  for (const { ids } of texts) [shortest, longest] = [Math.min(shortest, ids.length), Math.max(longest, ids.length)];
  return { count: texts.length, longest, varies: shortest < longest };
}

const countsOf = (texts: readonly TokenText[], classes: readonly string[]): readonly number[] =>
  countClasses(
    texts.flatMap(({ targets }) => targets),
    classes,
  );

/** By split, the accuracy of the class that training has most often. */
function chanceOf(parts: Parts<TokenText>, classes: readonly string[]): Readonly<Record<string, number>> {
  const trained = countsOf(parts.get('train') ?? [], classes);
  const usual = trained.indexOf(trained.reduce((a, b) => Math.max(a, b), 0));
  return Object.fromEntries(
    [...parts].flatMap(([split, texts]) => {
      const counts = countsOf(texts, classes);
      const all = counts.reduce((a, b) => a + b, 0);
      return all === 0 ? [] : [[`${split}/accuracy`, (counts[usual] ?? 0) / all]];
    }),
  );
}

function describe<O extends TokenOptions>(
  { noun, per, cut }: TokenKind<O>,
  options: O,
  { parts, cut: shareCut }: Everything,
  known: {
    readonly classes: readonly string[];
    readonly vocabulary: number;
    readonly distinct: number;
    readonly unknown: ReadonlyMap<string, number>;
  },
): readonly Fact[] {
  const all = [...parts.values()].flat();
  if (all.length === 0) return [];
  const lengths = all.map(({ ids }) => ids.length);
  const steps = lengths.reduce((a, b) => a + b, 0);
  const [shortest, longest] = [lengths.reduce((a, b) => Math.min(a, b)), lengths.reduce((a, b) => Math.max(a, b))];
  const counts = countsOf(all, known.classes)
    .map((count, at) => [known.classes[at] ?? '', count] as const)
    .toSorted(([, a], [, b]) => b - a);
  const shown = counts.slice(0, MOST_SHOWN).map(([name, times]) => `${name} ${times}`);
  const { most, cut: end } = cut(options);
  return [
    { key: `${noun}s`, name: `${noun}s`, value: [...parts].map(([split, { length }]) => `${length} ${split}`).join(', ') },
    ...groupsFact(parts, options.split?.group),
    { key: 'tokens', name: 'tokens', value: steps },
    {
      key: 'sequence-steps',
      name: `tokens of a ${noun}`,
      value: shortest === longest ? shortest : `${shortest} to ${longest}, ${(steps / all.length).toFixed(1)} on average`,
    },
    ...(shareCut > 0
      ? [
          {
            key: 'texts-cut',
            name: `share of ${noun}s that are longer`,
            value: shareCut,
            note: per === 'token' ? messages.piecesNote(most) : messages.cutNote(end, most),
          },
        ]
      : []),
    { key: 'vocabulary', name: 'vocabulary', value: known.vocabulary },
    { key: 'distinct-tokens', name: 'different tokens in training', value: known.distinct },
    ...[...known.unknown].map(([split, share]) => ({
      key: `unknown-tokens-${split.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
      name: `share of tokens of ${split} that are unknown`,
      value: share,
      ...(split !== 'train' && share > MUCH_UNKNOWN && known.unknown.get('train') === 0 && { note: messages.untrainedUnknown }),
    })),
    { key: 'classes', name: 'classes', value: `${counts.length}: ${shown.join(', ')}${counts.length > MOST_SHOWN ? ', …' : ''}` },
  ];
}

const MOST_SHOWN = 10;

/** A share of unknown tokens that a reader should know of. */
const MUCH_UNKNOWN = 0.02;

export const fitTokens = <O extends TokenOptions>(
  { separator }: TokenKind<O>,
  options: O,
  { vocabulary, classes, counts, seen, unknown }: TokenContent,
): Fitted => ({ vocabulary, separator: separator(options), classes, classCounts: counts, own: { seen, unknown } });

export function planTokens<O>(
  kind: TokenKind<O>,
  { problems, vocabulary, classes, sizes, chance }: TokenContent,
  { batchSize }: BatchRequest,
  report: Report,
): DataSpec {
  for (const problem of problems) report(problem);
  const unreadable = problems.some(({ severity }) => severity !== 'warning');
  // What can't be read is planned as if it were there, so that the rest of the document is checked all the same.
  const split = (size: Size): SplitSpec => splitOf(kind, unreadable ? { ...size, count: batchSize } : size, vocabulary.length, batchSize);
  return {
    splits: { train: split(NONE), ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, split(size)])) },
    classes: Math.max(1, classes.length),
    independent: true,
    chance,
  };
}

function splitOf<O>({ per }: TokenKind<O>, { count, longest, varies }: Size, tokens: number, batchSize: number): SplitSpec {
  const time = { shape: [longest], axes: ['time'], dtype: 'int32' } as const;
  return {
    examples: count,
    batches: Math.ceil(count / batchSize),
    batchSize,
    inputs: { input: { ...time, tokens } },
    target: per === 'token' ? time : { shape: [], axes: [], dtype: 'int32' },
    ...(varies ? { masked: true, filledAtEnd: true } : {}),
  };
}

export function encodeTokens<O extends TokenOptions>(
  kind: TokenKind<O>,
  { split: _, split_column: __, separator: ___, ...asked }: O,
  {
    answered,
    files,
    fitted,
    request,
  }: { readonly answered: boolean; readonly files: Files; readonly fitted: Fitted; readonly request: BatchRequest },
  report: Report,
): Encoded | undefined {
  const { vocabulary = [], classes = [], own } = fitted;
  const options = asked as unknown as O;
  const table = new TokenTable();
  const { texts: whole } = readOneFile(kind, options, files.read(options.file), { table, answered, report });
  if (whole.length === 0) return undefined;
  const { parts } = cutAll(kind, options, new Map([['train', whole]]));
  const texts = parts.get('train') ?? [];
  const unknown = unknownClasses(
    texts.map(({ targets, place }) => ({ targets: targets.filter((name) => name !== ''), place })),
    classes,
  );
  if (unknown.length > 0) report(classesNotTrained(unknown, classes, answered));
  const index = indicesOf(table.tokens, vocabulary);
  const [share, trained] = [unknownShare(texts, index), Number(own?.['unknown'] ?? 0)];
  if (share > trained + MANY_UNKNOWN) report(messages.manyUnknown(share, trained, mostUnknown(texts, index, table)));
  const seen = own?.['seen'] as Sketch | undefined;
  if (seen) for (const problem of trainedOn(hashesOf(texts, index), seen)) report(problem);
  const split = splitOf(kind, sizeOf(texts), vocabulary.length, request.batchSize);
  const examples = examplesOf(texts, index, classes);
  return {
    split,
    dataset: {
      batches: () => batchesOf(examples, Int32Array.from(examples.keys()), split),
      rows: () => texts.map((text) => rowOf(text, kind, table)),
    },
  };
}

/** So much larger may the share of unknown tokens be than in training, without a word. */
const MANY_UNKNOWN = 0.2;

function mostUnknown(texts: readonly TokenText[], index: Int32Array, { tokens }: TokenTable): string {
  const counts = new Map<number, number>();
  for (const { ids } of texts) for (const id of ids) if (index[id] === 0) counts.set(id, (counts.get(id) ?? 0) + 1);
  const most = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 3);
  return most.map(([id]) => quote(tokens[id] ?? '')).join(', ');
}

export function createTokens<O extends TokenOptions>(
  kind: TokenKind<O>,
  options: O,
  spec: DataSpec,
  {
    files,
    fitted,
    streams,
    request,
  }: { readonly files: Files; readonly fitted: Fitted; readonly streams: Streams; readonly request: BatchRequest },
): Dataset {
  const { vocabulary = [], classes = [] } = fitted;
  const { parts, table } = readAll(kind, options, files, streams);
  const index = indicesOf(table.tokens, vocabulary);
  const examples = new Map([...parts].map(([split, texts]) => [split, examplesOf(texts, index, classes)]));
  const trained = examples.get('train') ?? [];
  const better = kind.per === 'text' ? { naive_bayes: naiveBayes } : { tag_of_token: tagsOfTokens };
  const learnt = Object.entries(better).map(([name, fit]) => [name, fit(trained, vocabulary.length, classes.length)] as const);
  return {
    *batches(name, epoch) {
      const [split, all] = [spec.splits[name], examples.get(name)];
      if (!split || !all) throw new Error(`the ${kind.noun}s have no split ${name}`);
      const order = Int32Array.from(all.keys());
      if (name === 'train' && request.shuffle) streams.stream('shuffle', epoch).shuffle(order);
      yield* batchesOf(all, order, split);
    },
    rows: (name) => (parts.get(name) ?? []).map((text) => rowOf(text, kind, table)),
    baselines: (name) => ({ ...constantAnswers(trained, spec, name), ...Object.fromEntries(learnt) }),
  };
}

const examplesOf = (texts: readonly TokenText[], index: Int32Array, classes: readonly string[]): readonly TokenExample[] => {
  const places = new Map(classes.map((name, at) => [name, at]));
  return texts.map(({ ids, targets }) => ({
    input: ids.map((id) => index[id] ?? 0),
    target: Int32Array.from(targets, (name) => places.get(name) ?? -1),
  }));
};

function* batchesOf(all: readonly TokenExample[], order: Int32Array, split: SplitSpec): Iterable<Batch> {
  for (let first = 0; first < order.length; first += split.batchSize) {
    const chosen = [...order.subarray(first, first + split.batchSize)].flatMap((index) => all[index] ?? []);
    yield fill(chosen, split);
  }
}

const rowOf = <O>({ name, ids, begins, group }: TokenText, { per }: TokenKind<O>, { tokens }: TokenTable): RowName => ({
  series: name,
  ...(group !== undefined && { group }),
  ...(per === 'token'
    ? { times: Array.from(ids, (_, step) => String(step + 1)), words: Array.from(ids, (id) => tokens[id] ?? '') }
    : { times: [], text: begins() }),
});
