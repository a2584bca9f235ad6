import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import type { Place } from '../diagnostics/diagnostic.js';
import { shown } from '../host/folders.js';

type Files = ReadonlyMap<string, string>;

/** The topmost place of an error's stack that lies in one of these files. */
export function placeOfError(error: unknown, files: Files): Place | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .map((line) => placeIn(line, files))
    .find((place) => place !== undefined);
}

/** Node tells where a module breaks the grammar on stderr only. */
export function placeOfSyntaxError(files: Files): Place | undefined {
  for (const file of files.keys()) {
    try {
      execFileSync(process.execPath, ['--check', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      const said = (error as { readonly stderr?: Buffer }).stderr?.toString() ?? '';
      const [, carets = ''] = /^( *\^+)$/m.exec(said) ?? [];
      const place = placeIn(said.split('\n')[0] ?? '', files);
      return place && { ...place, column: Math.max(1, carets.indexOf('^') + 1), length: Math.max(1, carets.trim().length) };
    }
  }
  return undefined;
}

function placeIn(line: string, files: Files): Place | undefined {
  for (const [file, text] of files) {
    for (const name of [pathToFileURL(file).href, file]) {
      const at = line.indexOf(`${name}:`);
      if (at < 0) continue;
      const [, row = '1', column = '1'] = /^:(\d+)(?::(\d+))?/.exec(line.slice(at + name.length)) ?? [];
      const written = text.split(/\r\n|\r|\n/)[Number(row) - 1] ?? '';
      const [word = ''] = /^[\w$]*/.exec(written.slice(Number(column) - 1)) ?? [];
      return { file: shown(file), line: Number(row), column: Number(column), length: Math.max(1, word.length), text: written };
    }
  }
  return undefined;
}
