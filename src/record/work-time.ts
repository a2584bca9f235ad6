import { readIfThere } from './files.js';
import { keyFile, type RunPlace, type Store } from './layout.js';
import { readDatasets } from './reader.js';
import { parsePoints } from './series.js';

/**
 * One over the seconds of work that an epoch took: its training, the measuring of the other splits, and what came before it in the process that
 * trained it (start-up, epochs computed again). Pauses between processes, and those of a process that was stopped, are no work.
 */
export const epochsPerSecondKey = 'system/epochs_per_second';

/** What a run took: the work of its epochs, however often and wherever it went on. Undefined where the record doesn't tell of each. */
export function workSeconds(store: Store, run: RunPlace): number | undefined {
  const seconds = secondsOfEpochs(store, run);
  if (seconds.length === 0) return undefined;
  return seconds.reduce<number | undefined>((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0);
}

/**
 * Seconds of work of every epoch on record. Of one that an earlier version recorded, what training on it took, by its speed; undefined where the
 * record says neither.
 */
export function secondsOfEpochs(store: Store, run: RunPlace): readonly (number | undefined)[] {
  const points = (key: string) => parsePoints(readIfThere(store.files, keyFile(run, 'metrics', key)) ?? '');
  const paces = new Map(points(epochsPerSecondKey).map(({ step, value }) => [step, value]));
  const epochs = points('train/loss').map(({ step }) => step);
  if (epochs.every((epoch) => paces.has(epoch))) return epochs.map((epoch) => 1 / (paces.get(epoch) ?? Number.NaN));
  const speeds = new Map(points('train/examples_per_second').map(({ step, value }) => [step, value]));
  const examples = examplesOf(store, run);
  return epochs.map((epoch) => {
    const [pace, speed] = [paces.get(epoch), speeds.get(epoch)];
    if (pace !== undefined) return 1 / pace;
    return examples === undefined || speed === undefined ? undefined : examples / speed;
  });
}

/** Examples of an epoch. */
function examplesOf(store: Store, run: RunPlace): number | undefined {
  const profile = readDatasets(store, run).find(({ context }) => context === 'training')?.profile ?? '{}';
  try {
    const rows = (JSON.parse(profile) as { readonly num_rows?: unknown }).num_rows;
    return typeof rows === 'number' ? rows : undefined;
  } catch {
    return undefined;
  }
}
