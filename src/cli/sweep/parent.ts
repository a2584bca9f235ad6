import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { startersClaim, takeClaim } from '../../record/claim.js';
import { failedWith } from '../../record/error.js';
import { experimentId, prepareStore, runPlace, type Store } from '../../record/layout.js';
import type { Machine } from '../../record/machine.js';
import { reopenRun } from '../../record/reopen.js';
import { startRun } from '../../record/start.js';
import { standardTags } from '../../record/tags.js';
import type { RunWriter } from '../../record/writer.js';
import { nameConfiguration, type TrialResult } from '../../sweep/results.js';
import type { Surroundings } from '../work/surroundings.js';
import type { PreparedSweep } from './prepare-sweep.js';

/** 32 hex of the sweep's name: its runs in two stores become one when they are copied together. */
export const parentId = (experiment: string, sweep: string): string =>
  createHash('sha256')
    .update(JSON.stringify(['sweep', experiment, sweep]))
    .digest('hex')
    .slice(0, 32);

/** The sweep's own run: what stands above its trials in MLflow, with the list of its members. */
export interface ParentRun {
  keepMembers(results: readonly TrialResult[]): void;
  finish(results: readonly TrialResult[], interrupted: boolean): void;
}

/** Another process that runs the same sweep keeps the list; then nothing is written here. */
export function openParent(store: Store, sweep: PreparedSweep, { machine, around }: { machine: Machine; around: Surroundings }): ParentRun {
  prepareStore(store);
  const opened = beginParent(store, sweep, machine, around) ?? continueParent(store, sweep, machine);
  if (!opened) return { keepMembers: () => {}, finish: () => {} };
  const { writer, claim } = opened;
  const keepMembers = (results: readonly TrialResult[]): void => writer.artifact('members.json', membersOf(sweep, results));
  writer.artifact(`source/${sweep.file.split(/[\\/]/).at(-1) ?? 'sweep.yaml'}`, sweep.sweep.doc.text);
  return {
    keepMembers,
    finish(results, interrupted) {
      keepMembers(results);
      writer.finish(interrupted ? 'KILLED' : results.some(({ state }) => state.kind === 'failed') ? 'FAILED' : 'FINISHED', Date.now());
      claim.release();
    },
  };
}

interface Opened {
  readonly writer: RunWriter;
  readonly claim: { release(): void };
}

function beginParent(store: Store, sweep: PreparedSweep, machine: Machine, { user, git }: Surroundings): Opened | undefined {
  const { config } = sweep.sweep;
  const source = { user, source: sweep.file, sourceType: 'LOCAL', git } as const;
  const place = runPlace(store, experimentId(sweep.experiment), parentId(sweep.experiment, config.sweep));
  if (store.files.stat(join(place.folder, 'meta.yaml'))) return undefined;
  try {
    const writer = startRun(store, {
      experiment: sweep.experiment,
      runId: place.runId,
      runName: config.sweep,
      user,
      startTime: Date.now(),
      parameters: { sweep: config.sweep, base: config.base, 'select.metric': config.select.metric, 'select.at': String(config.select.at) },
      tags: {
        ...standardTags({ ...source, ...(config.description !== undefined && { note: config.description }) }),
        'retable.sweep': config.sweep,
      },
      datasets: [],
      owner: machine.self,
    });
    return { writer, claim: startersClaim(store, writer.run, machine) };
  } catch (error) {
    if (failedWith(error, 'EEXIST')) return undefined;
    throw error;
  }
}

function continueParent(store: Store, sweep: PreparedSweep, machine: Machine): Opened | undefined {
  const place = runPlace(store, experimentId(sweep.experiment), parentId(sweep.experiment, sweep.sweep.config.sweep));
  const taken = takeClaim(store, place, machine, Date.now());
  return taken.kind === 'held' ? undefined : { writer: reopenRun(store, place), claim: taken.claim };
}

/** One line a trial, so that two versions can be compared. */
function membersOf({ configurations }: PreparedSweep, results: readonly TrialResult[]): string {
  const byIndex = new Map(configurations.map((configuration) => [configuration.index, configuration]));
  const lines = results.map(({ trial: { configuration, seed, work }, state }) =>
    JSON.stringify({
      work,
      configuration: nameConfiguration(byIndex.get(configuration)?.assignments ?? []),
      seed,
      state: state.kind,
      ...('run' in state && { run: state.run }),
    }),
  );
  return `[\n${lines.join(',\n')}\n]\n`;
}
