import { createHash } from 'node:crypto';
import { isObject } from '../language/check.js';
import { StageFault } from '../stages/stage-fault.js';
import type {
  AccumulatingMetric,
  Answer,
  Batch,
  Beyond,
  KnownSteps,
  Collected,
  CollectingMetric,
  Data,
  DataFacts,
  Dataset,
  DataSpec,
  Encoded,
  Fitted,
  MeanMetric,
  Measured,
  Metric,
  MetricSpec,
  Model,
  Score,
  Slot,
  Slots,
  Stage,
  Sums,
  Tools,
  WindowSource,
} from '../stages/stage.js';
import { inThisFolder } from './foreign-code.js';
import { InterruptedError, interruptible } from '../host/stop.js';
import { NOT_NAMED, wrongBatch } from './check-batch.js';
import { describe, misfitted, type Wrong, wrongFacts, wrongFitted, wrongSpec } from './check-spec.js';
import { functionsOf, missingPart } from './check-stage.js';
import * as messages from './messages.js';
import { asError, reasonOf } from './thrown.js';

/** Makes one error of what a stage threw; undefined where no line of the person's own code shows, and the stage's place has to do. */
type Explain = (error: Error, stage: string, part: string) => unknown;

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

/** What a stage gave is not what its slot asks for. */
class Misgiven extends Error {
  override readonly name = 'Misgiven';
  readonly wrong: Wrong;
  constructor(wrong: Wrong) {
    super(wrong.reason);
    this.wrong = wrong;
  }
}

function accept<T>(value: T, wrong: Wrong | undefined): T {
  if (wrong) throw new Misgiven(wrong);
  return value;
}

/** Calls a part of a stage, and reads what it gives: a property may be code of the person that throws, too. */
type Within = <T, U>(part: string, work: () => T, read: (given: T) => U) => U;

/**
 * A person's own stage: called like any other, and whatever it throws names the stage and the line of the person's own code. What it gives is
 * held against what its slot asks for and against what it announced itself: a `StageFault` where it is something else. Ctrl-C ends it. `path` is its module's.
 */
export function guardStage(stage: Stage, path: string, during: ReturnType<typeof lateLibrary>['during'], explain: Explain): Stage {
  const { slot, kind } = stage;
  const name = `${slot} ${kind}`;
  const fault = (part: string, { reason, help }: Wrong): StageFault =>
    new StageFault({ ...messages.stageFailed(`${name} of ${path}`, part, reason), path: ['kind'], ...(help !== undefined && { help }) });
  const guarded: Within = (part, work, read) => {
    try {
      return interruptible(() => {
        const value = inThisFolder(work);
        if (value instanceof Promise) {
          value.catch(() => undefined);
          throw new Error(messages.gavePromise());
        }
        return read(value);
      });
    } catch (error) {
      const thrown = asError(error);
      if (thrown instanceof InterruptedError) throw thrown;
      if (thrown instanceof Misgiven) throw fault(part, thrown.wrong);
      throw explain(thrown, name, part) ?? fault(part, { reason: reasonOf(thrown) });
    }
  };
  return {
    ...stage,
    ...(stage.weightsFrom && {
      weightsFrom: stage.weightsFrom.map((way) => ({
        ...way,
        copy: (tools, tensors) => guarded('weightsFrom', () => during(tools.tf, () => way.copy(tools, tensors)), entriesOf),
      })),
    }),
    ...(stage.look && {
      look: (options, tools) =>
        guarded(
          'look',
          () => stage.look?.(options, tools),
          (facts) => hashed(accept(facts, wrongFacts(facts)) as DataFacts),
        ),
    }),
    ...(stage.fit && {
      fit: (options, given) =>
        guarded(
          'fit',
          () => stage.fit?.(options, given),
          (fitted) => accept(fitted, wrongFitted(fitted)) as Fitted,
        ),
    }),
    ...(stage.encode && {
      encode: (options, given, report) =>
        guarded(
          'encode',
          () => stage.encode?.(options, given, report),
          (encoded) => encoded && guardedEncoded(encoded, given, guarded),
        ),
    }),
    ...(stage.source && {
      source: (options) => guarded('source', () => stage.source?.(options), sourceOf),
    }),
    ...(stage.draws && {
      draws: (options) => guarded('draws', () => stage.draws?.(options), textsOf),
    }),
    ...(stage.recipe && {
      recipe: (options, given) => guarded('recipe', () => stage.recipe?.(options, given) ?? {}, entriesOf),
    }),
    ...(stage.decode && {
      decode(tools, options, planned) {
        const decode = guarded(
          'decode',
          () => during(tools.tf, () => stage.decode?.(tools, options, planned)),
          (made) => {
            if (typeof made === 'function') return made;
            throw new Misgiven({ reason: `it gives ${describe(made)}, and not a function` });
          },
        );
        return (values, inputs) =>
          guarded(
            'decode',
            () => during(tools.tf, () => decode(values, inputs)),
            (given) => {
              const { output, target } = partsOf(given);
              return { output, target };
            },
          );
      },
    }),
    plan: (options, upstream, report) =>
      guarded(
        'plan',
        () => stage.plan(options, withOldNames(upstream), report),
        (spec) =>
          accept(
            spec,
            wrongSpec(slot, spec) ??
              (slot === 'dataset' ? misfitted(spec as DataSpec, upstream as Slots['dataset']['upstream']) : undefined),
          ),
      ),
    create(tools, options, planned, upstream) {
      const within: Within = (part, work, read) => guarded(part, () => (isLibrary(tools) ? during(tools.tf, work) : work()), read);
      const built = within(
        'create',
        () => stage.create(tools, options, planned, withOldNames(upstream)),
        (made) => {
          const missing = missingPart(made, functionsOf(slot, planned));
          return accept(made, missing === undefined ? undefined : withoutPart(slot, missing));
        },
      );
      const guard = GUARDS[slot] as (built: unknown, planned: unknown, within: Within) => Slots[Slot]['built'];
      return guard(built, planned, within);
    },
  };
}

/** By slot: what `create` made, every function of it called within. */
const GUARDS: { readonly [S in Slot]: (built: Slots[S]['built'], planned: Slots[S]['spec'], within: Within) => Slots[S]['built'] } = {
  dataset: (dataset, planned, within) => ({
    batches: (split, epoch) => guardedBatches(dataset, planned, within, split, epoch),
    ...(dataset.rows !== undefined && {
      rows: (split) =>
        within(
          'rows',
          () => dataset.rows?.(split) ?? [],
          (rows) => rows,
        ),
    }),
    ...(dataset.baselines !== undefined && { baselines: (split) => guardedBaselines(dataset, within, split) }),
    ...(dataset.beyond !== undefined && { beyond: () => guardedBeyond(dataset, planned, within) }),
  }),
  model: (model, _, within) => ({
    forward: (variables, inputs, context) =>
      within(
        'forward',
        () => model.forward(variables, inputs, context),
        (given) => {
          const { output, buffers, state } = partsOf(given);
          return { output, buffers: entriesOf(buffers), state: entriesOf(state) };
        },
      ),
    ...(model.attention && {
      attention: (variables, inputs) =>
        within(
          'attention',
          () => model.attention?.(variables, inputs),
          (weights) => weights as ReturnType<NonNullable<Model['attention']>>,
        ),
    }),
  }),
  loss: (loss, _, within) => ({ score: guardedScore(loss, within) }),
  metric: guardedMetric,
  transform: ({ formula, fit, refuses, apply, invert }, _, within) => ({
    ...(formula && { formula }),
    ...(fit && { fit: (values) => within('fit', () => fit(values), entriesOf) }),
    ...(refuses && {
      refuses: (value) =>
        within(
          'refuses',
          () => refuses(value),
          (why) => why,
        ),
    }),
    apply: (...given) =>
      within(
        'apply',
        () => apply(...given),
        (values) => values,
      ),
    invert: (...given) =>
      within(
        'invert',
        () => invert(...given),
        (values) => values,
      ),
  }),
  optimizer: (optimizer, _, within) => ({
    update: (gradients, state, parameters, scalars) =>
      within(
        'update',
        () => optimizer.update(gradients, state, parameters, scalars),
        (given) => {
          const { parameters: moved, state: slots } = partsOf(given);
          const kept = Object.entries(entriesOf(slots)).map(([slot, tensors]) => [slot, entriesOf(tensors)]);
          return { parameters: entriesOf(moved), state: Object.fromEntries(kept) as typeof slots };
        },
      ),
  }),
};

function textsOf(given: unknown): readonly string[] {
  if (Array.isArray(given) && given.every((text) => typeof text === 'string')) return given;
  throw new Misgiven({ reason: `it gives ${describe(given)} in place of a list of texts` });
}

function sourceOf(given: unknown): WindowSource {
  const { file, time, known = [] } = isObject(given) ? given : {};
  if (typeof file === 'string' && typeof time === 'string' && Array.isArray(known) && known.every((name) => typeof name === 'string'))
    return { file, time, known };
  throw new Misgiven({ reason: `it gives ${describe(given)} in place of { file, time, known }` });
}

/** Of what has no answer the target may be anything; else it is held against what `encode` announced. */
function guardedEncoded(
  { split, dataset }: Encoded,
  { name, answered }: { readonly name: string; readonly answered: boolean },
  within: Within,
): Encoded {
  const wrong = missingPart(dataset, functionsOf('dataset', { splits: {}, chance: {} }));
  if (wrong !== undefined || !isObject(split))
    throw new Misgiven({ reason: 'it must give { split, dataset }', help: 'dataset: { *batches() { … } }' });
  return { split, dataset: GUARDS.dataset(dataset, { splits: answered ? { [name]: split } : {}, chance: {} }, within) };
}

const guardedScore =
  (scored: { readonly score: Score }, within: Within): Score =>
  (output, target, weight) =>
    within(
      'score',
      () => scored.score(output, target, weight),
      (given): Sums => {
        const { sum, count } = partsOf(given);
        return { sum, count };
      },
    );

/** Batches are made one by one, when they are asked for: as many as were announced, and no more are waited for. */
function* guardedBatches(dataset: Dataset, spec: DataSpec, within: Within, name: string, epoch: number): Iterable<Batch> {
  const split = spec.splits[name];
  const iterator = within('batches', () => dataset.batches(name, epoch), iteratorOf);
  let count = 0;
  let goesOn = false;
  const read = (given: IteratorResult<Batch>): Batch | undefined => {
    const { done, value } = partsOf(given);
    if (split && (done === true) !== (count === split.batches)) {
      const found = done === true ? count : `more than ${count}`;
      throw new Misgiven({ reason: `it gives ${found} batches of ${name} in epoch ${epoch}, and plan announced ${split.batches}` });
    }
    if (done === true) return undefined;
    const where = `(batch ${count + 1} of ${name}, epoch ${epoch})`;
    if (!isObject(value)) throw new Misgiven({ reason: `it gives ${describe(value)} in place of { inputs, target, weight } ${where}` });
    const { inputs = 'input' in value ? NOT_NAMED : undefined, target, weight, mask } = value as Partial<Batch>;
    const batch = { inputs: isObject(inputs) ? { ...inputs } : inputs, target, weight, ...(mask !== undefined && { mask }) } as Batch;
    const wrong = split && wrongBatch(batch, split, spec);
    return accept(batch, wrong && { ...wrong, reason: `${wrong.reason} ${where}` });
  };
  try {
    for (;;) {
      goesOn = false;
      const batch = within('batches', () => iterator.next(), read);
      if (!batch) return;
      count += 1;
      goesOn = true;
      yield batch;
    }
  } finally {
    // Whoever wants no more of them lets the person's own `finally` run.
    if (goesOn) within('batches', () => iterator.return?.(), Boolean);
  }
}

/** Windows at the end of the data: batches as those of the train split are, and for every row with weight when each step of its forecast is. */
function* guardedBeyond(dataset: Dataset, spec: DataSpec, within: Within): Iterable<Beyond> {
  const iterator = within('beyond', () => dataset.beyond?.() ?? [], iteratorOf);
  const split = spec.splits['train'];
  const steps = spec.outputs?.steps;
  const read = (given: IteratorResult<Beyond>): Beyond | undefined => {
    const { done, value } = partsOf(given);
    if (done === true) return undefined;
    const { batch, rows, known } = partsOf(value as Beyond);
    if (!isObject(batch) || !Array.isArray(rows)) throw new Misgiven({ reason: `it gives ${describe(value)} in place of { batch, rows }` });
    const wrong = split && wrongBatch(batch, split, spec);
    const weighed = batch.weight.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
    const odd = rows.findIndex(({ times }) => !Array.isArray(times) || (steps !== undefined && times.length !== steps));
    return accept(
      value,
      wrong ??
        (rows.length !== weighed
          ? { reason: `it gives ${rows.length} rows for a batch in which ${weighed} have weight` }
          : odd < 0
            ? wrongKnown(known, rows.length, spec)
            : { reason: `rows[${odd}].times must be when each of ${steps ?? 'its'} steps is, and is ${describe(rows[odd]?.times)}` }),
    );
  };
  for (;;) {
    const next = within('beyond', () => iterator.next(), read);
    if (!next) return;
    yield next;
  }
}

/** What is known before each forecast: for every row as many moments as values of each target. */
function wrongKnown(known: Beyond['known'], rows: number, { outputs }: DataSpec): Wrong | undefined {
  if (known === undefined) return undefined;
  if (!Array.isArray(known) || known.length !== rows) return { reason: `known must hold { times, values } for each of ${rows} rows` };
  const targets = outputs?.names.length ?? 1;
  const isFit = ({ times, values }: KnownSteps): boolean =>
    Array.isArray(times) &&
    Array.isArray(values) &&
    values.length === targets &&
    values.every((of) => Array.isArray(of) && of.length === times.length);
  const odd = known.findIndex((each: unknown) => !isObject(each) || !isFit(each as unknown as KnownSteps));
  return odd < 0
    ? undefined
    : { reason: `known[${odd}] must hold times, and values that are ${targets} lists of as many numbers, one list a target` };
}

/** Answers without learning, each of them called within. */
const guardedBaselines = (dataset: Dataset, within: Within, split: string): Readonly<Record<string, Answer>> =>
  within(
    'baselines',
    () => dataset.baselines?.(split) ?? {},
    (given) =>
      Object.fromEntries(
        Object.entries(entriesOf(given)).map(([name, answer]): [string, Answer] => [
          name,
          (batch) =>
            within(
              'baselines',
              () => answer(batch),
              (values) => values,
            ),
        ]),
      ),
  );

function iteratorOf<T>(given: Iterable<T>): Iterator<T> {
  const make: unknown = (given as Iterable<T> | undefined)?.[Symbol.iterator];
  if (typeof make === 'function') return given[Symbol.iterator]();
  throw new Misgiven({
    reason: `it gives ${describe(given)}, and batches are gone through one by one`,
    help: 'write: *batches(split, epoch) { … }',
  });
}

/** A part that is missing, with the form that has it where a metric has three. */
const withoutPart = (slot: Stage['slot'], part: string): Wrong => ({
  reason: `it gives no "${part}"`,
  ...(slot === 'metric' && {
    help: 'create gives score and finish; accumulate and finish where plan says accumulates; evaluate where it says collects: true',
  }),
});

/** A metric in the form that its `plan` announced, whatever else `create` gives. */
function guardedMetric(metric: Metric, { accumulates, collects }: MetricSpec, within: Within): Metric {
  const measured = (part: 'finish' | 'evaluate', work: () => Measured, given: () => Given): Measured =>
    within(part, work, (value) => measuredOf(part, value, given));
  if (collects) {
    const collecting = metric as CollectingMetric;
    const words = ({ weight }: Collected): string => `${weight.shape[0] ?? 0} examples`;
    const evaluate = (split: Collected, validating?: Collected): Measured =>
      measured(
        'evaluate',
        () => collecting.evaluate(split, validating),
        () => ({ finite: isFinite(split), words: words(split) }),
      );
    return { evaluate };
  }
  if (accumulates) {
    const accumulating = metric as AccumulatingMetric;
    const allFinite = (totals: Readonly<Record<string, Float64Array>>): boolean =>
      Object.values(totals).every((values) => values.every(Number.isFinite));
    return {
      accumulate: (output, target, weight) => within('accumulate', () => accumulating.accumulate(output, target, weight), entriesOf),
      finish: (totals) =>
        measured(
          'finish',
          () => accumulating.finish(totals),
          () => ({ finite: allFinite(totals), words: `the sums ${Object.keys(totals).join(', ')}` }),
        ),
    };
  }
  const mean = metric as MeanMetric;
  return {
    score: guardedScore(mean, within),
    finish: ({ sum, count }) =>
      measured(
        'finish',
        () => mean.finish({ sum, count }),
        () => ({ finite: Number.isFinite(sum + count), words: `the sum ${sum} and the count ${count}` }),
      ),
  };
}

interface Given {
  readonly finite: boolean;
  readonly words: string;
}

/** From finite sums, or outputs, comes a finite value, or NaN where there is none. */
function measuredOf(part: string, measured: Measured, given: () => Given): Measured {
  const { value, view } = isObject(measured) && 'value' in measured ? measured : { value: measured };
  if (typeof value !== 'number' || (Math.abs(value) === Infinity && given().finite)) {
    throw new Misgiven({
      reason: `it gives ${describe(value)} for ${given().words}`,
      help: `${part}(…) gives one number, NaN where there is none, or { value, view }`,
    });
  }
  return view === undefined ? value : { value, view };
}

const isFinite = ({ output, target }: Collected): boolean =>
  [output, target].every(({ values }) => (values as Float32Array).every((value) => Number.isFinite(value)));

/** Models, losses and metrics may read the input of a split, and the words of a text, where they stood before inputs had names. */
function withOldNames<T extends object>(upstream: T): T {
  if (!('data' in upstream)) return upstream;
  const { splits, ...data } = upstream.data as Data;
  const { vocabulary, separator } = data.fitted;
  const named = Object.entries(splits).map(([name, split]) => [name, withHidden(split, { input: split.inputs.input })]);
  return { ...upstream, data: withHidden({ ...data, splits: Object.fromEntries(named) as Data['splits'] }, { vocabulary, separator }) };
}

/** A copy with further properties that are found by name alone. */
const withHidden = <T extends object>(from: T, more: object): T =>
  Object.defineProperties(
    { ...from },
    Object.fromEntries(Object.entries(more).map(([name, value]: [string, unknown]) => [name, { value }])),
  );

/** What is no object has no parts; which of them is missing is told where they are needed. */
const partsOf = <T extends object>(given: T): Partial<T> & T => (isObject(given) ? given : ({} as T));

/** Read once, whatever it is that gives them. */
const entriesOf = <T>(given: Readonly<Record<string, T>>): Readonly<Record<string, T>> => ({ ...partsOf(given) });

/** A person may give the content itself as its digest. */
const hashed = (facts: DataFacts): DataFacts =>
  /^[0-9a-f]{64}$/.test(facts.digest) ? facts : { ...facts, digest: createHash('sha256').update(facts.digest).digest('hex') };

const isLibrary = (tools: object): tools is Tools => 'tf' in tools;
