import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { say } from '../../src/launch/cluster/job.js';
import { refuseAt } from '../../src/launch/cluster/scheduler.js';
import { headOf } from '../../src/launch/ray/api.js';
import { rayScheduler, type RayOptions } from '../../src/launch/ray/ray.js';
import { InputError } from '../../src/diagnostics/diagnostic.js';
import { loaded, sweepText } from '../sweep/documents.js';
import { ordersOf, worksOf } from './orders.js';

const folder = mkdtempSync(join(tmpdir(), 'retable ray '));
const servers = new Set<Server>();
afterEach(() => {
  for (const server of servers) server.close();
  servers.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => answer(request, response, body));
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers as Ray 2.60 does. */
async function head() {
  const jobs = new Map<string, { status: string; entrypoint: string; metadata: unknown }>();
  const calls: string[] = [];
  const url = await serve(({ method, url: path = '', headers }, response, body) => {
    calls.push(`${method ?? ''} ${path}`);
    const say = (status: number, value: unknown): void => void response.writeHead(status).end(JSON.stringify(value));
    if (headers['sec-fetch-mode'] !== undefined) return response.writeHead(405).end('method not allowed for browser traffic');
    const [, id = '', stop] = /^\/api\/jobs\/([^/]*)(\/stop)?$/.exec(path) ?? [];
    if (method === 'POST' && stop === undefined) {
      const asked = JSON.parse(body) as { submission_id: string; entrypoint: string; metadata: unknown };
      const traceback = 'Traceback (most recent call last):\n  File "job_manager.py", line 1\n';
      if (jobs.has(asked.submission_id))
        return response.writeHead(500).end(`${traceback}ValueError: Job with submission_id ${asked.submission_id} already exists.`);
      jobs.set(asked.submission_id, { status: 'PENDING', ...asked });
      return say(200, { job_id: null, submission_id: asked.submission_id });
    }
    const job = jobs.get(id);
    if (!job) return response.writeHead(404).end(`Job ${id} does not exist`);
    if (stop) job.status = 'STOPPED';
    return say(200, stop ? { stopped: true } : { driver_exit_code: null, message: '', error_type: null, ...job });
  });
  return { url, jobs, calls };
}

const { doc } = loaded(sweepText('vary: [{model.hidden_size: [4]}]\nrun_on: {kind: ray, address: "http://head:8265"}'));
function scheduler(address: string | undefined, { options = {}, jobs = 'jobs', variables = {} }: Partial<Setup> = {}) {
  const notes: string[] = [];
  const made = rayScheduler({
    options: { ...(address !== undefined && { address }), cpus: 1, gpus: 0, prologue: [], trials_per_job: 1, workers: 4, ...options },
    jobs: join(folder, jobs),
    title: 'a sweep',
    nonce: 'n',
    directory: "/home/it's me",
    variables,
    note: (line) => notes.push(line),
    refuse: refuseAt(doc),
  });
  return { ...made, notes };
}
interface Setup {
  readonly options: Partial<RayOptions>;
  readonly jobs: string;
  readonly variables: Readonly<Record<string, string>>;
}

describe('orders get jobs of Ray', () => {
  it('once, whoever asks: the id is the work', async () => {
    const { url, jobs } = await head();
    expect(worksOf(await scheduler(url, { jobs: 'once' }).ensure(ordersOf('ab')))).toEqual(['a', 'b']);
    const second = scheduler(url, { jobs: 'once' });
    expect(worksOf(await second.ensure(ordersOf('abc')))).toEqual(['a', 'b', 'c']);
    expect(jobs.size).toBe(3);
    expect(second.notes).toEqual([`submitted to Ray at ${url}: 1 job`, 'with Ray already: 2 jobs']);
    for (const id of jobs.keys()) expect(id).toMatch(/^[A-Za-z0-9_.-]{1,100}$/);
  });

  it('once, also when several ask in the same moment', async () => {
    const { url, jobs } = await head();
    await Promise.all(Array.from({ length: 8 }, () => scheduler(url, { jobs: 'moment' }).ensure(ordersOf('ab'))));
    expect(jobs.size).toBe(2);
  });

  it('of the next number when the one they had has ended', async () => {
    const { url, jobs } = await head();
    await scheduler(url, { jobs: 'next' }).ensure(ordersOf('a'));
    for (const job of jobs.values()) job.status = 'FAILED';
    await scheduler(url, { jobs: 'next' }).ensure(ordersOf('a'));
    expect([...jobs.keys()].map((id) => id.at(-1))).toEqual(['1', '2']);
  });

  it('of the next number also with a head that has forgotten the one they had', async () => {
    const [job] = await scheduler((await head()).url, { jobs: 'forgotten' }).ensure(ordersOf('a'));
    if (job) say(job, { kind: 'ended', order: 0, result: { outcome: 'failed', seconds: 1 } });
    const { url, jobs } = await head();
    await scheduler(url, { jobs: 'forgotten' }).ensure(ordersOf('a'));
    expect([...jobs.keys()].map((id) => id.at(-1))).toEqual(['2']);
  });

  it('that are told where to go, and what comes before', async () => {
    const { url, jobs } = await head();
    await scheduler(url, { jobs: 'entry', options: { prologue: ['module load node'] } }).ensure(ordersOf('a'));
    const [{ entrypoint, metadata } = { entrypoint: '', metadata: undefined }] = jobs.values();
    expect(entrypoint).toMatch(/^module load node\ncd '\/home\/it'\\''s me' && exec '.*node' '.*ray\/worker\.js' '.*' '0'$/);
    expect(metadata).toEqual({ retable: 'a sweep' });
  });

  it('are looked at and stopped', async () => {
    const { url, jobs } = await head();
    const { ensure, look, cancel } = scheduler(url, { jobs: 'stop' });
    const handed = await ensure(ordersOf('ab'));
    await cancel(handed.slice(0, 1));
    for (const id of [...jobs.keys()].slice(1)) jobs.delete(id);
    const states = await look(handed);
    expect(handed.map((job) => states.get(job))).toMatchObject([{ how: 'cancelled' }, { how: 'gone' }]);
  });
});

describe('what answers is not what was meant', () => {
  const complaint = async (address: string | undefined, variables = {}): Promise<string> => {
    try {
      await scheduler(address, { variables, jobs: 'refused' }).ensure(ordersOf('a'));
      return '';
    } catch (error) {
      if (error instanceof InputError) return error.diagnostics.map(({ message, place }) => `${place?.line ?? ''}: ${message}`).join();
      return error instanceof Error ? error.message : '';
    }
  };
  it('nobody', async () => {
    const url = await serve(() => {});
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
    expect(await complaint(url)).toContain(`4: no Ray answers at ${url}: connect ECONNREFUSED`);
  });
  it('a page', async () => {
    const url = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'));
    expect(await complaint(url)).toBe(`4: what answers at ${url} is not Ray's Jobs API (HTTP 200)`);
  });
  it('something that knows no such path', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('not here'));
    expect(await complaint(url)).toBe(`4: what answers at ${url} is not Ray's Jobs API (HTTP 404)`);
  });
  it('a head that wants a token', async () => {
    const url = await serve(({ headers }, response) =>
      headers.authorization === 'Bearer right'
        ? response.writeHead(200).end('{}')
        : response.writeHead(headers.authorization === undefined ? 401 : 403).end('{}'),
    );
    expect(await complaint(url)).toBe(`4: Ray at ${url} wants a token`);
    expect(await complaint(url, { RAY_AUTH_TOKEN: 'wrong' })).toBe(`4: Ray at ${url} wants a token, and not this one`);
    expect(await complaint(url, { RAY_AUTH_TOKEN: 'right' })).toBe('');
  });
  it('a head that fails: the last line of its trace says why', async () => {
    const url = await serve((_, response) => response.writeHead(500).end('Traceback:\n  File "x.py"\nRuntimeError: no space left\n'));
    expect(await complaint(url)).toBe(`Ray at ${url} refuses (HTTP 500): RuntimeError: no space left`);
  });
});

describe('the address of the head', () => {
  it.each([
    ['http://a:1/', {}, 'http://a:1'],
    ['a:1', {}, 'http://a:1'],
    [undefined, { RAY_ADDRESS: 'http://b:2' }, 'http://b:2'],
    [undefined, { RAY_ADDRESS: 'b:6379', RAY_API_SERVER_ADDRESS: 'http://c:3' }, 'http://c:3'],
  ])('%s and %j: %s', (address, variables, url) => {
    expect(headOf(address === undefined ? {} : { address }, variables)).toEqual({ url });
  });
  it.each([
    [{}, 'nobody says where Ray is'],
    [{ RAY_ADDRESS: 'auto' }, "auto is no address of Ray's Jobs API"],
    [{ RAY_ADDRESS: 'ray://h:10001' }, "ray://h:10001 is no address of Ray's Jobs API"],
  ])('%j: %s', (variables, message) => expect(headOf({}, variables)).toMatchObject({ message }));
});
