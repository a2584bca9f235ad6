import { prepareStore, type Store } from '../../record/layout.js';
import { formatCount } from '../../diagnostics/numbers.js';
import { countJobs, inShort, jobsFolder } from '../cluster/job.js';
import { resultsIn } from '../cluster/event-log.js';
import type { JobState } from '../cluster/scheduler.js';
import { jobsName, jobsOfElements } from './submission.js';
import { slurmProgram } from './programs.js';
import { readSqueue, squeueParameters, stateOf } from './states.js';

/** A job of a cluster that has a trial before it. */
interface JobOfTrial {
  /** As Slurm writes it: `17_3`. */
  readonly id: string;
  readonly state: Exclude<JobState, { kind: 'ended' }>;
}

/** `in Slurm: 2 jobs at work, 7 waiting`; and what waits for a person. */
export function describeJobs(jobs: ReadonlyMap<string, JobOfTrial>): readonly string[] {
  const distinct = [...new Map([...jobs.values()].map((job) => [job.id, job])).values()];
  if (distinct.length === 0) return [];
  const running = distinct.filter(({ state }) => state.kind === 'running').length;
  const counts = `in Slurm: ${countJobs(running)} at work, ${formatCount(distinct.length - running)} waiting`;
  const obstacles = distinct.flatMap(({ state }) => (state.kind === 'waiting' && state.reason !== undefined ? [state.reason] : []));
  return [counts, ...inShort(obstacles)];
}

/**
 * The jobs that are queued or at work for a sweep or a table, by the work key of the trials that they have yet to end. `run` is the id of the
 * document's own run. Empty where nothing was handed in to Slurm, or no Slurm is here: what the records say is true without it.
 */
export async function jobsOf(store: Store, run: string): Promise<ReadonlyMap<string, JobOfTrial>> {
  const jobs = jobsFolder(store, run);
  if (jobs === undefined || !store.files.stat(jobs)) return new Map();
  const said = await slurmProgram('squeue', squeueParameters(jobsName(prepareStore(store), run)));
  if (!said.ok) return new Map();
  return new Map(
    jobsOfElements(jobs, readSqueue(said.stdout)).flatMap(({ job, element }) => {
      const state = stateOf(element);
      if (state.kind === 'ended') return [];
      const results = resultsIn(job);
      return job.orders.flatMap(({ work }, order) => (results.has(order) ? [] : [[work, { id: element.id, state }] as const]));
    }),
  );
}
