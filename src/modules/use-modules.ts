import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Diagnostic, Place } from '../diagnostics/diagnostic.js';
import type { Words } from '../diagnostics/words.js';
import { type SourceDoc } from '../language/source.js';
import { closest } from '../language/located.js';
import { fileFrom, folderOf } from '../language/resolve.js';
import { findStage } from '../stages/registry.js';
import type { Stage } from '../stages/stage.js';
import { importModule, ModuleFault } from './import-module.js';
import * as messages from './messages.js';
import type { ModuleFiles } from './module-files.js';

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
  /** The text of the modules, and of what they import by relative paths. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 *     use: [./my_stages.mjs] ─▶ files ─▶ import ─▶ function ─▶ stages ─▶ each of the right shape and of a kind of its own
 *
 * Modules are imported as they are, in this process: who runs a document trusts its modules as any program that is started.
 */
export function useModules(doc: SourceDoc, known: readonly Stage[]): StageSet | { readonly diagnostics: readonly Diagnostic[] } {
  return importAll(namedModules(doc), known, (index) => doc.place(['use', index]));
}

/** A module as a document names it, and its absolute path. */
interface NamedModule {
  readonly written: string;
  readonly file: string;
}

export function namedModules(doc: SourceDoc): readonly NamedModule[] {
  const paths = doc.kind === 'experiment' ? doc.value['use'] : undefined;
  if (!isListOfTexts(paths)) return [];
  return paths.map((written, index) => {
    const { found } = closest(doc.root, ['use', index]);
    return { written, file: resolve(fileFrom(folderOf(found), written)) };
  });
}

/** A fault that lies in no line of code is told at the place of its path. */
export function importAll(
  named: readonly NamedModule[],
  known: readonly Stage[],
  placeOf: (index: number) => Place | undefined = () => undefined,
): StageSet | { readonly diagnostics: readonly Diagnostic[] } {
  if (named.length === 0) return { stages: known };
  // Deep enough to find a person's line below TensorFlow.js and what records it.
  Error.stackTraceLimit = 100;
  const stages = [...known];
  const owner = new Map<Stage, string>();
  const modules: ModuleFiles[] = [];
  const diagnostics: Diagnostic[] = [];

  for (const [index, { written: path, file }] of named.entries()) {
    const told = (words: Words, place = placeOf(index)): void =>
      void diagnostics.push({ ...words, severity: 'error', ...(place && { place }) });
    try {
      const imported = importModule(file, path);
      modules.push(imported.module);
      for (const checked of imported.values) {
        if ('wrong' in checked) {
          told(messages.misshapen(path, checked.name, checked.wrong));
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
      entries: named.map(({ file }) => file),
      sources: new Map(modules.flatMap(({ files }) => [...files])),
    },
  };
}

const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
