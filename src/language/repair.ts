import { MOST_TOLD } from '../diagnostics/diagnostic.js';
import { nearest } from '../diagnostics/nearest.js';
import { guessKey } from './belongs.js';
import { check, type Misfit } from './check.js';
import { declaredAt, kindsOf, own, schemaAt, wordsAt } from './choose.js';
import { numberMeant } from './describe.js';
import { child, closest, isList, isMapping, type Located, type Path } from './located.js';
import { type JsonSchema, requiredKeys } from './type.js';
import { type SourceDoc, toDoc } from './source.js';

/**
 * The document as the help of its own mistakes would have it, so that what comes after the schema can be asked in the same go: slips of names
 * are put right, and what nobody knows or what has a default is left out. Every value keeps its place. Undefined where that isn't enough,
 * or too much is wrong: then nothing more can be said without guessing what the person means.
 */
export function repaired(doc: SourceDoc, schema: JsonSchema, misfits: readonly Misfit[]): SourceDoc | undefined {
  if (misfits.length > MOST_TOLD) return undefined;
  const root = misfits.reduce((now, misfit) => mend(now, doc, schema, misfit), doc.root);
  const read = toDoc(doc.file, doc.text, root);
  return 'doc' in read && check(schema, read.doc.value).length === 0 ? read.doc : undefined;
}

function mend(root: Located, doc: SourceDoc, schema: JsonSchema, { demand, path, key = '' }: Misfit): Located {
  switch (demand) {
    case 'required':
      return root; // perhaps one of the others is a slip of its name
    case 'unknown': {
      const guess = guessKey(key, path, schema, doc.value);
      return changed(root, path, (owner) => renamed(owner, key, guess && 'here' in guess ? guess.here : undefined));
    }
    default: {
      const value = valueMeant(doc, schema, path);
      if (value !== undefined) return changed(root, path, (located) => ({ ...located, content: value }));
      const [owner, name] = [path.slice(0, -1), path.at(-1)];
      const home = schemaAt(schema, doc.value, owner);
      const isOptional = typeof name === 'string' && own(home.properties, name) !== undefined && !requiredKeys(home).includes(name);
      return isOptional ? changed(root, owner, (located) => renamed(located, name)) : root;
    }
  }
}

/** The nearest of the words that may stand there; the number that a text holds; a kind that stands where a mapping with one belongs. */
function valueMeant(doc: SourceDoc, schema: JsonSchema, path: Path): Located['content'] | undefined {
  const { found: located } = closest(doc.root, path);
  const { content } = located;
  if (typeof content !== 'string') return undefined;
  const asked = declaredAt(schema, doc.value, path);
  const word = nearest(content, wordsAt(schema, doc.value, path).words);
  if (word !== undefined) return word;
  if (asked.type === 'number' || asked.type === 'integer') return numberMeant(content);
  const kind = nearest(content, kindsOf(asked.oneOf ?? []));
  return kind === undefined ? undefined : new Map([['kind', { ...located, content: kind }]]);
}

/** Gives the value of a key another name, or takes it away: without a name, or where that name is taken. */
function renamed(owner: Located, key: string, name?: string): Located {
  const { content } = owner;
  if (!isMapping(content)) return owner;
  const isFree = name !== undefined && !content.has(name);
  const entries = Array.from(content, ([each, value]) => [each === key && isFree ? name : each, value] as const);
  return { ...owner, content: new Map(entries.filter(([each]) => each !== key)) };
}

/** A document's values with a change at a path. */
function changed(here: Located, [name, ...rest]: Path, change: (located: Located) => Located): Located {
  if (name === undefined) return change(here);
  const { content } = here;
  const inner = child(here, name);
  if (!inner) return here;
  const fresh = changed(inner, rest, change);
  if (isList(content)) return { ...here, content: content.toSpliced(Number(name), 1, fresh) };
  return isMapping(content)
    ? { ...here, content: new Map(Array.from(content, ([key, value]) => [key, key === name ? fresh : value])) }
    : here;
}
