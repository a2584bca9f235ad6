import { type Cell, indexOfColumn, type Table } from '../../../formats/table.js';
import { compareNatural } from './order.js';
import type { Fact, Files } from '../../stage.js';
import type { Options } from './options.js';

/** A file of sequences. */
export interface Source {
  /** By which it is opened. */
  readonly file: string;
  /** Behind the folder that all files share: `up/walk1.csv`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Endings of files that are looked for in a folder. */
const ENDINGS = { csv: /\.(?:csv|tsv|txt|dat)$/i, jsonl: /\.(?:jsonl|ndjson|json)$/i, npy: /\.npy$/i } as const;

/** The files that a document names: those of a list in its order, those of a folder or a pattern by their names, 2 before 10. */
export function sourcesOf({ file, format }: Pick<Options, 'file' | 'format'>, files: Files): readonly Source[] {
  const written = typeof file === 'string' ? [file] : file;
  const found = written.flatMap((path) => {
    const listed = files.list?.(path) ?? [path];
    if (listed.length === 1 && listed[0] === path) return listed;
    return listed.filter((each) => ENDINGS[format].test(each)).toSorted(compareNatural);
  });
  const paths = [...new Set(found)];
  const shared = sharedFolder(paths.map((path) => path.replaceAll('\\', '/')));
  return paths.map((path) => ({ file: path, name: path.slice(shared), bytes: files.read(path) }));
}

/** How many signs all paths begin with, up to the last "/" of them. */
function sharedFolder(paths: readonly string[]): number {
  const [first = ''] = paths;
  const folders = [...first.matchAll(/\//g)].map(({ index }) => index + 1);
  return folders.findLast((end) => paths.every((path) => path.startsWith(first.slice(0, end)))) ?? 0;
}

/** What each file is called, and the folder that it lies in, where no column of the files has such a name. */
export const FILE_COLUMN = 'file';
export const FOLDER_COLUMN = 'folder';

/**
 * The tables of several files, one below the other, with the columns of the first. `numbered` is the column that counts the sequences of each file,
 * where that is so: their names then begin with that of the file.
 */
export function joined(parts: readonly { readonly source: Source; readonly table: Table }[], numbered: string | undefined): Table {
  const [first] = parts;
  const own = first?.table.columns ?? [];
  const columns = [...own, ...[FILE_COLUMN, FOLDER_COLUMN].filter((name) => !own.includes(name))];
  const starts: number[] = [];
  let length = 0;
  for (const { table } of parts) {
    starts.push(length);
    length += table.length;
  }
  const places = parts.map(({ table }) => columns.map((name) => indexOfColumn(table.columns, name)));
  const at = (row: number): number => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const cell = (row: number, column: number): Cell => {
    const part = at(row);
    const { table, source } = parts[part] ?? {};
    const place = places[part]?.[column] ?? -1;
    const name = columns[column];
    if (!table || !source) return '';
    if (place >= 0) {
      const value = table.cell(row - (starts[part] ?? 0), place);
      return name === numbered ? `${source.name} ${value}` : value;
    }
    return name === FILE_COLUMN ? source.name : name === FOLDER_COLUMN ? folderOf(source.file) : '';
  };
  return {
    columns,
    length,
    cell,
    number(row, column) {
      const part = at(row);
      const place = places[part]?.[column] ?? -1;
      return place < 0 || columns[column] === numbered ? undefined : parts[part]?.table.number(row - (starts[part] ?? 0), place);
    },
    place(row) {
      const part = at(row);
      return `${parts[part]?.source.name}, ${parts[part]?.table.place(row - (starts[part] ?? 0))}`;
    },
    empty: parts.flatMap(({ source, table }) => (table.empty ?? []).map((place) => `${source.name}, ${place}`)),
    ...(first?.table.assumed && { assumed: first.table.assumed }),
  };
}

const folderOf = (file: string): string => file.replaceAll('\\', '/').split('/').at(-2) ?? '';

const MOST_NAMED = 4;

/** Which files were read, where they are several. */
export function filesFact(sources: readonly Source[]): readonly Fact[] {
  if (sources.length < 2) return [];
  const names = sources.map(({ name }) => name);
  const shown = names.length > MOST_NAMED ? `${names.length}, from ${names[0]} to ${names.at(-1)}` : names.join(', ');
  return [{ key: 'files', name: 'files', value: shown }];
}
