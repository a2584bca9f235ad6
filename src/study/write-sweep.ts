import { readIfThere } from '../record/files.js';
import { keyFile, type Store } from '../record/layout.js';
import { parsePoints } from '../record/reader.js';
import type { SweepReport } from '../report/study/sweep-report.js';
import { summarize, type TrialResult } from './proposals/results.js';
import { writeReport } from '../host/output.js';
import { attemptsByWork } from '../run/attempt.js';
import type { PreparedSweep } from './prepare-sweep.js';

/** A sweep with what its trials came to. */
interface SweepRecords {
  readonly store: Store;
  readonly sweep: PreparedSweep;
  readonly trials: readonly TrialResult[];
}

/** A sweep in the form that the name of the file asks for. */
export function writeSweep(file: string, { store, sweep, trials }: SweepRecords): Promise<void> {
  const runs = attemptsByWork(store, new Set(sweep.trials.map(({ work }) => work)));
  const curveOf: SweepReport['curveOf'] = ({ trial, state }) => {
    if (state.kind !== 'finished' && state.kind !== 'pruned') return undefined;
    const run = runs.get(trial.work)?.find(({ id }) => id === state.run);
    const text = run && readIfThere(store.files, keyFile(run.place, 'metrics', sweep.sweep.config.select.metric));
    return text ? parsePoints(text) : undefined;
  };
  return writeReport(
    'sweep',
    { file: sweep.file, base: sweep.base, plan: sweep, trials, results: summarize(sweep, trials), curveOf },
    file,
  );
}
