/**
 * The index of the column that a name means, -1 for none: the column of that very name; else the only one that looks the same on a screen. `ü` may be
 * one character or two, `µ` is two characters of Unicode, and a blank may be one that doesn't break.
 */
export function indexOfColumn(columns: readonly string[], name: string): number {
  const exact = columns.indexOf(name);
  if (exact >= 0) return exact;
  const alike = columns.flatMap((column, index) => (look(column) === look(name) ? [index] : []));
  return alike.length === 1 ? (alike[0] ?? -1) : -1;
}

export const holdsAll = (columns: readonly string[], names: readonly string[]): boolean =>
  names.every((name) => indexOfColumn(columns, name) >= 0);

const look = (name: string): string => name.normalize('NFKC').replaceAll(/\s+/g, ' ').trim();
