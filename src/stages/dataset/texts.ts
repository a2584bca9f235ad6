import { type Static, Type } from '../../language/type.js';
import { defineStage } from '../stage.js';
import { splitOption } from './split.js';
import { createTokens, drawsOfTokens, encodeTokens, fitTokens, lookAtTokens, planTokens, type TokenKind } from './tokens/data.js';
import { column, fileOptions, missingOptions, vocabularyOptions } from './tokens/options.js';
import { readTexts } from './tokens/read.js';

const options = Type.Object({
  ...fileOptions,
  text: column('The column that holds the text. In JSON Lines it may be a list of tokens, which are then taken as they are.'),
  target: Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })], {
    examples: ['label'],
    description: 'The column that holds the class of the text.',
  }),
  id: Type.Optional(column('A column that names each text where answers are told. Otherwise its line does.')),
  tokens: Type.Enum(['words', 'characters'], {
    default: 'words',
    description:
      'What one step is. words: runs of letters and digits; every other sign, a Chinese character, a kana is a token of its own.',
  }),
  lower_case: Type.Boolean({ default: true, description: 'Read "The" and "the" as one token.' }),
  ...vocabularyOptions,
  maximum_length: Type.Integer({ minimum: 1, default: 256, description: 'At most this many tokens of a text are read.' }),
  cut: Type.Enum(['end', 'beginning'], { default: 'end', description: 'Which end of a longer text is left out.' }),
  ...missingOptions,
  split: splitOption('text'),
  split_column: Type.Optional(column('In place of split: a column that says train, validation or test.')),
});

const KIND: TokenKind<Static<typeof options>> = {
  kind: 'texts',
  version: 1,
  noun: 'text',
  per: 'text',
  separator: ({ tokens }) => (tokens === 'words' ? ' ' : ''),
  read: readTexts,
  cut: ({ maximum_length: most, cut }) => ({ most, cut }),
};

/**
 * A person's own texts, a row each, with a class each. Input `[time]`, indices into a vocabulary that is made from the texts that train alone, 0 for
 * tokens that it does not hold; target `[]`, indices of classes in the order of their names.
 *
 * Texts shorter than the longest of their split are filled up at the end, and a batch carries a `mask` `[batch, time]`: models pass over the rest.
 */
export const texts = defineStage({
  slot: 'dataset',
  kind: KIND.kind,
  version: KIND.version,
  summary: 'Texts of your own, to classify.',
  options,
  example: { file: 'reviews.csv', text: 'review', target: 'sentiment' },
  draws: drawsOfTokens,
  look: (options, tools) => lookAtTokens(KIND, options, tools),
  fit: (options, { facts: { content } }) => fitTokens(KIND, options, content),
  plan: (_, { facts: { content }, request }, report) => planTokens(KIND, content, request, report),
  encode: (options, given, report) => encodeTokens(KIND, options, given, report),
  recipe: ({ text, target, tokens, lower_case, maximum_length, cut }, { fitted: { classes = [] } }) => ({
    text: String(text),
    target: String(target),
    tokens,
    lower_case,
    maximum_length,
    cut,
    unknown: 0,
    classes,
  }),
  create: (tools, options, spec) => createTokens(KIND, options, spec, tools),
});
