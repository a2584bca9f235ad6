import { dirname } from 'node:path';
import { jsonText } from '../../diagnostics/columns.js';
import { EXIT } from '../../host/exit.js';
import { styleOf } from '../../host/terminal.js';
import { type ExperimentConfig, experimentSchema } from '../../language/experiment.js';
import { renamedFor, withFiles } from '../../language/resolve.js';
import { describeDiff, diffConfigs } from '../../report/plan/describe.js';
import { prepare } from '../../run/prepare.js';
import type { Run } from '../command.js';
import { observeOn } from '../observe.js';
import { changesOf } from './requests.js';

/** In what two documents differ once everything is said in both. */
export const run: Run = async ([left = '', right = ''], options, terminal) => {
  const { resolved: a } = prepare(left, changesOf(options), observeOn(terminal));
  const { resolved, stages } = prepare(right, changesOf(options), observeOn(terminal));
  // As the first document would name them: equal paths of two folders are two files.
  const renamed = (written: string): string => renamedFor(dirname(a.file), dirname(resolved.file), written);
  const b = { ...resolved, values: withFiles(experimentSchema(stages), resolved.values, renamed) as ExperimentConfig };
  if (options.json) terminal.data(jsonText(diffConfigs(a, b)));
  else terminal.out(describeDiff(a, b, styleOf(terminal.outColor)).trimEnd());
  return EXIT.done;
};
