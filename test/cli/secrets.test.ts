import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPassword, starredOut, withoutCredentials, withoutPasswords } from '../../src/diagnostics/secrets.js';
import { headOf } from '../../src/launch/ray/api.js';
import { workplace } from '../support/program.js';
import { BASE } from '../sweep/documents.js';
import { startFakeMlflow } from '../track/fake-mlflow.js';

/** Stands nowhere but in what is planted. */
const SECRET = 'correcthorsebattery';
const COMMAND = 'curl -s -d token=stapleofamessage https://example.invalid';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
const document = (name: string, more: string): string => {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `${BASE}${more}`);
  return file;
};
const tiny = document('tiny', '');
const sweep = join(folder, 'rates.yaml');
writeFileSync(
  sweep,
  'sweep: rates\nbase: tiny.yaml\nselect: {metric: test/bit_accuracy}\nvary: [{optimizer.learning_rate: [0.001, 0.01]}]\nseeds: 1\n',
);

/** A server that takes nothing, and keeps every byte that it was sent. */
const received: string[] = [];
let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    received.push(`${request.method ?? ''} ${request.url ?? ''}`);
    request.on('data', (chunk) => received.push(String(chunk)));
    request.on('end', () => {
      response.writeHead(401, { 'content-type': 'text/plain' });
      response.end(`who is "${Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString()}"?`);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** Every file below that holds the text, by its bytes. */
const holders = (below: string, text: string): readonly string[] =>
  (existsSync(below) ? readdirSync(below, { recursive: true, encoding: 'utf8' }) : [])
    .map((name) => join(below, name))
    .filter((file) => statSync(file).isFile() && readFileSync(file).includes(text));

let count = 0;
async function leavesNothing(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const runs = join(place.folder, `runs-${++count}`);
  const { stdout, stderr } = await place.start([...args, '--runs', runs], more).ended;
  expect(stdout + stderr).not.toContain(SECRET);
  expect(holders(runs, SECRET)).toEqual([]);
  expect(received.join('\n')).not.toContain(SECRET);
  return stderr;
}

// A run whose server does not answer waits for it at its end.
describe.concurrent('a password in a URI is printed nowhere, recorded nowhere and sent nowhere but as the login', () => {
  it('of --track, whose server answers with it', async () => {
    const said = await leavesNothing(['run', tiny, '--track', `http://ada:${SECRET}@127.0.0.1:${port}`]);
    expect(said).toContain(`127.0.0.1:${port}`);
  });

  it('of --track, where nobody answers', async () =>
    void (await leavesNothing(['run', tiny, '--track', `http://ada:${SECRET}@127.0.0.1:1`])));

  it.each([
    `http://ada:${SECRET}@:99999`,
    `http://ada:${SECRET}%zz@127.0.0.1:1`,
    `sqlite://ada:${SECRET}@x`,
    `http://ada:a/${SECRET}@host:1`,
  ])('of --track %s, which is no address', async (uri) => void (await leavesNothing(['run', tiny, '--track', uri])));

  it.each([`http://ada:${SECRET}@127.0.0.1:1`, `postgresql://ada:${SECRET}@db/mlflow`])('of MLFLOW_TRACKING_URI %s', async (uri) => {
    await leavesNothing(['run', tiny], { MLFLOW_TRACKING_URI: uri });
  });

  it('of a document, which check warns of', async () => {
    const file = document('inside', `description: "data from https://ada:${SECRET}@host/data"\n`);
    const said = await leavesNothing(['run', file]);
    expect(said).toContain('password-inside');
    const outside = join(folder, 'outside.yaml');
    writeFileSync(outside, `${readFileSync(sweep, 'utf8')}description: "see http://ada:${SECRET}@head"\n`);
    for (const each of [file, outside]) {
      const checked = await place.run('check', each);
      expect(checked).toMatchObject({ status: 0, stderr: expect.stringContaining('password-inside') as string });
      expect(checked.stderr).not.toContain(SECRET);
    }
  });

  it('of --set', async () => void (await leavesNothing(['run', tiny, '--set', `tracking.uri=http://ada:${SECRET}@127.0.0.1:1`])));

  it('of a sweep, whose workers are told it all the same', async () => {
    await leavesNothing(['run', sweep, '--workers', '1', '--track', `http://ada:${SECRET}@127.0.0.1:${port}`]);
  });

  it('of a sweep on Slurm: its files are for nobody else, and hold nothing', async () => {
    const fake = join(place.folder, 'slurm');
    mkdirSync(join(fake, 'jobs'), { recursive: true });
    const runs = join(place.folder, 'runs-slurm');
    const variables = { FAKE_SLURM: fake, PATH: [resolve('test/launch/fake'), process.env['PATH']].join(delimiter) };
    const args = ['run', sweep, '--on', 'slurm', '--no-wait', '--track', `http://ada:${SECRET}@127.0.0.1:1`, '--runs', runs];
    const { stdout, stderr } = await place.start(args, variables).ended;
    expect(stdout + stderr).not.toContain(SECRET);
    for (const below of [runs, fake]) expect(holders(below, SECRET)).toEqual([]);
    const orders = holders(runs, '"sets"').filter((file) => file.endsWith('orders.json'));
    expect(orders.length).toBe(1);
    for (const file of orders) expect((statSync(file).mode & 0o077).toString(8)).toBe('0');
  });

  it('of RAY_ADDRESS', async () => {
    await leavesNothing(['run', sweep, '--on', 'ray', '--no-wait'], { RAY_ADDRESS: `http://ada:${SECRET}@127.0.0.1:1` });
    await leavesNothing(['run', sweep, '--on', 'ray', '--no-wait'], { RAY_ADDRESS: `http://ada:${SECRET}@:x` });
    expect(headOf({}, { RAY_ADDRESS: `http://ada:${SECRET}@head:8265` })).toEqual({ url: 'http://head:8265', login: `ada:${SECRET}` });
  });
});

describe('the command of on_finish', () => {
  it('is no parameter, and goes to no server; passwords in what was recorded by earlier versions neither', async () => {
    const mlflow = await startFakeMlflow();
    const runs = join(place.folder, 'runs-finish');
    const file = document('finish', `on_finish: >-\n  true || ${COMMAND}\ndescription: a\n`);
    await place.run('run', file, '--runs', runs, '--quiet');
    expect(holders(runs, COMMAND).some((name) => name.includes('params/'))).toBe(false);
    // As an earlier version recorded it.
    const [source = ''] = holders(runs, 'experiment: tiny').filter((name) => name.endsWith('finish.yaml'));
    const record = join(source, '..', '..', '..');
    writeFileSync(join(record, 'params', 'on_finish'), COMMAND);
    writeFileSync(join(record, 'params', 'tracking.uri'), `http://ada:${SECRET}@host`);
    writeFileSync(join(record, 'tags', 'mlflow.note.content'), `see http://ada:${SECRET}@host`);
    writeFileSync(source, `${readFileSync(source, 'utf8')}tracking: {uri: "http://ada:${SECRET}@host"}\n`);
    const synced = await place.run('sync', '--to', mlflow.uri, '--runs', runs);
    expect(synced.status, synced.stderr + synced.stdout).toBe(0);
    const sent =
      [...mlflow.files.values()].map((bytes) => bytes.toString('latin1')).join('\n') + JSON.stringify([...mlflow.runs.values()], asPlain);
    expect(sent).toContain('experiment: tiny');
    expect(sent).not.toContain('stapleofamessage');
    expect(sent).not.toContain(SECRET);
    const again = await place.run('sync', '--to', mlflow.uri, '--runs', runs, '--dry-run');
    expect(again.stdout).not.toMatch(/artifact/);
    await mlflow.close();
  });
});

const asPlain = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value instanceof Set ? [...value] : value);

describe('texts without passwords', () => {
  it.each([
    ['http://ada:pw@host/a@b', 'http://***@host/a@b'],
    ['see https://token@host, and mail ada@host', 'see https://***@host, and mail ada@host'],
    ['postgresql+psycopg2://u:p@ss@db:5432/x', 'postgresql+psycopg2://***@db:5432/x'],
    ['"uri": "http://a:b@c"', '"uri": "http://***@c"'],
    ['nothing here', 'nothing here'],
  ])('%s', (text, expected) => {
    expect(withoutPasswords(text)).toBe(expected);
    expect(starredOut(text).length).toBe(text.length);
  });

  it('of what is no URI, all before its last @ goes', () => expect(withoutCredentials('http//ada:p/w@host:1')).toBe('***@host:1'));
  it('a user alone is no password', () => expect([hasPassword('ssh://git@host'), hasPassword('http://a:b@c')]).toEqual([false, true]));
});
