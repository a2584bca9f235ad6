import { visibleWidth } from '../../diagnostics/columns.js';
import { formatCount, formatDuration, formatMeasure, formatSetting, plural } from '../../diagnostics/numbers.js';
import { brailleCurve, decideScale } from '../kit/scale.js';
import { cut, pad, PLAIN, textBlocks, type TextStyle, textTable, wrap } from '../kit/tables.js';
import { isSpeed, type Point, type RunRecord, splitKey, tookSeconds, wordOf } from '../../run/run-record.js';

const WIDTH = 100;

interface Telling {
  readonly style?: TextStyle;
  /** Columns of the terminal; without it commands stand beside what they do, however long they are. */
  readonly width?: number;
  /** What is said under the numbers; all that is known, when left out. */
  readonly sentences?: readonly string[];
}

/** What a person reads when a run is over: the numbers with what they are to be compared with, the curve, and where to look further. */
export function describeRun(run: RunRecord, { style = PLAIN, width = Infinity, sentences = run.notes }: Telling = {}): string {
  const parts: readonly (readonly string[])[] = [
    [`${style.heading(run.experiment)}  ${style.faint(headline(run))}`],
    metricTable(run, style, width),
    lossCurve(run, style),
    sentences.flatMap((sentence) => wrap(sentence, Math.min(width, WIDTH))),
    [`record  ${run.folder}`],
    commandLines(run.commands, width, style),
  ];
  return textBlocks(parts);
}

/** Each command beside what it does; where a terminal is too narrow for that, above it, so that it is copied in one piece. */
function commandLines(commands: RunRecord['commands'], width: number, { faint }: TextStyle): readonly string[] {
  const lines = textTable(commands.map(({ command, does }) => [command, faint(does)]));
  if (lines.every((line) => visibleWidth(line) <= width)) return lines;
  return commands.flatMap(({ command, does }) => [command, ...wrap(does, width - 2).map((line) => faint(`  ${line}`))]);
}

/** `finished: 50 epochs in 32 s, 145,000 examples/s; run 3f2a9c44, seed 1` */
export function headline(run: RunRecord): string {
  const epochs = [...run.metrics.values()].reduce((most, points) => Math.max(most, points.at(-1)?.step ?? 0), 0);
  const seconds = epochs === 0 ? undefined : tookSeconds(run);
  const seed = run.parameters.get('seed')?.value;
  const [speed] = (['tokens', 'examples'] as const).flatMap((of) => {
    const perSecond = meanSpeed(run.metrics.get(`train/${of}_per_second`) ?? []);
    return perSecond === undefined ? [] : [{ perSecond, of }];
  });
  const work = [`${plural(epochs, 'epoch')}${seconds === undefined ? '' : ` in ${formatDuration(seconds)}`}`, speed && formatSpeed(speed)];
  const names = [`run ${run.runId.slice(0, 8)}`, seed === undefined ? undefined : `seed ${seed}`];
  return `${wordOf(run.status)}: ${[work, names].map((part) => part.filter((word) => word !== undefined).join(', ')).join('; ')}`;
}

/** Examples over time, not the mean of speeds: a slow epoch counts for as long as it took. */
function meanSpeed(points: readonly Point[]): number | undefined {
  const speeds = points.map(({ value }) => value).filter((value) => Number.isFinite(value) && value > 0);
  return speeds.length === 0 ? undefined : speeds.length / speeds.reduce((seconds, speed) => seconds + 1 / speed, 0);
}

/** A metric as it ended, with what it is to be compared with. */
interface MetricResult {
  readonly key: string;
  readonly last: Point;
  /** With the weights that are kept, where those are of an earlier epoch. */
  readonly kept: Point | undefined;
  readonly best: Point | undefined;
  readonly chance: number | undefined;
}

/** What was measured, but for speed. */
export const resultsOf = (run: RunRecord): readonly MetricResult[] =>
  [...run.metrics].flatMap(([key, points]) => {
    const last = points.at(-1);
    const { metric } = splitKey(key);
    if (!last || isSpeed(run, metric)) return [];
    const better = run.about[metric]?.better ?? (metric === 'loss' ? 'lower' : undefined);
    const kept = points.find(({ step }) => step === run.kept);
    return [{ key, last, kept, best: bestPoint(points, better), chance: run.chance[key] }];
  });

function metricTable(run: RunRecord, style: TextStyle, width: number): readonly string[] {
  const results = resultsOf(run);
  const rows = results.map(({ key, last, kept, best, chance }) => [
    key,
    formatMeasure(last.value),
    ...(run.kept === undefined ? [] : [kept ? formatMeasure(kept.value) : '']),
    best ? `${formatMeasure(best.value)} ${style.faint(`epoch ${best.step}`)}` : '',
    chance === undefined ? '' : formatSetting(chance, 3),
  ]);
  if (rows.length === 0) return [NOTHING_MEASURED];
  const withChance = results.some(({ chance }) => chance !== undefined);
  const ofKept = run.kept === undefined ? [] : [`kept, epoch ${run.kept}`];
  const header = ['', 'last', ...ofKept, 'best', ...(withChance ? ['chance'] : [])].map((title) => style.faint(title));
  const align = ['left', 'right', ...ofKept.map(() => 'right' as const), 'left', 'right'] as const;
  return textTable([header, ...rows.map((row) => row.slice(0, header.length))], align, width);
}

export const NOTHING_MEASURED = 'no metric was recorded';

/** The first of the best values; nothing where no direction is known or no value is finite. */
function bestPoint(points: readonly Point[], better: 'higher' | 'lower' | undefined): Point | undefined {
  if (better === undefined) return undefined;
  const sign = better === 'higher' ? 1 : -1;
  return points
    .filter(({ value }) => Number.isFinite(value))
    .reduce<Point | undefined>((best, point) => (best === undefined || sign * point.value > sign * best.value ? point : best), undefined);
}

function lossCurve(run: RunRecord, style: TextStyle): readonly string[] {
  const points = run.metrics.get('train/loss') ?? [];
  if (points.length < 3) return [];
  const scale = decideScale(
    points.map(({ value }) => value),
    { logarithmic: true },
  );
  const curve = brailleCurve(points, { width: 48, height: 4, scale });
  const [low, high] = scale.domain.map((end) => formatSetting(end));
  const gutter = Math.max(low?.length ?? 0, high?.length ?? 0);
  return curve.map((line, row) => {
    const label = row === 0 ? high : row === curve.length - 1 ? low : '';
    return `${style.faint((label ?? '').padStart(gutter))} ${line}${row === curve.length - 1 ? style.faint(`  train/loss${scale.type === 'log' ? ', logarithmic' : ''}`) : ''}`;
  });
}

/** What is known of a run while it trains. */
export interface Progress {
  /** The one that is being trained, from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Of this epoch, 0 to 1. */
  readonly share: number;
  /** Mean over this epoch so far. */
  readonly loss?: number;
  /** By key, as of the last evaluation: `test/exact_match`. What was not measured yet has its room kept. */
  readonly metrics?: Readonly<Record<string, number | undefined>>;
  readonly speed?: Speed;
  readonly secondsLeft?: number;
}

/** What is read in a second of training. */
export interface Speed {
  readonly perSecond: number;
  readonly of: 'examples' | 'tokens';
}

/**
 * The live line of a terminal of so many columns: `epoch 12/50 ━━━━━────  loss 0.02516  test/exact_match 0.9165  145,000 examples/s  8 s left`.
 * Every number has room for the longest that it may become, so that the line and its bar keep their lengths. Where that is too long, speed leaves
 * first, then the last metrics, then the bar; it never wraps.
 */
export function progressLine(progress: Progress, width: number): string {
  const { epoch, epochs, loss, metrics = {}, speed, secondsLeft } = progress;
  const bar: Part = { matters: 60, text: '─'.repeat(SHORTEST_BAR) };
  const parts: readonly Part[] = [
    { matters: 100, text: `epoch ${pad(formatCount(epoch), formatCount(epochs).length, 'right')}/${formatCount(epochs)}` },
    bar,
    ...(loss === undefined ? [] : [{ matters: 90, text: `loss ${pad(formatMeasure(loss), WIDEST.measure)}` }]),
    ...Object.entries(metrics).map(([key, value], index) => {
      const told = value === undefined ? '' : `${key} ${formatMeasure(value)}`;
      return { matters: 50 - index, text: pad(told, key.length + 1 + WIDEST.measure) };
    }),
    ...(speed ? [{ matters: 20, text: pad(formatSpeed(speed), WIDEST.speed + speed.of.length) }] : []),
    ...(secondsLeft === undefined ? [] : [{ matters: 80, text: pad(`${timeLeft(secondsLeft)} left`, WIDEST.left) }]),
  ];
  const columns = width - 1;
  const kept = fitting(parts, columns);
  const barWidth = Math.min(LONGEST_BAR, SHORTEST_BAR + columns - columnsOf(kept));
  const texts = kept.map((part) => (part === bar ? progressBar((epoch - 1 + progress.share) / epochs, barWidth) : part.text));
  return cut(texts.join(BETWEEN), columns).trimEnd();
}

/** Whole seconds at least: tenths of what is only estimated are none. */
export const timeLeft = (seconds: number): string => (seconds < 9.5 ? `${Math.max(1, Math.round(seconds))} s` : formatDuration(seconds));

interface Part {
  readonly matters: number;
  readonly text: string;
}

const SHORTEST_BAR = 6;
const LONGEST_BAR = 24;
/** Columns of numbers that change: `0.006180`, `145,000`, `12 min 30 s left`. */
const WIDEST = { measure: 8, speed: 10, left: 16 } as const;
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
  readonly speed?: Speed;
}

/** One epoch as one line of a log: `epoch  3/50  train/loss 0.1510  test/exact_match 0.09500  0.6 s  133,000 examples/s`. */
export function epochLine({ epoch, epochs, metrics, seconds, speed }: EpochResult): string {
  return [
    `epoch ${pad(formatCount(epoch), formatCount(epochs).length, 'right')}/${formatCount(epochs)}`,
    ...Object.entries(metrics).map(([key, value]) => `${key} ${formatMeasure(value)}`),
    formatDuration(seconds),
    ...(speed ? [formatSpeed(speed)] : []),
  ].join('  ');
}

/** Three digits of a speed are more than are true: `145,000 examples/s`. */
const formatSpeed = ({ perSecond, of }: Speed): string => `${formatCount(Number(perSecond.toPrecision(3)))} ${of}/s`;
