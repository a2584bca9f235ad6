import { withoutCredentials } from '../../diagnostics/secrets.js';
import type { RayOptions } from './options.js';
import type { Rejection } from '../cluster/rejection.js';
import type { Answer, Head } from './api.js';

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
export const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim().slice(0, 400) ?? '';
