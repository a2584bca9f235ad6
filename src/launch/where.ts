import { resolve } from 'node:path';
import { nearest } from '../diagnostics/nearest.js';
import { listed, quote } from '../diagnostics/words.js';
import { type RunOn, runOnKinds } from '../language/run-on.js';
import type { SourceDoc } from '../language/source.js';
import { prepareStore, type Store } from '../record/layout.js';
import { Refusal } from '../host/exit.js';
import { machineHere } from '../host/is-running.js';
import type { Terminal } from '../host/terminal.js';
import { jobsFolder } from './cluster/job.js';
import { launchOn } from './cluster/follow.js';
import { refuseAt } from './cluster/wish.js';
import type { Launcher } from './launcher.js';
import { launchLocally } from './local.js';
import { ray } from './ray/ray.js';
import type { LaunchRequest } from './request.js';
import { jobsName } from './slurm/hand-in.js';
import { slurm } from './slurm/slurm.js';

/** A sweep or a table whose trials are to be trained. */
export interface Site {
  readonly store: Store;
  /** The id of its own run, which is on record. */
  readonly run: string;
  readonly title: string;
  readonly doc: SourceDoc;
  readonly launch: LaunchRequest;
  readonly terminal: Terminal;
}

/** Where trials are trained: what `--on` says, with the document's wishes where they are about the same place; else what the document says. */
export function whereToTrain(document: RunOn, { on, wait }: LaunchRequest): RunOn {
  const where = on === undefined || on === document.kind ? document : defaultsOf(on);
  if (where.kind === 'local' && !wait) throw new Refusal('--no-wait leaves jobs of a cluster alone, and these trials are trained here');
  return where;
}

/** How they are trained there. */
export function launcherTo(where: RunOn, site: Site): Launcher {
  const { store, run, title, doc, launch, terminal } = site;
  if (where.kind === 'local') return launchLocally;
  const jobs = jobsFolder(store, run);
  if (jobs === undefined) throw new Error(`run ${run} is not in ${store.root}`);
  const cluster = {
    jobs,
    title,
    threads: launch.threads,
    directory: resolve('.'),
    refuse: refuseAt(doc),
    note: (line: string) => terminal.err(line),
  };
  const nonce = prepareStore(store);
  const workers = launch.workers === undefined ? {} : { workers: launch.workers };
  const scheduler =
    where.kind === 'slurm'
      ? slurm({
          ...cluster,
          options: { ...where, ...workers },
          name: jobsName(nonce, run),
          store,
          machine: machineHere(),
        })
      : ray({ ...cluster, options: { ...where, ...workers }, nonce, variables: process.env });
  return launchOn(scheduler, cluster.note);
}

/** A place with nothing said about it. */
function defaultsOf(kind: string): RunOn {
  if (!Object.hasOwn(runOnKinds, kind)) {
    const kinds = Object.keys(runOnKinds);
    const meant = nearest(kind, kinds);
    throw new Refusal(`--on is ${listed(kinds)}, not ${quote(kind)}`, meant === undefined ? {} : { help: `did you mean ${quote(meant)}?` });
  }
  const { properties } = runOnKinds[kind as keyof typeof runOnKinds];
  const values = Object.entries(properties).flatMap(([key, { default: value }]) => (value === undefined ? [] : [[key, value] as const]));
  return { kind, ...Object.fromEntries(values) } as RunOn;
}
