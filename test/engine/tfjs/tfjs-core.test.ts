import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, testFiles } from './bundle.js';
import { DECLARED, FILES, reasons } from './reasons.js';
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

  it('run, all of them', () => {
    expect(testFiles).toHaveLength(FILES);
    expect(outcomes).toHaveLength(DECLARED);
  });

  it('pass, or have one reason not to, and no reason has more or fewer tests than it says', () => {
    const rest = outcomes.filter(({ status }) => status !== 'passed').map(said);
    const unexplained = rest.filter((each) => reasons.filter(({ says }) => says.test(each)).length !== 1);
    expect(unexplained).toEqual([]);
    const counted = reasons.map(({ why, says }) => [why, rest.filter((each) => says.test(each)).length]);
    expect(counted).toEqual(reasons.map(({ why, tests }) => [why, tests]));
  });
});

const said = ({ file, name, status, message }: Outcome): string => `${status} ${file}: ${name}\n${message}`;

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
