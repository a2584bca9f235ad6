import { closestMatch } from 'leven';
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

/** A table may have a hundred thousand columns; to look through all of them takes a second for each slip. */
const MOST_CANDIDATES = 5000;

/** The word that was probably meant: a slip of the fingers (`ltsm`, `Hidden-Size`), or an abbreviation (`lr` of `learning_rate`, `hidden` of `hidden_size`). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const known = candidates.slice(0, MOST_CANDIDATES).filter((candidate) => candidate !== word);
  const fold = (text: string) => text.toLowerCase().replace(/[\s-]+/g, '_');
  const letters = (text: string) => Array.from(fold(text)).toSorted().join('');
  const same = known.find((candidate) => fold(candidate) === fold(word)) ?? known.find((candidate) => letters(candidate) === letters(word));
  if (same) return same;
  const slip = closestMatch(fold(word), known, { maxDistance: Math.max(1, Math.floor(word.length / 3)) });
  return slip ?? only(known.filter((candidate) => abbreviates(fold(word), candidate)));
}

function abbreviates(short: string, long: string): boolean {
  const words = long.split('_');
  const initials = words.map((part) => part.charAt(0)).join('');
  return short.length > 1 && (initials === short || words.includes(short) || long.startsWith(short) || short.startsWith(`${long}_`));
}

/** What to write in place of an unknown word. */
export function meantOrKnown(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? `there is ${listed(known, 'and')}` : `did you mean ${quote(meant)}?`;
}

const only = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);

/**
 * A word of a command that is printed for a person to type, so that bash, zsh and PowerShell take it as it is: in quotes where one of them would
 * read a pattern, a list, a home folder or a variable in it. What holds both kinds of quotes, or signs that double quotes don't keep, is written as
 * bash and zsh want it.
 */
export function forShell(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!word.includes("'")) return `'${word}'`;
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", String.raw`'\''`)}'` : `"${word}"`;
}

/** `PATH=VALUE` behind its flag. */
export const setArgument = (argument: string): string => `--set ${forShell(argument)}`;

/** A word that begins with "=" is a program to zsh; "," makes a list in PowerShell. */
const PLAIN = /^(?!=)[\p{L}\p{N}_.=/:+-]+$/u;

/** A word of a script for bash or sh that they take as it is. */
export const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The argument of `--set` for a value: JSON is YAML on one line. */
export const argumentOf = ({ path, value }: { readonly path: string; readonly value: unknown }): string =>
  `${path}=${JSON.stringify(value)}`;
