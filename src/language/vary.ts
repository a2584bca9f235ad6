import { resolve } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { schemaAt } from './choose.js';
import type { ResolvedConfig } from './experiment.js';
import { andThen, type Invalid, isInvalid } from './invalid.js';
import { resolveAndJudge } from './load.js';
import { closest, type Located, type Path, placeOf, plain } from './located.js';
import { writeLocated } from './override.js';
import { fileFrom, folderOf, withFiles } from './paths.js';
import { type SourceDoc, toDoc } from './source.js';
import type { JsonSchema } from './type.js';
import { validateAs } from './validate.js';

/** A value that another document gives to a path of this one. */
interface Given {
  /** Dotted: `dataset.file`. */
  readonly path: string;
  readonly value: Located;
}

/** What a document is judged by: a schema, and whatever else belongs to the modules that it names. */
export interface Judged {
  readonly schema: JsonSchema;
}

/** An experiment as another document changes it; without `resolved` where that makes a mistake. */
export type Varied<T extends Judged = Judged> =
  | {
      readonly resolved: ResolvedConfig;
      readonly doc: SourceDoc;
      readonly by: T;
      readonly diagnostics: readonly Diagnostic[];
      /** What was given, with files by their whole paths: it means the same wherever it is given again. */
      readonly sets: readonly { readonly path: string; readonly value: unknown }[];
    }
  | { readonly resolved?: undefined; readonly diagnostics: readonly Diagnostic[] };

/** A document with values that stand in another one, which is where their mistakes are shown. `judgedBy`: what the changed document is judged by. */
export function withValues<T extends Judged>(
  base: SourceDoc,
  values: readonly Given[],
  judgedBy: (doc: SourceDoc) => T | Invalid<never>,
): Varied<T> {
  let { root } = base;
  for (const { path, value } of values) {
    const written = writeLocated(root, path, value);
    if ('faults' in written)
      return { diagnostics: written.faults.map(({ words, span }) => ({ ...words, severity: 'error', place: placeOf(span) })) };
    root = written.root;
  }
  const read = toDoc(base.file, base.text, root);
  if ('diagnostics' in read) return read;
  const by = judgedBy(read.doc);
  if (isInvalid(by)) return { diagnostics: by.diagnostics };
  const loaded = andThen(validateAs(read.doc, by.schema), resolveAndJudge);
  if (isInvalid(loaded)) return { diagnostics: loaded.diagnostics };
  const sets = values.map(({ path, value }) => ({ path, value: inFull(schemaAt(by.schema, read.doc.value, pathOf(path)), value) }));
  return { ...loaded, by, sets, diagnostics: loaded.warnings };
}

const inFull = (schema: JsonSchema, value: Located): unknown =>
  withFiles(schema, plain(value), (written, path) => resolve(fileFrom(folderOf(closest(value, path).found), written)));

/** The parts of a dotted path; where it enters a list they are numbers. */
export const pathOf = (dotted: string): Path => dotted.split('.').map((name) => (/^\d+$/.test(name) ? Number(name) : name));

export const withSeed = (config: ResolvedConfig, seed: number): ResolvedConfig => ({ ...config, values: { ...config.values, seed } });
