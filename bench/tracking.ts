import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMlflow } from '../test/real/mlflow-server.js';
import { disk } from '../src/record/files.js';
import { openStore } from '../src/record/layout.js';
import { thisMachine } from '../src/record/lease.js';
import { listRuns } from '../src/record/reader.js';
import { openClient } from '../src/track/client.js';
import { connectionTo } from '../src/track/connection.js';
import { syncRuns } from '../src/track/sync.js';
import { bench } from './harness.js';
import { inScratch, retable, run, runner } from './product.js';
import { beginRun, measureRecording, writeEpochs } from './recording.js';

const POINTS = 10_000;
const RUNS = 10_000;
const SENT = 'metrics a second, sent';

const rate = fileURLToPath(new URL('peers/mlflow_rate.py', import.meta.url));
const python = process.env['RETABLE_MLFLOW'] ?? 'test/.scratch/mlflow/bin/python';
if (!existsSync(python))
  throw new Error(`no Python with MLflow at ${python}: .ci/checks/mlflow-venv makes one, or RETABLE_MLFLOW names another`);

/** A number that no run had yet: one that the server knows already would be sent to it again. */
let synced = 0;

/** A whole sync of a new run, with reading back and comparing at its end. */
const measureSync = (uri: string) => async () =>
  inScratch(async (folder) => {
    const writer = beginRun(join(folder, 'runs'), synced++);
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
    return { [SENT]: (1000 * POINTS) / sent, 'metrics a second, compared': (1000 * POINTS) / whole, requests };
  });

/** The same points in the same order by Python's own client. */
const measurePython = (uri: string) => async () => {
  const { stdout } = await run(python, [rate, uri, String(POINTS)]);
  return { [SENT]: Number(stdout) };
};

const measureFollowed = (by: 'alone' | 'hanging') => async () => {
  const { stdout } = await run(process.execPath, [runner, 'followed', by]);
  return { 'processor milliseconds a second': Number(stdout) };
};

const measureList = (root: string) => async () => {
  const { seconds } = await run(process.execPath, [retable, 'list', '--runs', root]);
  return { seconds };
};

await inScratch(async (many) => {
  for (let number = 0; number < RUNS; number++) {
    const writer = beginRun(many, number);
    writeEpochs(writer, 1, 1, ['train/loss', 'test/loss']);
    writer.finish('FINISHED', 1_700_000_000_000 + number + 500);
  }
  await measureList(many)(); // makes the index
  const server = await startMlflow(python);
  try {
    await measureSync(server.uri)(); // makes the experiment, and the server loads what it needs
    await bench({
      name: 'tracking',
      about:
        `what a recorded metric costs; a new run of ${POINTS} points to MLflow's own server (SQLite, one worker, loopback) by sync and by ` +
        `Python's log_batch, 1000 at a time, from the first request to the answer to the last point; processor time of ` +
        `recording, alone and followed by a server that hangs; a list of ${RUNS} runs`,
      candidates: [
        { name: 'record', measure: measureRecording },
        { name: 'sync', measure: measureSync(server.uri) },
        { name: 'python', measure: measurePython(server.uri) },
        { name: 'alone', measure: measureFollowed('alone') },
        { name: 'hanging', measure: measureFollowed('hanging') },
        { name: 'list', measure: measureList(many) },
      ],
      figures: [
        { label: 'a recorded metric, microseconds', of: ['record', 'microseconds a metric'], atMost: 10 },
        { label: 'sync, metrics a second', of: ['sync', SENT], atLeast: 5000 },
        { label: "sync over Python's log_batch", of: ['sync', SENT], over: ['python', SENT], atLeast: 1 },
        { label: `requests for ${POINTS} points`, of: ['sync', 'requests'], atMost: 12 },
        {
          label: 'what a server that hangs takes of a second of training, milliseconds',
          of: ['hanging', 'processor milliseconds a second'],
          minus: ['alone', 'processor milliseconds a second'],
          atMost: 10,
        },
        { label: `a list of ${RUNS} runs, seconds`, of: ['list', 'seconds'], atMost: 1 },
      ],
    });
  } finally {
    await server.remove();
  }
});
