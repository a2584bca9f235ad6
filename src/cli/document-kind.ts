import { readDocument } from '../language/read.js';
import { type DocumentKind, readSource } from '../language/source.js';

/** What a file says that it is; one that can't be read counts as an experiment, whose reader tells the mistakes. */
export function documentKind(file: string): DocumentKind {
  const read = readDocument(file);
  const source = 'bytes' in read ? readSource(file, read.bytes) : read;
  return 'doc' in source ? source.doc.kind : 'experiment';
}
