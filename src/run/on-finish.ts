import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import type { Plan } from '../planning/plan.js';
import type { Observer } from './observer.js';

/** What a command that is run at the end is told of the run, or of that of a whole sweep. */
interface Finish {
  readonly run: string;
  readonly status: string;
  /** The folder of the record. */
  readonly record: string;
}

/** Runs the document's `on_finish` command. */
export const onFinish = (plan: Plan, finish: Finish, observe: Observer): Promise<void> =>
  tellCommand(plan.config.values.on_finish, plan.config.file, finish, { EXPERIMENT: plan.name, SEED: String(plan.seed) }, observe);

/** Runs the command in the folder of its document, if there is one. What it prints is for people; how it ends changes nothing. */
export async function tellCommand(
  command: string | undefined,
  file: string,
  { run, status, record }: Finish,
  more: Readonly<Record<string, string>>,
  observe: Observer,
): Promise<void> {
  if (command === undefined) return;
  const facts = Object.entries({ RUN: run, STATUS: status, RECORD: record, ...more });
  const variables = Object.fromEntries(facts.map(([name, value]) => [`RETABLE_${name}`, value]));
  const { problem, printed } = await runCommand(command, dirname(resolve(file)), variables);
  if (problem !== null) observe({ kind: 'message', text: `on_finish ${problem}: ${command}` });
  if (printed !== '') observe({ kind: 'message', text: problem === null ? printed : printed.replace(/^/gm, '  ') });
}

/** Seconds that the command may take: what takes longer belongs into the background (`nohup … &`). */
const TIME_LIMIT = 30;
/** Characters of what it printed that are told; they are its last ones. */
const TOLD = 2000;

interface Ended {
  /** Null when it went well. */
  readonly problem: string | null;
  /** The end of what it printed: it goes where ours for people goes, for stdout carries results only. */
  readonly printed: string;
}

function runCommand(command: string, folder: string, variables: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((settle) => {
    // A process group of its own, so that the time limit ends what the command started, too.
    const detached = process.platform !== 'win32';
    const child = spawn(command, {
      shell: true,
      cwd: folder,
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached,
    });
    let printed = '';
    const hear = (chunk: unknown): void => {
      printed = (printed + String(chunk)).slice(-TOLD);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const timer = setTimeout(() => {
      end(`did not end within ${TIME_LIMIT} s`);
      if (detached && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    }, 1000 * TIME_LIMIT);
    let ended = false;
    const end = (problem: string | null): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      // What it left in the background may go on, and holds nobody up.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      settle({ problem, printed: printed.trimEnd() });
    };
    child.once('error', (error) => end(`could not be started (${error.message})`));
    child.once('exit', (status, signal) => setImmediate(() => end(status === 0 ? null : `ended with ${signal ?? `status ${status}`}`)));
  });
}
