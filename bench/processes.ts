import { join } from 'node:path';
import { type Contender, openContender } from './contender.js';
import { bench, type Candidate } from './harness.js';
import { experiment, inScratch, onCore, runner } from './product.js';

const SECONDS = 2;
const WORKS = [
  { title: 'LSTM 256', document: 'lstm_time_machine' },
  { title: 'addition', document: 'lstm_addition' },
];
const STEPS = 'steps/s';

/** What a sweep gains by a second worker: two processes of one thread, each on a core of its own, against one of them. */
await inScratch(async (folder) => {
  const open = (core: number): Promise<Contender> =>
    openContender(onCore(core, process.execPath, [runner, 'contender-ours']), { RETABLE_CACHE: join(folder, 'cache') });
  const [first, second] = [await open(0), await open(1)];
  const train = async (contender: Contender, document: string): Promise<number> =>
    (await contender.ask({ document: experiment(document), threads: 1, seconds: SECONDS }))[STEPS] ?? Number.NaN;
  const candidates = WORKS.flatMap(({ title, document }): readonly Candidate[] => [
    { name: `${title}, one process`, measure: async () => ({ [STEPS]: await train(first, document) }) },
    {
      name: `${title}, two processes`,
      measure: async () => {
        const [one, other] = await Promise.all([train(first, document), train(second, document)]);
        return { [STEPS]: one + other };
      },
    },
  ]);
  try {
    for (const { measure } of candidates) await measure();
    await bench({
      name: 'processes',
      about: `training steps a second of one process on one core, and of two processes on two cores together, one thread each; ${SECONDS} s a round`,
      candidates,
      figures: WORKS.map(({ title }) => ({
        label: `${title}, two processes / one`,
        of: [`${title}, two processes`, STEPS],
        over: [`${title}, one process`, STEPS],
        atLeast: 1.8,
      })),
    });
  } finally {
    await first.close();
    await second.close();
  }
});
