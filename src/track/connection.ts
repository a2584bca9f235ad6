import { randomInt } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { getProxyForUrl } from 'proxy-from-env';
import { withoutCredentials, withoutLogin } from '../diagnostics/secrets.js';
import { type Files, readIfThere, readText } from '../record/files.js';
import { type Answer, endless, isPassing, notAnAddress, notAProxy, timedOut, TrackingError, unreachable } from './errors.js';

/** How to reach a server, and how patiently. */
export interface Connection {
  /** With its path, without a slash at the end, without a password. */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Tls;
  /** Milliseconds that one call may take. */
  readonly timeout: number;
  readonly retry: RetryPolicy;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** A value from outside that can't be used; told as it is. */
export class ConnectionProblem extends Error {
  override readonly name = 'ConnectionProblem';
}

/** Where the user's own settings lie, for `~/.mlflow/credentials`. */
interface Outside {
  readonly variables: Variables;
  readonly home: string;
  readonly files: Files;
}

/** A connection to `uri` with what MLflow's own variables say of it. Throws a ConnectionProblem. */
export function connectionTo(uri: string, { variables, home, files }: Outside): Connection {
  const url = parse(uri);
  for (const [name, instead] of UNSUPPORTED) {
    if (variables[name]) throw new ConnectionProblem(`${name} is not supported${instead}`);
  }
  const certificate = variables['MLFLOW_TRACKING_CLIENT_CERT_PATH'];
  const pem = certificate ? read(files, 'MLFLOW_TRACKING_CLIENT_CERT_PATH', certificate) : undefined;
  const authority = variables['MLFLOW_TRACKING_SERVER_CERT_PATH'];
  const authorization = authorizationOf(url, variables, readIfThere(files, join(home, '.mlflow', 'credentials')));
  const workspace = variables['MLFLOW_WORKSPACE'];
  refuseOddHeader('the token of the server (MLFLOW_TRACKING_TOKEN)', authorization);
  refuseOddHeader('MLFLOW_WORKSPACE', workspace);
  if (pem) refuseNoPem('MLFLOW_TRACKING_CLIENT_CERT_PATH', { cert: pem, key: pem }, 'it needs a certificate and its key, both as PEM');
  const timeout = number(variables, 'MLFLOW_HTTP_REQUEST_TIMEOUT', 30);
  return {
    server: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    headers: { ...(authorization && { authorization }), ...(workspace && { 'x-mlflow-workspace': workspace }) },
    tls: {
      ...(truth(variables, 'MLFLOW_TRACKING_INSECURE_TLS') && { rejectUnauthorized: false }),
      ...(authority && { ca: read(files, 'MLFLOW_TRACKING_SERVER_CERT_PATH', authority) }),
      ...(pem && { cert: pem, key: pem }),
    },
    timeout: 1000 * timeout,
    retry: {
      retries: number(variables, RETRIES, 5),
      base: number(variables, 'MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR', 0.5),
      most: 30,
      within: variables[RETRIES]?.trim() ? Infinity : TRIES * timeout,
    },
  };
}

const RETRIES = 'MLFLOW_HTTP_REQUEST_MAX_RETRIES';
/** Where nobody says how often a call is tried, all tries have so many times the time of one: less than a minute. */
const TRIES = 1.8;

/** Whether a tracking URI names a server; MLflow also takes folders, databases and hosted services. */
export const isServer = (uri: string): boolean => /^https?:\/\//i.test(uri.trim());

const UNSUPPORTED = [
  ['MLFLOW_TRACKING_AWS_SIGV4', ': put a proxy that signs in front of the server'],
  ['MLFLOW_TRACKING_AUTH', ': plugins are of Python; use MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN'],
] as const;

function parse(uri: string): URL {
  const example = 'write it like http://localhost:5000';
  const told = withoutCredentials(uri);
  if (!isServer(uri)) throw new ConnectionProblem(`"${told}" is not the address of an MLflow server: ${example}`);
  if (!URL.canParse(uri.trim())) throw new ConnectionProblem(`"${told}" can't be read as an address: ${example}`);
  const url = new URL(uri.trim());
  if (decoded(url.username) === undefined || decoded(url.password) === undefined) {
    throw new ConnectionProblem(`"${told}" has a % in its user or password that stands for nothing: write %25 for it`);
  }
  return url;
}

/** What stands in a URI with its %-signs read; undefined where they make no sense. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** An address without its user and password, and the variables by which MLflow's clients are told them. */
export function apart(uri: string): { readonly uri: string; readonly variables: Readonly<Record<string, string>> } {
  if (!URL.canParse(uri)) return { uri, variables: {} };
  const url = new URL(uri);
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (!user && !password) return { uri, variables: {} };
  url.username = '';
  url.password = '';
  return {
    uri: url.href,
    variables: { ...(user && { MLFLOW_TRACKING_USERNAME: user }), ...(password && { MLFLOW_TRACKING_PASSWORD: password }) },
  };
}

/** Basic goes before a token, as in MLflow's own client. */
function authorizationOf(url: URL, variables: Variables, credentials: string | null): string | undefined {
  const stored = (name: string): string | undefined =>
    new RegExp(`^\\s*${name}\\s*[=:]\\s*(.*?)\\s*$`, 'm').exec(credentials ?? '')?.[1] || undefined;
  const user = decoded(url.username) || (variables['MLFLOW_TRACKING_USERNAME'] ?? stored('mlflow_tracking_username'));
  const password = decoded(url.password) || (variables['MLFLOW_TRACKING_PASSWORD'] ?? stored('mlflow_tracking_password'));
  if (user && password) return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const token = variables['MLFLOW_TRACKING_TOKEN'] ?? stored('mlflow_tracking_token');
  return token ? `Bearer ${token}` : undefined;
}

function read(files: Files, name: string, path: string): string {
  try {
    return readText(files, path);
  } catch (error) {
    throw new ConnectionProblem(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What a line of HTTP can't carry; the value itself is a secret. */
function refuseOddHeader(name: string, value: string | undefined): void {
  if (value === undefined || /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return;
  throw new ConnectionProblem(`${name} holds a line break or another character that can't be sent: was more copied than it is?`);
}

function refuseNoPem(name: string, options: SecureContextOptions, needs: string): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw new ConnectionProblem(`${name} can't be used: ${needs} (${error instanceof Error ? error.message : String(error)})`);
  }
}

const truth = (variables: Variables, name: string): boolean => /^(true|1)$/i.test(variables[name]?.trim() ?? '');

function number(variables: Variables, name: string, otherwise: number): number {
  const text = variables[name]?.trim();
  if (!text) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new ConnectionProblem(`${name} must be a number from 0, and is "${text}"`);
  return value;
}

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
interface Tls {
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
