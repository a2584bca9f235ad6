import { closeSync, fstatSync, openSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Diagnostic, whyUnreadable } from '../diagnostics/diagnostic.js';
import { nearest, type Words } from '../diagnostics/words.js';
import * as messages from '../diagnostics/reading-messages.js';
import { type DocumentKind, readSource } from './source.js';

/** Far more than anybody writes; what would take minutes to read is no document. */
const LARGEST_DOCUMENT = 1_000_000;

/** What one call can read; a text is further bounded by what one string can hold. */
const LARGEST_FILE = 2 ** 31 - 1;

export type DocumentBytes = { readonly bytes: Buffer } | { readonly diagnostics: readonly Diagnostic[] };

/** The bytes of a document, or in words why there are none. */
export const readDocument = (file: string): DocumentBytes => readNamed(file, LARGEST_DOCUMENT, 'data belong into files of their own');

/** The bytes of a file that a person names on the command line, or in words why there are none. */
function readNamed(file: string, most = LARGEST_FILE, instead?: string): DocumentBytes {
  try {
    return { bytes: readWhole(file, most, instead) };
  } catch (error) {
    return { diagnostics: [{ ...explain(file, error), severity: 'error' }] };
  }
}

function explain(file: string, error: unknown): Words {
  switch (whyUnreadable(error)) {
    case 'missing':
      return messages.missingFile(file, nearestFile(file));
    case 'folder':
      return messages.isDirectory(file, documentsIn(file));
    case 'forbidden':
      return messages.noPermission(file);
    default:
      return messages.unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

/** The name in the same folder that was probably meant, as the person would type it. */
function nearestFile(file: string): string | undefined {
  const folder = dirname(file);
  const names = documentsIn(folder);
  const stem = (name: string) => name.replace(/\.ya?ml$/, '');
  const found =
    nearest(basename(file), names) ??
    names.find((name) => stem(name) === nearest(stem(basename(file)), names.map(stem)) || stem(name) === stem(basename(file)));
  return found === undefined ? undefined : folder === '.' && !file.startsWith('.') ? found : join(folder, found);
}

function documentsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted();
  } catch {
    return [];
  }
}

/**
 * All bytes of a file that a person names. What is no regular file is refused before it is opened: a pipe waits for a writer, and a device may
 * have no end. `most` bytes at most, with the way out in words.
 */
export function readWhole(file: string, most = LARGEST_FILE, instead?: string): Buffer {
  refuseOdd(statSync(file));
  const descriptor = openSync(file, 'r');
  try {
    const facts = fstatSync(descriptor);
    refuseOdd(facts);
    if (facts.size > most) throw new Error(messages.tooLarge(facts.size, most, instead));
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function refuseOdd(facts: Stats): void {
  const what = facts.isFIFO()
    ? 'a pipe'
    : facts.isSocket()
      ? 'a socket'
      : facts.isCharacterDevice() || facts.isBlockDevice()
        ? 'a device'
        : '';
  if (what !== '') throw new Error(messages.noRegularFile(what));
}

/** What a file says that it is; one that can't be read counts as an experiment, whose reader tells the mistakes. */
export function documentKind(file: string, read = readDocument(file)): DocumentKind {
  const source = 'bytes' in read ? readSource(file, read.bytes) : read;
  return 'doc' in source ? source.doc.kind : 'experiment';
}

/** The name that the document in a file gives to what it describes; of what is no file of a document, the words themselves. */
export function nameIn(reference: string): string {
  if (!/\.ya?ml$/.test(reference)) return reference;
  const read = readDocument(reference);
  const source = 'bytes' in read ? readSource(reference, read.bytes) : read;
  const name = 'doc' in source ? source.doc.value[source.doc.kind] : undefined;
  return typeof name === 'string' ? name : reference;
}
