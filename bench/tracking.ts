import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { disk } from '../src/record/files.js';
import { openStore } from '../src/record/layout.js';
import { thisMachine } from '../src/record/machine.js';
import { listRuns } from '../src/record/reader.js';
import { openClient } from '../src/track/client.js';
import { connectionTo } from '../src/track/environment.js';
import { syncRuns } from '../src/track/sync.js';
import { bench } from './harness.js';
import { addition, inScratch, retable, run } from './product.js';
import { beginRun, measureRecording, writeEpochs } from './recording.js';

const POINTS = 10_000;
const RUNS = 10_000;
/** Long enough that starting the process doesn't hide the loop. */
const EPOCHS = 4;

const python = process.env['RETABLE_MLFLOW'] ?? 'test/.scratch/mlflow/bin/python';
if (!existsSync(python))
  throw new Error(`no Python with MLflow at ${python}: .ci/checks/mlflow-venv makes one, or RETABLE_MLFLOW names another`);

/** MLflow's own server on SQLite. */
async function startMlflow(folder: string) {
  const place = ['--host', '127.0.0.1', '--port', String(await freePort()), '--workers', '1'];
  const stores = ['--backend-store-uri', 'sqlite:///mlflow.db', '--artifacts-destination', './artifacts'];
  const uri = `http://127.0.0.1:${place[3]}`;
  const child = spawn(join(process.cwd(), python), ['-m', 'mlflow', 'server', ...place, ...stores], {
    cwd: folder,
    env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' },
    stdio: 'ignore',
  });
  while (!(await fetch(`${uri}/health`).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error(`MLflow ended with status ${child.exitCode}`);
    await wait(200);
  }
  return { uri, stop: () => child.kill('SIGTERM') };
}

/** Accepts every connection, and never answers. */
async function startHanging() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => void server.close() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A whole sync of one run, with reading back and comparing at its end. */
const measureSync = (uri: string) => async () =>
  inScratch(async (folder) => {
    const writer = beginRun(join(folder, 'runs'));
    writeEpochs(writer, 1, POINTS / 2, ['train/loss', 'test/loss']);
    writer.finish('FINISHED', Date.now());
    const store = openStore(join(folder, 'runs'));
    const client = openClient(connectionTo(uri, { variables: {}, home: folder, files: disk }));
    let requests = 0;
    const counting: typeof client = { ...client, logBatch: (...args) => (requests++, client.logBatch(...args)) };
    const all = listRuns(store);
    const began = performance.now();
    let sent = NaN;
    const onProgress = ({ points }: { readonly points: number }): void => {
      if (points === POINTS) sent = performance.now() - began;
    };
    const [result] = await syncRuns({ store, client: counting, machine: thisMachine(process.pid, () => true), runs: all, all, onProgress });
    const whole = performance.now() - began;
    client.close();
    if (result?.outcome !== 'sent') throw new Error(`the sync ended otherwise: ${JSON.stringify(result)}`);
    return { 'metrics a second, sent': (1000 * POINTS) / sent, 'metrics a second, compared': (1000 * POINTS) / whole, requests };
  });

const measurePython = (uri: string) => async () => {
  const { stdout } = await run(python, ['test/real/mlflow_rate.py', uri, String(POINTS)]);
  return { 'metrics a second, sent': Number(stdout) };
};

/** Seconds of processor time of a short training; the wait at the end for a server that hangs takes none. */
const measureTraining = (track: string) => async () =>
  inScratch(async (folder) => {
    const command = `TIMEFORMAT='cpu %U %S'; time "$@"`;
    const args = ['run', addition, '--quiet', '--runs', join(folder, 'runs'), '--track', track, '--set', `training.epochs=${EPOCHS}`];
    const { stderr } = await run('bash', ['-c', command, 'bash', process.execPath, retable, ...args]);
    const [, user = NaN, system = NaN] = /^cpu (\S+) (\S+)$/m.exec(stderr) ?? [];
    return { 'processor seconds': Number(user) + Number(system) };
  });

const measureList = (root: string) => async () => {
  const { seconds } = await run(process.execPath, [retable, 'list', '--runs', root]);
  return { seconds };
};

const folder = await mkdtemp(join(tmpdir(), 'retable-bench-'));
const hanging = await startHanging();
try {
  await mkdir(join(folder, 'server'));
  const server = await startMlflow(join(folder, 'server'));
  const many = join(folder, 'many');
  for (let number = 0; number < RUNS; number++) {
    const writer = beginRun(many, number);
    writeEpochs(writer, 1, 1, ['train/loss', 'test/loss']);
    writer.finish('FINISHED', 1_700_000_000_000 + number + 500);
  }
  await measureList(many)(); // makes the index
  try {
    await bench({
      name: 'tracking',
      about:
        `what a recorded metric costs; ${POINTS} points to MLflow's own server (SQLite, one worker, loopback) by sync and by Python's log_batch, ` +
        `1000 at a time; processor time of ${EPOCHS} epochs of the main job alone and followed by a server that hangs; a list of ${RUNS} runs`,
      candidates: [
        { name: 'record', measure: measureRecording },
        { name: 'sync', measure: measureSync(server.uri) },
        { name: 'python', measure: measurePython(server.uri) },
        { name: 'alone', measure: measureTraining('off') },
        { name: 'hanging', measure: measureTraining(hanging.uri) },
        { name: 'list', measure: measureList(many) },
      ],
      figures: [
        { label: 'a recorded metric, microseconds', of: ['record', 'microseconds a metric'], atMost: 10 },
        { label: 'sync, metrics a second', of: ['sync', 'metrics a second, sent'], atLeast: 5000 },
        {
          label: "sync over Python's log_batch",
          of: ['sync', 'metrics a second, sent'],
          over: ['python', 'metrics a second, sent'],
          atLeast: 1,
        },
        { label: `requests for ${POINTS} points`, of: ['sync', 'requests'], atMost: 12 },
        {
          label: 'processor time with a server that hangs',
          of: ['hanging', 'processor seconds'],
          over: ['alone', 'processor seconds'],
          atMost: 1.01,
        },
        { label: `a list of ${RUNS} runs, seconds`, of: ['list', 'seconds'], atMost: 1 },
      ],
    });
  } finally {
    server.stop();
  }
} finally {
  hanging.stop();
  await rm(folder, { recursive: true, force: true });
}
