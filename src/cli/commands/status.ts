import { jsonText } from '../../diagnostics/columns.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { howTold, type Terminal } from '../../host/terminal.js';
import type { LauncherKind } from '../../launch/launcher.js';
import { launchers } from '../../launch/run-on.js';
import { openStore, type Store } from '../../record/layout.js';
import { describeResults, sweepToJson } from '../../report/study/sweep-table.js';
import { secondsLeft } from '../../study/progress.js';
import {
  describeAtWork,
  describeLive,
  liveLine,
  type LiveStudy,
  stageText,
  statusByName,
  statusOfAll,
  statusOfSweep,
  statusOfTable,
} from '../../study/status.js';
import type { Options, Run } from '../command.js';
import { observeOn } from '../observe.js';
import { refuseIdle } from '../options-by-kind.js';
import { changesOf, subjectOf } from './requests.js';

/** How far a sweep or a table is, and who is at what, from the records and, where there is one, Slurm's queue: nothing is trained or written. */
export const run: Run = async ([reference], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  if (reference === undefined) return tellAll(store, options, terminal);
  const runs = tell(store, reference, options, terminal);
  if (options.json) return EXIT.done;
  for (const id of runs) for (const line of await describeJobs(store, id)) terminal.out(line);
  return EXIT.done;
};

/** Without a name: all that trains now. */
function tellAll(store: Store, options: Options, terminal: Terminal): number {
  refuseIdle('status', 'everything', options);
  const { studies, works } = statusOfAll(store);
  if (options.json) {
    const told = studies.map(({ kind, name, works: of }) => ({ [kind]: name, ...liveJson(of) }));
    terminal.data(jsonText({ studies: told, runs: works }));
  } else if (studies.length + works.length === 0) terminal.err(`nothing trains in ${shown(store.root)}`);
  else {
    const lines = studies.flatMap((study) => studyLines(study, describeLive(study.works)));
    terminal.out([...describeAtWork(works), ...lines].join('\n'));
  }
  return EXIT.done;
}

const describeJobs = async (store: Store, run: string): Promise<readonly string[]> => {
  const told = Object.values(launchers).flatMap(({ describeJobs: of }: LauncherKind) => of?.(store, run) ?? []);
  return (await Promise.all(told)).flat();
};

/** Gives the ids of the runs of what it told about. */
function tell(store: Store, reference: string, options: Options, terminal: Terminal): readonly string[] {
  const json = options.json === true;
  const observe = observeOn(terminal);
  if (!/\.ya?ml$/.test(reference)) {
    refuseIdle('status', 'name', options);
    const found = statusByName(store, reference);
    if (found) return tellStudy(found, describeLive(found.works), json, terminal);
    throw new Refusal(`no sweep or table called "${reference}" was run in ${shown(store.root)}`, {
      help: 'name the file of one instead',
    });
  }
  switch (subjectOf(reference, options)) {
    case 'sweep': {
      const { runs, works, sweep, trials, results } = statusOfSweep(store, reference, changesOf(options), observe);
      const lines = describeLive(works);
      if (json) terminal.data(jsonText({ ...sweepToJson(sweep, trials, results), ...liveJson(works) }));
      else
        terminal.out(
          [...lines, ...(lines.length > 0 ? [''] : []), describeResults(sweep, results, howTold(terminal)).trimEnd()].join('\n'),
        );
      return runs;
    }
    case 'table': {
      const found = statusOfTable(store, reference, changesOf(options), observe);
      return tellStudy(found, describeLive(found.works), json, terminal);
    }
    default:
      throw new Refusal(`status is about a sweep or a table, and ${reference} is neither`, {
        help: 'npx retable show NAME tells of its runs',
      });
  }
}

function tellStudy(study: LiveStudy, lines: readonly string[], json: boolean, terminal: Terminal): readonly string[] {
  const { kind, name, runs, works, stage } = study;
  const all = { [kind]: name, ...(stage && { stage }), [kind === 'sweep' ? 'trials' : 'runs']: works, ...liveJson(works) };
  if (json) terminal.data(jsonText(all));
  else terminal.out(studyLines(study, lines).join('\n'));
  return runs;
}

const studyLines = ({ name, works, stage }: LiveStudy, lines: readonly string[]): readonly string[] => [
  `${name}; ${liveLine(works)}`,
  ...(stage ? [stageText(stage)] : []),
  ...lines,
];

function liveJson(works: LiveStudy['works']) {
  const left = secondsLeft(works);
  return { at_work: works.filter(({ state }) => state === 'at work'), ...(left !== undefined && { seconds_left: left }) };
}
