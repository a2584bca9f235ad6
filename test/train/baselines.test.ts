import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { EngineKind } from '../../src/engine/engine.js';
import { examine } from '../../src/run/prepare.js';
import type { Dataset } from '../../src/stages/stage.js';
import { type Levels, measureBaselines } from '../../src/train/baselines.js';
import { createDataset, createFinishers, pipelineFor } from '../../src/train/pipeline.js';
import { workplace } from '../support/program.js';

/* Answers without learning are measured by every metric, on the rows that measure the model: against plain arithmetic on those rows. */

const place = workplace();

async function measured(file: string, set: readonly string[] = [], change: (dataset: Dataset) => Dataset = (dataset) => dataset) {
  const found = examine(file, { set });
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  const { plan, stages, files } = found;
  const dataset = change(createDataset(plan, stages, files));
  const levelsOn = async (kind: EngineKind): Promise<Levels | undefined> => {
    const engine = await createEngine({ ...plan.engine, kind, cache: null });
    try {
      const made = { plan, pipeline: pipelineFor(plan, stages), finishers: createFinishers(plan, stages), dataset, engine };
      return (await measureBaselines({ ...made, stopped: () => false }))?.levels;
    } finally {
      await engine.dispose();
    }
  };
  return { plan, dataset, levelsOn };
}

const DOCUMENT = (task: string, loss: string, metrics: string): string => `experiment: pets
dataset: {kind: sequences, file: pets.csv, format: csv, sequence: id, features: [x], target: y, task: ${task}, split_column: part}
model: {kind: rnn, hidden_size: 3}
loss: {kind: ${loss}}
optimizer: {kind: sgd, learning_rate: 0.1}
metrics: ${metrics}
training: {epochs: 1, batch_size: 4}
`;

function write(name: string, document: string, targets: readonly (readonly [part: string, y: string | number])[]): string {
  const folder = join(place.folder, name);
  mkdirSync(folder, { recursive: true });
  const rows = targets.flatMap(([part, y], id) => [0, 1].map((step) => `${id},${id + step},${part},${y}`));
  writeFileSync(join(folder, 'pets.csv'), ['id,x,part,y', ...rows].join('\n'));
  writeFileSync(join(folder, 'e.yaml'), document);
  return join(folder, 'e.yaml');
}

describe('of sequences', () => {
  const train = ['dog', 'dog', 'dog', 'cat', 'cat'].map((y) => ['train', y] as const);
  const test = ['cat', 'dog', 'cat', 'cat', 'dog', 'cat'].map((y) => ['test', y] as const);

  it('the shares of classes answer a classification: accuracy, perplexity and the matrix of the most frequent class', async () => {
    const metrics = '[{kind: accuracy}, {kind: perplexity}, {kind: confusion_matrix, as: matrix}]';
    const { levelsOn } = await measured(write('classes', DOCUMENT('classification', 'cross_entropy', metrics), [...train, ...test]));
    const nats = -(4 * Math.log(2 / 5) + 2 * Math.log(3 / 5)) / 6;
    for (const kind of ['eager-js', 'compiled'] as const) {
      expect(await levelsOn(kind)).toEqual({
        'test/accuracy': { majority: expect.closeTo(2 / 6, 6) },
        'test/perplexity': { majority: expect.closeTo(Math.exp(nats), 5) },
        'test/matrix': { majority: expect.closeTo(2 / 6, 6) },
      });
    }
  });

  it('agree with the chance that the plan knows of the same answer', async () => {
    const { plan, levelsOn } = await measured(
      write('chance', DOCUMENT('classification', 'cross_entropy', '[{kind: accuracy}]'), [...train, ...test]),
    );
    expect((await levelsOn('eager-js'))?.['test/accuracy']?.['majority']).toBeCloseTo(plan.data.chance['test/accuracy'] ?? Number.NaN, 6);
  });

  it('mean and median answer a regression', async () => {
    const numbers = [...[1, 2, 9].map((y) => ['train', y] as const), ...[3, 5].map((y) => ['test', y] as const)];
    const { levelsOn } = await measured(
      write('numbers', DOCUMENT('regression', 'mean_squared_error', '[{kind: mean_absolute_error}]'), numbers),
      ['training.batch_size=2'],
    );
    // Mean 4 and median 2 of 1, 2, 9; against 3 and 5.
    expect(await levelsOn('eager-js')).toEqual({
      'test/mean_absolute_error': { mean: expect.closeTo(1, 6), median: expect.closeTo(2, 6) },
    });
  });
});

describe('of a person’s own dataset', () => {
  const file = 'docs/examples/own-stages/levels.yaml';

  it('are measured by a person’s own metrics', async () => {
    const { plan, dataset, levelsOn } = await measured(file);
    const keys = plan.metrics.map(({ key }) => `test/${key}`);
    const levels = await levelsOn('eager-js');
    expect(Object.keys(levels ?? {}).toSorted()).toEqual(keys.toSorted());
    const distances = [...dataset.batches('test', 1)].flatMap(({ inputs: { input }, target, weight }) => {
      const window = input.length / target.length;
      return Array.from(target, (next, row) =>
        weight[row] === 1 ? [Math.abs(next - (input[(row + 1) * window - 1] ?? Number.NaN))] : [],
      ).flat();
    });
    for (const [index, { key, kind }] of plan.metrics.entries()) {
      if (kind !== 'within') continue;
      const distance = Number(plan.config.values.metrics[index]?.['distance']);
      const share = distances.filter((each) => each < distance).length / distances.length;
      expect(levels?.[`test/${key}`]?.['persistence']).toBeCloseTo(share, 6);
    }
  });

  it('that give another number of answers than the model are told at the dataset', async () => {
    const { levelsOn } = await measured(file, [], (dataset) => ({ ...dataset, baselines: () => ({ half: () => new Float32Array(3) }) }));
    await expect(levelsOn('eager-js')).rejects.toMatchObject({
      problem: {
        code: 'not-as-announced',
        path: ['dataset', 'kind'],
        message: expect.stringContaining('gives the baseline half as 3 numbers') as string,
      },
    });
  });
});

it('a dataset that gives none has none', async () => {
  const { levelsOn } = await measured('experiments/lstm_addition.yaml', ['dataset.examples=100', 'training.batch_size=8']);
  expect(await levelsOn('eager-js')).toEqual({});
});
