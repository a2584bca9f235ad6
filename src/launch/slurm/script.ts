import { fileURLToPath } from 'node:url';
import { type SlurmOptions, secondsOf } from './options.js';
import { quoted } from '../../diagnostics/shell.js';

/** What is the same for all arrays of a sweep. */
export interface Arrays {
  readonly options: SlurmOptions;
  /** Slurm's name for all jobs of the sweep. */
  readonly name: string;
  /** Of the engine. */
  readonly threads: string;
  /** Where the paths in the orders begin. */
  readonly directory: string;
}

/** A time limit is looked at every half minute: the request to stop comes so many seconds before it, and up to a minute earlier. */
const NOTICE = 60;

/**
 * The parameters of sbatch. SIGTERM reaches the script alone (`B:`), which has become the worker by then. `--requeue` lets Slurm begin it again
 * where a node fails, and the worker ask for it before the time limit; then it goes on with the same event log.
 */
export function sbatchParameters(
  { options, name, threads, directory }: Arrays,
  folder: string,
  jobs: number,
  comment: string,
): readonly string[] {
  const { partition, account, qos, time, memory, cpus = Number(threads), gres, constraint, workers } = options;
  const seconds = time === undefined ? undefined : secondsOf(time);
  const given = { partition, account, qos, gres, constraint, mem: memory, time: seconds && String(Math.ceil(seconds / 60)) };
  return [
    '--parsable',
    `--array=0-${jobs - 1}${workers === undefined ? '' : `%${workers}`}`,
    `--job-name=${name}`,
    `--comment=${comment}`,
    `--chdir=${directory}`,
    `--output=${folder.replaceAll('%', '%%')}/%a.txt`,
    '--open-mode=append',
    '--requeue',
    `--signal=B:TERM@${Math.min(NOTICE, Math.ceil((seconds ?? Infinity) / 10))}`,
    `--cpus-per-task=${cpus}`,
    ...Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [`--${key}=${value}`])),
    `${folder}/${SCRIPT}`,
  ];
}

export const SCRIPT = 'job.sh';

/** What a node runs. `exec`: signals must reach the worker, not a shell that waits for it. */
export const jobScript = (folder: string, { prologue }: SlurmOptions, sweep: string): string =>
  `${[
    '#!/bin/bash',
    ...prologue,
    `# ${sweep}: each job trains the orders of its place in orders.json`,
    `exec ${[process.execPath, fileURLToPath(new URL('./worker.js', import.meta.url)), folder].map(quoted).join(' ')} "$SLURM_ARRAY_TASK_ID"`,
  ].join('\n')}\n`;
