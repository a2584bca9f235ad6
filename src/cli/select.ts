import { FilterError, parseFilter, parseOrder } from '../record/filter.js';
import { listRuns } from '../record/reader.js';
import { summarize, summarizeRuns, type RunSummary } from '../record/summary.js';
import type { Store } from '../record/layout.js';
import { Refusal } from '../host/exit.js';

/** Which runs are meant, and in which order. */
interface Selection {
  readonly filter?: string;
  readonly sort?: string;
  readonly deleted?: boolean;
}

/** The runs that a person asks for with an experiment's name, `--filter` and `--sort`; the newest first where nobody says. */
export function selectRuns(store: Store, experiment: string | undefined, { filter, sort, deleted }: Selection): readonly RunSummary[] {
  const isWanted = filter === undefined ? () => true : read('--filter', filter, parseFilter);
  const order = sort === undefined ? null : read('--sort', sort, parseOrder);
  const all = deleted === true ? listRuns(store, 'deleted').map((run) => summarize(store, run)) : summarizeRuns(store);
  const chosen = all.filter((run) => (experiment === undefined || run.experiment === experiment) && isWanted(run));
  return order ? chosen.toSorted(order) : chosen;
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
