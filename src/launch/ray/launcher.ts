import { firstLine, optionalPart, pythonPackage, versionIn } from '../../host/finding.js';
import { launchAsJobs, withWorkers } from '../cluster/launch.js';
import type { LauncherKind } from '../launcher-kind.js';
import { rayOptions } from './options.js';
import { ray as rayScheduler } from './ray.js';

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
