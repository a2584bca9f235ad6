import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * A process that lives as long as a bench and measures when it is asked, a line of JSON each way: loading a library and compiling a program are
 * paid for once and outside of what is measured. It says what it is when it is ready.
 */
export interface Contender {
  readonly versions: Readonly<Record<string, string>>;
  readonly ask: (request: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, number>>>;
  readonly close: () => Promise<void>;
}

export async function openContender(
  [command, args]: readonly [string, readonly string[]],
  environment: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4000)));
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      complaints += error.message;
      resolve();
    });
    child.on('close', () => resolve());
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${command} ${args.join(' ')} ended:\n${complaints}`);
    return JSON.parse(value);
  };
  const versions = (await answer()) as Readonly<Record<string, string>>;
  return {
    versions,
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return (await answer()) as Readonly<Record<string, number>>;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
