import { closestMatch } from 'leven';

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

const only = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);
