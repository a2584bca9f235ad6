import { nearest } from '../diagnostics/nearest.js';
import { listed, quote } from '../diagnostics/words.js';
import { Refusal } from '../host/exit.js';
import type { Launcher } from './launcher.js';
import type { LauncherKind, Site } from './launcher-kind.js';
import type { LaunchRequest } from './request.js';
import { launchers, type RunOn } from './run-on.js';

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
