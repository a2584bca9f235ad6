import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withCommit } from './commit-before.js';
import { openContender } from './contender.js';
import { bench, type Candidate, type Figure } from './harness.js';
import { addition, experiment, inScratch, retable, run, runner } from './product.js';

const milliseconds = 'milliseconds';
const text = experiment('lstm_time_machine');

/** The quickest of several starts: whatever else happens on a machine only adds time. */
async function quickest(times: number, start: () => Promise<number>): Promise<Readonly<Record<string, number>>> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) taken.push(1000 * (await start()));
  return { [milliseconds]: Math.min(...taken) };
}

const whole = (name: string, ...args: string[]): Candidate => ({
  name,
  measure: () => quickest(5, async () => (await run(process.execPath, args)).seconds),
});

/**
 * Seconds from the start of the process until the first call of the program is done: then a terminal's live line is drawn for the first
 * time. script(1) plays the terminal. The epoch is trained to its end, so that nothing has to be killed.
 */
const untilFirstCall = (document: string, cache: string): Promise<number> =>
  inScratch(async (folder) => {
    const command = [process.execPath, retable, 'run', document, '--runs', join(folder, 'runs'), '--set', 'training.epochs=1'].join(' ');
    const { secondsUntil } = await run('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      environment: { RETABLE_CACHE: cache, TERM: 'xterm', CI: '' },
      until: /epoch 1\/1 /,
    });
    if (secondsUntil === undefined) throw new Error('no live line was drawn');
    return secondsUntil;
  });

const coldAndWarm = (title: string, start: (cache: string) => Promise<number>): readonly Candidate[] => [
  { name: `${title}, cold`, measure: () => quickest(2, () => inScratch(start)) },
  {
    name: `${title}, warm`,
    measure: () =>
      inScratch(async (cache) => {
        await start(cache);
        return quickest(3, () => start(cache));
      }),
  },
];

/** In a process that is up and has planned the document: the engine's code is loaded, the program made or read, a call is run. */
const afterStart =
  (runner: string) =>
  async (cache: string): Promise<number> => {
    const contender = await openContender([process.execPath, [runner, 'contender-ours']], { RETABLE_CACHE: cache });
    const { 'ms until the first step': taken = Number.NaN } = await contender.ask({ document: text, seconds: 0 });
    await contender.close();
    return taken / 1000;
  };

/** Two workers of a sweep that begin at the same time, with an empty cache: until the later one has done its first call. */
async function twoAtOnce(cache: string): Promise<number> {
  return Math.max(...(await Promise.all([1, 2].map(() => afterStart(runner)(cache)))));
}

/** As it was before starting was looked into. */
const BEFORE = '75290b7';

const AFTER = 'first step of LSTM 256 after start-up';
const STATES = ['cold', 'warm'] as const;
const wanted = { cold: 1500, warm: 300 };
const wantedOfBefore = { cold: 0.666, warm: 0.7 };

const { values } = parseArgs({ options: { before: { type: 'string', default: BEFORE } }, strict: false });
const commit = String(values.before);

await inScratch((scratch) =>
  withCommit(commit, scratch, async (folder) => {
    if (folder === undefined) console.log(`without commit ${commit}, of which this copy has no history`);
    const ours = coldAndWarm(AFTER, afterStart(runner));
    const theirs = folder === undefined ? [] : coldAndWarm(`${AFTER}, commit before`, afterStart(join(folder, 'bench/run.mjs')));
    const figures: readonly Figure[] = STATES.flatMap((state) => [
      { label: `${AFTER}, ${state}`, of: [`${AFTER}, ${state}`, milliseconds], atMost: wanted[state] },
      {
        label: `first step of LSTM 256 beyond its check, ${state}`,
        of: [`first step of LSTM 256, ${state}`, milliseconds],
        minus: ['retable check, LSTM 256', milliseconds],
      },
      ...(folder === undefined
        ? []
        : [
            {
              label: `${AFTER}, ${state}, over the commit before`,
              of: [`${AFTER}, ${state}`, milliseconds],
              over: [`${AFTER}, commit before, ${state}`, milliseconds],
              atMost: wantedOfBefore[state],
            } as const,
          ]),
    ]);
    await bench({
      name: 'startup',
      about:
        'milliseconds of wall clock from before a process starts; a round takes the quickest of several starts. "First step": until the first call ' +
        'of the main job, ten steps, is done; cold with an empty program cache, warm with a filled one. The same for an LSTM of 256 over text, ' +
        'whose call is a few steps; "after start-up" counts from where the process is up and the document planned; "beyond its check" holds the begin of ' +
        'the record as well, and leaves out what a check takes, which starts, reads and plans as a run does. "Commit before" is an earlier commit, ' +
        'built in the same run; "two at once" are two workers of a sweep with one empty cache, until the later one is done.',
      ...(folder !== undefined && { versions: { 'commit before': commit } }),
      candidates: [
        whole('node -e 0', '-e', '0'),
        whole('retable --help', retable, '--help'),
        whole('retable check', retable, 'check', addition),
        ...coldAndWarm('first step', (cache) => untilFirstCall(addition, cache)),
        whole('retable check, LSTM 256', retable, 'check', text),
        ...coldAndWarm('first step of LSTM 256', (cache) => untilFirstCall(text, cache)),
        ...ours.flatMap((candidate, i) => [candidate, ...theirs.slice(i, i + 1)]),
        { name: `${AFTER}, two at once`, measure: () => quickest(2, () => inScratch(twoAtOnce)) },
      ],
      figures: [
        { label: 'retable --help beyond node -e 0', of: ['retable --help', milliseconds], minus: ['node -e 0', milliseconds], atMost: 60 },
        { label: 'retable check', of: ['retable check', milliseconds], atMost: 250 },
        { label: 'first step, cold', of: ['first step, cold', milliseconds], atMost: 2000 },
        { label: 'first step, warm', of: ['first step, warm', milliseconds], atMost: 1000 },
        ...figures,
        {
          label: `${AFTER}, two at once over one, cold`,
          of: [`${AFTER}, two at once`, milliseconds],
          over: [`${AFTER}, cold`, milliseconds],
        },
      ],
    });
  }),
);
