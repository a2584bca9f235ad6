import { runsFolder } from '../../host/folders.js';
import { refuseOutput } from '../../host/output.js';
import { openStore } from '../../record/layout.js';
import { prepareTable } from '../../study/prepare-study.js';
import { lookAtTable } from '../../study/verdicts.js';
import type { Run } from '../command.js';
import { observeOn } from '../observe.js';
import { concludeTable } from '../studies.js';
import { changesOf, presentationOf } from './requests.js';

/** The verdicts of a table from the records as they are: nothing is trained. */
export const run: Run = async ([file = ''], options, terminal) => {
  const root = runsFolder(options.runs);
  const store = openStore(root);
  const prepared = prepareTable(file, changesOf(options), observeOn(terminal), store);
  await refuseOutput('table', options.output);
  const records = await lookAtTable(store, prepared, 'judge', observeOn(terminal));
  return concludeTable(records, root, presentationOf(options), terminal);
};
