import { splitOf, trainState } from './signature.js';
import { calls } from './calls.js';
import { drawMasks } from './masks.js';
import { evaluationScalars, trainingScalars } from './scalars.js';
import { compileAll } from './programs.js';
import type { SessionRequest } from './session.js';
import { createStreams } from '../random/streams.js';

/** How fast a plan goes here, from a moment of it. */
interface Pace {
  /** Until the first step can be made: recording, compiling, or reading from the cache. */
  readonly readySeconds: number;
  /** One epoch: the train split with its updates, and every split that is gone through after it. By split. */
  readonly epochSeconds: Readonly<Record<string, number>>;
}

/** Runs each split for about `seconds` and throws the results away. Nothing is recorded. */
export async function probe(
  { plan, pipeline, dataset, engine, start }: Pick<SessionRequest, 'plan' | 'pipeline' | 'dataset' | 'engine' | 'start'>,
  seconds: number,
): Promise<Pace> {
  const began = performance.now();
  const { training, measuring } = await compileAll(plan, pipeline, engine);
  const readySeconds = secondsSince(began);
  const streams = createStreams(plan.seed);
  const epochSeconds: Record<string, number> = {};
  for (const [split, program] of [['train', training] as const, ...measuring]) {
    const { batches } = splitOf(plan, split);
    const trains = program === training;
    const masks = trains ? (index: number) => drawMasks(plan, streams, 1, index) : undefined;
    const scalars = (done: number, steps: number) =>
      trains ? trainingScalars(plan, 1, done, steps) : evaluationScalars(plan, split, done, steps);
    let state = engine.state(trainState(plan), start.state);
    let steps = 0;
    const splitBegan = performance.now();
    let timed: number | undefined;
    for (const call of calls(dataset.batches(split, 1), program.inputs, program.steps, masks)) {
      const result = await program.run(state, call, scalars(steps, call.steps));
      state.dispose();
      state = result.state;
      // The first call warms up, and is not timed unless it is the only one.
      if (timed === undefined && steps === 0 && batches > call.steps) {
        timed = performance.now();
        continue;
      }
      timed ??= splitBegan;
      steps += call.steps;
      if (secondsSince(timed) > seconds) break;
    }
    state.dispose();
    epochSeconds[split] = (epochSeconds[split] ?? 0) + (secondsSince(timed ?? splitBegan) / Math.max(steps, 1)) * batches;
  }
  return { readySeconds, epochSeconds };
}

const secondsSince = (moment: number): number => (performance.now() - moment) / 1000;
