import { formatDuration, formatMeasure, formatSetting, plural } from '../../diagnostics/numbers.js';
import { formatSpeed } from './progress.js';
import { isSpeed, splitKey, tookSeconds, type Point, type RunRecord, wordOf } from './run-record.js';
import { brailleCurve, decideScale } from '../kit/scale.js';
import { PLAIN, textBlocks, type TextStyle, textTable, wrap } from '../kit/tables.js';

const WIDTH = 100;

/** What a person reads when a run is over: the numbers with what they are to be compared with, the curve, and where to look further. */
export function describeRun(run: RunRecord, style: TextStyle = PLAIN): string {
  const parts: readonly (readonly string[])[] = [
    [`${style.heading(run.experiment)}  ${style.faint(headline(run))}`],
    metricTable(run, style),
    lossCurve(run, style),
    run.notes.flatMap((note) => wrap(note, WIDTH)),
    [`record  ${run.folder}`],
    textTable(run.commands.map(({ command, does }) => [command, style.faint(does)])),
  ];
  return textBlocks(parts);
}

/** `finished: 50 epochs in 32 s, 145,000 examples/s; run 3f2a9c44, seed 1` */
export function headline(run: RunRecord): string {
  const epochs = [...run.metrics.values()].reduce((most, points) => Math.max(most, points.at(-1)?.step ?? 0), 0);
  const seconds = epochs === 0 ? undefined : tookSeconds(run);
  const seed = run.parameters.get('seed')?.value;
  const speed = meanSpeed(run.metrics.get('train/examples_per_second') ?? []);
  const work = [
    `${plural(epochs, 'epoch')}${seconds === undefined ? '' : ` in ${formatDuration(seconds)}`}`,
    speed === undefined ? undefined : `${formatSpeed(speed)} examples/s`,
  ];
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
    return [{ key, last, best: bestPoint(points, better), chance: run.chance[key] }];
  });

function metricTable(run: RunRecord, style: TextStyle): readonly string[] {
  const rows = resultsOf(run).map(({ key, last, best, chance }) => [
    key,
    formatMeasure(last.value),
    best ? `${formatMeasure(best.value)} ${style.faint(`epoch ${best.step}`)}` : '',
    chance === undefined ? '' : formatSetting(chance, 3),
  ]);
  if (rows.length === 0) return [NOTHING_MEASURED];
  const withChance = rows.some((row) => row[3] !== '');
  const header = ['', 'last', 'best', ...(withChance ? ['chance'] : [])].map((title) => style.faint(title));
  return textTable([header, ...rows.map((row) => row.slice(0, header.length))], ['left', 'right', 'left', 'right']);
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
