import type { Diagnostic, Problem } from '../diagnostics/diagnostic.js';
import { check } from './check.js';
import { explain } from './explain.js';
import { rules } from './rules.js';
import { experimentSchema, type Kind } from './schema.js';
import { diagnose, type SourceDoc } from './source.js';
import type { JsonSchema } from './type.js';

/** A document whose every value has been found to be what the schema asks for. Defaults are not filled in yet. */
export interface Config {
  readonly doc: SourceDoc;
  readonly schema: JsonSchema;
  readonly warnings: readonly Diagnostic[];
}

export type Validated = { readonly config: Config } | { readonly diagnostics: readonly Diagnostic[] };

/** All mistakes of an experiment that can be seen without its data: first against the schema, then the rules between fields; in the order of the file. */
export function validate(doc: SourceDoc, stages: readonly Kind[]): Validated {
  const schema = experimentSchema(stages);
  const misfits = explain(doc, schema, check(schema, doc.value));
  const problems: readonly Problem[] = misfits.length > 0 ? misfits : rules.flatMap((rule) => rule.check(doc.value));
  const diagnostics = inOrder(
    doc.file,
    problems.map((problem) => diagnose(doc, problem)),
  );
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  return { config: { doc, schema, warnings: diagnostics } };
}

/** By place, what the command line says last; what is wrong in an alias that is used twice is told once. */
function inOrder(file: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const id = ({ code, message, place }: Diagnostic) =>
    JSON.stringify([code === 'missing-key' ? message : code, place?.text, place?.line, place?.column]);
  const told = new Set<string>();
  const once = diagnostics.filter((each) => !told.has(id(each)) && told.add(id(each)));
  const rank = ({ place }: Diagnostic) => (place?.file === file ? [0, place.line, place.column] : [1, 0, 0]);
  const compare = (a: readonly number[], b: readonly number[]) => a.reduce((order, x, i) => order || x - (b[i] ?? 0), 0);
  return once.toSorted((a, b) => compare(rank(a), rank(b)));
}
