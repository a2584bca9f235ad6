import { dirname } from 'node:path';
import { type Diagnostic, whyUnreadable } from '../diagnostics/diagnostic.js';
import { fileFrom } from '../language/resolve.js';
import { readWhole } from '../language/read.js';
import type { Table } from './claims/load.js';
import * as messages from './claims/messages.js';
import { readReference, type ReadReference, type ReferenceRuns, splitReference } from './claims/reference.js';

interface ReadReferences {
  readonly references: ReadonlyMap<string, ReferenceRuns>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What each `reference:` of a table names, by its text; a file is read relative to that of the table. */
export function readReferences({ doc, config }: Table, file: string): ReadReferences {
  const references = new Map<string, ReferenceRuns>();
  const diagnostics: Diagnostic[] = [];
  for (const [index, { reference }] of config.claims.entries()) {
    if (reference === undefined || references.has(reference)) continue;
    const read = readOne(dirname(file), reference);
    if ('reference' in read) references.set(reference, read.reference);
    else diagnostics.push({ ...read.words, severity: 'error', place: doc.place(['claims', index, 'reference']) });
  }
  return { references, diagnostics };
}

function readOne(folder: string, reference: string): ReadReference {
  const { file, pointer } = splitReference(reference);
  try {
    return readReference(readWhole(fileFrom(folder, file)).toString('utf8'), pointer, file.endsWith('.jsonl'));
  } catch (error) {
    const reason = whyUnreadable(error) === undefined && error instanceof Error ? error.message : undefined;
    return { words: messages.referenceUnreadable(file, error instanceof SyntaxError, reason) };
  }
}
