import { type Cell, plainNumber, type Table, textOf } from '../../../formats/table.js';
import type { Fact, Report } from '../../stage.js';
import * as messages from './messages.js';

/** What stands before the fraction of a number: 8.7 or 8,7. */
export type DecimalMark = 'point' | 'comma';

/** U+2212, and the dash that word processors make of a minus. */
const MINUS = /^[\u2212\u2013](?=[\d.,])/;
/** One mark, the same throughout, before every three digits: `1,234.5`, `1'234.5`, `1 234.5` with any kind of space. */
const GROUPED = /^[+-]?[1-9]\d{0,2}([,'\u2019 \u00a0\u202f\u2009])\d{3}(?:\1\d{3})*(?:\.\d*)?$/;

const swapped = (text: string): string => text.replaceAll(/[.,]/g, (mark) => (mark === '.' ? ',' : '.'));

/** The number that a text is, where its decimal mark is known: with U+2212 for a minus, and with marks between thousands. */
export function readNumeral(text: string, mark: DecimalMark): number | undefined {
  const plain = plainNumber(text);
  if (plain !== undefined && (mark === 'point' || !text.includes('.'))) return plain;
  const signed = text.replace(MINUS, '-');
  const pointed = mark === 'comma' ? swapped(signed) : signed;
  return plainNumber(pointed) ?? (GROUPED.test(pointed) ? plainNumber(pointed.replaceAll(/[^\d.+-]/g, '')) : undefined);
}

/** Is every value that is there a number, with one decimal mark or the other? */
export function areNumbers(cells: Iterable<Cell>, isMissing: (cell: Cell) => boolean): boolean {
  let some = false;
  for (const cell of cells) {
    if (isMissing(cell)) continue;
    some = true;
    if (typeof cell === 'number') continue;
    if (readNumeral(cell.trim(), 'point') === undefined && readNumeral(cell.trim(), 'comma') === undefined) return false;
  }
  return some;
}

interface Numbers {
  /** Undefined where the numbers contradict one another, which is reported. */
  readonly mark: DecimalMark | undefined;
  readonly assumed: readonly Fact[];
}

/** A cell that speaks for one decimal mark, and where it stands. */
interface Sign {
  readonly row: number;
  readonly column: number;
}

/**
 * The decimal mark of a file, from all of its numbers: a point, unless some number can only be read with a comma. `1,234` and `1.234` may be read
 * in two ways: they are read where their own column says how, and refused where it does not. A file that was always read, without a comma in
 * any number, reads as before.
 */
export function findDecimalMark(
  table: Table,
  columns: readonly number[],
  stated: DecimalMark | undefined,
  isMissing: (cell: Cell) => boolean,
  report: Report,
): Numbers {
  const cell = ({ row, column }: Sign): string => textOf(table.cell(row, column));
  if (stated !== 'comma' && columns.every((column) => isPlain(table, column, isMissing))) return { mark: 'point', assumed: [] };
  const seen = columns.map((column) => survey(table, column, isMissing));
  const first = (kind: 'comma' | 'point'): Sign | undefined => seen.map((of) => of[kind]).find((sign) => sign !== undefined);
  const [comma, point] = [first('comma'), first('point')];
  const told = (sign: Sign): messages.Value => ({
    place: table.place(sign.row),
    column: table.columns[sign.column] ?? '',
    text: cell(sign),
  });
  if (stated === undefined && comma && point) {
    report(messages.mixedDecimals(told(comma), told(point)));
    return { mark: undefined, assumed: [] };
  }
  const mark = stated ?? (comma ? 'comma' : 'point');
  for (const of of stated === undefined ? seen : []) {
    const sign = mark === 'comma' ? of.unclearPoint : of.unclearComma;
    if (sign && !of[mark]) {
      const text = cell(sign);
      report(messages.unclearDecimal(told(sign), readNumeral(text, 'point'), readNumeral(text, 'comma')));
    }
  }
  const grouped = seen.map((of) => of.grouped.find((sign) => isGrouped(cell(sign), mark))).find((sign) => sign !== undefined);
  const minus = seen.map((of) => of.minus).find((sign) => sign !== undefined);
  return {
    mark,
    assumed: [
      ...(stated === undefined && comma ? [messages.readDecimals(told(comma), readNumeral(cell(comma), mark))] : []),
      ...(grouped ? [messages.readThousands(told(grouped), readNumeral(cell(grouped), mark))] : []),
      ...(minus ? [messages.readMinus(told(minus), readNumeral(cell(minus), mark))] : []),
    ],
  };
}

/** What programs write, and all that most files hold. */
function isPlain(table: Table, column: number, isMissing: (cell: Cell) => boolean): boolean {
  for (let row = 0; row < table.length; row++) {
    if (table.number(row, column) === undefined && !isMissing(table.cell(row, column))) return false;
  }
  return true;
}

interface Survey {
  /** The first that can only be read with a decimal comma, with a decimal point. */
  readonly comma: Sign | undefined;
  readonly point: Sign | undefined;
  /** The first that is one number with a point and another with a comma: `1.234`, `1,234`. */
  readonly unclearPoint: Sign | undefined;
  readonly unclearComma: Sign | undefined;
  /** One for each mark that may stand between thousands. */
  readonly grouped: readonly Sign[];
  readonly minus: Sign | undefined;
}

function survey(table: Table, column: number, isMissing: (cell: Cell) => boolean): Survey {
  let [comma, point, unclearPoint, unclearComma, minus]: (Sign | undefined)[] = [];
  const grouped = new Map<string, Sign>();
  for (let row = 0; row < table.length; row++) {
    const cell = table.cell(row, column);
    if (typeof cell === 'number') continue;
    const text = cell.trim();
    const plain = plainNumber(text);
    if (plain !== undefined && !text.includes('.')) continue;
    if (plain === undefined && isMissing(cell)) continue;
    const sign = { row, column };
    const [pointed, withComma] = [readNumeral(text, 'point'), readNumeral(text, 'comma')];
    if (pointed === undefined && withComma === undefined) continue;
    if (pointed === undefined) comma ??= sign;
    else if (withComma === undefined) point ??= sign;
    else if (pointed !== withComma) {
      if (text.includes(',')) unclearComma ??= sign;
      else unclearPoint ??= sign;
    }
    if (MINUS.test(text)) minus ??= sign;
    const mark = /\d([^\d.])\d{3}/.exec(text)?.[1] ?? (/\.\d{3}(?:\.|,|$)/.test(text) ? '.' : undefined);
    if (mark !== undefined && !grouped.has(mark)) grouped.set(mark, sign);
  }
  return { comma, point, unclearPoint, unclearComma, grouped: [...grouped.values()], minus };
}

const isGrouped = (text: string, mark: DecimalMark): boolean => {
  const signed = text.replace(MINUS, '-');
  return GROUPED.test(mark === 'comma' ? swapped(signed) : signed);
};

/** Nothing at all, what is no number in every program, and what a spreadsheet writes where a formula failed: nobody means a value by it. */
const ALWAYS = new Set(['', 'nan', '-nan', '+nan', 'nat', '#n/a', '#value!', '#div/0!', '#ref!', '#name?', '#num!', '#null!', '<na>']);

/** What stands for a missing value by custom. A document that lists `missing_values` may take each of them for a value. */
const CUSTOMARY = ['NA', 'N/A', 'n.a.', 'null', '(null)', String.raw`\N`, 'none', '?', '-', '--', '–', '—'] as const;

/** Does a cell hold no value? Upper and lower case are one; a number in the list also stands for its other spellings: -999 for `-999.0`. */
export function missingIn(listed: readonly Cell[] = CUSTOMARY): (cell: Cell) => boolean {
  const words = new Set([...ALWAYS, ...listed.map((value) => textOf(value).toLowerCase())]);
  const numbers = new Set(listed.flatMap((value) => plainNumber(textOf(value)) ?? []));
  const mayBeginWithDigit = [...words].some((word) => isDigit(word.charCodeAt(0)));
  return (cell) => {
    if (typeof cell === 'number') return Number.isNaN(cell) || (numbers.size > 0 && numbers.has(cell));
    const text = cell.trim();
    // Nearly every cell begins with a digit, and is none of the words.
    if (!mayBeginWithDigit && numbers.size === 0 && isDigit(text.charCodeAt(0))) return false;
    return words.has(text.toLowerCase()) || (numbers.size > 0 && numbers.has(plainNumber(text) ?? Number.NaN));
  };
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
