import { Refusal } from '../host/exit.js';
import { shown } from '../host/folders.js';
import { FilterError, parseFilter, parseOrder } from '../record/filter.js';
import type { Store } from '../record/layout.js';
import { findRuns, type Lifecycle, listExperiments, listRuns, type RunHead } from '../record/reader.js';
import { type RunSummary, summarize, summarizeRuns } from '../record/summary.js';

/** The one run that is meant, or in words why there is none. */
export function theRun(store: Store, reference: string, which: Lifecycle = 'active'): RunHead {
  const [found, another] = findRuns(store, reference, which);
  const root = shown(store.root);
  if (!found) {
    const [elsewhere] = findRuns(store, reference, which === 'active' ? 'deleted' : 'active');
    if (elsewhere && reference !== 'latest') {
      const short = elsewhere.id.slice(0, 8);
      throw which === 'active'
        ? new Refusal(`run ${short} is in the trash`, { help: `retable restore ${short} takes it out` })
        : new Refusal(`run ${short} is not in the trash`);
    }
    if (which === 'deleted')
      throw new Refusal(`no run "${reference}" in the trash of ${root}`, { help: 'retable list --deleted shows them' });
    const names = listExperiments(store).map(({ name }) => name);
    const known =
      names.length > 0 ? `experiments there: ${names.join(', ')}; npx retable list shows all runs` : `there are no runs in ${root} yet`;
    const isShort = /^[0-9a-f]{1,3}$/.test(reference);
    throw new Refusal(`no run "${reference}" in ${root}`, { help: isShort ? 'an id is given by four or more of its characters' : known });
  }
  if (another) {
    throw found.name === reference
      ? new Refusal(`several runs are called "${reference}"`, { help: 'say which by its id: retable list --columns name,started' })
      : new Refusal(`several runs begin with "${reference}"`, { help: 'give more characters of the id' });
  }
  return found;
}

/** The runs that are to be seen beside each other: those that are named; or all of an experiment, or of the records, that `--filter` lets through. */
export function runsToCompare(store: Store, references: readonly string[], selection: Selection): readonly RunSummary[] {
  const [only, ...more] = references;
  if (more.length === 0 && (only === undefined || isExperiment(store, only))) {
    // Sweeps and tables have no curves of their own.
    return selectRuns(store, only, selection).filter(({ parameters }) => 'seed' in parameters);
  }
  const meant = new Map(references.map((reference) => theRun(store, reference)).map((head) => [head.id, head]));
  if (references.length > 1 && meant.size === 1) {
    throw new Refusal(`${references.join(' and ')} are the same run, ${[...meant.keys()].join().slice(0, 8)}`, {
      help: 'npx retable list shows all runs',
    });
  }
  return [...meant.values()].map((head) => summarize(store, head));
}

/** Whether a name is that of an experiment, whose runs are meant together. */
export const isExperiment = (store: Store, name: string): boolean => listExperiments(store).some((each) => each.name === name);

/** Which runs are meant, and in which order. */
interface Selection {
  readonly filter?: string;
  readonly sort?: string;
  readonly deleted?: boolean;
  /** Only so many of them. */
  readonly number?: string;
}

/** The runs that a person asks for with an experiment's name, `--filter` and `--sort`; the newest first where nobody says. */
export function selectRuns(
  store: Store,
  experiment: string | undefined,
  { filter, sort, deleted, number }: Selection,
): readonly RunSummary[] {
  const isWanted = filter === undefined ? () => true : read('--filter', filter, parseFilter);
  const order = sort === undefined ? null : read('--sort', sort, parseOrder);
  const most = number === undefined ? undefined : countIn(number);
  const all = deleted === true ? listRuns(store, 'deleted').map((run) => summarize(store, run)) : summarizeRuns(store);
  const chosen = all.filter((run) => (experiment === undefined || run.experiment === experiment) && isWanted(run));
  return (order ? chosen.toSorted(order) : chosen).slice(0, most);
}

function countIn(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Refusal(`--number is a count of runs, and "${text}" is none`, { help: '-n 20 lists twenty' });
  return Number(text);
}

const EXAMPLES = {
  '--filter': "metrics.`test/loss` < 1.2 and params.seed = '1'",
  '--sort': 'metrics.`test/loss` DESC, start_time',
} as const;

function read<T>(option: keyof typeof EXAMPLES, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const place = `${text}\n  ${' '.repeat(error.column - 1)}^`;
    throw new Refusal(`${option}: ${error.message}\n  ${place}`, { help: `for example: ${EXAMPLES[option]}` });
  }
}
