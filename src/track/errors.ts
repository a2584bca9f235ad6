import { getProxyForUrl } from 'proxy-from-env';
import { withoutCredentials } from '../diagnostics/secrets.js';
import { codeOfError } from '../diagnostics/diagnostic.js';

/**
 * Why a call came to nothing: the server can't be reached now (worth trying again), it won't have us (a person must do something), it
 * refused what was sent, or it isn't MLflow.
 */
type TroubleKind = 'unreachable' | 'busy' | 'forbidden' | 'refused' | 'missing' | 'not-mlflow' | 'invalid';

/** A call to a tracking server that failed: which server, which call, why, and what to do. */
export class TrackingError extends Error {
  override readonly name = 'TrackingError';
  readonly kind: TroubleKind;
  readonly server: string;
  readonly call: string;
  readonly remedy: string | undefined;
  /** MLflow's name of the reason: `RESOURCE_DOES_NOT_EXIST`; empty where there is none. */
  readonly code: string;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;
  /** What the server said, without which server and which call; undefined where it said nothing. */
  readonly answer: string | undefined;
  constructor(trouble: Trouble) {
    super(trouble.message, { cause: trouble.cause });
    this.kind = trouble.kind;
    this.server = trouble.server;
    this.call = trouble.call;
    this.remedy = trouble.remedy;
    this.code = trouble.code ?? '';
    this.retryAfter = trouble.retryAfter;
    this.answer = trouble.answer;
  }
}

interface Trouble {
  readonly kind: TroubleKind;
  readonly message: string;
  readonly answer?: string;
  readonly server: string;
  readonly call: string;
  readonly remedy?: string | undefined;
  readonly code?: string;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** Worth trying again: nobody refused anything. */
export const isPassing = (error: unknown): boolean =>
  error instanceof TrackingError && (error.kind === 'unreachable' || error.kind === 'busy');

/** What the server said, for who knows which server and which call. */
export const saidIn = ({ answer, message }: TrackingError): string => answer ?? message;

export const hasCode = (error: unknown, code: string): boolean => error instanceof TrackingError && error.code === code;

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

/** Where artifacts lie is what a server says. */
export const notAnAddress = (server: string, call: string, address: string): TrackingError =>
  new TrackingError({
    kind: 'not-mlflow',
    server,
    call,
    message: `${server} names "${shortened(address)}" for artifacts, which is no address`,
  });

export const notAProxy = (server: string, proxy: string): TrackingError =>
  new TrackingError({
    kind: 'forbidden',
    server,
    call: '',
    message: `the proxy for ${server} is "${shortened(withoutCredentials(proxy))}", which is no address`,
    remedy: 'write HTTP_PROXY and HTTPS_PROXY like http://proxy:3128',
  });

/** Asked again, it would have no end again. */
export const endless = (server: string, call: string): TrackingError =>
  new TrackingError({
    kind: 'not-mlflow',
    server,
    call,
    message: `${server} answered ${call} with more than a server of MLflow ever does`,
    remedy: REMEDIES.other,
  });

/** Null for an answer that a call can go on with; `wantsJson` is false for bodies of files, and for calls that answer with nothing. */
export function troubleIn(answer: Answer, server: string, call: string, wantsJson: boolean): TrackingError | null {
  const { status, contentType, body } = answer;
  const isJson = contentType.includes('json');
  if (status >= 200 && status < 300 && (isJson || !wantsJson)) return null;
  const where = { server, call };
  const text = isJson ? '' : firstWords(body);
  if (status >= 200 && status < 400) return new TrackingError({ ...where, kind: 'not-mlflow', ...notMlflow(answer, server, call, text) });
  const { code, message } = isJson ? errorOf(body) : { code: '', message: text };
  const told = `${status}${code ? ` ${code}` : ''}${message ? `: ${message}` : ''}`;
  const said = { message: answered(server, call, told), answer: told };
  const retryAfter = secondsOf(answer.retryAfter);
  if (code === 'INVALID_STATE' || code === 'NOT_IMPLEMENTED') return new TrackingError({ ...where, kind: 'refused', code, ...said });
  if (status === 408 || status === 429 || status === 502 || status === 503 || status === 504) {
    return new TrackingError({ ...where, kind: 'unreachable', code, ...said, retryAfter });
  }
  // Unlike the ones above, a plain 500 may be about what was sent.
  if (status >= 500) {
    const remedy = /database schema/i.test(message) ? REMEDIES.schema : undefined;
    return new TrackingError({ ...where, kind: 'busy', code, ...said, remedy, retryAfter });
  }
  if (status === 401) return new TrackingError({ ...where, kind: 'forbidden', code, ...said, remedy: REMEDIES.login });
  if (status === 403) {
    const remedy = /host header/i.test(message) ? REMEDIES.host : REMEDIES.permission;
    return new TrackingError({ ...where, kind: 'forbidden', code, ...said, remedy });
  }
  if (status === 404) {
    const remedy = isJson ? undefined : REMEDIES.address;
    return new TrackingError({ ...where, kind: isJson ? 'missing' : 'not-mlflow', code, ...said, remedy });
  }
  return new TrackingError({ ...where, kind: 'refused', code, ...said });
}

const answered = (server: string, call: string, told: string): string => `${server} answered ${call} with ${told}`;

/** A connection that failed, in words. */
export function unreachable(error: unknown, server: string, call: string): TrackingError {
  const code = codeOfError(error) ?? '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  const isTrust = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY/.test(code);
  const isSpeech = /EPROTO|ERR_SSL|HPE_/.test(code);
  const isCut = /ECONNRESET|EPIPE/.test(code);
  const isName = /ENOTFOUND|EAI_AGAIN/.test(code);
  return new TrackingError({
    kind: isTrust ? 'forbidden' : isSpeech ? 'not-mlflow' : 'unreachable',
    message: `${server} can't be reached for ${call}${through(server)}: ${reason}${code ? ` (${code})` : ''}`,
    server,
    call,
    remedy: isTrust ? REMEDIES.certificate : isSpeech ? REMEDIES.scheme : isCut ? REMEDIES.cut : isName ? REMEDIES.name : toStart(server),
    cause: error,
  });
}

/** Names the proxy that stands between: the fault may lie there. */
function through(server: string): string {
  const proxy = getProxyForUrl(server);
  return proxy === '' ? '' : ` through the proxy ${withoutCredentials(proxy)}`;
}

export const timedOut = (server: string, call: string, seconds: number): TrackingError =>
  new TrackingError({
    kind: 'unreachable',
    message: `${server} gave no answer to ${call} within ${seconds} s`,
    server,
    call,
    remedy: 'MLFLOW_HTTP_REQUEST_TIMEOUT waits longer (seconds)',
  });

const REMEDIES = {
  login: 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN',
  permission: 'this user may not do that there: ask whoever runs the server',
  host: 'start the server with --allowed-hosts and the name by which you reach it',
  address: 'is the address right, with its port and the path before /api?',
  scheme: 'https:// where the server speaks http://, or the other way round?',
  cut: 'is it going down? Or does it speak https:// where the address says http://?',
  certificate: 'MLFLOW_TRACKING_SERVER_CERT_PATH names the file of its authority; MLFLOW_TRACKING_INSECURE_TLS=true trusts anybody',
  name: 'is the name right, and does this machine have a network?',
  other: 'another program, a proxy or a login page may be answering: is the address that of an MLflow server?',
  schema: 'whoever runs the server brings its database up to date: mlflow db upgrade',
} as const;

/** A server of this machine can be started right away. */
function toStart(server: string): string {
  const { hostname, port } = new URL(server);
  if (!/^(localhost|127\..*|\[::1\])$/.test(hostname)) return 'is it running, and is the port right?';
  return `is it running? mlflow server --port ${port || '80'} starts one on this machine`;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no machine of this name',
  EAI_AGAIN: 'the name could not be looked up',
  EPROTO: 'it does not speak TLS',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to this machine',
  ENETUNREACH: 'there is no network',
  ETIMEDOUT: 'the machine gave no sign',
};

function notMlflow(
  { status, contentType }: Answer,
  server: string,
  call: string,
  text: string,
): { message: string; answer: string; remedy: string } {
  const kind = contentType.split(';')[0] || 'no type';
  const told = `${status} and ${kind} where JSON was due${text ? `: ${text}` : ''}`;
  return {
    message: answered(server, call, told),
    answer: told,
    remedy: REMEDIES.other,
  };
}

function errorOf(body: Buffer): { readonly code: string; readonly message: string } {
  try {
    const { error_code: code, message } = JSON.parse(body.toString('utf8')) as {
      readonly error_code?: unknown;
      readonly message?: unknown;
    };
    return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? shortened(message) : '' };
  } catch {
    return { code: '', message: firstWords(body) };
  }
}

/** What a page says, without its markup; its title only where it says nothing else. */
function firstWords(body: Buffer): string {
  const page = body.toString('utf8', 0, 4000);
  return wordsOf(page.replace(/<head[\s\S]*?<\/head>/i, ' ')) || wordsOf(page);
}

const wordsOf = (page: string): string => shortened(page.replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' '));

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 200 ? line : `${line.slice(0, 200)}…`;
}

function secondsOf(retryAfter: string | undefined): number | undefined {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
