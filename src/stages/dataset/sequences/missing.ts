import { plainNumber, textOf, type Cell } from './table.js';

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
