import { openStore } from '../../record/layout.js';
import type { Run } from '../command.js';
import { documentKind } from '../document-kind.js';
import { EXIT, Refusal } from '../exit.js';
import { runsFolder, shown } from '../folders.js';

/** How far a sweep or a table is, and who is at what, from the records alone: nothing is trained and nothing written. */
export const run: Run = async ([reference = ''], options, terminal) => {
  const root = runsFolder(options.runs);
  const store = openStore(root);
  const { statusByName, statusOfSweep } = await import('../sweep/status-sweep.js');
  if (!/\.ya?ml$/.test(reference)) {
    if (statusByName(store, reference, options, terminal)) return EXIT.done;
    throw new Refusal(`no sweep called "${reference}" was run in ${shown(root)}`, { help: 'name the file of a sweep or a table instead' });
  }
  switch (documentKind(reference)) {
    case 'sweep':
      statusOfSweep(store, reference, options, terminal);
      return EXIT.done;
    case 'table':
      (await import('../table/status-table.js')).statusOfTable(store, reference, options, terminal);
      return EXIT.done;
    default:
      throw new Refusal(`status is about a sweep or a table, and ${reference} is neither`, {
        help: 'npx retable show NAME tells of its runs',
      });
  }
};
