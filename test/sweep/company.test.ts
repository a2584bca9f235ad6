import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { workplace } from '../support/program.js';
import { BASE } from './documents.js';
import { childrenOf, kill, pause, readTag, runsIn } from './store.js';

/* Trials of a small net share one program inside a worker: each has the record that it has alone, whatever becomes of the others. */

const RATES = [0.001, 0.05, 1e30];
const SEEDS = [1, 2];

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
const experiment = join(folder, 'tiny.yaml');
writeFileSync(
  experiment,
  BASE.replace(
    'training: {epochs: 2, batch_size: 16, shuffle: false}',
    'training: {epochs: 60, batch_size: 16, early_stopping: {metric: train/loss, patience: 2}}',
  ),
);
const sweep = join(folder, 'rates.yaml');
writeFileSync(
  sweep,
  `sweep: rates\nbase: tiny.yaml\nvary: [{optimizer.learning_rate: [${RATES.join(', ')}]}]\nseeds: ${SEEDS.length}\nselect: {metric: test/bit_accuracy}\n`,
);

const store = (name: string): string => join(place.folder, name);
const inCompany = (runs: string): readonly string[] => ['run', sweep, '--runs', runs, '--workers', '1', '--quiet'];

it('has the record of a run alone: rates and seeds beside each other, one that diverges, ends that differ, a killed worker', async () => {
  const [alone, together, killed] = [store('alone'), store('together'), store('killed')];
  for (const rate of RATES)
    for (const seed of SEEDS)
      await place.run('run', experiment, '--runs', alone, '--quiet', '--set', `optimizer.learning_rate=${rate}`, '--set', `seed=${seed}`);
  await place.run(...inCompany(together));

  const driver = place.start(inCompany(killed));
  while (driver.child.exitCode === null && !trialsIn(killed).some(({ epochs }) => epochs > 4)) await pause(5);
  for (const child of childrenOf(driver.child.pid ?? 0)) expect(kill(child)).toBe(true);
  expect((await driver.ended).stderr).not.toContain('failed');

  const wanted = recordsOf(alone);
  expect(wanted.size).toBe(RATES.length * SEEDS.length);
  expect([...wanted.values()].filter(({ outcome }) => outcome === 'diverged').length).toBe(SEEDS.length);
  expect(new Set([...wanted.values()].map(({ epochs }) => epochs)).size, 'ends that differ').toBeGreaterThan(2);
  expect(recordsOf(together)).toEqual(wanted);
  expect(recordsOf(killed)).toEqual(wanted);
  // One worker, which takes one after the other where they don't share.
  const times = trialsIn(together).map(({ began, ended }) => ({ began, ended }));
  expect(times.some((one) => times.some((other) => one !== other && one.began < other.began && other.began < one.ended))).toBe(true);
}, 300_000);

interface Told {
  readonly outcome: string | undefined;
  readonly epochs: number;
  readonly values: Readonly<Record<string, string>>;
  readonly weights: string | undefined;
}

/** By work; when it was and how fast is left out. */
const recordsOf = (runs: string): ReadonlyMap<string, Told> =>
  new Map(trialsIn(runs).map(({ work, outcome, epochs, values, weights }) => [work, { outcome, epochs, values, weights }]));

function trialsIn(runs: string) {
  return runsIn(runs).flatMap((run) => {
    const work = readTag(run, 'retable.work');
    if (work === undefined) return [];
    const values = valuesBelow(join(run, 'metrics'));
    const meta = readFileSync(join(run, 'meta.yaml'), 'utf8');
    const time = (key: string): number => Number(new RegExp(`^${key}: (\\d+)`, 'm').exec(meta)?.[1]);
    return [
      {
        work,
        outcome: readTag(run, 'retable.outcome'),
        epochs: (values['train/loss'] ?? '').split('\n').filter(Boolean).length,
        values,
        weights: readIfThere(join(run, 'artifacts', 'weights.safetensors')),
        began: time('start_time'),
        ended: time('end_time'),
      },
    ];
  });
}

function valuesBelow(metrics: string): Readonly<Record<string, string>> {
  const files = readdirSync(metrics, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => !/per_second|seconds|memory|time/.test(file))
      .map((file) => [file.slice(metrics.length + 1), readFileSync(file, 'utf8').replace(/^\d+ /gm, '')]),
  );
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file).toString('base64');
  } catch {
    return undefined;
  }
}
