import { join } from 'node:path';
import { isObject, readIfThere } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';

/** Where a run was made, as its record has it: facts by name, versions by package. Nothing of a run whose record doesn't say. */
export function readEnvironment(store: Store, { folder }: RunPlace): readonly (readonly [name: string, value: string])[] {
  const text = readIfThere(store.files, join(folder, 'artifacts', 'environment.json'));
  return Object.entries(text === null ? {} : parse(text)).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, version]) => [key, String(version)] as const)
      : [[name.replaceAll('_', ' '), String(value)] as const],
  );
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const kept: unknown = JSON.parse(text);
    return isObject(kept) ? kept : {};
  } catch {
    return {}; // torn by a crash
  }
}
