import { type Document, parseAllDocuments } from 'yaml';
import * as messages from '../diagnostics/reading-messages.js';
import type { Words } from '../diagnostics/words.js';
import { compose } from './compose.js';
import type { Fault, Located, Source, Written } from './located.js';
import { syntaxFaults } from './syntax.js';

export type Parsed = { readonly root: Located } | { readonly faults: readonly Fault[] };

/** YAML 1.2 (core schema; merge keys are understood) to located values. Reading begins at `start`, for a value on the command line. */
export function parseYaml(source: Source, from: Written, start = 0): Parsed {
  // Blanks in front keep every offset what it is in the source.
  const documents = read(' '.repeat(start) + source.text.slice(start));
  if (!documents) return fault(source, start, 1, messages.tooDeep());
  const faults = syntaxFaults(source, documents);
  if (faults.length > 0) return { faults };
  const [document, second] = documents;
  if (second) return fault(source, secondDocument(source, second), 3, messages.severalDocuments());
  if (!document?.contents) return fault(source, start, 0, messages.emptyFile());
  return compose(document.contents, source, from);
}

/** Undefined where the nesting is deeper than the reader's own stack. */
function read(text: string): readonly Document.Parsed[] | undefined {
  try {
    return Array.from(parseAllDocuments(text, OPTIONS));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Duplicate keys and merges are judged in `compose`, with better words; integers come as bigint, so that large ones are noticed. */
const OPTIONS = { version: '1.2', prettyErrors: false, uniqueKeys: false, merge: false, intAsBigInt: true, logLevel: 'silent' } as const;

const fault = (source: Source, start: number, length: number, words: Words): Parsed => ({
  faults: [{ words, span: { source, start, end: start + length } }],
});

/** Where its `---` stands; where the first one ended with `...` there may be none. */
function secondDocument({ text }: Source, second: Document.Parsed): number {
  const [begin] = second.range;
  const marker = text.lastIndexOf('---', begin);
  return marker < 0 ? begin : marker;
}
