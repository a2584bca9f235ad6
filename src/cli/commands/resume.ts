import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { openStore, type Store } from '../../record/layout.js';
import { listRuns, readTag, type RunHead, workTag } from '../../record/reader.js';
import { refuseOutput } from '../../host/output.js';
import { outcomeTag } from '../../record/works.js';
import { statusOf } from '../../run/attempt.js';
import { theRun } from '../../run/find-runs.js';
import { prepare } from '../../run/prepare.js';
import { recordedDocument } from '../../run/recorded-document.js';
import { wordOf } from '../../run/run-record.js';
import type { Run } from '../command.js';
import { observeOn } from '../observe.js';
import { train } from './run.js';

/** Goes on with a run that was interrupted, from its record alone: neither its file nor what was said with --set is needed again. */
export const run: Run = async ([reference], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  await refuseOutput('run', options.output);
  const head = reference === undefined ? newestInterrupted(store) : interrupted(store, theRun(store, reference));
  const prepared = prepare(recordedDocument(store, head), {}, observeOn(terminal));
  if (prepared.plan.work.key !== readTag(store, head.place, workTag)) {
    const short = head.id.slice(0, 8);
    throw new Refusal(`run ${short} can't go on: its data, its modules or what retable computes have changed since it began`, {
      status: EXIT.failed,
      help: `npx retable run ${short} trains it anew, as another run`,
    });
  }
  return train(prepared, options, terminal);
};

const isInterrupted = (store: Store, head: RunHead): boolean => wordOf(statusOf(store, head)) === 'interrupted';

/** A trial that its sweep has pruned is no such run: it stopped as it should. */
function newestInterrupted(store: Store): RunHead {
  const isTrained = ({ place }: RunHead): boolean =>
    readTag(store, place, workTag) !== null && readTag(store, place, outcomeTag) !== 'paused';
  const found = listRuns(store).find((head) => isTrained(head) && isInterrupted(store, head));
  if (!found) throw new Refusal(`no run in ${shown(store.root)} was interrupted`, { help: 'npx retable list shows how each ended' });
  return found;
}

function interrupted(store: Store, head: RunHead): RunHead {
  if (isInterrupted(store, head)) return head;
  const short = head.id.slice(0, 8);
  const status = wordOf(statusOf(store, head));
  throw new Refusal(`run ${short} was not interrupted: it is ${status}`, {
    help: status === 'running' ? 'npx retable status says how far it is' : `npx retable run ${short} --fresh trains it again, as a new run`,
  });
}
