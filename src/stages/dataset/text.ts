import { createHash } from 'node:crypto';
import { Type, type Static } from '../../language/type.js';
import { type DataFacts, defineStage } from '../stage.js';
import { decodeData, encodingFact, unreadableText, type Fault } from './encoding.js';
import { corpusOptions, normalizeOption, readBy, readCorpus } from './corpus.js';
import {
  createText,
  drawsOfText,
  encodeText,
  fitText,
  planText,
  sequenceOptions,
  textFacts,
  type Text,
  type TextContent,
} from './text-data.js';

const options = Type.Object({
  file: Type.String({
    minLength: 1,
    path: true,
    description: 'A text in UTF-8, or plainly in UTF-16 or Windows-1252; the path is relative to the document.',
  }),
  ...corpusOptions,
  normalize: normalizeOption,
  max_tokens: Type.Optional(
    Type.Integer({ minimum: 2, otherwise: 'all', examples: [10_000], description: 'Use at most this many tokens, the first ones.' }),
  ),
  ...sequenceOptions,
});

const VERSION = 1;

/** A person's own text, token by token. The vocabulary is made from the whole text, `max_tokens` of it are used. */
export const text = defineStage({
  slot: 'dataset',
  kind: 'text',
  version: VERSION,
  summary: 'A text of your own, token by token.',
  options,
  example: { file: 'notes.txt' },

  look(options, { files }): DataFacts<TextContent & { readonly fault?: Fault }> {
    const bytes = files.read(options.file);
    const decoded = decodeData(bytes);
    const encoding = 'fault' in decoded ? 'utf-8' : decoded.encoding;
    const identity = ['text', VERSION, createHash('sha256').update(bytes).digest('hex'), ...settings(options)];
    // Digests of texts in UTF-8 are older than other encodings.
    const facts = textFacts(readText(options, bytes), options, encoding === 'utf-8' ? identity : [...identity, encoding]);
    return {
      ...facts,
      facts: [...facts.facts, ...encodingFact(encoding, { option: false })],
      content: { ...facts.content, ...('fault' in decoded ? { fault: decoded.fault } : {}) },
    };
  },

  draws: drawsOfText,

  fit: (options, { facts }) => fitText(options, facts.content),

  plan(options, { facts: { content }, request }, report) {
    if (content.fault) report(unreadableText(options.file, content.fault, { option: false }));
    return planText(options, content, request, report);
  },

  encode: (options, given, report) => encodeText(options, given, report),

  create: ({ streams, files, request, fitted: { vocabulary = [] } }, options, spec) =>
    createText(readBy(vocabulary, decode(files.read(options.file)), options, options.max_tokens), options, spec, request, streams),
});

type Options = Static<typeof options>;

/** What changes the numbers, without the path. */
const settings = ({ tokens, minimum_count, normalize, max_tokens, time_steps, validation }: Options) => [
  tokens,
  minimum_count,
  normalize,
  max_tokens ?? null,
  time_steps,
  validation,
];

/** Of bytes that are no text in UTF-8 nothing is trained; what else is wrong is told from the beginning. */
const ENOUGH_TO_LOOK_AT = 2 ** 20;

function decode(bytes: Uint8Array): string {
  const decoded = decodeData(bytes);
  return 'text' in decoded ? decoded.text : new TextDecoder().decode(bytes.subarray(0, ENOUGH_TO_LOOK_AT));
}

function readText({ max_tokens, ...options }: Options, bytes: Uint8Array): Text {
  const { vocabulary, indices } = readCorpus(decode(bytes), options);
  return { vocabulary, indices: indices.subarray(0, max_tokens ?? indices.length), length: indices.length };
}
