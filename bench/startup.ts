import { join } from 'node:path';
import { bench, type Candidate } from './harness.js';
import { addition, experiment, inScratch, retable, run } from './product.js';

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

const firstSteps = (title: string, document: string): readonly Candidate[] => [
  { name: `${title}, cold`, measure: () => quickest(2, () => inScratch((cache) => untilFirstCall(document, cache))) },
  {
    name: `${title}, warm`,
    measure: () =>
      inScratch(async (cache) => {
        await untilFirstCall(document, cache);
        return quickest(3, () => untilFirstCall(document, cache));
      }),
  },
];

await bench({
  name: 'startup',
  about:
    'milliseconds of wall clock from before a process starts; a round takes the quickest of several starts. "First step": until the first call ' +
    'of the main job, ten steps, is done; cold with an empty program cache, warm with a filled one. The same for an LSTM of 256 over text; beyond ' +
    'the check of its document, which starts, reads and plans as a run does.',
  candidates: [
    whole('node -e 0', '-e', '0'),
    whole('retable --help', retable, '--help'),
    whole('retable check', retable, 'check', addition),
    ...firstSteps('first step', addition),
    whole('retable check, LSTM 256', retable, 'check', text),
    ...firstSteps('first step of LSTM 256', text),
  ],
  figures: [
    { label: 'retable --help beyond node -e 0', of: ['retable --help', milliseconds], minus: ['node -e 0', milliseconds], atMost: 60 },
    { label: 'retable check', of: ['retable check', milliseconds], atMost: 250 },
    { label: 'first step, cold', of: ['first step, cold', milliseconds], atMost: 2000 },
    { label: 'first step, warm', of: ['first step, warm', milliseconds], atMost: 1000 },
    ...(['cold', 'warm'] as const).map((state) => ({
      label: `first step of LSTM 256 beyond its check, ${state}`,
      of: [`first step of LSTM 256, ${state}`, milliseconds] as const,
      minus: ['retable check, LSTM 256', milliseconds] as const,
      atMost: { cold: 1500, warm: 300 }[state],
    })),
  ],
});
