import { jsonText } from '../diagnostics/columns.js';
import { openStore } from '../record/layout.js';
import { countLine, describeTrials, rungsLine, sweepPlanReport, sweepToJson } from '../report/study/sweep-table.js';
import type { Trial, TrialOrder } from '../launch/launcher.js';
import { epochsOf, standingOf } from './proposals/prune.js';
import { byConfiguration, countStates, summarize, type TrialResult } from './proposals/results.js';
import { EXIT } from '../host/exit.js';
import type { AlikeWorks } from './measure-works.js';
import { workersOf } from '../launch/orders.js';
import type { HowToPlan, StudyRequest } from './request.js';
import { styleOf } from '../host/style.js';
import type { Terminal } from '../host/terminal.js';
import { writePlan } from '../host/output.js';
import { orders } from './orders.js';
import { type PreparedSweep, prepareSweep } from './prepare-sweep.js';
import { readStates } from './states.js';

/** Every trial of a sweep, and which of them is done. */
export async function planSweep(request: StudyRequest, { measure, json, output }: HowToPlan, terminal: Terminal): Promise<number> {
  const { file, changes, root, launch } = request;
  const sweep = prepareSweep(file, changes, terminal);
  const { results: states } = standingOf(sweep, readStates(openStore(root), sweep));
  const measuring = measure ? await import('./measure-works.js') : undefined;
  const measured = await measuring?.measureWorks(
    leftOf(sweep, states, orders(sweep, root, launch)),
    workersOf(launch, sweep.sweep.config.run_on.workers),
  );
  const told = measuring && measured && measuring.describeMeasuredWorks(measured);
  const all = { ...sweepToJson(sweep, states, summarize(sweep, states)), ...(measured && { measured }) };
  await writePlan(sweepPlanReport(sweep, states, told, all), output, terminal);
  if (json) terminal.out(jsonText(all));
  else {
    const style = styleOf(terminal.outColor);
    const lines = [countLine(sweep, countStates(states)), ...(sweep.rungs.length > 1 ? [rungsLine(sweep, style)] : [])];
    if (told !== undefined) lines.push(`${style.heading('measured')}  ${told}`);
    terminal.out(`${describeTrials(sweep, states, style)}\n${lines.join('\n')}`);
  }
  return EXIT.done;
}

/** Configuration by configuration; what pruning will save is taken off all of them alike, since nobody knows yet which ones stay. */
function leftOf(sweep: PreparedSweep, results: readonly TrialResult[], orderOf: (trial: Trial) => TrialOrder): readonly AlikeWorks[] {
  const { pruned, whole } = epochsOf(sweep);
  const ofConfiguration = byConfiguration(results.filter(({ state }) => LEFT.includes(state.kind)));
  return sweep.configurations.flatMap(({ index, epochs }) => {
    const left = ofConfiguration.get(index) ?? [];
    const [first] = left;
    return first ? [{ order: orderOf(first.trial), works: left.length, epochs: (epochs * left.length * pruned) / whole }] : [];
  });
}

const LEFT: readonly string[] = ['needed', 'failed', 'unfinished'];
