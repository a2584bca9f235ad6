import { InputError } from '../diagnostics/diagnostic.js';
import { EngineError } from '../engine/engine.js';
import { RecordError } from '../record/files.js';
import { StageFault } from '../stages/stage-fault.js';
import { Refusal } from './exit.js';
import { write } from './terminal.js';

/** What somebody foresaw, and put into words. */
const isForeseen = (error: unknown): boolean =>
  [InputError, Refusal, EngineError, RecordError, StageFault].some((kind) => error instanceof kind);

/** The one place from which a stack reaches a person: of what nobody foresaw, where it happened; of all else the sentence alone. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isForeseen(error) ? error.message : (error.stack ?? error.message);
}

export const FAULT_HELP =
  'this is a fault of retable, not of your document: please report it to those you have retable from, with these lines, the command and the document';

/** Tells what came to the end of the program without having been caught. */
export const tellFault = (error: unknown): void =>
  write(process.stderr, `error: ${traceOf(error)}\n${isForeseen(error) ? '' : `  help: ${FAULT_HELP}\n`}`);
