import { openStore, refuseNewerStore } from '../../record/layout.js';
import { restoreRun } from '../../record/lease.js';
import type { Run } from '../command.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder } from '../../host/folders.js';
import { theRun } from '../../run/find-runs.js';

/** Takes runs out of the trash, those too that were deleted on MLflow's page. */
export const run: Run = async (references, options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  refuseNewerStore(store);
  for (const { id, experiment, place } of references.map((reference) => theRun(store, reference, 'deleted'))) {
    restoreRun(store, place);
    terminal.out(`run ${id.slice(0, 8)} of ${experiment} is restored`);
  }
  return EXIT.done;
};
