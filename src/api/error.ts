import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { printDiagnostics } from '../diagnostics/print.js';
import { foreseen } from '../host/fault.js';

/**
 * What the functions of `retable` throw where something can't be done: a document with mistakes, a run that another process holds, a disk that
 * is full. Its message is for a person and says what to do; `diagnostics` holds the same as data, with the places in the document where there
 * are any. Nothing that was recorded is lost. Any other error is a fault of retable, or comes from an observer or a stage of your own.
 */
export class RetableError extends Error {
  override readonly name = 'RetableError';
  /** At least one. */
  readonly diagnostics: readonly Diagnostic[];
  constructor(message: string, diagnostics: readonly Diagnostic[], cause?: unknown) {
    super(message, { cause });
    this.diagnostics = diagnostics;
  }
}

/** Work of the public API: what it foresees is thrown as a RetableError. */
export async function speaking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw spoken(error);
  }
}

export function spoken(error: unknown): unknown {
  const found = foreseen(error);
  if (!found) return error;
  if ('diagnostics' in found) return new RetableError(printDiagnostics(found.diagnostics, { color: false }), found.diagnostics, error);
  const { code, message, help } = found;
  const words = help === undefined ? message : `${message}\n  help: ${help}`;
  return new RetableError(words, [{ code, severity: 'error', message, ...(help !== undefined && { help }) }], error);
}
