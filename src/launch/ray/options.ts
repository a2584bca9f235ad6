import { type Static, Type } from '../../language/type.js';
import { trialsPerJob } from '../common-options.js';

export const rayOptions = Type.Object({
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

export type RayOptions = Static<typeof rayOptions>;
