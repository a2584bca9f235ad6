import { Refusal } from '../../host/exit.js';
import { runsFolder } from '../../host/folders.js';
import { openStore, refuseNewerStore } from '../../record/layout.js';
import { RecordError } from '../../record/files.js';
import { annotate } from '../../record/writer.js';
import { theRun } from '../../run/find-runs.js';
import type { Options } from '../command.js';

/** Changes what people say of a run; gives the run in words. */
export function annotateRun(reference: string, { runs }: Options, words: Parameters<typeof annotate>[2]): string {
  const store = openStore(runsFolder(runs));
  refuseNewerStore(store);
  const { id, place } = theRun(store, reference);
  try {
    annotate(store, place, words);
  } catch (error) {
    if (error instanceof RecordError || !(error instanceof Error)) throw error;
    throw new Refusal(error.message);
  }
  return `run ${id.slice(0, 8)}`;
}
