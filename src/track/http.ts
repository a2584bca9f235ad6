import * as http from 'node:http';
import * as https from 'node:https';
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { getProxyForUrl } from 'proxy-from-env';
import { withoutLogin } from '../diagnostics/secrets.js';
import type { Connection } from './environment.js';
import { type Answer, endless, isPassing, notAnAddress, notAProxy, timedOut, TrackingError, unreachable } from './errors.js';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the server's address, with its query. */
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  /** What it is called in messages. */
  readonly call: string;
  /** A whole address, for what lies elsewhere. */
  readonly address?: string;
}

/** Milliseconds that a request may take. */
export const timeFor = ({ body }: Request, timeout: number): number => timeout + (body ? (Buffer.byteLength(body) / SLOWEST) * 1000 : 0);

/** One kept-alive connection to one server. */
interface Http {
  /** Gives every whole answer, whatever its status; throws a TrackingError when none came. */
  send(request: Request, milliseconds?: number): Promise<Answer>;
  /** Ends what is under way; later calls fail. */
  close(): void;
}

/** An answer may be so large; metric histories come in pages of a few megabytes. */
const LARGEST_ANSWER = 512 * 2 ** 20;
/** What is sent or received is given this many bytes a second before it counts as stuck. */
const SLOWEST = 50_000;

/** Milliseconds: a timer of Node that is asked for more goes off at once. */
const LONGEST = 2 ** 31 - 1;

export function openHttp({ server, headers, tls, timeout }: Connection): Http {
  const own = new URL(server).origin;
  const agents = new Map<string, Promise<http.Agent>>();
  const agentOf = (origin: string): Promise<http.Agent> => {
    const agent = agents.get(origin) ?? agentTo(origin, origin === own ? tls : {});
    agents.set(origin, agent);
    return agent;
  };
  const underWay = new Set<http.ClientRequest>();
  let closed = false;

  return {
    async send(asked, milliseconds = LONGEST) {
      const { method, path, body: content, contentType, call, address } = asked;
      const bytes = content === undefined ? undefined : Buffer.from(content);
      const limit = Math.min(LONGEST, timeFor(asked, timeout), milliseconds);
      const where = address ?? `${server}${path}`;
      if (!URL.canParse(where)) throw notAnAddress(server, call, where);
      const url = new URL(where);
      const agent = await agentOf(url.origin);
      return new Promise<Answer>((resolve, reject) => {
        if (closed) return reject(unreachable(new Error('the connection was closed'), server, call));
        const request = (url.protocol === 'https:' ? https : http).request(url, {
          method,
          agent,
          headers: {
            accept: '*/*',
            ...(url.origin === own && headers),
            ...(bytes && { 'content-type': contentType ?? 'application/json', 'content-length': bytes.length }),
          },
        });
        underWay.add(request);
        const fail = (error: unknown): void => finish(() => reject(error));
        const timer = setTimeout(() => fail(timedOut(server, call, Math.round(limit / 1000))), limit);
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          underWay.delete(request);
          settle();
          if (!request.destroyed) request.destroy();
        };
        request.on('error', (error) => fail(unreachable(error, server, call)));
        request.on('response', (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            size += chunk.length;
            if (size > LARGEST_ANSWER) fail(endless(server, call));
          });
          response.on('error', (error) => fail(unreachable(error, server, call)));
          response.on('end', () => {
            clearTimeout(timer);
            underWay.delete(request);
            if (!response.complete) return fail(unreachable(new Error('its answer broke off'), server, call));
            const { 'content-type': type = '', 'retry-after': retryAfter } = response.headers;
            const [status, body] = [response.statusCode ?? 0, Buffer.concat(chunks)];
            const isRefusal = status < 200 || status >= 300;
            const told = isRefusal ? Buffer.from(withoutLogin(body.toString('utf8'), headers['authorization'])) : body;
            resolve({ status, contentType: type, retryAfter, body: told });
          });
        });
        request.end(bytes);
      });
    },
    close() {
      closed = true;
      for (const request of underWay) request.destroy(new Error('the connection was closed'));
      for (const agent of agents.values()) void agent.then((each) => each.destroy()).catch(() => {});
    },
  };
}

/** What trust in a server rests on, as Node's TLS takes it. */
export interface Tls {
  readonly rejectUnauthorized?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Kept-alive connections to one server, through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name for it. The libraries that speak to
 * proxies are loaded where there is one.
 */
export async function agentTo(server: string, tls: Tls = {}): Promise<http.Agent> {
  const isSecure = server.startsWith('https:');
  const proxy = getProxyForUrl(server);
  if (proxy === '') return isSecure ? new https.Agent({ keepAlive: true, ...tls }) : new http.Agent({ keepAlive: true });
  if (!URL.canParse(proxy)) throw notAProxy(server, proxy);
  if (!isSecure) return new (await import('http-proxy-agent')).HttpProxyAgent(proxy, { keepAlive: true });
  return new (await import('https-proxy-agent')).HttpsProxyAgent(proxy, { keepAlive: true, ...tls });
}

export interface RetryPolicy {
  /** Tries after the first one. */
  readonly retries: number;
  /** Seconds before the first retry; each later one waits twice as long. */
  readonly base: number;
  /** The longest wait. */
  readonly most: number;
  /** Seconds for all tries and waits together; a person who says how often has it done so often, however long that takes. */
  readonly within: number;
}

/** Tries again what failed for a passing reason; `work` is told how much time is left. Waits are drawn between half and the whole of their length, so that many clients don't come back at once. */
export async function retrying<T>(policy: RetryPolicy, work: (milliseconds: number) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const end = performance.now() + 1000 * policy.within;
  for (let tried = 0; ; tried++) {
    try {
      return await work(end - performance.now());
    } catch (error) {
      const pause = waitBefore(policy, tried, error);
      if (!isPassing(error) || tried >= policy.retries || performance.now() + pause >= end || signal?.aborted) throw error;
      await wait(pause, undefined, { ...(signal && { signal }), ref: true });
    }
  }
}

/** Milliseconds. */
export function waitBefore({ base, most }: RetryPolicy, tried: number, error: unknown): number {
  const asked = error instanceof TrackingError ? error.retryAfter : undefined;
  const seconds = Math.min(most, base * 2 ** tried);
  const drawn = seconds * (0.5 + randomInt(1001) / 2000);
  return 1000 * Math.max(drawn, Math.min(asked ?? 0, most));
}
