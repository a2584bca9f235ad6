import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bin } from '../support/build.js';

/** What no process may do, whatever is done to it. */
export type Harm = 'hang' | 'stack' | 'lost or doubled' | 'secret';

export class HarmDone extends Error {
  constructor(harm: Harm, what: string) {
    super(`${harm}: ${what}`);
  }
}

/** Planted where it may be read; must be found nowhere else. */
export const SECRET = 'correcthorsebattery';

/** A process that has not ended by then hangs. RETABLE_ATTACK_LIMIT: seconds, for a machine that does much else. */
const LIMIT = 1000 * Number(process.env['RETABLE_ATTACK_LIMIT'] ?? 60);

/** What only a person who writes retable should see. */
const STACK =
  /^\s+at .+[:(]\d+|fault of retable|\b(?:Type|Range|Reference|Syntax)Error\b|\[object |Cannot read propert|is not (?:a function|iterable)/m;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Milliseconds after which it counts as hanging. */
  readonly within?: number;
}

/** A small experiment that trains in about a second; other lines may follow it. */
export const TINY = `experiment: tiny
dataset: {kind: binary_addition, bits: 4, examples: 60}
model: {kind: rnn, hidden_size: 3}
loss: {kind: binary_cross_entropy}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: [{kind: bit_accuracy}]
training: {epochs: 2, batch_size: 10}
`;

/** A folder with a home, a cache and a store of its own, the processes that were started in it, and what they may not have done. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'retable-attack-'));
  readonly runs = join(this.folder, 'runs');
  private readonly children = new Set<ChildProcess>();
  private readonly ends: (Ended & { readonly said: string })[] = [];

  path = (...parts: readonly string[]): string => join(this.folder, ...parts);

  write(path: string, content: string | Uint8Array, mode = 0o666): string {
    const file = this.path(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
    return file;
  }

  /** A document of the tiny experiment, with lines of it put in place of those of the same key. */
  experiment(name = 'tiny.yaml', lines: Readonly<Record<string, string>> = {}): string {
    const kept = TINY.trimEnd()
      .split('\n')
      .filter((line) => !((line.split(':')[0] ?? '') in lines));
    return this.write(name, `${[...kept, ...Object.entries(lines).map(([key, value]) => `${key}: ${value}`)].join('\n')}\n`);
  }

  /** Starts a command on this world's store and folder. */
  start(
    args: readonly string[],
    { environment = {}, input, within = LIMIT }: StartOptions = {},
  ): { readonly child: ChildProcess; readonly ended: Promise<Ended>; said(pattern: RegExp): Promise<void> } {
    const child = spawn(process.execPath, [join(process.cwd(), bin('retable')), ...args], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], HOME: this.folder, RETABLE_CACHE: join(tmpdir(), 'retable-attack-cache'), ...environment },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    this.children.add(child);
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    let stdout = '';
    let stderr = '';
    const waiting = new Set<() => void>();
    child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr?.on('data', (chunk) => {
      stderr += String(chunk);
      for (const look of waiting) look();
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      const clock = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new HarmDone('hang', `${args.join(' ')} runs for more than ${within / 1000} s; it said:\n${stderr.slice(-2000)}`));
      }, within);
      child.on('close', (status, signal) => {
        clearTimeout(clock);
        this.children.delete(child);
        const end = { status, signal, stdout, stderr };
        this.ends.push({ ...end, said: args.join(' ') });
        resolve(end);
        for (const look of waiting) look();
      });
    });
    ended.catch(() => {});
    const said = (pattern: RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(stderr)) resolve();
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`${args.join(' ')} ended without saying ${String(pattern)}:\n${stderr}`));
        };
        waiting.add(look);
        look();
      });
    return { child, ended, said };
  }

  retable(args: readonly string[], options?: StartOptions): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** Starts a command that must refuse, in words: status 1 or 2, and something on stderr. */
  async refused(args: readonly string[], says: RegExp, options?: StartOptions): Promise<Ended> {
    const end = await this.retable(args, options);
    if (end.status !== 1 && end.status !== 2)
      throw new Error(`${args.join(' ')} ended with ${String(end.status)}:\n${end.stdout}\n${end.stderr}`);
    if (!says.test(end.stderr + end.stdout)) throw new Error(`${args.join(' ')} does not say ${String(says)}:\n${end.stderr}`);
    return end;
  }

  /** Starts a command that must end well. */
  async succeeds(args: readonly string[], options?: StartOptions): Promise<Ended> {
    const end = await this.retable(args, options);
    if (end.status !== 0) throw new Error(`${args.join(' ')} ended with ${String(end.status ?? end.signal)}:\n${end.stderr}`);
    return end;
  }

  /** The runs on record that `list` shows. */
  async listed(): Promise<readonly { readonly status: string; readonly experiment: string; readonly run: string }[]> {
    return JSON.parse((await this.succeeds(['list', '--json'])).stdout) as never;
  }

  /** Asserts how many runs are on record, and that the store says of itself that it is whole. */
  async expectRuns(count: number): Promise<void> {
    const listed = await this.listed();
    if (listed.length !== count)
      throw new HarmDone('lost or doubled', `${count} runs are expected, ${listed.length} are on record: ${JSON.stringify(listed)}`);
    await this.expectWhole();
  }

  /** Asserts that the store says of itself that it is whole, where there is one. */
  async expectWhole(): Promise<void> {
    if (!existsSync(this.runs)) return;
    const end = await this.retable(['store', 'verify']);
    if (end.status !== 0)
      throw new HarmDone('lost or doubled', `store verify ends with ${String(end.status)}:\n${end.stdout}${end.stderr}`);
  }

  /** What must hold after every attack: all that was started has ended, in words; the planted secret is in no byte of its folder. */
  judge(): void {
    for (const { said, stdout, stderr, signal } of this.ends) {
      if (signal === 'SIGSEGV' || signal === 'SIGABRT' || signal === 'SIGBUS')
        throw new HarmDone('stack', `${said} died of ${signal}:\n${stderr}`);
      const stack = STACK.exec(stderr) ?? STACK.exec(stdout);
      if (stack) throw new HarmDone('stack', `${said} says "${stack[0]}":\n${stderr.slice(-3000)}`);
      if ((stdout + stderr).includes(SECRET)) throw new HarmDone('secret', `${said} prints it:\n${stdout}${stderr}`);
    }
    for (const file of filesBelow(this.folder)) {
      if (readFileSync(file).includes(SECRET)) throw new HarmDone('secret', `it is in ${file}`);
    }
  }

  /** Kills what still runs, and takes the folder away. */
  end(): void {
    for (const child of this.children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const filesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile())
    : [];
