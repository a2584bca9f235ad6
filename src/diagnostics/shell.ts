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
