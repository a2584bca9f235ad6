import type { Problem } from '../../diagnostics/diagnostic.js';
import { formatCount, plural } from '../../diagnostics/numbers.js';
import { listed, nearest, quote } from '../../diagnostics/words.js';
import type { Cell } from '../../formats/table.js';
import { Type } from '../../language/type.js';
import type { Stream, Streams } from '../../random/streams.js';
import type { Fact, Report } from '../stage.js';

/** What is in one split as a whole: a sequence, a text. */
export interface Item {
  /** Names of classes, or numbers: one, or one a step. */
  readonly targets: readonly Cell[];
  /** What the column of splits says of it. */
  readonly split?: string;
  /** What the column of groups says of it: whose it is. */
  readonly group?: string;
}

/** Items by split, `train` first. */
export type Parts<T extends Item> = ReadonlyMap<string, readonly T[]>;

interface Shares {
  readonly validation: number;
  readonly test: number;
}

/** How splits are drawn, as a document says it. `noun`: what the items are called there, in the singular. */
interface Drawing extends Shares {
  readonly noun: string;
  /** All items of a group stand in one split. */
  readonly group?: string | number | undefined;
  /** Each split has each class as often as all data have it, as nearly as may be. Of items with one answer each. */
  readonly stratify?: boolean | undefined;
}

const share = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, exclusiveMaximum: 1, otherwise: 'none', examples: [0.2], description }));

/** The option `split` of a dataset whose items are drawn. What is left out has no default, so that old work keeps its key. */
export const splitOption = (noun: string) =>
  Type.Optional(
    Type.Object(
      {
        validation: share(`Share of the ${noun}s that validates.`),
        test: share(`Share of the ${noun}s that tests.`),
        group: Type.Optional(
          Type.Either([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })], {
            otherwise: `each ${noun} is drawn for itself`,
            examples: ['subject'],
            description: `The column of whose ${noun} it is: a person, a machine. All ${noun}s of one value stand in one split.`,
          }),
        ),
        stratify: Type.Optional(
          Type.Boolean({
            otherwise: 'false',
            examples: [true],
            description: 'Give each split each class in the share that it has of all data. For classes, one answer each.',
          }),
        ),
      },
      { otherwise: 'a fifth tests', description: `Shares of the ${noun}s; the seed decides which ones.` },
    ),
  );

/** The split of a document that says nothing of it. */
export const A_FIFTH_TESTS = { validation: 0, test: 0.2 };

/**
 * Draws who validates and who tests: whole items, so that nothing of one is known from training. Each split keeps the order of the file, so that the
 * order of the training examples is a matter of `shuffle` alone.
 */
export function drawSplits<T extends Item>(items: readonly T[], drawing: Drawing, streams: Streams, report: Report): Parts<T> {
  const { noun, group, stratify } = drawing;
  const stream = streams.stream('dataset/split');
  const counts = { validation: Math.round(drawing.validation * items.length), test: Math.round(drawing.test * items.length) };
  const sizes = new Map([['train', items.length - counts.validation - counts.test], ...Object.entries(counts)]);
  for (const [name, size] of sizes) {
    if (size >= 1 || (name !== 'train' && drawing[name as keyof Shares] === 0)) continue;
    report({
      code: 'empty-split',
      path: ['split'],
      message: `${items.length} ${noun}s leave none for ${name === 'train' ? 'training' : name}`,
      help: `take other shares, or more ${noun}s`,
    });
  }
  const asked = new Map([...sizes].filter(([name, size]) => name === 'train' || size > 0));
  const draw = group !== undefined ? drawGroups : stratify ? drawByClass : drawAny;
  const chosen = draw(items, asked, drawing, stream, report);
  return new Map(
    [...asked.keys()].map((name) => [name, (chosen.get(name) ?? []).toSorted((a, b) => a - b).flatMap((at) => items[at] ?? [])]),
  );
}

/** By split, the indices of its items. */
type Chosen = ReadonlyMap<string, readonly number[]>;

function drawAny(items: readonly Item[], sizes: ReadonlyMap<string, number>, _: Drawing, stream: Stream): Chosen {
  const order = shuffled(items.length, stream);
  let first = 0;
  return new Map([...sizes].map(([name, size]) => [name, order.slice(first, (first += Math.max(0, size)))]));
}

const shuffled = (length: number, stream: Stream): readonly number[] => {
  const order = Int32Array.from({ length }, (_, at) => at);
  stream.shuffle(order);
  return [...order];
};

/**
 * Cuts each class by itself. A split of n items has of a class with the share p of all data n p of them, rounded so that n come together (largest
 * remainder), and one of each class at least.
 */
function drawByClass(
  items: readonly Item[],
  sizes: ReadonlyMap<string, number>,
  { noun }: Drawing,
  stream: Stream,
  report: Report,
): Chosen {
  const classes = [...indicesBy(items, classOf, shuffled(items.length, stream))];
  const counts = classes.map(([, { length }]) => length);
  const rare = classes.filter(([, { length }]) => length < sizes.size);
  const small = [...sizes].find(([, size]) => size < classes.length);
  if (rare.length > 0) report(rareClasses(rare, sizes.size, noun));
  else if (small) report(smallSplit(small, classes.length, noun));
  if (rare.length > 0 || small) return new Map();
  const left = classes.map(([, members]) => members);
  const cut = (size: number): readonly number[] => apportion(size, counts).flatMap((count, at) => left[at]?.splice(0, count) ?? []);
  const drawn = [...sizes].filter(([name]) => name !== 'train').map(([name, size]) => [name, cut(size)] as const);
  return new Map([['train', left.flat()], ...drawn]);
}

/** `size` of the items of all classes, in the shares of the classes, one of each at least. */
function apportion(size: number, classes: readonly number[]): readonly number[] {
  const total = classes.reduce((a, b) => a + b, 0);
  const quotas = classes.map((count) => (size * count) / total);
  const counts = quotas.map((quota) => Math.max(1, Math.floor(quota)));
  const lack = (at: number): number => (quotas[at] ?? 0) - (counts[at] ?? 0);
  for (let open = size - counts.reduce((a, b) => a + b, 0); open !== 0; open -= Math.sign(open)) {
    const may = [...counts.keys()].filter((at) => open > 0 || (counts[at] ?? 0) > 1);
    const at = may.reduce((a, b) => (Math.sign(open) * (lack(b) - lack(a)) > 0 ? b : a));
    counts[at] = (counts[at] ?? 0) + Math.sign(open);
  }
  return counts;
}

/** How many orders of the groups are tried. */
const TRIES = 20;

/** Items that stay together: their indices, and how many they are, by class. */
interface Group {
  readonly members: readonly number[];
  readonly counts: readonly number[];
}

/**
 * Fills the splits with whole groups, in a drawn order: a group that brings a split nearer to its share is taken, another one is passed over, and what is
 * left trains. With `stratify` each class has that share, as in scikit-learn's StratifiedGroupKFold. Of some drawn orders the one that comes nearest is
 * kept. (scikit-learn's GroupShuffleSplit takes a share of the groups, whatever their sizes.)
 */
function drawGroups(items: readonly Item[], sizes: ReadonlyMap<string, number>, drawing: Drawing, stream: Stream, report: Report): Chosen {
  const kindOf = drawing.stratify ? classOf : (): string => '';
  const kinds = [...indicesBy(items, kindOf)].map(([kind, { length }], at) => ({ kind, length, at }));
  const places = new Map(kinds.map(({ kind, at }) => [kind, at]));
  const groups = [...indicesBy(items, groupOf).values()].map((members): Group => {
    const counts = kinds.map(() => 0);
    for (const index of members) {
      const at = places.get(kindOf(items[index])) ?? 0;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    return { members, counts };
  });
  if (groups.length < sizes.size) {
    report(tooFewGroups(groups.length, sizes.size, drawing));
    return new Map();
  }
  /** Of each class, the share that these are, less the one that they should be. A rare class counts as a frequent one does. */
  const distance = (counts: readonly number[], size: number): number =>
    kinds.reduce((sum, { length, at }) => sum + ((counts[at] ?? 0) / length - size / items.length) ** 2, 0);
  const drawn = [...sizes].filter(([name]) => name !== 'train');
  const attempt = (): { readonly parts: ReadonlyMap<string, readonly Group[]>; readonly distance: number } => {
    let left = shuffled(groups.length, stream).flatMap((at) => groups[at] ?? []);
    let far = 0;
    const parts = new Map<string, readonly Group[]>();
    for (const [i, [name, size]] of drawn.entries()) {
      // Each split that comes after it must have a group, and training too.
      const taken = nearestOf(left, left.length - (drawn.length - i), (counts) => distance(counts, size));
      left = left.filter((group) => !taken.groups.has(group));
      far += taken.distance;
      parts.set(name, [...taken.groups]);
    }
    return { parts: parts.set('train', left), distance: far };
  };
  const { parts } = Array.from({ length: TRIES }, attempt).reduce((a, b) => (b.distance < a.distance ? b : a));
  return new Map([...parts].map(([name, taken]) => [name, taken.flatMap(({ members }) => members)]));
}

/** At most so many of the groups, in their order, each of which lessens the distance; one at least. */
function nearestOf(groups: readonly Group[], most: number, distanceOf: (counts: readonly number[]) => number) {
  const taken = new Set<Group>();
  let counts: readonly number[] = groups[0]?.counts.map(() => 0) ?? [];
  let distance = distanceOf(counts);
  for (const group of groups) {
    if (taken.size >= most) break;
    const next = counts.map((count, at) => count + (group.counts[at] ?? 0));
    const nextDistance = distanceOf(next);
    if (nextDistance >= distance) continue;
    taken.add(group);
    [counts, distance] = [next, nextDistance];
  }
  if (taken.size > 0) return { groups: taken, distance };
  const nearest = groups.reduce((a, b) => (distanceOf(b.counts) < distanceOf(a.counts) ? b : a));
  return { groups: new Set([nearest]), distance: distanceOf(nearest.counts) };
}

const classOf = (item: Item | undefined): string => String(item?.targets[0]);
const groupOf = (item: Item | undefined): string => item?.group ?? '';

/** Indices of items by what they are, in the order given. */
function indicesBy(
  items: readonly Item[],
  what: (item: Item | undefined) => string,
  order: Iterable<number> = items.keys(),
): ReadonlyMap<string, number[]> {
  const found = new Map<string, number[]>();
  for (const at of order) {
    const name = what(items[at]);
    const others = found.get(name);
    if (others) others.push(at);
    else found.set(name, [at]);
  }
  return found;
}

const STRATIFY = ['split', 'stratify'];

function rareClasses(rare: readonly (readonly [name: string, members: readonly number[]])[], splits: number, noun: string): Problem {
  const shown = rare.slice(0, 3).map(([name, { length }]) => `${quote(name)} (${plural(length, noun)})`);
  const others = rare.length > shown.length ? [`${formatCount(rare.length - shown.length)} more`] : [];
  return {
    code: 'too-few-to-stratify',
    path: STRATIFY,
    message: `each of ${splits} splits wants one ${noun} of a class, and there are fewer of ${listed([...shown, ...others], 'and')}`,
    help: `leave stratify out, or take ${noun}s of rare classes out of the file`,
  };
}

const smallSplit = ([split, size]: readonly [string, number], classes: number, noun: string): Problem => ({
  code: 'too-few-to-stratify',
  path: STRATIFY,
  message: `${plural(size, noun)} of ${split} can't show each of ${classes} classes`,
  help: 'take a larger share, or leave stratify out',
});

const tooFewGroups = (groups: number, splits: number, { noun, group }: Drawing): Problem => ({
  code: 'too-few-groups',
  path: ['split', 'group'],
  message: `${quote(String(group))} has ${plural(groups, 'value')}, and each of ${splits} splits wants one`,
  help: groups < 2 ? `name the column that says whose a ${noun} is` : 'leave validation out, or add data of others',
});

/** How many groups stand in each split, none in two. */
export function groupsFact<T extends Item>(parts: Parts<T>, group: Drawing['group']): readonly Fact[] {
  if (group === undefined || parts.size === 0) return [];
  const counts = [...parts].map(([split, items]) => `${formatCount(new Set(items.map(groupOf)).size)} ${split}`);
  return [{ key: 'groups', name: `values of ${quote(String(group))}`, value: counts.join(', ') }];
}

/** Splits as a column of the file names them; all others than `train`, `validation` and `test` come last, in the order of the file. */
export function readSplits<T extends Item>(items: readonly T[], column: string, noun: string, report: Report): Parts<T> {
  const names = [...new Set(items.map(({ split = '' }) => split))];
  if (!names.includes('train')) {
    const meant = names.find((name) => /^train/i.test(name)) ?? nearest('train', names);
    const others = meant === undefined ? `there is ${list(names)}` : `is ${quote(meant)} meant?`;
    report({
      code: 'empty-split',
      path: ['split_column'],
      message: `no ${noun} is marked "train" in the column ${quote(column)}`,
      help: `splits are called train, validation and test; ${others}`,
    });
  }
  const known = ['train', 'validation', 'test'];
  const ordered = ['train', ...known.slice(1).filter((name) => names.includes(name)), ...names.filter((name) => !known.includes(name))];
  return new Map(ordered.map((name) => [name, items.filter(({ split }) => split === name)]));
}

/** A class that training never shows cannot be learnt; one that only training shows is never measured. */
export function reportLonelyClasses<T extends Item>(parts: Parts<T>, noun: string, report: Report): void {
  if (parts.size < 2) return;
  const classesOf = (items: readonly T[]): Set<string> => new Set(items.flatMap(({ targets }) => targets.map(String)));
  const trained = classesOf(parts.get('train') ?? []);
  const measured = new Set<string>();
  for (const [split, items] of parts) {
    if (split === 'train') continue;
    const classes = classesOf(items);
    for (const name of classes) measured.add(name);
    const unknown = [...classes].filter((name) => !trained.has(name));
    if (unknown.length > 0 && trained.size > 0) {
      report({
        code: 'class-not-trained',
        path: ['target'],
        message: `${classesNamed(unknown)} ${list(unknown)} ${unknown.length === 1 ? 'occurs' : 'occur'} in ${split} and not in training`,
        help: `take another seed or more ${noun}s, or say with split_column which ${noun}s train`,
      });
    }
  }
  const unmeasured = [...trained].filter((name) => !measured.has(name));
  if (unmeasured.length > 0) {
    report({
      code: 'class-not-measured',
      severity: 'warning',
      path: ['target'],
      message: `${classesNamed(unmeasured)} ${list(unmeasured)} ${unmeasured.length === 1 ? 'occurs' : 'occur'} in training only`,
      help: `how well ${unmeasured.length === 1 ? 'it is' : 'they are'} told from others is not measured`,
    });
  }
}

const classesNamed = (names: readonly string[]): string => (names.length === 1 ? 'the class' : 'the classes');
const list = (names: readonly string[]): string =>
  `${names.slice(0, 5).map(quote).join(', ')}${names.length > 5 ? `, … (${names.length})` : ''}`;
