import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disk } from '../../src/record/files.js';
import { openClient } from '../../src/track/client.js';
import { connectionTo, type Variables } from '../../src/track/connection.js';
import { TrackingError } from '../../src/track/errors.js';
import { startFakeMlflow } from './fake-mlflow.js';

const hasOpenssl = (() => {
  try {
    return execFileSync('openssl', ['version'], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
})();

let folder = '';
const closing: (() => unknown)[] = [];
const at = (name: string): string => join(folder, name);
const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

/** An authority of our own, a server's certificate and a client's, made for this test alone. */
function makeCertificates(): void {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=an authority',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  fs.writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  for (const name of ['server', 'client']) {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const signing = [
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'names',
    ];
    openssl('x509', ...signing, '-out', `${name}.pem`);
  }
  fs.writeFileSync(at('client-both.pem'), fs.readFileSync(at('client.pem'), 'utf8') + fs.readFileSync(at('client.key'), 'utf8'));
}

/** Answers like a server of MLflow that knows one experiment; `wantsClient` lets in only who shows a certificate. */
async function startTls(wantsClient: boolean): Promise<string> {
  const options = {
    key: fs.readFileSync(at('server.key')),
    cert: fs.readFileSync(at('server.pem')),
    ca: fs.readFileSync(at('ca.pem')),
    requestCert: wantsClient,
    rejectUnauthorized: false,
  };
  const server = createServer(options, (request, response) => {
    const isLetIn = !wantsClient || (request.socket as TLSSocket).authorized;
    response.writeHead(isLetIn ? 200 : 401, { 'content-type': isLetIn ? 'application/json' : 'text/plain' });
    response.end(isLetIn ? '{"experiment": {"experiment_id": "1", "name": "addition"}}' : 'no certificate');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close().closeAllConnections());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The name of its experiment, or why it could not be asked. */
async function ask(uri: string, variables: Variables = {}): Promise<string | TrackingError> {
  const quick = { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0', ...variables };
  const client = openClient(connectionTo(uri, { variables: quick, home: '/nowhere', files: disk }));
  try {
    return (await client.experimentByName('addition'))?.name ?? 'nothing';
  } catch (error) {
    if (error instanceof TrackingError) return error;
    throw error;
  } finally {
    client.close();
  }
}

describe.skipIf(!hasOpenssl)('a server with a certificate of an authority that nobody knows', () => {
  let uri = '';
  beforeAll(async () => {
    folder = fs.mkdtempSync(join(tmpdir(), 'retable-tls-'));
    makeCertificates();
    uri = await startTls(false);
  });
  afterAll(() => {
    for (const close of closing) close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('is not trusted, and the way to trust it is told', async () => {
    expect(await ask(uri)).toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+ can't be reached for experiments\/get-by-name: .*certificate/) as unknown,
      remedy: expect.stringContaining('MLFLOW_TRACKING_SERVER_CERT_PATH') as unknown,
    });
  });

  it('is trusted with the file of its authority, or when anybody is', async () => {
    expect(await ask(uri, { MLFLOW_TRACKING_SERVER_CERT_PATH: at('ca.pem') })).toBe('addition');
    expect(await ask(uri, { MLFLOW_TRACKING_INSECURE_TLS: 'true' })).toBe('addition');
  });

  it('gets the certificate of a client that has one', async () => {
    const wanting = await startTls(true);
    const trust = { MLFLOW_TRACKING_SERVER_CERT_PATH: at('ca.pem') };
    expect(await ask(wanting, trust)).toMatchObject({ kind: 'forbidden' });
    expect(await ask(wanting, { ...trust, MLFLOW_TRACKING_CLIENT_CERT_PATH: at('client-both.pem') })).toBe('addition');
  });

  it('and the wrong kind of address are told apart', async () => {
    const fake = await startFakeMlflow();
    closing.push(fake.close);
    expect(await ask(fake.uri.replace('http:', 'https:'))).toMatchObject({
      kind: 'not-mlflow',
      remedy: expect.stringMatching(/^https:\/\/ where/) as unknown,
    });
    expect(await ask(uri.replace('https:', 'http:'))).toMatchObject({ remedy: expect.stringContaining('https:// where') as unknown });
  });
});
