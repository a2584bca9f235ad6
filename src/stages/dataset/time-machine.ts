import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Type, type Static } from '../../language/type.js';
import { defineStage, type Files } from '../stage.js';
import { corpusOptions, readBy, readCorpus } from './corpus.js';
import { createText, drawsOfText, encodeText, fitText, planText, sequenceOptions, textFacts, type Text } from './text-data.js';

const options = Type.Object({
  ...corpusOptions,
  max_tokens: Type.Integer({
    minimum: 2,
    default: 10_000,
    description: 'Use at most this many tokens, the first ones; the vocabulary is that of the whole book.',
  }),
  ...sequenceOptions,
});

const VERSION = 1;

/**
 * The Time Machine (H. G. Wells, 1895) as "Dive into Deep Learning" reads it in its classic interface (section 8.2): only letters in lower case
 * and single spaces, lines glued together, 170,580 characters, 28 symbols with the unknown one, of which the first 10,000 are used.
 *
 * The book's later interface keeps a space at line ends (173,428 characters) and orders symbols by the alphabet: its numbers are others.
 */
export const timeMachine = defineStage({
  slot: 'dataset',
  kind: 'time_machine',
  version: VERSION,
  summary: 'The Time Machine by H. G. Wells, token by token.',
  options,
  look: (options, { files }) => textFacts(readText(options, files), options, ['time_machine', VERSION, SHA256, ...identity(options)]),
  draws: drawsOfText,
  fit: (options, { facts }) => fitText(options, facts.content),
  plan: (options, { facts, request }, report) => planText(options, facts.content, request, report),
  /** The document names no file; one that is asked about is named with the options. */
  encode: (options, given, report) =>
    encodeText({ ...options, normalize: 'letters', file: String((options as { readonly file?: string }).file) }, given, report),
  create: ({ streams, files, request, fitted: { vocabulary = [] } }, options, spec) =>
    createText(
      readBy(vocabulary, readBook(files), { ...options, normalize: 'letters' }, options.max_tokens),
      options,
      spec,
      request,
      streams,
    ),
});

type Options = Static<typeof options>;

const identity = ({ tokens, minimum_count, max_tokens, time_steps, validation }: Options) => [
  tokens,
  minimum_count,
  max_tokens,
  time_steps,
  validation,
];

const SHA256 = '8424dbd9532ac81f7e5f0b6add90e6952baea29158309d7d1bf3884f4e12c516';

/** The book comes with the package. */
const BOOK = fileURLToPath(new URL('../../../assets/timemachine.txt', import.meta.url));

/** A copy that was changed is refused. */
function readBook(files: Files): string {
  const bytes = files.read(BOOK);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== SHA256) throw new Error(`${BOOK} is not the book that it was: SHA-256 ${found}, expected ${SHA256}`);
  return new TextDecoder().decode(bytes);
}

function readText({ tokens, minimum_count, max_tokens }: Options, files: Files): Text {
  const { vocabulary, indices } = readCorpus(readBook(files), { tokens, minimum_count, normalize: 'letters' });
  return { vocabulary, indices: indices.subarray(0, max_tokens), length: indices.length };
}
