import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { withArticle, type Words } from '../diagnostics/words.js';
import { isObject, valueAt } from '../language/check.js';
import { experimentSchema } from '../language/experiment.js';
import type { Judged } from '../language/load.js';
import { closest, type Path } from '../language/located.js';
import { type DocumentBytes, documentKind, readDocument } from '../language/read.js';
import type { Invalid, SourceDoc } from '../language/source.js';
import type { TrialTools } from '../planning/plan-experiment.js';
import { type Changes, loadWithStages, toolsFor } from '../run/prepare.js';
import type { Stage } from '../stages/stage.js';

/** A base that was read, and what is wrong or doubtful about it. */
export interface LoadedBase {
  readonly base?: { readonly doc: SourceDoc; readonly judgedBy: (changed: SourceDoc) => (TrialTools & Judged) | Invalid<never> };
  readonly diagnostics: readonly Diagnostic[];
}

/** A base with what judges documents that change it. `path`, `wants`: as of `loadBase`. */
export function openBase(doc: SourceDoc, path: Path, file: string, changes: Changes, wants: string): LoadedBase {
  const loaded = loadBase(doc, path, file, changes, wants);
  if ('diagnostics' in loaded) return loaded;
  const toolsOf = toolsFor(file, loaded);
  const judgedBy = (changed: SourceDoc): (TrialTools & Judged) | Invalid<never> => {
    const tools = toolsOf(changed);
    return 'diagnostics' in tools ? tools : { ...tools, schema: schemaOf(tools.stages) };
  };
  return { base: { doc: loaded.doc, judgedBy }, diagnostics: loaded.warnings };
}

/** What a study changes in an experiment: PATH: VALUE, in a mapping at this path. */
export function valuesAt(doc: SourceDoc, path: Path) {
  const written = valueAt(doc.value, path);
  return Object.keys(isObject(written) ? written : {}).map((changed) => {
    const { found } = closest(doc.root, [...path, changed]);
    return { path: changed, value: { ...found, from: 'set' as const } };
  });
}

/** Made once for all rows whose base has these stages. */
function schemaOf(stages: readonly Stage[]): ReturnType<typeof experimentSchema> {
  const schema = schemas.get(stages) ?? experimentSchema(stages);
  schemas.set(stages, schema);
  return schema;
}
const schemas = new WeakMap<readonly Stage[], ReturnType<typeof experimentSchema>>();

/** A base that cannot be read, or is no experiment, is a mistake of the study at this path; what is wrong inside of it is shown there. */
export function loadBase(doc: SourceDoc, path: Path, file: string, changes: Changes, wants: string): ReturnType<typeof loadWithStages> {
  const read = readNamed(doc, path, file, 'experiment', wants);
  return 'diagnostics' in read ? read : loadWithStages(file, read.bytes, { ...changes, set: [] });
}

/** A document of one kind that a study names at this path: one that can't be read, or is of another kind, is a mistake there. `wants`: what the place needs. */
export function readNamed(
  doc: SourceDoc,
  path: Path,
  file: string,
  wanted: 'experiment' | 'sweep',
  wants: string,
): Extract<DocumentBytes, { readonly bytes: unknown }> | Invalid<never> {
  const mistake = (words: Words): Diagnostic => ({ ...words, severity: 'error', place: doc.place(path) });
  const read = readDocument(file);
  if ('diagnostics' in read)
    return { diagnostics: read.diagnostics.map(({ message, help }) => mistake(unreadable(wanted, message, help))) };
  const kind = documentKind(file, read);
  return kind === wanted ? read : { diagnostics: [mistake(ofOtherKind(file, kind, wants))] };
}

const unreadable = (wanted: 'experiment' | 'sweep', message: string, help: string | undefined): Words => {
  const noun = wanted === 'sweep' ? 'sweep' : 'base';
  return { code: `${noun}-unreadable`, message: `the ${noun} cannot be read: ${message}`, ...(help !== undefined && { help }) };
};

const ofOtherKind = (file: string, kind: string, wants: string): Words => ({
  code: 'other-document-kind',
  message: `${file} is ${withArticle(kind)}, and ${wants}`,
});
