import { Ajv } from 'ajv';
import { emitSchema, type Kind } from './experiment.js';
import type { ResolvedConfig } from './experiment.js';

/**
 * A second opinion before anything is trained: the schema that editors complete with, judged by ajv, has to accept what we resolved. `check`
 * walks the schema itself, because that says more and takes 1 ms instead of 45; a disagreement is a fault of retable or of somebody's own
 * stage, and is an Error.
 */
export function assertSchemaAgrees({ values, file }: ResolvedConfig, stages: readonly Kind[]): void {
  const ajv = new Ajv({ allErrors: true, discriminator: true, strict: true, strictRequired: false, strictTypes: false });
  for (const keyword of ['affects', 'path']) ajv.addKeyword(keyword);
  const validate = ajv.compile(emitSchema(stages));
  if (!validate(structuredClone(values)))
    throw new Error(`the schema refuses what ${file} resolves to: ${ajv.errorsText(validate.errors)}`);
}
