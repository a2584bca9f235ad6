import { loadAs, type LoadedAs, type LoadRequest, passwordsIn } from '../../language/load.js';
import type { Invalid, SourceDoc } from '../../language/source.js';
import type { Path } from '../../language/located.js';
import { type TableConfig, tableSchema } from './document.js';
import { brokenRules } from './rules.js';

/** A table's document without a mistake of its own; its bases and references are read after it. */
export type Table = LoadedAs<TableConfig>;

export const loadTable = (request: Omit<LoadRequest, 'stages'>): Table | Invalid<Table> =>
  loadAs<TableConfig>(request, {
    kind: 'table',
    schema: tableSchema,
    problemsOf: (config, doc) => [...brokenRules({ config, textAt: (path) => textAt(doc, path) }), ...passwordsIn(config)],
    goesOn: true,
  });

/** A value as it was written: `1.0`, which is no longer that once it is a number. */
function textAt(doc: SourceDoc, path: Path): string {
  const { text, column, length } = doc.place(path);
  return Array.from(text)
    .slice(column - 1, column - 1 + length)
    .join('');
}
