import { join } from 'node:path';
import { InterruptedError } from '../host/stop.js';
import { isObject } from '../language/check.js';
import { readIfThere, RecordError } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import { keysBelow } from '../record/reader.js';
import type { RunWriter } from '../record/writer.js';
import { type Levels, measureBaselines } from '../train/baselines.js';
import type { Sample } from '../train/sample.js';
import { formatView, parseView, type RecordedView } from '../views/view.js';
import { besideNaive } from './forecast-pictures.js';
import { splitKey } from './run-record.js';
import { bestNaive } from './skill.js';

/** What the answers that a dataset knows without learning reach: of the data, and not of how well the run did. */
const BASELINES = 'baselines.json';

/**
 * Measures them and writes them down. What metrics show of a forecast, as its error by horizon, gets what they show of the best naive one beside it.
 * What can't be measured is told, and takes nothing away from the run.
 */
export async function keepBaselines(
  store: Store,
  writer: RunWriter,
  request: Parameters<typeof measureBaselines>[0],
  onNote: (note: string) => void,
): Promise<void> {
  try {
    const { levels = {}, views = {} } = (await measureBaselines(request)) ?? {};
    if (Object.keys(levels).length > 0) writer.artifact(BASELINES, `${JSON.stringify(levels, null, 2)}\n`);
    const { outputs, baselines = {} } = request.plan.data;
    if (!outputs) return;
    const shown = readViews(store, writer.run, []);
    const joined = shown.flatMap(({ key, epoch, view }) => {
      const name = bestNaive(baselines, splitKey(key).split);
      const naive = name === undefined ? undefined : views[key]?.[name];
      return name === undefined || !naive ? [] : [{ key, epoch, view: besideNaive(view, naive, name) }];
    });
    recordViews(writer, joined);
  } catch (error) {
    if (error instanceof RecordError || error instanceof InterruptedError) throw error;
    onNote(`the baselines could not be measured: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function readBaselines(store: Store, run: RunPlace): Levels {
  try {
    const levels: unknown = JSON.parse(readIfThere(store.files, join(run.folder, 'artifacts', BASELINES)) ?? '{}');
    return Object.fromEntries(Object.entries(isObject(levels) ? levels : {}).map(([key, named]) => [key, numbersOf(named)]));
  } catch {
    return {}; // cut by whatever ended it
  }
}

const numbersOf = (named: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(isObject(named) ? named : {}).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );

/** What the model wrote, by epoch: a text artifact that grows. */
export const SAMPLES_FILE = 'samples.txt';

export interface EpochSamples {
  readonly epoch: number;
  readonly texts: readonly string[];
}

/** Samples of epochs that are trained again are written again: they come out the same. */
export function recordSamples(store: Store, writer: RunWriter, from: number) {
  let kept = readSamples(store, writer.run).filter(({ epoch }) => epoch <= from);
  return {
    record(epoch: number, samples: readonly Sample[]): void {
      kept = [...kept, { epoch, texts: samples.map(({ text }) => text) }];
      writer.artifact(SAMPLES_FILE, formatSamples(kept));
    },
  };
}

export const readSamples = (store: Store, run: RunPlace): readonly EpochSamples[] =>
  parseSamples(readIfThere(store.files, join(run.folder, 'artifacts', SAMPLES_FILE)) ?? '');

/** One line a sample below the line of its epoch; line breaks inside a sample are written as `\n`. */
export const formatSamples = (all: readonly EpochSamples[]): string =>
  all.map(({ epoch, texts }) => [`epoch ${epoch}`, ...texts.map((text) => `  ${onOneLine(text)}`), ''].join('\n')).join('');

export function parseSamples(text: string): readonly EpochSamples[] {
  const blocks = text.split(/^epoch (?=\d+$)/m).slice(1);
  return blocks.map((block) => {
    const [epoch = '', ...lines] = block.replace(/\n$/, '').split('\n');
    return { epoch: Number(epoch), texts: lines.map((line) => onLines(line.slice(2))) };
  });
}

export const onOneLine = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
const onLines = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped === 'r' ? '\r' : escaped));

/** Where a run keeps what its metrics show: `views/test/confusion_matrix.json`, of the weights that the run keeps. */
const VIEWS = 'views';

export const recordViews = (writer: RunWriter, views: readonly RecordedView[]): void => {
  for (const recorded of views) writer.artifact(`${VIEWS}/${fileName(recorded.key)}.json`, formatView(recorded));
};

/** A key may hold what a path may not. */
const fileName = (key: string): string => key.split('/').map(encodeURIComponent).join('/');

/** In the order of `keys`, whatever else there is behind them. */
export function readViews(store: Store, run: RunPlace, keys: readonly string[]): readonly RecordedView[] {
  const folder = join(run.folder, 'artifacts', VIEWS);
  const found = keysBelow(store, folder).flatMap((name) =>
    name.endsWith('.json') ? (parseView(readIfThere(store.files, join(folder, name)) ?? '') ?? []) : [],
  );
  const rank = ({ key }: RecordedView): number => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return found.toSorted((a, b) => rank(a) - rank(b));
}
