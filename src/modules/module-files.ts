import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { readWhole } from '../language/read.js';
import { canonicalJson } from '../planning/canonical-json.js';

/** A module and everything that it imports by a relative path, directly or not; packages are not among them. */
export interface ModuleFiles {
  /** Absolute paths; the module itself is the first. */
  readonly files: ReadonlyMap<string, string>;
  /** SHA-256, hex, of the contents and of who imports whom, whatever the folder and the name of the module. */
  readonly digest: string;
}

/** Throws when the module itself can't be read; an import that can't is left to Node, which says more. */
export function readModule(entry: string): ModuleFiles {
  const files = new Map<string, string>([[entry, textOf(entry)]]);
  const reading: string[] = [];
  return { files, digest: digestOf(entry) };

  function digestOf(file: string): string {
    const cycle = reading.indexOf(file);
    if (cycle >= 0) return `cycle to ${cycle}`;
    const text = files.get(file) ?? '';
    reading.push(file);
    const imports = relativeImports(text).flatMap((name): readonly (readonly [string, string])[] => {
      const imported = resolve(dirname(file), name);
      const known = files.get(imported) ?? readIfThere(imported);
      if (known === undefined) return [];
      files.set(imported, known);
      return [[name, digestOf(imported)]];
    });
    reading.pop();
    return createHash('sha256').update(canonicalJson({ text, imports })).digest('hex');
  }
}

/** Relative paths that a module imports, those in its comments too: a file too many does no harm. What is put together at run time isn't seen. */
const relativeImports = (text: string): readonly string[] => [...new Set(Array.from(text.matchAll(IMPORT), ([, , name = '']) => name))];
const IMPORT = /(?:\bfrom|\bimport|\brequire|\bnew\s+URL)\s*\(?\s*(["'])(\.{1,2}\/[^"'\n]+)\1/g;

function readIfThere(file: string): string | undefined {
  try {
    return textOf(file);
  } catch {
    return undefined;
  }
}

const textOf = (file: string): string => readWhole(file).toString('utf8');
