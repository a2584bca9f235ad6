import { jsonText } from '../../diagnostics/columns.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseOutput, writePlan } from '../../host/output.js';
import { howTold, styleOf } from '../../host/terminal.js';
import type { Plan } from '../../planning/plan.js';
import { planToJson } from '../../planning/plan-json.js';
import { foldCount } from '../../language/replicate.js';
import { openStore } from '../../record/layout.js';
import { describeOrigins, describePlan, planReport } from '../../report/plan/describe.js';
import { decideAttempt, recordState } from '../../run/attempt.js';
import { atItsStage } from '../../run/engine-fault.js';
import { type Changes, examine, prepare } from '../../run/prepare.js';
import type { Run } from '../command.js';
import { observeOn } from '../observe.js';
import { refuseIdle } from '../options-by-kind.js';
import { changesOf, studyOf, subjectOf } from './requests.js';

/** What would be done, on one screen; `--measure` and `--graph` go further and need the engine. */
export const run: Run = async ([file = ''], options, terminal) => {
  const kind = subjectOf(file, options);
  refuseIdle('plan', kind, options);
  await refuseOutput('plan', options.output);
  const { output } = options;
  const style = styleOf(terminal.outColor);
  if (kind !== 'experiment') {
    const { plannedStudy } = await import('../studies.js');
    const { text, report, json } = await plannedStudy(kind, studyOf(file, options), options.measure === true, terminal);
    await writePlan(report, output, terminal);
    if (options.json) terminal.data(jsonText(json));
    else terminal.out(text);
    return EXIT.done;
  }
  const prepared = prepare(file, changesOf(options), observeOn(terminal));
  const { plan, resolved, stages, files } = prepared;
  const root = runsFolder(options.runs);
  const next = decideAttempt(openStore(root), plan.work.key, false);
  if (options.graph) {
    const { describeProgram } = await import('../../run/program-text.js');
    terminal.data(await atItsStage(prepared, () => describeProgram(plan, stages, options.after)));
    return EXIT.done;
  }
  const measuring = options.measure ? await import('../../run/measure.js') : undefined;
  const moment = measuring && (await atItsStage(prepared, () => measuring.measure(plan, stages, files)));
  const measured = moment && measuring.withFolds(moment, plan, foldPlans(file, changesOf(options), plan));
  const told = measuring && measured && measuring.describeMeasured(measured);
  const all = { ...planToJson(plan), record: recordState(next), ...(measured && { measured }) };
  const record = recordLine(next, shown(root));
  await writePlan(planReport(plan, { record, ...(told !== undefined && { measured: told }), json: all }), output, terminal);
  if (options.json) {
    terminal.data(jsonText(all));
    return EXIT.done;
  }
  terminal.out(describePlan(plan, howTold(terminal)).trimEnd());
  terminal.out(`${style.heading('record')}      ${record}`);
  if (told !== undefined) terminal.out(`${style.heading('measured')}    ${told}`);
  if (options.origins) terminal.out(`\n${describeOrigins(resolved, style).trimEnd()}`);
  return EXIT.done;
};

/** The experiment in each fold of its data; none where they have no folds. */
const foldPlans = (file: string, changes: Changes, { config }: Plan): readonly Plan[] =>
  Array.from({ length: foldCount(config.values) ?? 0 }, (_, index) => {
    const examined = examine(file, { ...changes, set: [...(changes.set ?? []), `fold=${index + 1}`] });
    return 'plan' in examined ? [examined.plan] : [];
  }).flat();

function recordLine(next: ReturnType<typeof decideAttempt>, root: string): string {
  switch (next.kind) {
    case 'show':
      return `done: run ${next.attempt.id.slice(0, 8)} in ${root}`;
    case 'continue':
      return `begun and not finished: run ${next.attempt.id.slice(0, 8)} in ${root}`;
    case 'start':
      return `needed: nothing in ${root} yet${next.number > 1 ? ` but ${next.number - 1} failed` : ''}`;
    default:
      return next satisfies never;
  }
}
