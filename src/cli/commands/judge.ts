import { openStore } from '../../record/layout.js';
import type { Run } from '../command.js';
import { runsFolder } from '../../host/folders.js';
import { prepareTable } from '../../study/prepare-table.js';
import { changesOf, presentationOf } from './requests.js';
import { showVerdicts } from '../../study/show-verdicts.js';

/** The verdicts of a table from the records as they are: nothing is trained. */
export const run: Run = async ([file = ''], options, terminal) => {
  const prepared = prepareTable(file, changesOf(options), terminal);
  return (await showVerdicts(openStore(runsFolder(options.runs)), prepared, presentationOf(options), terminal)).status;
};
