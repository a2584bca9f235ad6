import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../src/formats/csv.js';
import { plainNumber, quickNumber } from '../../src/formats/table.js';

const CASE = { numRuns: 500 };
const COMMA = ','.charCodeAt(0);

describe('a number in the middle of a text', () => {
  const numeral = fc.oneof(
    fc.double({ noNaN: true }).map(String),
    fc.stringMatching(/^[+-]?\d{0,17}\.?\d{0,17}$/),
    fc.stringMatching(/^[-+.\deE ]{0,6}$/),
  );

  it('is what it is when it is cut out, to the last bit, or is left to that', () => {
    fc.assert(
      fc.property(numeral, fc.constantFrom('', ',1', '\n', '\r\n'), (text, after) => {
        const quick = quickNumber(`7,${text}${after}`, 2, COMMA);
        if (quick !== undefined) expect(quick).toBe(plainNumber(text));
      }),
      CASE,
    );
  });

  it.each(['0.1', '-12.75', '123456789012345', '+5', '.5', '5.', '-0'])('%s needs no cutting', (text) => {
    expect(quickNumber(text, 0, COMMA)).toBe(Number(text));
  });
});

describe('a table', () => {
  const cell = fc.oneof(
    fc.stringMatching(/^[a-z0-9 ]{1,8}$/),
    fc.stringMatching(/^[a-z,"\n\r]{1,6}$/),
    fc.double({ noNaN: true }).map(String),
  );
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

  it('has the cells that were written, whatever stands in them, and the lines that they begin in', () => {
    const rows = fc
      .integer({ min: 2, max: 5 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 12 }));
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (cells, end, endsLine) => {
        const names = (cells[0] ?? ['', '']).map((_, index) => `c${index}`);
        const lines = [names, ...cells].map((row) => row.map((text) => quote(text)).join(','));
        const table = readCsv(lines.join(end) + (endsLine ? end : ''), () => {}, { separator: 'comma' });
        const given = cells.filter((row) => row.some((text) => text.trim() !== ''));
        expect(table.columns).toEqual(names);
        expect(Array.from({ length: table.length }, (_, row) => names.map((_name, column) => table.cell(row, column)))).toEqual(given);
        const isEven = cells.every((row) => !/[\r\n]/.test(row.join('')));
        const begins = cells.flatMap((row, index) => (given.includes(row) ? [index + 2] : []));
        if (isEven) expect(Array.from({ length: table.length }, (_, row) => table.line(row))).toEqual(begins);
      }),
      CASE,
    );
  });

  it('gives nothing for a row that lacks a cell, and no number for what is none', () => {
    const table = readCsv('a,b\n1,x\n 2 ,\n"3",4e1\n', () => {});
    expect([0, 1, 2].map((row) => table.number(row, 0))).toEqual([1, 2, 3]);
    expect([0, 1, 2].map((row) => table.number(row, 1))).toEqual([undefined, undefined, 40]);
    expect(table.cell(0, 7)).toBe('');
  });
});
