import { jsonText } from '../../diagnostics/columns.js';
import { dirname } from 'node:path';
import { createEngine } from '../../engine/create.js';
import { openStore } from '../../record/layout.js';
import { findRuns } from '../../record/reader.js';
import { findByWork } from '../../record/works.js';
import { describeRun } from '../../report/run/summary.js';
import type { Run } from '../command.js';
import { documentKind } from '../../language/read.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { machineHere } from '../../host/is-running.js';
import { atItsStage } from '../../run/engine-fault.js';
import { refuseIdle } from '../options-by-kind.js';
import { refuseOutput, writeReport } from '../../host/output.js';
import { prepare } from '../../run/prepare.js';
import { listenForStop, natively, withinEngine } from '../../host/stop.js';
import { styleOf } from '../../host/style.js';
import { followers, trackingTarget } from '../../run/tracking.js';
import { finishedRun } from '../../run/go-on-from.js';
import { observeRun } from '../../run/observe.js';
import { readReport } from '../../run/read-report.js';
import { resultToJson } from '../../run/result-json.js';
import { onFinish } from '../../run/on-finish.js';
import { runWork } from '../../run/run-work.js';
import { lookAround } from '../../run/surroundings.js';
import { changesOf, presentationOf, studyOf } from './requests.js';
import { theRun } from './show.js';

/** Does what a document says. */
export const run: Run = async ([file = ''], options, terminal) => {
  const kind = documentKind(file);
  refuseIdle('run', kind, options);
  const { from } = options;
  if (kind === 'sweep')
    return (await import('../../study/run-sweep.js')).runSweep(studyOf(file, options), presentationOf(options), terminal);
  if (kind === 'table')
    return (await import('../../study/run-table.js')).runTable(
      studyOf(file, options),
      { ...presentationOf(options), fresh: options.fresh === true },
      terminal,
    );
  await refuseOutput('run', options.output);
  const prepared = prepare(file, changesOf(options), terminal);
  const { plan, stages, own, files } = prepared;
  const root = runsFolder(options.runs);
  const store = openStore(root);
  const machine = machineHere();
  const target = trackingTarget(options.track, plan.config.values.tracking?.uri, terminal);
  const stop = listenForStop(terminal);
  terminal.err(`${terminal.color.bold(plan.name)}, seed ${plan.seed}; records in ${shown(root)}`);
  const stopped = (): boolean => stop.signal !== undefined;
  const work = async () =>
    runWork({
      plan,
      stages,
      ...(own && { own }),
      files,
      store,
      machine,
      surroundings: await lookAround(dirname(file)),
      fresh: options.fresh === true,
      ...(from !== undefined && { from: () => finishedRun(store, theRun(store, from), plan) }),
      openEngine: async () => createEngine(plan.engine, withinEngine(plan.engine.kind, own !== undefined, stopped), natively),
      stopped,
      observer: observeRun(plan, terminal),
      follow: followers(target, plan.config.values.tracking, { store, machine, terminal }),
    });
  const result = await atItsStage(prepared, work).catch(async (error: unknown) => {
    const [newest] = findByWork(store, plan.work.key);
    if (newest?.status === 'FAILED') await onFinish(plan, { run: newest.id, status: 'failed', record: newest.place.folder }, terminal);
    throw error;
  });
  stop.off();
  terminal.live(null);
  const [head] = findRuns(store, result.runId);
  if (!head) throw new Refusal(`run ${result.runId.slice(0, 8)} was taken out of ${shown(root)} meanwhile`, { status: EXIT.failed });
  const report = readReport(store, head);
  if (!result.repeated) await onFinish(plan, { run: head.id, status: result.outcome, record: head.place.folder }, terminal);
  if (result.repeated) terminal.err('done before: shown, not repeated (--fresh trains again)');
  if (options.output !== undefined) {
    await writeReport('run', report, options.output);
    terminal.err(`wrote ${shown(options.output)}`);
  }
  if (options.json) terminal.out(jsonText(resultToJson(plan, result, report)));
  else terminal.out(describeRun(report, styleOf(terminal.outColor)).trimEnd());
  if (result.outcome === 'stopped') {
    terminal.err(`stopped; what was recorded stays. The same command goes on from the last finished epoch`);
    return stop.signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  }
  return result.outcome === 'finished' ? EXIT.done : EXIT.failed;
};
