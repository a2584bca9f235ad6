import type { Engine } from '../engine/engine.js';
import { EXIT, Refusal } from '../host/exit.js';
import { workClock } from '../host/work-clock.js';
import type { Plan } from '../planning/plan.js';
import { factsOfMetric } from '../planning/recorded.js';
import { type Agreement, compareWithRecord, readComputedWith, type Recorded, writeComputedWith } from '../record/checkpoint.js';
import type { RunPlace, Store } from '../record/layout.js';
import { lastFiniteKey } from '../record/summary.js';
import { epochsPerSecondKey } from '../record/works.js';
import type { KeyedPoint, RunWriter } from '../record/writer.js';
import type { EpochMetrics } from '../train/run.js';
import type { RecordedView } from '../views/view.js';
import { recordViews } from './kept-files.js';

/** Seconds of work between two times that values are brought to the disk: what a power cut may cost of short epochs. */
const UNSYNCED = 5;
/** Seconds of work between two times that values are written: what the end of the process may cost of epochs that are shorter. */
const UNWRITTEN = 0.1;

interface EpochRecorder {
  /**
   * Takes an epoch's metrics, or compares them where the record holds the epoch already. They are written at once, those of epochs that follow one
   * another within a tenth of a second together. Of short epochs not each is brought to the disk.
   */
  record(epoch: number, metrics: EpochMetrics): void;
  /** What metrics show besides, of the last epoch that was recorded: is written with its values. Newer ones take the place of those that wait. */
  show(views: readonly RecordedView[]): void;
  /** Writes what has waited for a tenth of a second: to be called between epochs too. */
  goOn(): void;
  /** Writes whatever waits. What can't be written is lost, and is computed again by whoever goes on. */
  flush(): void;
}

/**
 * Epochs after the last checkpoint are computed again when a run goes on: they are compared with the record and not written twice. `exact`
 * says that all that decides digits is as it was when the record was made; then a single other digit is an error. `onRough`: a value agreed
 * within 1e-5 only, said once. `onWrite` is called before each writing, and may forbid it with an exception. `clock` tells how long this process has
 * worked on the run: with each new epoch stands what that took since the one before.
 */
export function recordEpochs(
  plan: Plan,
  writer: RunWriter,
  recorded: Recorded,
  exact: boolean,
  {
    onRough = () => {},
    onWrite = () => {},
    clock = workClock(),
  }: { readonly onRough?: () => void; readonly onWrite?: () => void; readonly clock?: () => number } = {},
): EpochRecorder {
  let worked = 0;
  let written = -Infinity;
  let synced = 0;
  let waiting: KeyedPoint[] = [];
  let shown: readonly RecordedView[] = [];
  let rough = false;
  const judge = (key: string, epoch: number, value: number): Agreement => {
    const agreement = compareWithRecord(recorded, key, epoch, value);
    if (agreement === 'new' || agreement === 'equal' || !isDeterministic(plan, key)) return agreement;
    if (agreement === 'close' && !exact) {
      if (!rough) onRough();
      rough = true;
      return agreement;
    }
    const before = recorded.get(key)?.get(epoch);
    throw new Refusal(`epoch ${epoch} was recorded with ${key} ${before} and now gives ${value}`, {
      status: EXIT.failed,
      help: 'nothing recorded was changed: --fresh trains it anew, and retable store verify tells whether the record is damaged',
    });
  };
  let complete: ReturnType<typeof besideNotFinite> | undefined;
  const isWaiting = (): boolean => waiting.length > 0 || shown.length > 0;
  const flush = (): void => {
    if (!isWaiting()) return;
    const [points, views] = [waiting, shown];
    [waiting, shown] = [[], []];
    onWrite();
    writer.metrics(points);
    recordViews(writer, views);
  };
  const writeIfDue = (now: number): void => {
    if (now - written < UNWRITTEN) return;
    flush();
    written = now;
    if (now - synced < UNSYNCED) return;
    writer.sync();
    synced = now;
  };
  return {
    record(epoch, metrics) {
      complete ??= besideNotFinite(recordedBefore(epoch, recorded));
      const timestamp = Date.now();
      const fresh = [...complete(metrics)].filter(([key, value]) => judge(key, epoch, value) === 'new');
      for (const [key, value] of fresh) waiting.push({ key, value, step: epoch, timestamp });
      const now = clock();
      if (!recorded.get(epochsPerSecondKey)?.has(epoch)) {
        waiting.push({ key: epochsPerSecondKey, value: 1 / (now - worked), step: epoch, timestamp });
        worked = now;
      }
      writeIfDue(now);
    },
    show(views) {
      const isWritten = !isWaiting();
      shown = views;
      if (isWritten) flush();
    },
    goOn() {
      if (isWaiting()) writeIfDue(clock());
    },
    flush,
  };
}

/**
 * Adds what MLflow's page can show and sort by where a value is not finite: the last one that was, from the first such epoch on in every one.
 * `before` is the record of the epochs before these.
 */
function besideNotFinite(before: Recorded): (metrics: EpochMetrics) => EpochMetrics {
  const filled = new Set([...before.keys()].filter((key) => before.has(lastFiniteKey(key))));
  const finite = new Map([...before].map(([key, points]) => [key, [...points.values()].findLast(Number.isFinite)]));
  return (metrics) => {
    const beside = [...metrics].flatMap(([key, value]): readonly (readonly [string, number])[] => {
      if (Number.isFinite(value)) finite.set(key, value);
      else filled.add(key);
      const last = finite.get(key);
      return filled.has(key) && last !== undefined ? [[lastFiniteKey(key), last]] : [];
    });
    return new Map([...metrics, ...beside]);
  };
}

/** The record as it was before this epoch. */
const recordedBefore = (epoch: number, all: Recorded): Recorded =>
  new Map(
    [...all].flatMap(([key, points]) => {
      const earlier = [...points].filter(([step]) => step < epoch);
      return earlier.length > 0 ? [[key, new Map(earlier)]] : [];
    }),
  );

/** Speed is not; a metric says so itself. */
const isDeterministic = (plan: Plan, key: string): boolean => factsOfMetric(plan, key).deterministic;

/** What decides the digits of an engine, as records and their checkpoints have it: equal texts promise equal digits. */
export const numericsOf = ({ kind, device, numerics, digits }: Pick<Engine, 'kind' | 'device' | 'numerics' | 'digits'>): string => {
  const { libraries, ...rest } = digits;
  return JSON.stringify({ kind, device, numerics, ...libraries, ...rest });
};

/** The text of whoever didn't say. */
const UNKNOWN = '{}';

/**
 * In what those who made a checkpoint and recorded values compute otherwise than the engine here: `processor x64 avx2 fma, here x64`. Nothing
 * where epochs that are computed again must come out bit for bit. From now on the engine here is among those who record.
 */
export function otherDigits(
  store: Store,
  run: RunPlace,
  { here, checkpoint, recorded }: { readonly here: string; readonly checkpoint: string | undefined; readonly recorded: Recorded },
): readonly string[] {
  const writers = readComputedWith(store, run) ?? (recorded.size > 0 ? [UNKNOWN] : []);
  if (!writers.includes(here)) writeComputedWith(store, run, [...writers, here]);
  const others = new Set([...(checkpoint === undefined ? [] : [checkpoint]), ...writers].filter((text) => text !== here));
  return [...new Set([...others].flatMap((text) => differences(text, here)))];
}

/** At least one: texts that aren't equal promise nothing. */
function differences(there: string, here: string): readonly string[] {
  const [before, now] = [parse(there), parse(here)];
  const other = Object.entries(before).filter(([name, said]) => said !== '' && said !== now[name]);
  return other.length > 0
    ? other.map(([name, said]) => `${name} ${String(said)}, here ${String(now[name] ?? 'none')}`)
    : ['the record does not say all that decides digits'];
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
