import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { inScratch } from './product.js';

/** One run of one operation, as ONNX Runtime's profiler tells it. */
export interface Timed {
  readonly operation: string;
  readonly microseconds: number;
  readonly op: string;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
}

interface Event {
  readonly cat?: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly input_type_shape?: Shapes; readonly output_type_shape?: Shapes };
}
type Shapes = readonly Readonly<Record<string, readonly number[]>>[];

interface Options {
  readonly calls: number;
  readonly threads: number;
  /** The model is one that the runtime has optimised. */
  readonly optimised?: boolean;
}

/** Every operation of some calls of a model. */
export async function profile(
  model: string | Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  { calls, threads, optimised = false }: Options,
): Promise<readonly Timed[]> {
  return inScratch(async (folder) => {
    const options: InferenceSession.SessionOptions = {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: optimised ? 'disabled' : 'all',
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    };
    const session = await (typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options));
    for (let call = 0; call < calls; call++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    const [file = ''] = readdirSync(folder);
    const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly Event[];
    return events.flatMap(({ cat, name, dur, args }) => {
      const operation = /^(.*)_kernel_time$/.exec(name)?.[1];
      if (cat !== 'Node' || operation === undefined) return [];
      const [inputs, outputs] = [shapesOf(args?.input_type_shape), shapesOf(args?.output_type_shape)];
      return [{ operation, microseconds: dur, op: args?.op_name ?? '', inputs, outputs }];
    });
  });
}

const shapesOf = (shapes: Shapes = []): readonly (readonly number[])[] => shapes.map((shape) => Object.values(shape)[0] ?? []);

/** The least time of each operation in all calls, in milliseconds, added up: steady where a machine is loaded. The time between operations is left out. */
export function leastTime(times: readonly Timed[]): number {
  const least = new Map<string, number>();
  for (const { operation, microseconds } of times) least.set(operation, Math.min(microseconds, least.get(operation) ?? Infinity));
  return [...least.values()].reduce((sum, each) => sum + each, 0) / 1000;
}
