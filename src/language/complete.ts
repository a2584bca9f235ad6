import { declaredAt, isObject, kindsOf, own, schemaAt, valueAt } from './choose.js';
import { experimentSchema, type Kind } from './experiment.js';
import type { JsonSchema } from './type.js';

interface Completion {
  /** What the whole argument becomes: `model.`, `model.hidden_size=`, `model.readout=last`. */
  readonly text: string;
  readonly description?: string;
}

/** How the argument of `--set` can go on where it changes an experiment. */
export const completeSet = (typed: string, stages: readonly Kind[], document: unknown = {}): readonly Completion[] =>
  completeValue(typed, experimentSchema(stages), document);

/** How the argument of `--set` can go on for a document of any kind, in the order of its schema; `document` decides which kinds are meant. */
export function completeValue(typed: string, schema: JsonSchema, document: unknown = {}): readonly Completion[] {
  const equals = typed.indexOf('=');
  const path = (equals < 0 ? typed : typed.slice(0, equals)).split('.').map((name) => (/^\d+$/.test(name) ? Number(name) : name));
  const above = path.slice(0, -1);
  if (equals < 0) {
    const before = typed.slice(0, typed.lastIndexOf('.') + 1);
    return keys(schemaAt(schema, document, above), valueAt(document, above), before).filter(({ text }) => text.startsWith(typed));
  }
  // The document's own kind leaves no choice: what counts here is what could stand in its place.
  const { oneOf } = declaredAt(schema, document, above);
  const words = oneOf && path.at(-1) === 'kind' ? kindsOf(oneOf) : values(schemaAt(schema, document, path));
  return words.map((word) => ({ text: `${typed.slice(0, equals)}=${word}` })).filter(({ text }) => text.startsWith(typed));
}

function keys(schema: JsonSchema, value: unknown, before: string): readonly Completion[] {
  if (schema.items) {
    const length = Array.isArray(value) ? value.length : 0;
    return Array.from({ length: length + 1 }, (_, index) => ({ text: `${before}${index}.` }));
  }
  const kinds = schema.oneOf && { kind: { description: 'What it is.', enum: kindsOf(schema.oneOf) } };
  return Object.entries(schema.properties ?? kinds ?? {}).map(([name, part]) => ({
    text: `${before}${name}${isLeaf(part, isObject(value) ? own(value, name) : undefined) ? '=' : '.'}`,
    ...(part.description !== undefined && { description: part.description }),
  }));
}

/** Words that can be written; numbers and texts are a person's own. */
function values(schema: JsonSchema): readonly string[] {
  if (schema.enum) return schema.enum.map(String);
  if (schema.anyOf) return schema.anyOf.flatMap(values);
  return schema.type === 'boolean' ? ['true', 'false'] : [];
}

/** A choice between a number and a mapping is a leaf unless the document has chosen the mapping; a list of plain values is one too. */
const isLeaf = ({ properties, oneOf, items }: JsonSchema, value: unknown): boolean =>
  !isObject(value) && !properties && !oneOf && !(items?.properties ?? items?.oneOf);
