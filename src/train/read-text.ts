import { type Arrays, type Engine, EngineError, type Program, type State, type Step } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { identifyProgram } from '../planning/program.js';
import type { PipelineFor } from './pipeline.js';
import { recurrentState, splitOf, weightState } from './signature.js';
import { tellingWeights } from './start.js';
import { forwardPass } from './step.js';
import { findStage, stages } from '../stages/registry.js';
import { prefixed, sizeOf, under } from '../stages/tensors.js';

/** A text that a model reads on and on, one row. */
interface Reading {
  /** Reads tokens after those before; gives the log odds of what comes next, `[classes]`. */
  read(tokens: readonly number[]): Promise<Float32Array>;
  dispose(): void;
}

/** Begins a text of at most so many tokens, in front of which nothing stands. `weights` holds `parameters/NAME` and `buffers/NAME`. */
type BeginReading = (weights: Arrays, most: number) => Promise<Reading>;

/**
 * How a model of text reads: token by token where it is `stepwise`, else all that there is each time anew. What a model of a person's own says of
 * itself, and what any has to do to be read in part, is tried out with random weights first; EngineError says what is wrong with it. That our own
 * models say the truth of themselves, tests have tried out.
 */
export async function createReader(plan: Plan, pipelineOf: PipelineFor, engine: Engine): Promise<BeginReading> {
  const tools = { plan, pipelineOf, engine };
  if (plan.model.stepwise !== true) return readWhole(tools);
  const begin = await readByToken(tools);
  if (!findStage(stages, 'model', plan.config.values.model.kind)) await tryOut(tools, begin);
  return async (weights) => begin(weights);
}

interface ReadingTools {
  readonly plan: Plan;
  readonly pipelineOf: PipelineFor;
  readonly engine: Engine;
}

/** Refuses a model that says `stepwise: true` and gives other numbers one token at a time than all at once. */
export async function refuseUnlessStepwise(plan: Plan, pipelineOf: PipelineFor, engine: Engine): Promise<void> {
  const tools = { plan, pipelineOf, engine };
  await tryOut(tools, await readByToken(tools));
}

async function readByToken(tools: ReadingTools): Promise<(weights: Arrays) => Reading> {
  const { plan, engine } = tools;
  const step = tokenStep(tools);
  const program = await engine.compile(step, 1);
  return (weights) => {
    let state: State = engine.state(step.state, { ...weights, ...zeros(plan) });
    return {
      async read(tokens) {
        let logits = new Float32Array();
        for (const token of tokens) {
          const result = await program.run(state, { input: Int32Array.of(token) }, {});
          state.dispose();
          state = result.state;
          logits = Float32Array.from(result.outputs['output'] ?? []);
        }
        return logits;
      },
      dispose: () => state.dispose(),
    };
  };
}

async function tryOut(tools: ReadingTools, begin: (weights: Arrays) => Reading): Promise<void> {
  const { plan } = tools;
  const tokens = someTokens(plan, Math.min(TRIED, timeOf(plan)));
  const weights = trialWeights(plan);
  const reading = begin(weights);
  const atOnce = await readAlone(tools, weights, tokens);
  for (const [at, token] of tokens.entries()) {
    const logits = await reading.read([token]);
    if (atOnce.isAt(at) && !agree(atOnce.logits(at), logits)) throw notStepwise();
  }
  reading.dispose();
}

/**
 * All tokens so far go through the model for each one that is read: in a window that is filled up at the end, where `mask` is 0. A window is as
 * long as the text becomes, or as training's sequences where the model takes no longer ones: then it holds the last tokens.
 */
async function readWhole(tools: ReadingTools): Promise<BeginReading> {
  const time = timeOf(tools.plan);
  const usual = await openWindow(tools, time);
  const longer = new Map<number, Window | undefined>();
  const windowOf = async (most: number): Promise<Window> => {
    if (most <= time) return usual;
    const length = Math.ceil(most / LENGTHS) * LENGTHS;
    if (!longer.has(length)) longer.set(length, await openWindow(tools, length).catch(() => undefined));
    return longer.get(length) ?? usual;
  };
  return async (weights, most) => {
    const window = await windowOf(most);
    let seen: readonly number[] = [];
    return {
      async read(tokens) {
        seen = [...seen, ...tokens].slice(-window.length);
        return (await window.read(weights, seen)).logits(seen.length - 1);
      },
      dispose() {},
    };
  };
}

/** Lengths are rounded up to a multiple of this, so that texts of about one length share a program. */
const LENGTHS = 32;

interface Window {
  readonly length: number;
  read(weights: Arrays, tokens: readonly number[]): Promise<Answers>;
}

/** What a model said of a row: of every step, or of all together, which is then said of the last one. */
interface Answers {
  isAt(step: number): boolean;
  logits(step: number): Float32Array;
}

/** A window of one length, once it is seen that what fills it up changes nothing. */
async function openWindow(tools: ReadingTools, length: number): Promise<Window> {
  const window = await compileWindow(tools, length);
  const tokens = someTokens(tools.plan, Math.max(1, Math.min(TRIED, timeOf(tools.plan), length - 1)));
  const weights = trialWeights(tools.plan);
  const [filled, alone] = [await window.read(weights, tokens), await readAlone(tools, weights, tokens)];
  const last = tokens.length - 1;
  if (!agree(alone.logits(last), filled.logits(last))) throw notInPart();
  return window;
}

async function readAlone(tools: ReadingTools, weights: Arrays, tokens: readonly number[]): Promise<Answers> {
  const window = await compileWindow(tools, tokens.length);
  try {
    return await window.read(weights, tokens);
  } finally {
    window.dispose();
  }
}

async function compileWindow(tools: ReadingTools, length: number): Promise<Window & { dispose(): void }> {
  const { plan, engine } = tools;
  const step = windowStep(tools, length);
  const program: Program = await engine.compile(step, 1).catch((error: unknown) => Promise.reject(unreadable(length, error)));
  const [classes = 1, ...before] = plan.model.output.shape.toReversed();
  const perStep = before.length > 0;
  return {
    length,
    async read(weights, tokens) {
      const input = new Int32Array(length);
      input.set(tokens);
      const state = engine.state(step.state, weights);
      const inputs = { input, mask: new Float32Array(length).fill(1, 0, tokens.length) };
      const result = await program.run(state, inputs, {}).catch((error: unknown) => Promise.reject(unreadable(length, error)));
      state.dispose();
      result.state.dispose();
      const output = Float32Array.from(result.outputs['output'] ?? []);
      return {
        isAt: (at) => perStep || at === tokens.length - 1,
        logits: (at) => (perStep ? output.slice(at * classes, (at + 1) * classes) : output),
      };
    },
    dispose: () => program.dispose(),
  };
}

/** Input `[1, 1]`, one token; output `[classes]`; the state goes in and comes out. */
function tokenStep({ plan, pipelineOf }: ReadingTools): Step {
  return {
    name: `${plan.name} sample`,
    identity: identifyProgram(plan, 'train', 'sample'),
    state: { ...weightState(plan), ...recurrentState(plan, 1) },
    inputs: { input: { shape: [1, 1], dtype: 'int32' } },
    scalars: [],
    run(tf, { state, inputs }, layers, loop) {
      const variables = { parameters: under(state, 'parameters/'), buffers: under(state, 'buffers/'), state: under(state, 'recurrent/') };
      const forward = forwardPass(tf, plan, pipelineOf({ tf, layers, loop }), variables, inputs, 'evaluate');
      return { state: prefixed('recurrent/', forward.state), outputs: { output: tf.reshape(forward.output, [-1]) } };
    },
  };
}

/** Input and mask `[1, length]`; output as the model gives it, of every step or of all together. */
function windowStep({ plan, pipelineOf }: ReadingTools, length: number): Step {
  return {
    name: `${plan.name} read at once`,
    identity: identifyProgram(plan, 'train', `read ${length} at once`),
    state: weightState(plan),
    inputs: { input: { shape: [1, length], dtype: 'int32' }, mask: { shape: [1, length], dtype: 'float32' } },
    scalars: [],
    run(tf, { state, inputs }, layers, loop) {
      const variables = { parameters: under(state, 'parameters/'), buffers: under(state, 'buffers/'), state: {} };
      const { output } = forwardPass(tf, plan, pipelineOf({ tf, layers, loop }), variables, inputs, 'evaluate');
      return { state: {}, outputs: { output: tf.reshape(output, [-1]) } };
    },
  };
}

/** Tokens that are tried out. */
const TRIED = 3;

/** Apart by more, as a share of the largest number, two ways of reading are not the same. */
const TOLERANCE = 1e-4;

const timeOf = (plan: Plan): number => splitOf(plan, 'train').inputs.input.shape[0] ?? 1;

const someTokens = ({ data }: Plan, count: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => (7 * at + 1) % (data.fitted.vocabulary?.length ?? 1));

function trialWeights(plan: Plan): Arrays {
  const drawn = Object.entries(tellingWeights(plan.model, plan.seed)).map(([name, values]) => [`parameters/${name}`, values] as const);
  const still = plan.model.buffers.map(({ name, shape }) => [`buffers/${name}`, new Float32Array(sizeOf(shape))] as const);
  return Object.fromEntries([...drawn, ...still]);
}

const zeros = (plan: Plan): Arrays =>
  Object.fromEntries(Object.entries(recurrentState(plan, 1)).map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]));

/** Where both say NaN they agree. */
function agree(expected: Float32Array, actual: Float32Array): boolean {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const isNear = (value: number, other = Number.NaN): boolean => Object.is(value, other) || Math.abs(value - other) <= TOLERANCE * largest;
  return expected.length === actual.length && expected.every((value, i) => isNear(value, actual[i]));
}

const notStepwise = (): EngineError =>
  new EngineError(
    'stepwise: true is not so: when the model reads one token at a time it gives other numbers than when it reads all at once',
    {
      part: 'model',
      help: 'leave stepwise out; or hand on in the state all that it must know of the tokens before',
    },
  );

const notInPart = (): EngineError =>
  new EngineError(
    'no text can be gone on with: the model is not stepwise, and what stands where mask is 0 changes what it says of the tokens before',
    {
      part: 'model',
      help: 'leave training.samples out; or pass over the steps where mask is 0',
    },
  );

function unreadable(length: number, error: unknown): EngineError {
  if (error instanceof EngineError && error.part !== undefined) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new EngineError(`the model can't read ${length} tokens: ${reason}`, { part: 'model', cause: error });
}
