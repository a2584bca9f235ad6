import { EXIT, Refusal } from '../../host/exit.js';
import { keyProblem, limits } from '../../record/keys.js';
import type { Run } from '../command.js';
import { annotateRun } from './annotate.js';

/** Sets tags of a run, or takes them away: `list` shows them in columns of their own, and filters know them. */
export const run: Run = async ([reference = '', ...written], options, terminal) => {
  const tags = new Map(written.map(readTag));
  const short = annotateRun(reference, options, { tags });
  for (const [key, value] of tags)
    terminal.out(value === undefined ? `${short} has no tag ${key}` : `${short} has the tag ${key}=${value}`);
  return EXIT.done;
};

/** `KEY=VALUE`; `KEY=` takes the tag away. */
function readTag(written: string): readonly [key: string, value: string | undefined] {
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(written) ?? [];
  if (key === '')
    throw new Refusal(`a tag is written KEY=VALUE, and "${written}" is none`, {
      help: 'KEY= takes a tag away: retable tag latest checked=',
    });
  const [, owner] = /^(mlflow|retable)\./.exec(key) ?? [];
  if (owner)
    throw new Refusal(`tags that begin with "${owner}." belong to ${owner}`, {
      help: 'retable name and retable note set the name and the note of a run',
    });
  const problem = key.includes('/') ? `"${key}" may hold only letters, digits and _ - . : and spaces` : keyProblem(key);
  if (problem !== null) throw new Refusal(problem);
  if (value.length > limits.tag)
    throw new Refusal(`the value of a tag has at most ${limits.tag} characters, and this one has ${value.length}`);
  return [key, value === '' ? undefined : value];
}
