import { RecordError } from './error.js';
import { readIfThere, type Files } from './files.js';

/** What a JSON file of a record holds; null when it isn't there. A file that was cut, or holds something else, is a RecordError. */
export function readJsonIfThere<T>(files: Files, path: string, isRight: (value: unknown) => boolean): T | null {
  const text = readIfThere(files, path);
  return text === null ? null : parseJson<T>(text, path, isRight);
}

/** The value of a text of a record, as far as it is checked: the caller names what it must be. */
export function parseJson<T>(text: string, path: string, isRight: (value: unknown) => boolean): T {
  const value = valueOf(text);
  if (value === undefined || !isRight(value)) throw new RecordError(path, 'read', 'EBADMSG');
  return value as T;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
