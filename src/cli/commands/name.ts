import { EXIT, Refusal } from '../../host/exit.js';
import type { Run } from '../command.js';
import { annotateRun } from './annotate.js';

const LONGEST = 200;

/** Gives a run a name, by which every command finds it, and which MLflow's page shows. */
export const run: Run = async ([reference = '', ...words], options, terminal) => {
  const name = words.join(' ').trim();
  if (name === '' || name.length > LONGEST) {
    throw new Refusal(`a name has 1 to ${LONGEST} characters, and this one has ${name.length}`, {
      help: 'retable note RUN TEXT keeps longer texts',
    });
  }
  terminal.out(`${annotateRun(reference, options, { name, tags: new Map() })} is called ${JSON.stringify(name)}`);
  return EXIT.done;
};
