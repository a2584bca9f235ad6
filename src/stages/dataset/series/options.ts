import { type Static, Type } from '../../../language/type.js';
import { ENCODINGS } from '../encoding.js';

const name = { minLength: 1 } as const;

const time = Type.Object({
  column: Type.String({ description: 'The column with the time; "" is the column without a name.' }),
  written: Type.String({
    ...name,
    description: 'How its dates are written, in the letters of Unicode: dd.MM.yyyy, M/d/yy h:mm a, MMM yyyy.',
  }),
});

const part = (description: string) =>
  Type.Optional(
    Type.Either(
      [
        Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, examples: [0.2] }),
        Type.Object({ from: Type.String({ ...name, description: 'Its first step, as ISO 8601 writes it: 1957-01.' }) }),
      ],
      { otherwise: 'nothing', description },
    ),
  );

export const options = Type.Object({
  file: Type.String({
    ...name,
    path: true,
    description: 'A CSV file with a row for each step under a line of names; the path is relative to the document.',
  }),
  separator: Type.Optional(
    Type.Enum(['comma', 'semicolon', 'tab', 'bar'], { otherwise: 'read off the file', description: 'The character between two values.' }),
  ),
  decimal: Type.Optional(
    Type.Enum(['point', 'comma'], { otherwise: 'read off the file', description: 'The decimal mark: point or comma.' }),
  ),
  encoding: Type.Optional(Type.Enum(ENCODINGS, { otherwise: 'read off the file', description: 'How the file is encoded.' })),
  time: Type.Either([Type.String(), time], {
    description:
      'The column that says when, "" for the one without a name: ISO 8601, or numbers that count steps; a mapping says how other dates are written.',
  }),
  targets: Type.Array(Type.String(name), { minItems: 1, uniqueItems: true, description: 'The columns to forecast.' }),
  features: Type.Optional(
    Type.Array(Type.String(name), {
      minItems: 1,
      uniqueItems: true,
      otherwise: 'the targets',
      description: 'The columns that the model reads, up to the last step before a forecast.',
    }),
  ),
  known: Type.Optional(
    Type.Array(Type.String(name), {
      minItems: 1,
      uniqueItems: true,
      description: 'Columns that are known in advance, such as holidays: they are read up to the last step of a forecast.',
    }),
  ),
  series: Type.Optional(Type.String({ ...name, description: 'The column that tells several series of one file apart.' })),
  window: Type.Integer({ minimum: 1, examples: [12], description: 'How many steps the model reads before a forecast.' }),
  layout: Type.Enum(['steps', 'features'], {
    default: 'steps',
    description: 'How it reads them: step by step, or all as the features of one step.',
  }),
  horizon: Type.Integer({
    minimum: 1,
    default: 1,
    description: 'How many steps ahead a forecast goes; the model answers all of them at once.',
  }),
  border: Type.Enum(['reach', 'inside'], {
    default: 'reach',
    description: 'Whether a window may begin before the part of the data that its forecast lies in: such values are known by then.',
  }),
  drop_last_window: Type.Integer({
    minimum: 0,
    default: 0,
    description: 'How many windows at the end of every part are left out, as in some published results.',
  }),
  missing: Type.Enum(['error', 'forward', 'drop'], {
    default: 'error',
    description:
      'What is done about missing values and steps. error: they are errors; forward: the last value is repeated; drop: windows with a missing value are left out.',
  }),
  transform: Type.Optional(
    Type.Stages('transform', {
      description:
        'What is done to every column before the model reads it, in this order. It is undone before a metric looks at a forecast.',
    }),
  ),
  split: Type.Optional(
    Type.Object(
      {
        validation: part('What validates: a share of the steps before the test, or from a step on.'),
        test: part('What tests: a share of the steps, the last ones, or from a step on.'),
      },
      { otherwise: 'a fifth tests', description: 'The parts of the data in order of time; shares are rounded down to whole steps.' },
    ),
  ),
  folds: Type.Optional(
    Type.Object(
      {
        kind: Type.Enum(['expanding'], {
          default: 'expanding',
          description: 'expanding: a fold trains on all that lies before its test.',
        }),
        count: Type.Integer({
          minimum: 2,
          maximum: 1000,
          examples: [5],
          description: 'How many tests follow one another at the end of the series, each as long as split.test.',
        }),
      },
      { description: 'Walk forward: the same experiment at several times, of which fold: at the top of the document says one.' },
    ),
  ),
  season: Type.Optional(
    Type.Integer({
      minimum: 1,
      otherwise: 'found in the data',
      examples: [12],
      description: 'How many steps a season has, for the seasonal naive forecast; 1 means no season.',
    }),
  ),
  mean_of_last: Type.Optional(
    Type.Integer({
      minimum: 2,
      examples: [12],
      description: 'One more naive forecast: the mean of this many last values. With 2 it is called mean_of_last_2.',
    }),
  ),
});
export type Options = Static<typeof options>;
