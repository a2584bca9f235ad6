import { openStore } from '../../record/layout.js';
import { countLine, describeTrials, rungsLine } from '../../sweep/describe.js';
import { standingOf } from '../../sweep/prune.js';
import { countStates, summarize } from '../../sweep/results.js';
import { sweepToJson } from '../../sweep/results-json.js';
import type { Options } from '../command.js';
import { EXIT, Refusal } from '../exit.js';
import { runsFolder } from '../folders.js';
import { styleOf } from '../style.js';
import type { Terminal } from '../terminal.js';
import { prepareSweep } from './prepare-sweep.js';
import { readStates } from './states.js';

/** Every trial of a sweep, and which of them is done. */
export function planSweep(file: string, options: Options, terminal: Terminal): number {
  const single = (['origins', 'graph', 'after', 'measure'] as const).find((name) => options[name] !== undefined);
  if (single !== undefined) throw new Refusal(`--${single} is about one experiment, and ${file} is a sweep`, { help: 'ask for its base' });
  const sweep = prepareSweep(file, options, terminal);
  const { results: states } = standingOf(sweep, readStates(openStore(runsFolder(options.runs)), sweep));
  if (options.json) terminal.out(JSON.stringify(sweepToJson(sweep, states, summarize(sweep, states)), null, 2));
  else {
    const style = styleOf(terminal.outColor);
    const lines = [countLine(sweep, countStates(states)), ...(sweep.rungs.length > 1 ? [rungsLine(sweep, style)] : [])];
    terminal.out(`${describeTrials(sweep, states, style)}\n${lines.join('\n')}`);
  }
  return EXIT.done;
}
