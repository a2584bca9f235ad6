import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeClaim } from '../../src/record/claim.js';
import { openStore, type RunPlace } from '../../src/record/layout.js';
import type { Machine } from '../../src/record/machine.js';
import { repairStore } from '../../src/record/repair.js';
import { verifyStore, type FaultKind } from '../../src/record/verify.js';
import { faultsForMlflow } from './mlflow-rules.js';
import { trainOnce, withStore } from './scenario.js';

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
      takeClaim(store, run, worker, Date.now());
      expect(repairStore(store, machine, Date.now())).toMatchObject([
        { mended: false, message: 'process 7 on there is working on this run' },
      ]);
      expect(fs.readFileSync(join(run.folder, 'metrics/train/loss'), 'utf8')).toBe(`${loss}17`);
    }));
});
