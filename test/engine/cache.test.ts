import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Step } from '../../src/engine/engine.js';
import { bin } from '../support/build.js';
import { type Trained, train } from './run.js';
import { addition } from './steps/addition.js';
import { residual } from './steps/others.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retable-cache-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const digits = ({ state, outputs }: Trained): string =>
  JSON.stringify([Object.entries(state).map(([name, values]) => [name, Buffer.from(values.buffer).toString('base64')]), outputs]);

/** A step that fails when anyone records it: it can only come from the cache. */
const unrecordable = (step: Step): Step => ({
  ...step,
  run: () => {
    throw new Error('recorded');
  },
});

describe('the program cache', () => {
  it('gives the same digits without recording again', async () => {
    for (const step of [residual(), addition()]) {
      const fresh = digits(await train(step, { perCall: 5 }));
      expect(digits(await train(step, { perCall: 5, cache: folder }))).toBe(fresh);
      expect(digits(await train(unrecordable(step), { perCall: 5, cache: folder }))).toBe(fresh);
    }
  });

  it('also remembers how many steps a call should take', async () => {
    const ask = async (step: Step): Promise<number> => {
      const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads: 1, cache: folder });
      return engine.stepsPerCall(step, 1000).finally(() => engine.dispose());
    };
    expect(await ask(unrecordable(residual())).catch((error: Error) => error.message)).toBe('recorded');
    const steps = await ask(residual());
    expect(steps).toBeGreaterThan(1);
    expect(await ask(unrecordable(residual()))).toBe(steps);
  });

  it('keeps apart what differs', async () => {
    const step = residual();
    await train(step, { cache: folder });
    for (const other of [{ ...step, identity: 'another' }, residual({ batch: 8 })]) {
      await expect(train(unrecordable(other), { cache: folder })).rejects.toThrow('recorded');
    }
    await expect(train(unrecordable(step), { cache: folder, perCall: 2 })).rejects.toThrow('recorded');
  });

  it('holds nothing of a step without an identity', async () => {
    const { identity: _, ...step } = residual();
    await train(step, { cache: folder });
    expect(await readdir(folder)).toEqual([]);
  });

  const faults: readonly (readonly [string, (bytes: Buffer, other: Buffer) => Uint8Array])[] = [
    ['cut short', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['a flipped bit in the model', (bytes) => Buffer.from(bytes).fill((bytes.at(-100) ?? 0) ^ 1, bytes.length - 100, bytes.length - 99)],
    ['a flipped bit in the head', (bytes) => Buffer.from(bytes).fill((bytes.at(5) ?? 0) ^ 1, 5, 6)],
    ["another program's entry", (_, other) => other],
    ['text', () => Buffer.from('not a program\n')],
    ['JSON of something else', () => Buffer.from('null\n')],
  ];
  it.each(faults)('rebuilds an entry that is damaged: %s', async (_, damage) => {
    const step = residual();
    const fresh = digits(await train(step, { cache: folder }));
    const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.program'));
    const path = join(folder, file);
    const sound = await readFile(path);
    await train({ ...step, identity: 'another' }, { cache: folder });
    const [foreign = ''] = (await readdir(folder)).filter((name) => name !== file);
    await writeFile(path, damage(sound, await readFile(join(folder, foreign))));

    expect(digits(await train(step, { cache: folder }))).toBe(fresh);
    expect(digits(await train(unrecordable(step), { cache: folder }))).toBe(fresh);
  });

  it('does without a folder that can not be written', async () => {
    const blocked = join(folder, 'file');
    await writeFile(blocked, '');
    const step = residual();
    expect(digits(await train(step, { cache: join(blocked, 'inside') }))).toBe(digits(await train(step)));
  });

  it('leaves no part behind', async () => {
    await train(residual(), { cache: folder });
    expect((await readdir(folder)).filter((name) => !name.endsWith('.program'))).toEqual([]);
  });
});

describe('processes that want a program at the same time', () => {
  beforeAll(() => void bin('retable')); // compiles

  /** A step that says when it is recorded, and takes so many milliseconds for that. */
  const slow = (milliseconds: number): string => `{
    name: 'slow', identity: 'slow', state: {}, inputs: { x: { shape: [2, 2], dtype: 'float32' } }, scalars: [],
    run(tf, { inputs: { x } }) {
      require('node:fs').writeSync(1, 'recorded ');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${milliseconds});
      return { state: {}, outputs: { y: tf.matMul(x, x) } };
    },
  }`;
  const worker = (step: string) => {
    const script = `
      const { createEngine } = await import(${JSON.stringify(pathToFileURL('dist/engine/create.js').href)});
      const require = (await import('node:module')).createRequire(process.execPath);
      const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads: 1, cache: ${JSON.stringify(folder)} });
      const step = ${step};
      for (const steps of [await engine.stepsPerCall(step, 1000), 3, 1]) await engine.compile(step, steps);
      await engine.dispose();
      console.log('ready');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    return { child, ended: once(child, 'close').then(() => said) };
  };

  it('make it once: the others wait, and load it', async () => {
    const said = await Promise.all([worker(slow(1000)).ended, worker(slow(1000)).ended]);
    expect(said.toSorted()).toEqual(['ready\n', 'recorded ready\n']);
    expect((await readdir(folder)).filter((name) => !name.endsWith('.program'))).toEqual([]);
  });

  it('do not wait for one that was killed', async () => {
    const first = worker(slow(100_000));
    await once(first.child.stdout, 'data');
    const second = worker(slow(0));
    await expect.poll(() => readdir(folder)).toEqual([expect.stringMatching(/\.lock$/)]);
    first.child.kill('SIGKILL');
    expect(await second.ended).toBe('recorded ready\n');
    expect((await readdir(folder)).filter((name) => !name.endsWith('.program'))).toEqual([]);
  }, 30_000);
});
