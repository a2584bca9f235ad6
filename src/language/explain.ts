import type { ErrorObject } from 'ajv';
import type { Problem } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/messages.js';
import { nearest } from '../diagnostics/nearest.js';
import { choose, isObject, kindsOf } from './choose.js';
import { closest, type Located, type Path } from './located.js';
import type { SourceDoc } from './source.js';
import type { JsonSchema } from './type.js';
import { whereItBelongs } from './belongs.js';
import { describeExpected, describeRange, describeValue, typeHint } from './describe.js';

/** What ajv found, as a person would say it. One mistake is one problem: a misspelt key isn't told again as a missing one. */
export function explain(doc: SourceDoc, schema: JsonSchema, errors: readonly ErrorObject[]): readonly Problem[] {
  const found = errors.filter(isCause).map((error) => ({ error, path: pathOf(doc, error.instancePath) }));
  const problems: Problem[] = [];
  const meant = new Set<string>();
  const told = new Set<string>();
  const add = (problem: Problem) => {
    const key = JSON.stringify([problem.path, problem.at]);
    if (!told.has(key)) problems.push(problem);
    told.add(key);
  };

  for (const { error, path } of found) {
    if (error.keyword !== 'additionalProperties') continue;
    const key = String(error.params['additionalProperty']);
    const keys = Object.keys(schemaAt(schema, doc.value, path).properties ?? {});
    const { guess, help } = whereItBelongs(key, path, keys, schema, doc.value);
    if (guess) meant.add(JSON.stringify([...path, guess]));
    add({ ...messages.unknownKey(nameOf(path, doc.value), key, help), path: [...path, key], at: 'key' });
  }
  for (const { error, path } of found) {
    if (error.keyword === 'additionalProperties') continue;
    if (error.keyword !== 'required') {
      add({ ...explainValue(doc, schema, error, path), path, at: 'value' });
      continue;
    }
    const key = String(error.params['missingProperty']);
    if (!meant.has(JSON.stringify([...path, key]))) problems.push(explainMissing(doc, schema, path, key));
  }
  return problems;
}

/** An error of a whole alternative says more than those of its branches. */
const isCause = ({ schemaPath }: ErrorObject): boolean => !/\/anyOf\/\d/.test(schemaPath);

function explainMissing(doc: SourceDoc, schema: JsonSchema, path: Path, key: string): Problem {
  const here = schemaAt(schema, doc.value, path);
  if (key !== 'kind' || !here.oneOf) {
    const about = here.properties?.[key];
    return { ...messages.missingKey(nameOf(path, doc.value), key, about && describeKey(key, about)), path, at: 'key' };
  }
  const { content } = closest(doc.root, path).found;
  const written = content instanceof Map ? Array.from(content.keys()).find((name) => nearest(name, ['kind'])) : undefined;
  const place: Path = written === undefined ? path : [...path, written];
  return { ...messages.missingKind(path.join('.'), slotOf(path), kindsOf(here.oneOf), written), path: place, at: 'key' };
}

function explainValue(doc: SourceDoc, schema: JsonSchema, error: ErrorObject, path: Path): messages.Words {
  const located = closest(doc.root, path).found;
  const got = describeValue(located);
  const name = path.join('.') || 'the document';
  const about = schemaAt(schema, doc.value, path);
  switch (error.keyword) {
    case 'type':
    case 'anyOf':
      return messages.wrongType(name, describeExpected(about), got, typeHint(about, located, path));
    case 'enum':
      return explainEnum(schema, doc, located, about, path);
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return messages.outOfRange(name, describeRange(about), got);
    case 'pattern':
    case 'minLength':
      return messages.badPattern(name, got, about.description);
    case 'minItems':
      return messages.tooFew(name, about.minItems ?? 1);
    case 'uniqueItems':
      return messages.repeated(name);
    default:
      return messages.misfit(name, error.message ?? 'does not fit');
  }
}

function explainEnum(schema: JsonSchema, doc: SourceDoc, located: Located, about: JsonSchema, path: Path): messages.Words {
  const { content } = located;
  const owner = schemaAt(schema, doc.value, path.slice(0, -1));
  if (path.at(-1) === 'kind' && owner.oneOf) {
    const kinds = kindsOf(owner.oneOf);
    const slot = slotOf(path.slice(0, -1));
    if (typeof content !== 'string')
      return messages.wrongType(path.join('.'), `one of ${kinds.join(', ')}`, describeValue(located), undefined);
    return messages.unknownKind(slot, content, kinds, nearest(content, kinds));
  }
  if (typeof content !== 'string' || about.type === undefined) {
    return messages.wrongType(path.join('.'), describeExpected(about), describeValue(located), typeHint(about, located, path));
  }
  const words = (about.enum ?? []).map(String);
  return messages.unknownWord(path.join('.'), describeValue(located), words, nearest(content, words));
}

/** The schema of the value at a path, as far as the document decides it. */
export function schemaAt(schema: JsonSchema, value: unknown, path: Path): JsonSchema {
  const chosen = choose(schema, value);
  const [name, ...rest] = path;
  if (name === undefined) return chosen;
  const part = typeof name === 'number' ? chosen.items : chosen.properties?.[name];
  const inner = isObject(value) || Array.isArray(value) ? Reflect.get(value, name) : undefined;
  return part ? schemaAt(part, inner, rest) : {};
}

/** `model lstm`, `metric exact_match`, `training`, `an experiment`: the thing that a key is written in. */
export function nameOf(path: Path, value: unknown): string {
  if (path.length === 0) return 'an experiment';
  const here = path.reduce<unknown>(
    (inner, name) => (isObject(inner) || Array.isArray(inner) ? Reflect.get(inner, name) : undefined),
    value,
  );
  const kind = isObject(here) ? here['kind'] : undefined;
  return typeof kind === 'string' ? `${slotOf(path)} ${kind}` : path.join('.');
}

/** The word for what has this kind: `metrics.0` is a metric, `model.initializer` an initializer. */
function slotOf(path: Path): string {
  const name = path.findLast((part) => typeof part === 'string') ?? 'document';
  return typeof path.at(-1) === 'number' ? name.replace(/s$/, '') : name;
}

const describeKey = (key: string, schema: JsonSchema): string =>
  `${key}: ${describeExpected(schema)}${schema.description ? `; ${schema.description}` : ''}`.replace(/\.$/, '');

function pathOf(doc: SourceDoc, pointer: string): Path {
  let value: unknown = doc.value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(value) ? Number(name) : name;
      value = isObject(value) || Array.isArray(value) ? Reflect.get(value, step) : undefined;
      return step;
    });
}
