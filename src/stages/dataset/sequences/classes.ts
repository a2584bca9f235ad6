import type { Report } from '../../stage.js';
import type { Sequence } from './gather.js';
import * as messages from './messages.js';
import type { Parts } from './split.js';
import { plainNumber } from './table.js';

/** What is odd about the classes of a file: only one, one in two spellings, measures for names. */
export function reportOddClasses(all: readonly Sequence[], report: Report): void {
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

/** A number that never changes is learnt by the bias alone. */
export function reportConstantTarget(all: readonly Sequence[], report: Report): void {
  const [first] = all[0]?.targets ?? [];
  if (first !== undefined && all.every(({ targets }) => targets.every((target) => target === first)))
    report(messages.constantTarget(first));
}

/** Sequences of a split that is called `Train` do not train. */
export function reportOddSplits(parts: Parts, report: Report): void {
  for (const group of spellings(parts.keys())) report(messages.splitsAlike(group.map((name) => [name, parts.get(name)?.length ?? 0])));
}

/** A program that writes whole numbers with a fraction has one sequence end where another of that number begins. Other names may well be near each other. */
export function reportOddNames(all: readonly Sequence[], report: Report): void {
  const [alike] = spellings(all.flatMap(({ name }) => (plainNumber(name) === undefined ? [] : [name])));
  if (!alike) return;
  const places = all.filter(({ name }) => alike.includes(name)).map(({ place }) => place);
  report(messages.sequencesAlike(alike, places));
}

/** Names that differ only in upper and lower case, in blanks, or in how a number is written. */
function spellings(names: Iterable<string>): readonly (readonly string[])[] {
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
