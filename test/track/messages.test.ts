import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openClient } from '../../src/track/client.js';
import { TrackingError } from '../../src/track/errors.js';
import { quick } from './recording.js';

type Answer = readonly [status: number, type: string, body: string];
const html = (title: string): string => `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;

/** What a server may say to `experiments/get-by-name`, and what a person reads then: the message behind the server's address, and what to do. */
const cases: readonly (readonly [string, Answer, message: string, remedy: string | undefined])[] = [
  [
    'a name that it does not know itself by',
    [403, 'text/plain', 'Invalid Host header - possible DNS rebinding attack detected'],
    'answered experiments/get-by-name with 403: Invalid Host header - possible DNS rebinding attack detected',
    'start the server with --allowed-hosts and the name by which you reach it',
  ],
  [
    'a user without the right',
    [403, 'application/json', '{"error_code": "PERMISSION_DENIED", "message": "Permission denied"}'],
    'answered experiments/get-by-name with 403 PERMISSION_DENIED: Permission denied',
    'this user may not do that there: ask whoever runs the server',
  ],
  [
    'nobody in particular',
    [401, 'text/html', 'You are not authenticated. Please see the documentation.'],
    'answered experiments/get-by-name with 401: You are not authenticated. Please see the documentation.',
    'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN',
  ],
  [
    'a login page',
    [200, 'text/html; charset=utf-8', html('Sign in')],
    'answered experiments/get-by-name with 200 and text/html where JSON was due: Sign in',
    'another program, a proxy or a login page may be answering: is the address that of an MLflow server?',
  ],
  [
    'a redirect to one',
    [302, 'text/html', ''],
    'answered experiments/get-by-name with 302 and text/html where JSON was due',
    'another program, a proxy or a login page may be answering: is the address that of an MLflow server?',
  ],
  [
    'another program',
    [404, 'text/html', html('404 Not Found')],
    'answered experiments/get-by-name with 404: 404 Not Found',
    'is the address right, with its port and the path before /api?',
  ],
  [
    'JSON that is none',
    [200, 'application/json', '{"experiment":'],
    "answered experiments/get-by-name with JSON that can't be read",
    undefined,
  ],
  [
    'a proxy whose server is down',
    [502, 'text/html', html('502 Bad Gateway')],
    'answered experiments/get-by-name with 502: 502 Bad Gateway',
    undefined,
  ],
  [
    'a database of another version',
    [500, 'application/json', '{"error_code": "INTERNAL_ERROR", "message": "out-of-date database schema"}'],
    'answered experiments/get-by-name with 500 INTERNAL_ERROR: out-of-date database schema',
    'whoever runs the server brings its database up to date: mlflow db upgrade',
  ],
];

test.each(cases)('of %s a person reads what to do', async (_, [status, type, body], message, remedy) => {
  const server = createServer((_request, response: ServerResponse) => response.writeHead(status, { 'content-type': type }).end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = openClient(quick(uri, { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' }));
  const error: unknown = await client.experimentByName('addition').catch((reason: unknown) => reason);
  client.close();
  server.close();
  expect(error).toBeInstanceOf(TrackingError);
  if (error instanceof TrackingError) expect([error.message, error.remedy]).toEqual([`${uri} ${message}`, remedy]);
});
