import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { type Diagnostic, InputError, type Place } from '../../diagnostics/diagnostic.js';
import type { Words } from '../../diagnostics/words.js';
import { nearest } from '../../diagnostics/nearest.js';
import { EngineError } from '../../engine/engine.js';
import { isObject } from '../../language/choose.js';
import type { SourceDoc } from '../../language/source.js';
import { Type } from '../../language/type.js';
import { findStage } from '../../stages/registry.js';
import { defineStage, type Stage } from '../../stages/stage.js';
import { checkStage } from './check-stage.js';
import { guardStage, lateLibrary } from './guard.js';
import * as messages from './messages.js';
import { readModule, type ModuleFiles } from './module-files.js';
import { placeOfError, placeOfSyntaxError } from './place-in-code.js';

/** The stages that a document may name: the known ones, and those of its own modules behind them. */
export interface StageSet {
  readonly stages: readonly Stage[];
  /** Of the modules with their relative imports; undefined where a document uses none. */
  readonly modules?: string;
  readonly own?: OwnModules;
}

/** By absolute paths. */
export interface OwnModules {
  /** The modules that the document names. */
  readonly entries: readonly string[];
  /** These and what they import by relative paths, with what they hold. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 *     use: [./my_stages.mjs] ─▶ files ─▶ import ─▶ function ─▶ stages ─▶ each of the right shape and of a kind of its own
 *
 * Modules are imported as they are, in this process: who runs a document trusts its modules as any program that is started.
 */
export function useModules(doc: SourceDoc, known: readonly Stage[]): StageSet | { readonly diagnostics: readonly Diagnostic[] } {
  const paths = doc.kind === 'experiment' ? doc.value['use'] : undefined;
  if (!isListOfTexts(paths) || paths.length === 0) return { stages: known };
  return useModulesIn(dirname(doc.file), paths, known, (index) => doc.place(['use', index]));
}

/** The same for paths from a folder; a fault that lies in no line of code is told at the place of its path. */
export function useModulesIn(
  folder: string,
  paths: readonly string[],
  known: readonly Stage[],
  placeOf: (index: number) => Place | undefined = () => undefined,
): StageSet | { readonly diagnostics: readonly Diagnostic[] } {
  // Deep enough to find a person's line below TensorFlow.js and what records it.
  Error.stackTraceLimit = 100;
  const stages = [...known];
  const owner = new Map<Stage, string>();
  const modules: ModuleFiles[] = [];
  const diagnostics: Diagnostic[] = [];

  for (const [index, path] of paths.entries()) {
    const told = (words: Words, place = placeOf(index)): void =>
      void diagnostics.push({ ...words, severity: 'error', ...withPlace(place) });
    try {
      const imported = importModule(resolve(folder, path), path);
      modules.push(imported.module);
      for (const [position, value] of imported.values.entries()) {
        const checked = checkStage(value);
        if ('wrong' in checked) {
          told(messages.misshapen(path, nameOf(value, position), checked.wrong));
          continue;
        }
        const { slot, kind } = checked.stage;
        const twin = findStage(stages, slot, kind);
        if (twin) told(messages.kindTaken(path, slot, kind, owner.get(twin) ?? 'retable'));
        const stage = imported.guard(checked.stage);
        owner.set(stage, path);
        stages.push(stage);
      }
    } catch (error) {
      if (!(error instanceof ModuleFault)) throw error;
      told(error.words, error.place);
    }
  }
  if (diagnostics.length > 0) return { diagnostics };
  const digests = modules.map(({ digest }) => digest).toSorted();
  return {
    stages,
    modules: createHash('sha256').update(digests.join('\n')).digest('hex'),
    own: {
      entries: paths.map((path) => resolve(folder, path)),
      sources: new Map(modules.flatMap(({ files }) => [...files])),
    },
  };
}

interface Imported {
  readonly module: ModuleFiles;
  /** What the module's function gave; nobody has looked at it yet. */
  readonly values: readonly unknown[];
  readonly guard: (stage: Stage) => Stage;
}

class ModuleFault extends Error {
  override readonly name = 'ModuleFault';
  readonly words: Words;
  readonly place: Diagnostic['place'];
  constructor(words: Words, place?: Diagnostic['place']) {
    super(words.message);
    this.words = words;
    this.place = place;
  }
}

function importModule(file: string, path: string): Imported {
  const module = readSources(file, path);
  const make = defaultOf(requireModule(file, path, module));
  if (typeof make !== 'function') throw new ModuleFault(messages.noFunction(path, described(make)));
  const library = lateLibrary();
  let values: unknown;
  try {
    values = Reflect.apply(make, undefined, [{ defineStage, Type, tf: library.tf }]);
  } catch (error) {
    throw new ModuleFault(messages.importFailed(path, reasonOf(error)), placeOfError(error, module.files));
  }
  if (!Array.isArray(values)) throw new ModuleFault(messages.noList(path, described(values)));
  const explain = (error: unknown, stage: string, part: string): unknown =>
    error instanceof EngineError || error instanceof InputError
      ? error
      : new InputError([
          {
            ...messages.stageFailed(`${stage} of ${path}`, part, reasonOf(error)),
            severity: 'error',
            ...withPlace(placeOfError(error, module.files)),
          },
        ]);
  return { module, values, guard: (stage) => guardStage(stage, library.during, explain) };
}

function readSources(file: string, path: string): ModuleFiles {
  const extension = extname(file);
  if (!existsSync(file)) throw new ModuleFault(messages.noModule(path, nearestModule(file, path)));
  if (!messages.EXTENSIONS.some((known) => known === extension)) throw new ModuleFault(messages.noCode(path));
  if (extension.endsWith('ts') && !readsTypeScript()) throw new ModuleFault(messages.noTypeScript(path, process.version));
  try {
    return readModule(file);
  } catch (error) {
    throw new ModuleFault(messages.importFailed(path, reasonOf(error)));
  }
}

/** `require` takes ES modules too, from Node 20.19 on, and at once: planning waits for nothing. */
function requireModule(file: string, path: string, { files }: ModuleFiles): unknown {
  try {
    return createRequire(import.meta.url)(file);
  } catch (error) {
    if (codeOf(error) === 'ERR_REQUIRE_ASYNC_MODULE') throw new ModuleFault(messages.awaits(path));
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

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]?.trim() ?? '';
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
const withPlace = (place: Diagnostic['place']) => (place ? { place } : {});
const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const nameOf = (value: unknown, position: number): string =>
  isObject(value) && typeof value['kind'] === 'string' ? `${String(value['slot'] ?? 'stage')} ${value['kind']}` : `stage ${position + 1}`;
