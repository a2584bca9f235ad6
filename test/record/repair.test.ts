import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Machine, takeLease } from '../../src/record/lease.js';
import { identityProblem, openStore, type RunPlace } from '../../src/record/layout.js';
import { repairStore } from '../../src/record/repair.js';
import { summarizeRuns } from '../../src/record/summary.js';
import { verifyStore, type FaultKind } from '../../src/record/verify.js';
import { findByWork } from '../../src/record/works.js';
import { faultsForMlflow } from './mlflow-rules.js';
import { trainOnce, withStore, workKey } from './scenario.js';

const machine: Machine = { self: { host: 'here', boot: 'b', pid: 1, started: 's' }, startOf: () => 's' };
const line = (epoch: number): string => `${1_700_000_000_000 + 1000 * epoch} ${0.1 / 3 ** epoch} ${epoch}\n`;
const loss = [1, 2, 3].map(line).join('');

type Damage = (run: RunPlace, at: (path: string) => string) => void;

/** A way to break a whole run, the fault that names it, and whether the record is as it was after the repair. */
const breakages: readonly (readonly [string, FaultKind, Damage, 'as it was' | 'readable'])[] = [
  ['a line torn after two fields', 'line-torn', (_, at) => fs.appendFileSync(at('metrics/train/loss'), '1700000004000 0.5'), 'as it was'],
  [
    'a line torn after three fields',
    'line-torn',
    (_, at) => fs.appendFileSync(at('metrics/train/loss'), '1700000004000 0.5 12'),
    'as it was',
  ],
  ['an empty metric file', 'line-senseless', (_, at) => fs.writeFileSync(at('metrics/empty'), ''), 'as it was'],
  ['a blank line', 'line-senseless', (_, at) => fs.appendFileSync(at('metrics/train/loss'), '\n'), 'as it was'],
  ['a line of five columns', 'line-senseless', (_, at) => fs.appendFileSync(at('metrics/train/loss'), '1 2 3 data digest\n'), 'as it was'],
  ['a broken time', 'line-senseless', (_, at) => fs.appendFileSync(at('metrics/train/loss'), '1.5 2 3\n'), 'as it was'],
  ['a line twice', 'line-doubled', (_, at) => fs.appendFileSync(at('metrics/train/loss'), line(3)), 'as it was'],
  ['a file of the system', 'foreign-file', (_, at) => fs.writeFileSync(at('metrics/.DS_Store'), 'x'), 'as it was'],
  ['an editor’s copy', 'foreign-file', (_, at) => fs.writeFileSync(at('params/note~'), 'x'), 'as it was'],
  ['lost empty folders', 'folder-missing', (_, at) => fs.rmSync(at('artifacts'), { recursive: true }), 'readable'],
  ['an empty meta.yaml', 'run-unreadable', (_, at) => fs.writeFileSync(at('meta.yaml'), ''), 'readable'],
  ['half a meta.yaml', 'run-unreadable', (_, at) => fs.truncateSync(at('meta.yaml'), 60), 'readable'],
  ['no meta.yaml', 'run-unreadable', (_, at) => fs.rmSync(at('meta.yaml')), 'readable'],
  ['a beginning that was cut', 'json-senseless', (_, at) => fs.truncateSync(at('.retable/start.json'), 40), 'as it was'],
  ...['[[{"work": "ab"', '', '{}', '[1]', '[[{}]]', 'null'].map((text): (typeof breakages)[number] => [
    `orders of jobs that are ${JSON.stringify(text)}`,
    'json-senseless',
    (_, at) => {
      fs.mkdirSync(at('.retable/jobs/000001'), { recursive: true });
      fs.writeFileSync(at('.retable/jobs/000001/orders.json'), text);
    },
    'as it was',
  ]),
  ...['plan', 'members', 'looks', 'environment'].map((name): (typeof breakages)[number] => [
    `a ${name}.json that holds something else`,
    'json-senseless',
    (_, at) => fs.writeFileSync(at(`artifacts/${name}.json`), '7'),
    'as it was',
  ]),
  ...Object.entries({
    'a folder in the place of meta.yaml': ['run-unreadable', 'meta.yaml'],
    'a folder in the place of a parameter of the beginning': ['start-lost', 'params/note'],
    'a folder in the place of the plan': ['json-senseless', 'artifacts/plan.json'],
    'a folder in the place of weights': ['weights-cut', 'artifacts/weights.safetensors'],
  } as const).map(([what, [kind, path]]): (typeof breakages)[number] => [
    what,
    kind,
    (_, at) => {
      fs.rmSync(at(path), { force: true });
      fs.mkdirSync(at(path));
    },
    'readable',
  ]),
  ...Object.entries({
    'a pipe in the place of meta.yaml': ['run-unreadable', 'meta.yaml'],
    'a pipe in the place of a metric': ['foreign-file', 'metrics/pipe'],
    'a pipe in the place of a parameter': ['foreign-file', 'params/pipe'],
    'a pipe in the place of a parameter of the beginning': ['start-lost', 'params/note'],
    'a pipe in the place of the plan': ['json-senseless', 'artifacts/plan.json'],
    'a pipe in the place of weights': ['weights-cut', 'artifacts/weights.safetensors'],
    'a pipe in the place of the beginning': ['json-senseless', '.retable/start.json'],
  } as const).map(([what, [kind, path]]): (typeof breakages)[number] => [
    what,
    kind,
    (_, at) => {
      fs.rmSync(at(path), { force: true });
      execFileSync('mkfifo', [at(path)]);
    },
    'readable',
  ]),
  [
    'a link to itself in the place of meta.yaml',
    'run-unreadable',
    (_, at) => {
      fs.rmSync(at('meta.yaml'));
      fs.symlinkSync('meta.yaml', at('meta.yaml'));
    },
    'readable',
  ],
  ...['metrics/nowhere', 'params/nowhere', 'tags/nowhere', 'metrics/train/nowhere'].map((path): (typeof breakages)[number] => [
    `a link to nowhere at ${path}`,
    'foreign-file',
    (_, at) => fs.symlinkSync('/nowhere/at/all', at(path)),
    'as it was',
  ]),
];

test.each(breakages)('%s is found, and mended', (_, kind, damage, after) =>
  withStore((store) => {
    const run = trainOnce(store);
    expect(verifyStore(store)).toEqual([]);
    damage(run, (path) => join(run.folder, path));
    expect(verifyStore(store).map((fault) => fault.kind)).toEqual([kind]);
    expect(repairStore(store, machine, Date.now())).toMatchObject([{ mended: true }]);
    expect(verifyStore(store)).toEqual([]);
    expect(faultsForMlflow(store.root)).toEqual([]);
    if (after === 'as it was') expect(fs.readFileSync(join(run.folder, 'metrics/train/loss'), 'utf8')).toBe(loss);
  }),
);

describe('a store', () => {
  test('that was moved finds its artifacts again', () =>
    withStore((store) => {
      trainOnce(store);
      const there = openStore(`${store.root} moved`);
      fs.renameSync(store.root, there.root);
      expect(verifyStore(there).map((fault) => fault.kind)).toEqual(['experiment-moved', 'run-moved']);
      repairStore(there, machine, Date.now());
      expect(verifyStore(there)).toEqual([]);
      expect(faultsForMlflow(there.root)).toEqual([]);
    }));

  test.each(['folder', 'pipe'])(
    'with a %s in the place of what it reads at once is read all the same, and its identity made again',
    (what) =>
      withStore((store) => {
        trainOnce(store);
        for (const name of ['.retable-store', '.retable-index', '.retable-works']) {
          const path = join(store.root, name);
          fs.rmSync(path, { force: true });
          if (what === 'folder') fs.mkdirSync(path);
          else execFileSync('mkfifo', [path]);
        }
        expect(summarizeRuns(store)).toHaveLength(1);
        expect(findByWork(store, workKey)).toHaveLength(1);
        expect(verifyStore(store).map((fault) => fault.kind)).toEqual(
          what === 'folder' ? ['store-unreadable', 'foreign-folder', 'foreign-folder', 'foreign-folder'] : ['store-unreadable'],
        );
        expect(repairStore(store, machine, Date.now())[0]).toMatchObject({ mended: true });
        expect(identityProblem(store)).toBeNull();
      }),
  );

  test.each<[string, FaultKind, (root: string, run: RunPlace) => void]>([
    ['a stranger’s folder', 'foreign-folder', (root) => fs.mkdirSync(join(root, 'notes'))],
    ['a copied run', 'run-misnamed', (_, run) => fs.cpSync(run.folder, `${run.folder}-copy`, { recursive: true })],
    ['a lost experiment', 'experiment-unreadable', (_, run) => fs.rmSync(join(run.folder, '../meta.yaml'))],
  ])('with %s is left to a person, with advice', (_, kind, damage) =>
    withStore((store) => {
      damage(store.root, trainOnce(store));
      expect(repairStore(store, machine, Date.now())).toMatchObject([{ fault: { kind }, mended: false }]);
    }),
  );

  test('is not touched where somebody works', () =>
    withStore((store) => {
      const run = trainOnce(store);
      fs.appendFileSync(join(run.folder, 'metrics/train/loss'), '17');
      const worker: Machine = { ...machine, self: { ...machine.self, host: 'there', pid: 7 } };
      takeLease(store, run, worker, Date.now());
      expect(repairStore(store, machine, Date.now())).toMatchObject([
        { mended: false, message: 'process 7 on there is working on this run' },
      ]);
      expect(fs.readFileSync(join(run.folder, 'metrics/train/loss'), 'utf8')).toBe(`${loss}17`);
    }));
});
