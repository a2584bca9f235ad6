import { listed, nearest, quote } from '../diagnostics/words.js';
import { Refusal } from '../host/exit.js';
import { type Static, Type } from '../language/type.js';
import type { Launcher, LauncherKind, LaunchRequest, Site } from './launcher.js';
import { local } from './local/local.js';
import { ray } from './ray/ray.js';
import { slurm } from './slurm/slurm.js';

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

/** Where trials are trained: what `--on` says, with the document's wishes where they are about the same place; else what the document says. */
export function whereToTrain(document: RunOn, { on, wait }: LaunchRequest): RunOn {
  const where = on === undefined || on === document.kind ? document : defaultsOf(on);
  if (!launchers[where.kind].outlives && !wait)
    throw new Refusal('--no-wait leaves jobs of a cluster alone, and these trials are trained here');
  return where;
}

/** How they are trained there. The options are those of the kind: a document's are checked, others are its defaults. */
export const launcherTo = (where: RunOn, site: Site): Launcher => (launchers[where.kind] as LauncherKind).launch(where, site);

/** A place with nothing said about it. */
function defaultsOf(kind: string): RunOn {
  if (!Object.hasOwn(launchers, kind)) {
    const kinds = Object.keys(launchers);
    const meant = nearest(kind, kinds);
    throw new Refusal(`--on is ${listed(kinds)}, not ${quote(kind)}`, meant === undefined ? {} : { help: `did you mean ${quote(meant)}?` });
  }
  const { properties } = launchers[kind as keyof typeof launchers].options;
  const values = Object.entries(properties).flatMap(([key, { default: value }]) => (value === undefined ? [] : [[key, value] as const]));
  return { kind, ...Object.fromEntries(values) } as RunOn;
}
