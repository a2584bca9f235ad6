import { formatCount, formatMeasure, percent } from '../diagnostics/numbers.js';
import { quote } from '../diagnostics/words.js';

/** Answers to targets that are classes, and what is known of them. */
export interface Answers {
  readonly split: string;
  readonly classes: readonly string[];
  /** By class, how often it is right and how often it is answered. */
  readonly right: readonly number[];
  readonly answered: readonly number[];
  /** The largest difference that a class's probability has between two answers. */
  readonly spread: number;
  /** Of what does not choose: 95 % of what the accuracy comes to with as many examples. */
  readonly accuracy?: { readonly value: number; readonly low: number; readonly high: number };
  /** What is drawn for itself: `120 examples`, `5 subjects`. */
  readonly drawn: string;
}

/** With fewer answers, all may well be the same. */
const FEWEST = 10;

/** Probabilities that differ by less are the same whatever is read. */
const SAME = 0.01;

export function ignoresItsInput({ split, right, spread }: Answers): string | undefined {
  if (!(total(right) >= FEWEST && spread < SAME)) return undefined;
  return `On ${split} the probabilities of the classes are the same whatever is read (they differ by ${formatMeasure(spread, 2)} at most): the input is not used.`;
}

export function isOneClass({ split, classes, right, answered, spread }: Answers): string | undefined {
  const [only, another] = answered.flatMap((count, at) => (count > 0 ? [at] : []));
  const all = total(right);
  if (only === undefined || another !== undefined || all < FEWEST || spread < SAME || right[only] === all) return undefined;
  return `On ${split} every answer is ${quote(classes[only] ?? '')}, and ${formatCount(all - (right[only] ?? 0))} of ${formatCount(all)} are of another class.`;
}

/** An accuracy that chance alone moves by more says little. */
const WIDE = 0.1;

export function hasFewExamples({ split, accuracy, drawn }: Answers): string | undefined {
  if (!accuracy || accuracy.high - accuracy.low <= 2 * WIDE) return undefined;
  const { value, low, high } = accuracy;
  return `The ${drawn} of ${split} are few: an accuracy of ${percent(value, 2)} on them may be one from ${percent(low, 2)} to ${percent(high, 2)} on others (95 %).`;
}

const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
