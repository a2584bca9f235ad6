import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import type { Plan } from '../../planning/plan.js';
import type { Terminal } from '../terminal.js';

/** What a command that is run at the end is told of the run, or of that of a whole sweep. */
export interface Finish {
  readonly run: string;
  readonly status: string;
  /** The folder of the record. */
  readonly record: string;
}

/** Runs the document's `on_finish` command. */
export const onFinish = (plan: Plan, finish: Finish, terminal: Terminal): Promise<void> =>
  tellCommand(plan.config.values.on_finish, plan.config.file, finish, { EXPERIMENT: plan.name, SEED: String(plan.seed) }, terminal);

/** Runs the command in the folder of its document, if there is one. What it prints is for people; how it ends changes nothing. */
export async function tellCommand(
  command: string | undefined,
  file: string,
  { run, status, record }: Finish,
  more: Readonly<Record<string, string>>,
  terminal: Terminal,
): Promise<void> {
  if (command === undefined) return;
  const facts = Object.entries({ RUN: run, STATUS: status, RECORD: record, ...more });
  const variables = Object.fromEntries(facts.map(([name, value]) => [`RETABLE_${name}`, value]));
  const problem = await runCommand(command, dirname(resolve(file)), variables);
  if (problem !== null) terminal.err(`on_finish ${problem}: ${command}`);
}

/** Null when it went well. Its output goes where ours for people goes: stdout carries results only. */
function runCommand(command: string, folder: string, variables: Readonly<Record<string, string>>): Promise<string | null> {
  return new Promise((settle) => {
    const child = spawn(command, { shell: true, cwd: folder, env: { ...process.env, ...variables }, stdio: ['ignore', 2, 2] });
    child.once('error', (error) => settle(`could not be started (${error.message})`));
    child.once('exit', (status, signal) => settle(status === 0 ? null : `ended with ${signal ?? `status ${status}`}`));
  });
}
