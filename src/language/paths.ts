import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choose, isObject, own, partOf } from './choose.js';
import type { Located, Path } from './located.js';
import type { JsonSchema } from './type.js';

/**
 * The file that a document names, as this process opens it: a relative path counts from `folder`, `~/` begins in the person's home folder, and
 * `file:///…` is an address of a file. What is neither, as an address of the web, is taken as a path.
 */
export function fileFrom(folder: string, written: string): string {
  if (IN_HOME.test(written)) return join(homedir(), written.slice(1));
  const path = URL_OF_FILE.test(written) ? pathOfUrl(written) : written;
  return isAbsolute(path) ? path : join(folder, path);
}

/**
 * How a document of `folder` names the file that `written` names in a document of `from`. A path that means the same everywhere stays as it
 * is, and so does what follows the folders of one: `data.json#/runs`.
 */
export function renamedFor(folder: string, from: string, written: string): string {
  if (resolve(folder) === resolve(from) || IN_HOME.test(written) || URL.test(written) || isAbsolute(written)) return written;
  const [steps = ''] = STEPS.exec(written) ?? [];
  const way = relative(folder, resolve(from, steps)).replaceAll(sep, '/');
  return [way, written.slice(steps.length)].filter((part) => part !== '').join('/') || '.';
}

/** Where a relative path counts from that stands in this value: the folder of the document, or that in which the person gave the argument. */
export const folderOf = ({ value: { source } }: Located): string => source.folder;

/** The texts of a value that name files, as its schema says, and where in it they stand. */
export function filesIn(asked: JsonSchema, value: unknown, path: Path = []): readonly { readonly path: Path; readonly written: string }[] {
  const chosen = choose(asked, value);
  if (typeof value === 'string') return chosen.path ? [{ path, written: value }] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => filesIn(chosen.items ?? {}, item, [...path, index]));
  return isObject(value)
    ? Object.keys(value).flatMap((name) => filesIn(partOf(chosen, name) ?? {}, own(value, name), [...path, name]))
    : [];
}

/** The value with its files named in another way. */
export const withFiles = (asked: JsonSchema, value: unknown, rename: (written: string, path: Path) => string): unknown =>
  filesIn(asked, value).reduce((changed, { path, written }) => replaced(changed, path, rename(written, path)), value);

function replaced(value: unknown, [name, ...rest]: Path, text: string): unknown {
  if (name === undefined) return text;
  if (Array.isArray(value)) return value.toSpliced(Number(name), 1, replaced(value[Number(name)], rest, text));
  return isObject(value) ? { ...value, [name]: replaced(own(value, String(name)), rest, text) } : value;
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url; // of another machine: there is no such file here
  }
}

const URL = /^[a-z][a-z\d+.-]+:\/\//i;
const URL_OF_FILE = /^file:\/\//i;
const IN_HOME = sep === '\\' ? /^~(?=[/\\])/ : /^~(?=\/)/;
/** The folders `.` and `..` that a path begins with. */
const STEPS = sep === '\\' ? /^(?:\.{1,2}(?:[/\\]+|$))*/ : /^(?:\.{1,2}(?:\/+|$))*/;
