import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { loadExperiment } from '../../src/language/load.js';
import { foldCount, type Replicate, withReplicate } from '../../src/language/replicate.js';
import { remembered } from '../../src/planning/look-at-data.js';
import { planExperiment, type PlanningTools } from '../../src/planning/plan-experiment.js';
import { planReplicates } from '../../src/planning/plan-replicates.js';
import { stages } from '../../src/stages/registry.js';
import { TOOLS } from './fixture.js';

const ROWS = Array.from({ length: 60 }, (_, row) => `s${Math.floor(row / 3)},${row % 7},${Math.floor(row / 3) % 2 === 0 ? 'a' : 'b'}`);
const files = {
  read: (name: string) =>
    name === 'rows.csv' ? new TextEncoder().encode(`id,x,label\n${ROWS.join('\n')}\n`) : readFileSync(resolve('experiments', name)),
};

function load(name: string, text: string, sets: readonly string[] = []) {
  const loaded = loadExperiment({ file: name, bytes: new TextEncoder().encode(text), sets, stages });
  if ('diagnostics' in loaded) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  return loaded.resolved;
}

const document = (dataset: string, loss = 'cross_entropy', more = ''): string =>
  `experiment: e\ndataset: ${dataset}\nmodel: {kind: gru, hidden_size: 4${more}}\nloss: {kind: ${loss}}\noptimizer: {kind: sgd, learning_rate: 0.1}\ntraining: {epochs: 2, batch_size: 8}\n`;

const ROWS_BY_SEED = '{kind: sequences, file: rows.csv, format: csv, sequence: id, features: [x], target: label, task: classification}';

/** Every kind of data that a seed draws, wholly, in part, or not at all. */
const documents = {
  ...Object.fromEntries(
    readdirSync('experiments')
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => [file, readFileSync(`experiments/${file}`, 'utf8')]),
  ),
  adding: document('{kind: adding, steps: 5, train: 20, test: 10}', 'mean_squared_error'),
  copy: document('{kind: copy, delay: 5, train: 20, test: 10, seed: 3}', 'cross_entropy', ', readout: every'),
  sequences: document(ROWS_BY_SEED),
};

const replicatesOf = (folds: number | undefined): readonly Replicate[] =>
  (folds === undefined ? [undefined] : [1, 2]).flatMap((fold) =>
    [1, 2].flatMap((seed) => [undefined, 7].map((split) => ({ seed, ...(fold && { fold }), ...(split && { split }) }))),
  );

test.each(Object.entries(documents))(
  '%s: each replicate is the work that planning it alone gives, with the same problems',
  (name, text) => {
    const config = load(name, text);
    const tools: PlanningTools = { ...TOOLS, files, factsCache: remembered(undefined) };
    const planReplicate = planReplicates(config, stages, tools);
    for (const replicate of replicatesOf(foldCount(config.values))) {
      const { plan, problems } = planExperiment(withReplicate(config, replicate), stages, tools);
      expect(plan).toBeDefined();
      const found = planReplicate(replicate);
      expect(found.work).toEqual(plan?.work);
      expect(found.problems).toEqual(problems);
      expect(found.plan()).toEqual(plan);
    }
  },
);

/** How often all of a configuration was planned for three seeds. */
function plansOf(text: string, more: Partial<PlanningTools> = {}): number {
  const keyFaults = vi.fn(() => []);
  const planReplicate = planReplicates(load('e.yaml', text), stages, { ...TOOLS, files, keyFaults, ...more });
  for (const seed of [1, 2, 3]) expect(planReplicate({ seed }).work).toBeDefined();
  return keyFaults.mock.calls.length;
}

test('another seed is planned anew where it draws data of other shapes, or stages may look at anything', () => {
  expect(plansOf(documents.adding)).toBe(1);
  expect(plansOf(documents.copy)).toBe(1);
  expect(plansOf(documents.sequences)).toBe(3);
  expect(plansOf(documents.adding, { modules: 'f00d' })).toBe(3);
});

test('a configuration that cannot be planned has no work with any seed, and says why each time', () => {
  const planReplicate = planReplicates(load('e.yaml', document(ROWS_BY_SEED, 'mean_squared_error')), stages, { ...TOOLS, files });
  for (const seed of [1, 2]) {
    const { work, problems } = planReplicate({ seed });
    expect(work).toBeUndefined();
    expect(problems.filter(({ severity }) => severity !== 'warning').map(({ code }) => code)).toEqual(['target-mismatch']);
  }
});
