/**
 * Whether a text holds a table, whatever the name of its file: its first lines have equally many values between equal separators, and below
 * the first line half of the values are numbers or more.
 */
export function isTable(text: string): boolean {
  const lines = text
    .slice(0, MOST_CHARACTERS)
    .split(/\r\n|\r|\n/)
    .slice(0, MOST_LINES + 1);
  // The last one may be cut off.
  const [header = '', ...rows] = lines.slice(0, -1).filter((line) => line !== '');
  if (rows.length < FEWEST_ROWS) return false;
  return ['\t', ';', ','].some((mark) => {
    const columns = header.split(mark).length;
    const cells = rows.map((row) => row.split(mark));
    const values = cells.flat();
    return (
      columns > 1 &&
      cells.every(({ length }) => length === columns) &&
      values.filter((value) => /^\s*"?[+-]?\d+([.,]\d+)?"?\s*$/.test(value)).length * 2 >= values.length
    );
  });
}

const FEWEST_ROWS = 10;
const MOST_LINES = 50;
const MOST_CHARACTERS = 50_000;
