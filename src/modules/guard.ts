import { createHash } from 'node:crypto';
import { StageFault } from '../stages/stage-fault.js';
import type { Batch, Collected, DataFacts, Dataset, DataSpec, DataTools, Measured, Metric, Slots, Stage, Tools } from '../stages/stage.js';
import { InterruptedError, interruptible } from '../host/stop.js';
import { wrongBatch } from './check-batch.js';
import { describe, type Wrong, wrongFacts, wrongSpec } from './check-spec.js';
import { functionsOf, missingPart } from './check-stage.js';
import * as messages from './messages.js';

/** Makes one error of what a stage threw. */
type Explain = (error: unknown, stage: string, part: string) => unknown;

/**
 * TensorFlow.js for modules that are imported before it: it is there while something that `create` made is called, and the library of just
 * that call.
 */
export function lateLibrary(): { readonly tf: Tools['tf']; readonly during: <T>(tf: Tools['tf'], work: () => T) => T } {
  let current: Tools['tf'] | undefined;
  const tf = new Proxy({} as Tools['tf'], {
    get(_, name) {
      if (!current) throw new Error(messages.libraryNotThere(String(name)));
      return Reflect.get(current, name) as unknown;
    },
  });
  const during = <T>(library: Tools['tf'], work: () => T): T => {
    const before = current;
    current = library;
    try {
      return work();
    } finally {
      current = before;
    }
  };
  return { tf, during };
}

/**
 * A person's own stage: called like any other, and whatever it throws names the stage and the line of the person's own code. What it gives is
 * held against what its slot asks for and against what it announced itself: a `StageFault` where it is something else. Ctrl-C ends it. `path` is its module's.
 */
export function guardStage(stage: Stage, path: string, during: ReturnType<typeof lateLibrary>['during'], explain: Explain): Stage {
  const { slot, kind } = stage;
  const name = `${slot} ${kind}`;
  const fault = (part: string, { reason, help }: Wrong): StageFault =>
    new StageFault({ ...messages.stageFailed(`${name} of ${path}`, part, reason), path: ['kind'], ...(help !== undefined && { help }) });
  const accepted = <T>(part: string, value: T, wrong: Wrong | undefined): T => {
    if (wrong) throw fault(part, wrong);
    return value;
  };
  const guarded = <T>(part: string, work: () => T): T => {
    try {
      const value = interruptible(work);
      if (value instanceof Promise) {
        value.catch(() => undefined);
        throw new Error(messages.gavePromise());
      }
      return value;
    } catch (error) {
      if (error instanceof InterruptedError) throw error;
      throw explain(error, name, part);
    }
  };
  return {
    ...stage,
    ...(stage.weightsFrom && {
      weightsFrom: stage.weightsFrom.map((way) => ({
        ...way,
        copy: (tools, tensors) => guarded('weightsFrom', () => during(tools.tf, () => way.copy(tools, tensors))),
      })),
    }),
    ...(stage.inspect && {
      inspect(options, tools) {
        const facts = guarded('inspect', () => stage.inspect?.(options, tools));
        return hashed(accepted('inspect', facts, wrongFacts(facts)) as DataFacts);
      },
    }),
    ...(stage.decode && {
      decode(tools, options, planned) {
        const within = <T>(work: () => T): T => guarded('decode', () => during(tools.tf, work));
        const decode = within(() => stage.decode?.(tools, options, planned));
        if (typeof decode !== 'function') throw fault('decode', { reason: `it gives ${describe(decode)}, and not a function` });
        return (values, inputs) => within(() => decode(values, inputs));
      },
    }),
    plan(options, upstream, report) {
      const spec = guarded('plan', () => stage.plan(options, upstream, report));
      return accepted('plan', spec, wrongSpec(slot, spec));
    },
    create(tools, options, planned, upstream) {
      const within = <T>(part: string, work: () => T): T => guarded(part, () => (isLibrary(tools) ? during(tools.tf, work) : work()));
      const made = within('create', () => stage.create(tools, options, planned, upstream));
      const missing = missingPart(made, functionsOf(slot, planned));
      const built = accepted('create', made, missing === undefined ? undefined : withoutPart(slot, missing));
      const called = wrap(built, (part, work) => {
        if (part === 'batches') return iterated(part, work, within);
        return part === 'baselines' ? wrap(within(part, work) as object, (_name, answer) => within(part, answer)) : within(part, work);
      });
      return watched(slot, called, planned, fault);
    },
  };
}

/** What is given while it trains: batches as they were announced, and numbers. */
function watched<B extends Slots[Stage['slot']]['built']>(
  slot: Stage['slot'],
  built: B,
  planned: Slots[Stage['slot']]['spec'],
  fault: (part: string, wrong: Wrong) => StageFault,
): B {
  if (slot === 'dataset') return { ...built, ...watchedBatches(built as Dataset, planned as DataSpec, fault) };
  if (slot === 'metric') return { ...built, ...watchedMetric(built as Metric, fault) };
  return built;
}

function watchedBatches(dataset: Dataset, spec: DataSpec, fault: (part: string, wrong: Wrong) => StageFault): Dataset {
  return {
    *batches(name, epoch) {
      const split = spec.splits[name];
      let count = 0;
      for (const batch of dataset.batches(name, epoch)) {
        count += 1;
        const wrong = split && wrongBatch(batch, split, spec);
        if (wrong) throw fault('batches', { ...wrong, reason: `${wrong.reason} (batch ${count} of ${name}, epoch ${epoch})` });
        yield batch;
      }
      if (split && count !== split.batches)
        throw fault('batches', { reason: `it gives ${count} batches of ${name} in epoch ${epoch}, and plan announced ${split.batches}` });
    },
  };
}

/** A part that is missing, with the form that has it where a metric has three. */
const withoutPart = (slot: Stage['slot'], part: string): Wrong => ({
  reason: `it gives no "${part}"`,
  ...(slot === 'metric' && {
    help: 'create gives score and finish; accumulate and finish where plan says accumulates; evaluate where it says collects: true',
  }),
});

/** From finite sums, or outputs, comes a finite value, or NaN where there is none. */
function watchedMetric(metric: Metric, fault: (part: string, wrong: Wrong) => StageFault): Metric {
  const watchedValue = (part: string, measured: Measured, given: () => { readonly finite: boolean; readonly words: string }): Measured => {
    const value: unknown = typeof measured === 'object' ? (measured as { readonly value?: unknown } | null)?.value : measured;
    if (typeof value === 'number' && Math.abs(value) !== Infinity) return measured;
    const { finite, words } = given();
    if (typeof value === 'number' && !finite) return measured;
    throw fault(part, {
      reason: `it gives ${describe(isMeasured(measured) ? value : measured)} for ${words}`,
      help: `${part}(…) gives one number, NaN where there is none, or { value, view }`,
    });
  };
  if (metric.score) {
    const { finish } = metric;
    return {
      ...metric,
      finish: ({ sum, count }: { readonly sum: number; readonly count: number }) =>
        watchedValue('finish', finish({ sum, count }), () => ({
          finite: Number.isFinite(sum + count),
          words: `the sum ${sum} and the count ${count}`,
        })),
    };
  }
  if (metric.accumulate) {
    const { finish } = metric;
    return {
      ...metric,
      finish: (totals: Readonly<Record<string, Float64Array>>) =>
        watchedValue('finish', finish(totals), () => ({
          finite: Object.values(totals).every((values) => values.every(Number.isFinite)),
          words: `the sums ${Object.keys(totals).join(', ')}`,
        })),
    };
  }
  const { evaluate } = metric;
  return {
    ...metric,
    evaluate: (split) =>
      watchedValue('evaluate', evaluate(split), () => ({ finite: isFinite(split), words: `${split.weight.shape[0] ?? 0} examples` })),
  };
}

const isMeasured = (value: unknown): boolean => typeof value === 'object' && value !== null && 'value' in value;

const isFinite = ({ output, target }: Collected): boolean =>
  [output, target].every(({ values }) => (values as Float32Array).every((value) => Number.isFinite(value)));

/** A person may give the content itself as its digest. */
const hashed = (facts: DataFacts): DataFacts =>
  /^[0-9a-f]{64}$/.test(facts.digest) ? facts : { ...facts, digest: createHash('sha256').update(facts.digest).digest('hex') };

const isLibrary = (tools: Tools | DataTools): tools is Tools => 'tf' in tools;

/** Every function of what was built, called through `call`. */
function wrap<T extends object>(built: T, call: (part: string, work: () => unknown) => unknown): T {
  const entries = Object.entries(built).map(([part, value]: [string, unknown]) => [
    part,
    typeof value === 'function' ? (...given: readonly unknown[]) => call(part, () => Reflect.apply(value, built, given)) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

/** Batches are made one by one, when they are asked for. */
function* iterated(part: string, work: () => unknown, within: <T>(part: string, work: () => T) => T): Iterable<Batch> {
  const iterator = within(part, () => (work() as Iterable<Batch>)[Symbol.iterator]());
  for (;;) {
    const { done, value } = within(part, () => iterator.next());
    if (done) return;
    yield value;
  }
}
