import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve as absolute, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Document, visit } from 'yaml';
import { escaped } from '../diagnostics/columns.js';
import { choose, isObject, own, partOf } from './check.js';
import type { ExperimentConfig, Origin, ResolvedConfig } from './experiment.js';
import { CONTROL } from './source.js';
import { child, type Located, type Path, placeOf, record } from './located.js';
import { type Affects, hasDefault, type JsonSchema } from './type.js';
import type { Config } from './validate.js';

/**
 * Fills in every default. A file that another document or the command line names is named as this document would name it, so that every path of
 * the values counts from its folder. Of each leaf it keeps where the value came from, and whether it affects the result or only the execution.
 */
export function resolve(config: Config): ResolvedConfig {
  const { doc } = config;
  // What `validate` has accepted and every default stand in the values now: this is the type that the schema describes.
  const { values, ...kept } = complete<ExperimentConfig>(config);
  return { kind: 'experiment', file: doc.file, source: doc.text, values, ...kept };
}

/** The defaults of a document of any kind, filled in; `T` is what its schema describes. */
export function complete<T>({ doc, schema }: Config): { readonly values: T } & Pick<ResolvedConfig, 'origins' | 'execution'> {
  const origins = new Map<string, Origin>();
  const execution = new Set<string>();
  const folder = dirname(doc.file);
  const values = fill(schema, doc.value, doc.root, [], 'result');
  return { values: values as T, origins, execution };

  function fill(asked: JsonSchema, value: unknown, located: Located | undefined, path: Path, inherited: Affects): unknown {
    const chosen = choose(asked, value);
    const affects = chosen.affects ?? inherited;
    if (Array.isArray(value) && value.length > 0) {
      return value.map((item, index) => fill(chosen.items ?? {}, item, located && child(located, index), [...path, index], affects));
    }
    if (isObject(value)) {
      const { properties = {} } = chosen;
      const known = Object.keys(properties).filter((name) => own(value, name) !== undefined || hasDefault(properties[name] ?? {}));
      const names = [...known, ...Object.keys(value).filter((name) => !Object.hasOwn(properties, name))];
      const part = (name: string) => partOf(chosen, name) ?? {};
      const inner = (name: string) =>
        fill(part(name), own(value, name) ?? defaultOf(part(name)), located && child(located, name), [...path, name], affects);
      if (names.length > 0) return record(names.map((name) => [name, inner(name)]));
    }
    const leaf = path.join('.');
    origins.set(leaf, located ? { from: located.from, place: placeOf(located.value) } : { from: 'default' });
    if (affects === 'execution') execution.add(leaf);
    return chosen.path && typeof value === 'string' && located ? renamedFor(folder, folderOf(located), value) : value;
  }
}

/** Of a mapping whose keys all have defaults, the empty one: they are filled in then. */
const defaultOf = ({ default: value = {} }: JsonSchema): unknown => (typeof value === 'object' ? structuredClone(value) : value);

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
  if (absolute(folder) === absolute(from) || IN_HOME.test(written) || URL.test(written) || isAbsolute(written)) return written;
  const [steps = ''] = STEPS.exec(written) ?? [];
  const way = relative(folder, absolute(from, steps)).replaceAll(sep, '/');
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

/** `lstm.yaml:13:16`, `--set model.hidden_size=64`, `default`. */
export function describeOrigin(origin: Origin | undefined): string {
  if (!origin || origin.from === 'default') return 'default';
  const { file, line, column, text } = origin.place;
  return origin.from === 'file' ? `${file}:${line}:${column}` : text;
}

/** The option of the command line that a described origin names, and what stood behind it; undefined for one that stands in a file. */
export function optionOf(described: string): { readonly flag: string; readonly argument: string } | undefined {
  const [, name = '', argument = ''] = /^(--[a-z]+ |RETABLE_[A-Z]+=)(.*)$/s.exec(described) ?? [];
  if (name === '') return undefined;
  return { flag: name.startsWith('--') ? name.trimEnd() : `--${name.slice('RETABLE_'.length, -1).toLowerCase()}`, argument };
}

/** The resolved values as an experiment document: nothing is left to defaults, and read again it gives the same values. */
export function writeResolved({ values }: ResolvedConfig): string {
  const document = new Document(values, { version: '1.2', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      // One line for each value, whatever is in it; what may not stand in a file can be escaped only between double quotes.
      if (typeof node.value === 'string' && (node.value.includes('\n') || node.value.search(CONTROL) >= 0)) node.type = 'QUOTE_DOUBLE';
      // Without digits that can't be told apart: 1e+16 is a number that is read exactly, 10000000000000000 isn't.
      if (Number.isInteger(node.value) && !Number.isSafeInteger(node.value))
        Object.assign(node, { format: 'EXP', source: String(node.value) });
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity }).replace(CONTROL, escaped);
}
