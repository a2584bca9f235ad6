import { openStore } from '../record/layout.js';
import { plural } from '../diagnostics/numbers.js';
import { type Budget, describeBudget, grantedBy, spentOn, twice } from './budget.js';
import { type PreparedTable, prepareTable } from './prepare-study.js';
import { stagesOf } from './replicates.js';
import { runStudy, type Standing, type StudyEnd, type StudyRequest, type Watching } from './run-study.js';
import { runSweep, type SettledSweep } from './run-sweep.js';
import { withoutOwn } from './tuned-rows.js';
import { type JudgedRecords, judgingOnce, lookAtTable, ownRunOf } from './verdicts.js';
import { leftOf, type LeftWorks, namedWorks, onlyCells, standingOfTable, timesPairs, trialsOf } from './works.js';

/** Who watches a table; `concludeSweep` is given what came of each sweep that was run for one of its rows, and gives that in a line. */
type WatchingTable = Watching<JudgedRecords> & { readonly concludeSweep: Watching<SettledSweep>['conclude'] };

/** Does what is left of a table, and judges all of it. The sweeps of its rows come first: what these rows train is known after them. */
export async function runTable(
  request: StudyRequest & { readonly fresh?: boolean },
  watching: WatchingTable,
): Promise<StudyEnd<JudgedRecords>> {
  const { file, changes, root, launch, only, budget, fresh = false } = request;
  const store = openStore(root);
  const before = prepareTable(file, changes, watching.observe, store);
  const sweeps = await runSweeps(before, request, watching);
  const prepared = sweeps ? prepareTable(file, changes, () => {}, store) : before;
  const { config, doc } = prepared.table;
  const { length: stages } = stagesOf(config)?.stages ?? [];
  // One command tries a work once: what failed in it, or was not begun, is for the next one.
  const tried = new Set<string>();
  // Who asked a sweep to stop wants no other trial either.
  const isStopped = sweeps !== undefined && (sweeps.stopped !== undefined || (launch.failFast && sweeps.failed));

  function look(): Standing<JudgedRecords> {
    const verdicts = judgingOnce(store, prepared);
    const asked = { fresh, verdicts, ...(only && { only }) };
    const found = leftOf(store, prepared, { ...asked, tried });
    const { planned, left, next, waiting } = found;
    return {
      standing: standingOfTable(prepared, found),
      isLeft: waiting.length > 0,
      members() {
        const asked = new Set([...tried, ...left.map(({ work }) => work)]);
        return namedWorks(store, prepared, asked).map(({ name, ...work }) => ({ configuration: name, ...work }));
      },
      next() {
        const granted = budget ? grantedBy(budget, spentOn(store, prepared), left) : { works: left };
        if (isStopped || granted.works.length === 0) return undefined;
        const done = planned.filter(({ isSettled }) => isSettled).length;
        const { seconds, works } = granted;
        for (const { work } of works) tried.add(work);
        const stage = next && { number: next.number, stages, rows: next.rows.length, trials: works.length };
        return {
          ...trialsOf(prepared, works, root, launch),
          all: stages > 0 || budget ? done + works.length : planned.length,
          done,
          inOrder: seconds !== undefined || timesPairs(prepared),
          ...(seconds !== undefined && { seconds }),
          ...(stage && { step: { kind: 'stage', ...stage } }),
        };
      },
      async conclude(own) {
        if (budget) tellBudget(budget, leftOf(store, prepared, asked));
        return lookAtTable(store, prepared, 'run', watching.observe, verdicts(), own);
      },
    };
  }

  /** Says that a budget is spent, and what it leaves. */
  function tellBudget(of: Budget, { left, next }: LeftWorks): void {
    if (left.length === 0 || grantedBy(of, spentOn(store, prepared), left).works.length > 0) return;
    const open = next
      ? `${plural(next.rows.length, 'row')} ${next.rows.length === 1 ? 'is' : 'are'} still open`
      : `${plural(left.length, 'trial')} ${left.length === 1 ? 'is' : 'are'} left`;
    watching.observe({ kind: 'message', text: `the budget of ${describeBudget(of)} is spent: ${open}; --budget ${twice(of)} goes on` });
  }

  const end = await runStudy(
    { own: ownRunOf(prepared), doc, runOn: config.run_on, look, commands: commandsOf(prepared) },
    store,
    launch,
    watching,
  );
  return { ...end, ...(sweeps?.stopped !== undefined && { stopped: sweeps.stopped }), failed: end.failed || (sweeps?.failed ?? false) };
}

/** Runs the sweeps of the rows that are meant, each by itself, as its own command would; undefined where all of them are finished. */
async function runSweeps(
  { rows, table }: PreparedTable,
  { changes, root, launch, only }: StudyRequest,
  { observe, listen, concludeSweep: conclude }: WatchingTable,
): Promise<Pick<StudyEnd<unknown>, 'failed' | 'stopped'> | undefined> {
  const meant = onlyCells(table.config, only)?.map(([row]) => row) ?? Object.keys(rows);
  const open = meant.flatMap((row) => {
    const tuned = rows[row]?.tuned;
    return tuned && !tuned.isFinished ? [tuned.sweep.file] : [];
  });
  if (open.length === 0) return undefined;
  let failed = false;
  for (const file of new Set(open)) {
    // Its warnings were told with those of the table.
    const watching = { observe: (event: Parameters<typeof observe>[0]) => event.kind === 'warnings' || observe(event), listen, conclude };
    const end = await runSweep({ file, changes: withoutOwn(changes), root, launch }, watching);
    failed ||= end.failed;
    if (end.stopped !== undefined) return { failed, stopped: end.stopped };
    if (failed && launch.failFast) break;
  }
  return { failed };
}

/** Once each, however many of the rows that train share a base. */
function commandsOf({ rows, table }: PreparedTable) {
  const all = Object.values(rows).flatMap(({ base, plan, known }) => {
    const { on_finish: command } = plan.config.values;
    return command === undefined || known ? [] : [{ command, base, facts: { EXPERIMENT: plan.name, TABLE: table.config.table } }];
  });
  return Array.from(new Map(all.map((each) => [JSON.stringify([each.command, each.base]), each])).values());
}
