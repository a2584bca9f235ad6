import { openStore } from '../src/record/layout.js';
import { listRuns, readMetrics, readParameters, readTag } from '../src/record/reader.js';

export interface FinishedRun {
  readonly seed: number;
  /** The commit that it was made at, as seven characters, where that is known. */
  readonly commit?: string;
  /** By key, in the order of epochs. */
  readonly metrics: Readonly<Record<string, readonly { readonly step: number; readonly value: number }[]>>;
}

/** The newest finished run of every seed of an experiment, in the order of the seeds. That nothing was `--set` is the caller's word. */
export function finishedRuns(folder: string, experiment: string): readonly FinishedRun[] {
  const store = openStore(folder);
  const bySeed = new Map<number, FinishedRun>();
  const heads = listRuns(store).filter((run) => run.experiment === experiment && run.status === 'FINISHED');
  for (const { place } of heads.toReversed()) {
    const seed = Number(readParameters(store, place)['seed']);
    const commit = readTag(store, place, 'mlflow.source.git.commit')?.slice(0, 7);
    bySeed.set(seed, { seed, ...(commit !== undefined && { commit }), metrics: readMetrics(store, place) });
  }
  return [...bySeed.values()].toSorted((a, b) => a.seed - b.seed);
}

/** After an epoch, or after the last. */
export const valueAt = ({ metrics }: FinishedRun, key: string, epoch: number | 'last'): number =>
  (epoch === 'last' ? metrics[key]?.at(-1) : metrics[key]?.find(({ step }) => step === epoch))?.value ?? Number.NaN;

/** The folder that stands after the name of the script. */
export function folderGiven(): string {
  const [, , folder] = process.argv;
  if (folder === undefined) throw new Error('which runs? Name the folder of their records');
  return folder;
}
