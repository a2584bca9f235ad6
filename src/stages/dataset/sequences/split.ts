import { nearest } from '../../../diagnostics/words.js';
import type { Streams } from '../../../random/streams.js';
import type { Report } from '../../stage.js';
import type { Sequence } from './gather.js';

/** Sequences by split, `train` first. */
export type Parts = ReadonlyMap<string, readonly Sequence[]>;

interface Shares {
  readonly validation: number;
  readonly test: number;
}

/** Draws who validates and who tests: whole sequences, so that no step of one is known from training. */
export function drawSplits(sequences: readonly Sequence[], shares: Shares, streams: Streams, report: Report): Parts {
  const order = Int32Array.from(sequences.keys());
  streams.stream('dataset/split').shuffle(order);
  const counts = { validation: Math.round(shares.validation * sequences.length), test: Math.round(shares.test * sequences.length) };
  const sizes = new Map([['train', sequences.length - counts.validation - counts.test], ...Object.entries(counts)]);
  const parts = new Map<string, readonly Sequence[]>();
  let first = 0;
  for (const [name, size] of sizes) {
    if (size < 1 && (name === 'train' || shares[name as keyof Shares] > 0)) {
      report({
        code: 'empty-split',
        path: ['split'],
        message: `${sequences.length} sequences leave none for ${name === 'train' ? 'training' : name}`,
        help: 'take other shares, or more sequences',
      });
    }
    // In the order of the file, so that the order of the training examples is a matter of `shuffle` alone.
    const chosen = order.slice(first, first + Math.max(0, size)).toSorted((a, b) => a - b);
    if (name === 'train' || chosen.length > 0)
      parts.set(
        name,
        [...chosen].flatMap((index) => sequences[index] ?? []),
      );
    first += size;
  }
  return parts;
}

/** Splits as a column of the file names them; all others than `train`, `validation` and `test` come last, in the order of the file. */
export function readSplits(sequences: readonly Sequence[], column: string, report: Report): Parts {
  const names = [...new Set(sequences.map(({ split = '' }) => split))];
  if (!names.includes('train')) {
    const meant = names.find((name) => /^train/i.test(name)) ?? nearest('train', names);
    const others = meant === undefined ? `there is ${list(names)}` : `is ${JSON.stringify(meant)} meant?`;
    report({
      code: 'empty-split',
      path: ['split_column'],
      message: `no sequence is marked "train" in the column ${JSON.stringify(column)}`,
      help: `splits are called train, validation and test; ${others}`,
    });
  }
  const known = ['train', 'validation', 'test'];
  const ordered = ['train', ...known.slice(1).filter((name) => names.includes(name)), ...names.filter((name) => !known.includes(name))];
  return new Map(ordered.map((name) => [name, sequences.filter(({ split }) => split === name)]));
}

/** A class that training never shows cannot be learnt; one that only training shows is never measured. */
export function reportLonelyClasses(parts: Parts, report: Report): void {
  if (parts.size < 2) return;
  const classesOf = (sequences: readonly Sequence[]): Set<string> => new Set(sequences.flatMap(({ targets }) => targets.map(String)));
  const trained = classesOf(parts.get('train') ?? []);
  const measured = new Set<string>();
  for (const [split, sequences] of parts) {
    if (split === 'train') continue;
    const classes = classesOf(sequences);
    for (const name of classes) measured.add(name);
    const unknown = [...classes].filter((name) => !trained.has(name));
    if (unknown.length > 0 && trained.size > 0) {
      report({
        code: 'class-not-trained',
        path: ['target'],
        message: `${plural(unknown)} ${list(unknown)} ${unknown.length === 1 ? 'occurs' : 'occur'} in ${split} and not in training`,
        help: 'take another seed or more sequences, or say with split_column which sequences train',
      });
    }
  }
  const unmeasured = [...trained].filter((name) => !measured.has(name));
  if (unmeasured.length > 0) {
    report({
      code: 'class-not-measured',
      severity: 'warning',
      path: ['target'],
      message: `${plural(unmeasured)} ${list(unmeasured)} ${unmeasured.length === 1 ? 'occurs' : 'occur'} in training only`,
      help: `how well ${unmeasured.length === 1 ? 'it is' : 'they are'} told from others is not measured`,
    });
  }
}

const plural = (names: readonly string[]): string => (names.length === 1 ? 'the class' : 'the classes');
const list = (names: readonly string[]): string =>
  `${names
    .slice(0, 5)
    .map((name) => JSON.stringify(name))
    .join(', ')}${names.length > 5 ? `, … (${names.length})` : ''}`;
