import { type Static, Type } from '../language/type.js';
import { local } from './local/launcher.js';
import { ray } from './ray/launcher.js';
import { slurm } from './slurm/launcher.js';

/** The places where trials are trained, by the kind that `run_on` and `--on` name. */
export const launchers = { local, slurm, ray };

/** The kind is a key of `launchers`. */
export const runOn = Type.Tagged(
  { local: local.options, slurm: slurm.options, ray: ray.options },
  {
    default: { kind: 'local' } as never,
    affects: 'execution',
    description: 'Where trials are trained: processes of this machine, or jobs of a cluster that shares its files with this machine.',
  },
);

export type RunOn = Static<typeof runOn>;
