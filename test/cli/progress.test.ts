import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../support/program.js';

/** How a run is told while it trains, where stderr is no terminal. */

const place = workplace();
const file = join(place.folder, 'tiny.yaml');
writeFileSync(
  file,
  `experiment: tiny
dataset: {kind: binary_addition, bits: 3, examples: 200}
model: {kind: rnn, hidden_size: 3}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.01}
training: {epochs: 2, batch_size: 20}
`,
);
const train = (seed: number, ...args: readonly string[]) =>
  place.call('run', file, '--runs', join(place.folder, 'runs'), '--seed', String(seed), ...args);
const epochs = (said: string): number => said.match(/^epoch \d\/2 /gm)?.length ?? 0;

test('each epoch leaves a line in a log, unless nobody wants them', async () => {
  expect(epochs((await train(1)).stderr)).toBe(2);
  expect(epochs((await train(2, '--progress', 'lines')).stderr)).toBe(2);
  expect(epochs((await train(3, '--progress', 'live')).stderr)).toBe(2);
  expect(epochs((await train(6, '--no-progress')).stderr)).toBe(2);
  const { stdout, stderr } = await train(4, '--progress', 'none');
  expect(epochs(stderr)).toBe(0);
  expect(stderr).toContain('tiny, seed 4; records in');
  expect(stdout).toContain('finished: 2 epochs');
});

test('another word is refused before anything is done', async () => {
  const { status, stderr } = await train(5, '--progress', 'lins');
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'error: --progress is live, lines or none, not "lins"\n  help: did you mean "lines"?\n',
  });
});

test('FORCE_COLOR colours a log, NO_COLOR leaves it plain', async () => {
  const told = async (more: Readonly<Record<string, string>>): Promise<string> =>
    (await place.start(['show', '--runs', join(place.folder, 'runs')], more).ended).stdout;
  expect(await told({})).not.toContain('\u001b[');
  expect(await told({ FORCE_COLOR: '1' })).toContain('\u001b[1mtiny\u001b[22m');
  expect(await told({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain('\u001b[');
});
