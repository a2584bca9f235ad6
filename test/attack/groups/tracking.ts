import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type FakeMlflow, type FakeOptions, startFakeMlflow } from '../../track/fake-mlflow.js';
import { type FaultyProxy, startProxy, type WayFault } from '../../track/proxy.js';
import type { Attack, Draw } from '../attack.js';
import { type Ended, HarmDone, SECRET, type World } from '../world.js';

const RUN = ['run', 'tiny.yaml', '--engine', 'eager-js', '--quiet'];
/** Seconds of patience, so that a try takes few. */
const QUICK = { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.01', MLFLOW_HTTP_REQUEST_TIMEOUT: '2' };

async function trained(world: World): Promise<void> {
  world.experiment();
  await world.succeeds(RUN);
}

const sync = (
  world: World,
  uri: string,
  more: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> => world.retable(['sync', '--to', uri, ...more], { environment: { ...QUICK, ...environment } });

/** With a server, and a way to it that can be disturbed. */
async function served(options: FakeOptions, work: (fake: FakeMlflow, proxy: FaultyProxy) => Promise<void>): Promise<void> {
  const fake = await startFakeMlflow(options);
  const proxy = await startProxy(fake.uri);
  try {
    await work(fake, proxy);
  } finally {
    await proxy.close();
    await fake.close();
  }
}

/** The server holds so many runs, each of its points and models once. */
function expectThere(fake: FakeMlflow, count: number): void {
  const there = [...fake.runs.values()].filter(({ deleted }) => !deleted);
  const told = JSON.stringify(there.map(({ id, status, points }) => [id, status, points.length]));
  if (there.length !== count) throw new HarmDone('lost or doubled', `${count} runs are expected there: ${told}`);
  for (const { id, points, outputs } of there) {
    if (points.length === 0) throw new HarmDone('lost or doubled', `run ${id} has no points`);
    if (new Set(points.map((point) => JSON.stringify(point))).size !== points.length)
      throw new HarmDone('lost or doubled', `points of ${id} are there twice`);
    if (outputs.length > 1) throw new HarmDone('lost or doubled', `${id} has several models`);
  }
  if (fake.models.size > count) throw new HarmDone('lost or doubled', `${fake.models.size} models are there`);
}

const wellEnded = ({ status, stdout, stderr }: Ended): void => {
  if (status !== 0) throw new Error(`sync ends with ${String(status)}: ${stdout}${stderr}`);
};

/** Whatever a server answers: a sync ends in words, soon; what it may not print stands in `never`. */
const answering = (
  name: string,
  tries: number,
  answer: (request: IncomingMessage, response: ServerResponse, any: Draw) => void,
  environment: Readonly<Record<string, string>> = {},
  never?: RegExp,
): Attack => ({
  name,
  tries,
  async attempt(world, any) {
    await trained(world);
    const server = createServer((request, response) => {
      request.resume();
      request.on('error', () => {});
      response.on('error', () => {});
      answer(request, response, any);
    });
    await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
    try {
      const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const end = await sync(world, uri, [], environment);
      if (end.status !== 1) throw new Error(`sync ends with ${String(end.status)}: ${end.stdout}${end.stderr}`);
      if (end.stderr + end.stdout === '') throw new Error('without a word');
      if (never?.test(end.stderr + end.stdout)) throw new Error(`it prints what it may not: ${JSON.stringify(end)}`);
      await world.expectRuns(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
});

const json = (response: ServerResponse, text: string, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(text);

/** What one fault on the way does: the sync ends well, or says why not and ends well the next time. */
const disturbed = (name: string, tries: number, faults: readonly WayFault[]): Attack => ({
  name,
  tries,
  async attempt(world, any) {
    await trained(world);
    await served({ store: any.pick(['SqlStore', 'FileStore']) }, async (fake, proxy) => {
      const every = any.integer(2, 5);
      let request = any.integer(0, 4);
      proxy.fault = () => (request++ % every === 0 ? any.pick(faults) : 'ok');
      await sync(world, proxy.uri);
      proxy.fault = () => 'ok';
      wellEnded(await sync(world, proxy.uri));
      expectThere(fake, 1);
    });
  },
});

/** Values of variables and options that mean nothing, or much: refused in words, or done. */
const odd = (name: string, tries: number, variable: string, values: readonly string[]): Attack => ({
  name,
  tries,
  async attempt(world, any) {
    await trained(world);
    await served({}, async (fake) => {
      const end = await sync(world, fake.uri, [], { [variable]: any.pick(values) });
      if (end.status === 0) expectThere(fake, 1);
      else if (!/error: |problem/.test(end.stderr)) throw new Error(`without a word: ${JSON.stringify(end)}`);
      await world.expectRuns(1);
    });
  },
});

export const tracking: readonly Attack[] = [
  {
    name: 'a store is sent again and again',
    tries: 3,
    async attempt(world, any) {
      await trained(world);
      await served({ store: any.pick(['SqlStore', 'FileStore']), descending: any.pick([true, false]) }, async (fake) => {
        for (let times = any.integer(2, 3); times > 0; times--) wellEnded(await sync(world, fake.uri));
        expectThere(fake, 1);
      });
    },
  },
  {
    name: 'copies of a store are sent at once',
    tries: 5,
    async attempt(world, any) {
      await trained(world);
      const copies = Array.from({ length: any.integer(1, 3) }, (_, index) => world.path(`copy-${index}`));
      for (const copy of copies) cpSync(world.runs, copy, { recursive: true });
      await served({ descending: any.pick([true, false]) }, async (fake) => {
        const ends = await Promise.all([world.runs, ...copies].map((runs) => sync(world, fake.uri, ['--runs', runs])));
        for (const end of ends) wellEnded(end);
        expectThere(fake, 1);
      });
    },
  },
  {
    name: 'one store is sent by several at once',
    tries: 4,
    async attempt(world, any) {
      await trained(world);
      await served({ store: any.pick(['SqlStore', 'FileStore']) }, async (fake) => {
        const ends = await Promise.all(Array.from({ length: any.integer(2, 3) }, () => sync(world, fake.uri)));
        for (const { status, stderr } of ends) if (status !== 0 && !/is sending it/.test(stderr)) throw new Error(stderr);
        wellEnded(await sync(world, fake.uri));
        expectThere(fake, 1);
      });
    },
  },
  {
    name: 'a sync is killed at any moment',
    tries: 6,
    async attempt(world, any) {
      await trained(world);
      await served({ store: any.pick(['SqlStore', 'FileStore']) }, async (fake, proxy) => {
        proxy.fault = () => 'slow';
        const { child, ended } = world.start(['sync', '--to', proxy.uri], { environment: QUICK });
        await wait(any.integer(200, 1500));
        child.kill('SIGKILL');
        await ended;
        wellEnded(await sync(world, proxy.uri));
        expectThere(fake, 1);
      });
    },
  },
  disturbed('answers are lost', 4, ['lost-answer']),
  disturbed('calls come late', 4, ['late']),
  disturbed('connections are cut', 3, ['reset', 'half']),
  disturbed('the server fails now and then', 3, ['error-500', 'error-503']),
  disturbed('everything goes wrong now and then', 5, ['lost-answer', 'late', 'reset', 'half', 'error-500', 'error-503', 'slow']),
  {
    name: 'a server goes down while a run is followed',
    tries: 4,
    async attempt(world, any) {
      world.experiment();
      await served({}, async (fake, proxy) => {
        const { ended } = world.start([...RUN, '--set', 'training.epochs=150', '--track', proxy.uri], { environment: QUICK });
        await wait(any.integer(300, 2500));
        await proxy.stop();
        const { status, stderr } = await ended;
        if (status !== 0) throw new Error(`training ends with ${String(status)}: ${stderr}`);
        await proxy.start();
        wellEnded(await sync(world, proxy.uri));
        expectThere(fake, 1);
        await world.expectRuns(1);
      });
    },
  },
  {
    name: 'a run is followed where nobody answers',
    tries: 3,
    async attempt(world, any) {
      world.experiment();
      const uri = any.pick(['http://127.0.0.1:1', 'http://no-such-host.invalid:5000', 'https://127.0.0.1:1/a/b']);
      await world.succeeds([...RUN, '--track', uri], { environment: QUICK });
      await world.expectRuns(1);
    },
  },
  answering(
    'a server answers with the login that it was sent',
    4,
    (request, response, any) => {
      const login = request.headers.authorization ?? '';
      const told = any.pick([login, Buffer.from(login.replace(/^\w+ /, ''), 'base64').toString(), encodeURIComponent(login)]);
      json(response, JSON.stringify({ error_code: 'PERMISSION_DENIED', message: `who is ${told}?` }), any.pick([401, 403, 400, 500]));
    },
    { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: SECRET },
  ),
  answering(
    'a server answers with the token that it was sent',
    3,
    (request, response, any) => void response.writeHead(any.pick([401, 404, 502])).end(`<h1>${request.headers.authorization ?? ''}</h1>`),
    { MLFLOW_TRACKING_TOKEN: SECRET },
  ),
  answering(
    'a server answers with pages',
    3,
    (_, response, any) =>
      void response
        .writeHead(any.pick([200, 404, 500]), { 'content-type': 'text/html' })
        .end(any.pick(['', '<h1>login</h1>', '<'.repeat(9999)])),
  ),
  answering('a server answers with any status', 6, (_, response, any) => json(response, '{}', any.integer(300, 599))),
  answering('a server answers with JSON that means nothing', 8, (_, response, any) =>
    json(
      response,
      any.pick(['', '[]', 'null', '7', '"a"', '{"experiment": 7}', '{"experiment": {}}', '{"run": null}', '['.repeat(90_000), '{"a":']),
    ),
  ),
  answering(
    'a server answers with commands for a terminal',
    3,
    (_, response) => json(response, JSON.stringify({ error_code: 'X', message: '\u001b]0;title\u0007\u001b[2J\u009b31m' }), 400),
    {},
    /[\u001b\u0007\u009b]/,
  ),
  answering('a server always has another page', 3, (request, response, any) => {
    const url = request.url ?? '';
    if (url.includes('get-by-name')) return json(response, '{"experiment": {"experiment_id": "1", "name": "tiny"}}');
    return json(response, JSON.stringify({ next_page_token: String(any.integer(0, 1e9)) }));
  }),
  answering('an answer drips without end', 3, (_, response, any) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(any.pick(['{', ' ', '\n'])), any.integer(1, 50));
    response.on('close', () => clearInterval(drip));
  }),
  answering('a server hangs', 2, () => {}),
  answering(
    'a server is busy for ever',
    3,
    (_, response, any) =>
      void response.writeHead(any.pick([429, 503]), { 'retry-after': any.pick(['1', '3600', '99999999999', '-1', 'x']) }).end('{}'),
  ),
  answering(
    'a server sends on to itself',
    3,
    (request, response, any) =>
      void response
        .writeHead(any.pick([301, 302, 307, 308]), { location: any.pick([request.url ?? '/', 'http://[', '//', 'file:///etc/passwd']) })
        .end(),
  ),
  answering('artifacts are to lie nowhere', 4, (request, response, any) => {
    const uri = any.pick([
      'mlflow-artifacts:/%zz',
      'http://[',
      'http://%zz:99999/x',
      's3://bucket/x',
      '',
      '../../etc',
      'mlflow-artifacts://a b:x/y',
    ]);
    const run = { info: { run_id: 'a1', experiment_id: '1', artifact_uri: uri, status: 'RUNNING', lifecycle_stage: 'active' }, data: {} };
    const url = request.url ?? '';
    if (url.includes('get-by-name')) return json(response, '{"experiment": {"experiment_id": "1", "name": "tiny"}}');
    if (url.includes('runs/search')) return json(response, JSON.stringify({ runs: [run] }));
    return json(response, JSON.stringify({ run, metrics: [] }));
  }),
  odd('limits of time that mean nothing, or much', 6, 'MLFLOW_HTTP_REQUEST_TIMEOUT', [
    '1e10',
    '2147483648',
    '99999999999999',
    'x',
    '-1',
    '',
    'Infinity',
    'NaN',
  ]),
  odd('counts of tries that mean nothing, or much', 4, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', ['1e9', 'x', '-1', '0', '']),
  odd('proxies that are none', 6, 'HTTP_PROXY', [
    'http://127.0.0.1:1',
    'not an address',
    'http://[',
    'socks5://127.0.0.1:1',
    `http://ada:${SECRET}@127.0.0.1:1`,
  ]),
  odd('tokens that can not be sent', 3, 'MLFLOW_TRACKING_TOKEN', [`${SECRET}\nx`, `${SECRET}\u2019`, `${SECRET}\r`]),
  odd('certificates that are none', 4, 'MLFLOW_TRACKING_CLIENT_CERT_PATH', ['tiny.yaml', '/nowhere', '.', '/dev/null']),
  {
    name: 'addresses that are none',
    tries: 6,
    async attempt(world, any) {
      const uri = any.pick([
        `http://a:${SECRET}@[`,
        `http://a:${SECRET}%zz@h`,
        'ftp://h',
        'http://',
        'localhost:5000',
        `http//a:${SECRET}@h`,
        '\u001b[2J',
      ]);
      await trained(world);
      await world.refused(['sync', '--to', uri], /error: /);
      await world.expectRuns(1);
    },
  },
  {
    name: 'what was sent is deleted on the server',
    tries: 4,
    async attempt(world, any) {
      await trained(world);
      await served({}, async (fake) => {
        wellEnded(await sync(world, fake.uri));
        if (any.pick([true, false])) for (const run of fake.runs.values()) run.deleted = true;
        else {
          for (const run of fake.runs.values()) run.deleted = true;
          for (const experiment of fake.experiments.values()) experiment.deleted = true;
        }
        const { status, stderr, stdout } = await sync(world, fake.uri);
        if (status !== 1 || !/was deleted on/.test(stderr + stdout)) throw new Error(`sync ends with ${String(status)}: ${stderr}`);
      });
    },
  },
  {
    name: 'a server refuses a metric',
    tries: 3,
    async attempt(world, any) {
      await trained(world);
      await served({ store: any.pick(['SqlStore', 'FileStore']) }, async (fake) => {
        fake.forbidden.add('train/loss');
        const first = await sync(world, fake.uri);
        if (!/put aside/.test(first.stderr)) throw new Error(first.stderr);
        fake.forbidden.clear();
        wellEnded(await sync(world, fake.uri, ['--retry-refused']));
        expectThere(fake, 1);
      });
    },
  },
  {
    name: 'what is known of a server is lost or makes no sense',
    tries: 4,
    async attempt(world, any) {
      await trained(world);
      await served({ store: any.pick(['SqlStore', 'FileStore']) }, async (fake) => {
        wellEnded(await sync(world, fake.uri));
        const states = readdirSync(world.runs, { recursive: true, encoding: 'utf8' }).filter((path) =>
          /sync.[0-9a-f]{16}\.json$/.test(path),
        );
        for (const path of states) writeFileSync(join(world.runs, path), any.pick(['', '{', 'null', '[]', '7', '{"server": 1}', '{}']));
        wellEnded(await sync(world, fake.uri));
        expectThere(fake, 1);
      });
    },
  },
  {
    name: 'on_finish fails, and says why',
    tries: 4,
    async attempt(world, any) {
      const status = any.integer(1, 255);
      world.experiment('tiny.yaml', { on_finish: `'echo it broke; exit ${status}'` });
      const { stderr } = await world.succeeds(RUN.filter((word) => word !== '--quiet'));
      if (!stderr.includes(`on_finish ended with status ${status}`) || !stderr.includes('it broke')) throw new Error(stderr);
      await world.expectRuns(1);
    },
  },
  {
    name: 'MLFLOW_TRACKING_URI names no server',
    tries: 3,
    async attempt(world, any) {
      world.experiment();
      const uri = any.pick([`sqlite:///a.db`, 'file:///tmp/x', `postgresql://ada:${SECRET}@db/mlflow`, 'databricks', './mlruns']);
      await world.succeeds(RUN, { environment: { MLFLOW_TRACKING_URI: uri } });
      await world.expectRuns(1);
      if (existsSync(world.path('mlruns'))) throw new Error('mlruns was made');
    },
  },
];
