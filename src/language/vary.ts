import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { ResolvedConfig } from './experiment.js';
import { goOn, isFaulty } from './faulty.js';
import { resolveAndJudge } from './load.js';
import { type Located, placeOf } from './located.js';
import { writeLocated } from './override.js';
import { type SourceDoc, toDoc } from './source.js';
import type { JsonSchema } from './type.js';
import { validateAs } from './validate.js';

/** An experiment as another document changes it; without `resolved` where that makes a mistake. */
export type Varied =
  | { readonly resolved: ResolvedConfig; readonly doc: SourceDoc; readonly diagnostics: readonly Diagnostic[] }
  | { readonly resolved?: undefined; readonly diagnostics: readonly Diagnostic[] };

/** A document with values that stand in another one, which is where their mistakes are shown. */
export function withValues(
  base: SourceDoc,
  values: readonly { readonly path: string; readonly value: Located }[],
  schema: JsonSchema,
): Varied {
  let { root } = base;
  for (const { path, value } of values) {
    const written = writeLocated(root, path, value);
    if ('faults' in written)
      return { diagnostics: written.faults.map(({ words, span }) => ({ ...words, severity: 'error', place: placeOf(span) })) };
    root = written.root;
  }
  const read = toDoc(base.file, base.text, root);
  if ('diagnostics' in read) return read;
  const loaded = goOn(validateAs(read.doc, schema), resolveAndJudge);
  return isFaulty(loaded) ? { diagnostics: loaded.diagnostics } : { ...loaded, diagnostics: loaded.warnings };
}

export const withSeed = (config: ResolvedConfig, seed: number): ResolvedConfig => ({ ...config, values: { ...config.values, seed } });
