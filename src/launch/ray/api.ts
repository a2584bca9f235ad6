import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { withoutCredentials, withoutLogin } from '../../diagnostics/secrets.js';
import { agentTo } from '../../track/connection.js';
import type { JobState, Rejection } from '../cluster/scheduler.js';
import type { RayOptions } from './ray.js';

/** Milliseconds that the head may think. */
const PATIENCE = 30_000;
/** Bytes. */
const LARGEST_ANSWER = 64 * 2 ** 20;

/** Where Ray's Jobs API is, and what it wants to know first. */
export interface Head {
  /** Without a slash at its end, and without a password. */
  readonly url: string;
  readonly token?: string;
  /** `USER:PASSWORD` of the address, with its %-signs. */
  readonly login?: string;
}

/** `status` 0: nobody answered, and `text` says why. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One call of the REST API. `fetch` is no way in: its Sec-Fetch-Mode makes Ray take it for a browser, whose POSTs it refuses. */
export async function callRay({ url, token, login }: Head, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
  const agent = await agentTo(url);
  return new Promise((resolve) => {
    const target = new URL(`${url}${path}`);
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(login !== undefined && { authorization: `Basic ${Buffer.from(unescaped(login)).toString('base64')}` }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = send(target, { method, headers, agent, timeout: PATIENCE }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST_ANSWER) sent.destroy(new Error('its answer has no end'));
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: withoutLogin(Buffer.concat(chunks).toString('utf8'), headers.authorization) }),
      );
      response.on('error', (error) => resolve({ status: 0, text: error.message }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    sent.on('error', (error) => resolve({ status: 0, text: error.message || String(error) }));
    sent.on('close', () => agent.destroy());
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A % that stands for nothing stays what it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The head that is meant: the document's, else that of Ray's own variables. */
export function headOf({ address }: Pick<RayOptions, 'address'>, variables: Variables): Head | Rejection {
  const said = address ?? (variables['RAY_API_SERVER_ADDRESS'] || variables['RAY_ADDRESS'] || undefined);
  if (said === undefined) return { message: 'nobody says where Ray is', help: HELP };
  const told = withoutCredentials(said);
  if (/^(auto|local|ray:.*)$/.test(said)) return { message: `${told} is no address of Ray's Jobs API`, key: 'address', help: HELP };
  const full = /^https?:\/\//.test(said) ? said : `http://${said}`;
  if (!URL.canParse(full)) return { message: `${told} is no address`, key: 'address', help: HELP };
  const { username, password, origin, pathname, search } = new URL(full);
  const url = `${origin}${pathname}${search}`.replace(/\/$/, '');
  const token = variables['RAY_AUTH_TOKEN'];
  const login = username || password ? { login: `${username}:${password}` } : {};
  return { url, ...login, ...(token && { token }) };
}

const HELP = 'write run_on.address: http://HOST:8265, or set RAY_ADDRESS; ray start says the address of its dashboard';

/** Why a call came to nothing, as a person would say it. */
export function badAnswer({ url }: Head, { status, text }: Answer): Rejection {
  const key = 'address';
  if (status === 0)
    return { key, message: `no Ray answers at ${url}: ${text}`, help: 'is the head up, and is this its dashboard (port 8265)?' };
  if (status === 401 || status === 403)
    return { key, message: `Ray at ${url} wants a token${status === 403 ? ', and not this one' : ''}`, help: 'set RAY_AUTH_TOKEN' };
  if (status === 404 || /^\s*</.test(text) || status === 405)
    return { key, message: `what answers at ${url} is not Ray's Jobs API (HTTP ${status})`, help: HELP };
  return { message: `Ray at ${url} refuses (HTTP ${status}): ${lastLine(text)}` };
}

/** Ray's messages end with what matters, after the stack of its own calls. */
const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim().slice(0, 400) ?? '';

/** What Ray tells of a job, as far as we read it. */
export interface RayJob {
  readonly status: string;
  readonly message?: string | null;
  readonly error_type?: string | null;
  readonly driver_exit_code?: number | null;
}

/** A job in Ray's words in ours. One that waited for longer than the head allows has FAILED there, without having begun. */
export function stateOf(id: string, { status, message, error_type: error, driver_exit_code: exit }: RayJob): JobState {
  const ended = (how: Extract<JobState, { kind: 'ended' }>['how'], reason: string): JobState => ({ kind: 'ended', how, reason });
  switch (status) {
    case 'PENDING':
      return { kind: 'waiting' };
    case 'RUNNING':
      return { kind: 'running' };
    case 'SUCCEEDED':
      return ended('done', `job ${id} ended before all of its trials`);
    case 'STOPPED':
      return ended('cancelled', `job ${id} was stopped`);
    default:
      if (error === 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT') return ended('never began', `job ${id} waited for longer than Ray allows`);
      if (/out of memory|oom/i.test(message ?? '')) return ended('out of memory', `job ${id} was ended because memory was short`);
      if (exit === -9) return ended('failed', `the process of job ${id} was killed`);
      if (/actor died|node died|unexpectedly/i.test(message ?? '')) return ended('node failed', `the node of job ${id} failed`);
      return ended('failed', `job ${id} failed${message ? `: ${lastLine(message)}` : ''}`);
  }
}
