import { appendFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Store } from '../../src/record/layout.js';
import { sweepRunId } from '../../src/study/members.js';
import { serve, watchRecords, type WatchServer } from '../../src/watch/server.js';
import type { Snapshot } from '../../src/watch/view.js';
import { begin, machine, newStore } from './records.js';

const servers: WatchServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function served(store: Store): Promise<WatchServer> {
  const paint = async (painting: object): Promise<string> => `<main>${JSON.stringify(painting)}</main>`;
  const server = await serve(watchRecords({ store, machine, paint, documentOf: () => undefined }), 0, { token: 'the-token' });
  servers.push(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Sends what is said and nothing else: `fetch` would mend a path and refuse a Host. */
const ask = ({ port }: WatchServer, path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers: { Host: `127.0.0.1:${port}`, ...headers } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    asked.on('error', reject).end();
  });

interface Told {
  readonly event: string;
  readonly data: Snapshot & { readonly more: Readonly<Record<string, readonly number[]>>; readonly gone: readonly string[] };
  readonly at: number;
}

/** A browser that listens: `next` waits for the first event of a kind that was not taken yet. */
async function listen({ port, path }: WatchServer, of: string, metric?: string) {
  const control = new AbortController();
  const query = new URLSearchParams({ of, ...(metric !== undefined && { metric }) });
  const response = await fetch(`http://127.0.0.1:${port}${path}events?${query}`, { signal: control.signal });
  const told: Told[] = [];
  const read = async (): Promise<void> => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString('utf8');
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/m.exec(text.slice(0, end)) ?? [];
        if (event !== '') told.push({ event, data: JSON.parse(data) as Told['data'], at: performance.now() });
        text = text.slice(end + 2);
      }
    }
  };
  void read().catch(() => undefined);
  const next = async (event: string): Promise<Told> => {
    for (let tries = 0; tries < 400; tries++) {
      const at = told.findIndex((each) => each.event === event);
      if (at >= 0) return told.splice(0, at + 1)[at] as Told;
      await new Promise((resolve) => void setTimeout(resolve, 10));
    }
    throw new Error(`no ${event} was told`);
  };
  return { next, close: () => control.abort() };
}

describe('who may look', () => {
  const page = newStore();

  it('whoever knows the token, from this machine, also through ssh -L to another port', async () => {
    const server = await served(page);
    const found = await ask(server, server.path);
    expect(found.status).toBe(200);
    expect(found.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    for (const host of ['localhost:9000', '127.0.0.1:9000', '[::1]:9000'])
      expect((await ask(server, server.path, { Host: host, Origin: `http://${host}` })).status, host).toBe(200);
    expect(await ask(server, server.path, {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it.each([
    ['no token', '/', {}],
    ['another token', '/the-tokem/', {}],
    ['a longer one', '/the-token2/', {}],
    ['events without it', '/events?of=', {}],
    ['the name of another machine, that leads here', '/the-token/', { Host: 'evil.example:80' }],
    ['a name that begins as ours', '/the-token/', { Host: '127.0.0.1.evil.example' }],
    ['another page', '/the-token/events?of=', { Origin: 'http://evil.example' }],
    ['another page of this machine', '/the-token/events?of=', { Origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', '/the-token/events?of=', { Origin: 'null' }],
  ])('%s: 403', async (_, path, headers) => {
    const found = await ask(await served(page), path, headers);
    expect([found.status, found.body]).toEqual([403, expect.not.stringContaining('<')]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('nothing is changed by %s', async (method) => {
    expect(await ask(await served(page), '/the-token/', {}, method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it.each([
    '//',
    '/the-token//',
    '/the-token/../../etc/passwd',
    '/the-token/..%2f..%2fetc%2fpasswd',
    '/the-token/runs/meta.yaml',
    '/the-token/report?id=../../../etc/passwd',
    '/the-token/report?id=%2e%2e',
    '/the-token/events?of=study/../x',
    '/the-token/events?of=runs/zzzz',
  ])('%s is no page', async (path) => {
    // A path that leads out of the token's folder has no token any more.
    expect([403, 404]).toContain((await ask(await served(page), path)).status);
  });
});

describe('what is told', () => {
  it('an epoch, as soon as it is recorded: its point, and how far the run is', async () => {
    const store = newStore();
    const run = begin(store, { work: 'w1', seed: 3 });
    run.metric('train/loss', 0.5, 1, 1);
    const server = await served(store);
    const browser = await listen(server, '', 'train/loss');
    const { data: first } = await browser.next('snapshot');
    expect(first).toMatchObject({ kind: 'all', metric: 'train/loss', better: 'lower', metrics: ['train/loss'] });
    expect(first.rows).toMatchObject([{ name: 'addition', seed: '3', state: 'at work', epoch: 1, epochs: 5, value: 0.5 }]);
    expect(first.points).toEqual({ [run.run.runId]: [1, 0.5] });
    const written = performance.now();
    run.metric('train/loss', 0.25, 2, 2);
    run.sync();
    const { data: second, at } = await browser.next('change');
    expect(at - written).toBeLessThan(2000);
    expect(second.more).toEqual({ [run.run.runId]: [2, 0.25] });
    expect(second.rows).toMatchObject([{ epoch: 2, value: 0.25 }]);
    run.metric('train/loss', Number.NaN, 3, 3);
    expect((await browser.next('change')).data.more).toEqual({ [run.run.runId]: [3, 'NaN'] });
    run.finish('FINISHED', 4);
    expect((await browser.next('change')).data.rows).toMatchObject([{ state: 'done', epoch: 3, value: 'NaN' }]);
    browser.close();
  });

  it('what is measured, once a first epoch says so: a page that was opened before that begins again', async () => {
    const store = newStore();
    const run = begin(store, { work: 'w' });
    const browser = await listen(await served(store), '');
    expect((await browser.next('snapshot')).data).toMatchObject({ metrics: [], points: { [run.run.runId]: [] } });
    run.metric('train/loss', 0.5, 1, 1);
    expect((await browser.next('snapshot')).data.metric).toBe('train/loss');
    run.metric('test/accuracy', 0.75, 1, 1);
    run.metric('train/loss', 0.25, 2, 2);
    const { data } = await browser.next('snapshot');
    expect([data.metric, data.metrics, data.points]).toEqual([
      'test/accuracy',
      ['test/accuracy', 'train/loss'],
      { [run.run.runId]: [1, 0.75] },
    ]);
    browser.close();
  });

  it('runs that come and that go, to all who look', async () => {
    const store = newStore();
    begin(store, { work: 'w1' }).finish('FINISHED', 1);
    const server = await served(store);
    const browsers = await Promise.all(Array.from({ length: 10 }, () => listen(server, '')));
    for (const browser of browsers) expect((await browser.next('snapshot')).data.rows).toHaveLength(1);
    const other = begin(store, { work: 'w2' });
    for (const browser of browsers)
      expect((await browser.next('change')).data.rows).toMatchObject([{ run: other.run.runId, state: 'at work' }]);
    const meta = join(other.run.folder, 'meta.yaml');
    writeFileSync(meta, 'lifecycle_stage: deleted\n');
    for (const browser of browsers) expect((await browser.next('change')).data.gone).toEqual([other.run.runId]);
    for (const browser of browsers) browser.close();
  });

  it('a sweep: every trial, how the metric is compared, and why one failed with the end of its log', async () => {
    const store = newStore();
    const own = begin(store, {
      work: 'none',
      id: sweepRunId('addition', 'sizes'),
      parameters: { 'select.metric': 'test/loss', 'select.at': 'best' },
      tags: { 'retable.sweep': 'sizes', 'mlflow.note.content': '<b>Which?</b>' },
    });
    const members = ['a', 'b', 'c'].map((work, index) => ({
      configuration: `hidden_size ${8 << index}`,
      set: { 'model.hidden_size': 8 << index },
      seed: 1,
      work,
    }));
    own.artifact('members.json', JSON.stringify(members));
    const done = begin(store, { work: 'a', parameters: { 'model.hidden_size': '8' } });
    for (const [epoch, value] of [0.5, 0.125, 0.25].entries()) done.metric('test/loss', value, epoch + 1, epoch);
    done.finish('FINISHED', 9);
    const failed = begin(store, { work: 'b' });
    appendFileSync(join(failed.run.folder, '.retable', 'log.txt'), 'first\n<img src=x onerror=alert(1)>\n');
    failed.tag('retable.reason', 'the loss became NaN');
    failed.finish('FAILED', 9);
    const server = await served(store);
    const browser = await listen(server, `study/${own.run.runId}`);
    const { data } = await browser.next('snapshot');
    expect(data).toMatchObject({
      kind: 'sweep',
      title: 'sizes',
      note: '<b>Which?</b>',
      metric: 'test/loss',
      names: { 'model.hidden_size': 'hidden_size' },
    });
    expect(data.rows).toMatchObject([
      { name: 'hidden_size 8', state: 'done', value: 0.125, set: { 'model.hidden_size': '8' } },
      { name: 'hidden_size 16', state: 'failed', reason: 'the loss became NaN', log: 'first\n<img src=x onerror=alert(1)>' },
      { name: 'hidden_size 32', state: 'left', run: null, value: null },
    ]);
    const third = begin(store, { work: 'c' });
    expect((await browser.next('change')).data.rows).toMatchObject([{ name: 'hidden_size 32', state: 'at work', run: third.run.runId }]);
    browser.close();
    expect((await ask(server, `${server.path}report?id=${done.run.runId}`)).body).toContain(`"id":"${done.run.runId}"`);
    expect((await ask(server, `${server.path}report?id=${own.run.runId}`)).status).toBe(404);
  });
});
