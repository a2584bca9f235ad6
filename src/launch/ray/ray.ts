import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forShell, quoted } from '../../diagnostics/words.js';
import { firstLine, optionalPart, pythonPackage, versionIn } from '../../host/finding.js';
import { type Static, Type } from '../../language/type.js';
import { countJobs, inGroups, type Job, orderKey, resultsIn, writeOrders } from '../cluster/job.js';
import { type ClusterSite, launchAsJobs, withWorkers } from '../cluster/follow.js';
import type { JobState, Scheduler } from '../cluster/scheduler.js';
import { type LauncherKind, type TrialOrder, trialsPerJob } from '../launcher.js';
import { type Answer, badAnswer, callRay, type Head, headOf, type RayJob, stateOf } from './api.js';

const rayOptions = Type.Object(
  {
    address: Type.Optional(
      Type.String({
        pattern: String.raw`^(https?://)?[^\s/@]+(:\d+)?/?$`,
        otherwise: 'what RAY_ADDRESS says',
        description: "The address of Ray's Jobs API, http://HOST:8265.",
      }),
    ),
    cpus: Type.Number({ minimum: 0, default: 1, description: 'Cores that Ray keeps free for a job.' }),
    gpus: Type.Number({ minimum: 0, default: 0, description: 'GPUs that Ray keeps free for a job.' }),
    prologue: Type.Array(Type.String(), { default: [], description: 'Lines of the job before the trials.' }),
    trials_per_job: trialsPerJob,
    workers: Type.Integer({
      minimum: 1,
      default: 32,
      description: "Jobs that are with Ray at the same time; one that has waited for Ray's start timeout is submitted again.",
    }),
  },
  { description: 'Jobs of a Ray cluster.' },
);

export type RayOptions = Static<typeof rayOptions>;

/** Jobs of Ray. */
export const ray: LauncherKind<typeof rayOptions> = {
  options: rayOptions,
  outlives: true,
  launch: (options, site) =>
    launchAsJobs(site, (cluster) => rayScheduler({ ...cluster, options: withWorkers(options, site), variables: process.env })),
  doctor: async () =>
    optionalPart(
      'Ray',
      (await pythonPackage('ray')) ?? versionIn(await firstLine('ray', ['--version'])),
      'not needed here for a head elsewhere: RAY_ADDRESS=http://HOST:8265; to start one, pip install "ray[default]"',
    ),
};

interface RaySweep extends ClusterSite {
  readonly options: RayOptions;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Ray's jobs. Ray takes a submission id once and for all, so that the id, a hash of the works, is what keeps a trial from being handed in twice:
 * whoever comes second joins the job that is there. When that one has ended without the trial's end, the next number is asked for.
 */
export function rayScheduler({ options, jobs, title, nonce, directory, variables, note, refuse }: RaySweep): Scheduler {
  const head = headOf(options, variables);
  if ('message' in head) throw refuse(head);
  const reached: Head = head;
  const token = head.token === undefined ? '' : '-H "Authorization: Bearer $RAY_AUTH_TOKEN" ';
  const howToCancel = `for job in ${forShell(jobs)}/retable-*; do curl -X POST ${token}${head.url}/api/jobs/$(basename "$job")/stop; done`;
  return { most: options.workers, perJob: options.trials_per_job, ensure, look, cancel, howToCancel };

  async function ensure(orders: readonly TrialOrder[]): Promise<readonly Job[]> {
    const handed: Job[] = [];
    let joined = 0;
    for (const batch of inGroups(orders, options.trials_per_job)) {
      const { job, isOurs } = await submit(batch);
      handed.push(job);
      if (!isOurs) joined += 1;
    }
    if (joined < handed.length) note(`submitted to Ray at ${reached.url}: ${countJobs(handed.length - joined)}`);
    if (joined > 0) note(`with Ray already: ${countJobs(joined)}`);
    return handed;
  }

  /** The first number that Ray doesn't know yet, or whose job is still there. */
  async function submit(batch: readonly TrialOrder[]): Promise<{ readonly job: Job; readonly isOurs: boolean }> {
    const hash = createHash('sha256').update([nonce, ...batch.map(orderKey)].join(' '));
    const name = `retable-${hash.digest('hex').slice(0, 24)}`;
    for (let number = 1; ; number++) {
      const id = `${name}-${number}`;
      const folder = join(jobs, id);
      const job = { folder, index: 0, orders: batch };
      if (resultsIn(job).size > 0) {
        // A head that was started anew has forgotten its ids, and the event log of this one is written.
        if (await isThere(id)) return { job, isOurs: false };
        continue;
      }
      writeOrders(folder, [batch]);
      const answer = await callRay(reached, 'POST', '/api/jobs/', submission(id, job));
      if (answer.status === 200 && isJson(answer)) return { job, isOurs: true };
      if (!/already exists/.test(answer.text)) throw refuse(badAnswer(reached, answer));
      if (await isThere(id)) return { job, isOurs: false };
    }
  }

  function submission(id: string, { folder, index }: Job) {
    const worker = fileURLToPath(new URL('./worker.js', import.meta.url));
    const command = [process.execPath, worker, folder, String(index)].map(quoted).join(' ');
    return {
      submission_id: id,
      entrypoint: [...options.prologue, `cd ${quoted(directory)} && exec ${command}`].join('\n'),
      entrypoint_num_cpus: options.cpus,
      ...(options.gpus > 0 && { entrypoint_num_gpus: options.gpus }),
      metadata: { retable: title },
    };
  }

  async function look(wanted: readonly Job[]): Promise<ReadonlyMap<Job, JobState>> {
    const states = new Map<Job, JobState>();
    for (const job of wanted) {
      const id = idOf(job);
      const answer = await callRay(reached, 'GET', `/api/jobs/${id}`);
      if (answer.status === 200 && isJson(answer)) states.set(job, stateOf(id, JSON.parse(answer.text) as RayJob));
      else if (answer.status === 404) states.set(job, { kind: 'ended', how: 'gone', reason: `Ray no longer knows job ${id}` });
    }
    return states;
  }

  async function isThere(id: string): Promise<boolean> {
    const answer = await callRay(reached, 'GET', `/api/jobs/${id}`);
    return answer.status === 200 && isJson(answer) && stateOf(id, JSON.parse(answer.text) as RayJob).kind !== 'ended';
  }

  async function cancel(unwanted: readonly Job[]): Promise<void> {
    for (const job of unwanted) await callRay(reached, 'POST', `/api/jobs/${idOf(job)}/stop`);
  }
}

const idOf = ({ folder }: Job): string => basename(folder);
const isJson = ({ text }: Answer): boolean => text.trimStart().startsWith('{');
