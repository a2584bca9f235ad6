import { type Static, Type } from '../../language/type.js';
import { trialsPerJob, workers } from '../common-options.js';

/** What is left out is the cluster's own default. */
export const slurmOptions = Type.Object({
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
