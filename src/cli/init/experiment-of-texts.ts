import { formatCount, plural } from '../../diagnostics/numbers.js';
import { indexOfColumn, plainNumber } from '../../formats/table.js';
import { readConll } from '../../formats/conll.js';
import { decodeData } from '../../stages/dataset/encoding.js';
import { missingIn } from '../../stages/dataset/sequences/numbers.js';
import { isSubjectName } from '../../stages/dataset/subjects.js';
import { isJsonLines, readRows, type Rows } from '../../stages/dataset/tokens/read.js';
import { TARGET } from './columns.js';
import { batchSize, type Draft, few, line, quoted, roundEpochs, sentence, shown } from './draft.js';

interface TextsFile {
  /** As the document names it. */
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Tokens that training goes through in half a minute, with the sizes below. */
const TOKENS_OF_HALF_A_MINUTE = 1_500_000;

/** How texts may be split, the best way first; `stratify` takes some texts of every class. */
const SPLITS = [
  { shares: { validation: 0.1, test: 0.2 }, stratify: true },
  { shares: { validation: 0.2, test: 0.2 }, stratify: true },
  { shares: { validation: 0.1, test: 0.2 }, stratify: false },
  { shares: { validation: 0.2, test: 0.2 }, stratify: false },
  { shares: { validation: 0.3 }, stratify: false },
] as const;

/** Texts with a class on each row, split in several ways; none where the file holds no texts. */
export function experimentsOfTexts({ path, name, bytes }: TextsFile): readonly Draft[] {
  const rows = rowsOf(bytes);
  const found = rows && findTexts(rows);
  if (!rows || !found) return [];
  return (found.part === undefined ? SPLITS : SPLITS.slice(0, 1)).map((split) => draftOf({ path, name }, rows, found, split));
}

function draftOf(
  { path, name }: Pick<TextsFile, 'path' | 'name'>,
  rows: Rows,
  { text, target, group, part, classes, tokens, length }: FoundTexts,
  { shares, stratify }: (typeof SPLITS)[number],
): Draft {
  const trained = Math.round(rows.length * 0.7);
  const common = Math.max(...classes.values()) / rows.length > COMMON;
  const lines = [
    line(`experiment: ${name}`),
    line(`description: ${sentence(`A long short-term memory tells the ${target} of the texts of ${path}.`)}`),
    line('seed: 1', 'another seed is another try at the same experiment'),
    '',
    line('dataset:'),
    line('  kind: texts'),
    line(`  file: ${quoted(path)}`),
    line(`  text: ${quoted(text)}`, 'the column that is read'),
    line(`  target: ${quoted(target)}`, 'the column that is answered'),
    line(`  tokens: ${tokens}`, tokens === 'words' ? 'or characters' : 'words have no blanks between them here; or words'),
    line('  minimum_count: 2', 'rarer tokens are read as one unknown token'),
    line('  maximum_length: 256', 'tokens of a longer text that are read, from its beginning'),
    ...(part === undefined
      ? [
          line('  split:', 'shares of the texts, drawn by the seed'),
          ...Object.entries(shares).map(([split, share]) => line(`    ${split}: ${share}`)),
          ...(group === undefined
            ? []
            : [line(`    group: ${quoted(group)}`, 'texts of one of them are alike: all of them train, or none')]),
          ...(stratify ? [line('    stratify: true', 'every class in each split in its share')] : []),
        ]
      : [line(`  split_column: ${quoted(part)}`, 'who trains, validates and tests')]),
    '',
    line('model:'),
    line('  kind: lstm', 'or gru, rnn'),
    line('  hidden_size: 32', 'more units learn more, and slower'),
    line('  embedding: {size: 32}', 'numbers that stand for a token; file: takes GloVe or word2vec'),
    line('  readout: mean', 'of all steps; or last, max, attention'),
    line('  initializer: {kind: pytorch}'),
    '',
    line('loss:'),
    line('  kind: cross_entropy', common ? 'class_weight: balanced gives rare classes more weight' : undefined),
    line('optimizer:'),
    line('  kind: adam'),
    line('  learning_rate: 0.005'),
    line('  clip_norm: 5', 'of all gradients together; keeps recurrent training steady'),
    line('metrics:'),
    line('  - kind: accuracy', 'beside that of naive Bayes, which counts words without their order'),
    line('  - kind: f1', 'the mean over classes: rare ones count as much as common ones'),
    '',
    line('training:'),
    line(`  epochs: ${roundEpochs(Math.min(20, TOKENS_OF_HALF_A_MINUTE / length))}`, 'times through the texts'),
    line(`  batch_size: ${batchSize(trained)}`, 'texts of one step'),
    ...(part === undefined ? [line('  keep: best', 'the weights of the epoch that did best on validation')] : []),
  ];
  const told = [...classes].toSorted(([, a], [, b]) => b - a).map(([label, times]) => `${shown(label)} ${formatCount(times)}`);
  return {
    text: `${lines.join('\n')}\n`,
    summary: `${plural(rows.length, 'text')}: ${shown(text)} is read, ${shown(target)} is the answer (${formatCount(classes.size)} classes: ${few(told, 5)})`,
    notes: group === undefined ? [] : [`the split keeps all texts of one ${shown(group)} together: texts of one are alike`],
  };
}

/** Of one class: from here on the others want more weight. */
const COMMON = 0.7;

function rowsOf(bytes: Uint8Array): Rows | undefined {
  const decoded = decodeData(bytes);
  if ('fault' in decoded) return undefined;
  let isWrong = false;
  const report = ({ severity }: { readonly severity?: string }): void => void (isWrong ||= severity !== 'warning');
  const rows = readRows(decoded.text, [], {}, { report, tell: report });
  return isWrong || rows.length < FEWEST_ROWS ? undefined : rows;
}

const FEWEST_ROWS = 10;
/** Rows that are looked at. */
const MOST_ROWS = 2000;

interface FoundTexts {
  readonly text: string;
  readonly target: string;
  readonly group: string | undefined;
  readonly part: string | undefined;
  readonly classes: ReadonlyMap<string, number>;
  readonly tokens: 'words' | 'characters';
  /** Tokens in all, about. */
  readonly length: number;
}

/** Names of columns that hold texts, and answers. */
const TEXT =
  /^(text|review|comment|message|sentence|body|content|tweet|post|question|title|headline|description|document|utterance|sms)s?$/i;
const LABEL =
  /^(label|class|target|category|sentiment|stars?|rating|polarity|topic|intent|emotion|spam|is_?spam|tag|answer|y|kind|type)s?$/i;
const PARTS: ReadonlySet<string> = new Set(['train', 'validation', 'test']);

/** Of a text as people write it, on average. */
const FEWEST_WORDS = 3;
const FEWEST_SIGNS = 8;
const MOST_CLASSES = 50;

function findTexts(rows: Rows): FoundTexts | undefined {
  const looked = Math.min(rows.length, MOST_ROWS);
  const isMissing = missingIn();
  const columns = rows.columns.map((name, column) => {
    const cells = Array.from({ length: rows.length }, (_, row) => rows.value(row, column));
    const present = cells.slice(0, looked).filter((cell) => cell.length > 0 && !(typeof cell === 'string' && isMissing(cell)));
    const texts = present.map((cell) => (typeof cell === 'string' ? cell : cell.join(' ')));
    const mean = (of: (text: string) => number): number => texts.reduce((sum, each) => sum + of(each), 0) / Math.max(1, texts.length);
    const words = mean((each) => each.split(/\s+/).length);
    const signs = mean((each) => each.length);
    const distinct = new Set(texts).size / Math.max(1, texts.length);
    const isText =
      distinct > 0.5 &&
      (words >= FEWEST_WORDS || (signs >= FEWEST_SIGNS && mean(chinese) > 0.3)) &&
      mean((each) => Number(/\p{L}{2}/u.test(each))) > 0.9;
    return { name, cells, words, signs, isText, isList: present.some((cell) => typeof cell !== 'string') };
  });
  const isMeasure = ({ cells }: (typeof columns)[number]): boolean =>
    cells.every((cell) => typeof cell === 'string' && plainNumber(cell) !== undefined) && cells.some((cell) => String(cell).includes('.'));
  // Beside measures, words without a telling name are notes.
  const hasMeasures = columns.some(isMeasure);
  const candidates = columns.filter(({ name, isText }) => isText && (TEXT.test(name) || !hasMeasures));
  const text = candidates.find(({ name }) => TEXT.test(name)) ?? candidates.toSorted((a, b) => b.signs - a.signs)[0];
  if (!text) return undefined;
  const others = columns
    .filter((each) => each !== text && !each.isList)
    .map((each) => ({ ...each, counts: countsOf(each.cells, isMissing) }));
  const part = others.find(({ counts }) => counts.has('train') && [...counts.keys()].every((word) => PARTS.has(word)));
  const few = others.filter(
    ({ counts, name }) =>
      name !== part?.name && counts.size > 1 && counts.size <= MOST_CLASSES && counts.size * 4 <= rows.length && complete(counts, rows),
  );
  const group = others.find(
    ({ name, counts }) => isSubjectName(name) && counts.size >= FEWEST_GROUPS && counts.size * 1.5 <= rows.length && complete(counts, rows),
  );
  const answers = few.filter((each) => each !== group);
  const target = answers.find(({ name }) => TARGET.test(name) || LABEL.test(name)) ?? answers.at(-1);
  if (!target) return undefined;
  const isSpaced = text.isList || text.words > text.signs / 25;
  return {
    text: text.name,
    target: target.name,
    group: group?.name,
    part: part?.name,
    classes: target.counts,
    tokens: isSpaced || text.cells.slice(0, looked).some((cell) => chinese(String(cell)) > 0.3) ? 'words' : 'characters',
    length: rows.length * Math.min(256, isSpaced ? 1.2 * text.words : text.signs),
  };
}

/** Fewer groups can't be split three ways. */
const FEWEST_GROUPS = 6;

/** The share of signs that stand for a word each. */
const chinese = (text: string): number =>
  (text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu) ?? []).length / Math.max(1, text.length);

const complete = (counts: ReadonlyMap<string, number>, { length }: Rows): boolean =>
  [...counts.values()].reduce((a, b) => a + b, 0) === length;

function countsOf(cells: readonly (string | readonly string[])[], isMissing: (cell: string) => boolean): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const cell of cells) if (typeof cell === 'string' && !isMissing(cell)) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return counts;
}

// ------------------------------------------------------------------------------------------------ tagged words

interface FoundTags {
  /** What the document says of the form. */
  readonly lines: readonly string[];
  readonly sentences: number;
  readonly words: number;
  readonly tags: ReadonlyMap<string, number>;
}

/** Sentences with a tag for each word; undefined where the file holds none. */
export function experimentOfTagged({ path, name, bytes }: TextsFile): Draft | undefined {
  const decoded = decodeData(bytes);
  if ('fault' in decoded) return undefined;
  const found = isJsonLines(decoded.text) ? taggedLists(bytes) : (taggedLines(decoded.text) ?? taggedRows(bytes));
  if (!found) return undefined;
  const { sentences, words, tags } = found;
  const isOfNames = [...tags.keys()].some((tag) => /^[BI]-/.test(tag));
  const lines = [
    line(`experiment: ${name}`),
    line(`description: ${sentence(`A long short-term memory that reads from both ends tags the words of ${path}.`)}`),
    line('seed: 1', 'another seed is another try at the same experiment'),
    '',
    line('dataset:'),
    line('  kind: tagged'),
    line(`  file: ${quoted(path)}`),
    ...found.lines,
    line('  minimum_count: 2', 'rarer words are read as one unknown word'),
    line('  split:', 'shares of the sentences, drawn by the seed; or validation_file, test_file'),
    line('    validation: 0.1'),
    line('    test: 0.2'),
    '',
    line('model:'),
    line('  kind: lstm', 'or gru, rnn'),
    line('  hidden_size: 32', 'more units learn more, and slower'),
    line('  embedding: {size: 32}', 'numbers that stand for a word; file: takes GloVe or word2vec'),
    line('  bidirectional: true', 'what comes after a word says what it is, too'),
    line('  readout: every', 'a tag for each word'),
    line('  initializer: {kind: pytorch}'),
    '',
    line('loss:'),
    line('  kind: cross_entropy'),
    line('optimizer:'),
    line('  kind: adam'),
    line('  learning_rate: 0.005'),
    line('  clip_norm: 5', 'of all gradients together; keeps recurrent training steady'),
    line('metrics:'),
    line('  - kind: accuracy', 'beside that of the tag that each word has most often'),
    isOfNames ? line('  - kind: entity_f1', 'names count as a whole') : line('  - kind: f1', 'the mean over tags'),
    '',
    line('training:'),
    line(`  epochs: ${roundEpochs(Math.min(20, TOKENS_OF_HALF_A_MINUTE / 2 / words))}`, 'times through the sentences'),
    line(`  batch_size: ${batchSize(Math.round(0.7 * sentences))}`, 'sentences of one step'),
    line('  keep: best', 'the weights of the epoch that did best on validation'),
  ];
  const told = [...tags].toSorted(([, a], [, b]) => b - a).map(([tag, times]) => `${shown(tag)} ${formatCount(times)}`);
  return {
    text: `${lines.join('\n')}\n`,
    summary: `${plural(sentences, 'sentence')} of ${plural(words, 'word')}, each with one of ${formatCount(tags.size)} tags: ${few(told, 5)}`,
    notes: [],
  };
}

/** Of words with tags, there are far fewer tags than words. */
const looksTagged = (tags: ReadonlyMap<string, number>, words: number): boolean =>
  tags.size > 1 && tags.size <= 200 && tags.size * 5 <= words;

function countTags(tags: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return counts;
}

/** A word on each line and an empty line after each sentence. */
function taggedLines(text: string): FoundTags | undefined {
  let isWrong = false;
  const sentences = readConll(text, () => (isWrong = true));
  const width = sentences[0]?.rows[0]?.length ?? 0;
  const rows = sentences.flatMap((each) => each.rows);
  if (isWrong || width < 2 || sentences.length < FEWEST_ROWS || sentences.length === rows.length) return undefined;
  const isUniversal = width === 10 && rows.every(([number = '']) => /^\d+$/.test(number));
  const [word, tag] = isUniversal ? [1, 3] : [0, width - 1];
  const tags = countTags(rows.map((columns) => columns[tag] ?? ''));
  if (!looksTagged(tags, rows.length) || !rows.some((columns) => /\p{L}/u.test(columns[word] ?? ''))) return undefined;
  const lines = [line(`  words: ${word}`, 'the column of the words, counted from 0'), line(`  target: ${tag}`, 'the column of the tags')];
  return { lines, sentences: sentences.length, words: rows.length, tags };
}

const WORDS = /^(words?|tokens?|form)$/i;
const TAGS = /^(tags?|pos|upos|ner|labels?|(ner|pos|chunk)_?tags?)$/i;
const SENTENCE = /^(sentence|sent|sentence ?#|(sentence|sent)[ _-]?(id|no|number))$/i;

/** CSV with a word on each row. */
function taggedRows(bytes: Uint8Array): FoundTags | undefined {
  const rows = rowsOf(bytes);
  if (!rows) return undefined;
  const [word, sentenceOf] = [WORDS, SENTENCE].map((names) => rows.columns.find((name) => names.test(name)));
  const tag = rows.columns.filter((name) => TAGS.test(name)).at(-1);
  if (word === undefined || sentenceOf === undefined || tag === undefined) return undefined;
  const column = (name: string): readonly string[] => {
    const at = indexOfColumn(rows.columns, name);
    return Array.from({ length: rows.length }, (_, row) => String(rows.value(row, at)));
  };
  const tags = countTags(column(tag));
  if (!looksTagged(tags, rows.length) || tags.has('')) return undefined;
  const lines = [
    line(`  sentence: ${quoted(sentenceOf)}`, 'which sentence a word is in'),
    line(`  words: ${quoted(word)}`),
    line(`  target: ${quoted(tag)}`, 'the column of the tags'),
  ];
  return { lines, sentences: new Set(column(sentenceOf).filter(Boolean)).size, words: rows.length, tags };
}

/** JSON Lines with two lists of one length. */
function taggedLists(bytes: Uint8Array): FoundTags | undefined {
  const rows = rowsOf(bytes);
  if (!rows) return undefined;
  const lists = rows.columns.map((name, column) => ({
    name,
    cells: Array.from({ length: rows.length }, (_, row) => rows.value(row, column)),
  }));
  const ofLists = lists.filter(({ cells }) => cells.every((cell) => typeof cell !== 'string'));
  const word = ofLists.find(({ name }) => WORDS.test(name));
  const tag = ofLists.findLast(({ name }) => TAGS.test(name));
  if (!word || !tag || word.cells.some((cell, row) => cell.length !== tag.cells[row]?.length)) return undefined;
  const tags = countTags(tag.cells.flat());
  const words = word.cells.reduce((sum, cell) => sum + cell.length, 0);
  if (!looksTagged(tags, words)) return undefined;
  return {
    lines: [line(`  words: ${quoted(word.name)}`), line(`  target: ${quoted(tag.name)}`, 'the tags')],
    sentences: rows.length,
    words,
    tags,
  };
}
