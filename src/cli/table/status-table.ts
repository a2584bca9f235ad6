import type { Store } from '../../record/layout.js';
import { thisMachine } from '../../record/machine.js';
import type { Options } from '../command.js';
import { isRunning } from '../is-running.js';
import { describeLive, liveLine, readLive, secondsLeft } from '../launch/live-works.js';
import type { Terminal } from '../terminal.js';
import { attemptsByWork } from '../work/attempt.js';
import { prepareTable } from './prepare-table.js';
import { tableRunId } from './table-run.js';

/** What is at work of a table, what is done, and what went wrong; `judge` has the verdicts. Gives the id of its own run. */
export function statusOfTable(store: Store, file: string, options: Options, terminal: Terminal): string {
  const { table, works } = prepareTable(file, options, terminal);
  const labelOf = (row: string): string => table.config.rows[row]?.label ?? row;
  const begun = attemptsByWork(store, new Set(works.flatMap(({ counted }) => counted.map(({ key }) => key))));
  const named = new Map(
    works.map(({ rows: [row = ''], seed, work, counted }) => {
      const found = counted.find(({ key }) => begun.has(key))?.key ?? work;
      return [found, { name: labelOf(row), seed, work: found }];
    }),
  );
  const live = readLive(store, [...named.values()], thisMachine(process.pid, isRunning));
  const left = secondsLeft(live);
  if (options.json)
    terminal.out(JSON.stringify({ table: table.config.table, runs: live, ...(left !== undefined && { seconds_left: left }) }, null, 2));
  else terminal.out([`${table.config.table}; ${liveLine(live, 'run')}`, ...describeLive(live)].join('\n'));
  return tableRunId(table.config.table);
}
