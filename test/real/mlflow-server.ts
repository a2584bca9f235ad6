import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface MlflowServer {
  readonly uri: string;
  /** As a power cut would end it; `start` brings it back with what it has stored. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Kills it, and its folder goes. */
  remove(): Promise<void>;
}

/** MLflow's own server of this Python, with one worker, in a folder of its own. */
export async function startMlflow(
  python: string,
  backend: 'sqlite:///mlflow.db' | './files' = 'sqlite:///mlflow.db',
): Promise<MlflowServer> {
  const folder = mkdtempSync(join(tmpdir(), 'retable-mlflow-'));
  const port = await freePort();
  const log = join(folder, 'log');
  let child: ReturnType<typeof spawn> | undefined;
  const server: MlflowServer = {
    uri: `http://127.0.0.1:${port}`,
    async start() {
      const out = openSync(log, 'a');
      const place = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
      const stores = ['--backend-store-uri', backend, '--artifacts-destination', './artifacts'];
      const variables = { MLFLOW_ALLOW_FILE_STORE: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' };
      child = spawn(resolve(python), ['-m', 'mlflow', 'server', ...place, ...stores], {
        cwd: folder,
        env: { ...process.env, ...variables },
        stdio: ['ignore', out, out],
        detached: true,
      });
      while (!(await fetch(`${server.uri}/health`).catch(() => null))?.ok) {
        if (child.exitCode !== null) throw new Error(`MLflow ended with status ${child.exitCode}:\n${readFileSync(log, 'utf8')}`);
        await wait(200);
      }
    },
    async kill() {
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      process.kill(-child.pid, 'SIGKILL'); // the group that was started above: the server and its worker
      await ended;
    },
    async remove() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
