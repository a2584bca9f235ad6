import { resolve } from 'node:path';
import { prepareStore } from '../../record/layout.js';
import type { Launcher } from '../launcher.js';
import type { Site } from '../launcher-kind.js';
import { launchOn } from './follow.js';
import { jobsFolder } from './job.js';
import type { Scheduler } from './scheduler.js';
import { refuseAt, type Rejection } from './rejection.js';

/** What every cluster takes of a study. */
export interface ClusterSite {
  /** Folder of the study's jobs. */
  readonly jobs: string;
  /** For a person who looks at the queue. */
  readonly title: string;
  /** Of the store. */
  readonly nonce: string;
  /** Where the paths in the orders begin. */
  readonly directory: string;
  readonly note: (line: string) => void;
  readonly refuse: (rejection: Rejection) => Error;
}

/** Trials as jobs of a cluster, which are handed in and followed alike for all of them. */
export function launchAsJobs({ store, run, title, doc, terminal }: Site, schedulerOf: (site: ClusterSite) => Scheduler): Launcher {
  const jobs = jobsFolder(store, run);
  if (jobs === undefined) throw new Error(`run ${run} is not in ${store.root}`);
  const note = (line: string): void => terminal.err(line);
  return launchOn(schedulerOf({ jobs, title, directory: resolve('.'), refuse: refuseAt(doc), note, nonce: prepareStore(store) }), note);
}

/** `--workers` beats the document. */
export const withWorkers = <O>(options: O, { launch: { workers } }: Site): O => (workers === undefined ? options : { ...options, workers });
