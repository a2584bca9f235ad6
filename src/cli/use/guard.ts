import { createHash } from 'node:crypto';
import type { Batch, DataFacts, DataTools, Stage, Tools } from '../../stages/stage.js';
import { FACTS, missingPart, PARTS } from './check-stage.js';
import * as messages from './messages.js';

/** Makes one error of what a stage threw. */
export type Explain = (error: unknown, stage: string, part: string) => unknown;

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

/** A person's own stage: called like any other, and whatever it throws names the stage and the line of the person's own code. */
export function guardStage(stage: Stage, during: ReturnType<typeof lateLibrary>['during'], explain: Explain): Stage {
  const { slot, kind } = stage;
  const name = `${slot} ${kind}`;
  const guarded = <T>(part: string, work: () => T): T => {
    try {
      const value = work();
      if (value instanceof Promise) {
        value.catch(() => undefined);
        throw new Error(messages.gavePromise());
      }
      return value;
    } catch (error) {
      throw explain(error, name, part);
    }
  };
  const complete = <T>(part: string, names: readonly string[], value: T): T => {
    const missing = missingPart(value, names);
    if (missing !== undefined) throw explain(new Error(`it gives no "${missing}"`), name, part);
    return value;
  };
  const { spec, functions } = PARTS[slot];

  return {
    ...stage,
    ...(stage.weightsFrom && {
      weightsFrom: stage.weightsFrom.map((way) => ({
        ...way,
        copy: (tools, tensors) => guarded('weightsFrom', () => during(tools.tf, () => way.copy(tools, tensors))),
      })),
    }),
    ...(stage.inspect && {
      inspect: (options, tools) =>
        hashed(
          complete(
            'inspect',
            FACTS,
            guarded('inspect', () => stage.inspect?.(options, tools)),
          ) as DataFacts,
        ),
    }),
    plan: (options, upstream, report) =>
      complete(
        'plan',
        spec,
        guarded('plan', () => stage.plan(options, upstream, report)),
      ),
    create(tools, options, planned, upstream) {
      const within = <T>(part: string, work: () => T): T => guarded(part, () => (isLibrary(tools) ? during(tools.tf, work) : work()));
      const built = complete(
        'create',
        functions,
        within('create', () => stage.create(tools, options, planned, upstream)),
      );
      return wrap(built, (part, work) => (part === 'batches' ? iterated(part, work, within) : within(part, work)));
    },
  };
}

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
