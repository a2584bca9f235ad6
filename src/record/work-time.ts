import type { Store } from './layout.js';
import { readDatasets, readMetrics, type RunHead } from './reader.js';
import type { MetricPoint } from './series.js';

/**
 * One over the seconds of work that an epoch took: its training, the measuring of the other splits, and what came before it in the process that
 * trained it (start-up, epochs computed again). Pauses between processes, and those of a process that was stopped, are no work.
 */
export const epochsPerSecondKey = 'system/epochs_per_second';

/**
 * What a run took: the work of its epochs, however often and wherever it went on. Of epochs recorded by an earlier version, what training on them
 * took; undefined where the record doesn't tell of each.
 */
export function workSeconds(store: Store, run: Pick<RunHead, 'place'>): number | undefined {
  const seconds = secondsOfEpochs(readMetrics(store, run.place), examplesOf(store, run));
  return seconds.length === 0 || seconds.includes(undefined) ? undefined : seconds.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

/** By epoch, in the order of the record; undefined where it doesn't say. */
export function secondsOfEpochs(
  metrics: Readonly<Record<string, readonly MetricPoint[]>>,
  examples: number | undefined,
): readonly (number | undefined)[] {
  const at = (key: string): ReadonlyMap<number, number> => new Map((metrics[key] ?? []).map(({ step, value }) => [step, value]));
  const [epochs, speeds] = [at(epochsPerSecondKey), at('train/examples_per_second')];
  return (metrics['train/loss'] ?? []).map(({ step }) => {
    const [measured, speed] = [epochs.get(step), speeds.get(step)];
    if (measured !== undefined) return 1 / measured;
    return examples === undefined || speed === undefined ? undefined : examples / speed;
  });
}

/** Examples of an epoch. */
export function examplesOf(store: Store, { place }: Pick<RunHead, 'place'>): number | undefined {
  const profile = readDatasets(store, place).find(({ context }) => context === 'training')?.profile ?? '{}';
  try {
    const rows = (JSON.parse(profile) as { readonly num_rows?: unknown }).num_rows;
    return typeof rows === 'number' ? rows : undefined;
  } catch {
    return undefined;
  }
}
