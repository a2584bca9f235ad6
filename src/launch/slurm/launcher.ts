import { firstLine, optionalPart, versionIn } from '../../host/finding.js';
import { machineHere } from '../../host/is-running.js';
import { launchAsJobs, withWorkers } from '../cluster/launch.js';
import type { LauncherKind } from '../launcher-kind.js';
import { jobsName } from './submission.js';
import { describeJobs, jobsOf } from './jobs-of.js';
import { slurmOptions } from './options.js';
import { slurm as slurmScheduler } from './slurm.js';

/** Arrays of jobs of Slurm. */
export const slurm: LauncherKind<typeof slurmOptions> = {
  options: slurmOptions,
  outlives: true,
  launch: (options, site) =>
    launchAsJobs(site, (cluster) =>
      slurmScheduler({
        ...cluster,
        threads: site.launch.threads,
        options: withWorkers(options, site),
        name: jobsName(cluster.nonce, site.run),
        store: site.store,
        machine: machineHere(),
      }),
    ),
  describeJobs: async (store, run) => describeJobs(await jobsOf(store, run)),
  doctor,
};

/** Slurm's programs may be there where its controller isn't. */
async function doctor() {
  const version = versionIn(await firstLine('sinfo', ['--version']));
  const found = optionalPart('Slurm', version, 'on clusters only; sweeps run on this machine without it');
  if (!found.present || (await firstLine('sinfo', ['--noheader']))) return found;
  return { ...found, usable: false, advice: 'sinfo gets no answer: is slurmctld running, and is this machine one of its cluster?' };
}
