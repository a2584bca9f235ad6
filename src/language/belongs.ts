import * as messages from '../diagnostics/messages.js';
import { nearest } from '../diagnostics/nearest.js';
import { choose, isObject, kindOf } from './choose.js';
import type { Path } from './located.js';
import type { JsonSchema } from './type.js';

interface Home {
  /** Words for where a key may stand: `optimizer`, `model gru`. */
  readonly owner: string;
  readonly section: string;
  readonly keys: readonly string[];
  /** Does the document use it? */
  readonly used: boolean;
}

/**
 * What to tell about a key that nobody knows here: the key that was meant, the section or kind that it belongs to, or at last which keys
 * there are. A slip of the fingers comes first, then a key of that very name elsewhere, then a slip of one elsewhere.
 */
export function whereItBelongs(
  key: string,
  path: Path,
  keys: readonly string[],
  schema: JsonSchema,
  value: unknown,
): { readonly guess?: string; readonly help: string } {
  const guess = nearest(key, keys);
  const homes = homesOf(schema, value);
  const here = path.join('.');
  const exact = homes.filter((home) => home.keys.includes(key));
  const home = exact.find(({ used }) => used) ?? exact.find(({ section }) => section === here) ?? exact[0];
  if (guess !== undefined && !home?.used) return { guess, help: messages.meant(guess) };
  if (home) return { help: messages.belongsTo(key, home.owner) };
  if (guess !== undefined) return { guess, help: messages.meant(guess) };
  for (const other of homes.filter(({ used }) => used)) {
    const slip = nearest(key, other.keys);
    if (slip !== undefined) return { help: messages.meantElsewhere(slip, other.owner) };
  }
  return { help: messages.knownKeys(keys) };
}

/** Every mapping of the language with its keys: those that the document uses, and the kinds that it could use instead. */
function homesOf(schema: JsonSchema, value: unknown, section = ''): readonly Home[] {
  const name = section.replace(/s\.\d+$/, '');
  if (schema.oneOf) {
    const chosen = choose(schema, value);
    return schema.oneOf.flatMap((branch) => {
      const used = !chosen.oneOf && kindOf(branch) === (isObject(value) ? value['kind'] : undefined);
      const keys = Object.keys(branch.properties ?? {});
      const own: Home = { owner: `${name} ${String(kindOf(branch))}`, section, keys, used };
      return [own, ...(used ? below(branch, value, section) : [])];
    });
  }
  if (schema.anyOf) {
    const chosen = choose(schema, value);
    return chosen.anyOf ? [] : homesOf(chosen, value, section);
  }
  if (schema.items)
    return (Array.isArray(value) && value.length > 0 ? value : [undefined]).flatMap((item, index) =>
      homesOf(schema.items ?? {}, item, `${section}.${index}`),
    );
  if (!schema.properties) return [];
  return [
    { owner: section || 'the top of the document', section, keys: Object.keys(schema.properties), used: true },
    ...below(schema, value, section),
  ];
}

const below = (schema: JsonSchema, value: unknown, section: string): readonly Home[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
    homesOf(part, isObject(value) ? value[name] : undefined, section ? `${section}.${name}` : name),
  );
