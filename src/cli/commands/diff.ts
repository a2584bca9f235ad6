import { describeDiff, diffConfigs } from '../../planning/diff.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import { prepare } from '../prepare.js';
import { styleOf } from '../style.js';

/** In what two documents differ once everything is said in both. */
export const run: Run = async ([left = '', right = ''], options, terminal) => {
  const [a, b] = [prepare(left, options, terminal).resolved, prepare(right, options, terminal).resolved];
  if (options.json) terminal.out(JSON.stringify(diffConfigs(a, b), null, 2));
  else terminal.out(describeDiff(a, b, styleOf(terminal.outColor)).trimEnd());
  return EXIT.done;
};
