import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { leaves } from '../../src/planning/leaves.js';
import { identifyWork, type WorkParts } from '../../src/planning/work.js';
import { stages } from '../../src/stages/registry.js';
import { planDocument } from './documents.js';

const FILE = 'experiments/lstm_addition.yaml';
const TEXT = readFileSync(FILE, 'utf8');
const plan = planDocument(FILE);

/** What may change without making it another work; everything else of the document may not. */
const AFFECTS_NOTHING = ['experiment', 'description', 'training.checkpoint_every', 'engine.threads'];

describe('the work key of lstm_addition', () => {
  const parts: WorkParts = {
    config: plan.config,
    facts: plan.facts,
    stages: stages.map((stage) => ({ stage, path: [stage.slot], options: {}, plan: () => expect.fail('nothing is planned here') })),
    numerics: { compiled: 1, tensorflow: 1, 'eager-wasm': 1, 'eager-js': 1 },
  };

  it.each([...leaves(plan.config.values)])('changes with %s exactly if it affects the result', (path, value) => {
    const values = structuredClone(plan.config.values);
    const keys = path.split('.');
    const parent = keys.slice(0, -1).reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], values) as Record<
      string,
      unknown
    >;
    parent[keys.at(-1) ?? ''] =
      typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : path === 'dataset.seed' ? 7 : `${String(value)}-other`;
    const same = identifyWork({ ...parts, config: { ...plan.config, values } }).key === identifyWork(parts).key;
    expect(same).toBe(AFFECTS_NOTHING.includes(path));
  });

  it.each<[string, string]>([
    ['other comments', TEXT.replaceAll(/#.*$/gm, '# something else')],
    ['another way to write a number', TEXT.replace('0.001', '1e-3')],
    ['another name and description', TEXT.replace('experiment: lstm_addition', 'experiment: other').replace(/^description.*\n/m, '')],
    ['a default written out', `${TEXT}  recurrent_state: reset\n`],
    ['the seed left to its default', TEXT.replace('seed: 1\n', '')],
    ['other threads', `${TEXT}engine: {threads: 2}\n`],
    ['other line ends', TEXT.replaceAll('\n', '\r\n')],
    [
      'its parts in another order',
      TEXT.split(/^(?=\w)/m)
        .toReversed()
        .join(''),
    ],
  ])('is the same with %s', (_, text) => {
    expect(text).not.toBe(TEXT);
    expect(planDocument(FILE, { text }).work).toEqual(plan.work);
  });

  it.each([
    'seed=2',
    'dataset.seed=2',
    'model.hidden_size=33',
    'optimizer.learning_rate=0.0010000001',
    'training.shuffle=true',
    'engine.kind=eager-js',
  ])('is another with %s', (set) => {
    expect(planDocument(FILE, { sets: [set] }).work.key).not.toBe(plan.work.key);
  });
});
