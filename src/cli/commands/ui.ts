import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { openStore, rootProblem } from '../../record/layout.js';
import type { Run } from '../command.js';
import { portOf } from './requests.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';

/** What a file store needs, and what else spares memory and talk. */
const SETTINGS = {
  MLFLOW_ALLOW_FILE_STORE: 'true',
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
  MLFLOW_DISABLE_TELEMETRY: 'true',
} as const;

/** MLflow's own page on the runs, until Ctrl-C. */
export const run: Run = async (_, options, terminal) => {
  const { root } = openStore(runsFolder(options.runs));
  const problem = rootProblem(root);
  if (problem) throw new Refusal(problem);
  const [program = '', ...before] = findMlflow();
  const port = await freePort(options.port);
  const place = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--backend-store-uri', root];
  const child = spawn(program, [...before, 'server', ...place], {
    env: { ...process.env, ...SETTINGS },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const ended = once(child, 'exit');
  const stop = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', stop).on('SIGTERM', stop);

  terminal.err(`MLflow starts on ${shown(root)}; Ctrl-C ends it`);
  const address = `http://127.0.0.1:${port}`;
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(address)) {
      terminal.out(`${address}/#/experiments?workflowType=machine_learning`);
      await ended;
      return EXIT.done;
    }
    await Promise.race([wait(200), ended]);
  }
  if (child.signalCode !== null) return EXIT.done;
  throw new Refusal(`MLflow ended with status ${child.exitCode}:\n${said.trim().split('\n').slice(-8).join('\n')}`, {
    status: EXIT.failed,
  });
};

/** The way to start MLflow: the module of a Python that has it, or its own program. Python is asked first: it needn't load MLflow to know. */
function findMlflow(): readonly string[] {
  const answers = (program: string, ...args: readonly string[]): boolean =>
    spawnSync(program, args, { stdio: 'ignore', timeout: 60_000 }).status === 0;
  const python = ['python3', 'python'].find((program) =>
    answers(program, '-c', 'import importlib.util as u; exit(not u.find_spec("mlflow"))'),
  );
  if (python !== undefined) return [python, '-m', 'mlflow'];
  if (answers('mlflow', '--version')) return ['mlflow'];
  throw new Refusal('no MLflow is installed in the Python of this shell', {
    help: 'python3 -m venv venv && venv/bin/pip install mlflow && . venv/bin/activate; list, show and compare need no Python',
  });
}

/** The one that is asked for, or the first free one from 5000 on. */
async function freePort(asked: string | undefined): Promise<number> {
  const first = portOf(asked ?? '5000');
  for (let port = first; port < first + (asked === undefined ? 100 : 1); port++) if (await isFree(port)) return port;
  throw new Refusal(`port ${first} is taken`, { help: 'choose another with --port' });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function answers(address: string): Promise<boolean> {
  try {
    return (await fetch(`${address}/health`)).ok;
  } catch {
    return false;
  }
}
