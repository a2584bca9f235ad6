import type { Store } from '../record/layout.js';
import type { Machine } from '../record/machine.js';
import { type TrialResult } from './proposals/results.js';
import { nameConfiguration } from '../planning/name-configuration.js';
import { documentRunId, openDocumentRun } from './document-run.js';
import { formatMembers, MEMBERS } from './members.js';
import type { Surroundings } from '../run/surroundings.js';
import type { PreparedSweep } from './prepare-sweep.js';

export const parentId = (experiment: string, sweep: string): string => documentRunId('sweep', experiment, sweep);

/** The sweep's own run: what stands above its trials in MLflow, with the list of its members. */
interface ParentRun {
  keepMembers(results: readonly TrialResult[]): void;
  finish(results: readonly TrialResult[], interrupted: boolean): void;
}

/** Another process that runs the same sweep keeps the list; then nothing is written here. */
export async function openParent(
  store: Store,
  sweep: PreparedSweep,
  { machine, around }: { readonly machine: Machine; readonly around: Surroundings },
): Promise<ParentRun> {
  const { config, doc } = sweep.sweep;
  const start = {
    experiment: sweep.experiment,
    runId: parentId(sweep.experiment, config.sweep),
    runName: config.sweep,
    parameters: { sweep: config.sweep, base: config.base, 'select.metric': config.select.metric, 'select.at': String(config.select.at) },
    tags: { 'retable.sweep': config.sweep },
    file: sweep.file,
    text: doc.text,
    note: config.description,
  };
  const opened = await openDocumentRun(store, start, machine, around);
  if (!opened) return { keepMembers: () => {}, finish: () => {} };
  const keepMembers = (results: readonly TrialResult[]): void => opened.writer.artifact(MEMBERS, membersOf(sweep, results));
  return {
    keepMembers,
    finish(results, interrupted) {
      const isLeft = results.some(({ state: { kind } }) => kind === 'failed' || kind === 'unfinished' || kind === 'needed');
      try {
        keepMembers(results);
      } finally {
        opened.finish(interrupted ? 'KILLED' : isLeft ? 'FAILED' : 'FINISHED');
      }
    },
  };
}

function membersOf({ configurations }: PreparedSweep, results: readonly TrialResult[]): string {
  const byIndex = new Map(configurations.map((configuration) => [configuration.index, configuration]));
  const members = results.map(({ trial: { configuration, seed, work }, state }) => ({
    work,
    configuration: nameConfiguration(byIndex.get(configuration)?.assignments ?? []),
    seed,
    state: state.kind,
    ...('run' in state && { run: state.run }),
  }));
  return formatMembers(members);
}
