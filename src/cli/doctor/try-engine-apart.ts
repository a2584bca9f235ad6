import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Device, EngineKind } from '../../engine/engine.js';
import { packageRoot } from '../../version.js';
import type { Finding } from '../../host/finding.js';
import { enginePart } from './finding.js';

/** Tries an engine in a process of its own: drivers of GPUs write on stderr what nobody asked for, and a broken one ends the process that loads it. */
export function tryEngineApart(kind: EngineKind, device: Device): Promise<Finding> {
  const program = fileURLToPath(new URL('dist/cli/doctor/engine-tried.js', packageRoot));
  const child = fork(program, [kind, device], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  return new Promise((resolve) => {
    child.once('message', (found) => resolve(found as Finding));
    child.once('exit', (status, signal) =>
      resolve({
        part: enginePart(kind, device),
        present: true,
        usable: false,
        version: '',
        advice: `its driver ended the process that loaded it (${signal ?? `status ${status}`}); use engine.device: cpu`,
        needed: false,
      }),
    );
  });
}
