import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import type { Plan } from '../../planning/plan.js';
import type { Terminal } from '../terminal.js';

/** What a command that is run at the end is told of the run. */
export interface Finish {
  readonly run: string;
  readonly status: string;
  /** The folder of the record. */
  readonly record: string;
}

/** Runs the document's `on_finish` command. What it prints is for people; how it ends changes nothing about the run. */
export async function onFinish(plan: Plan, finish: Finish, terminal: Terminal): Promise<void> {
  const { on_finish: command } = plan.config.values;
  if (command === undefined) return;
  const problem = await runCommand(command, dirname(resolve(plan.config.file)), {
    RETABLE_RUN: finish.run,
    RETABLE_STATUS: finish.status,
    RETABLE_RECORD: finish.record,
    RETABLE_EXPERIMENT: plan.name,
    RETABLE_SEED: String(plan.seed),
  });
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
