import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { whyUnreadable } from '../diagnostics/unreadable.js';
import { listed, withArticle } from '../diagnostics/words.js';
import { CannotWrite, endingOf, ENDINGS, type Forms } from '../report/forms.js';
import { EXIT, Refusal } from './exit.js';
import { shown } from './folders.js';

/** What can't be written is refused before anything is trained or read. */
export function refuseOutput(kind: 'run' | 'sweep' | 'table', output: string | undefined): void {
  if (output === undefined) return;
  refuseFile(output);
  if (endingOf(output) !== undefined) return;
  throw new Refusal(
    `${withArticle(kind)} is written as ${listed(ENDINGS)}, and ${JSON.stringify(output)} is none of them`,
    helpFor(output),
  );
}

/** A file of this name can't be made here. */
export function refuseFile(output: string): void {
  if (existsSync(output) && statSync(output).isDirectory()) {
    throw new Refusal(`${shown(output)} is a folder`, { help: 'name a file in it' });
  }
  const folder = dirname(output);
  if (!existsSync(folder)) throw new Refusal(`there is no folder ${shown(folder)} to write ${basename(output)} into`);
}

const helpFor = (output: string): { readonly help?: string } =>
  extname(output).toLowerCase() === '.pdf' ? { help: 'print the .html of it in a browser, or typeset the .tex' } : {};

/** Writes a result as the name of the file asks; the name has been looked at by `refuseOutput`. */
export async function writeForm<Result>(file: string, forms: Forms<Result>, result: Result): Promise<void> {
  const ending = endingOf(file);
  if (!ending) throw new Error(`${file} asks for no form that there is`);
  try {
    writeFile(file, await forms[ending](result));
  } catch (error) {
    if (error instanceof CannotWrite) throw new Refusal(error.message, { help: error.help });
    throw error;
  }
}

/** What the system refuses is said in words. */
export function writeFile(file: string, content: string | Uint8Array): void {
  refuseFile(file);
  try {
    writeFileSync(file, content);
  } catch (error) {
    const why = whyUnreadable(error) === 'forbidden' ? 'this user may not write there' : String(error);
    throw new Refusal(`${shown(file)} can't be written: ${why}`, { status: EXIT.failed });
  }
}
