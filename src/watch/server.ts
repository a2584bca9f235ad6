import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Changes } from '../run/prepare.js';
import type { Store } from '../record/layout.js';
import type { Machine } from '../record/lease.js';
import { readTag } from '../record/reader.js';
import { type Followed, follow } from './follow.js';
import { watchPage } from './page.js';
import { pageScript, policyFor } from '../report/kit/html.js';
import type { Paint } from './painter.js';
import { openView, type Snapshot, subjectOf, subjectText, type Subject, type View } from './view.js';

/** What a table is judged by: its document, and what of it is changed. */
export interface TableDocument {
  readonly file: string;
  readonly changes: Changes;
  /** Of its first column. */
  readonly metric?: string;
}

/** What a page can ask of the records. */
export interface Watched {
  readonly followed: Followed;
  open(subject: Subject, metric: string | undefined): View;
  /** What `report` says of a run, or of a table by the id of its own run; undefined where there is no such, or nobody knows its document. */
  report(id: string): Promise<string> | undefined;
}

interface WatchRequest {
  readonly store: Store;
  readonly machine: Machine;
  readonly paint: Paint;
  /** By the id of its own run, the document of a table; undefined where it isn't known. */
  readonly documentOf: (id: string, source: string | null) => TableDocument | undefined;
}

/** Looks at the records for the first time. */
export function watchRecords({ store, machine, paint, documentOf }: WatchRequest): Watched {
  const followed = follow(store, machine);
  followed.look();
  const document = (id: string): TableDocument | undefined => {
    const seen = followed.get(id);
    return documentOf(id, seen ? readTag(store, seen.run.place, 'mlflow.source.name') : null);
  };
  const context = { store, machine, followed, documentOf: document };
  return { followed, open: (subject, metric) => openView(context, subject, metric), report };

  function report(id: string): Promise<string> | undefined {
    const seen = followed.get(id);
    if (!seen) return undefined;
    const { root } = store;
    if (!seen.study) return paint({ kind: 'run', root, id });
    const known = seen.study.kind === 'table' ? document(id) : undefined;
    return known && paint({ kind: 'table', root, file: known.file, changes: known.changes });
  }
}

/** Milliseconds between two looks at the records: while something trains, and while nothing does. Nobody looking, there are none. */
const PACE = { alive: 400, still: 1000 };
/** Milliseconds between two signs of life, by which a page that slept finds out that its connection is gone. */
const BEAT = 15_000;
/** Milliseconds after a page came or went, when memory is tidied up. */
const REST = 3000;
const MOST = { browsers: 64, unread: 16e6, drawings: 8 };

interface Browser {
  readonly response: ServerResponse;
}

interface Watching {
  view: View;
  readonly browsers: Set<Browser>;
}

export interface WatchServer {
  readonly port: number;
  /** The way to the page, with its token. */
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Serves the page and what happens on it, to this machine alone. Whoever asks must know the token, which only the terminal tells; a name of
 * another machine in `Host` is a page of the network that had its name point here; `Origin` of another page is that page. Nothing is written, and
 * no path of a request is a path of a file.
 */
export async function serve(
  watched: Watched,
  port: number,
  { token = randomBytes(18).toString('base64url'), tidy = () => {} }: { readonly token?: string; readonly tidy?: () => void } = {},
): Promise<WatchServer> {
  const { followed } = watched;
  const watching = new Map<string, Watching>();
  const drawings = new Map<string, Promise<string>>();
  let timer: NodeJS.Timeout | undefined;
  let resting: NodeJS.Timeout | undefined;
  let beaten = Date.now();

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  await listen(server, port);
  return { port: (server.address() as AddressInfo).port, path: `/${token}/`, close };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isOfThisMachine(request)) return refuse(response, 403, 'this page is for this machine alone');
    const [path = '', query = ''] = (request.url ?? '/').split('?');
    const searchParams = new URLSearchParams(query);
    const [, given = '', ...rest] = path.split('/');
    if (!isEqual(given, token)) return refuse(response, 403, 'the address that "retable watch" printed has a token, and this one has not');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'there is nothing to change here', { Allow: 'GET, HEAD' });
    switch (rest.join('/')) {
      case '':
        return send(request, response, 'text/html; charset=utf-8', watchPage('retable watch'));
      case 'events':
        return follows(request, response, searchParams);
      case 'report':
        return draws(request, response, searchParams.get('id') ?? '', searchParams.get('at') ?? '');
      default:
        return refuse(response, 404, 'there is no such page');
    }
  }

  function follows(request: IncomingMessage, response: ServerResponse, asked: URLSearchParams): void {
    const subject = subjectOf(asked.get('of') ?? '');
    if (!subject) return refuse(response, 404, 'there is no such page');
    if (browsers() >= MOST.browsers) return refuse(response, 503, `${MOST.browsers} pages are open already`);
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    if (request.method === 'HEAD') return void response.end();
    if (browsers() === 0) look();
    const metric = asked.get('metric') ?? undefined;
    const key = JSON.stringify([subjectText(subject), metric]);
    const known = watching.get(key) ?? { view: watched.open(subject, metric), browsers: new Set() };
    watching.set(key, known);
    const browser = { response };
    response.write('retry: 1000\n\n');
    tell(browser, 'snapshot', known.view.snapshot());
    known.browsers.add(browser);
    rest();
    response.on('close', () => {
      known.browsers.delete(browser);
      if (known.browsers.size === 0 && watching.get(key) === known) watching.delete(key);
      followed.forget((id) => [...watching.values()].some(({ view }) => view.shows(id)));
      if (browsers() === 0) clearTimeout(timer);
      rest();
    });
    schedule();
  }

  function browsers(): number {
    return [...watching.values()].reduce((count, { browsers: of }) => count + of.size, 0);
  }

  /** A snapshot takes many times what is kept of it. */
  function rest(): void {
    clearTimeout(resting);
    resting = setTimeout(tidy, REST).unref();
  }

  function schedule(): void {
    clearTimeout(timer);
    if (browsers() === 0) return;
    const isAlive = followed.all().some((seen) => seen.isAlive);
    timer = setTimeout(
      () => {
        look();
        schedule();
      },
      isAlive ? PACE.alive : PACE.still,
    );
  }

  function look(): void {
    const ids = followed.look();
    const beats = Date.now() - beaten > BEAT;
    if (beats) beaten = Date.now();
    for (const [key, each] of watching) {
      const change = ids.size > 0 ? each.view.change(ids) : undefined;
      if (change === 'again') {
        const [subject = '', metric] = JSON.parse(key) as [string, string | undefined];
        each.view = watched.open(subjectOf(subject) ?? { kind: 'all' }, metric ?? undefined);
      }
      const said =
        change === 'again' ? textOf('snapshot', each.view.snapshot()) : change ? textOf('change', change) : beats ? textOf('beat', {}) : '';
      if (said !== '') for (const { response } of each.browsers) push(response, said);
    }
  }

  /** Drawn once for all who ask at the same time, and as long as the run is as it was. */
  async function draws(request: IncomingMessage, response: ServerResponse, id: string, at: string): Promise<void> {
    const key = `${id} ${at}`;
    const drawn = drawings.get(key) ?? watched.report(id);
    if (!drawn) return refuse(response, 404, 'there is nothing to report');
    drawings.set(key, drawn);
    for (const old of [...drawings.keys()].slice(0, -MOST.drawings)) drawings.delete(old);
    try {
      send(request, response, 'text/html; charset=utf-8', await drawn, { 'Content-Security-Policy': policyFor(pageScript()) });
    } catch (error) {
      drawings.delete(key);
      throw error;
    }
  }

  async function close(): Promise<void> {
    clearTimeout(timer);
    clearTimeout(resting);
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
}

/** One that reads too slowly, or sleeps, is let go: it comes again by itself, and begins anew. */
function push(response: ServerResponse, text: string): void {
  if (response.writableLength > MOST.unread) response.destroy();
  else response.write(text);
}

const tell = ({ response }: Browser, event: string, data: Snapshot): void => push(response, textOf(event, data));
const textOf = (event: string, data: object): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

function send(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { ...HEADERS, ...headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function refuse(response: ServerResponse, status: number, why: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { ...HEADERS, ...headers, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${why}\n`);
}

/** Any port: `ssh -L` may bring the page to another one. */
function isOfThisMachine({ headers: { host = '', origin } }: IncomingMessage): boolean {
  const isHere = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host);
  return isHere && (origin === undefined || origin === `http://${host}`);
}

function isEqual(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
