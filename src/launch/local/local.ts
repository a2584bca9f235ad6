import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { formatBytes } from '../../diagnostics/numbers.js';
import { Refusal } from '../../host/exit.js';
import { Type } from '../../language/type.js';
import { freeMemory, memoryOfThisMachine } from '../../host/memory.js';
import {
  createPatience,
  type Launch,
  type Launched,
  type LauncherKind,
  type Shares,
  type Told,
  type ToWorker,
  type Trial,
  type TrialOrder,
  type TrialResult,
  workers,
} from '../launcher.js';

const options = Type.Object(
  { workers: workers('Processes that train at the same time.', 'one a core') },
  { description: 'Processes of this machine.' },
);

/** Processes of this machine. */
export const local: LauncherKind<typeof options> = { options, outlives: false, launch: () => launchLocally };

/** Processes die: the system kills the largest when memory is short. A trial whose process died so often has failed. */
const MOST_DEATHS = 2;
/** Milliseconds until a trial that another process holds is asked for again. */
const PATIENCE = 2000;
/** Milliseconds until a worker that was told to stop, and is in a person's code that doesn't come back, is sent SIGTERM, which ends it there. */
const PATIENCE_TO_STOP = 1000;
/** Bytes that a worker may need: Node, TensorFlow.js while it records, ONNX Runtime. */
const WORKER_MEMORY = 600e6;

/** One a core; fewer where memory is short. */
export const defaultWorkers = (): number => Math.max(1, Math.min(availableParallelism(), Math.floor(freeMemory() / WORKER_MEMORY)));

/** Bytes that a worker takes before it has anything to do. */
const IDLE_WORKER_MEMORY = 60e6;

/** Refuses more processes than the memory holds: they would end the machine, not only themselves. */
export function refuseTooMany(count: number, memory: number): void {
  if (count * IDLE_WORKER_MEMORY <= memory) return;
  throw new Refusal(
    `${count.toLocaleString('en')} processes need ${formatBytes(count * IDLE_WORKER_MEMORY)} before they train anything, and this machine has ${formatBytes(memory)}`,
    { help: 'say fewer with --workers' },
  );
}

interface Worker {
  readonly number: number;
  readonly process: ChildProcess;
  /** What it trains, by work. */
  readonly trials: Map<string, Trial>;
  /** What may be trained beside those; undefined where they are trained alone. */
  shares: Shares | undefined;
  /** The configuration whose programs it holds. */
  warm: number | undefined;
}

/** Trains trials in processes of this machine, each of which takes the next trial when it is done with one. */
function launchLocally({ trials, orderOf, workers: wanted, inOrder, onProgress, onEnd }: Launch): Launched {
  const queue = [...trials];
  const workers = new Set<Worker>();
  const deaths = new Map<Trial, number>();
  const waiting = new Set<NodeJS.Timeout>();
  const patience = createPatience();
  let draining = false;
  let finish = (): void => {};
  const ended = new Promise<void>((resolve) => (finish = resolve));

  const count = Math.min(wanted, trials.length);
  refuseTooMany(count, memoryOfThisMachine());
  for (let number = 0; number < count; number++) start(number);
  if (workers.size === 0) finish();
  return { ended, drain, stop, kill };

  function start(number: number): void {
    const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const worker: Worker = { number, process: child, trials: new Map(), shares: undefined, warm: undefined };
    let complaint = '';
    child.stderr?.on('data', (chunk) => (complaint = (complaint + String(chunk)).slice(-2000)));
    child.on('message', (told: Told) => hear(worker, told));
    child.on('error', (error) => {
      // One that did start ends in `exit`, whatever could not be said to it.
      if (child.pid === undefined) bury(worker, `its process could not be started: ${error.message}`);
    });
    child.on('exit', (code, signal) => bury(worker, reasonOfEnd(complaint, signal ?? code)));
    workers.add(worker);
    give(worker);
  }

  function give(worker: Worker): void {
    while (worker.trials.size < roomOf(worker)) {
      const next = draining || !worker.process.connected ? undefined : nextFor(worker);
      if (!next) break;
      queue.splice(queue.indexOf(next), 1);
      worker.trials.set(next.work, next);
      worker.warm = next.configuration;
      tell(worker, { kind: 'train', order: orderOf(next) });
    }
    if (worker.trials.size === 0) rest(worker);
  }

  /**
   * No worker takes what another could begin with; trials that are timed against each other are trained one by one, and so are those whose process
   * died: what ended it takes no others with it a second time.
   */
  function roomOf({ trials: own, shares }: Worker): number {
    if (inOrder || own.size === 0 || !shares || [...own.values()].some((trial) => deaths.has(trial))) return 1;
    const atWork = [...workers].reduce((sum, other) => sum + other.trials.size, 0);
    return Math.min(shares.runs, Math.ceil((queue.length + atWork) / count));
  }

  /** Of those that may be trained beside what the worker is at; where it is at nothing, of the configuration that it knows, else of one that no other worker is at. */
  function nextFor({ trials: own, shares, warm }: Worker): Trial | undefined {
    if (inOrder) return queue[0];
    const [beside] = own.values();
    if (beside && shares) {
      const like = likeness(orderOf(beside), shares);
      return queue.find((trial) => !deaths.has(trial) && likeness(orderOf(trial), shares) === like);
    }
    const taken = new Set([...workers].flatMap(({ trials: own }) => [...own.values()].map(({ configuration }) => configuration)));
    return (
      queue.find(({ configuration }) => configuration === warm) ?? queue.find(({ configuration }) => !taken.has(configuration)) ?? queue[0]
    );
  }

  /** Nothing to do now; the last one waits for what others hold. */
  function rest(worker: Worker): void {
    if (!draining && waiting.size > 0) return;
    if (worker.process.connected) worker.process.disconnect();
  }

  function hear(worker: Worker, { work, message }: Told): void {
    const trial = worker.trials.get(work);
    if (!trial) return;
    if (message.kind === 'progress') return onProgress(worker.number, trial, message);
    if (message.kind === 'shares') {
      worker.shares ??= message;
      return give(worker);
    }
    worker.trials.delete(work);
    const { result, leaves = false } = message;
    if (leaves && result.outcome === 'stopped' && !draining) queue.unshift(trial);
    else conclude(worker, trial, result);
    if (worker.trials.size === 0) worker.shares = undefined;
    if (!leaves) give(worker);
    else if (worker.trials.size === 0) rest(worker);
  }

  function conclude(worker: Worker, trial: Trial, result: TrialResult): void {
    const given = result.outcome === 'held' && !draining ? patience(trial, result) : result;
    if (given) onEnd(worker.number, trial, given);
    else ask(trial);
  }

  function ask(trial: Trial): void {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      queue.push(trial);
      for (const worker of workers) if (worker.trials.size === 0) give(worker);
    }, PATIENCE);
    waiting.add(timer);
  }

  function bury(worker: Worker, reason: string): void {
    if (!workers.delete(worker)) return;
    const { trials: lost } = worker;
    for (const trial of lost.values()) {
      const died = (deaths.get(trial) ?? 0) + 1;
      deaths.set(trial, died);
      if (!draining && died < MOST_DEATHS) queue.unshift(trial);
      else onEnd(worker.number, trial, { outcome: draining ? 'stopped' : 'failed', reason, seconds: 0 });
    }
    // One that was asked to leave has no trial, and the others take its place.
    if (!draining && queue.length > 0 && (lost.size > 0 || workers.size === 0)) start(worker.number);
    else if (workers.size === 0) finish();
  }

  function drain(): void {
    draining = true;
    for (const timer of waiting) clearTimeout(timer);
    waiting.clear();
    for (const worker of workers) if (worker.trials.size === 0) rest(worker);
  }

  function stop(): void {
    drain();
    for (const worker of workers) tell(worker, { kind: 'stop' });
    const end = (): void => {
      for (const worker of workers) worker.process.kill('SIGTERM');
    };
    setTimeout(end, PATIENCE_TO_STOP).unref();
  }

  function kill(): void {
    for (const worker of workers) worker.process.kill('SIGKILL');
  }
}

/** What trials have in common that may be trained beside each other. */
const likeness = ({ base, sets, engine, device, threads }: TrialOrder, { paths }: Shares): string =>
  JSON.stringify([base, engine, device, threads, sets.filter((set) => !paths.some((path) => set.startsWith(`${path}=`)))]);

/** In one sentence, by what the process said last. V8 tells of memory in pages for those who write it. */
export function reasonOfEnd(complaint: string, status: number | NodeJS.Signals | null): string {
  if (/heap out of memory|Allocation failed|bad_alloc/.test(complaint))
    return 'its process ran out of memory: with fewer --workers each has more';
  if (typeof status === 'string') return `its process was ended by ${status}`;
  const lines = complaint.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  const told = lines.find((line) => line.startsWith('error: '))?.slice('error: '.length) ?? lines.at(-1)?.trim();
  return told ?? `its process ended with ${status}`;
}

function tell({ process: child }: Worker, message: ToWorker): void {
  if (child.connected) child.send(message);
}
