import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withCommit } from './commit-before.js';
import { bench, type Candidate, type Figure } from './harness.js';
import { experiment, inScratch, onCores, retable, run } from './product.js';

const SECONDS = 'seconds a repeat';

interface Repeats {
  readonly name: string;
  readonly base: string;
  readonly metric: string;
  readonly epochs: number;
  readonly repeats: number;
}

const shampoo = { base: experiment('shampoo'), metric: 'test/root_mean_squared_error', epochs: 300 };
const sums = { base: experiment('lstm_addition'), metric: 'test/loss', epochs: 5 };

const JOBS = {
  shampoo: { ...shampoo, name: 'shampoo, 30 repeats', repeats: 30 },
  shampooAlone: { ...shampoo, name: 'shampoo, 1 repeat', repeats: 1 },
  addition: { ...sums, name: 'addition, 4 repeats', repeats: 4 },
  additionAlone: { ...sums, name: 'addition, 1 repeat', repeats: 1 },
} as const satisfies Readonly<Record<string, Repeats>>;

/** Repeats under seeds of their own by one worker of one thread, from the start of the command to its end, records included. */
const repeated = (program: string, { base, metric, epochs, repeats }: Repeats): Promise<Readonly<Record<string, number>>> =>
  inScratch(async (folder) => {
    const document = join(folder, 'repeats.yaml');
    await writeFile(
      document,
      `sweep: repeats\nbase: ${JSON.stringify(base)}\nvary: [{training.epochs: [${epochs}]}]\nseeds: ${repeats}\nselect: {metric: ${metric}}\n`,
    );
    const args = ['run', document, '--runs', join(folder, 'runs'), '--workers', '1', '--threads', '1', '--quiet'];
    const { seconds } = await run(...onCores(1, process.execPath, [program, ...args]));
    return { [SECONDS]: seconds / repeats };
  });

/** What trained each repeat by itself. Of the smallest net so many are enough: more take as long each. */
const BEFORE = '75290b7';
const ONE_BY_ONE = { ...JOBS.shampoo, name: 'shampoo, 8 repeats, commit before', repeats: 8 };

const { values } = parseArgs({ options: { before: { type: 'string', default: BEFORE } }, strict: false });
const commit = String(values.before);

await inScratch((scratch) =>
  withCommit(commit, scratch, async (folder) => {
    if (folder === undefined) throw new Error(`this copy has no history with commit ${commit}, which is compared with`);
    const before = join(folder, 'dist/cli/bin/retable.js');
    const ours = ({ name, ...job }: Repeats): Candidate => ({ name, measure: () => repeated(retable, { name, ...job }) });
    const theirs = (job: Repeats, name = `${job.name}, commit before`): Candidate => ({ name, measure: () => repeated(before, job) });
    const faster = (job: Repeats, other: string, wanted: Pick<Figure, 'atLeast'>): Figure => ({
      label: `${job.name}: ${SECONDS}, commit before / now`,
      of: [other, SECONDS],
      over: [job.name, SECONDS],
      ...wanted,
    });
    await bench({
      name: 'replicas',
      about:
        'one worker of one thread trains repeats of a small net, shampoo for 300 epochs and the addition for 5; the commit before trains them one ' +
        'after the other. Whole commands, from start to end with their records, divided by the repeats.',
      versions: { 'commit before': commit },
      candidates: [
        ours(JOBS.shampoo),
        theirs(ONE_BY_ONE, ONE_BY_ONE.name),
        ours(JOBS.shampooAlone),
        theirs(JOBS.shampooAlone),
        ours(JOBS.addition),
        theirs(JOBS.addition),
        ours(JOBS.additionAlone),
        theirs(JOBS.additionAlone),
      ],
      figures: [
        faster(JOBS.shampoo, ONE_BY_ONE.name, { atLeast: 8 }),
        faster(JOBS.shampooAlone, `${JOBS.shampooAlone.name}, commit before`, { atLeast: 0.75 }),
        faster(JOBS.addition, `${JOBS.addition.name}, commit before`, { atLeast: 1.2 }),
        faster(JOBS.additionAlone, `${JOBS.additionAlone.name}, commit before`, { atLeast: 0.75 }),
      ],
    });
  }),
);
