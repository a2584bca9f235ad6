import { ShellCompDirective } from '@bomb.sh/tab';
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { completeSet } from '../language/complete.js';
import { stages } from '../stages/registry.js';

/**
 * What a shell asks when a person presses Tab: `retable complete SHELL` prints its script, and the script calls `retable complete -- WORDS`.
 * Commands and options come from the parser. The argument of `--set` is answered here, by the schema: an answer is given back as text, and
 * undefined means that the parser knows better.
 */
export function answerCompletion(parser: Command, words: readonly string[]): string | undefined {
  const [before, typed = ''] = words.slice(-2);
  if (before !== '--set' && before !== '-s') {
    tab(parser);
    return undefined;
  }
  const document = readDocument(words.findLast((word) => /\.ya?ml$/.test(word)));
  const { ShellCompDirectiveNoSpace: noSpace, ShellCompDirectiveNoFileComp: noFile } = ShellCompDirective;
  return [
    ...completeSet(typed, stages, document).map(({ text, description = '' }) => `${text}\t${description}`),
    `:${noSpace | noFile}`,
  ].join('\n');
}

/** Without a document, or with one that can't be read, every kind is possible. */
function readDocument(file: string | undefined): unknown {
  try {
    return file === undefined ? {} : (parse(readFileSync(file, 'utf8')) as unknown);
  } catch {
    return {};
  }
}
