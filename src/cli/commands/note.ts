import { EXIT, Refusal } from '../../host/exit.js';
import { limits } from '../../record/keys.js';
import type { Run } from '../command.js';
import { annotateRun } from './annotate.js';

/** Writes a note on a run, in place of the one that it has: its description, which `show`, `report` and MLflow's page print. */
export const run: Run = async ([reference = '', ...words], options, terminal) => {
  const note = words.join(' ');
  if (note.length > limits.tag) throw new Refusal(`a note has at most ${limits.tag} characters, and this one has ${note.length}`);
  const short = annotateRun(reference, options, { tags: new Map([['mlflow.note.content', note === '' ? undefined : note]]) });
  terminal.out(note === '' ? `${short} has no note` : `${short} has the note: ${note}`);
  return EXIT.done;
};
