import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tableRunId } from '../../src/study/members.js';
import { workplace } from '../support/program.js';
import { begin, newStore } from './records.js';

const place = workplace();
const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';

/** The page in its parts: what it shows, its script, and what it lets run. */
function partsOf(page: string) {
  const [, saved = ''] = /<script type="application\/json" id="saved">(.*)<\/script>\n/.exec(page) ?? [];
  const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(page) ?? [];
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  return { saved: JSON.parse(saved) as { readonly snapshot: object; readonly report: string }, script, policy };
}

it('writes one file with all that the page shows, in which names of records are text', async () => {
  const store = newStore();
  const run = begin(store, { work: 'w', experiment: HOSTILE, seed: 7, tags: { 'retable.reason': HOSTILE } });
  run.metric('test/loss', 0.5, 1, 1);
  run.finish('FAILED', 5);
  const file = join(place.folder, 'all.html');
  const ended = await place.call('watch', '--once', '--output', file, '--runs', store.root);
  expect(ended, ended.stderr).toMatchObject({ status: 0, stderr: '' });
  const page = readFileSync(file, 'utf8');
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page).not.toContain('<img');
  expect(page).not.toMatch(/\b(src|href)="/);
  const { saved, script, policy } = partsOf(page);
  expect(policy.replaceAll('&#39;', "'")).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}';`);
  expect(saved.snapshot).toMatchObject({
    kind: 'all',
    title: 'All runs',
    metric: 'test/loss',
    rows: [{ name: HOSTILE, seed: '7', state: 'failed', epoch: 1, value: 0.5, reason: HOSTILE, run: run.run.runId }],
    points: { [run.run.runId]: [1, 0.5] },
    studies: [],
    hidden: 0,
  });
  expect(Buffer.byteLength(page)).toBeLessThan(100_000);
});

it('of one run it holds the report, and in nothing does it change what it looks at', async () => {
  const store = newStore();
  const run = begin(store, { work: 'w' });
  run.metric('train/loss', 0.5, 1, 1);
  run.finish('FINISHED', 5);
  const file = join(place.folder, 'run.html');
  const ended = await place.call('watch', run.run.runId.slice(0, 8), '--once', '--output', file, '--runs', store.root);
  expect(ended, ended.stderr).toMatchObject({ status: 0 });
  const { saved } = partsOf(readFileSync(file, 'utf8'));
  expect(saved.snapshot).toMatchObject({ kind: 'runs', title: 'addition, seed 1' });
  expect(saved.report).toContain('<h2>Results</h2>');
  for (const made of ['.retable-index', '.retable-works']) expect(existsSync(join(store.root, made)), made).toBe(false);
});

it('waits for a table that nobody has begun, and lists a sweep by its name', async () => {
  const store = newStore();
  const table = join(place.folder, 'small.yaml');
  writeFileSync(table, 'table: small\ncolumns: {loss: {metric: test/loss}}\nrows: {}\nclaims: []\n');
  const [waiting, named] = ['waiting.html', 'named.html'].map((name) => join(place.folder, name)) as [string, string];
  expect(await place.call('watch', table, '--once', '--output', waiting, '--runs', store.root)).toMatchObject({ status: 0 });
  expect(partsOf(readFileSync(waiting, 'utf8')).saved.snapshot).toMatchObject({ title: 'not begun yet', rows: [] });
  const own = begin(store, { work: 'none', experiment: 'tables', id: tableRunId('small'), tags: { 'retable.table': 'small' } });
  own.artifact('members.json', JSON.stringify([{ configuration: 'LSTM', seed: 1, work: 'a' }]));
  expect(await place.call('watch', 'small', '--once', '--output', named, '--runs', store.root)).toMatchObject({ status: 0 });
  expect(partsOf(readFileSync(named, 'utf8')).saved.snapshot).toMatchObject({
    kind: 'table',
    title: 'small',
    rows: [{ name: 'LSTM', seed: '1', state: 'left' }],
    hasVerdicts: false,
  });
});

it.each([
  [['nothere'], 'no run "nothere"', 'there are no runs in'],
  [['a.yaml', 'b.yaml'], 'there is no file a.yaml', ''],
  [['--port', 'x'], '--port is a whole number up to 65535', ''],
  [['--once', '--output', 'page.pdf'], 'the page is written as .html', ''],
  [['--output', 'page.html'], '--output does nothing without --once', '--once --output FILE.html'],
  [['--once', '--port', '5000'], '--port does nothing beside --once', 'serves nothing'],
])('%j is refused', async (args, message, help) => {
  const ended = await place.call('watch', ...args, '--runs', join(place.folder, 'empty'));
  expect(ended).toMatchObject({ status: 2, stdout: '' });
  expect(ended.stderr).toContain(message);
  expect(ended.stderr).toContain(help);
});

it('ends with Ctrl-C, and says where the page is and how it is reached from elsewhere', async () => {
  const watching = place.start(['watch', '--runs', join(place.folder, 'empty')]);
  await watching.said(/ssh -L (\d+):127\.0\.0\.1:\1 /);
  watching.child.kill('SIGINT');
  const ended = await watching.ended;
  expect(ended.status).toBe(130);
  expect(ended.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/\n$/);
});
