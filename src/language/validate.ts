import type { Diagnostic, Problem } from '../diagnostics/diagnostic.js';
import { check } from './check.js';
import { explain } from './explain.js';
import { experimentSchema, type Kind } from './schema.js';
import { diagnose, type SourceDoc } from './source.js';
import type { JsonSchema } from './type.js';

/** A document whose every value is what the schema asks for. Defaults are not filled in yet. */
export interface Config {
  readonly doc: SourceDoc;
  readonly schema: JsonSchema;
}

type Validated = { readonly config: Config } | { readonly diagnostics: readonly Diagnostic[] };

/** All values of an experiment against the schema of the stages; every mistake at once, in the order of the file. */
export const validate = (doc: SourceDoc, stages: readonly Kind[]): Validated => validateAs(doc, experimentSchema(stages));

/** The same for a document of any kind. */
export function validateAs(doc: SourceDoc, schema: JsonSchema): Validated {
  const problems = explain(doc, schema, check(schema, doc.value));
  return problems.length > 0 ? { diagnostics: inOrder(doc, problems) } : { config: { doc, schema } };
}

/** By place, what the command line says last; what is wrong in an alias that is used twice is told once. */
export function inOrder(doc: SourceDoc, problems: readonly Problem[]): readonly Diagnostic[] {
  const id = ({ code, message, place }: Diagnostic) =>
    JSON.stringify([code === 'missing-key' ? message : code, place?.text, place?.line, place?.column]);
  const rank = ({ place }: Diagnostic) => (place?.file === doc.file ? [0, place.line, place.column] : [1, 0, 0]);
  const compare = (a: readonly number[], b: readonly number[]) => a.reduce((order, x, i) => order || x - (b[i] ?? 0), 0);
  const told = new Set<string>();
  return problems
    .map((problem) => diagnose(doc, problem))
    .filter((each) => !told.has(id(each)) && told.add(id(each)))
    .toSorted((a, b) => compare(rank(a), rank(b)));
}
