import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import * as languageMessages from '../../diagnostics/messages.js';
import { andThen, type Invalid, inOrder, withMistakes } from '../../language/invalid.js';
import type { Path } from '../../language/located.js';
import { type LoadRequest, readOverridden } from '../../language/load.js';
import { complete } from '../../language/resolve.js';
import { passwordsIn } from '../../language/rules.js';
import type { SourceDoc } from '../../language/source.js';
import { validateAs } from '../../language/validate.js';
import { type TableConfig, tableSchema } from './document.js';
import { brokenRules } from './rules.js';

/** A table's document without a mistake of its own; its bases and references are read after it. */
export interface Table {
  readonly doc: SourceDoc;
  readonly config: TableConfig;
  readonly warnings: readonly Diagnostic[];
}

/** Bytes to a table in which everything is said: the same arrows as for an experiment, with a schema and rules of its own. */
export function loadTable(request: Omit<LoadRequest, 'stages'>): Table | Invalid<Table> {
  const read = readOverridden(request);
  if ('diagnostics' in read) return read;
  const { doc } = read;
  if (doc.kind !== 'table') {
    const words = languageMessages.otherDocumentKind('table', doc.kind);
    return { diagnostics: [{ ...words, severity: 'error', place: doc.place([], 'key') }] };
  }
  return andThen(validateAs(doc, tableSchema), (valid) => {
    const { values: config } = complete<TableConfig>(valid);
    const problems = [...brokenRules({ config, textAt: (path) => textAt(valid.doc, path) }), ...passwordsIn(config)];
    return withMistakes({ doc: valid.doc, config, warnings: inOrder(valid.doc, problems) });
  });
}

/** A value as it was written: `1.0`, which is no longer that once it is a number. */
function textAt(doc: SourceDoc, path: Path): string {
  const { text, column, length } = doc.place(path);
  return Array.from(text)
    .slice(column - 1, column - 1 + length)
    .join('');
}
