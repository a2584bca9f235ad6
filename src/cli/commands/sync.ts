import { jsonText } from '../../diagnostics/columns.js';
import { openStore, refuseNewerStore, type Store } from '../../record/layout.js';
import { listRuns, type RunHead } from '../../record/reader.js';
import { plural } from '../../diagnostics/numbers.js';
import { cut } from '../../report/kit/tables.js';
import { openClient } from '../../track/client.js';
import { type Connection, isServer } from '../../track/connection.js';
import { TrackingError } from '../../track/errors.js';
import { planSync, type PlannedSync, type RunSync, syncRuns } from '../../track/sync.js';
import { readStates, type Refusal as PutAside } from '../../track/remote-run.js';
import type { Options, Run } from '../command.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder } from '../../host/folders.js';
import { machineHere } from '../../host/is-running.js';
import type { Terminal } from '../../host/terminal.js';
import { connectionFor } from '../../run/tracking.js';
import { theRun } from '../../run/find-runs.js';

/** Brings runs to an MLflow server. */
export const run: Run = async (references, options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  if (!options.dryRun) refuseNewerStore(store);
  const all = listRuns(store);
  const runs = references.length > 0 ? chosen(store, references, all) : all;
  if (options.refused) return tellRefused(store, runs, options, terminal);
  const connection = connectionFor(options.to ?? fromEnvironment());
  if (options.dryRun)
    return tellPlan(planSync(store, connection.server, runs, options.retryRefused), connection, options.json === true, terminal);

  const results = await send(store, connection, runs, all, options, terminal);
  if (options.json) terminal.data(jsonText(results.map(toJson)));
  else for (const result of results) tell(result, terminal);
  if (!options.json) terminal.out(summary(results, connection.server));
  const refused = results.reduce((sum, result) => sum + result.refused.length, 0);
  if (refused > 0) terminal.err(`${plural(refused, 'item')} put aside: --retry-refused tries them once more`);
  return results.every(({ outcome }) => outcome === 'sent' || outcome === 'same') ? EXIT.done : EXIT.failed;
};

/** Throws a Refusal when the server can't be reached, or won't have us. */
async function send(
  store: Store,
  connection: Connection,
  runs: readonly RunHead[],
  all: readonly RunHead[],
  { retryRefused = false }: Options,
  terminal: Terminal,
): Promise<readonly RunSync[]> {
  const client = openClient(connection);
  let sent = 0;
  try {
    return await syncRuns({
      store,
      client,
      machine: machineHere(),
      runs,
      all,
      retryRefused,
      onProgress({ run, number, runs: count, points }) {
        sent = points;
        terminal.live(cut(`run ${number} of ${count}  ${run.id.slice(0, 8)} ${run.name}  ${plural(points, 'point')}`, terminal.width));
      },
    });
  } catch (error) {
    if (!(error instanceof TrackingError)) throw error;
    const rest = sent === 0 ? '' : `; ${plural(sent, 'point')} arrived, and the same command goes on`;
    throw new Refusal(`${error.message}${rest}`, {
      status: EXIT.failed,
      ...(error.remedy !== undefined && { help: error.remedy }),
    });
  } finally {
    terminal.live(null);
    client.close();
  }
}

function fromEnvironment(): string {
  const uri = process.env['MLFLOW_TRACKING_URI'] ?? '';
  if (isServer(uri)) return uri;
  throw new Refusal('to which server?', { help: 'npx retable sync --to http://localhost:5000, or MLFLOW_TRACKING_URI' });
}

/** Runs by id, `latest`, or all of an experiment by its name. */
function chosen(store: Store, references: readonly string[], all: readonly RunHead[]): readonly RunHead[] {
  const found = references.flatMap((reference) => {
    const ofExperiment = all.filter(({ experiment }) => experiment === reference);
    return ofExperiment.length > 0 ? ofExperiment : [theRun(store, reference)];
  });
  return [...new Map(found.map((head) => [head.id, head])).values()];
}

function tell({ run, outcome, points, artifacts, refused, problems, link }: RunSync, terminal: Terminal): void {
  const name = `${run.id.slice(0, 8)} ${run.name}`;
  if (outcome === 'sent') terminal.out(`${name}: ${points + artifacts > 0 ? amount(points, artifacts) : 'compared'}  ${link ?? ''}`);
  if (outcome === 'same' && refused.length > 0) terminal.out(`${name}: there already  ${link ?? ''}`);
  if (outcome === 'held' || outcome === 'failed') terminal.out(`${name}: not sent`);
  if (outcome === 'differs') terminal.out(`${name}: the server holds something else  ${link ?? ''}`);
  for (const problem of problems) terminal.err(`  ${terminal.color.yellow('problem')}: ${problem}`);
  for (const refusal of refused) terminal.err(`  ${terminal.color.yellow('put aside')}: ${refusedLine(refusal)}`);
}

function summary(results: readonly RunSync[], server: string): string {
  const count = (outcome: RunSync['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  const total = (of: 'points' | 'artifacts'): number => results.reduce((sum, result) => sum + result[of], 0);
  const parts = [
    ...(count('sent') > 0
      ? [`${plural(count('sent'), 'run')} compared after ${amount(total('points'), total('artifacts'))} were sent`]
      : []),
    ...(count('same') > 0 ? [`${plural(count('same'), 'run')} there already`] : []),
    ...(['differs', 'held', 'failed'] as const).filter((outcome) => count(outcome) > 0).map((outcome) => `${count(outcome)} ${outcome}`),
  ];
  return `${server}: ${parts.join(', ') || 'there are no runs to send'}`;
}

const amount = (points: number, artifacts: number): string => `${plural(points, 'point')} and ${plural(artifacts, 'file')}`;

function tellPlan(planned: readonly PlannedSync[], { server }: Connection, json: boolean, terminal: Terminal): number {
  const open = planned.filter(({ isNew, points, artifacts }) => isNew || points > 0 || artifacts > 0);
  if (json) {
    terminal.data(jsonText(open.map(({ run, ...rest }) => ({ run: run.id, experiment: run.experiment, ...rest }))));
    return EXIT.done;
  }
  for (const { run, isNew, points, artifacts } of open) {
    terminal.out(`${run.id.slice(0, 8)} ${run.name}: ${isNew ? 'new, ' : ''}${amount(points, artifacts)}`);
  }
  terminal.out(`${open.length} of ${plural(planned.length, 'run')} would be sent to ${server}`);
  return EXIT.done;
}

/** What servers would not take, of all or of one of them, and why. */
function tellRefused(store: Store, runs: readonly RunHead[], options: Options, terminal: Terminal): number {
  const only = options.to === undefined ? null : connectionFor(options.to).server;
  const found = runs.flatMap((run) =>
    readStates(store, run.place)
      .filter(({ server }) => only === null || server === only)
      .flatMap(({ server, refused }) => refused.map((refusal) => ({ run, server, refusal }))),
  );
  if (options.json) {
    terminal.data(jsonText(found.map(({ run, server, refusal }) => ({ run: run.id, server, ...refusal }))));
    return EXIT.done;
  }
  for (const { run, server, refusal } of found) terminal.out(`${run.id.slice(0, 8)} ${run.name}, ${server}: ${refusedLine(refusal)}`);
  if (found.length === 0) terminal.out('no server has refused anything');
  return EXIT.done;
}

const refusedLine = ({ kind, key, step, reason }: PutAside): string =>
  `${kind} ${key}${step === undefined ? '' : ` at step ${step}`}: ${reason}`;

const toJson = ({ run, outcome, ...rest }: RunSync) => ({ run: run.id, experiment: run.experiment, outcome, ...rest });
