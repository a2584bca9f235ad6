import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { withoutCredentials } from '../diagnostics/secrets.js';
import { readIfThere, readText, type Files } from '../record/files.js';
import type { RetryPolicy, Tls } from './http.js';

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
