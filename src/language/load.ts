import { type Diagnostic, isError, type Problem } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/messages.js';
import type { ResolvedConfig, Kind } from './experiment.js';
import { andThen, type Invalid, inOrder, withMistakes } from './invalid.js';
import { placeOf } from './located.js';
import { applyOverride, type Override } from './override.js';
import { complete, resolve } from './resolve.js';
import { rules } from './rules.js';
import { type DocumentKind, type Read, readSource, type SourceDoc, toDoc } from './source.js';
import type { JsonSchema } from './type.js';
import { type Config, validate, validateAs } from './validate.js';

export interface LoadRequest {
  /** As the person typed it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** The arguments of `--set`, in their order. */
  readonly sets?: readonly string[];
  /** What other options and environment variables say. */
  readonly overrides?: readonly Override[];
  readonly stages: readonly Kind[];
}

export interface Loaded {
  readonly resolved: ResolvedConfig;
  readonly warnings: readonly Diagnostic[];
  /** Later phases report paths; this document knows their places. */
  readonly doc: SourceDoc;
}

/**
 * The language in one screen: bytes to an experiment in which everything is said.
 *
 *     bytes ─readSource─▶ SourceDoc ─override─▶ SourceDoc ─validate─▶ Config ─resolve─▶ ResolvedConfig ─rules─▶
 *             YAML errors            --set, flags           schema errors    defaults                 between fields
 */
export function loadExperiment({ stages, ...request }: LoadRequest): Loaded | Invalid<Loaded> {
  const read = readOverridden(request);
  return 'diagnostics' in read ? read : loadDocument(read.doc, stages);
}

/** The second half, for who has to look at the document to know its stages. */
export function loadDocument(doc: SourceDoc, stages: readonly Kind[]): Loaded | Invalid<Loaded> {
  if (doc.kind !== 'experiment') return { diagnostics: [otherKind('experiment', doc)] };
  return andThen(validate(doc, stages), resolveAndJudge);
}

/** Defaults, and what must hold between fields. */
export function resolveAndJudge(config: Config): Loaded | Invalid<Loaded> {
  const { doc } = config;
  const resolved = resolve(config);
  const problems = rules.flatMap((rule) => rule.check(resolved.values));
  return withMistakes({ resolved, warnings: inOrder(doc, problems), doc });
}

/** A document of any kind as the command line and the environment change it. */
export function readOverridden({ file, bytes, sets = [], overrides = [] }: Omit<LoadRequest, 'stages'>): Read {
  const read = readSource(file, bytes);
  return 'diagnostics' in read ? read : override(read.doc, byWeight(sets, overrides));
}

/** Later ones win: flags beat `--set`, which beats the environment, which beats the file. */
const byWeight = (sets: readonly string[], overrides: readonly Override[]): readonly Override[] => [
  ...overrides.filter(({ from }) => from === 'environment'),
  ...sets.map((argument): Override => ({ from: 'set', name: '--set', argument })),
  ...overrides.filter(({ from }) => from !== 'environment'),
];

function override(doc: SourceDoc, overrides: readonly Override[]): Read {
  if (overrides.length === 0) return { doc };
  let { root } = doc;
  const diagnostics: Diagnostic[] = [];
  for (const each of overrides) {
    const applied = applyOverride(root, each);
    if ('root' in applied) root = applied.root;
    else diagnostics.push(...applied.faults.map(({ words, span }): Diagnostic => ({ ...words, severity: 'error', place: placeOf(span) })));
  }
  return diagnostics.length > 0 ? { diagnostics } : toDoc(doc.file, doc.text, root);
}

/** A document of another kind in which everything is said. */
export interface LoadedAs<Config> {
  readonly doc: SourceDoc;
  readonly config: Config;
  readonly warnings: readonly Diagnostic[];
}

/** A kind of document with a schema and rules of its own. */
interface DocumentLanguage<Config> {
  readonly kind: DocumentKind;
  readonly schema: JsonSchema;
  readonly problemsOf: (config: Config, doc: SourceDoc) => readonly Problem[];
  /** Whether later phases can look at a document that breaks a rule. */
  readonly goesOn: boolean;
}

/** Bytes to a document of a kind of its own: the same arrows as for an experiment. */
export function loadAs<Config>(
  request: Omit<LoadRequest, 'stages'>,
  { kind, schema, problemsOf, goesOn }: DocumentLanguage<Config>,
): LoadedAs<Config> | Invalid<LoadedAs<Config>> {
  const read = readOverridden(request);
  if ('diagnostics' in read) return read;
  if (read.doc.kind !== kind) return { diagnostics: [otherKind(kind, read.doc)] };
  return andThen(validateAs(read.doc, schema), (valid) => {
    const { doc } = valid;
    const { values: config } = complete<Config>(valid);
    const made = { doc, config, warnings: inOrder(doc, problemsOf(config, doc)) };
    return goesOn || !made.warnings.some(isError) ? withMistakes(made) : { diagnostics: made.warnings };
  });
}

const otherKind = (wanted: DocumentKind, doc: SourceDoc): Diagnostic => ({
  ...messages.otherDocumentKind(wanted, doc.kind),
  severity: 'error',
  place: doc.place([], 'key'),
});
