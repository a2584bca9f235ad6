import { quote, listed } from '../diagnostics/words.js';
import { isList, isMapping, type Located, type Path } from './located.js';
import { hasDefault, requiredKeys, type JsonSchema } from './type.js';

/** What is asked for, in a YAML writer's words: `a whole number of at least 1`, `last or every`. */
export function describeExpected(schema: JsonSchema): string {
  if (schema.enum) return listed(schema.enum.map(String));
  if (schema.anyOf) return listed(schema.anyOf.map(describeExpected));
  if (schema.oneOf) return 'a mapping with a kind';
  switch (schema.type) {
    case 'integer':
    case 'number':
      return describeNumber(schema);
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return 'a mapping';
    default:
      return 'something else';
  }
}

function describeNumber(schema: JsonSchema): string {
  const range = describeRange(schema);
  return `${schema.type === 'integer' ? 'a whole number' : 'a number'}${range && (/^(at|from)/.test(range) ? `, ${range}` : ` ${range}`)}`;
}

/** `above 0 and below 1`; empty where any number does. */
export function describeRange({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`;
  const bounds = [
    minimum !== undefined && `at least ${minimum}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    maximum !== undefined && `at most ${maximum}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ];
  return bounds.filter((bound) => bound !== false).join(' and ');
}

/** What was written: `text "32"`, `0.5`, `a list`, `nothing`. */
export function describeValue({ content }: Located): string {
  if (content === null) return 'nothing';
  if (isList(content)) return content.length === 0 ? 'an empty list' : 'a list';
  if (isMapping(content)) return 'a mapping';
  if (typeof content === 'number' && !Number.isFinite(content)) return String(content).replace('Infinity', '.inf').replace('NaN', '.nan');
  return typeof content === 'string' ? `text ${quote(content.length > 40 ? `${content.slice(0, 40)}…` : content)}` : String(content);
}

/** The way from what was written to what was probably meant. */
export function typeHint(schema: JsonSchema, located: Located, path: Path): string | undefined {
  const { content, quoted } = located;
  const name = path.findLast((part) => typeof part === 'string') ?? '';
  const wants = [schema.type, ...(schema.anyOf ?? []).map((part) => part.type)];
  if (typeof content === 'string') {
    if (wants.includes('boolean')) return truthHint(content);
    if (wants.includes('number') || wants.includes('integer')) return numberHint(content, quoted ?? false);
  }
  if (typeof content === 'number' || typeof content === 'boolean') {
    if (wants.includes('string')) return `put it in quotes: ${name}: ${quote(String(content))}`;
    if (wants.includes('boolean') && (content === 0 || content === 1)) return `write ${content === 1}`;
  }
  if (schema.oneOf && typeof content === 'string') {
    const kind = content.replace(/^kind[ =:]+/, '');
    return `write ${typeof path.at(-1) === 'number' ? '' : `${name}: `}{kind: ${kind}}`;
  }
  if (isList(content) && (wants.includes('number') || wants.includes('integer'))) return 'one value stands here; a sweep tries several';
  if (schema.type === 'array' && content !== null) {
    if (isMapping(content) && Array.from(content.keys()).some((key) => key.startsWith('-')))
      return 'put a blank after the dash of each item';
    const isWord = typeof content === 'string' && schema.items?.type === 'string';
    return isWord ? `write ${name}: [${content}]` : 'write each item on a line of its own, behind "- "';
  }
  if (schema.properties && content !== null && !isList(content) && !isMapping(content)) return mappingHint(schema, content, name);
  if (content === null) return hasDefault(schema) ? 'give it a value, or delete the line' : 'give it a value';
  return undefined;
}

/** The keys that a mapping must have, with what was written where a single one can take it: `{size: 64}`. */
function mappingHint(schema: JsonSchema, content: string | number | boolean, name: string): string | undefined {
  const keys = requiredKeys(schema);
  if (keys.length === 0) return undefined;
  const takes = keys.length === 1 && typeof content === 'number' && /number|integer/.test(schema.properties?.[keys[0] ?? '']?.type ?? '');
  return `write ${name}: {${keys.map((key) => `${key}: ${takes ? content : '…'}`).join(', ')}}`;
}

/** A share that was given in percent. */
export function rangeHint(
  { type, minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema,
  { content }: Located,
): string | undefined {
  const isShare = type === 'number' && (minimum ?? exclusiveMinimum) === 0 && (maximum ?? exclusiveMaximum) === 1;
  return isShare && typeof content === 'number' && content > 1 && content < 100
    ? `a share of ${content} percent is ${content / 100}`
    : undefined;
}

function truthHint(text: string): string | undefined {
  const word = text.toLowerCase();
  if (['yes', 'on', 'y', 'true'].includes(word)) return `YAML 1.2 reads ${quote(text)} as text; write true`;
  if (['no', 'off', 'n', 'false'].includes(word)) return `YAML 1.2 reads ${quote(text)} as text; write false`;
  return undefined;
}

function numberHint(text: string, quoted: boolean): string | undefined {
  if (isNumber(text)) return quoted ? `remove the quotes: ${text.trim()}` : `write ${Number(text)}`;
  if (/^\d+:\d/.test(text)) return 'YAML 1.2 reads it as text, not as a time';
  const meant = numberMeant(text);
  if (meant === undefined) return undefined;
  return /\d#/.test(text) ? `write ${meant}, and a blank before "#"` : `write ${meant}`;
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

/** The number that a text was probably meant to be: `1,000`, `5%`, `1/3`, `0,001`, `32k`. */
export function numberMeant(text: string): number | undefined {
  if (isNumber(text)) return Number(text);
  const [, over, under] = /^(\d+)\s*\/\s*(\d+)$/.exec(text) ?? [];
  const repairs = [
    text.replaceAll('_', ''),
    text.replaceAll(/(?<=[1-9]\d*),(?=\d{3}\b)/g, ''),
    text.replace(',', '.'),
    text.replaceAll(/[\u2010-\u2015\u2212]/g, '-'),
    text.replace(/%$/, 'e-2'),
    String(Number(over) / Number(under)),
    text.replace(/(?<=\d)[^\d.]+$/, ''),
  ];
  const repaired = repairs.find((candidate) => candidate !== text && isNumber(candidate));
  return repaired === undefined ? undefined : Number(repaired);
}
