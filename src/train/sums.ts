import type { Arrays, Specs } from '../engine/engine.js';
import type { TypedArray } from '../engine/graph/graph.js';
import type { Plan } from '../planning/plan.js';
import type { Collected, HostTensor, Numbers, Shape } from '../stages/stage.js';
import { sizeOf } from '../stages/tensors.js';
import type { Call } from './calls.js';
import { type Finishers, type Gathered, MEAN } from './pipeline.js';
import { COLLECTED_OUTPUT, COLLECTED_TARGET, splitOf } from './signature.js';
import type { RecordedView } from '../views/view.js';

/** What a split was measured as: by `SPLIT/METRIC`, the loss first, and what metrics show besides. */
export interface Measurement {
  readonly metrics: readonly (readonly [string, number])[];
  readonly views: readonly Omit<RecordedView, 'epoch'>[];
}

/** What a call of a program gives; every output is `[steps, ...]`. */
interface Made {
  readonly outputs: Arrays;
  readonly specs: Specs;
}

/** What a split gathers, batch by batch: sums in double of what programs give in float32, and whole outputs where a metric wants them. */
export class EpochSums {
  readonly #split: string;
  readonly #metrics: Finishers;
  readonly #sums = new Map<string, Readonly<Record<string, Float64Array>>>();
  readonly #rows: CollectedRows | undefined;

  constructor(plan: Plan, split: string, finishers: Finishers) {
    this.#split = split;
    this.#metrics = finishers.filter((metric) => metric.splits.includes(split));
    for (const [key, shapes] of [['loss', MEAN] as const, ...this.#metrics.map(({ key, sums }) => [key, sums] as const)])
      this.#sums.set(
        key,
        mapShapes(shapes, (shape) => new Float64Array(sizeOf(shape))),
      );
    if (this.#metrics.some(({ collects }) => collects)) this.#rows = new CollectedRows(plan, split);
  }

  add(made: Made, call: Call): void {
    for (const [key, totals] of this.#sums) {
      for (const [name, total] of Object.entries(totals)) {
        const values = made.outputs[`${key}/${name}`] ?? missing(`${key}/${name}`);
        values.forEach((value, at) => (total[at % total.length] = (total[at % total.length] ?? 0) + value));
      }
    }
    this.#rows?.add(made, call);
  }

  /** The mean loss so far. */
  get loss(): number {
    const { sum, count } = this.#sums.get('loss') ?? {};
    return (sum?.[0] ?? Number.NaN) / (count?.[0] ?? Number.NaN);
  }

  /** `validating` is what metrics that calibrate are handed too. */
  finish(validating?: Collected): Measurement {
    const collected = this.#rows?.collected();
    const measured = this.#metrics.map(({ key, finish }) => {
      const gathered: Gathered = { sums: this.#sums.get(key) ?? {}, ...(collected && { collected }), ...(validating && { validating }) };
      return { key: `${this.#split}/${key}`, ...finish(gathered) };
    });
    return {
      metrics: [[`${this.#split}/loss`, this.loss], ...measured.map(({ key, value }) => [key, value] as const)],
      views: measured.flatMap(({ key, view }) => (view ? [{ key, view }] : [])),
    };
  }
}

/** Outputs, targets and weights of a split as they come, without the rows that only fill up its last batch. */
export class CollectedRows {
  readonly #plan: Plan;
  readonly #split: string;
  readonly #parts: { readonly output: Numbers; readonly target: Numbers; readonly weight: Numbers }[] = [];
  #shapes: Readonly<Record<keyof Collected, Shape>> = { output: [], target: [], weight: [] };

  constructor(plan: Plan, split: string) {
    this.#plan = plan;
    this.#split = split;
  }

  add({ outputs, specs }: Made, { steps, inputs }: Call): void {
    const { batchSize, target } = splitOf(this.#plan, this.#split);
    const rows = steps * batchSize;
    const weight = inputs['weight'] ?? missing('weight');
    const mask = target.axes.includes('time') ? inputs['mask'] : undefined;
    const time = mask ? mask.length / rows : 1;
    const given = {
      output: outputs[COLLECTED_OUTPUT] ?? missing(COLLECTED_OUTPUT),
      target: outputs[COLLECTED_TARGET] ?? inputs['target'] ?? missing('target'),
      weight: mask ? mask.map((there, at) => there * (weight[Math.floor(at / time)] ?? 0)) : weight,
    };
    this.#shapes = { output: specs[COLLECTED_OUTPUT]?.shape.slice(2) ?? [], target: target.shape, weight: mask ? [time] : [] };
    const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => (weight[row] ?? 0) > 0);
    const of = (values: TypedArray): Numbers => only(values, kept, rows);
    this.#parts.push({ output: of(given.output), target: of(given.target), weight: of(given.weight) });
  }

  collected(): Collected {
    const examples = this.#parts.reduce((total, { weight }) => total + weight.length / sizeOf(this.#shapes.weight), 0);
    const joined = (name: keyof Collected) => ({
      shape: [examples, ...this.#shapes[name]],
      values: join(this.#parts.map((part) => part[name])),
    });
    return { output: asFloats(joined('output')), target: joined('target'), weight: asFloats(joined('weight')) };
  }
}

const asFloats = ({ shape, values }: HostTensor): HostTensor<Float32Array> => ({
  shape,
  values: values instanceof Float32Array ? values : Float32Array.from(values),
});

/** Copies of these rows: what an engine gave may be used by it again. */
function only(values: TypedArray, kept: readonly number[], rows: number): Numbers {
  const size = values.length / rows;
  const some = values instanceof Int32Array ? new Int32Array(kept.length * size) : new Float32Array(kept.length * size);
  for (const [index, row] of kept.entries()) some.set(values.subarray(row * size, (row + 1) * size), index * size);
  return some;
}

function join(parts: readonly Numbers[]): Numbers {
  const size = parts.reduce((total, { length }) => total + length, 0);
  const whole = parts[0] instanceof Int32Array ? new Int32Array(size) : new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const mapShapes = <T>(shapes: Readonly<Record<string, Shape>>, of: (shape: Shape) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, of(shape)]));

function missing(name: string): never {
  throw new Error(`a program gave no ${name}`);
}
