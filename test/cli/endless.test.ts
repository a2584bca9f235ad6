import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { bin } from '../support/build.js';
import { type Started, workplace } from '../support/program.js';
import { BASE } from '../sweep/documents.js';
import { childrenOf, pause } from '../sweep/store.js';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);

/** Own stages that never come back from the part that the environment names, and say so before. */
const STAGES = `import { writeSync } from 'node:fs';
const at = (part) => {
  if (process.env.ENDLESS !== part) return;
  writeSync(2, 'endless\\n');
  for (;;);
};
const planned = (batches) => ({
  examples: 8 * batches, batches, batchSize: 8,
  inputs: { input: { shape: [2], axes: ['time'], dtype: 'float32' } }, target: { shape: [1], axes: ['value'], dtype: 'float32' },
});
const batch = () => ({ inputs: { input: new Float32Array(16).fill(1) }, target: new Float32Array(8).fill(1), weight: new Float32Array(8).fill(1) });
export default ({ defineStage, Type, tf }) => [
  defineStage({
    slot: 'dataset', kind: 'ones', version: 1, summary: 'Ones.', options: Type.Object({}),
    look: () => ({ digest: 'ones', facts: [], content: {} }),
    plan() { at('plan'); return { splits: { train: planned(8), test: planned(2) }, chance: {} }; },
    create() {
      at('create');
      return {
        *batches(split, epoch) {
          if (epoch === 2) at('batches of epoch 2');
          for (let index = 0; index < (split === 'train' ? 8 : 2); index++) {
            if (index === 1) at(split === 'train' ? 'second batch' : 'second batch of the test split');
            yield batch();
          }
        },
      };
    },
  }),
  defineStage({
    slot: 'model', kind: 'sum', version: 1, summary: 'A sum.', options: Type.Object({}),
    plan: () => ({
      parameters: [{ name: 'w', shape: [2, 1], initializer: { kind: 'zeros' } }], buffers: [], state: {}, masks: [],
      output: { shape: [1], axes: ['value'], dtype: 'float32' },
    }),
    create: () => ({
      forward({ parameters, buffers, state }, { input }) {
        at('forward');
        return { output: tf.matMul(input, parameters.w), buffers, state };
      },
    }),
  }),
  defineStage({
    slot: 'metric', kind: 'own', version: 1, summary: 'A metric.', options: Type.Object({}),
    plan: () => ({ better: 'higher', deterministic: true, unit: '' }),
    create: () => ({
      score(output, target, weight) { at('score'); return { sum: tf.sum(output), count: tf.sum(weight) }; },
      finish({ sum, count }) { at('finish'); return sum / count; },
    }),
  }),
];
`;
writeFileSync(join(folder, 'stages.mjs'), STAGES);
const document = join(folder, 'own.yaml');
writeFileSync(
  document,
  `experiment: own
use: [./stages.mjs]
dataset: {kind: ones}
model: {kind: sum}
loss: {kind: mean_squared_error}
optimizer: {kind: sgd, learning_rate: 0.1}
metrics: [{kind: own}]
training: {epochs: 3, batch_size: 8}
`,
);

const PARTS = ['create', 'batches of epoch 2', 'second batch', 'second batch of the test split', 'forward', 'score', 'finish'];

const statusesIn = async (runs: string): Promise<readonly string[]> =>
  (JSON.parse((await place.call('list', '--runs', runs, '--json')).stdout) as readonly { readonly status: string }[]).map(
    ({ status }) => status,
  );

/** What a shell sees of how it ended after the signal. */
async function endedBy(started: Started, signal: NodeJS.Signals, times = 1) {
  const ended = started.ended.then(({ status, stderr }) => ({
    status: status ?? 128 + constants.signals[started.child.signalCode ?? 'SIGKILL'],
    stderr,
  }));
  for (let time = 0; time < times; time++) {
    started.child.kill(signal);
    await pause(100);
  }
  const result = await Promise.race([ended, pause(20_000).then(() => undefined)]);
  expect(result, 'it goes on').toBeDefined();
  expect(result?.stderr).not.toMatch(/^ {4}at /m);
  return result;
}

const startIn = async (part: string, runs: string, ...options: readonly string[]): Promise<Started> => {
  // Facts of the data are known then, and no program is.
  const cache = { RETABLE_CACHE: `${runs} cache` };
  await place.start(['check', document], cache).ended;
  const started = place.start(['run', document, '--runs', runs, ...options], { ...cache, ENDLESS: part });
  await started.said(/endless/);
  return started;
};

describe.runIf(process.platform !== 'win32')('a person’s own stage that never comes back', () => {
  test.each(PARTS)('is ended by one Ctrl-C in %s: the run is stopped, and the same command goes on with it', async (part) => {
    const runs = join(place.folder, `break ${part}`);
    const ended = await endedBy(await startIn(part, runs), 'SIGINT');
    expect(ended).toMatchObject({ status: 130, stderr: expect.stringContaining('goes on from the last finished epoch') as string });
    expect((await place.run('store', 'verify', '--runs', runs)).status).toBe(0);
    const again = await place.run('run', document, '--runs', runs, '--json');
    expect(again.status, again.stderr).toBe(0);
    expect(await statusesIn(runs)).toEqual(['finished']);
  });

  test.each(['forward', 'second batch', 'finish'])('is ended with an engine that runs operation by operation, in %s', async (part) => {
    const ended = await endedBy(await startIn(part, join(place.folder, `eager ${part}`), '--engine', 'eager-js'), 'SIGINT', 2);
    expect(ended?.status).toBe(130);
  });

  test.each(['plan'])('is ended before anything is recorded, in %s', async (part) => {
    expect(await endedBy(await startIn(part, join(place.folder, 'planned')), 'SIGINT')).toMatchObject({ status: 130 });
  });

  test.each(['create', 'second batch', 'score'])('is ended by SIGTERM in %s; the same command goes on', async (part) => {
    const runs = join(place.folder, `terminate ${part}`);
    expect(await endedBy(await startIn(part, runs), 'SIGTERM')).toMatchObject({ status: 143 });
    expect((await place.run('run', document, '--runs', runs)).status).toBe(0);
    expect(await statusesIn(runs)).toEqual(['finished']);
  });
});

/** One that has ended, and that nobody asked how, is none. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe.runIf(process.platform === 'linux')('a sweep whose worker never comes back', () => {
  const sweep = join(folder, 'sweep.yaml');
  writeFileSync(
    sweep,
    'sweep: rates\nbase: own.yaml\nselect: {metric: test/own}\nvary: [{optimizer.learning_rate: [0.1, 0.2]}]\nseeds: 1\n',
  );
  const startSweep = async (runs: string) => {
    // Facts of the data are known then: the driver itself is not held up by them.
    await place.run('check', document);
    const started = place.start(['run', sweep, '--runs', runs, '--workers', '1'], { ENDLESS: 'second batch' });
    for (;;) {
      const workers = childrenOf(started.child.pid ?? 0);
      const statuses = await statusesIn(runs);
      if (workers.length > 0 && statuses.length > 1) return { started, workers };
      await pause(100);
    }
  };

  it('ends at the second Ctrl-C, and leaves no process behind', async () => {
    const { started, workers } = await startSweep(join(place.folder, 'sweep'));
    await pause(1000);
    expect(await endedBy(started, 'SIGINT', 2)).toMatchObject({ status: 130 });
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('is not left behind when the driver is killed', async () => {
    const { started, workers } = await startSweep(join(place.folder, 'sweep-killed'));
    started.child.kill('SIGKILL');
    await started.ended;
    expect(workers.filter(isAlive).length).toBe(1);
    for (let looks = 0; looks < 300 && workers.some(isAlive); looks++) await pause(100);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('ends at once at the second SIGTERM', async () => {
    const { started, workers } = await startSweep(join(place.folder, 'sweep-terminate'));
    await pause(1000);
    expect(await endedBy(started, 'SIGTERM', 2)).toMatchObject({ status: 143 });
    await pause(500);
    expect(workers.filter(isAlive)).toEqual([]);
  });
});

describe.runIf(process.platform !== 'win32')('a native library that takes long', () => {
  const listens = `
    import { listenForStop, natively } from ${JSON.stringify(pathToFileURL(join(dirname(bin('retable')), '../../host/stop.js')).href)};
    const stop = listenForStop({ err: (line) => process.stderr.write(line + '\\n') });
    const block = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    await natively(async () => { process.stderr.write('native\\n'); block(Number(process.argv.at(-1))); });
    process.stderr.write('heard again\\n');
    setInterval(() => stop.signal === undefined || process.exit(0), 20);
    setTimeout(() => process.exit(1), 10_000);
  `;
  const startNative = async (milliseconds: number, said: string) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', listens, String(milliseconds)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<readonly (number | string | null)[]>((resolve) => {
      child.on('close', (status, signal) => resolve([status, signal]));
    });
    let stderr = '';
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk) => {
        stderr += String(chunk);
        if (stderr.includes(said)) resolve();
      });
    });
    return { child, ended };
  };

  test.each(['SIGINT', 'SIGTERM'] as const)('is ended by the system at the first %s', async (signal) => {
    const { child, ended } = await startNative(60_000, 'native');
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('leaves %s heard after it', async (signal) => {
    const { child, ended } = await startNative(1, 'heard again');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
  });
});

describe.runIf(process.platform !== 'win32')('a program that takes long to make', () => {
  const deep = join(folder, 'deep.yaml');
  writeFileSync(
    deep,
    BASE.replace('experiment: tiny', 'experiment: deep')
      .replace('bits: 4', 'bits: 31')
      .replace('kind: lstm,', 'kind: lstm, num_layers: 40,'),
  );

  test.each(['SIGINT', 'SIGTERM'] as const)('is given up at the first Ctrl-C, or the second signal: %s', async (signal) => {
    const started = place.start(['run', deep, '--runs', join(place.folder, `deep ${signal}`)]);
    await started.said(/starts/);
    await pause(signal === 'SIGINT' ? 2000 : 300);
    const ended = await endedBy(started, signal, signal === 'SIGINT' ? 1 : 2);
    expect(ended?.status).toBe(signal === 'SIGINT' ? 130 : 143);
  });
});
