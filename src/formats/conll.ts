import { few, type Report } from '../diagnostics/diagnostic.js';
import { formatCount, plural } from '../diagnostics/numbers.js';

/** A sentence of a file with a word on each line. */
interface ConllSentence {
  /** The line that it begins on, from 1. */
  readonly line: number;
  /** Word by word, its columns. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * Sentences of the form of the CoNLL shared tasks: a word on each line with its columns, separated by tabs where the line has some, else by blanks; an
 * empty line ends a sentence. Passed over are `-DOCSTART-` lines, comments as CoNLL-U has them (`# text = …`), and its words without an own number
 * (`1-2`, `5.1`). A line with another number of columns than the first one is reported.
 */
export function readConll(source: string, report: Report): readonly ConllSentence[] {
  const tell = few(report);
  const sentences: ConllSentence[] = [];
  let rows: (readonly string[])[] = [];
  let first = 0;
  let width = 0;
  const end = (): void => {
    if (rows.length > 0) sentences.push({ line: first, rows });
    rows = [];
  };
  for (const [index, line] of source
    .replace(/^\uFEFF/, '')
    .split(/\r+\n|\n|\r/)
    .entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('-DOCSTART-')) {
      end();
      continue;
    }
    if (/^#(?:\s|$)/.test(text) && !(width > 0 && columnsOf(line).length === width)) continue;
    const columns = columnsOf(line);
    width ||= columns.length;
    if (width === CONLL_U && /^\d+[-.]\d+$/.test(columns[0] ?? '')) continue;
    if (columns.length !== width) {
      tell({
        code: 'unequal-rows',
        path: ['file'],
        message: `line ${formatCount(index + 1)} has ${plural(columns.length, 'column')}, and the first word has ${formatCount(width)}`,
        help: 'a word and its tags stand on one line, with tabs or blanks between them; an empty line ends a sentence',
      });
      continue;
    }
    if (rows.length === 0) first = index + 1;
    rows.push(columns);
  }
  end();
  tell.end();
  return sentences;
}

/** Columns of CoNLL-U: number, form, lemma, part of speech, and six more. */
export const CONLL_U = 10;

const columnsOf = (line: string): readonly string[] =>
  line.includes('\t') ? line.split('\t').map((cell) => cell.trim()) : line.trim().split(/\s+/);
