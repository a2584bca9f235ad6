import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import { lookAround } from '../../src/host/surroundings.js';
import { openStore } from '../../src/record/layout.js';
import { thisMachine } from '../../src/record/lease.js';
import { listRuns } from '../../src/record/reader.js';
import { verifyStore } from '../../src/record/verify.js';
import type { WorkRequest } from '../../src/run/open-run.js';
import { examine, type Prepared } from '../../src/run/prepare.js';
import { runWork } from '../../src/run/run-work.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-ends-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'small.yaml');
writeFileSync(
  file,
  `experiment: small
dataset: { kind: binary_addition, examples: 200 }
model: { kind: rnn, implementation: scratch, hidden_size: 4, readout: last, initializer: { kind: uniform } }
loss: { kind: mean_squared_error }
optimizer: { kind: adam, learning_rate: 0.001 }
training: { epochs: 1, batch_size: 64, shuffle: false }
`,
);

function prepared(): Prepared {
  const found = examine(file, {});
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  return found;
}

async function request(name: string): Promise<WorkRequest> {
  const { plan, stages, files } = prepared();
  return {
    plan,
    stages,
    files,
    store: openStore(join(folder, name)),
    machine: thisMachine(process.pid, () => true),
    surroundings: await lookAround(folder),
    fresh: false,
    openEngine: () => createEngine({ ...plan.engine, kind: 'eager-js' }),
    stopped: () => false,
    observe: () => {},
  };
}

const fail = (): never => {
  throw new Error('it broke');
};

describe('a run that an exception ends before its first epoch is not left running', () => {
  test.each<[string, (given: WorkRequest) => Partial<WorkRequest>]>([
    ['where the record is sent on', () => ({ follow: fail })],
    ['where the engine is made', () => ({ openEngine: () => Promise.reject(new Error('it broke')) })],
    [
      'where the dataset is made',
      ({ stages }) => ({ stages: stages.map((stage) => (stage.slot === 'dataset' ? { ...stage, create: fail } : stage)) }),
    ],
    [
      'where the model is made',
      ({ stages }) => ({ stages: stages.map((stage) => (stage.slot === 'model' ? { ...stage, create: fail } : stage)) }),
    ],
    ['where who watches is told', () => ({ observe: fail })],
  ])('%s', async (name, change) => {
    const given = await request(name.replaceAll(' ', '-'));
    await expect(runWork({ ...given, ...change(given) })).rejects.toThrow('it broke');
    expect(listRuns(given.store).map(({ status }) => status)).toEqual(['FAILED']);
    expect(verifyStore(given.store)).toEqual([]);
  });

  test('where weights can not be drawn there is no run at all', async () => {
    const given = await request('weights');
    const { model } = given.plan;
    const parameters = model.parameters.map((parameter) => ({ ...parameter, shape: [2 ** 40] }));
    await expect(runWork({ ...given, plan: { ...given.plan, model: { ...model, parameters } } })).rejects.toThrow();
    expect(listRuns(given.store)).toEqual([]);
  });
});
