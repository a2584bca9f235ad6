import { expect, test } from 'vitest';
import { readHead, readRun } from '../../src/record/reader.js';
import { startRun } from '../../src/record/start.js';
import { faultsForMlflow } from './mlflow-rules.js';
import { startOf, withStore } from './scenario.js';

test('splits of one dataset are told apart, and each keeps its own profile', () =>
  withStore((store) => {
    const data = { name: 'addition', digest: 'ab'.repeat(32), sourceType: 'code', source: '{}' };
    const datasets = ['training', 'test'].map((context, i) => ({ ...data, context, profile: `{"num_rows":${i}}` }));
    const { run } = startRun(store, { ...startOf(store), datasets });
    const read = readRun(store, readHead(store, run)).datasets;
    expect(read.map(({ name, context, profile }) => `${name} ${context} ${profile}`).toSorted()).toEqual([
      'addition (test) test {"num_rows":1}',
      'addition (training) training {"num_rows":0}',
    ]);
    expect(faultsForMlflow(store.root)).toEqual([]);
  }));
