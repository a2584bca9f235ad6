import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/reading-messages.js';
import { whyUnreadable } from '../diagnostics/unreadable.js';
import type { Words } from '../diagnostics/words.js';
import { nearest } from '../diagnostics/nearest.js';

/** The bytes of a document, or in words why there are none. */
export function readDocument(file: string): { readonly bytes: Uint8Array } | { readonly diagnostics: readonly Diagnostic[] } {
  try {
    return { bytes: readFileSync(file) };
  } catch (error) {
    return { diagnostics: [{ ...explain(file, error), severity: 'error' }] };
  }
}

function explain(file: string, error: unknown): Words {
  switch (whyUnreadable(error)) {
    case 'missing':
      return messages.missingFile(file, nearestFile(file));
    case 'folder':
      return messages.isDirectory(file, documentsIn(file));
    case 'forbidden':
      return messages.noPermission(file);
    default:
      return messages.unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

/** The name in the same folder that was probably meant, as the person would type it. */
function nearestFile(file: string): string | undefined {
  const folder = dirname(file);
  const names = documentsIn(folder);
  const stem = (name: string) => name.replace(/\.ya?ml$/, '');
  const found =
    nearest(basename(file), names) ??
    names.find((name) => stem(name) === nearest(stem(basename(file)), names.map(stem)) || stem(name) === stem(basename(file)));
  return found === undefined ? undefined : folder === '.' && !file.startsWith('.') ? found : join(folder, found);
}

function documentsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted();
  } catch {
    return [];
  }
}
