import { expect, test } from 'vitest';
import { differenceOf } from '../../src/study/settled.js';

const NOW = {
  format: 1,
  seed: 1,
  config: { 'model.kind': 'rnn' },
  dataset: 'd',
  stages: { model: 'rnn@2', 'metrics.0': 'accuracy@1' },
  engine: { kind: 'compiled', device: 'cpu', numerics: 3 },
};

test.each<readonly [then: object, difference: string]>([
  [{ stages: { model: 'rnn@1', 'metrics.0': 'accuracy@1' } }, 'model rnn@1, now rnn@2'],
  [{ stages: { ...NOW.stages, 'metrics.1': 'perplexity@1' } }, 'metrics.1 perplexity@1, now none'],
  [{ engine: { ...NOW.engine, numerics: 2 } }, 'numerics 2 of the engine, now 3'],
  [{ dataset: 'e' }, 'other data'],
  [{ modules: 'm' }, 'other modules'],
  [{ initial_weights: 'w' }, 'other initial weights'],
  [{ format: 0 }, 'a key of another format'],
  [{ something_new: 1 }, 'another something new'],
  [{ dataset: 'e', modules: 'm' }, 'other data; other modules'],
])('runs of %j differ, and it is said in what', (then, difference) => {
  expect(differenceOf({ ...NOW, ...then }, NOW)).toBe(difference);
});
