import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freshStart } from '../../src/train/start.js';
import { planned, trained } from '../support/experiment.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-frozen-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'text.txt'), 'the quick brown fox jumps over the lazy dog and the cat sits on the mat. '.repeat(12));

/** A small net over words, trained with all that an optimizer does to a parameter. */
function experiment(embedding: string) {
  const file = join(folder, 'words.yaml');
  const document = {
    experiment: 'words',
    dataset: '{kind: text, file: text.txt, tokens: words, time_steps: 4}',
    model: `{kind: gru, hidden_size: 5, readout: every, embedding: ${embedding}}`,
    loss: '{kind: cross_entropy}',
    optimizer: '{kind: adam, learning_rate: 0.1, weight_decay: 0.1, clip_norm: 1}',
    training: '{epochs: 1, batch_size: 8}',
  };
  writeFileSync(
    file,
    Object.entries(document)
      .flatMap(([key, value]) => [key, ': ', value, '\n'])
      .join(''),
  );
  return planned(file);
}

test('what is frozen stays as it is, bit for bit, and the optimizer remembers nothing of it', async () => {
  const given = experiment('{size: 3, frozen: true}');
  const { snapshots } = await trained(given);
  const [before, after] = [freshStart(given.plan).state, snapshots.at(-1)?.state ?? {}];
  const unchanged = Object.keys(before).filter((name) => name.startsWith('parameters/') && `${after[name]}` === `${before[name]}`);
  expect(unchanged).toEqual(['parameters/E']);
  const slots = Object.keys(after).filter((name) => name.startsWith('slots/'));
  expect(slots.filter((name) => name.endsWith('/E'))).toEqual([]);
  expect(slots).toHaveLength(2 * (given.plan.model.parameters.length - 1));
});

test('an embedding that is not frozen learns', async () => {
  const given = experiment('{size: 3}');
  const { snapshots } = await trained(given);
  expect(snapshots.at(-1)?.state['parameters/E']).not.toEqual(freshStart(given.plan).state['parameters/E']);
});
