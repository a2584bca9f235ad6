import { MOST_TOLD, type Problem } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/messages.js';
import { integerTooLarge } from '../diagnostics/reading-messages.js';
import { type Words, listed, withArticle } from '../diagnostics/words.js';
import { nearest } from '../diagnostics/nearest.js';
import { guessKey, keysAt, slotOf } from './belongs.js';
import type { Misfit } from './check.js';
import { declaredAt, isObject, kindsOf, own, schemaAt, valueAt, wordsAt } from './choose.js';
import { describeExpected, describeRange, describeValue, rangeHint, typeHint } from './describe.js';
import { child, closest, isMapping, type Located, type Path } from './located.js';
import type { SourceDoc } from './source.js';
import type { JsonSchema } from './type.js';

/** Every misfit, of very many the first, as a person would say it. One mistake is one problem: a misspelt or misplaced key isn't told again as a missing one. */
export function explain(doc: SourceDoc, schema: JsonSchema, all: readonly Misfit[]): readonly Problem[] {
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
