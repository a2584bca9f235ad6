import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BASE } from '../sweep/documents.js';
import type { workplace } from './program.js';

/** What `list --json` says of a run, as far as tests of sweeps ask. */
export interface Listed {
  readonly run: string;
  readonly status: string;
  readonly record: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A small experiment, a sweep of it over these learning rates, and what a store lists of them. */
export function sweepOfRates(place: ReturnType<typeof workplace>, rates: readonly number[]) {
  const folder = join(place.folder, 'documents');
  mkdirSync(folder);
  const [tiny, sweep] = [join(folder, 'tiny.yaml'), join(folder, 'rates.yaml')];
  writeFileSync(tiny, BASE);
  const vary = `vary: [{optimizer.learning_rate: [${rates.join(', ')}]}]`;
  writeFileSync(sweep, `sweep: rates\nbase: tiny.yaml\nselect: {metric: test/bit_accuracy}\n${vary}\nseeds: 1\n`);

  const list = async (runs: string, ...more: readonly string[]): Promise<readonly Listed[]> =>
    JSON.parse((await place.call('list', '--runs', runs, '--json', ...more)).stdout) as readonly Listed[];
  /** Without the run of the sweep itself. */
  const trials = async (runs: string): Promise<readonly Listed[]> =>
    (await list(runs)).filter(({ parameters }) => 'optimizer.learning_rate' in parameters);
  return { tiny, sweep, list, trials };
}
