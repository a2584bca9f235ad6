import { once } from 'node:events';
import { createServer, request as ask, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openClient } from '../../src/track/client.js';
import { startFakeMlflow, type FakeMlflow } from './fake-mlflow.js';
import { quick } from './recording.js';

let mlflow: FakeMlflow;
let proxy: Server;
const passed: string[] = [];
const port = (): number => (proxy.address() as AddressInfo).port;

beforeEach(async () => {
  mlflow = await startFakeMlflow();
  passed.length = 0;
  proxy = createServer((incoming, outgoing) => {
    passed.push(incoming.url ?? '');
    const onward = ask(incoming.url ?? '', { method: incoming.method, headers: incoming.headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(onward);
  });
  proxy.on('connect', (request, socket) => {
    passed.push(`CONNECT ${request.url ?? ''}`);
    const onward = connect(new URL(mlflow.uri).port as unknown as number, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'])
    for (const each of [name, name.toLowerCase()]) vi.stubEnv(each, '');
  return () => vi.unstubAllEnvs();
});
afterEach(async () => {
  proxy.close();
  await mlflow.close();
});

const talk = async (uri = mlflow.uri, variables = {}): Promise<unknown> => {
  const client = openClient(quick(uri, { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0', ...variables }));
  try {
    return await client.experimentByName('nobody');
  } finally {
    client.close();
  }
};

describe('a proxy that the environment names', () => {
  it('stands between', async () => {
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${port()}`);
    await talk();
    expect(passed[0]).toContain(mlflow.uri);
  });

  it('is left aside for the servers of NO_PROXY, and where nobody names one', async () => {
    await talk();
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${port()}`);
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    await talk();
    expect(passed).toEqual([]);
  });

  it('is asked for a way through to a server that speaks TLS', async () => {
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${port()}`);
    await expect(talk('https://tracking.example:8443')).rejects.toThrow(/through the proxy/);
    expect(passed).toEqual(['CONNECT tracking.example:8443']);
  });

  it('is named where it does not answer, without its password', async () => {
    vi.stubEnv('HTTP_PROXY', 'http://ada:lovelace@127.0.0.1:1');
    await expect(talk()).rejects.toThrow('through the proxy http://***@127.0.0.1:1');
  });
});

describe('MLFLOW_HTTP_REQUEST_TIMEOUT', () => {
  it.each(['1e7', '3000000', '1e300'])('of %s s is long, and no millisecond', async (seconds) => {
    await expect(talk(mlflow.uri, { MLFLOW_HTTP_REQUEST_TIMEOUT: seconds })).resolves.not.toBeUndefined();
  });
});
