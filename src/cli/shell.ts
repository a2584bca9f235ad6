/** A word that a shell takes as it is. */
export const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The same for a person's eyes: with quotes only where they are needed. */
export const forShell = (word: string): string => (/^[\w.=/+-]+$/.test(word) ? word : quoted(word));
