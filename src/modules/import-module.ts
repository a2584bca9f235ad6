import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname } from 'node:path';
import { codeOfError, InputError, type Place } from '../diagnostics/diagnostic.js';
import { nearest, withArticle, type Words } from '../diagnostics/words.js';
import { EngineError } from '../engine/engine.js';
import { isObject } from '../language/check.js';
import { Type } from '../language/type.js';
import { defineStage, type Stage } from '../stages/stage.js';
import { hostModule, inThisFolder, spoiltObjects } from './foreign-code.js';
import { checkStage, nameOf } from './check-stage.js';
import { guardStage, lateLibrary } from './guard.js';
import * as messages from './messages.js';
import { readModule, type ModuleFiles } from './module-files.js';
import { placeOfError, placeOfSyntaxError } from './place-in-code.js';
import { asError, reasonOf } from './thrown.js';

interface Imported {
  readonly module: ModuleFiles;
  /** What the module's function gave: stages, and what is wrong with those that are none. */
  readonly values: readonly ({ readonly stage: Stage } | { readonly wrong: string; readonly name: string })[];
  readonly guard: (stage: Stage) => Stage;
}

/** A module that can't be used, and the line of its code where that shows. */
export class ModuleFault extends Error {
  override readonly name = 'ModuleFault';
  readonly words: Words;
  readonly place: Place | undefined;
  constructor(words: Words, place?: Place) {
    super(words.message);
    this.words = words;
    this.place = place;
  }
}

/** A module's own stages, as its function gives them. */
export function importModule(file: string, path: string): Imported {
  const module = readSources(file, path);
  const make = defaultOf(requireModule(file, path, module));
  assertImported(file, path, module);
  if (typeof make !== 'function') throw new ModuleFault(messages.noFunction(path, described(make)));
  const library = lateLibrary();
  const explain = (error: Error, stage: string, part: string): unknown => {
    if (error instanceof EngineError || error instanceof InputError) return error;
    const place = placeOfError(error, module.files);
    return place && new InputError([{ ...messages.stageFailed(`${stage} of ${path}`, part, reasonOf(error)), severity: 'error', place }]);
  };
  const values = failing(path, module, () => {
    const given: unknown = inThisFolder(() => Reflect.apply(make, undefined, [{ defineStage, Type, tf: library.tf }]));
    if (!Array.isArray(given)) throw new ModuleFault(messages.noList(path, described(given)));
    return Array.from(given, (value: unknown, position) => {
      const checked = checkStage(value);
      return 'wrong' in checked ? { ...checked, name: nameOf(value, position) } : checked;
    });
  });
  return { module, values, guard: (stage) => guardStage(stage, path, library.during, explain) };
}

/** Whatever a module throws is told with its line. */
function failing<T>(path: string, { files }: ModuleFiles, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const error = asError(thrown);
    if (error instanceof ModuleFault) throw error;
    throw new ModuleFault(messages.importFailed(path, reasonOf(error)), placeOfError(error, files));
  }
}

/** By entry: the digest of what this process imported. Node imports a module once, whatever its file holds later. */
const imported = new Map<string, string>();

/** What is hashed into the work is what was imported. */
function assertImported(file: string, path: string, { digest }: ModuleFiles): void {
  const first = imported.get(file) ?? readSources(file, path).digest;
  imported.set(file, first);
  if (first !== digest) throw new ModuleFault(messages.changedMeanwhile(path));
}

function readSources(file: string, path: string): ModuleFiles {
  const extension = extname(file);
  if (!existsSync(file)) throw new ModuleFault(messages.noModule(path, nearestModule(file, path)));
  if (!messages.EXTENSIONS.some((known) => known === extension)) throw new ModuleFault(messages.noCode(path));
  if (extension.endsWith('ts') && !readsTypeScript()) throw new ModuleFault(messages.noTypeScript(path, process.version));
  try {
    return readModule(file);
  } catch (error) {
    throw new ModuleFault(messages.importFailed(path, reasonOf(asError(error))));
  }
}

/** `require` takes ES modules too, from Node 20.19 on, and at once: planning waits for nothing. */
function requireModule(file: string, path: string, { files }: ModuleFiles): unknown {
  try {
    hostModule(path, files);
    const exported: unknown = inThisFolder(() => createRequire(import.meta.url)(file));
    const spoilt = spoiltObjects();
    if (spoilt !== undefined) throw new ModuleFault(messages.spoils(path, spoilt));
    return exported;
  } catch (thrown) {
    const error = asError(thrown);
    if (error instanceof ModuleFault) throw error;
    if (codeOfError(error) === 'ERR_REQUIRE_ASYNC_MODULE') throw new ModuleFault(messages.awaits(path));
    const place = placeOfError(error, files) ?? (error instanceof SyntaxError ? placeOfSyntaxError(files) : undefined);
    throw new ModuleFault(messages.importFailed(path, reasonOf(error)), place);
  }
}

/** An ES module's default; a CommonJS module may be the function itself. */
const defaultOf = (imported: unknown): unknown => (isObject(imported) && 'default' in imported ? imported['default'] : imported);

const readsTypeScript = (): boolean => Boolean((process.features as { readonly typescript?: unknown }).typescript);

function nearestModule(file: string, path: string): string | undefined {
  const folder = dirname(file);
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => messages.EXTENSIONS.some((known) => known === extname(name)))
    : [];
  const guess = nearest(basename(file), names);
  return guess === undefined ? undefined : path.slice(0, path.length - basename(path).length) + guess;
}

function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : withArticle(typeof value);
}
