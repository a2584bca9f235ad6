import { expect, test } from 'vitest';
import { entitiesOf, entityF1 } from '../../src/stages/metric/entity-f1.js';
import type { Data, ModelSpec } from '../../src/stages/stage.js';
import { dataOf, noProblem, problemsOf, tools } from './support.js';

/* Expected numbers are seqeval 1.2.2's; `.ci/checks/forecast-metrics` has random ones. */

test.each<readonly [tags: string, found: string]>([
  ['', ''],
  ['O O', ''],
  ['B-PER I-PER O B-LOC', 'PER 0-1, LOC 3-3'],
  ['B-PER B-PER', 'PER 0-0, PER 1-1'],
  // No scheme has these: a name begins all the same.
  ['I-PER I-PER O I-LOC', 'PER 0-1, LOC 3-3'],
  ['B-PER I-LOC', 'PER 0-0, LOC 1-1'],
  ['S-PER B-LOC E-LOC', 'PER 0-0, LOC 1-2'],
  ['B-A-B I-A-B', 'A-B 0-1'],
  ['B I O', '_ 0-1'],
])('names of %j', (tags, found) => {
  const entities = entitiesOf(tags.split(' ').filter(Boolean));
  expect(entities.map(({ kind, first, last }) => `${kind} ${first}-${last}`).join(', ')).toBe(found);
});

const NAMES = ['B-LOC', 'B-PER', 'I-PER', 'O'];
const data: Data = { ...dataOf({ input: [4], target: [4], classes: 4 }), fitted: { classes: NAMES } };
const model: ModelSpec = {
  parameters: [],
  buffers: [],
  state: {},
  masks: [],
  output: { shape: [4, 4], axes: ['time', 'classes'], dtype: 'float32' },
};
const upstream = { data, model, loss: { reading: 'class_logits' } } as const;

/** Two sentences, the second one of two words. */
const measure = (options: object) => {
  const right = ['B-PER', 'I-PER', 'O', 'B-LOC', 'B-LOC', 'O', 'O', 'O'];
  const answers = ['B-PER', 'I-PER', 'O', 'B-PER', 'B-LOC', 'B-LOC', 'B-LOC', 'B-LOC'];
  const metric = entityF1.create(tools, options, entityF1.plan(options, upstream, noProblem), upstream);
  return metric.evaluate?.({
    output: { shape: [2, 4, 4], values: Float32Array.from(answers.flatMap((answer) => NAMES.map((name) => (name === answer ? 2 : -1)))) },
    target: { shape: [2, 4], values: Int32Array.from(right, (name) => NAMES.indexOf(name)) },
    weight: { shape: [2, 4], values: Float32Array.of(1, 1, 1, 1, 1, 1, 0, 0) },
  });
};

test('a name is right as a whole, and words that only fill up count nothing', () => {
  // Right are PER 0-1, LOC 3-3 and LOC 0-0; answered PER 0-1, PER 3-3, LOC 0-0 and LOC 1-1.
  expect(measure({})).toEqual({
    value: 4 / 7,
    view: {
      kind: 'bars',
      x: 'kind',
      y: 'F1',
      bars: [
        { name: 'LOC', value: 0.5 },
        { name: 'PER', value: 2 / 3 },
      ],
    },
  });
  expect(measure({ average: 'macro' })).toMatchObject({ value: (0.5 + 2 / 3) / 2 });
  expect(measure({ average: 'weighted' })).toMatchObject({ value: (2 * 0.5 + 2 / 3) / 3 });
  expect(measure({ class: 'PER' })).toBe(2 / 3);
});

test.each<readonly [what: string, options: object, of: Data, said: string]>([
  ['a kind that is not there', { class: 'ORG' }, data, 'no tag is of the kind "ORG"; there is LOC and PER'],
  ['a tag for a kind', { class: 'B-PER' }, data, 'no tag is of the kind "B-PER"; write the kind alone: PER'],
  [
    'a kind beside a mean',
    { class: 'PER', average: 'micro' },
    data,
    'average: micro is over all kinds, and class names one; take one of both out',
  ],
  [
    'parts of speech',
    {},
    { ...data, fitted: { classes: ['ADJ', 'NOUN', 'VERB', 'X'] } },
    'entity_f1 counts names, and no tag begins or goes on with one as B-PER and I-PER do: "ADJ", "NOUN", "VERB", …; for parts of speech write kind: accuracy',
  ],
])('%s is told', (_, options, of, said) => {
  expect(
    problemsOf((report) => entityF1.plan(options, { ...upstream, data: of }, report)).map(({ message, help }) => `${message}; ${help}`),
  ).toEqual([said]);
});
