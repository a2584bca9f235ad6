import { closeSync, constants, existsSync, lstatSync, openSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { codeOfError } from '../diagnostics/diagnostic.js';
import { listed, withArticle } from '../diagnostics/words.js';
import { disk, makeFolders, reasonOf } from '../record/files.js';
import { CannotWrite, type Kind, type Reports } from '../report/form.js';
import type { Wishes } from '../report/kit/latex.js';
import type { PlanReport } from '../report/plan/describe.js';
import { EXIT, Refusal } from './exit.js';
import { shown } from './folders.js';
import type { Terminal } from './terminal.js';

/** What can't be written is refused before anything is trained or read. */
export async function refuseOutput(kind: Kind, output: string | undefined): Promise<void> {
  if (output === undefined) return;
  // Who writes nothing loads nothing of it.
  const { endingsOf, writerOf } = await import('../report/forms.js');
  if (writerOf(kind, output)) refuseFile(output);
  else
    throw new Refusal(
      `${withArticle(kind)} is written as ${listed(endingsOf(kind))}, and ${JSON.stringify(output)} is none of them`,
      helpFor(output, endingsOf(kind)),
    );
}

/** Makes the folder of a file that will be written, and refuses what can't be. */
function refuseFile(output: string): void {
  attempt(output, EXIT.input, () => {
    const folder = dirname(output);
    const wall = nearestThere(folder);
    if (!statSync(wall).isDirectory()) throw new Refusal(`${shown(wall)} is a file, and a folder is needed there`);
    makeFolders(disk, folder);
    const there = statSync(output, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Refusal(`${shown(output)} is a folder`, { help: 'name a file in it' });
    // Only the system knows: permissions say nothing of a disk that is read-only. A pipe that nobody reads would let us wait for ever.
    closeSync(openSync(output, there?.isFIFO() ? O_WRONLY | O_NONBLOCK : O_WRONLY | O_CREAT));
    // Of a link that led nowhere yet, what it leads to.
    if (!there) rmSync(realpathSync(output));
  });
}

const { O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/** The path itself, or what of it there is. */
const nearestThere = (path: string): string => (existsSync(path) ? path : nearestThere(dirname(path)));

/** What the system refuses is said in words. */
function attempt<T>(file: string, status: number, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const code = codeOfError(error);
    if (code === undefined) throw error;
    throw new Refusal(`${shown(file)} can't be written: ${reasonOf(code)} (${code})`, { status });
  }
}

const helpFor = (output: string, endings: readonly string[]): { readonly help?: string } =>
  extname(output).toLowerCase() === '.pdf' && endings.includes('.html')
    ? { help: `print the .html of it in a browser${endings.includes('.tex') ? ', or typeset the .tex' : ''}` }
    : {};

/** Writes a result as the name of the file asks; the name has been looked at by `refuseOutput`. */
export async function writeReport<K extends Kind>(kind: K, report: Reports[K], file: string, wishes: Wishes = {}): Promise<void> {
  const { filesOf, FORMS } = await import('../report/forms.js');
  try {
    for (const [name, content] of await filesOf(kind, report, file, FORMS, wishes)) writeFile(name, content);
  } catch (error) {
    if (error instanceof CannotWrite) throw new Refusal(error.message, { help: error.help });
    throw error;
  }
}

/** Writes a plan beside printing it, where a file is asked for. */
export async function writePlan(plan: PlanReport, output: string | undefined, terminal: Terminal): Promise<void> {
  if (output === undefined) return;
  await writeReport('plan', plan, output);
  terminal.err(`wrote ${shown(output)}`);
}

export function writeFile(file: string, content: string | Uint8Array): void {
  refuseFile(file);
  attempt(file, EXIT.failed, () => writeFileSync(file, content));
}

/** Refuses what is there already, and what can't be written. `option`: by which a person names another file. */
export function refuseNewFile(file: string, option = '--output'): void {
  if (attempt(file, EXIT.input, () => lstatSync(file, { throwIfNoEntry: false }))) {
    throw new Refusal(`${shown(file)} is there already, and nothing is overwritten`, { help: `name another file with ${option} FILE` });
  }
  refuseFile(file);
}

/** Writes a file that must not be there yet; one that could not be written whole is gone again. */
export function writeNewFile(file: string, content: string): void {
  refuseNewFile(file);
  const descriptor = attempt(file, EXIT.input, () => openSync(file, 'wx'));
  try {
    attempt(file, EXIT.failed, () => writeFileSync(descriptor, content));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
