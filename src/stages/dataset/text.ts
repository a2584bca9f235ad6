import { createHash } from 'node:crypto';
import { Type, type Static } from '../../language/type.js';
import { defineStage, type Files } from '../stage.js';
import { corpusOptions, normalizeOption, readCorpus } from './corpus.js';
import { createText, planText, sequenceOptions, textFacts, type Text } from './text-data.js';

const options = Type.Object({
  file: Type.String({ minLength: 1, path: true, description: 'A text in UTF-8; the path is relative to the document.' }),
  ...corpusOptions,
  normalize: normalizeOption,
  max_tokens: Type.Optional(
    Type.Integer({ minimum: 2, description: 'At most so many tokens, the first ones, are used; all when left out.' }),
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

  inspect(options, { files }) {
    const bytes = files.read(options.file);
    const identity = ['text', VERSION, createHash('sha256').update(bytes).digest('hex'), ...settings(options)];
    const facts = textFacts(readText(options, bytes), options, identity);
    return { ...facts, content: { ...facts.content, is_utf8: isUtf8(bytes) } };
  },

  plan(options, { facts, request }, report) {
    if (facts.content['is_utf8'] === false) {
      report({ code: 'not-utf8', path: ['file'], message: `${options.file} is not a text in UTF-8`, help: 'convert it: iconv -t utf-8' });
    }
    return planText(options, facts, request, report);
  },

  create: ({ streams, files, request }, options, spec) => createText(readFile(options, files), options, spec, request, streams),
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

const readFile = (options: Options, files: Files): Text => readText(options, files.read(options.file));

function readText({ max_tokens, ...options }: Options, bytes: Uint8Array): Text {
  const { vocabulary, indices } = readCorpus(new TextDecoder().decode(bytes), options);
  return { vocabulary, indices: indices.subarray(0, max_tokens ?? indices.length), length: indices.length };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
