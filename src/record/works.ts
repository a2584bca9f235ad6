import { join } from 'node:path';
import { listIfThere, quietly, readIfThere } from './files.js';
import { identityProblem, keyFile, type RunPlace, type Store } from './layout.js';
import type { Status } from './meta.js';
import { findRun, headOf, listPlaces, newestFirst, parsePoints, readDatasets, readTag, type RunHead, workTag } from './reader.js';

/** What is known of one attempt at a work. */
export interface Attempt {
  readonly status: Status;
  /** The tag `retable.outcome`. */
  readonly outcome: string | null;
}

/** What to do about a work: show what there is, go on with an attempt, or begin attempt number `number`. */
export type NextStep<A extends Attempt> =
  | { readonly kind: 'show'; readonly attempt: A }
  | { readonly kind: 'continue'; readonly attempt: A }
  | { readonly kind: 'start'; readonly number: number };

/** The tag that tells how a run ended, and its value for one whose numbers went to infinity: a result like another. */
export const outcomeTag = 'retable.outcome';
export const diverged = 'diverged';

/** Finished and diverged work is settled. */
export const isSettled = ({ status, outcome }: Attempt): boolean => status === 'FINISHED' || (status === 'FAILED' && outcome === diverged);

/** Running the same command again is always right: `attempts` are those at one work, the newest first. */
export function nextStep<A extends Attempt>(attempts: readonly A[], fresh: boolean): NextStep<A> {
  const settled = attempts.find(isSettled);
  const [newest] = attempts;
  if (settled && !fresh) return { kind: 'show', attempt: settled };
  if (newest && !fresh && newest.status !== 'FAILED') return { kind: 'continue', attempt: newest };
  return { kind: 'start', number: attempts.length + 1 };
}

/** The attempts at a work, the newest first. */
export const findByWork = (store: Store, workKey: string): readonly RunHead[] => findByWorks(store, new Set([workKey])).get(workKey) ?? [];

/**
 * The attempts at each of these works, the newest first. Which work a run is at never changes, so it is read once: `.retable-works` holds
 * `RUN WORK` a line, is only ever added to, and can be made again at any time. Ten thousand other runs cost a list of names.
 */
export function findByWorks(store: Store, wanted: ReadonlySet<string>): ReadonlyMap<string, readonly RunHead[]> {
  const found = new Map<string, RunHead[]>();
  for (const { experiment, place, work } of listWorks(store)) {
    const head = wanted.has(work) ? headOf(store, experiment, place) : null;
    if (head) found.set(work, [...(found.get(work) ?? []), head]);
  }
  return new Map([...found].map(([work, heads]) => [work, heads.toSorted(newestFirst)]));
}

/** Every run of a work, readable or not, with the key of its work. */
export function listWorks(store: Store): readonly (ReturnType<typeof listPlaces>[number] & { readonly work: string })[] {
  const known = readWorks(store);
  let news = '';
  const listed = listPlaces(store).flatMap(({ experiment, place }) => {
    const work = known.get(place.runId) ?? readTag(store, place, workTag);
    if (work === null) return [];
    if (!known.has(place.runId) && isLine(`${place.runId} ${work}`)) news += `${place.runId} ${work}\n`;
    return [{ experiment, place, work }];
  });
  if (news !== '' && identityProblem(store) !== 'newer') quietly(() => append(store, news));
  return listed;
}

/** Whether any folder of the store is named as this run, be it in the trash or damaged: no other run may have its id. */
export const isRunThere = (store: Store, runId: string): boolean =>
  listIfThere(store.files, store.root).some(({ name, directory }) => directory && store.files.stat(join(store.root, name, runId)) !== null);

const worksFile = (store: Store): string => join(store.root, '.retable-works');

const isLine = (text: string): boolean => /^[0-9a-f]{32} \S+$/.test(text);

/** The works of runs by their ids, as far as they were read before. A line that a killed process left torn makes no sense together with the next one, and both are found again. */
export function readWorks(store: Store): ReadonlyMap<string, string> {
  const file = worksFile(store);
  const text = (store.files.stat(file)?.file && readIfThere(store.files, file)) || '';
  const lines = text.split('\n').slice(0, -1);
  return new Map(lines.filter(isLine).map((line) => [line.slice(0, 32), line.slice(33)] as const));
}

/** One write at the end, so that the lines of several processes stand one behind the other. */
function append({ root, files }: Store, lines: string): void {
  const file = files.open(worksFile({ root, files }), 'append');
  try {
    files.write(file, lines);
  } finally {
    files.close(file);
  }
}

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

/** `workSeconds` of a run by its id. */
export function secondsOfRun(store: Store, id: string): number | undefined {
  const head = findRun(store, id);
  return head ? workSeconds(store, head.place) : undefined;
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
