import { Type, type Static } from '../../../language/type.js';
import { ENCODINGS } from '../encoding.js';
import { splitOption } from '../split.js';

const column = (description: string) => Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })], { description });

const path = Type.String({ minLength: 1, path: true, description: 'A file, a folder or a pattern.' });

const order = Type.Object({
  column: column('The column that orders the steps.'),
  written: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'How its dates are written, in the letters of Unicode: dd/MM/yyyy, M/d/yy h:mm a, d MMM yyyy, H:mm. Of two digits, 69 to 99 are years of the last century.',
    }),
  ),
  as: Type.Optional(
    Type.Enum(['number', 'text', 'natural'], {
      otherwise: 'numbers, or dates and times',
      description: 'number; text: character by character, t10 before t2; natural: digits inside text by their number, t2 before t10.',
    }),
  ),
});

// What files of other forms need is left out of most documents and has no default, so that their work keeps its key.
export const options = Type.Object({
  file: Type.Either([path, Type.Array(path, { minItems: 1, uniqueItems: true })], {
    description:
      'A file with the sequences, a folder of such files, a pattern (data/*.csv), or a list of these; paths are relative to the document. Of several files, "file" and "folder" are columns too.',
  }),
  format: Type.Enum(['csv', 'jsonl', 'npy'], {
    description:
      'csv: one step per row, names in the first row; jsonl: one object per line, a step or a whole sequence; npy: an array [sequences, time, columns], whose columns are called 0, 1, …',
  }),
  rows: Type.Optional(
    Type.Enum(['steps', 'sequences'], {
      otherwise: 'steps',
      description:
        'What a row of a CSV file is. steps: one step; sequences: a whole sequence, whose steps stand side by side: features: [x_*] are the columns x_1, x_2, … in the order of their numbers.',
    }),
  ),
  separator: Type.Optional(
    Type.Enum(['comma', 'semicolon', 'tab', 'bar'], {
      otherwise: 'read off the file',
      description: 'The character between two values of a CSV file.',
    }),
  ),
  decimal: Type.Optional(
    Type.Enum(['point', 'comma'], { otherwise: 'read off the file', description: 'The decimal mark: point or comma.' }),
  ),
  encoding: Type.Optional(
    Type.Enum(ENCODINGS, {
      otherwise: 'UTF-8, UTF-16 or Windows-1252, where the file is plainly so',
      description: 'How the file is encoded.',
    }),
  ),
  comment: Type.Optional(
    Type.String({
      minLength: 1,
      otherwise: '#, for lines that can be no rows',
      description: 'How lines of a CSV file begin that are skipped.',
    }),
  ),
  sequence: Type.Optional(
    column(
      'Names the sequence that a step belongs to. It may be left out in JSON Lines, where a line is a sequence then, and of several CSV files: each is one.',
    ),
  ),
  order: Type.Optional(
    Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 }), order], {
      otherwise: 'the order of the file',
      description:
        'The column that orders the steps of a sequence: numbers, or dates and times in ISO 8601; a mapping says how other columns are read.',
    }),
  ),
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
  missing: Type.Optional(
    Type.Enum(['error', 'forward', 'drop'], {
      otherwise: 'error',
      description:
        'What is done about missing values. error: they are errors; forward: a feature takes the last value of its sequence; drop: the sequence is left out.',
    }),
  ),
  missing_values: Type.Optional(
    Type.Array(Type.Either([Type.String(), Type.Number()]), {
      uniqueItems: true,
      otherwise: 'NA, N/A, n.a., null, none, ?, - and the like',
      description: 'Texts that mean a missing value, besides an empty cell and NaN.',
    }),
  ),
  split: splitOption('sequence'),
  split_column: Type.Optional(column('In place of split: a column that says train, validation or test.')),
  standardize: Type.Boolean({
    default: true,
    description: 'Give each feature mean 0 and standard deviation 1 over the steps that train. A target that is a number stays as it is.',
  }),
  standardize_target: Type.Optional(
    Type.Boolean({
      otherwise: 'false',
      examples: [true],
      description:
        'Learn a target that is a number with mean 0 and standard deviation 1 over the targets that train. Metrics and predictions are in the unit of the file.',
    }),
  ),
});
export type Options = Static<typeof options>;
