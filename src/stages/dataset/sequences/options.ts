import { Type, type Static } from '../../../language/type.js';

const column = (description: string) => Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })], { description });

const share = (description: string) => Type.Optional(Type.Number({ minimum: 0, exclusiveMaximum: 1, description }));

export const options = Type.Object({
  file: Type.String({ minLength: 1, path: true, description: 'A file with the sequences; the path is relative to the document.' }),
  format: Type.Enum(['csv', 'jsonl', 'npy'], {
    description:
      'csv: a step per row under a line of names; jsonl: an object a line, a step or a whole sequence; npy: an array [sequences, time, columns], whose columns are called 0, 1, …',
  }),
  sequence: Type.Optional(
    column('Names the sequence that a step belongs to. In JSON Lines it may be left out: then a line is a sequence.'),
  ),
  order: Type.Optional(column('Orders the steps of a sequence, by number or as text; the order of the file when left out.')),
  features: Type.Array(Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })]), {
    minItems: 1,
    uniqueItems: true,
    description: 'The columns that the model reads, all of them numbers.',
  }),
  target: column('The column that the model answers: a class, or a number.'),
  task: Type.Enum(['classification', 'regression'], { description: 'Whether the target is the name of a class or a number.' }),
  target_per: Type.Enum(['sequence', 'step'], {
    default: 'sequence',
    description: 'sequence: one answer, which goes with readout: last; step: an answer at every step, which goes with readout: every.',
  }),
  split: Type.Optional(
    Type.Object(
      {
        validation: share('Share of the sequences that validates; none when left out.'),
        test: share('Share of the sequences that tests; none when left out.'),
      },
      { description: 'Shares of the sequences, drawn by the seed; a fifth tests when left out.' },
    ),
  ),
  split_column: Type.Optional(column('In place of split: a column that says train, validation or test.')),
  standardize: Type.Boolean({
    default: true,
    description: 'Give each feature mean 0 and standard deviation 1 over the steps that train. A target that is a number stays as it is.',
  }),
});
export type Options = Static<typeof options>;
