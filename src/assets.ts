import { readFileSync } from 'node:fs';

/** The text of a file that comes with the program, by its path in `assets/`. */
export const asset = (path: string): string => readFileSync(new URL(`../assets/${path}`, import.meta.url), 'utf8');
