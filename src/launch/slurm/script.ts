import { fileURLToPath } from 'node:url';
import { quoted } from '../../diagnostics/words.js';
import { type Static, Type } from '../../language/type.js';
import { trialsPerJob, workers } from '../launcher.js';

/** What is left out is the cluster's own default. */
export const slurmOptions = Type.Object(
  {
    partition: Type.Optional(Type.String({ minLength: 1, description: 'The partition, or several with commas between them.' })),
    account: Type.Optional(Type.String({ minLength: 1, description: 'The account that the job is charged to.' })),
    qos: Type.Optional(Type.String({ minLength: 1, description: 'The quality of service.' })),
    time: Type.Optional(
      Type.String({
        pattern: String.raw`^(?=.*[1-9])(?:(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?|\d+|(?:\d+-)?\d+:\d{2}:\d{2})$`,
        description:
          'The longest time of a job: 30m, 2h, 1h30m, 1d; or as Slurm writes it, "30" (minutes), 1-12:00:00. What it interrupts goes on in the next job.',
      }),
    ),
    memory: Type.Optional(
      Type.String({ pattern: String.raw`^[1-9]\d*[KMGT]$`, description: 'The memory of a job, in units of 1024: 500M, 4G.' }),
    ),
    cpus: Type.Optional(
      Type.Integer({ minimum: 1, otherwise: 'as many as the engine has threads', examples: [2], description: 'Cores of a job.' }),
    ),
    gres: Type.Optional(Type.String({ minLength: 1, description: 'Generic resources, as in gpu:1.' })),
    constraint: Type.Optional(Type.String({ minLength: 1, description: 'Features that a node must have.' })),
    prologue: Type.Array(Type.String(), {
      default: [],
      description: 'Lines of the job before the trials, as in "module load nodejs"; "#SBATCH …" hands further options to sbatch.',
    }),
    trials_per_job: trialsPerJob,
    workers: workers('Jobs that run at the same time.', 'as many as the cluster lets'),
  },
  { description: 'Jobs of a cluster that Slurm runs.' },
);

export type SlurmOptions = Static<typeof slurmOptions>;

/** Seconds of a duration that the pattern of `time` lets through: 1h30m, or Slurm's own MINUTES and [DAYS-]HOURS:MINUTES:SECONDS. */
export function secondsOf(time: string): number {
  if (/^\d+$/.test(time)) return 60 * Number(time);
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = (TIME_OF_SLURM.exec(time) ?? UNITS.exec(time) ?? []).map(numberOr0);
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

const TIME_OF_SLURM = /^(?:(\d+)-)?(\d+):(\d{2}):(\d{2})$/;
const UNITS = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const numberOr0 = (text: string | undefined): number => Number(text ?? 0);

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
