import { readdirSync, statSync } from 'node:fs';

/**
 * The files that a written path names: all below a folder, or those that a pattern matches (`*` is part of a name, `?` one sign of it, `**` any
 * folders); else the path itself, whether there is such a file or not. They are written as the path is; `open` says where a written path lies.
 * Hidden files are left out.
 */
export function listFiles(written: string, open: (path: string) => string): readonly string[] {
  if (isFolder(open(written))) return below(written, open);
  if (!/[*?]/.test(written) || isThere(open(written))) return [written];
  const fixed = written.slice(0, written.search(/[*?]/));
  const folder = fixed.slice(0, fixed.lastIndexOf('/') + 1);
  const pattern = new RegExp(`^${patternOf(written.slice(folder.length))}$`, 'u');
  return isFolder(open(folder || '.')) ? below(folder, open).filter((file) => pattern.test(file.slice(folder.length))) : [];
}

const below = (folder: string, open: (path: string) => string): readonly string[] =>
  readdirSync(open(folder || '.'), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' || folder.endsWith('/') ? `${folder}${entry.name}` : `${folder}/${entry.name}`;
    if (entry.name.startsWith('.')) return [];
    return isFolder(open(path)) ? below(path, open) : [path];
  });

/** A pattern as a regular expression; its other signs stand for themselves. */
const patternOf = (pattern: string): string =>
  pattern.replaceAll(/\*\*\/|\*\*|[*?]|[^*?]/gu, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part === '?' ? '[^/]' : part.replace(/[\\^$.|+()[\]{}]/, String.raw`\$&`);
  });

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
