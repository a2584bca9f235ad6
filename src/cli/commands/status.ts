import { openStore } from '../../record/layout.js';
import { describeResults } from '../../sweep/describe.js';
import { standingOf } from '../../sweep/prune.js';
import { summarize } from '../../sweep/results.js';
import { sweepToJson } from '../../sweep/results-json.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import { runsFolder } from '../folders.js';
import { styleOf } from '../style.js';
import { prepareSweep } from '../sweep/prepare-sweep.js';
import { readStates } from '../sweep/states.js';

/** How far a sweep is, and what it came to so far, from the records alone: nothing is trained and nothing written. */
export const run: Run = async ([file = ''], options, terminal) => {
  const sweep = prepareSweep(file, options, terminal);
  const { results: states } = standingOf(sweep, readStates(openStore(runsFolder(options.runs)), sweep));
  const results = summarize(sweep, states);
  if (options.json) terminal.out(JSON.stringify(sweepToJson(sweep, states, results), null, 2));
  else terminal.out(describeResults(sweep, results, styleOf(terminal.outColor)).trimEnd());
  return EXIT.done;
};
