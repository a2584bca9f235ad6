import { describe, expect, test } from 'vitest';
import { completeValue } from '../../src/language/check.js';
import { Type } from '../../src/language/type.js';
import { experimentSchema, type Kind } from '../../src/language/experiment.js';

const stages: readonly Kind[] = [
  {
    slot: 'model',
    kind: 'small',
    summary: 'Small.',
    options: Type.Object({
      size: Type.Integer({ description: 'How small.' }),
      start: Type.Tagged({ zeros: Type.Object({}), ones: Type.Object({}) }),
    }),
  },
  { slot: 'model', kind: 'large', summary: 'Large.', options: Type.Object({ readout: Type.Enum(['last', 'every']) }) },
  {
    slot: 'optimizer',
    kind: 'sgd',
    summary: 'Descent.',
    options: Type.Object({ learning_rate: Type.Either([Type.Number(), Type.Object({ from: Type.Number() })]) }),
  },
  { slot: 'metric', kind: 'accuracy', summary: 'Share.', options: Type.Object({}) },
];
const document = { model: { kind: 'small' }, optimizer: { kind: 'sgd', learning_rate: { from: 1 } }, metrics: [{ kind: 'accuracy' }] };
const texts = (typed: string, asked: unknown = document) => completeValue(typed, experimentSchema(stages), asked).map(({ text }) => text);

describe('the argument of --set goes on', () => {
  test.each([
    ['mo', ['model.']],
    ['model.', ['model.kind=', 'model.size=', 'model.start.']],
    ['model.s', ['model.size=', 'model.start.']],
    ['model.kind=', ['model.kind=small', 'model.kind=large']],
    ['model.start.', ['model.start.kind=']],
    ['optimizer.', ['optimizer.kind=', 'optimizer.learning_rate.']],
    ['optimizer.learning_rate.', ['optimizer.learning_rate.from=']],
    ['metrics.', ['metrics.0.', 'metrics.1.']],
    ['metrics.0.', ['metrics.0.kind=', 'metrics.0.splits=', 'metrics.0.as=']],
    ['training.shuffle=', ['training.shuffle=true', 'training.shuffle=false']],
    ['engine.device=c', ['engine.device=cpu', 'engine.device=cuda']],
    ['seed=', []],
    ['nothing.', []],
    ['seed.x.y', []],
  ])('%s', (typed, expected) => expect(texts(typed)).toEqual(expected));

  test('without a document kinds are open', () => {
    expect(texts('model.', {})).toEqual(['model.kind=']);
    expect(texts('model.kind=', {})).toEqual(['model.kind=small', 'model.kind=large']);
  });
});

test('keys come with what the schema says about them', () => {
  expect(completeValue('model.si', experimentSchema(stages), document)).toEqual([{ text: 'model.size=', description: 'How small.' }]);
});
