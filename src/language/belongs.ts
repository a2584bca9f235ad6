import { nearest } from '../diagnostics/nearest.js';
import { choose, isObject, kindOf, schemaAt, valueAt } from './choose.js';
import type { Path } from './located.js';
import type { JsonSchema } from './type.js';

/** A mapping of the language and the keys that it takes. */
interface Home {
  /** In words: `training`, `model gru`. */
  readonly owner: string;
  readonly path: Path;
  readonly keys: readonly string[];
  /** Is it in the document, or only another kind that could be? */
  readonly used: boolean;
}

/** What an unknown key was probably meant to be: a key beside it, or a key of another home. */
type Guess = { readonly here: string } | { readonly there: Home; readonly key: string };

/**
 * A slip of the fingers beside the key comes first; but a key of that very name in another part of the document, or of another kind, is
 * no slip. Slips of keys elsewhere come last.
 */
export function guessKey(key: string, path: Path, schema: JsonSchema, document: unknown): Guess | undefined {
  const homes = homesOf(schema, document, []);
  const exact = homes.filter((home) => home.keys.includes(key));
  const there = exact.find(({ used }) => used) ?? exact.find((home) => home.path.join() === path.join()) ?? exact[0];
  const here = nearest(key, keysAt(schema, document, path));
  if (here !== undefined && !there?.used) return { here };
  if (there) return { there, key };
  if (here !== undefined) return { here };
  for (const home of homes.filter(({ used }) => used)) {
    const slip = nearest(key, home.keys);
    if (slip !== undefined) return { there: home, key: slip };
  }
  return undefined;
}

/** The keys that the mapping at a path takes. */
export const keysAt = (schema: JsonSchema, document: unknown, path: Path): readonly string[] =>
  Object.keys(schemaAt(schema, document, path).properties ?? {});

/** Every mapping of the language with its keys: those that the document uses, and the kinds that it could use instead. */
function homesOf(schema: JsonSchema, value: unknown, path: Path): readonly Home[] {
  if (schema.oneOf) {
    const used = choose(schema, value);
    return schema.oneOf.flatMap((branch) => {
      const isUsed = !used.oneOf && isObject(value) && kindOf(branch) === value['kind'];
      const home: Home = {
        owner: `${slotOf(path)} ${String(kindOf(branch))}`,
        path,
        keys: Object.keys(branch.properties ?? {}),
        used: isUsed,
      };
      return isUsed ? [home, ...below(branch, value, path)] : [home];
    });
  }
  if (schema.anyOf) {
    const chosen = choose(schema, value);
    return chosen.anyOf ? [] : homesOf(chosen, value, path);
  }
  const { items, properties } = schema;
  if (items) {
    const list = Array.isArray(value) && value.length > 0 ? value : [undefined];
    return list.flatMap((item, index) => homesOf(items, item, [...path, index]));
  }
  if (!properties) return [];
  const home: Home = { owner: path.join('.') || 'the top of the document', path, keys: Object.keys(properties), used: true };
  return [home, ...below(schema, value, path)];
}

const below = (schema: JsonSchema, value: unknown, path: Path): readonly Home[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, part]) => homesOf(part, valueAt(value, [name]), [...path, name]));

/** The word for what has a kind: `metrics.0` is a metric, `model.initializer` an initializer. */
export function slotOf(path: Path): string {
  const name = path.findLast((part) => typeof part === 'string') ?? 'document';
  return typeof path.at(-1) === 'number' ? name.replace(/s$/, '') : name;
}
