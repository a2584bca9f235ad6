import { join } from 'node:path';
import { listIfThere, quietly, readIfThere } from './files.js';
import { identityProblem, type Store } from './layout.js';
import { headOf, listPlaces, newestFirst, readTag, workTag, type RunHead } from './reader.js';

/** The attempts at a work, the newest first. */
export const findByWork = (store: Store, workKey: string): readonly RunHead[] => findByWorks(store, new Set([workKey])).get(workKey) ?? [];

/**
 * The attempts at each of these works, the newest first. Which work a run is at never changes, so it is read once: `.retable-works` holds
 * `RUN WORK` a line, is only ever added to, and can be made again at any time. Ten thousand other runs cost a list of names.
 */
export function findByWorks(store: Store, wanted: ReadonlySet<string>): ReadonlyMap<string, readonly RunHead[]> {
  const known = readWorks(store);
  const found = new Map<string, RunHead[]>();
  let news = '';
  for (const { experiment, place } of listPlaces(store)) {
    const work = known.get(place.runId) ?? readTag(store, place, workTag);
    if (work === null) continue;
    if (!known.has(place.runId) && isLine(`${place.runId} ${work}`)) news += `${place.runId} ${work}\n`;
    const head = wanted.has(work) ? headOf(store, experiment, place) : null;
    if (head) found.set(work, [...(found.get(work) ?? []), head]);
  }
  if (news !== '' && identityProblem(store) !== 'newer') quietly(() => append(store, news));
  return new Map([...found].map(([work, heads]) => [work, heads.toSorted(newestFirst)]));
}

/** Whether any folder of the store is named as this run, be it in the trash or damaged: no other run may have its id. */
export const isRunThere = (store: Store, runId: string): boolean =>
  listIfThere(store.files, store.root).some(({ name, directory }) => directory && store.files.stat(join(store.root, name, runId)) !== null);

const worksFile = (store: Store): string => join(store.root, '.retable-works');

const isLine = (text: string): boolean => /^[0-9a-f]{32} \S+$/.test(text);

/** A line that a killed process left torn makes no sense together with the next one, and both are found again. */
function readWorks(store: Store): ReadonlyMap<string, string> {
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
