import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/record/layout.js';
import { listRuns } from '../../src/record/reader.js';
import { workplace } from '../support/program.js';
import { type FakeMlflow, startFakeMlflow } from '../track/fake-mlflow.js';
import { type FaultyProxy, startProxy } from '../track/proxy.js';
import { expectEqual } from '../track/recording.js';

const FILE = 'experiments/lstm_addition.yaml';
const place = workplace();
const small = ['--set', 'dataset.examples=2000', '--set', 'training.epochs=3', '--quiet'];
const runs = join(place.folder, 'runs');

let fake: FakeMlflow;
let proxy: FaultyProxy;
beforeAll(async () => {
  fake = await startFakeMlflow();
  proxy = await startProxy(fake.uri);
});
afterAll(async () => {
  await proxy.close();
  await fake.close();
});

/** What metric files say, without when it was measured and how fast. */
const points = (root: string): string =>
  listRuns(openStore(root))
    .map(({ place: { folder } }) =>
      ['train/loss', 'test/loss', 'test/exact_match'].map((key) =>
        readFileSync(join(folder, 'metrics', key), 'utf8').replace(/^\d+ /gm, ''),
      ),
    )
    .join();

describe('run --track', () => {
  it('brings the run to the server while it is made; a sync afterwards finds it whole', async () => {
    const { status, stdout } = await place.call('run', FILE, ...small, '--runs', runs, '--track', proxy.uri);
    expect(status, stdout).toBe(0);
    expectEqual(openStore(runs), fake);
    const synced = await place.call('sync', '--to', proxy.uri, '--runs', runs, '--json');
    expect(synced.status).toBe(0);
    expect(JSON.parse(synced.stdout)).toMatchObject([{ outcome: 'sent', points: 0, problems: [], refused: [] }]);
  });

  it('trains the same when the server hangs, and says how to go on', async () => {
    const alone = join(place.folder, 'alone');
    const hung = join(place.folder, 'hung');
    proxy.fault = () => 'hang';
    await place.call('run', FILE, ...small, '--seed', '2', '--runs', alone);
    const args = ['run', FILE, ...small.slice(0, -1), '--seed', '2', '--runs', hung, '--track', proxy.uri];
    const { status, stderr } = await place.start(args, { MLFLOW_HTTP_REQUEST_TIMEOUT: '1' }).ended;
    proxy.fault = () => 'ok';
    expect(status).toBe(0);
    expect(stderr).toMatch(/not all of this run is on http.* yet: .* gave no answer/);
    expect(stderr).toMatch(/nothing is lost; later: npx retable sync [0-9a-f]{8} --to http/);
    expect(points(hung)).toBe(points(alone));
    expect((await place.call('sync', '--to', proxy.uri, '--runs', hung)).stdout).toMatch(
      /1 run compared after \d+ points and \d+ files were sent/,
    );
  });

  it('takes MLFLOW_TRACKING_URI, and leaves one alone that is no server', async () => {
    const here = join(place.folder, 'variable');
    const args = ['run', FILE, ...small.slice(0, -1), '--seed', '3', '--runs', here];
    const before = fake.runs.size;
    const { stderr } = await place.start(args, { MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' }).ended;
    expect(stderr).toContain('MLFLOW_TRACKING_URI is sqlite:///mlflow.db, which is no http server');
    expect(fake.runs.size).toBe(before);
    await place.start([...args, '--fresh'], { MLFLOW_TRACKING_URI: proxy.uri }).ended;
    expect(fake.runs.size).toBe(before + 1);
  });

  it('refuses an address with a password in the document, and one that is none', async () => {
    const set = (uri: string) => place.call('check', FILE, '--set', `tracking.uri=${uri}`);
    expect((await set('http://localhost:5000')).status).toBe(0);
    expect((await set('http://ada:secret@localhost:5000')).status).toBe(2);
    expect((await place.call('run', FILE, ...small, '--runs', runs, '--track', 'localhost:5000')).stderr).toContain(
      'write it like http://localhost:5000',
    );
  });
});

describe('sync', () => {
  it('says where nobody listens, and exits with 1', async () => {
    const { status, stderr } = await place.call('sync', '--to', 'http://127.0.0.1:1', '--runs', runs);
    expect(status).toBe(1);
    expect(stderr).toContain('nobody listens there');
  });

  it('asks where to, and sends nothing with --dry-run', async () => {
    expect((await place.call('sync', '--runs', runs)).status).toBe(2);
    const requests = proxy.requests;
    const { stdout } = await place.call('sync', '--to', `${proxy.uri}/elsewhere`, '--runs', runs, '--dry-run');
    expect(stdout).toMatch(/new, \d+ points/);
    expect(proxy.requests).toBe(requests);
  });
});

describe('records on disk', () => {
  it('are listed by filter and order, and compared', async () => {
    await place.call('run', FILE, ...small, '--seed', '5', '--runs', runs);
    const seeds = async (...more: string[]) =>
      (JSON.parse((await place.call('list', '--runs', runs, '--json', ...more)).stdout) as { parameters: { seed: string } }[]).map(
        ({ parameters }) => parameters.seed,
      );
    expect(await seeds('--filter', "params.seed = '5' and metrics.`test/loss` > 0")).toEqual(['5']);
    expect(await seeds('--sort', 'params.seed desc')).toEqual(['5', '1']);
    expect((await place.call('list', '--runs', runs, '--filter', 'loss < 1')).status).toBe(2);
    const [header, ...rows] = (await place.call('list', '--runs', runs, '--csv')).stdout.trim().split('\n');
    expect(header).toContain('params.model.hidden_size');
    expect(rows).toHaveLength(2);
    const compared = JSON.parse((await place.call('compare', '--runs', runs, '--json')).stdout) as { parameters: object };
    expect(compared.parameters).toEqual({ seed: ['5', '1'] });
  });

  it('are verified, and relocated after a move', async () => {
    expect((await place.call('store', 'verify', '--runs', runs)).status).toBe(0);
    const moved = join(place.folder, 'moved');
    cpSync(runs, moved, { recursive: true });
    expect((await place.call('store', 'verify', '--runs', moved)).status).toBe(1);
    expect((await place.call('store', 'relocate', '--runs', moved)).stdout).toContain('3 mended');
    expect((await place.call('store', 'verify', '--runs', moved)).status).toBe(0);
    const gc = async (): Promise<unknown> => JSON.parse((await place.call('store', 'gc', '--runs', moved, '--json')).stdout);
    expect(await gc()).toMatchObject([{ kind: 'checkpoints' }, { kind: 'checkpoints' }]);
    expect(await gc()).toEqual([]);
  });
});
