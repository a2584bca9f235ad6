import { MOST_TOLD, type Problem } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/messages.js';
import { listed, nearest, withArticle, type Words } from '../diagnostics/words.js';
import { integerTooLarge } from '../diagnostics/reading-messages.js';
import { check, choose, declaredAt, isObject, kindOf, kindsOf, type Misfit, own, schemaAt, valueAt, wordsAt } from './check.js';
import { describeExpected, describeRange, describeValue, numberMeant, rangeHint, typeHint } from './describe.js';
import { experimentSchema, type Kind } from './experiment.js';
import { inOrder, type Invalid, type SourceDoc, toDoc } from './source.js';
import { child, closest, isList, isMapping, type Located, type Path } from './located.js';
import { type JsonSchema, requiredKeys } from './type.js';

/** A document whose every value is what the schema asks for. Defaults are not filled in yet. */
export interface Config {
  readonly doc: SourceDoc;
  readonly schema: JsonSchema;
}

/** All values of an experiment against the schema of the stages; every mistake at once, in the order of the file. */
export const validate = (doc: SourceDoc, stages: readonly Kind[]): Config | Invalid<Config> => validateAs(doc, experimentSchema(stages));

/** All values of a document of any kind against its schema; every mistake at once, in the order of the file. */
export function validateAs(doc: SourceDoc, schema: JsonSchema): Config | Invalid<Config> {
  const misfits = check(schema, doc.value);
  const problems = explain(doc, schema, misfits);
  if (problems.length === 0) return { doc, schema };
  const meant = repaired(doc, schema, misfits);
  return { diagnostics: inOrder(doc, problems), ...(meant && { repaired: { doc: meant, schema } }) };
}

/** Every misfit, of very many the first, as a person would say it. One mistake is one problem: a misspelt or misplaced key isn't told again as a missing one. */
function explain(doc: SourceDoc, schema: JsonSchema, all: readonly Misfit[]): readonly Problem[] {
  const misfits = all.slice(0, MOST_TOLD);
  const unindented = sectionsNotIndented(doc, schema);
  const meant = new Set<string>();
  const unknown = misfits.flatMap(({ demand, path, key = '' }) => {
    if (demand !== 'unknown' || (path.length === 0 && unindented.keys.has(key))) return [];
    const guessed = unknownKey(doc, schema, path, key);
    if (guessed.meant) meant.add(guessed.meant.join('.'));
    return [guessed.problem];
  });
  const others = misfits.flatMap((misfit): readonly Problem[] => {
    const { demand, path, key = '' } = misfit;
    if (demand === 'unknown') return [];
    if (demand === 'required') return meant.has([...path, key].join('.')) ? [] : [missingKey(doc, schema, path, key)];
    if (path.length === 1 && unindented.sections.has(String(path[0]))) return [{ ...messages.notIndented(String(path[0])), path }];
    return [{ ...wrongValue(doc, schema, misfit), path }];
  });
  return [...unknown, ...others];
}

function unknownKey(doc: SourceDoc, schema: JsonSchema, path: Path, key: string): { readonly problem: Problem; readonly meant?: Path } {
  const guess = guessKey(key, path, schema, doc.value);
  const say = (help: string): Problem => ({ ...messages.unknownKey(nameOf(path, doc), key, help), path: [...path, key], at: 'key' });
  if (!guess) return { problem: say(messages.knownKeys(keysAt(schema, doc.value, path))) };

  const meant = 'here' in guess ? [...path, guess.here] : [...guess.there.path, guess.key];
  const isTyped = child(closest(doc.root, path).found, key)?.from !== 'file';
  if (isTyped && ('here' in guess || guess.there.used)) return { problem: say(messages.meant(meant.join('.'))), meant };
  if ('here' in guess) return { problem: say(messages.meant(guess.here)), meant };
  const help = guess.key === key ? messages.belongsTo(key, guess.there.owner) : messages.meantElsewhere(guess.key, guess.there.owner);
  return { problem: say(help), ...(guess.there.used && { meant }) };
}

function missingKey(doc: SourceDoc, schema: JsonSchema, path: Path, key: string): Problem {
  const { oneOf, properties } = schemaAt(schema, doc.value, path);
  if (key !== 'kind' || !oneOf) {
    const about = own(properties, key);
    if (about?.oneOf) return { ...messages.missingSection(nameOf(path, doc), key, kindsOf(about.oneOf)), path, at: 'key' };
    const help = about && `${key}: ${describeExpected(about)}${about.description ? `. ${about.description}` : ''}`.replace(/\.$/, '');
    return { ...messages.missingKey(nameOf(path, doc), key, help), path, at: 'key' };
  }
  const kinds = kindsOf(oneOf);
  const { content } = closest(doc.root, path).found;
  const written = isMapping(content) ? Array.from(content) : [];
  const [meant] = written.find(([name, value]) => nearest(name, ['kind']) || kinds.some((kind) => kind === value.content)) ?? [];
  return {
    ...messages.missingKind(nameOf(path, doc), slotOf(path), kinds, meant),
    path: meant === undefined ? path : [...path, meant],
    at: 'key',
  };
}

function wrongValue(doc: SourceDoc, schema: JsonSchema, { path, demand }: Misfit): Words {
  const located = closest(doc.root, path).found;
  const got = describeValue(located);
  const name = path.join('.') || 'the document';
  const about = schemaAt(schema, doc.value, path);
  switch (demand) {
    case 'type':
      return messages.wrongType(name, describeExpected(declaredAt(schema, doc.value, path)), got, typeHint(about, located, path));
    case 'enum':
      return wrongWord(doc, schema, path);
    case 'range':
      if (isInexact(about, located)) return integerTooLarge(got);
      return messages.outOfRange(name, describeRange(about), got, rangeHint(about, located));
    case 'text':
      return messages.badText(name, got, about.description?.replace(/\.$/, ''));
    case 'minItems':
      return messages.tooFew(name, about.minItems ?? 1);
    case 'uniqueItems':
      return messages.repeated(name);
    case 'required':
    case 'unknown':
      throw new Error(`${demand} is about a key`);
    default:
      return demand satisfies never;
  }
}

/** Beyond what whole numbers are exact to, and that is all that is wrong with it. */
const isInexact = ({ type, maximum, exclusiveMaximum }: JsonSchema, { content }: Located): boolean =>
  type === 'integer' &&
  typeof content === 'number' &&
  content > Number.MAX_SAFE_INTEGER &&
  maximum === undefined &&
  exclusiveMaximum === undefined;

function wrongWord(doc: SourceDoc, schema: JsonSchema, path: Path): Words {
  const located = closest(doc.root, path).found;
  const { content } = located;
  const name = path.join('.');
  const { words, areKinds } = wordsAt(schema, doc.value, path);
  const guess = typeof content === 'string' ? nearest(content, words) : undefined;
  if (areKinds && typeof content === 'string') return messages.unknownKind(slotOf(path.slice(0, -1)), content, words, guess);
  const asked = declaredAt(schema, doc.value, path);
  const expected = asked.anyOf ? describeExpected(asked) : listed(words);
  return messages.unknownWord(name, expected, describeValue(located), guess);
}

/** Empty sections, and the keys that follow them at the top of the document although nobody knows them there. */
function sectionsNotIndented({ root, value }: SourceDoc, { properties = {} }: JsonSchema) {
  const sections = new Set<string>();
  const keys = new Set<string>();
  let section: string | undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (Object.hasOwn(properties, key)) section = inner === null && child(root, key)?.from === 'file' ? key : undefined;
    else if (section !== undefined) {
      sections.add(section);
      keys.add(key);
    }
  }
  return { sections, keys };
}

/** What a key is written in, in words: `model lstm`, `metric exact_match`, `training`, `an experiment`. */
function nameOf(path: Path, doc: SourceDoc): string {
  const here = valueAt(doc.value, path);
  const kind = isObject(here) ? here['kind'] : undefined;
  if (typeof kind === 'string' && path.length > 0) return `${slotOf(path)} ${kind}`;
  return path.join('.') || withArticle(doc.kind);
}

/**
 * The document as the help of its own mistakes would have it, so that what comes after the schema can be asked in the same go: slips of names
 * are put right, and what nobody knows or what has a default is left out. Every value keeps its place. Undefined where that isn't enough,
 * or too much is wrong: then nothing more can be said without guessing what the person means.
 */
function repaired(doc: SourceDoc, schema: JsonSchema, misfits: readonly Misfit[]): SourceDoc | undefined {
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
function guessKey(key: string, path: Path, schema: JsonSchema, document: unknown): Guess | undefined {
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
const keysAt = (schema: JsonSchema, document: unknown, path: Path): readonly string[] =>
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
function slotOf(path: Path): string {
  const name = path.findLast((part) => typeof part === 'string') ?? 'document';
  return typeof path.at(-1) === 'number' ? name.replace(/s$/, '') : name;
}
