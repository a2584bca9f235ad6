import type { Store } from '../record/layout.js';
import type { Changes } from '../run/prepare.js';
import { machineHere } from '../host/is-running.js';
import { describeLive, liveLine, type NamedWork, readLive, secondsLeft } from './live-works.js';
import type { Terminal } from '../host/terminal.js';
import { prepareTable } from './prepare-table.js';
import { readMembers, TABLES, tableRunId } from './own-run.js';
import { namedWorks } from './works.js';

/** What is at work of a table, what is done, and what went wrong; `judge` has the verdicts. Gives the id of its own run. */
export function statusOfTable(store: Store, file: string, changes: Changes, json: boolean, terminal: Terminal): string {
  const prepared = prepareTable(file, changes, terminal);
  return tell(store, prepared.table.config.table, namedWorks(store, prepared), json, terminal);
}

/** By its name alone, as its own run has listed its works; undefined where no table of this name was run. */
export function statusOfTableNamed(store: Store, name: string, json: boolean, terminal: Terminal): string | undefined {
  const members = readMembers(store, TABLES, tableRunId(name));
  return members.length === 0 ? undefined : tell(store, name, members, json, terminal);
}

function tell(store: Store, table: string, works: readonly NamedWork[], json: boolean, terminal: Terminal): string {
  const live = readLive(store, works, machineHere());
  const left = secondsLeft(live);
  if (json) terminal.out(JSON.stringify({ table, runs: live, ...(left !== undefined && { seconds_left: left }) }, null, 2));
  else terminal.out([`${table}; ${liveLine(live, 'run')}`, ...describeLive(live)].join('\n'));
  return tableRunId(table);
}
