import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench, type Candidate, type Figure } from './harness.js';
import { inScratch, retable, run } from './product.js';

/** A trial that trains for a moment: 13 steps of a small model, one epoch. */
const TINY = `experiment: tiny
dataset: {kind: binary_addition, bits: 4, examples: 200, train_fraction: 0.8}
model: {kind: lstm, hidden_size: 4, readout: last, initializer: {kind: uniform}}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.001}
metrics: [{kind: exact_match}, {kind: bit_accuracy}]
training: {epochs: 1, batch_size: 16, shuffle: false}
`;
/** A trial that trains for about two seconds. */
const REAL = TINY.replace('examples: 200', 'examples: 50000')
  .replace('hidden_size: 4', 'hidden_size: 32')
  .replace('epochs: 1', 'epochs: 2');
const REAL_TRIALS = 12;

const [FEW, MANY] = [10, 110];
const FINISHED = 1000;
const PLANNED = 10_000;

const MILLISECONDS = 'milliseconds a trial';
const SECONDS = 'seconds';
const MEGABYTES = 'megabytes';

const peer = (script: string): string => fileURLToPath(new URL(`peers/${script}`, import.meta.url));
const python = fileURLToPath(new URL('.peers/sweepers/bin/python', import.meta.url));
const hook = fileURLToPath(new URL('peak-memory.mjs', import.meta.url));

const beside: readonly Figure[] = ['Optuna, two processes', 'Hydra with joblib, two jobs'].map((name) => ({
  label: `a trial, two workers, ours / ${name}`,
  of: ['retable, two workers', MILLISECONDS],
  over: [name, MILLISECONDS],
}));

await inScratch(async (folder) => {
  const environment = { RETABLE_CACHE: join(folder, 'cache') };
  writeFileSync(join(folder, 'tiny.yaml'), TINY);
  writeFileSync(join(folder, 'real.yaml'), REAL);
  const tiny = sweepOver('tiny', FEW);
  const real = sweepOver('real', REAL_TRIALS);
  const planned = sweepOver('tiny', PLANNED / 5, 5);
  const finished = sweepOver('tiny', FINISHED);
  const records = join(folder, 'finished');

  function sweepOver(base: string, configurations: number, seeds = 1): string {
    const file = join(folder, `${base}-${configurations}.yaml`);
    const axis = '{optimizer.learning_rate: {kind: log_uniform, low: 0.0001, high: 0.01}}';
    const lines = [
      `vary: [${axis}]`,
      `search: {kind: random, trials: ${configurations}}`,
      `seeds: ${seeds}`,
      'select: {metric: test/loss}',
    ];
    writeFileSync(file, [`sweep: ${base}-${configurations}`, `base: ${base}.yaml`, ...lines, ''].join('\n'));
    return file;
  }

  const sweep = async (file: string, runs: string, workers: number, ...more: readonly string[]): Promise<number> =>
    (await run(process.execPath, [retable, 'run', file, '--runs', runs, '--workers', String(workers), '--quiet', ...more], { environment }))
      .seconds;

  /** What one trial more takes: start and end of the command are in both sides of the difference. */
  const perTrial = async (take: (trials: number) => Promise<number>): Promise<Readonly<Record<string, number>>> => {
    const few = await take(FEW);
    return { [MILLISECONDS]: (1000 * ((await take(MANY)) - few)) / (MANY - FEW) };
  };
  const ours = (workers: number): Candidate => ({
    name: `retable, ${workers === 1 ? 'one worker' : 'two workers'}`,
    measure: () =>
      perTrial((trials) => inScratch((place) => sweep(tiny, join(place, 'runs'), workers, '--set', `search.trials=${trials}`))),
  });
  const training = (workers: number): Candidate => ({
    name: `training, ${workers === 1 ? 'one worker' : 'two workers'}`,
    measure: () => inScratch(async (place) => ({ [SECONDS]: await sweep(real, join(place, 'runs'), workers) })),
  });

  // Programs are made, and a thousand trials done, before anything is measured.
  await inScratch((place) => sweep(real, join(place, 'runs'), 2));
  await sweep(finished, records, 2);

  const isThere = existsSync(python);
  if (!isThere) console.log('without peers: bench/sweepers.sh installs them');
  await bench({
    name: 'sweep',
    about:
      `a sweep beyond its training. Milliseconds a trial: what one trial more takes, from sweeps of ${FEW} and of ${MANY} trials that train ` +
      'for a moment (ours, with a record each, model and weights included) or do nothing (the others: Optuna with two processes on one SQLite file, Hydra with two ' +
      `jobs of joblib). Training: ${REAL_TRIALS} trials of seconds. Planned: ${PLANNED} trials, the largest resident memory beside it. ` +
      `Repeated: a finished sweep of ${FINISHED} trials`,
    rounds: 3,
    candidates: [
      ours(1),
      ours(2),
      training(1),
      training(2),
      {
        name: 'planned',
        measure: () =>
          inScratch(async (place) => {
            const peak = join(place, 'peak');
            const { seconds } = await run(process.execPath, ['--import', hook, retable, 'plan', planned, '--runs', join(place, 'runs')], {
              environment: { ...environment, PEAK_MEMORY_FILE: peak },
            });
            return { [SECONDS]: seconds, [MEGABYTES]: Number(readFileSync(peak, 'utf8')) / 1e6 };
          }),
      },
      { name: 'repeated', measure: async () => ({ [SECONDS]: await sweep(finished, records, 2) }) },
      ...(isThere ? [optuna(perTrial), hydra(perTrial)] : []),
    ],
    figures: [
      { label: 'a trial beyond training, one worker, milliseconds', of: ['retable, one worker', MILLISECONDS], atMost: 150 },
      {
        label: 'two workers / one, trials in a time',
        of: ['training, one worker', SECONDS],
        over: ['training, two workers', SECONDS],
        atLeast: 1.8,
      },
      { label: 'plan of 10,000 trials, seconds', of: ['planned', SECONDS], atMost: 2 },
      { label: 'plan of 10,000 trials, megabytes', of: ['planned', MEGABYTES], atMost: 300 },
      { label: 'repeat of 1,000 finished trials, seconds', of: ['repeated', SECONDS], atMost: 2 },
      ...(isThere ? beside : []),
    ],
  });
});

type PerTrial = (take: (trials: number) => Promise<number>) => Promise<Readonly<Record<string, number>>>;

/** Two processes take from one grid until it is used up. */
function optuna(perTrial: PerTrial): Candidate {
  const take = (trials: number): Promise<number> =>
    inScratch(async (place) => {
      const part = [peer('sweep_optuna.py'), join(place, 'study.db'), String(trials)];
      await run(python, [...part, '--create']);
      const both = [0, 1].map(() => run(python, part));
      return Math.max(...(await Promise.all(both)).map(({ seconds }) => seconds));
    });
  return { name: 'Optuna, two processes', measure: () => perTrial(take) };
}

function hydra(perTrial: PerTrial): Candidate {
  const take = (trials: number): Promise<number> =>
    inScratch(async (place) => {
      const rates = Array.from({ length: trials }, (_, index) => String((index + 1) / 10_000)).join(',');
      const where = [`hydra.sweep.dir=${join(place, 'out')}`, 'hydra/launcher=joblib', 'hydra.launcher.n_jobs=2'];
      return (await run(python, [peer('sweep_hydra.py'), '--multirun', ...where, `+learning_rate=${rates}`])).seconds;
    });
  return { name: 'Hydra with joblib, two jobs', measure: () => perTrial(take) };
}
