import { isMap, isPair, isScalar, parseDocument, type YAMLMap } from 'yaml';

/** The fields of a meta.yaml. What is written is a string, a whole number, null, an empty list or one level of strings. */
export type MetaFields = Readonly<Record<string, string | number | null | readonly [] | Readonly<Record<string, string>>>>;

/** The fields as text, so that an id of digits stays what it is; what is neither a scalar nor a map of them is left out. */
type MetaText = Readonly<Record<string, string | null | Readonly<Record<string, string>>>>;

/** One field a line, every string quoted: names like `yes` and ids of digits stay strings for every reader. */
export const formatMeta = (fields: MetaFields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${formatValue(value)}\n`)
    .join('');

/** Reads what `formatMeta` writes, and what MLflow writes. Throws when it isn't YAML, or no map. */
export function parseMeta(text: string): MetaText {
  return parseOwn(text) ?? parseAny(text);
}

function formatValue(value: MetaFields[string]): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return formatWhole(value);
  const pairs = Object.entries(value).map(([name, inner]) => `${quote(name)}: ${quote(inner)}`);
  return Array.isArray(value) ? '[]' : `{${pairs.join(', ')}}`;
}

/** MLflow's numbers are whole; from a meta.yaml with another one it can't read anything. */
function formatWhole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} must be whole`);
  return String(value);
}

/** A JSON string is a YAML string, but for the characters that PyYAML doesn't take as they are or reads as line breaks. */
const quote = (text: string): string =>
  JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The lines that `formatMeta` writes, much faster than YAML as such; null when any line is of another kind. */
function parseOwn(text: string): MetaText | null {
  const fields: Record<string, string | null> = {};
  for (const line of text.split('\n')) {
    if (line === '' || line.endsWith(': []')) continue;
    const [, name = '', value = ''] = /^(\w+): ("(?:[^"\\]|\\.)*"|-?\d+|null)$/.exec(line) ?? [];
    if (name === '') return null;
    fields[name] = value === 'null' ? null : value.startsWith('"') ? String(JSON.parse(value)) : value;
  }
  return Object.keys(fields).length > 0 ? fields : null;
}

function parseAny(text: string): MetaText {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw error;
  if (!isMap(document.contents)) throw new Error('no fields');
  return Object.fromEntries(
    scalars(document.contents).flatMap(([name, value]): [string, MetaText[string]][] => {
      if (isMap(value)) return [[name, Object.fromEntries(scalars(value).map(([inner, scalar]) => [inner, plainText(scalar) ?? '']))]];
      return isScalar(value) ? [[name, plainText(value)]] : [];
    }),
  );
}

const scalars = (map: YAMLMap): readonly (readonly [string, unknown])[] =>
  map.items.flatMap((item) => (isPair(item) && isScalar(item.key) ? [[plainText(item.key) ?? '', item.value] as const] : []));

/** The text as it stands in the file: a plain 18-digit number would lose its last digits as a number. */
function plainText(value: unknown): string | null {
  if (!isScalar(value) || value.value === null) return null;
  return typeof value.value === 'string' ? value.value : (value.source ?? String(value.value));
}
