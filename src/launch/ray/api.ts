import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { agentTo } from '../../track/http.js';
import { withoutLogin } from '../../diagnostics/secrets.js';

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
