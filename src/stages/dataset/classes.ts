import { plainNumber } from '../../formats/table.js';
import type { Report } from '../stage.js';
import * as messages from './sequences/messages.js';
import type { Item, Parts } from './split.js';

/** Names of classes in order: as numbers where all are, else as text. */
export function namesOf(all: readonly Item[]): readonly string[] {
  const names = [...new Set(all.flatMap(({ targets }) => targets.map(String)))];
  const areNumbers = names.every((name) => Number.isFinite(Number(name)));
  return areNumbers ? names.toSorted((a, b) => Number(a) - Number(b)) : names.toSorted();
}

/** What is odd about the classes of a file: only one, one in two spellings, measures for names. */
export function reportOddClasses(all: readonly Item[], report: Report): void {
  const counts = new Map<string, number>();
  for (const { targets } of all) for (const target of targets) counts.set(String(target), (counts.get(String(target)) ?? 0) + 1);
  const names = [...counts.keys()];
  const [only] = names;
  if (names.length === 1 && only !== undefined) report(messages.oneClass(only, counts.get(only) ?? 0));
  for (const group of spellings(names)) report(messages.classesAlike(group.map((name) => [name, counts.get(name) ?? 0])));
  const numbers = names.map(plainNumber);
  if (!numbers.every((number) => number !== undefined)) return;
  const broken = names.find((name) => !Number.isInteger(plainNumber(name)));
  if (broken !== undefined) report(messages.classesAreMeasures(broken, names.length));
  // Two classes may well be called -1 and 1; where others count from 0, -1 is the usual mark of what nobody labelled.
  const unlabelled = names.find((name) => plainNumber(name) === -1);
  if (unlabelled !== undefined && numbers.includes(0) && numbers.every((number) => number >= -1) && names.length > 2)
    report(messages.perhapsUnlabelled(unlabelled, counts.get(unlabelled) ?? 0));
}

/** What is in a split that is called `Train` does not train. */
export function reportOddSplits(parts: Parts<Item>, report: Report): void {
  for (const group of spellings(parts.keys())) report(messages.splitsAlike(group.map((name) => [name, parts.get(name)?.length ?? 0])));
}

/** Names that differ only in upper and lower case, in blanks, or in how a number is written. */
export function spellings(names: Iterable<string>): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const number = plainNumber(name);
    // Long numbers are kept apart by their digits.
    const isKnown = number !== undefined && (Number.isSafeInteger(number) || !Number.isInteger(number));
    const key = !isKnown ? name.normalize('NFKC').replaceAll(/\s+/g, '').toLowerCase() : String(number);
    const group = groups.get(key);
    if (group) group.push(name);
    else groups.set(key, [name]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
