import type { Problem } from './diagnostic.js';

/** What a person reads of a mistake: one sentence without a full stop; the help says what to write instead. */
export type Words = Pick<Problem, 'code' | 'message' | 'help'>;

export const didYouMean = (word: string | undefined): { readonly help?: string } =>
  word === undefined ? {} : { help: `did you mean ${quote(word)}?` };

export const quote = (text: string): string => JSON.stringify(text);

export function listed(words: readonly string[], conjunction = 'or'): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What to do about a path that leads to nothing. */
export function pathHelp(written: string): string {
  if (/^https?:/.test(written)) return 'a path names a file of this machine: download it first';
  if (written.includes('\\')) return 'write "/" between folders, and not "\\"';
  return 'a path counts from the folder of the file that it is written in, and one in --set from the folder that you are in';
}

/** `an experiment`, `a sweep`, `an 80 % interval`. */
export const withArticle = (words: string): string => `${/^(?:[aeiou]|8|1[18](?!\d))/i.test(words) ? 'an' : 'a'} ${words}`;
