import { InputError } from '../diagnostics/diagnostic.js';
import { EngineError } from '../engine/engine.js';
import { diagnose } from '../language/source.js';
import { StageFault } from '../stages/stage-fault.js';
import type { Prepared } from './prepare.js';
import { placeOfError } from '../modules/place-in-code.js';

/**
 * Work on a document: what an engine can't take is told at the stage that asks for it, and of a person's own stage with the line of their code;
 * what a stage gives that it did not announce, at that stage.
 */
export async function atItsStage<T>({ doc, own }: Pick<Prepared, 'doc' | 'own'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StageFault) throw new InputError([diagnose(doc, error.problem)]);
    if (!(error instanceof EngineError) || error.part === undefined) throw error;
    const { message, help, part } = error;
    const line = own && placeOfError(originOf(error), own.sources);
    const where = line ? ` (${line.file}:${line.line}:${line.column})` : '';
    const place = doc.place(part === 'metric' ? ['metrics'] : [part, 'kind']);
    throw new InputError([
      { code: 'not-compiled', severity: 'error', message: `${part}: ${message}${where}`, place, ...(help && { help }) },
    ]);
  }
}

/** On the way out an error is made anew, with what is known there; the first one knows the line. */
const originOf = (error: Error): Error => (error.cause instanceof Error ? originOf(error.cause) : error);
