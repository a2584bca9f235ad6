import type { Engine, Made, Program, RunCall, SharedProgram, Step } from './engine.js';

/**
 * Trainings of one process that compute together: calls of one program that several of them make are one native call (`graph/side-by-side.ts`).
 *
 *     training 1 ─call─┐
 *     training 2 ─call─┼─▶ all that train wait ─▶ the largest group of equal calls is one ─▶ each gets its own state and outputs
 *     training 3 ─call─┘
 *
 * What a training gets is what it gets alone, bit for bit; who else trains decides nothing but how long it takes.
 */
interface Company {
  /** The engine of one more training. Its `dispose` says that this training calls no more. `onShared`: so many trainings may share its steps. */
  join(onShared?: (runs: number) => void): Engine;
}

/** A program of several runs costs hardly less for fewer: it is run with empty places up to this share of them. */
const EMPTY = 1 / 4;
/** So often others may be run before who waits: a training at another place than all others comes to its end too. */
const PATIENCE = 8;

interface Call extends RunCall {
  readonly member: number;
  readonly key: string;
  readonly steps: number;
  readonly step: Step;
  readonly alone: Program;
  readonly most: number;
  passedOver: number;
  readonly resolve: (made: Made) => void;
  readonly reject: (error: unknown) => void;
}

/** `engine` keeps its programs: a step of one identity is compiled once. */
export function createCompany(engine: Engine): Company {
  const members = new Set<number>();
  const waiting = new Set<Call>();
  let last = 0;
  let isRunning = false;

  function look(): void {
    if (isRunning || waiting.size === 0 || waiting.size < members.size) return;
    isRunning = true;
    const group = nextGroup([...waiting]);
    for (const call of waiting) call.passedOver += 1;
    for (const call of group) waiting.delete(call);
    void runAll(group).finally(() => {
      isRunning = false;
      look();
    });
  }

  /** Never rejects: an error is that of the calls that were made together. */
  async function runAll(group: readonly Call[]): Promise<void> {
    for (const calls of parts(group)) {
      try {
        const made = await runTogether(engine, calls);
        for (const [i, call] of calls.entries()) {
          const own = made[i];
          if (own) call.resolve(own);
        }
      } catch (error) {
        for (const call of calls) call.reject(error);
      }
    }
  }

  return {
    join(onShared) {
      const member = last++;
      members.add(member);
      return {
        ...engine,
        async compile(step, steps) {
          const most = step.identity === undefined ? 1 : ((await engine.mostRuns?.(step)) ?? 1);
          const alone = await engine.compile(step, steps);
          if (most === 1) return alone;
          onShared?.(most);
          const key = JSON.stringify([step.identity, step.state, step.inputs, step.scalars, steps]);
          return {
            ...alone,
            run: (state, inputs, scalars) =>
              new Promise((resolve, reject) => {
                waiting.add({ member, key, step, steps, alone, most, state, inputs, scalars, passedOver: 0, resolve, reject });
                look();
              }),
          };
        },
        async dispose() {
          members.delete(member);
          look();
          await engine.dispose();
        },
      };
    },
  };
}

/** The largest group of equal calls, by member; of a call that was passed over too often, its own. */
function nextGroup(calls: readonly Call[]): readonly Call[] {
  const groups = new Map<string, Call[]>();
  for (const call of calls) groups.set(call.key, [...(groups.get(call.key) ?? []), call]);
  const longest = calls.find(({ passedOver }) => passedOver >= PATIENCE);
  const [largest = []] = [...groups.values()].toSorted((a, b) => b.length - a.length);
  return (longest ? (groups.get(longest.key) ?? []) : largest).toSorted((a, b) => a.member - b.member);
}

/** Cut so that each part fills a program of 1, 2, 4, ... runs, or nearly. */
function parts(calls: readonly Call[]): readonly (readonly Call[])[] {
  const [first] = calls;
  if (!first) return [];
  const wide = Math.min(runsFor(calls.length), first.most);
  const taken = calls.length >= wide * (1 - EMPTY) ? wide : wide / 2;
  return [calls.slice(0, taken), ...parts(calls.slice(taken))];
}

/** The least power of two that holds so many. */
const runsFor = (count: number): number => 2 ** Math.ceil(Math.log2(count));

async function runTogether(engine: Engine, calls: readonly Call[]): Promise<readonly Made[]> {
  const [first] = calls;
  if (!first) return [];
  const { step, steps, alone, state, inputs, scalars } = first;
  if (calls.length === 1) return [await alone.run(state, inputs, scalars)];
  const shared: SharedProgram | undefined = await engine.compileShared?.(step, steps, runsFor(calls.length));
  if (!shared) throw new Error(`${step.name} can't be shared`);
  return shared.run(calls);
}
