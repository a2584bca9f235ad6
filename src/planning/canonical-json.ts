/**
 * JSON with one text per value: keys sorted by code unit, no spaces, numbers as the shortest decimal that reads back as the same double
 * (0.001 however it was written; -0 as 0). Throws for what JSON cannot say: NaN, infinities, functions.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) return canonicalMapping(value as Readonly<Record<string, unknown>>, canonicalJson);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`);
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`a ${typeof value} has no canonical JSON`);
  return text;
}

/** The canonical JSON of a mapping; `textOf` gives that of each value. */
export function canonicalMapping(mapping: Readonly<Record<string, unknown>>, textOf: (value: unknown, key: string) => string): string {
  let text = '';
  for (const key of Object.keys(mapping).toSorted()) {
    if (mapping[key] !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${textOf(mapping[key], key)}`;
  }
  return `{${text}}`;
}
