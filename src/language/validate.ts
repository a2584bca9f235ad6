import { check } from './check.js';
import { explain } from './explain.js';
import { type Invalid, inOrder } from './invalid.js';
import { repaired } from './repair.js';
import { experimentSchema, type Kind } from './experiment.js';
import type { SourceDoc } from './source.js';
import type { JsonSchema } from './type.js';

/** A document whose every value is what the schema asks for. Defaults are not filled in yet. */
export interface Config {
  readonly doc: SourceDoc;
  readonly schema: JsonSchema;
}

/** All values of an experiment against the schema of the stages; every mistake at once, in the order of the file. */
export const validate = (doc: SourceDoc, stages: readonly Kind[]): Config | Invalid<Config> => validateAs(doc, experimentSchema(stages));

/** All values of a document of any kind against its schema; every mistake at once, in the order of the file. */
export function validateAs(doc: SourceDoc, schema: JsonSchema): Config | Invalid<Config> {
  const misfits = check(schema, doc.value);
  const problems = explain(doc, schema, misfits);
  if (problems.length === 0) return { doc, schema };
  const meant = repaired(doc, schema, misfits);
  return { diagnostics: inOrder(doc, problems), ...(meant && { repaired: { doc: meant, schema } }) };
}
