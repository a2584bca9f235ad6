import { outcomeTag } from '../record/works.js';
import { isLeftAlone } from '../record/lease.js';
import type { Store } from '../record/layout.js';
import { readTag, type RunHead } from '../record/reader.js';
import type { RunStatus } from '../report/run/run-record.js';
import { machineHere } from '../host/is-running.js';
import { outcomeOf } from './attempt.js';

/** How a run stands. Whether a process works on one that is recorded as running is looked up on this machine, and by its lease elsewhere. */
export function statusOf(store: Store, run: RunHead): RunStatus {
  const outcome = outcomeOf({ status: run.status, outcome: run.status === 'FAILED' ? readTag(store, run.place, outcomeTag) : null });
  if (outcome === 'stopped') return 'killed';
  if (outcome !== undefined) return outcome;
  return isLeftAlone(store, run.place, machineHere(), Date.now()) ? 'interrupted' : 'running';
}
