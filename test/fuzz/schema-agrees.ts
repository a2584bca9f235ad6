import { Ajv } from 'ajv';
import { emitSchema, type Kind, type ResolvedConfig } from '../../src/language/experiment.js';
import { VOCABULARY } from '../support/vocabulary.js';

/** What a document resolves to is what the schema accepts that editors complete with: two opinions, since `check` walks the schema itself. */
export function assertSchemaAgrees({ values, file }: ResolvedConfig, stages: readonly Kind[]): void {
  const ajv = new Ajv({ allErrors: true, discriminator: true, strict: true, strictRequired: false, strictTypes: false });
  for (const keyword of VOCABULARY) ajv.addKeyword(keyword);
  const validate = ajv.compile(emitSchema(stages));
  if (!validate(structuredClone(values)))
    throw new Error(`the schema refuses what ${file} resolves to: ${ajv.errorsText(validate.errors)}`);
}
