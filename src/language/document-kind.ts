import { readDocument } from './read.js';
import { type DocumentKind, readSource } from './source.js';

/** What a file says that it is; one that can't be read counts as an experiment, whose reader tells the mistakes. */
export function documentKind(file: string): DocumentKind {
  const read = readDocument(file);
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
