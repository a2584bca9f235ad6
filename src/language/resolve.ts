import { dirname } from 'node:path';
import type { ExperimentConfig, Origin, ResolvedConfig } from './experiment.js';
import { choose, isObject, own, partOf } from './choose.js';
import { child, type Located, type Path, placeOf, record } from './located.js';
import { folderOf, renamedFor } from './paths.js';
import { type Affects, hasDefault, type JsonSchema } from './type.js';
import type { Config } from './validate.js';

/**
 * Fills in every default. A file that another document or the command line names is named as this document would name it, so that every path of
 * the values counts from its folder. Of each leaf it keeps where the value came from, and whether it affects the result or only the execution.
 */
export function resolve(config: Config): ResolvedConfig {
  const { doc } = config;
  // What `validate` has accepted and every default stand in the values now: this is the type that the schema describes.
  const { values, ...kept } = complete<ExperimentConfig>(config);
  return { kind: 'experiment', file: doc.file, source: doc.text, values, ...kept };
}

/** The defaults of a document of any kind, filled in; `T` is what its schema describes. */
export function complete<T>({ doc, schema }: Config): { readonly values: T } & Pick<ResolvedConfig, 'origins' | 'execution'> {
  const origins = new Map<string, Origin>();
  const execution = new Set<string>();
  const folder = dirname(doc.file);
  const values = fill(schema, doc.value, doc.root, [], 'result');
  return { values: values as T, origins, execution };

  function fill(asked: JsonSchema, value: unknown, located: Located | undefined, path: Path, inherited: Affects): unknown {
    const chosen = choose(asked, value);
    const affects = chosen.affects ?? inherited;
    if (Array.isArray(value) && value.length > 0) {
      return value.map((item, index) => fill(chosen.items ?? {}, item, located && child(located, index), [...path, index], affects));
    }
    if (isObject(value)) {
      const { properties = {} } = chosen;
      const known = Object.keys(properties).filter((name) => own(value, name) !== undefined || hasDefault(properties[name] ?? {}));
      const names = [...known, ...Object.keys(value).filter((name) => !Object.hasOwn(properties, name))];
      const part = (name: string) => partOf(chosen, name) ?? {};
      const inner = (name: string) =>
        fill(part(name), own(value, name) ?? defaultOf(part(name)), located && child(located, name), [...path, name], affects);
      if (names.length > 0) return record(names.map((name) => [name, inner(name)]));
    }
    const leaf = path.join('.');
    origins.set(leaf, located ? { from: located.from, place: placeOf(located.value) } : { from: 'default' });
    if (affects === 'execution') execution.add(leaf);
    return chosen.path && typeof value === 'string' && located ? renamedFor(folder, folderOf(located), value) : value;
  }
}

/** Of a mapping whose keys all have defaults, the empty one: they are filled in then. */
const defaultOf = ({ default: value = {} }: JsonSchema): unknown => (typeof value === 'object' ? structuredClone(value) : value);
