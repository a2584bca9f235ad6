import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { EngineKind } from '../../src/engine/engine.js';
import { stages } from '../../src/stages/registry.js';
import { residual } from '../support/residual.js';
import { planned, trained } from '../support/experiment.js';

const ENGINES: readonly EngineKind[] = ['compiled', 'eager-js', 'eager-wasm'];
// 20 steps: 5 batches, the last one partial, 4 epochs.
const SET = ['dataset.examples=375', 'dataset.train_fraction=0.8', 'training.epochs=4'];

describe.each([
  ['lstm from scratch', ['model.implementation=scratch']],
  ['lstm built in', ['model.implementation=builtin']],
  ['clipped momentum', ['optimizer={kind: sgd, learning_rate: 0.5, momentum: 0.9, clip_norm: 0.1}']],
  ['bits as logits', ['loss.kind=binary_cross_entropy', 'training.shuffle=true']],
])('20 steps of the addition experiment, %s', (_, set) => {
  it('agree within 1e-5 on every engine, and leave no tensor behind', async () => {
    const experiment = planned('experiments/lstm_addition.yaml', { set: [...SET, ...set] });
    const [reference, ...others] = await onEveryEngine((kind) => trained(experiment, { kind }));
    for (const other of others) {
      expect(other?.epochs.length).toBe(4);
      other?.epochs.forEach(([epoch, metrics], index) => {
        expect(epoch).toBe(index + 1);
        for (const [key, value] of metrics) {
          if (key.endsWith('/loss')) expectClose(value, reference?.epochs[index]?.[1].get(key) ?? Number.NaN);
        }
      });
      for (const [name, values] of Object.entries(other?.snapshots.at(-1)?.state ?? {})) {
        const expected = reference?.snapshots.at(-1)?.state[name] ?? new Float32Array();
        const largest = Math.max(1, ...Array.from(expected, Math.abs));
        Array.from(values).forEach((value, at) =>
          expect(Math.abs(value - (expected[at] ?? Number.NaN)), name).toBeLessThanOrEqual(1e-5 * largest),
        );
      }
    }
  });
});

describe('a model that nobody wrote anything for', () => {
  it('trains on every engine', async () => {
    const own = [...stages, residual];
    const experiment = planned('experiments/lstm_addition.yaml', {
      stages: own,
      set: [...SET, 'model={kind: residual, units: 24}', 'training.epochs=20'],
    });
    const losses = await onEveryEngine(async (kind) =>
      (await trained(experiment, { kind, stages: own })).epochs.map(([, metrics]) => metrics.get('train/loss') ?? Number.NaN),
    );
    for (const loss of losses) {
      expect(loss.at(-1)).toBeLessThan(0.8 * (loss[0] ?? 0));
      loss.forEach((value, epoch) => expectClose(value, losses[0]?.[epoch] ?? Number.NaN));
    }
  });
});

async function onEveryEngine<T>(work: (kind: EngineKind) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (const kind of ENGINES) {
    const before = tf.memory().numTensors;
    results.push(await work(kind));
    expect(tf.memory().numTensors, `tensors left behind by ${kind}`).toBe(before);
  }
  return results;
}

const expectClose = (value: number, reference: number): void =>
  expect(Math.abs(value - reference)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(reference)));
