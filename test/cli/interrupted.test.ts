import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { workplace } from '../support/program.js';
import { BASE } from '../sweep/documents.js';
import { pause } from '../sweep/store.js';

const place = workplace();
const document = join(place.folder, 'tiny.yaml');
writeFileSync(document, BASE);
const sweep = join(place.folder, 'rates.yaml');
writeFileSync(
  sweep,
  'sweep: rates\nbase: tiny.yaml\nselect: {metric: test/bit_accuracy}\nvary: [{training.epochs: [40000, 40001]}]\nseeds: 1\n',
);
const out = async (...args: readonly string[]): Promise<string> => (await place.call(...args)).stdout;
const json = async (...args: readonly string[]): Promise<unknown> => JSON.parse(await out(...args, '--json'));

it('a run is running as long as its process lives, and interrupted from then on, in every command that tells', async () => {
  const runs = join(place.folder, 'killed');
  const started = place.start(['run', document, '--set', 'training.epochs=30000', '--runs', runs]);
  await started.said(/epoch {2,}3\//);
  expect(await out('list', '--runs', runs)).toMatch(/ running /);
  expect(await out('show', '--runs', runs)).toMatch(/running: /);
  started.child.kill('SIGKILL');
  await started.ended;
  expect(await out('list', '--runs', runs)).toMatch(/ interrupted /);
  expect(await json('list', '--runs', runs)).toMatchObject([{ status: 'interrupted' }]);
  expect(await out('list', '--runs', runs, '--csv')).toMatch(/,interrupted,/);
  expect(await out('show', '--runs', runs)).toMatch(/interrupted: /);
  expect(await json('show', '--runs', runs)).toMatchObject({ status: 'interrupted' });
  await place.call('run', document, '--runs', runs);
  expect(await out('compare', '--runs', runs)).toMatch(/status +finished +interrupted/);
  const page = join(place.folder, 'page.html');
  const id = ((await json('list', '--runs', runs)) as readonly { readonly run: string }[])[1]?.run ?? '';
  expect((await place.call('report', id, '--output', page, '--runs', runs)).status).toBe(0);
  expect(readFileSync(page, 'utf8')).toContain('>interrupted</span>');
  // What MLflow reads stays as it is, and can be asked for.
  expect(await json('list', '--runs', runs, '--filter', "attributes.status = 'RUNNING'")).toMatchObject([{ run: id }]);
});

it('one that was stopped in order is interrupted too, and MLflow’s word stays for programs', async () => {
  const runs = join(place.folder, 'stopped');
  const started = place.start(['run', document, '--set', 'training.epochs=30000', '--runs', runs]);
  await started.said(/epoch {2,}3\//);
  started.child.kill('SIGINT');
  await started.ended;
  expect(await out('list', '--runs', runs)).toMatch(/ interrupted /);
  expect(await json('list', '--runs', runs)).toMatchObject([{ status: 'killed' }]);
});

it('a run of another program stays as it is recorded: nobody can tell', async () => {
  const runs = join(place.folder, 'foreign');
  await place.call('run', document, '--runs', runs);
  const [experiment = ''] = readdirSync(runs).filter((name) => /^\d+$/.test(name));
  const id = 'f'.repeat(32);
  mkdirSync(join(runs, experiment, id));
  for (const part of ['metrics', 'params', 'tags', 'artifacts']) mkdirSync(join(runs, experiment, id, part));
  const [ours = ''] = readdirSync(join(runs, experiment)).filter((name) => /^[0-9a-f]{32}$/.test(name) && name !== id);
  const meta = readFileSync(join(runs, experiment, ours, 'meta.yaml'), 'utf8')
    .replaceAll(ours, id)
    .replace(/^status: 3$/m, 'status: 1');
  writeFileSync(join(runs, experiment, id, 'meta.yaml'), meta);
  const found = (await json('list', '--runs', runs)) as readonly { readonly run: string; readonly status: string }[];
  expect(found.find(({ run }) => run === id)?.status).toBe('running');
});

it('status says interrupted of a trial whose process is gone', async () => {
  const runs = join(place.folder, 'sweep');
  const started = place.start(['run', sweep, '--runs', runs, '--workers', '2']);
  for (let looks = 0; looks < 100 && !/2 at work/.test(await out('status', 'rates', '--runs', runs)); looks++) await pause(100);
  started.child.kill('SIGKILL');
  await started.ended;
  await pause(1000);
  const told = await out('status', 'rates', '--runs', runs);
  expect(told).toMatch(/2 trials: 2 interrupted/);
  expect(await out('list', '--runs', runs)).not.toMatch(/ running /);
});
