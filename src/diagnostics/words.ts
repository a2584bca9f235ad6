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
