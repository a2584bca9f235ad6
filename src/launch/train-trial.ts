import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createEngine } from '../engine/create.js';
import { createCompany } from '../engine/company.js';
import type { Engine, EngineOptions, Program, SharedProgram, Step, Within } from '../engine/engine.js';
import { machineHere } from '../host/is-running.js';
import { natively, withinEngine } from '../host/stop.js';
import type { Plan } from '../planning/plan.js';
import { openStore } from '../record/layout.js';
import { epochLine } from '../report/run/summary.js';
import { HeldError } from '../run/open-run.js';
import { runWork } from '../run/run-work.js';
import { lookAround, type Surroundings } from '../host/surroundings.js';
import { followers, trackingTarget } from '../run/tracking.js';
import { workClock } from '../host/work-clock.js';
import type { Observer } from '../run/observer.js';
import type { FromWorker, Shares, TrialOrder, TrialResult } from './launcher.js';
import { examineOrder } from './orders.js';

/** Seconds of work between two signs of progress. */
const REPORT = 0.2;

interface Trainer {
  /** Never throws: what goes wrong is the trial's result. Trials that are trained at the same time compute together. */
  train(order: TrialOrder, say: (message: FromWorker | Shares) => void): Promise<TrialResult>;
  close(): Promise<void>;
}

/** Trains trials in this process; engines and their programs stay open in between. */
export function createTrainer(stopped: () => boolean): Trainer {
  const machine = machineHere();
  const engines = new Map<string, ReturnType<typeof openWarm>>();
  const surroundings = new Map<string, Promise<Surroundings>>();

  const engineOf = (options: EngineOptions, isOwn: boolean): ReturnType<typeof openWarm> => {
    const key = JSON.stringify([options, isOwn]);
    const open = engines.get(key) ?? openWarm(options, withinEngine(options.kind, isOwn, stopped));
    engines.set(key, open);
    return open;
  };
  /** Trials that are trained at the same time have equal shares of it. */
  const shared = shareClock(workClock());
  const around = (folder: string): Promise<Surroundings> => {
    const seen = surroundings.get(folder) ?? lookAround(folder);
    surroundings.set(folder, seen);
    return seen;
  };

  async function work(
    order: TrialOrder,
    say: (message: FromWorker | Shares) => void,
    clock: () => number,
  ): Promise<Omit<TrialResult, 'seconds'>> {
    const { base } = order;
    const prepared = examineOrder(order);
    if ('diagnostics' in prepared) return { outcome: 'failed', reason: prepared.diagnostics.map(({ message }) => message).join('; ') };
    const { plan, stages, own, files } = prepared;
    if (plan.work.key !== order.work) return { outcome: 'failed', reason: `${base}, or what it reads, was changed while the sweep ran` };
    let value: number | undefined;
    const { observe, log } = observeTrial(plan.training, clock, say, (metrics) => (value = metrics[order.metric]));
    const store = openStore(order.runs);
    const target = trackingTarget(order.track, plan.config.values.tracking?.uri, observe);
    const ended = await runWork({
      plan,
      stages,
      ...(own && { own }),
      files,
      store,
      machine,
      surroundings: await around(dirname(base)),
      fresh: false,
      parent: order.parent,
      ...(order.until !== undefined && { until: order.until }),
      plain: true,
      openEngine: async () => {
        const { company } = await engineOf(plan.engine, own !== undefined);
        // A person's own stages may never come back, and would hold up the others.
        if (own) return company.join();
        const paths = ['fold', 'dataset.seed', ...Object.keys(plan.optimizer.scalars).map((name) => `optimizer.${name}`)];
        return company.join((runs) => say({ kind: 'shares', runs, paths }));
      },
      stopped,
      observe,
      follow: followers(target, plan.config.values.tracking, { store, machine, observe }),
    }).catch(explain);
    log(ended.reason === undefined ? ended.outcome : `${ended.outcome}: ${ended.reason}`);
    return { ...ended, ...(value !== undefined && { value }) };
  }

  return {
    async train(order, say) {
      const seconds = shared();
      const result = await work(order, say, workClock()).catch(explain);
      return { ...result, seconds: seconds() };
    },
    async close() {
      for (const open of engines.values()) await (await open).close();
    },
  };
}

/** Begins a share of a clock's time: what is called at its end gives it. */
function shareClock(clock: () => number): () => () => number {
  let [sharers, share, before] = [0, 0, clock()];
  const look = (): number => {
    const now = clock();
    share += (now - before) / Math.max(sharers, 1);
    before = now;
    return share;
  };
  return () => {
    const began = look();
    sharers += 1;
    return () => {
      const ended = look();
      sharers -= 1;
      return ended - began;
    };
  };
}

async function openWarm(options: EngineOptions, within: Within) {
  const engine = keepWarm(await createEngine(options, { within, natively }));
  return { company: createCompany(engine), close: engine.close };
}

/** What came of a trial that ended in an error; that somebody else has the run is no failure. */
function explain(error: unknown): Omit<TrialResult, 'seconds'> {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof HeldError ? { outcome: 'held', reason, sign: error.sign } : { outcome: 'failed', reason };
}

/** Progress to whoever started this process, every epoch into the run's own log. `log`: a line of it, where a run was opened. */
function observeTrial(
  { epochs, stepsPerEpoch }: Plan['training'],
  clock: () => number,
  say: (message: FromWorker) => void,
  see: (metrics: Readonly<Record<string, number>>) => void,
): { readonly observe: Observer; readonly log: (line: string) => void } {
  let runId = '';
  let file = '';
  let lines = '';
  let [told, written, epochBegan] = [0, -Infinity, 0];
  const write = (): void => {
    if (file !== '') appendIfPossible(file, lines);
    lines = '';
  };
  const note = (line: string): void => void (lines += `${new Date().toISOString()} ${line}\n`);
  const log = (line: string): void => {
    note(line);
    write();
  };
  const observe: Observer = (event) => {
    switch (event.kind) {
      case 'opened': {
        const { run, folder, attempt, from } = event;
        runId = run;
        file = join(folder, '.retable', 'log.txt');
        log(from > 0 ? `goes on after epoch ${from}` : `starts, run ${attempt} of the same settings`);
        return say({ kind: 'progress', runId, epoch: from, epochs, share: 0 });
      }
      case 'ready':
        return void (epochBegan = clock());
      case 'progress': {
        const now = clock();
        if (now - told < REPORT) return;
        told = now;
        if (lines !== '') write();
        return say({ kind: 'progress', runId, epoch: event.epoch, epochs, share: event.step / stepsPerEpoch });
      }
      case 'epoch': {
        const { epoch, metrics } = event;
        see(metrics);
        const now = clock();
        note(epochLine({ epoch, epochs, metrics, seconds: now - epochBegan }));
        epochBegan = now;
        // Lines of short epochs are written together.
        if (now - written < REPORT) return;
        written = now;
        return write();
      }
      case 'note':
      case 'message':
        return log(`note: ${event.text}`);
      default:
    }
  };
  return { observe, log };
}

/** A log is for people: a disk that is too full for it stops nothing. */
function appendIfPossible(file: string, line: string): void {
  try {
    appendFileSync(file, line);
  } catch {
    // the record itself says what a full disk does to it
  }
}

/** How many programs are kept open: those of the newest configurations, with the splits and the leftover steps of each. */
const KEPT = 32;

/**
 * An engine that outlives a training: programs stay open, and a step of the same identity gets the one that is there. Whoever trains may
 * dispose it as ever; nothing happens until `close`.
 */
function keepWarm(engine: Engine): Engine & { readonly close: () => Promise<void> } {
  const programs = new Map<string, Promise<Program | SharedProgram>>();
  const numbers = new Map<string, Promise<number>>();
  const { mostRuns, compileShared } = engine;

  return {
    ...engine,
    stepsPerCall: (step, batches) => remember(numbers, identify(step, 'steps', batches), () => engine.stepsPerCall(step, batches)),
    compile: async (step, steps) => {
      const key = identify(step, steps);
      const program = await remember(programs as Map<string, Promise<Program>>, key, () => engine.compile(step, steps));
      return key === undefined ? program : { ...program, dispose: () => {} };
    },
    ...(mostRuns && { mostRuns: (step: Step) => remember(numbers, identify(step, 'runs'), () => mostRuns(step)) }),
    ...(compileShared && {
      compileShared: (step: Step, steps: number, runs: number) =>
        remember(programs as Map<string, Promise<SharedProgram>>, identify(step, steps, runs), () => compileShared(step, steps, runs)),
    }),
    dispose: async () => {
      for (const [key, program] of [...programs].slice(0, Math.max(0, programs.size - KEPT))) {
        programs.delete(key);
        (await program).dispose();
      }
    },
    close: () => engine.dispose(),
  };
}

/** Undefined for a step that doesn't say what it is. */
const identify = ({ identity, state, inputs, scalars }: Step, ...of: readonly unknown[]): string | undefined =>
  identity === undefined ? undefined : JSON.stringify([identity, state, inputs, scalars, ...of]);

/** The newest last. What fails isn't kept. */
function remember<T>(known: Map<string, Promise<T>>, key: string | undefined, make: () => Promise<T>): Promise<T> {
  if (key === undefined) return make();
  const made = known.get(key) ?? make();
  known.delete(key);
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
