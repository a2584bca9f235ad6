import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Digits } from '../../src/engine/digits.js';
import { machineHere } from '../../src/host/is-running.js';
import { lookAround } from '../../src/host/surroundings.js';
import { checkpointFolder, decodeCheckpoint, encodeCheckpoint } from '../../src/record/checkpoint.js';
import { openStore, type RunPlace, type Store } from '../../src/record/layout.js';
import { listRuns, readMetrics, readTag } from '../../src/record/reader.js';
import { finishedRun } from '../../src/run/go-on-from.js';
import type { WorkRequest } from '../../src/run/open-run.js';
import { runWork } from '../../src/run/run-work.js';
import { stages } from '../../src/stages/registry.js';
import { planned } from '../support/experiment.js';

let store: Store;
beforeEach(() => (store = openStore(join(mkdtempSync(join(tmpdir(), 'retable-elsewhere-')), 'runs'))));
afterEach(() => rmSync(join(store.root, '..'), { recursive: true, force: true }));

interface Trial {
  /** What the engine states in place of its own. */
  readonly digits?: Partial<Digits>;
  /** Stops after so many epochs of this process. */
  readonly stopAfter?: number;
  readonly epochs?: number;
  /** Keeps its last state. */
  readonly whole?: boolean;
  readonly from?: WorkRequest['from'];
}

const experiment = (epochs = 6) =>
  planned('experiments/lstm_addition.yaml', {
    set: ['dataset.examples=120', 'model.hidden_size=4', `training.epochs=${epochs}`, 'training.checkpoint_every=3'],
  });

/** Trains as far as it is let, on a machine that states `digits`. */
async function train({ digits = {}, stopAfter = Infinity, epochs, from, whole = false }: Trial = {}) {
  const { plan, files } = experiment(epochs);
  const notes: string[] = [];
  let done = 0;
  const result = await runWork({
    plan,
    stages,
    files,
    store,
    machine: machineHere(),
    surroundings: await lookAround('.'),
    fresh: false,
    plain: !whole,
    ...(from && { from }),
    openEngine: async () => {
      const engine = await createEngine({ ...plan.engine, cache: null });
      return { ...engine, digits: { ...engine.digits, ...digits } };
    },
    stopped: () => done >= stopAfter,
    observe: (event) => {
      if (event.kind === 'epoch') done++;
      if (event.kind === 'note') notes.push(event.text);
    },
  });
  return { ...result, notes };
}

const place = (): RunPlace => listRuns(store)[0]?.place ?? expect.fail('no run');
const tag = (): string | null => readTag(store, place(), 'retable.continued');

/** Changes a recorded loss by one part in so many. */
function nudge(epoch: number, part: number): void {
  const file = join(place().folder, 'metrics', 'train', 'loss');
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => {
      const [time, value, step] = line.split(' ');
      return step === String(epoch) ? `${time} ${Number(value) * (1 + part)} ${step}` : line;
    });
  writeFileSync(file, lines.join('\n'));
}

function rewriteCheckpoint(numerics: (text: string) => string): void {
  const folder = checkpointFolder(place());
  for (const name of readdirSync(folder)) {
    const checkpoint = decodeCheckpoint(readFileSync(join(folder, name)));
    if (typeof checkpoint === 'string') throw new Error(checkpoint);
    const { header, tensors } = checkpoint;
    writeFileSync(join(folder, name), encodeCheckpoint({ header: { ...header, numerics: numerics(header.numerics) }, tensors }));
  }
}

const losses = (): readonly number[] => (readMetrics(store, place())['train/loss'] ?? []).map(({ value }) => value);

const OTHERS: Readonly<Record<string, Partial<Digits>>> = {
  'other features of the processor': { processor: 'x64 avx avx512f' },
  'another version of the runtime': { libraries: { 'onnxruntime-node': '1.19.2', '@tensorflow/tfjs-core': '4.22.0' } },
  'another version of TensorFlow.js': { libraries: { 'onnxruntime-node': '1.30.0', '@tensorflow/tfjs-core': '4.21.0' } },
  'another C library': { system: 'linux, glibc 2.17' },
  'another V8': { javascript: 'V8 9.4' },
  'a GPU': { accelerator: 'cuda: NVIDIA H200' },
};

describe('a run that another machine began', () => {
  it.each(Object.entries(OTHERS))('%s: a last digit may differ; it is noted and tagged', async (_, digits) => {
    expect(await train({ digits, stopAfter: 5 })).toMatchObject({ outcome: 'stopped', notes: [] });
    nudge(5, 1e-9);
    const { outcome, notes } = await train();
    expect(outcome).toBe('finished');
    expect(notes.join('\n')).toMatch(/last digits may differ \(.+, here .+\): what is computed again is compared within 1e-5/);
    expect(tag()).toBe('where digits differ');
    expect(losses()).toHaveLength(6);
  });

  it('is tagged too where all digits come out', async () => {
    await train({ digits: { processor: 'arm64 asimd' }, stopAfter: 5 });
    await train();
    expect(tag()).toBe('where digits may differ');
  });

  it('ends with an error where a value differs by more than 1e-5', async () => {
    await train({ digits: { processor: 'arm64 asimd' }, stopAfter: 5 });
    nudge(5, 3e-5);
    await expect(train()).rejects.toThrow(/epoch 5 was recorded with train\/loss/);
  });

  it('before its first checkpoint, and with none that says who made it', async () => {
    await train({ digits: { processor: 'arm64 asimd' }, stopAfter: 2 });
    nudge(2, 1e-9);
    const { outcome, notes } = await train();
    expect([outcome, notes.length, tag()]).toEqual(['finished', 1, 'where digits differ']);
  });

  it('and this one went on with, is not held to the digits of either', async () => {
    await train({ stopAfter: 4 });
    await train({ digits: { processor: 'arm64 asimd' }, stopAfter: 2 });
    nudge(5, 1e-9);
    const { outcome, notes } = await train();
    expect([outcome, notes.length, tag()]).toEqual(['finished', 1, 'where digits differ']);
  });

  it('and that another goes on from with more epochs', async () => {
    await train({ digits: { processor: 'arm64 asimd' }, epochs: 3, whole: true });
    const [head] = listRuns(store);
    const { notes } = await train({ from: () => finishedRun(store, head ?? expect.fail('no run'), experiment().plan) });
    expect(notes.join()).toContain('processor arm64 asimd, here');
    expect(tag()).toBe('where digits may differ');
  });
});

describe('a checkpoint', () => {
  it.each<readonly [string, (text: string) => string]>([
    ['of an earlier version', () => JSON.stringify({ kind: 'compiled', device: 'cpu', numerics: 3, digits: '' })],
    ['of another engine', (text) => text.replace('compiled', 'eager-js')],
    ['of other features', (text) => text.replace(/"processor":"[^"]*"/, '"processor":"x64 avx"')],
    ['that says nothing', () => ''],
  ])('%s does not promise digits', async (_, numerics) => {
    await train({ stopAfter: 5 });
    rewriteCheckpoint(numerics);
    nudge(4, -1e-9);
    const { outcome, notes } = await train();
    expect([outcome, notes.length, tag()]).toEqual(['finished', 1, 'where digits differ']);
  });

  it('of this machine does: a single other digit is an error, and without one nothing is said', async () => {
    await train({ stopAfter: 5 });
    const { outcome, notes } = await train({ stopAfter: 2 });
    expect([outcome, notes, tag()]).toEqual(['stopped', [], null]);
    nudge(5, 1e-15);
    await expect(train()).rejects.toThrow(/epoch 5 was recorded with train\/loss/);
  });
});

it('every engine states what decides its digits', async () => {
  const wanted = {
    compiled: 'onnxruntime-node',
    'eager-js': '@tensorflow/tfjs-backend-cpu',
    'eager-wasm': '@tensorflow/tfjs-backend-wasm',
  } as const;
  for (const kind of ['compiled', 'eager-js', 'eager-wasm'] as const) {
    const engine = await createEngine({ kind, device: 'cpu', threads: 1, cache: null });
    const { libraries, processor, system, javascript } = engine.digits;
    expect(Object.keys(libraries)).toEqual([wanted[kind], '@tensorflow/tfjs-core']);
    for (const version of Object.values(libraries)) expect(version).toMatch(/^\d+\.\d+/);
    expect(processor).toContain(process.arch);
    expect(system).toMatch(/\S/);
    expect(javascript).toMatch(/^V8 \d+\.\d+$/);
    await engine.dispose();
  }
});
