import { formatCount, formatDuration, formatMeasure } from '../../diagnostics/numbers.js';
import { visibleWidth } from '../../diagnostics/columns.js';
import { cut, pad } from '../kit/tables.js';

/** What is known of a run while it trains. */
export interface Progress {
  /** The one that is being trained, from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Of this epoch, 0 to 1. */
  readonly share: number;
  /** Mean over this epoch so far. */
  readonly loss?: number;
  /** By key, as of the last evaluation: `test/exact_match`. */
  readonly metrics?: Readonly<Record<string, number>>;
  readonly examplesPerSecond?: number;
  readonly secondsLeft?: number;
}

/**
 * The live line of a terminal of so many columns: `epoch 12/50 ━━━━━────  loss 0.02516  test/exact_match 0.9165  145,000 examples/s  8 s left`.
 * Where that is too long, the last metrics leave first, then speed, then the bar; it never wraps.
 */
export function progressLine(progress: Progress, width: number): string {
  const { epoch, epochs, loss, metrics = {}, examplesPerSecond, secondsLeft } = progress;
  const bar: Part = { matters: 60, text: '─'.repeat(SHORTEST_BAR) };
  const parts: readonly Part[] = [
    { matters: 100, text: `epoch ${pad(formatCount(epoch), formatCount(epochs).length, 'right')}/${formatCount(epochs)}` },
    bar,
    ...(loss === undefined ? [] : [{ matters: 90, text: `loss ${formatMeasure(loss)}` }]),
    ...Object.entries(metrics).map(([key, value], index) => ({ matters: 50 - index, text: `${key} ${formatMeasure(value)}` })),
    ...(examplesPerSecond === undefined ? [] : [{ matters: 20, text: `${formatSpeed(examplesPerSecond)} examples/s` }]),
    ...(secondsLeft === undefined ? [] : [{ matters: 80, text: `${formatDuration(secondsLeft)} left` }]),
  ];
  const columns = width - 1;
  const kept = fitting(parts, columns);
  const barWidth = Math.min(LONGEST_BAR, SHORTEST_BAR + columns - columnsOf(kept));
  const texts = kept.map((part) => (part === bar ? progressBar((epoch - 1 + progress.share) / epochs, barWidth) : part.text));
  return cut(texts.join(BETWEEN), columns);
}

interface Part {
  readonly matters: number;
  readonly text: string;
}

const SHORTEST_BAR = 6;
const LONGEST_BAR = 24;
const BETWEEN = '  ';

/** What fits into so many columns, in its own order: while it is too long, what matters least leaves. The first part stays. */
function fitting(parts: readonly Part[], columns: number): readonly Part[] {
  if (parts.length <= 1 || columnsOf(parts) <= columns) return parts;
  const least = parts.reduce((a, b) => (b.matters < a.matters ? b : a));
  return fitting(
    parts.filter((part) => part !== least),
    columns,
  );
}

const columnsOf = (parts: readonly Part[]): number => visibleWidth(parts.map(({ text }) => text).join(BETWEEN));

export function progressBar(share: number, width: number): string {
  const done = Math.round(Math.max(0, Math.min(1, share)) * width);
  return '━'.repeat(done) + '─'.repeat(width - done);
}

/** An epoch that is done. */
interface EpochResult {
  readonly epoch: number;
  readonly epochs: number;
  /** By key, in the order in which they are to be read. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly examplesPerSecond?: number;
}

/** One epoch as one line of a log: `epoch  3/50  train/loss 0.1510  test/exact_match 0.09500  0.6 s  133,000 examples/s`. */
export function epochLine({ epoch, epochs, metrics, seconds, examplesPerSecond }: EpochResult): string {
  return [
    `epoch ${pad(formatCount(epoch), formatCount(epochs).length, 'right')}/${formatCount(epochs)}`,
    ...Object.entries(metrics).map(([key, value]) => `${key} ${formatMeasure(value)}`),
    formatDuration(seconds),
    ...(examplesPerSecond === undefined ? [] : [`${formatSpeed(examplesPerSecond)} examples/s`]),
  ].join('  ');
}

/** Three digits of a speed are more than are true: `145,000`. */
export const formatSpeed = (perSecond: number): string => formatCount(Number(perSecond.toPrecision(3)));
