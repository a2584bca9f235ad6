import { isObject, valueAt } from '../../language/check.js';
import { loadAs, type LoadedAs, type LoadRequest, passwordsIn } from '../../language/load.js';
import { type Invalid, readSource, type SourceDoc } from '../../language/source.js';
import type { Path } from '../../language/located.js';
import { type TableConfig, tableSchema } from './document.js';
import { brokenRules } from './rules.js';

/** A table's document without a mistake of its own; its bases and references are read after it. */
export type Table = LoadedAs<TableConfig>;

export const loadTable = (request: Omit<LoadRequest, 'stages'>): Table | Invalid<Table> =>
  loadAs<TableConfig>(cuttingStages(request), {
    kind: 'table',
    schema: tableSchema,
    problemsOf: (config, doc) => {
      const written = {
        config,
        textAt: (path: Path) => textAt(doc, path),
        isWritten: (path: Path) => valueAt(doc.value, path) !== undefined,
      };
      return [...brokenRules(written), ...passwordsIn(config)];
    },
    goesOn: true,
  });

/**
 * `--seeds 10` of a table whose seeds come in stages stops at the one of ten seeds. The stages stay as they were declared, and so does the error
 * that is spent over them.
 */
function cuttingStages(request: Omit<LoadRequest, 'stages'>): Omit<LoadRequest, 'stages'> {
  const { file, bytes, sets = [] } = request;
  if (!sets.some((argument) => SEEDS.test(argument))) return request;
  const read = readSource(file, bytes);
  if ('diagnostics' in read || !isObject(valueAt(read.doc.value, ['seeds']))) return request;
  return { ...request, sets: sets.map((argument) => argument.replace(SEEDS, 'seeds.until=$1')) };
}

/** `seeds=10`, and a list of seeds, which stages do not take; a mapping stands in for the stages. */
const SEEDS = /^seeds=(\s*[^\s{].*)$/s;

/** A value as it was written: `1.0`, which is no longer that once it is a number. */
function textAt(doc: SourceDoc, path: Path): string {
  const { text, column, length } = doc.place(path);
  return Array.from(text)
    .slice(column - 1, column - 1 + length)
    .join('');
}
