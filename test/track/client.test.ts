import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { openClient, type TrackingClient } from '../../src/track/client.js';
import { ConnectionProblem, connectionTo, type Variables } from '../../src/track/connection.js';
import { TrackingError } from '../../src/track/errors.js';
import { artifactPathProblem, batchLimits, batchOf, batchProblem, changeProblem, inBatches, type Item } from '../../src/track/wire.js';
import { disk } from '../../src/record/files.js';
import { startFakeMlflow, type FakeOptions } from './fake-mlflow.js';
import { startProxy, type WayFault } from './proxy.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const connection = (uri: string, variables: Variables = {}) =>
  connectionTo(uri, { variables: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.01', ...variables }, home: '/nowhere', files: disk });

async function served(options: FakeOptions = {}, variables: Variables = {}) {
  const fake = await startFakeMlflow(options);
  const proxy = await startProxy(fake.uri);
  const client = openClient(connection(proxy.uri, variables));
  closing.push(client.close, proxy.close, fake.close);
  return { fake, proxy, client };
}

async function newRun(client: TrackingClient) {
  const experimentId = await client.createExperiment('addition');
  return client.createRun({ experimentId, name: 'a', user: 'ada', startTime: 1_700_000_000_000, tags: { 'retable.run': 'ab12' } });
}

const failure = async (work: Promise<unknown>): Promise<TrackingError> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TrackingError) return error;
  throw new Error(`a TrackingError was due: ${String(error)}`);
};

describe('a run', () => {
  it('comes back as it was sent', async () => {
    const { client, fake } = await served();
    const { id } = await newRun(client);
    const values = [0.1, NaN, Infinity, -Infinity, 1e-7, -0];
    await client.logBatch(id, {
      metrics: values.map((value, i) => ({ key: 'test/loss', value, step: i + 1, timestamp: 1000 + i })),
      params: [{ key: 'seed', value: '1' }],
      tags: [{ key: 'note', value: 'ü\n"' }],
    });
    await client.updateRun(id, { status: 'FINISHED', endTime: 1_700_000_000_500 });
    const points = await client.history(id, 'test/loss');
    expect(points.map(({ value }) => value)).toEqual(values.map((value) => (value === 0 ? 0 : value)));
    expect(await client.run(id)).toMatchObject({
      params: { seed: '1' },
      tags: { note: 'ü\n"' },
      status: 'FINISHED',
      metricKeys: ['test/loss'],
    });
    expect(await client.runsByTag(['1'], 'retable.run', 'ab12')).toHaveLength(1);
    expect(await client.run('0'.repeat(32))).toBeNull();
    expect(await client.experimentByName('nothing')).toBeNull();
    expect(await client.facts()).toMatchObject({ store: 'sql' });
    expect(fake.calls.filter((call) => call === 'runs/create')).toHaveLength(1);
  });

  it('keeps artifacts byte for byte, whatever their names', async () => {
    const { client } = await served();
    const run = await newRun(client);
    const target = { uri: run.artifactUri, runId: run.id };
    for (const path of ['plots/a b%20ü.svg', '.hidden']) {
      await client.putArtifact(target, path, Buffer.from(path));
      expect(Buffer.from(await client.getArtifact(run.id, path)).toString()).toBe(path);
    }
    expect((await client.artifacts(run.id, '')).map(({ path }) => path).toSorted()).toEqual(['.hidden', 'plots/']);
    for (const path of ['../x', 'a//b', 'a#b', '/a'])
      expect((await failure(client.putArtifact(target, path, Buffer.of(1)))).kind).toBe('invalid');
  });

  it('reads a long history page by page', async () => {
    const { client, fake } = await served();
    const { id } = await newRun(client);
    const points = fake.runs.get(id)?.points;
    for (let step = 1; step <= 50_001; step++) points?.push({ key: 'k', value: step, step, timestamp: 1 });
    expect(await client.history(id, 'k')).toHaveLength(50_001);
  });
});

test('a way through a path, with a name and a password', async () => {
  const authorization = `Basic ${Buffer.from('ada:secret').toString('base64')}`;
  const { fake, client } = await served(
    { prefix: '/team/mlflow', authorization },
    { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'secret' },
  );
  await newRun(client);
  expect(fake.runs.size).toBe(1);
});

describe('nothing is sent that a server would lose without a word', () => {
  const metric = { key: 'k', value: 1, step: 1, timestamp: 1 };
  const wrong = (change: object): never => ({ metrics: [{ ...metric, ...change }], params: [], tags: [] }) as never;
  test.each([
    ['a step that is not whole', wrong({ step: 1.5 })],
    ['a time that is not whole', wrong({ timestamp: 1.5 })],
    ['a value as text', wrong({ value: '0.5' })],
    ['no value', wrong({ value: null })],
    ['a key with a bracket', wrong({ key: 'a(b)' })],
    ['a key that climbs', wrong({ key: 'a/../b' })],
    ['a key that is too long', wrong({ key: 'k'.repeat(251) })],
    ['a number as parameter', { metrics: [], params: [{ key: 'a', value: 1 }], tags: [] } as never],
    ['a long parameter', { metrics: [], params: [{ key: 'a', value: 'x'.repeat(6001) }], tags: [] }],
    ['a long tag', { metrics: [], params: [], tags: [{ key: 'a', value: 'x'.repeat(8001) }] }],
    ['a parameter twice', { metrics: [], params: ['1', '1'].map((value) => ({ key: 'a', value })), tags: [] }],
    ['1001 metrics', { metrics: Array.from({ length: 1001 }, () => metric), params: [], tags: [] }],
  ])('%s', async (_, batch) => {
    expect(batchProblem(batch)).not.toBeNull();
    const { client, proxy } = await served();
    expect((await failure(client.logBatch('ab', batch))).kind).toBe('invalid');
    expect(proxy.requests).toBe(0);
  });

  it('nor a status that is none, nor an end that is not whole', () => {
    expect(changeProblem({ status: 'DONE' as never, endTime: 1 })).toMatch(/no status/);
    expect(changeProblem({ status: 'FINISHED', endTime: 1.5 })).toMatch(/whole/);
    expect(changeProblem({ status: 'FINISHED', endTime: null })).toBeNull();
  });

  it('nor a path that climbs', () => {
    for (const path of ['..', 'a/../b', '', 'a\nb', 'a\\b']) expect(artifactPathProblem(path)).not.toBeNull();
  });
});

describe('what fails on the way', () => {
  test.each<WayFault>(['reset', 'error-500', 'error-503', 'lost-answer', 'half', 'slow'])('is tried again: %s', async (fault) => {
    const { client, proxy, fake } = await served();
    const { id } = await newRun(client);
    let left = 3;
    proxy.fault = () => (left-- > 0 ? fault : 'ok');
    await client.logBatch(id, { metrics: [{ key: 'k', value: 1, step: 1, timestamp: 1 }], params: [], tags: [] });
    expect(fake.runs.get(id)?.points).toHaveLength(1);
  });

  it('is not tried again where that would make a second run', async () => {
    const { client, proxy, fake } = await served();
    await client.createExperiment('addition');
    proxy.fault = () => 'lost-answer';
    const run = { experimentId: '1', name: 'a', user: 'ada', startTime: 1, tags: {} };
    expect((await failure(client.createRun(run))).kind).toBe('unreachable');
    expect(fake.runs.size).toBe(1);
  });

  it('ends after the stated time when nobody answers', async () => {
    const { client, proxy } = await served({}, { MLFLOW_HTTP_REQUEST_TIMEOUT: '0.1', MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' });
    proxy.fault = () => 'hang';
    const error = await failure(client.run('ab'));
    expect(error.message).toMatch(/gave no answer to runs\/get/);
    expect(proxy.requests).toBe(2);
  });
});

describe('an answer without an end', () => {
  /** A server that answers whatever it is asked in one way; counts what it was asked. */
  async function odd(answer: (response: ServerResponse, request: number) => void, variables: Variables = {}) {
    let requests = 0;
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json');
      answer(response, ++requests);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = openClient(connection(uri, variables));
    closing.push(
      client.close,
      () => server.closeAllConnections(),
      () => server.close(),
    );
    return { client, requests: () => requests };
  }
  const dripping = (response: ServerResponse): void => {
    response.write('{');
    const drip = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(drip));
  };

  it.each<[string, (response: ServerResponse) => void]>([
    ['drips', dripping],
    ['hangs', () => {}],
    ['is always busy', (response) => void response.writeHead(503, { 'retry-after': '9' }).end('{}')],
  ])('is given up soon, of one that %s', async (_, answer) => {
    const { client, requests } = await odd(answer, { MLFLOW_HTTP_REQUEST_TIMEOUT: '0.3' });
    expect((await failure(client.run('ab'))).kind).toBe('unreachable');
    expect(requests()).toBeLessThanOrEqual(2);
  });

  it('is asked for as often as a person says', async () => {
    const { client, requests } = await odd(dripping, { MLFLOW_HTTP_REQUEST_TIMEOUT: '0.05', MLFLOW_HTTP_REQUEST_MAX_RETRIES: '3' });
    await failure(client.run('ab'));
    expect(requests()).toBe(4);
  });

  it.each<[string, (client: TrackingClient) => Promise<unknown>]>([
    ['runs/search', (client) => client.runsByTag(['1'], 'retable.run', 'ab')],
    ['metrics/get-history', (client) => client.history('ab', 'loss')],
    ['artifacts/list', (client) => client.artifacts('ab', '')],
  ])('always has another page: %s', async (call, ask) => {
    const { client } = await odd((response, request) => void response.end(JSON.stringify({ next_page_token: String(request) })));
    const error = await failure(ask(client));
    expect([error.kind, error.call]).toEqual(['not-mlflow', call]);
  });

  it.each(['mlflow-artifacts:/%zz/artifacts', 'http://[', 'http://%zz:99999/x', 'mlflow-artifacts://a b:x/y', 's3://bucket/x'])(
    'artifacts that are to lie at %s are told',
    async (uri) => {
      const { client } = await odd((response) => void response.end('{}'));
      expect(['refused', 'not-mlflow']).toContain((await failure(client.putArtifact({ uri }, 'a.txt', Buffer.from('a')))).kind);
    },
  );
});

describe('an error names server, call and remedy', () => {
  it('of a page in place of an answer', async () => {
    const { client, proxy } = await served();
    proxy.fault = () => 'html';
    const error = await failure(client.run('ab'));
    expect(error.kind).toBe('not-mlflow');
    expect(error.message).toContain(`${proxy.uri} answered runs/get with 200 and text/html where JSON was due: Log in please log in`);
    expect(error.remedy).toMatch(/login page/);
    expect(proxy.requests).toBe(1);
  });

  it('of a missing password', async () => {
    const { client } = await served({ authorization: 'Bearer t' });
    const error = await failure(client.run('ab'));
    expect([error.kind, error.remedy]).toEqual(['forbidden', expect.stringContaining('MLFLOW_TRACKING_USERNAME')]);
  });

  it('of a wrong path', async () => {
    const { fake } = await served({ prefix: '/team' });
    const client = openClient(connection(fake.uri.replace('/team', '')));
    closing.push(client.close);
    expect(await failure(client.run('ab'))).toMatchObject({
      kind: 'not-mlflow',
      remedy: expect.stringContaining('path before /api') as string,
    });
  });

  it('of a server that is not there', async () => {
    const client = openClient(connection('http://127.0.0.1:1', { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' }));
    closing.push(client.close);
    const error = await failure(client.run('ab'));
    expect(error.message).toBe("http://127.0.0.1:1 can't be reached for runs/get: nobody listens there (ECONNREFUSED)");
    expect(error.remedy).toContain('mlflow server');
  });
});

describe('a connection', () => {
  it('keeps the password out of its address', () => {
    const { server, headers } = connection('http://ada:s%20x@host:5000/mlflow/');
    expect(server).toBe('http://host:5000/mlflow');
    expect(headers).toEqual({ authorization: `Basic ${Buffer.from('ada:s x').toString('base64')}` });
  });

  it('takes what MLflow takes from the environment', () => {
    const { headers, tls, timeout, retry } = connection('https://host', {
      MLFLOW_TRACKING_TOKEN: 't',
      MLFLOW_WORKSPACE: 'w',
      MLFLOW_TRACKING_INSECURE_TLS: 'true',
      MLFLOW_HTTP_REQUEST_TIMEOUT: '7',
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2',
    });
    expect(headers).toEqual({ authorization: 'Bearer t', 'x-mlflow-workspace': 'w' });
    expect(tls).toEqual({ rejectUnauthorized: false });
    expect([timeout, retry.retries]).toEqual([7000, 2]);
  });

  it('lets a name and a password go before a token, as Python does', () => {
    const variables = { MLFLOW_TRACKING_TOKEN: 't', MLFLOW_TRACKING_USERNAME: 'a', MLFLOW_TRACKING_PASSWORD: 'b' };
    expect(connection('http://host', variables).headers['authorization']).toMatch(/^Basic /);
  });

  test.each([
    ['sqlite:///mlflow.db', {}],
    ['databricks', {}],
    ['http://', {}],
    ['http://host', { MLFLOW_TRACKING_AWS_SIGV4: 'true' }],
    ['http://host', { MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon' }],
    ['http://host', { MLFLOW_TRACKING_SERVER_CERT_PATH: '/nowhere/ca.pem' }],
  ])('is refused in words: %s %o', (uri, variables) => expect(() => connection(uri, variables)).toThrow(ConnectionProblem));
});

describe('batches', () => {
  const metrics = (count: number, key = 'k'): Item[] =>
    Array.from({ length: count }, (_, step) => ({ kind: 'metric', metric: { key, value: 1 / 3, step, timestamp: 1_700_000_000_000 } }));
  const params = (count: number, value = 'v'): Item[] =>
    Array.from({ length: count }, (_, i) => ({ kind: 'param', entry: { key: `p${i}`, value } }));

  test.each([
    ['nothing', [], 0],
    ['1000 points', metrics(1000), 1],
    ['1001 points', metrics(1001), 2],
    ['10,000 points', metrics(10_000), 10],
    ['101 parameters', params(101), 2],
    ['100 parameters and 901 points', [...params(100), ...metrics(901)], 2],
    ['1000 points with long keys', metrics(1000, `${'é'.repeat(120)}/${'é'.repeat(120)}`), 2],
    ['100 long parameters', params(100, 'ü"\n'.repeat(2000)), 2],
  ])('%s', (_, items, count) => {
    const batches = [...inBatches(items)];
    expect(batches.flat()).toEqual(items);
    expect(batches).toHaveLength(count);
    for (const batch of batches) {
      expect(batchProblem(batchOf(batch))).toBeNull();
      expect(Buffer.byteLength(JSON.stringify(batchOf(batch)))).toBeLessThanOrEqual(batchLimits.bytes + 1000);
    }
  });
});
