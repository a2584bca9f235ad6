import { expect, it } from 'vitest';
import { Type } from '../../src/language/type.js';
import type { Launch, LauncherKind, Site, TrialOrder } from '../../src/launch/launcher.js';
import { launchers, launcherTo, whereToTrain } from '../../src/launch/run-on.js';

const options = Type.Object({ greeting: Type.String({ default: 'hello', description: 'What is said of each trial.' }) });

/** A place where every trial is done at once. */
const nowhere: LauncherKind<typeof options> = {
  options,
  outlives: true,
  launch:
    ({ greeting }, site) =>
    ({ trials, onEnd }) => {
      for (const [worker, trial] of trials.entries())
        onEnd(worker, trial, { outcome: 'finished', reason: `${greeting} ${site.title}`, seconds: 0 });
      return { ended: Promise.resolve(), drain() {}, stop() {}, kill() {} };
    },
};

it('a launcher is one of these and a line in the registry: --on names it, its defaults are found, its trials end', async () => {
  Object.assign(launchers, { nowhere });
  const launch = { threads: '1', wait: false, failFast: false };
  const where = whereToTrain({ kind: 'local' }, { ...launch, on: 'nowhere' });
  const ended: (string | undefined)[] = [];
  const work: Launch = {
    trials: [1, 2].map((seed) => ({ configuration: 0, seed, work: `w${seed}` })),
    orderOf: () => ({}) as TrialOrder,
    workers: 1,
    onProgress: () => {},
    onEnd: (_, { work: key }, { outcome, reason }) => ended.push(`${key} ${outcome}: ${reason}`),
  };
  await launcherTo(where, { title: 'study' } as Site)(work).ended;
  expect(ended).toEqual(['w1 finished: hello study', 'w2 finished: hello study']);
  expect(() => whereToTrain({ kind: 'local' }, { ...launch, on: 'elsewhere' })).toThrow('--on is local, slurm, ray or nowhere');
  expect(() => whereToTrain({ kind: 'local' }, launch)).toThrow('--no-wait leaves jobs of a cluster alone');
});
