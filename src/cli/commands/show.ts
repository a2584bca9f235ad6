import { jsonText } from '../../diagnostics/columns.js';
import { openStore, type Store } from '../../record/layout.js';
import { findRuns, type Lifecycle, listExperiments, type RunHead } from '../../record/reader.js';
import { runToJson } from '../../report/run/run-page.js';
import { describeRun } from '../../report/run/summary.js';
import type { Run } from '../command.js';
import { Refusal, EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { styleOf } from '../../host/style.js';
import { readReport } from '../../run/read-report.js';

/** One run: how it ended, its numbers, its curve, and where its files are. */
export const run: Run = async ([reference = 'latest'], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const report = readReport(store, theRun(store, reference));
  if (!options.json) {
    terminal.out(describeRun(report, styleOf(terminal.outColor)).trimEnd());
    return EXIT.done;
  }
  terminal.out(jsonText(runToJson(report)));
  return EXIT.done;
};

/** The one run that is meant, or in words why there is none. */
export function theRun(store: Store, reference: string, which: Lifecycle = 'active'): RunHead {
  const [found, another] = findRuns(store, reference, which);
  const root = shown(store.root);
  if (!found) {
    const [elsewhere] = findRuns(store, reference, which === 'active' ? 'deleted' : 'active');
    if (elsewhere && reference !== 'latest') {
      const short = elsewhere.id.slice(0, 8);
      throw which === 'active'
        ? new Refusal(`run ${short} is in the trash`, { help: `retable restore ${short} takes it out` })
        : new Refusal(`run ${short} is not in the trash`);
    }
    if (which === 'deleted')
      throw new Refusal(`no run "${reference}" in the trash of ${root}`, { help: 'retable list --deleted shows them' });
    const names = listExperiments(store).map(({ name }) => name);
    const known =
      names.length > 0 ? `experiments there: ${names.join(', ')}; npx retable list shows all runs` : `there are no runs in ${root} yet`;
    const isShort = /^[0-9a-f]{1,3}$/.test(reference);
    throw new Refusal(`no run "${reference}" in ${root}`, { help: isShort ? 'an id is given by four or more of its characters' : known });
  }
  if (another) throw new Refusal(`several runs begin with "${reference}"`, { help: 'give more characters of the id' });
  return found;
}
