import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/record/layout.js';
import { listRuns } from '../../src/record/reader.js';
import { annotate } from '../../src/record/writer.js';
import { columnsThatTell, fittingColumns } from '../../src/run/run-columns.js';
import type { RunSummary } from '../../src/record/summary.js';
import { workplace } from '../support/program.js';
import { sweepOfRates } from '../support/sweep-of-rates.js';

const place = workplace();
const { tiny, sweep, list } = sweepOfRates(place, [0.001, 0.01]);
const runs = join(place.folder, 'runs');
const call = (...args: readonly string[]) => place.call(...args, '--runs', runs);
const lines = async (...args: readonly string[]): Promise<readonly string[]> => (await call('list', ...args)).stdout.trimEnd().split('\n');

beforeAll(async () => {
  await call('run', sweep);
}, 60_000);

describe('retable list', () => {
  it('has sweeps by themselves, and of runs what was varied, with the epochs that were asked for', async () => {
    const [sweeps = '', rates = '', gap, header = '', ...rows] = await lines();
    expect(sweeps.split(/ {2,}/)).toEqual(['run', 'started', 'sweep', 'status', 'trials']);
    expect(rates).toMatch(/^[0-9a-f]{8} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}rates {2}finished +2$/);
    expect(gap).toBe('');
    expect(header.split(/ {2,}/).slice(0, 5)).toEqual(['run', 'started', 'learning_rate', 'status', 'epochs']);
    expect(header).toContain('test/bit_accuracy');
    expect(rows.map((row) => row.split(/ {2,}/)[2] ?? '').toSorted()).toEqual(['0.001', '0.01']);
    expect(rows.every((row) => /finished +(\d+)\/\1 /.test(row))).toBe(true);
  });

  it('takes a count and the names of columns, short or whole, and says what was probably meant', async () => {
    const all = await list(runs);
    expect(await list(runs, '-n', '1')).toEqual(all.slice(0, 1));
    const asked = ['--columns', 'learning_rate, model.hidden_size,metrics.`test/loss`,note', '--filter', 'params.model.hidden_size != "x"'];
    expect((await lines(...asked))[0]?.split(/ {2,}/)).toEqual(['run', 'learning_rate', 'model.hidden_size', 'test/loss', 'note']);
    const [csv = ''] = await lines(...asked, '--csv');
    expect(csv).toBe('run,learning_rate,model.hidden_size,test/loss,note');
    expect(await call('list', '--columns', 'learnin_rate')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('did you mean "learning_rate"?') as string,
    });
    for (const wrong of ['0', '-1', '1.5', 'many']) expect((await call('list', `--number=${wrong}`)).status).toBe(2);
    expect(await call('list', 'nosuch')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no experiment is called "nosuch"') as string,
    });
  });
});

describe('what people say of a run', () => {
  it('is a name by which it is found, tags, a note, and nothing of its work', async () => {
    const [newest] = (await list(runs)).filter(({ parameters }) => 'seed' in parameters);
    const id = newest?.run.slice(0, 8) ?? '';
    expect((await call('name', id, 'the', 'one')).stdout).toBe(`run ${id} is called "the one"\n`);
    expect((await call('tag', 'the one', 'checked=yes', 'by=me')).status).toBe(0);
    expect((await call('note', id, 'Of Fig. 3.')).status).toBe(0);
    const [header = '', row = ''] = await lines('--filter', "tags.checked = 'yes'");
    expect(header.split(/ {2,}/).slice(0, 5)).toEqual(['run', 'started', 'name', 'by', 'checked']);
    expect(row.split(/ {2,}/).slice(2, 5)).toEqual(['the one', 'me', 'yes']);
    expect(JSON.parse((await call('show', id, '--json')).stdout)).toMatchObject({ description: 'Of Fig. 3.' });
    expect((await call('tag', id, 'by=')).stdout).toBe(`run ${id} has no tag by\n`);
    expect((await lines())[3]).not.toContain('by');
    expect((await call('store', 'verify')).status).toBe(0);
    expect((await call('run', sweep)).stderr).toContain('2 done');
    const meta = readFileSync(join(newest?.record ?? '', 'meta.yaml'), 'utf8');
    expect(meta).toContain('run_name: "the one"');
    expect(readFileSync(join(newest?.record ?? '', 'tags', 'mlflow.runName'), 'utf8')).toBe('the one');
  });

  it.each([
    [['tag', 'latest', 'x'], 'KEY=VALUE'],
    [['tag', 'latest', 'mlflow.user=me'], 'belong to mlflow'],
    [['tag', 'latest', 'a/b=1'], 'may hold only'],
    [['tag', 'latest', 'good?=1'], 'may hold only'],
    [['tag', 'latest', `x=${'y'.repeat(8001)}`], 'at most 8000'],
    [['name', 'latest', ' '], '1 to 200'],
    [['note', 'nosuch', 'x'], 'no run "nosuch"'],
  ])('what is wrong is refused, and changes nothing (%#)', async (args, why) => {
    const before = await list(runs);
    expect(await call(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(why) as string });
    expect(await list(runs)).toEqual(before);
  });

  it('a name that two runs bear says which of them there are', async () => {
    const store = openStore(runs);
    for (const { place: of } of listRuns(store)) annotate(store, of, { name: 'twins', tags: new Map() });
    expect(await call('show', 'twins')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('several runs are called "twins"') as string,
    });
  });
});

describe('a run that was interrupted', () => {
  const stopped = join(place.folder, 'stopped');
  const gone = join(place.folder, 'gone');

  it('goes on from its record alone, and runs again from it', async () => {
    mkdirSync(gone);
    const file = join(gone, 'gone.yaml');
    writeFileSync(file, readFileSync(tiny));
    const { child, ended } = place.start(['run', file, '--runs', stopped, '--set', 'training.epochs=150']);
    await waitUntil(() => existing(stopped));
    for (let looks = 0; looks < 200; looks++) {
      const told = await place.call('status', '--runs', stopped);
      if (/^at work .* epoch [1-9]/.test(told.stdout)) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await place.call('status', '--runs', stopped)).stdout).toContain(`process ${child.pid} on `);
    child.kill('SIGINT');
    const { stdout } = await ended;
    rmSync(gone, { recursive: true });
    const [hint = ''] = /npx retable resume [0-9a-f]{8}/.exec(stdout) ?? [];
    const id = hint.slice(-8);
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(await place.call('status', '--runs', stopped)).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('nothing trains') as string,
    });
    const resumed = await place.call('resume', '--runs', stopped, '--quiet');
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(resumed.stdout).toContain('finished: 150 epochs');
    expect((await list(stopped)).length).toBe(1);
    expect(await place.call('resume', id, '--runs', stopped)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('it is finished') as string,
    });
    expect((await place.call('run', id, '--runs', stopped)).stderr).toContain('done before');
    const other = await place.call('run', id, '--runs', stopped, '--set', 'training.epochs=2', '--json');
    expect(JSON.parse(other.stdout)).toMatchObject({ outcome: 'finished', repeated: false });
  }, 60_000);

  it('resumes nothing where nothing was interrupted, and no sweep', async () => {
    expect(await call('resume')).toMatchObject({ status: 2, stderr: expect.stringContaining('was interrupted') as string });
    expect((await call('run', sweepId())).stderr).toContain('keeps no document of an experiment');
  });
});

const sweepId = (): string =>
  listRuns(openStore(runs)).find(({ place: { folder } }) => readdirSync(join(folder, 'params')).includes('sweep'))?.id ?? '';
const existing = (folder: string): boolean => listRuns(openStore(folder)).length > 0;

async function waitUntil(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds() && looks < 300; looks++) await new Promise((resolve) => setTimeout(resolve, 100));
}

describe('columns', () => {
  const summary = (experiment: string, parameters: Record<string, string>, name = `${experiment} seed 1`): RunSummary =>
    ({ experiment, name, parameters: { seed: '1', ...parameters }, tags: {}, latest: {}, startTime: 0, endTime: null }) as never;
  const headings = (all: readonly RunSummary[]): readonly string[] => columnsThatTell(all, () => 'finished').map(({ heading }) => heading);

  it('say nothing of what only another experiment has', () => {
    const both = [summary('a', { x: '1' }), summary('a', { x: '2' }), summary('b', { y: '1' }), summary('b', { y: '1' })];
    expect(headings(both)).toEqual(['started', 'experiment', 'x', 'status', 'epochs']);
    expect(headings([summary('a', { 'm.kind': 'x' }), summary('a', { 'm.kind': 'y', only: 'here' })])).toEqual([
      'started',
      'm.kind',
      'only',
      'status',
      'epochs',
    ]);
  });

  it('leave where there is no room, the least that matters first', () => {
    const all = columnsThatTell([summary('a', { x: '1' }), summary('a', { x: '2' })], () => 'finished');
    const kept = (room: number) => fittingColumns(all, ({ heading }) => heading.length, room).map(({ heading }) => heading);
    expect(kept(28)).toEqual(['started', 'x', 'status', 'epochs']);
    expect(kept(27)).toEqual(['started', 'x', 'status']);
    expect(kept(11)).toEqual(['x', 'status']);
    expect(kept(0)).toEqual(['status']);
  });

  it('have the names of runs where a person gave one, not those that runs begin with', () => {
    const began = [summary('a', {}), summary('a', {}, 'a hidden_size 16 seed 1')];
    expect(headings(began)).not.toContain('name');
    expect(headings([...began, summary('a', {}, 'a good one')])).toContain('name');
  });
});

describe('runs drawn together', () => {
  it('are curves in one picture a metric, called by what tells them apart, on a page with how they ended', async () => {
    const page = join(place.folder, 'both.html');
    const ids = (await list(runs)).filter(({ parameters }) => 'seed' in parameters).map(({ run }) => run.slice(0, 8));
    expect((await call('report', ...ids, '--output', page)).status).toBe(0);
    const html = readFileSync(page, 'utf8');
    for (const text of ['learning_rate 0.001: ', 'learning_rate 0.01: ', 'bit accuracy of test', 'In what they differ', ...ids])
      expect(html).toContain(text);
    expect((await call('compare', 'tiny', '--output', page)).status).toBe(0);
    expect(readFileSync(page, 'utf8')).toBe(html);
    expect((await call('report', '--filter', 'params.optimizer.learning_rate = "0.01"', '--output', page)).stderr).toContain(
      '2 to 12 runs',
    );
    expect((await call('report', ...ids, '--output', join(place.folder, 'both.svg'))).status).toBe(0);
  });
});
