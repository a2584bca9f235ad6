import { type Static, Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { splitOption } from './split.js';
import { createTokens, drawsOfTokens, encodeTokens, fitTokens, lookAtTokens, planTokens, type TokenKind } from './tokens/data.js';
import { column, fileOptions, missingOptions, vocabularyOptions } from './tokens/options.js';
import { readTagged } from './tokens/read-tagged.js';

const options = Type.Object({
  ...fileOptions,
  format: Type.Optional(
    Type.Enum(['conll', 'csv', 'jsonl'], {
      otherwise: 'csv where sentence names a column, jsonl where the file begins with a brace, else conll',
      description:
        'conll: a word and its tags on each line, an empty line after each sentence; csv: a word on each row; jsonl: a sentence on each line, as two lists.',
    }),
  ),
  words: Type.Optional(
    Type.Either([Type.Integer({ minimum: 0 }), Type.String({ minLength: 1 })], {
      otherwise: 'of conll the first column; else word or words',
      examples: [0],
      description: 'The column that holds the words; of conll its number, counted from 0.',
    }),
  ),
  target: Type.Optional(
    Type.Either([Type.Integer({ minimum: 0 }), Type.String({ minLength: 1 })], {
      otherwise: 'of conll the last column; else tag or tags',
      examples: [3],
      description: 'The column that holds the tags; of conll its number, counted from 0.',
    }),
  ),
  sentence: Type.Optional(
    column('Of csv: the column that says which sentence a word belongs to. A row where it is empty goes on with the one above.'),
  ),
  lower_case: Type.Boolean({ default: false, description: 'Read "The" and "the" as one token.' }),
  ...vocabularyOptions,
  maximum_length: Type.Optional(
    Type.Integer({
      minimum: 1,
      otherwise: 'none',
      examples: [100],
      description: 'Longer sentences are read in pieces of this many words; none is left out.',
    }),
  ),
  missing_values: missingOptions.missing_values,
  split: splitOption('sentence'),
  split_column: Type.Optional(column('In place of split, of csv and jsonl: a column that says train, validation or test.')),
});

const KIND: TokenKind<Static<typeof options>> = {
  kind: 'tagged',
  version: 1,
  noun: 'sentence',
  per: 'token',
  separator: () => ' ',
  read: readTagged,
  cut: ({ maximum_length: most = Infinity }) => ({ most, cut: 'end' }),
};

/**
 * Sentences of which each word has a tag: a part of speech, or a name that it belongs to (`B-PER`). Input `[time]`, indices into a vocabulary that is made
 * from the sentences that train alone, 0 for words that it does not hold; target `[time]`, indices of tags in the order of their names.
 */
export const tagged = defineStage({
  slot: 'dataset',
  kind: KIND.kind,
  version: KIND.version,
  summary: 'Sentences of your own, with a tag for each word.',
  options,
  example: { file: 'names.conll' },
  draws: drawsOfTokens,
  look: (options, tools) => lookAtTokens(KIND, options, tools),
  fit: (options, { facts: { content } }) => fitTokens(KIND, options, content),
  plan: (_, { facts: { content }, request }, report) => planTokens(KIND, content, request, report),
  encode: (options, given, report) => encodeTokens(KIND, options, given, report),
  recipe: ({ lower_case, maximum_length }, { fitted: { classes = [] } }) => ({
    lower_case,
    ...(maximum_length !== undefined && { maximum_length }),
    unknown: 0,
    tags: classes,
  }),
  create: (tools, options, spec) => createTokens(KIND, options, spec, tools),
});
