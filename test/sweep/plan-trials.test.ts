import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeTrials } from '../../src/report/study/sweep-table.js';
import { examineSweep } from '../../src/study/prepare-sweep.js';
import { planned as plannedExperiment } from '../support/experiment.js';
import { planned, shippedSweeps, sweepText } from './documents.js';

describe('trials', () => {
  it('are the configurations with every seed, in their order', () => {
    const { configurations, trials } = planned(sweepText('vary: [{model.hidden_size: [4, 8]}]\nseeds: [3, 7]'));
    expect(configurations.map(({ index, assignments }) => [index, assignments[0]?.value])).toEqual([
      [0, 4],
      [1, 8],
    ]);
    expect(trials.map(({ configuration, seed }) => [configuration, seed])).toEqual([
      [0, 3],
      [0, 7],
      [1, 3],
      [1, 7],
    ]);
    expect(new Set(trials.map(({ work }) => work)).size).toBe(4);
  });

  it('that are the same work are one', () => {
    const { trials, repeated, configurations } = planned(sweepText('vary: [{optimizer.learning_rate: [0.01, 1e-2, 0.1]}]\nseeds: 2'));
    expect([trials.length, repeated]).toEqual([4, 2]);
    expect(configurations.map(({ index }) => index)).toEqual([0, 2]);
  });

  it('of another kind take its other options from the sweep', () => {
    const { configurations } = planned(sweepText('vary: [{optimizer: [{kind: adam, learning_rate: 0.1}, {kind: sgd, learning_rate: 1}]}]'));
    expect(configurations.length).toBe(2);
  });

  it('are the works that a person gets with --set and --seed', () => {
    const file = 'experiments/sweeps/lstm_addition_hidden.yaml';
    const found = examineSweep(file, {
      set: ['vary=[{model.hidden_size: [8]}, {dataset.examples: [2000], dataset.validation_fraction: [0.1]}]', 'seeds=[4]'],
    });
    if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
    const { plan } = plannedExperiment('experiments/lstm_addition.yaml', {
      set: ['model.hidden_size=8', 'dataset.examples=2000', 'dataset.validation_fraction=0.1', 'seed=4'],
    });
    expect(found.trials.map(({ work }) => work)).toEqual([plan.work.key]);
  });
});

describe.each(shippedSweeps)('%s', (file) => {
  it('has the trials of its golden list', () => {
    const found = examineSweep(file, {});
    if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
    expect(found.warnings).toEqual([]);
    const text = describeTrials(
      found,
      found.trials.map((trial) => ({ trial, state: { kind: 'needed' } })),
    );
    const golden = `test/golden/${basename(file, '.yaml')}.trials.txt`;
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });
});
