import { beginEnd, EXIT, isEnding } from './exit.js';
import { keepStdoutForResults, quietlyWritten, type Terminal, write } from './terminal.js';

/** Modules of a person that were imported, by the names that their documents give them. */
const imported = new Set<string>();

const foreignModules = (): readonly string[] => [...imported];

/** To be called before a person's module is imported: what it prints goes where words for people go. */
export function hostModule(path: string): void {
  imported.add(path);
  keepStdoutForResults();
}

/** For commands that only look, and still had to run them. */
export function tellOfModules(terminal: Terminal): void {
  const names = foreignModules();
  if (names.length > 0) terminal.err(`${terminal.color.yellow('note')}: this ran the code of ${names.join(', ')}, named by "use"`);
}

/** Runs a command, and ends the process with its status. A module that ends the process before has failed it, whatever status it gives. */
export async function runProgram(command: () => Promise<number>): Promise<void> {
  process.on('exit', () => {
    if (isEnding() || imported.size === 0) return;
    process.exitCode = EXIT.failed;
    const help = 'let it throw an error: "process.exit" ends the command that it is a part of';
    write(process.stderr, `error: a module ended the process: ${foreignModules().join(', ')}\n  help: ${help}\n`);
  });
  const status = await command();
  beginEnd();
  process.exitCode = status;
  if (imported.size === 0) return;
  // A timer or a server that a module left open keeps no finished work alive.
  await quietlyWritten();
  process.exit(status);
}
