import { type Static, Type } from './type.js';

const trialsPerJob = Type.Integer({
  minimum: 1,
  default: 1,
  description: 'Trials that one job trains, one after the other: more than one where a trial is short beside the wait in the queue.',
});

const workers = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));

const local = Type.Object({ workers: workers('Processes that train at the same time; one a core where left out.') });

/** What is left out is the cluster's own default. */
const slurm = Type.Object({
  partition: Type.Optional(Type.String({ minLength: 1, description: 'The partition, or several with commas between them.' })),
  account: Type.Optional(Type.String({ minLength: 1, description: 'Who pays for it.' })),
  qos: Type.Optional(Type.String({ minLength: 1, description: 'The quality of service.' })),
  time: Type.Optional(
    Type.String({
      pattern: String.raw`^(?=.*[1-9])(?:(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?|\d+|(?:\d+-)?\d+:\d{2}:\d{2})$`,
      description:
        'the longest time of a job: 30m, 2h, 1h30m, 1d; or as Slurm writes it, "30" (minutes), 1-12:00:00. What it interrupts goes on in the next job',
    }),
  ),
  memory: Type.Optional(
    Type.String({ pattern: String.raw`^[1-9]\d*[KMGT]$`, description: 'the memory of a job, in units of 1024: 500M, 4G' }),
  ),
  cpus: Type.Optional(Type.Integer({ minimum: 1, description: 'Cores of a job; as many as the engine has threads where left out.' })),
  gres: Type.Optional(Type.String({ minLength: 1, description: 'Generic resources, as in gpu:1.' })),
  constraint: Type.Optional(Type.String({ minLength: 1, description: 'Features that a node must have.' })),
  prologue: Type.Array(Type.String(), {
    default: [],
    description: 'Lines of the job before the trials, as in "module load nodejs"; "#SBATCH …" hands further options to sbatch.',
  }),
  trials_per_job: trialsPerJob,
  workers: workers('Jobs that run at the same time; as many as the cluster lets where left out.'),
});

const ray = Type.Object({
  address: Type.Optional(
    Type.String({
      pattern: String.raw`^(https?://)?[^\s/@]+(:\d+)?/?$`,
      description: "the address of Ray's Jobs API, http://HOST:8265; RAY_ADDRESS where left out",
    }),
  ),
  cpus: Type.Number({ minimum: 0, default: 1, description: 'Cores that Ray keeps free for a job.' }),
  gpus: Type.Number({ minimum: 0, default: 0, description: 'GPUs that Ray keeps free for a job.' }),
  prologue: Type.Array(Type.String(), { default: [], description: 'Lines of the job before the trials.' }),
  trials_per_job: trialsPerJob,
  workers: Type.Integer({
    minimum: 1,
    default: 32,
    description: "Jobs that are with Ray at the same time; one that has waited for Ray's start timeout is handed in again.",
  }),
});

export const runOnKinds = { local, slurm, ray };
export const runOn = Type.Tagged(runOnKinds, {
  default: { kind: 'local' } as never,
  affects: 'execution',
  description: 'Where trials are trained: processes of this machine, or jobs of a cluster that shares its files with this machine.',
});

export type SlurmOptions = Static<typeof slurm>;
export type RayOptions = Static<typeof ray>;
export type RunOn =
  | ({ readonly kind: 'local' } & Static<typeof local>)
  | ({ readonly kind: 'slurm' } & SlurmOptions)
  | ({ readonly kind: 'ray' } & RayOptions);

/** Seconds of a duration that the pattern of `time` lets through: 1h30m, or Slurm's own MINUTES and [DAYS-]HOURS:MINUTES:SECONDS. */
export function secondsOf(time: string): number {
  if (/^\d+$/.test(time)) return 60 * Number(time);
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = (TIME_OF_SLURM.exec(time) ?? UNITS.exec(time) ?? []).map(numberOr0);
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

const TIME_OF_SLURM = /^(?:(\d+)-)?(\d+):(\d{2}):(\d{2})$/;
const UNITS = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const numberOr0 = (text: string | undefined): number => Number(text ?? 0);
