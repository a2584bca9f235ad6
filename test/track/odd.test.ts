import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { disk } from '../../src/record/files.js';
import { connectionTo, openHttp } from '../../src/track/connection.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-odd-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const connect = (uri: string, variables: Readonly<Record<string, string>> = {}) =>
  connectionTo(uri, { variables, home: folder, files: disk });

test('an answer without an end is given up, and not asked for again', async () => {
  const server = createServer((_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(2 ** 20, 32)));
    };
    response.on('drain', more).on('error', () => {});
    more();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const http = openHttp(connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  await expect(http.send({ method: 'GET', path: '/', call: 'search' })).rejects.toMatchObject({
    kind: 'not-mlflow',
    message: expect.stringContaining('answered search with more than a server of MLflow ever does') as string,
  });
  http.close();
  server.closeAllConnections();
  server.close();
}, 60_000);

describe('secrets that can not be sent are refused, and not shown', () => {
  test.each(['two\nlines', 'a\rb', 'smart “quotes”', 'a\0b'])('a token %j', (token) => {
    const connecting = () => connect('http://localhost:5000', { MLFLOW_TRACKING_TOKEN: token });
    expect(connecting).toThrow('the token of the server (MLFLOW_TRACKING_TOKEN) holds a line break');
    expect(connecting).not.toThrow(token);
  });
  test('a workspace', () => {
    expect(() => connect('http://localhost:5000', { MLFLOW_WORKSPACE: 'a\nb' })).toThrow('MLFLOW_WORKSPACE holds a line break');
  });
  test('a certificate that is none', () => {
    const file = join(folder, 'cert.pem');
    writeFileSync(file, 'experiment: e\n');
    expect(() => connect('https://localhost:5000', { MLFLOW_TRACKING_CLIENT_CERT_PATH: file })).toThrow(
      "MLFLOW_TRACKING_CLIENT_CERT_PATH can't be used: it needs a certificate and its key, both as PEM",
    );
  });
});
