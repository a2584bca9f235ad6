import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What goes wrong on the way. `lost-answer` and `late` do reach the server; the client hears nothing of it. */
export type WayFault = 'ok' | 'lost-answer' | 'error-500' | 'error-503' | 'hang' | 'reset' | 'slow' | 'html' | 'half' | 'late';

/** Stands between a client and a server, and does to each request what `fault` says. */
export interface FaultyProxy {
  readonly uri: string;
  /** Asked for every request, in order. */
  fault: (path: string, method: string) => WayFault;
  readonly requests: number;
  /** Nobody listens any more; every connection is cut. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  /** Until then no answer comes to those that hang. */
  close(): Promise<void>;
}

export async function startProxy(target: string, fault: FaultyProxy['fault'] = () => 'ok'): Promise<FaultyProxy> {
  const { port: targetPort, pathname } = new URL(target);
  let requests = 0;
  let port = 0;
  const timers = new Set<NodeJS.Timeout>();

  const forward = (
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const { method = 'GET', url = '/', headers } = incoming;
      const out = ask({ port: targetPort, host: '127.0.0.1', method, path: url, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      });
      out.on('error', reject);
      out.end(body);
    });

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests++;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const now = proxy.fault(incoming.url ?? '/', incoming.method ?? 'GET');
    switch (now) {
      case 'reset':
        return void response.destroy();
      case 'hang':
        return;
      case 'error-500':
        return void response.writeHead(500, { 'content-type': 'application/json' }).end('{"error_code":"INTERNAL_ERROR","message":"no"}');
      case 'error-503':
        return void response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>busy</h1>');
      case 'html':
        return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Log in</title>please log in</html>');
      case 'late':
        timers.add(setTimeout(() => void forward(incoming, body).catch(() => undefined), 80));
        return void response.destroy();
      case 'ok':
      case 'lost-answer':
      case 'slow':
      case 'half': {
        const answer = await forward(incoming, body);
        if (now === 'lost-answer') return void response.destroy();
        const { connection: _, 'transfer-encoding': __, ...headers } = answer.headers;
        response.writeHead(answer.status, { ...headers, 'content-length': answer.body.length });
        if (now === 'ok') return void response.end(answer.body);
        if (now === 'half') {
          response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)));
          return void setImmediate(() => response.destroy());
        }
        for (let sent = 0; sent < answer.body.length; sent += Math.ceil(answer.body.length / 10)) {
          response.write(answer.body.subarray(sent, sent + Math.ceil(answer.body.length / 10)));
          await new Promise<void>((resolve) => timers.add(setTimeout(resolve, 2)));
        }
        return void response.end();
      }
      default:
        return now satisfies never;
    }
  };
  const server = createServer((incoming, response) => void handle(incoming, response).catch(() => response.destroy()));
  const proxy = {
    fault,
    get requests() {
      return requests;
    },
    get uri() {
      return `http://127.0.0.1:${port}${pathname === '/' ? '' : pathname}`;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
    async start() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      ({ port } = server.address() as AddressInfo);
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      if (server.listening) await proxy.stop();
    },
  };
  await proxy.start();
  return proxy;
}
