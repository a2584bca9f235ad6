import { few } from '../../../diagnostics/diagnostic.js';
import { CONLL_U, readConll } from '../../../formats/conll.js';
import { indexOfColumn } from '../../../formats/table.js';
import type { Report } from '../../stage.js';
import { missingIn } from '../sequences/numbers.js';
import * as messages from './messages.js';
import type { FileOptions } from './options.js';
import {
  about,
  beginningOf,
  columnIn,
  isJsonLines,
  NOTHING_READ,
  optionalColumns,
  readRows,
  type ReadFile,
  type ReadTexts,
  type RowOptions,
  tokensAsGiven,
  type TokenText,
} from './read.js';
import type { TokenTable } from './tokenize.js';

interface TaggedOptions extends FileOptions, RowOptions {
  readonly format?: 'conll' | 'csv' | 'jsonl';
  readonly words?: number | string;
  readonly target?: number | string;
  readonly sentence?: number | string;
  readonly lower_case: boolean;
}

type Given = Parameters<ReadFile<TaggedOptions>>[2];

/** Sentences with a tag for each word; where they are asked about, tags need not be there. */
export const readTagged: ReadFile<TaggedOptions> = (options, source, given) => {
  const { format = options.sentence !== undefined ? 'csv' : isJsonLines(source) ? 'jsonl' : 'conll' } = options;
  const read = { conll: fromConll, csv: fromCsv, jsonl: fromJsonLines }[format](options, source, given);
  if (read.texts.length === 0) given.report(messages.noTexts());
  return read;
};

function fromConll(options: TaggedOptions, source: string, { table, answered, report }: Given): ReadTexts {
  const sentences = readConll(source, report);
  const width = sentences[0]?.rows[0]?.length ?? 0;
  const isUniversal = width === CONLL_U && sentences.every(({ rows }) => rows.every(([number = '']) => /^\d+$/.test(number)));
  const usual = isUniversal ? { words: 1, target: 3 } : { words: 0, target: width - 1 };
  const numberOf = (option: 'words' | 'target'): number => {
    const written = options[option] ?? usual[option];
    const index = Number(written);
    if (!Number.isInteger(index)) report(messages.columnByNumber(option, String(written)));
    return index;
  };
  const at = { words: numberOf('words'), target: numberOf('target') };
  // A file that is asked about may hold the words alone.
  const isTagged = at.target < width && at.target !== at.words;
  if (width > 0 && at.words >= width) report(messages.noSuchColumn('words', at.words, width));
  if (width > 0 && !isTagged && answered) report(messages.noSuchColumn('target', options.target === undefined ? 1 : at.target, width));
  const isMissing = missingIn(options.missing_values ?? []);
  const tell = few(report);
  const texts = sentences.map(({ line, rows }, index) =>
    sentence(options, table, {
      name: `sentence ${index + 1}`,
      place: `line ${line}`,
      words: rows.map((columns) => columns[at.words] ?? ''),
      targets: isTagged ? rows.map((columns) => tagOf(columns[at.target] ?? '', isMissing)) : rows.map(() => ''),
    }),
  );
  if (answered && isTagged) reportUntagged(texts, 'target', tell);
  tell.end();
  return {
    texts,
    assumed:
      isUniversal && options.target === undefined
        ? [{ key: 'conll-u', name: 'form', value: 'CoNLL-U: words of column 1, tags of column 3' }]
        : [],
  };
}

function fromCsv(options: TaggedOptions, source: string, { table, answered, report }: Given): ReadTexts {
  if (options.sentence === undefined) {
    report(messages.noSentence());
    return NOTHING_READ;
  }
  const { words = 'word', target = 'tag', sentence: column } = options;
  const tell = few(report);
  const rows = readRows(source, [words, column, ...(answered ? [target] : [])].map(String), options, { report, tell });
  const at = {
    words: columnIn(rows, words, ['words'], report),
    sentence: columnIn(rows, column, ['sentence'], report),
    target: answered || indexOfColumn(rows.columns, String(target)) >= 0 ? columnIn(rows, target, ['target'], report) : -1,
    ...optionalColumns(rows, options, answered, report),
  };
  if (at.words < 0 || at.sentence < 0 || (answered && at.target < 0)) return NOTHING_READ;
  const isMissing = missingIn(options.missing_values ?? []);
  const found = new Map<string, number[]>();
  let name = '';
  for (let row = 0; row < rows.length; row++) {
    // Some files name a sentence at its first word alone.
    const written = String(rows.value(row, at.sentence));
    if (written !== '') name = written;
    const members = found.get(name);
    if (members) members.push(row);
    else found.set(name, [row]);
  }
  const texts = [...found].map(([called, members]) => {
    const [first = 0] = members;
    return {
      ...about(rows, first, at, isMissing, tell),
      ...sentence(options, table, {
        name: called,
        place: rows.place(first),
        words: members.map((row) => String(rows.value(row, at.words))),
        targets: members.map((row) => (at.target < 0 ? '' : tagOf(String(rows.value(row, at.target)), isMissing))),
      }),
    };
  });
  if (answered) reportUntagged(texts, String(target), tell);
  tell.end();
  return { texts, assumed: rows.assumed };
}

function fromJsonLines(options: TaggedOptions, source: string, { table, answered, report }: Given): ReadTexts {
  const tell = few(report);
  const rows = readRows(source, [], options, { report, tell });
  const usual = (names: readonly string[]): string => names.find((name) => indexOfColumn(rows.columns, name) >= 0) ?? names[0] ?? '';
  const { words = usual(['words', 'tokens', 'word']), target = usual(['tags', 'labels', 'tag', 'ner_tags', 'pos_tags']) } = options;
  const at = {
    words: columnIn(rows, words, ['words'], report),
    target: answered || indexOfColumn(rows.columns, String(target)) >= 0 ? columnIn(rows, target, ['target'], report) : -1,
    ...optionalColumns(rows, options, answered, report),
  };
  if (at.words < 0 || (answered && at.target < 0)) return NOTHING_READ;
  const isMissing = missingIn(options.missing_values ?? []);
  const texts: TokenText[] = [];
  for (let row = 0; row < rows.length; row++) {
    const [given, tags] = [listOf(rows.value(row, at.words)), at.target < 0 ? undefined : listOf(rows.value(row, at.target))];
    if (tags && tags.length !== given.length) {
      tell(messages.unequalLists(rows.place(row), given.length, tags.length));
      continue;
    }
    const { name, ...rest } = about(rows, row, at, isMissing, tell);
    texts.push({
      ...rest,
      ...sentence(options, table, {
        name: at.id < 0 ? `sentence ${row + 1}` : name,
        place: rows.place(row),
        words: given,
        targets: tags ? tags.map((tag) => tagOf(tag, isMissing)) : given.map(() => ''),
      }),
    });
  }
  if (answered) reportUntagged(texts, String(target), tell);
  tell.end();
  return { texts: texts.filter(({ ids }) => ids.length > 0), assumed: rows.assumed };
}

/** Words that are one text are cut where it has blanks. */
const listOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : value;

const tagOf = (tag: string, isMissing: (cell: string) => boolean): string => (isMissing(tag) ? '' : tag);

function sentence(
  options: TaggedOptions,
  table: TokenTable,
  { words, ...about }: Pick<TokenText, 'name' | 'place' | 'targets'> & { readonly words: readonly string[] },
): TokenText {
  return { ...about, ids: tokensAsGiven(words, options, table), begins: () => beginningOf(words.join(' ')) };
}

function reportUntagged(texts: readonly TokenText[], column: string, report: Report): void {
  for (const { place, targets } of texts) if (targets.includes('')) report(messages.untagged({ place, column }, targets.indexOf('') + 1));
}
