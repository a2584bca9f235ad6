import { InputError } from '../diagnostics/diagnostic.js';
import { type DocumentBytes, documentKind, readDocument } from '../language/read.js';
import { type Changes, examineBytes } from '../run/prepare.js';
import { examineSweep } from './prepare-sweep.js';
import { examineTable } from './prepare-table.js';

/** All mistakes of a document with all that it names, or the document with its defaults and what looks like a mistake. `read`: of one at hand. */
export function checkDocument(file: string, changes: Changes, read: DocumentBytes = readDocument(file)) {
  const kind = documentKind(file, read);
  if ('diagnostics' in read) return { kind, valid: false, diagnostics: read.diagnostics } as const;
  try {
    switch (kind) {
      case 'experiment': {
        const found = examineBytes(file, read.bytes, changes);
        if ('diagnostics' in found) return { kind, valid: false, diagnostics: found.diagnostics } as const;
        return { kind, valid: true, diagnostics: found.warnings, document: found.resolved.values } as const;
      }
      case 'sweep': {
        const found = examineSweep(file, changes, read);
        if ('diagnostics' in found) return { kind, valid: false, diagnostics: found.diagnostics } as const;
        return { kind, valid: true, diagnostics: found.warnings, document: found.sweep.config } as const;
      }
      case 'table': {
        const found = examineTable(file, changes, read);
        if ('diagnostics' in found) return { kind, valid: false, diagnostics: found.diagnostics } as const;
        return { kind, valid: true, diagnostics: found.warnings, document: found.table.config } as const;
      }
      default:
        return kind satisfies never;
    }
  } catch (error) {
    // A stage of a person's own that fails while it plans.
    if (error instanceof InputError) return { kind, valid: false, diagnostics: error.diagnostics } as const;
    throw error;
  }
}
