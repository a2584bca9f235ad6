import { type ObjectSchema, type Static, Type } from '../../../language/type.js';
import { ENCODINGS } from '../encoding.js';

export const column = (description: string) =>
  Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })], { examples: ['text'], description });

const otherFile = (what: string) =>
  Type.Optional(Type.String({ minLength: 1, path: true, description: `A file of the same form that ${what}, in place of a share.` }));

/** What can be said of every file of texts. */
export const fileOptions = {
  file: Type.String({ minLength: 1, path: true, description: 'The file with the texts; the path is relative to the document.' }),
  validation_file: otherFile('validates'),
  test_file: otherFile('tests'),
  encoding: Type.Optional(
    Type.Enum(ENCODINGS, {
      otherwise: 'UTF-8, UTF-16 or Windows-1252, where the file is plainly so',
      description: 'How the file is encoded.',
    }),
  ),
  separator: Type.Optional(
    Type.Enum(['comma', 'semicolon', 'tab', 'bar'], {
      otherwise: 'read off the file',
      description: 'The character between two values of a CSV file.',
    }),
  ),
};

/** What can be said of how texts become the numbers of a vocabulary. */
export const vocabularyOptions = {
  minimum_count: Type.Integer({
    minimum: 1,
    default: 2,
    description:
      'Tokens that occur fewer times in training are read as the unknown token. With 1 training never shows the unknown token, and nothing is learnt of it.',
  }),
  vocabulary_size: Type.Optional(
    Type.Integer({
      minimum: 1,
      otherwise: 'all',
      examples: [20_000],
      description: 'At most this many tokens, those that occur most often in training, besides the unknown token.',
    }),
  ),
};

export const missingOptions = {
  missing: Type.Optional(
    Type.Enum(['error', 'drop'], {
      otherwise: 'error',
      description: 'What is done about rows without a text or an answer. error: they are errors; drop: they are left out.',
    }),
  ),
  missing_values: Type.Optional(
    Type.Array(Type.Either([Type.String(), Type.Number()]), {
      uniqueItems: true,
      otherwise: 'NA, N/A, n.a., null, none, ?, - and the like',
      description: 'Answers that mean a missing one, besides an empty cell and NaN.',
    }),
  ),
};

export type FileOptions = Static<ObjectSchema<typeof fileOptions>>;
export type VocabularyOptions = Static<ObjectSchema<typeof vocabularyOptions>>;
