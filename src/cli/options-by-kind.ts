import { listed } from '../diagnostics/words.js';
import type { OptionName, Options } from './command.js';
import { Refusal } from '../host/exit.js';
import { flagOf, isGiven } from './flags.js';

/** What a command is about, where that decides which of its options mean something. */
export type Subject = keyof typeof SUBJECTS;

const SUBJECTS = {
  experiment: 'an experiment',
  sweep: 'a sweep',
  table: 'a table',
  run: 'a run on record',
  name: 'a name without its file',
  everything: 'all that trains now',
  all: 'all runs on record',
  named: 'runs that are named',
  verify: '"store verify"',
  repair: 'repair',
  relocate: 'relocate',
  gc: 'gc',
} as const;

interface ForSome {
  /** For these it means something; `instead` says what to do for each of the others. */
  readonly of: readonly Subject[];
  readonly instead: Partial<Record<Subject, string>>;
}

const LEAVE_OUT = 'leave it out';
const oneProcess = {
  of: ['sweep', 'table'],
  instead: { experiment: 'one experiment trains in this process; a sweep of it has many trials' },
} as const;
const ofTable = (experiment: string, sweep: string): ForSome => ({ of: ['table'], instead: { experiment, sweep } });
const ofExperiment = (sweep: string, table: string): ForSome => ({ of: ['experiment'], instead: { sweep, table } });
const beginsElsewhere = ofExperiment(
  'export the weights, and write training.initial_weights in its base',
  'export the weights, and write training.initial_weights in a base',
);
const ofDocument = {
  of: ['sweep', 'table'],
  instead: { name: 'name the file instead: its runs are listed under what it says', everything: 'name the file of a sweep or a table' },
} as const;
const ofAllRuns = { of: ['all'], instead: { named: 'leave it out, or name no runs' } } as const;
const replicates: ForSome = {
  of: ['sweep', 'table'],
  instead: { experiment: '--seed N trains it with seed N; a sweep or a table has many seeds, and --vary makes a sweep of it' },
};
/** An experiment with `--vary` is a sweep. */
const varying: ForSome = {
  of: ['experiment', 'sweep'],
  instead: { table: 'name the base of one of its rows', run: 'name the experiment in place of its run', name: 'name the experiment' },
};
const aSweepWithoutFile = { vary: varying, select: varying, search: varying, trials: varying } as const;

const TRAINED = 'leave it out: the page shows what was trained, whatever a document says now';
const ofRecords = { experiment: TRAINED, sweep: TRAINED, run: TRAINED, all: TRAINED } as const;

/**
 * Options that mean something for some subjects of their command only; what stands nowhere here means something for all of them. `--seed`
 * beside a document that says its seeds itself is refused where that is read (`study/prepare-study.ts`), since the refusal names them.
 */
export const FOR_SOME: Readonly<Record<string, Partial<Record<OptionName, ForSome>>>> = {
  run: {
    from: ofExperiment('a sweep goes on by itself: leave it out', 'a table goes on by itself: leave it out'),
    weightsFrom: beginsElsewhere,
    fresh: {
      of: ['experiment', 'table'],
      instead: { sweep: 'a sweep does only what is left of it; remove puts runs that are to be trained again into the trash' },
    },
    workers: oneProcess,
    on: oneProcess,
    wait: oneProcess,
    failFast: oneProcess,
    strict: ofTable(LEAVE_OUT, LEAVE_OUT),
    reasons: ofTable(LEAVE_OUT, LEAVE_OUT),
    only: ofTable(LEAVE_OUT, '"exclude" in a sweep leaves configurations out'),
    budget: ofTable('training.epochs says how long it trains', '--trials of its document, or of --vary, says how many configurations'),
    seeds: replicates,
    ...aSweepWithoutFile,
    write: varying,
  },
  plan: {
    weightsFrom: beginsElsewhere,
    origins: ofExperiment('ask for its base', 'ask for a base'),
    graph: ofExperiment('ask for its base', 'ask for a base'),
    after: ofExperiment('ask for its base', 'ask for a base'),
    workers: oneProcess,
    only: ofTable(LEAVE_OUT, '"exclude" in a sweep leaves configurations out'),
    seeds: replicates,
    ...aSweepWithoutFile,
  },
  report: {
    filter: { of: ['run'], instead: { sweep: LEAVE_OUT, table: LEAVE_OUT } },
    set: { of: ['sweep', 'table'], instead: { run: 'a record stays as it was trained; run FILE --set trains another one' } },
    seeds: { of: ['sweep', 'table'], instead: { run: 'a record has one seed' } },
    ...aSweepWithoutFile,
  },
  status: { ...aSweepWithoutFile, set: ofDocument, seeds: ofDocument, engine: ofDocument, device: ofDocument },
  watch: {
    set: { of: ['table'], instead: ofRecords },
    seeds: { of: ['table'], instead: ofRecords },
  },
  compare: { filter: ofAllRuns, sort: ofAllRuns },
  store: { dryRun: { of: ['repair', 'relocate', 'gc'], instead: { verify: 'it only looks: leave it out' } } },
};

/** Refuses what does nothing for this subject, before anything is read of it, trained or written. */
export function refuseIdle(command: string, subject: Subject, options: Options): void {
  for (const [name, { of, instead }] of Object.entries(FOR_SOME[command] ?? {}) as [OptionName, ForSome][]) {
    if (!isGiven(name, options) || of.includes(subject)) continue;
    const meant = listed(of.map((each) => SUBJECTS[each]));
    throw new Refusal(`${flagOf(name)} is for ${meant}, and this is ${SUBJECTS[subject]}`, { help: instead[subject] ?? LEAVE_OUT });
  }
}

interface Pair {
  /** Means something only with the other one, or only without it. */
  readonly option: OptionName;
  readonly with?: OptionName;
  readonly without?: OptionName;
  readonly help: string;
}

const csvOrJson: Pair = { option: 'csv', without: 'json', help: 'ask for one of the two' };

const withVary: readonly Pair[] = (['select', 'search', 'trials'] as const).map((option) => ({
  option,
  with: 'vary',
  help: 'a sweep says it in its document; --vary PATH=VALUES makes a sweep of an experiment',
}));

/** Options of one command that leave each other nothing to do. */
export const PAIRS: Readonly<Record<string, readonly Pair[]>> = {
  run: [
    { option: 'output', without: 'write', help: '--write FILE trains nothing that could be reported: leave --output out' },
    ...withVary,
    { option: 'write', with: 'vary', help: '--vary PATH=VALUES says what the sweep that is written varies' },
  ],
  report: [
    ...withVary,
    ...(['caption', 'label'] as const).map((option) => ({
      option,
      with: 'output' as const,
      help: '--output FILE.tex writes a table of LaTeX',
    })),
  ],
  status: [...withVary],
  plan: [
    ...withVary,
    { option: 'after', with: 'graph', help: '--graph --after PASS prints the training program as it is after this pass' },
    { option: 'workers', with: 'measure', help: '--measure --workers N says how long N processes take' },
    { option: 'measure', without: 'graph', help: 'ask for one of the two' },
    { option: 'origins', without: 'graph', help: 'ask for one of the two' },
    { option: 'json', without: 'graph', help: 'the program is printed as text only' },
    { option: 'output', without: 'graph', help: 'the program is printed on stdout: > FILE keeps it' },
    { option: 'output', without: 'graph', help: 'the program is printed as text only' },
  ],
  watch: [
    { option: 'output', with: 'once', help: '--once --output FILE.html writes the page to a file' },
    { option: 'port', without: 'once', help: '--once serves nothing' },
  ],
  list: [csvOrJson, { option: 'columns', without: 'json', help: 'JSON holds every value: take what you need of it' }],
  compare: [csvOrJson],
  sync: [
    { option: 'dryRun', without: 'refused', help: '--refused sends nothing either' },
    { option: 'retryRefused', without: 'refused', help: 'ask for one of the two' },
  ],
  schema: [{ option: 'check', with: 'output', help: '--check --output FILE says whether the file would change' }],
};

/** Refuses what does nothing beside the other options that are given, or without one that isn't. */
export function refuseIdlePairs(command: string, options: Options): void {
  for (const { option, with: needed, without, help } of PAIRS[command] ?? []) {
    if (!isGiven(option, options)) continue;
    if (needed !== undefined && !isGiven(needed, options))
      throw new Refusal(`${flagOf(option)} does nothing without ${flagOf(needed)}`, { help });
    if (without !== undefined && isGiven(without, options))
      throw new Refusal(`${flagOf(option)} does nothing beside ${flagOf(without)}`, { help });
  }
}
