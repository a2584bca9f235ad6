/** A word of a script for bash or sh that they take as it is. */
export const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
