import { Command as Parser, CommanderError, Option } from 'commander';
import { type Command, GROUPS, type Options } from './command.js';
import { COMMANDS } from './commands.js';
import { EXIT, Refusal } from '../host/exit.js';
import { FAULT_HELP, foreseen, traceOf } from '../host/fault.js';
import { flagsOf } from './flags.js';
import { refuseIdlePairs } from './options-by-kind.js';
import { tellOfModules } from '../modules/foreign-code.js';
import { openTerminal, PROGRESS, tell, type Terminal } from '../host/terminal.js';
import { didYouMean, listed, nearest } from '../diagnostics/words.js';
import { version } from '../version.js';

/** The command line: arguments to an exit status. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  if (args[0] === 'complete') return answerShell(args.slice(1));
  let status: number = EXIT.done;
  const parser = createParser((code) => (status = code));
  try {
    await parser.parseAsync(args.length > 0 ? args : ['--help'], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.input;
    throw error;
  }
}

/** `complete -- WORDS`, as the script of `completion` asks: words of a command line that is still being typed are no arguments of ours to parse. */
async function answerShell([, ...words]: readonly string[]): Promise<number> {
  const terminal = openTerminal({ quiet: false });
  return guarded(terminal, async () => {
    const { answer } = await import('./completion/answer.js');
    terminal.data(
      answer(words)
        .map(({ text, about }) => (about === undefined ? text : `${text}\t${about}`))
        .join('\n'),
    );
    return EXIT.done;
  });
}

function createParser(finish: (status: number) => void): Parser {
  const parser = new Parser('retable')
    .description(
      'Describe a recurrent-network experiment in YAML and get a run that repeats bit for bit; describe a published table and get a verdict for every number in it.',
    )
    .version(version)
    .configureHelp({ subcommandTerm: (command) => command.name(), minWidthToWrap: 20 })
    .exitOverride()
    .showHelpAfterError('(retable --help lists the commands)');
  // A group stands where its first command is added.
  for (const group of Object.keys(GROUPS)) for (const command of COMMANDS) if (command.group === group) finishWith(parser, command, finish);
  return parser;
}

function finishWith(parser: Parser, command: Command, finish: (status: number) => void): void {
  const parsed = parser
    .command(`${command.name} ${command.arguments}`)
    .helpGroup(GROUPS[command.group])
    .summary(command.summary)
    .description(command.summary);
  for (const name of command.options) parsed.option(...flagsOf(name));
  // As scripts have it from before there was a choice.
  if (command.options.includes('progress')) parsed.addOption(new Option('--no-progress').hideHelp());
  parsed.action(async (...received: unknown[]) => {
    const options = parsed.opts<Options>();
    const values = received
      .slice(0, -2)
      .flatMap((value) => (Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : []));
    const progress = options.progress === false ? 'plain' : PROGRESS.find((how) => how === options.progress);
    const terminal = openTerminal({ quiet: options.quiet === true, ...(progress && { progress }) });
    finish(
      await guarded(terminal, async () => {
        if (typeof options.progress === 'string' && !progress) refuseProgress(options.progress);
        refuseIdlePairs(command.name, options);
        return (await command.load()).run(values, options, terminal);
      }),
    );
    if (command.name !== 'run') tellOfModules(terminal);
  });
}

function refuseProgress(written: string): never {
  const meant = nearest(written, PROGRESS);
  throw new Refusal(`--progress is ${listed(PROGRESS)}, not "${written}"`, meant === undefined ? {} : didYouMean(meant));
}

/** Every failure becomes words and a status; only what nobody foresaw shows a stack. */
async function guarded(terminal: Terminal, work: () => Promise<number>): Promise<number> {
  try {
    refuseGoneFolder();
    return await work();
  } catch (error) {
    const say = (text: string, help?: string): void => {
      tell(process.stderr, `${terminal.color.red('error')}: ${text}\n${help ? `  help: ${help}\n` : ''}`);
    };
    terminal.live(null);
    const told = foreseen(error);
    if (told && 'diagnostics' in told) {
      const { printDiagnostics } = await import('../diagnostics/print.js');
      tell(process.stderr, `${printDiagnostics(told.diagnostics, { color: terminal.color.isColorSupported })}\n`);
      return told.status;
    }
    if (told) return (say(told.message, told.help), told.status);
    say(traceOf(error), FAULT_HELP);
    return EXIT.failed;
  }
}

/** A shell may stand in a folder that was deleted meanwhile: there, no path means anything. */
function refuseGoneFolder(): void {
  try {
    process.cwd();
  } catch {
    throw new Refusal('the folder in which this command runs is gone', { help: 'go to another one: cd ~' });
  }
}
