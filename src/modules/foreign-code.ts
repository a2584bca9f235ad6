import { beginEnd, endNow, EXIT, exit, isEnding } from '../host/exit.js';
import { tellFault } from '../host/fault.js';
import { endOnBreak } from '../host/stop.js';
import { keepStdoutForResults, quietlyWritten, survivePipes, type Terminal, write } from '../host/terminal.js';
import { placeOfError } from './place-in-code.js';

/** Modules of a person that were imported, by the names that their documents give them, with the texts of their files by path. */
const imported = new Map<string, ReadonlyMap<string, string>>();

const foreignModules = (): readonly string[] => [...imported.keys()];

/** Whether this is a program of ours, and not somebody else's that calls us. */
let isOurs = false;

/** To be called before a person's module is imported: what it prints in a program of ours goes where words for people go. */
export function hostModule(path: string, files: ReadonlyMap<string, string>): void {
  if (isOurs && imported.size === 0) watchExit();
  imported.set(path, files);
  if (isOurs) keepStdoutForResults();
}

/** Calls a person's code; where it goes to another folder, it comes back: every path of ours counts from this one. */
export function inThisFolder<T>(work: () => T): T {
  const folder = process.cwd();
  try {
    return work();
  } finally {
    if (process.cwd() !== folder) process.chdir(folder);
  }
}

/** What a module gave to all objects at once: whoever goes through the properties of one finds it there. */
export function spoiltObjects(): string | undefined {
  for (const name in {}) return name;
  return undefined;
}

/** For commands that only look at documents, and still had to run their modules. */
export function tellOfModules(terminal: Terminal): void {
  const names = foreignModules();
  if (names.length > 0) terminal.err(`${terminal.color.yellow('note')}: this ran the code of ${names.join(', ')}, named by "use"`);
}

/**
 * To be called first by every program of ours: has what nobody caught told in words, and the process ended, since a timer or a promise of a
 * person's module may throw at any time; a reader that went away and Ctrl-C find somebody at home.
 */
export function listenForFaults(): void {
  isOurs = true;
  survivePipes();
  endOnBreak();
  const end = (error: unknown): never => {
    const place = placeOfError(error, new Map([...imported.values()].flatMap((files) => [...files])));
    if (imported.size > 0 && (place || !(error instanceof Error))) {
      const where = place ? `${place.file}:${place.line}:${place.column}` : foreignModules().join(', ');
      const what = error instanceof Error ? error.message : String(error);
      write(process.stderr, `error: a module failed where nobody waits for it: ${what} (${where})\n  help: ${WAIT_FOR_IT}\n`);
    } else tellFault(error);
    return endNow(EXIT.failed);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

const WAIT_FOR_IT = 'catch what goes wrong in its timers, promises and listeners';

/** Runs a command, and ends the process with its status. A module that ends the process before has failed it, whatever status it gives. */
export async function runProgram(command: () => Promise<number>): Promise<void> {
  listenForFaults();
  process.on('exit', refuseEarlyEnd);
  const status = await command();
  beginEnd();
  process.exitCode = status;
  if (imported.size === 0) return;
  // A timer or a server that a module left open keeps no finished work alive.
  await quietlyWritten();
  exit(status);
}

function refuseEarlyEnd(): void {
  if (isEnding() || imported.size === 0) return;
  beginEnd();
  process.exitCode = EXIT.failed;
  const help = 'let it throw an error: "process.exit" ends the command that it is a part of';
  write(process.stderr, `error: a module ended the process: ${foreignModules().join(', ')}\n  help: ${help}\n`);
}

/** Node calls it last of all, whoever takes listeners of the end away. */
function watchExit(): void {
  const process_ = process as unknown as { reallyExit: (status?: number) => never };
  const reallyExit = process_.reallyExit.bind(process);
  process_.reallyExit = (status) => {
    const isEarly = !isEnding();
    refuseEarlyEnd();
    return reallyExit(isEarly ? EXIT.failed : status);
  };
}
