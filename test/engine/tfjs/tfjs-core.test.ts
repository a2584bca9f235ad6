import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, testFiles } from './bundle.js';
import { leftOut } from './left-out.js';
import type { Outcome } from './runner.js';

/** TensorFlow.js's own tests, as its package ships them, on the tape: what it records is compiled and run when a test reads it. */
describe("TensorFlow.js's own tests", () => {
  let folder = '';
  let outcomes: readonly Outcome[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'retable-tfjs-'));
    outcomes = await runAll(folder);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('run', () => {
    const counts = Object.fromEntries(
      ['passed', 'failed', 'pending'].map((status) => [status, outcomes.filter((each) => each.status === status).length]),
    );
    console.log(`TensorFlow.js's own tests: ${outcomes.length}, ${JSON.stringify(counts)}`);
    expect(testFiles).toHaveLength(265);
    expect(outcomes.length).toBeGreaterThanOrEqual(4170);
    expect(counts['passed']).toBeGreaterThanOrEqual(3955);
  });

  it('fail where they are left out, each for its reason, and nowhere else', () => {
    const expected = leftOut.flatMap(({ tests }) =>
      Object.entries(tests).flatMap(([file, names]) => names.map((name) => titleOf({ file, name }))),
    );
    const failed = outcomes.filter(({ status }) => status === 'failed');
    const unexpected = failed.filter((each) => !expected.includes(titleOf(each)));
    expect(unexpected.map((each) => `${titleOf(each)}: ${each.message}`)).toEqual([]);
    const titles = new Set(failed.map(titleOf));
    expect(expected.filter((title) => !titles.has(title))).toEqual([]);
  });
});

const titleOf = ({ file, name }: Pick<Outcome, 'file' | 'name'>): string => `${file}: ${name}`;

/** In a process of its own: the tests replace TensorFlow.js's global state, and Jasmine's functions are global. */
async function runAll(folder: string): Promise<readonly Outcome[]> {
  const file = path.join(folder, 'tests.cjs');
  await bundle(file);
  return new Promise((resolve, reject) => {
    const child = fork(file, [], { execArgv: [], stdio: 'ignore', env: { ...process.env, NODE_PATH: path.resolve('node_modules') } });
    let outcomes: readonly Outcome[] | undefined;
    child.on('message', (message) => (outcomes = message as readonly Outcome[]));
    child.on('error', reject);
    child.on('exit', (code, signal) => (outcomes ? resolve(outcomes) : reject(new Error(`the tests ended with ${signal ?? code}`))));
  });
}
