import { join } from 'node:path';
import { bench, type Candidate } from './harness.js';
import { addition, inScratch, retable, run } from './product.js';

const milliseconds = 'milliseconds';

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
const untilFirstCall = (cache: string): Promise<number> =>
  inScratch(async (folder) => {
    const command = [process.execPath, retable, 'run', addition, '--runs', join(folder, 'runs'), '--set', 'training.epochs=1'].join(' ');
    const { secondsUntil } = await run('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      environment: { RETABLE_CACHE: cache, TERM: 'xterm', CI: '' },
      until: /epoch 1\/1 /,
    });
    if (secondsUntil === undefined) throw new Error('no live line was drawn');
    return secondsUntil;
  });

await bench({
  name: 'startup',
  about:
    'milliseconds of wall clock from before a process starts; a round takes the quickest of several starts. "First step": until the first call ' +
    'of the main job, ten steps, is done; cold with an empty program cache, warm with a filled one.',
  candidates: [
    whole('node -e 0', '-e', '0'),
    whole('retable --help', retable, '--help'),
    whole('retable check', retable, 'check', addition),
    { name: 'first step, cold', measure: () => quickest(2, () => inScratch(untilFirstCall)) },
    {
      name: 'first step, warm',
      measure: () =>
        inScratch(async (cache) => {
          await untilFirstCall(cache);
          return quickest(3, () => untilFirstCall(cache));
        }),
    },
  ],
  figures: [
    { label: 'retable --help beyond node -e 0', of: ['retable --help', milliseconds], minus: ['node -e 0', milliseconds], atMost: 60 },
    { label: 'retable check', of: ['retable check', milliseconds], atMost: 250 },
    { label: 'first step, cold', of: ['first step, cold', milliseconds], atMost: 2000 },
    { label: 'first step, warm', of: ['first step, warm', milliseconds], atMost: 1000 },
  ],
});
