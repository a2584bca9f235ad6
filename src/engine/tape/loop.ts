import type { NamedAttrMap, NamedTensorMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { EngineError, type Loop, type ReadPiece, type Recurrence } from '../engine.js';
import { type Graph, type Node, nameOf } from '../graph/graph.js';
import { GRADIENT_SO_FAR, isAny, out, outputOf, partOf, SEQUENCE, SEQUENCE_GRADIENT, STATE, WEIGHTS } from '../graph/loop.js';
import { topological } from '../graph/make.js';
import { mapValues } from '../step.js';
import { tf } from '../tf.js';
import { type Recorder, RECORDER } from './recorder.js';

/** Longer sequences are read by a loop; up to here every step is recorded, which is a little faster and reads as it was written. */
const LONGEST = 100;
/** Time steps that are recorded once and repeated: enough to make long products of, few enough to be ready soon. */
const [SHORTEST_PIECE, LONGEST_PIECE] = [20, 40];

/**
 * How sequences of some length are cut: `rest` steps that are recorded one by one, then `trips` pieces of equal length. Of the pieces that leave
 * the shortest rest, the longest.
 */
export function piecesOf(time: number): { readonly piece: number; readonly trips: number; readonly rest: number } {
  if (time <= LONGEST) return { piece: time, trips: 0, rest: time };
  const lengths = Array.from({ length: LONGEST_PIECE - SHORTEST_PIECE + 1 }, (_, i) => LONGEST_PIECE - i);
  const piece = lengths.reduce((best, length) => (time % length < time % best ? length : best));
  return { piece, trips: Math.floor(time / piece), rest: time % piece };
}

/** Records long recurrences as loops. */
export const loopOn =
  (recorder: Recorder): Loop =>
  (readAny, given) => {
    const lengths = Object.values(given.sequences).map(({ shape }) => shape[0] ?? 0);
    const [time = 0] = lengths;
    if (lengths.some((length) => length !== time)) {
      throw new EngineError(`${recorder.what} reads sequences of different lengths in one loop: ${lengths.join(', ')}`);
    }
    const { piece, trips, rest } = piecesOf(time);
    if (trips === 0) return readAny(given);
    const read: ReadPiece = (pieces) => {
      const made = readAny(pieces);
      refuseOtherState(recorder, given.state, made.state);
      return made;
    };
    if (rest === 0) return looped(recorder, read, given, piece);
    // The gradient of a split is a join.
    const cut = mapValues(given.sequences, (sequence) => tf.split(sequence, [rest, time - rest]));
    const [firsts, others] = [0, 1].map((half) => mapValues(cut, (halves) => halves[half] as Tensor));
    const begun = read({ ...given, sequences: firsts ?? {} });
    const done = looped(recorder, read, { ...given, state: begun.state, sequences: others ?? {} }, piece);
    return { state: done.state, sequences: mapValues(begun.sequences, (first, name) => tf.concat([first, named(done.sequences, name)])) };
  };

function named<T>(values: Readonly<Record<string, T>>, name: string): T {
  const found = values[name];
  if (found === undefined) throw new Error(`a loop has no "${name}"`);
  return found;
}

const prefixed = <T>(prefix: string, values: Readonly<Record<string, T>>): readonly (readonly [string, T])[] =>
  Object.entries(values).map(([name, value]) => [prefix + name, value] as const);

const operandsOf = ({ weights, state, sequences }: Recurrence): readonly (readonly [string, Tensor])[] => [
  ...prefixed(WEIGHTS, weights),
  ...prefixed(STATE, state),
  ...prefixed(SEQUENCE, sequences),
];

function looped(recorder: Recorder, read: ReadPiece, given: Recurrence, piece: number): ReturnType<ReadPiece> {
  const body = recordPiece(recorder, read, given, piece);
  const readNames = new Set(body.inputs.map(nameOf));
  const operands = operandsOf(given).filter(([name]) => readNames.has(name));
  const trips = (Object.values(given.sequences)[0]?.shape[0] ?? 0) / piece;
  const loop: Recorded = { body, trips, names: operands.map(([name]) => name) };
  const made: Tensor[] = run(
    LOOP,
    operands.map(([, tensor]) => tensor),
    { loop },
  );
  const tensors = forwardOutputs(loop).map((name, i) => [name, made[i]] as const);
  const of = (prefix: string): Record<string, Tensor> =>
    Object.fromEntries(
      tensors.flatMap(([name, tensor]) => (tensor && name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [])),
    );
  return { state: of(out(STATE)), sequences: of(out(SEQUENCE)) };
}

/** A piece as a graph of its own: forwards, and where somebody may ask for a gradient, backwards. */
function recordPiece(recorder: Recorder, read: ReadPiece, given: Recurrence, piece: number): Graph {
  const { make } = recorder;
  const inputs: Node[] = [];
  const tensorOf = (name: string, shape: readonly number[], dtype: Node['dtype']): Tensor => {
    const node = make.input(name, shape, dtype);
    inputs.push(node);
    return tf.engine().makeTensorFromTensorInfo(recorder.infoOf(node));
  };
  const inner =
    (prefix: string, lead: readonly number[] = []) =>
    (tensor: Tensor, name: string): Tensor =>
      tensorOf(prefix + name, [...lead, ...tensor.shape.slice(lead.length)], tensor.dtype as Node['dtype']);
  const pieces: Recurrence = {
    weights: mapValues(given.weights, inner(WEIGHTS)),
    state: mapValues(given.state, inner(STATE)),
    sequences: mapValues(given.sequences, inner(SEQUENCE, [piece])),
  };
  const outputs = new Map<string, Node>();
  const forward = (): readonly (readonly [string, Tensor])[] => {
    const made = read(pieces);
    const all = [...prefixed(STATE, made.state), ...prefixed(SEQUENCE, made.sequences)];
    for (const [name, tensor] of all) outputs.set(out(name), recorder.nodeOf(tensor));
    return all;
  };
  const incoming = (name: string, { shape }: Tensor): Tensor => {
    const gradient = tensorOf(`gradient ${name}`, shape, 'float32');
    return name.startsWith(STATE) ? withoutTraces(gradient) : gradient;
  };
  const asked = operandsOf(pieces).filter(([, { dtype }]) => dtype === 'float32');
  if (tf.engine().state.gradientDepth === 0 || asked.length === 0) {
    tf.tidy(() => void forward());
  } else {
    // Of a sum weighted by the gradients that come in: a product of each with ones, which the constructor leaves out.
    const { grads } = tf.engine().gradients(
      () => {
        const terms = forward().flatMap(([name, tensor]) =>
          tensor.dtype === 'float32' ? [tf.sum(tf.mul(tensor, incoming(name, tensor)))] : [],
        );
        return terms.length > 0 ? tf.addN(terms) : tf.scalar(0);
      },
      asked.map(([, tensor]) => tensor),
      undefined,
      true,
    );
    for (const [i, [name, tensor]] of asked.entries()) {
      const gradient = grads[i];
      const known = gradient ? recorder.nodeOf(gradient) : undefined;
      if (name.startsWith(STATE)) outputs.set(gradientOf(name), known ?? make.filled(0, tensor.shape, 'float32'));
      else if (known && name.startsWith(SEQUENCE)) outputs.set(gradientOf(name), known);
      else if (known) {
        const soFar = tensorOf(GRADIENT_SO_FAR + name.slice(WEIGHTS.length), tensor.shape, 'float32');
        outputs.set(gradientOf(name), make('Sum', [recorder.nodeOf(soFar), known]));
      }
    }
  }
  const reached = topological({ inputs: [], outputs, packed: new Map() }).filter(({ op }) => op === 'Input');
  refuseOthers(recorder, reached, inputs);
  // Weights of other parts of a net may have been handed in with its own.
  const used = inputs.filter((input) => reached.includes(input) || !nameOf(input).startsWith(WEIGHTS));
  return { inputs: used, outputs, packed: new Map() };
}

/** Nearer to 0 a gradient adds nothing to what the weights are given by the time steps after it. */
const TRACE = 1e-25;

/**
 * The gradient of a state as the piece before it is given it: what is below `TRACE` is 0. A gradient that vanishes over hundreds of steps would
 * become denormal, below 1.2e-38, and a processor takes many times as long for such a number. NaN and infinities stay.
 */
const withoutTraces = (gradient: Tensor): Tensor => tf.mul(gradient, tf.cast(tf.greater(tf.abs(gradient), TRACE), 'float32'));

function refuseOtherState(recorder: Recorder, given: Recurrence['state'], made: Recurrence['state']): void {
  const shapes = (state: Recurrence['state']): string =>
    Object.entries(state)
      .map(([name, { shape, dtype }]) => `${name} ${dtype} [${shape.join(', ')}]`)
      .toSorted()
      .join(', ');
  if (shapes(given) === shapes(made)) return;
  throw new EngineError(`${recorder.what} hands on another state in a loop than it is given: ${shapes(made)} for ${shapes(given)}`);
}

function refuseOthers(recorder: Recorder, reached: readonly Node[], own: readonly Node[]): void {
  const stranger = reached.find((node) => !own.includes(node));
  if (!stranger) return;
  throw new EngineError(`${recorder.what} reads ${nameOf(stranger)} in a loop that wasn't given it`, {
    help: 'hand it to the loop, among its weights, its state or its sequences',
  });
}

interface Recorded {
  readonly body: Graph;
  readonly trips: number;
  /** Of the operands, in their order. */
  readonly names: readonly string[];
}

const LOOP = 'Loop';
const LOOP_GRADIENT = 'LoopGradient';

const forwardOutputs = ({ body }: Recorded): readonly string[] =>
  [...body.outputs.keys()].filter((name) => isAny(name, out(STATE), out(SEQUENCE)));

/** The output that is the gradient of an operand. */
const gradientOf = (name: string): string =>
  out(name.startsWith(WEIGHTS) ? GRADIENT_SO_FAR + name.slice(WEIGHTS.length) : `gradient ${name}`);

/** A value of a loop: pieces of a sequence are joined again. */
function taken({ make }: Recorder, node: Node, { body, trips }: Recorded, name: string): Node {
  const { shape, dtype } = outputOf(body, name);
  const isSequence = isAny(name, out(SEQUENCE), out(SEQUENCE_GRADIENT));
  return partOf(make, node, name, { shape: isSequence ? [(shape[0] ?? 1) * trips, ...shape.slice(1)] : shape, dtype });
}

/** A loop's node; asked again with the same operands, the same one. */
const loopNode = (recorder: Recorder, { body, trips }: Recorded, operands: readonly TensorInfo[]): Node =>
  recorder.make.opaque(
    LOOP,
    operands.map((operand) => recorder.nodeOf(operand)),
    { trips },
    { ...NOTHING, body },
  );

const NOTHING = { shape: [], dtype: 'float32' } as const;

/** Registers the two operations, which only the recorder has, and the gradient of the first. Operands and the gradients that come in are one list. */
export function registerLoops(): void {
  const register = <Attributes>(
    kernelName: string,
    run: (recorder: Recorder, inputs: readonly TensorInfo[], attributes: Attributes) => TensorInfo | TensorInfo[],
  ): void =>
    tf.registerKernel({
      kernelName,
      backendName: RECORDER,
      kernelFunc: ({ inputs, attrs, backend }) => run(backend as Recorder, Object.values(inputs) as TensorInfo[], attrs as Attributes),
    });

  register(LOOP, (recorder, operands, { loop }: { readonly loop: Recorded }) => {
    const node = loopNode(recorder, loop, operands);
    return forwardOutputs(loop).map((name) => recorder.infoOf(taken(recorder, node, loop, name)));
  });
  register(LOOP_GRADIENT, (recorder, inputs, { loop, of }: { readonly loop: Recorded; readonly of: string }) => {
    const { length } = loop.names;
    const gradients = inputs.slice(length).map((gradient) => recorder.nodeOf(gradient));
    const attributes = { trips: loop.trips };
    const made = { ...NOTHING, body: loop.body };
    const node = recorder.make.opaque(LOOP_GRADIENT, [loopNode(recorder, loop, inputs.slice(0, length)), ...gradients], attributes, made);
    return recorder.infoOf(taken(recorder, node, loop, of));
  });
  tf.registerGradient({
    kernelName: LOOP,
    saveAllInputs: true,
    gradFunc(dys, operands, attributes) {
      const { loop } = attributes as unknown as { readonly loop: Recorded };
      const inputs = [...operands, ...[dys].flat().filter(({ dtype }) => dtype === 'float32')];
      const gradients = loop.names.map((name, i) => (): Tensor => {
        const of = gradientOf(name);
        return loop.body.outputs.has(of) ? run(LOOP_GRADIENT, inputs, { loop, of }) : tf.zerosLike(operands[i] as Tensor);
      });
      return Object.fromEntries(gradients.entries());
    },
  });
}

const run = <Result extends Tensor | Tensor[]>(name: string, inputs: readonly Tensor[], attributes: object): Result =>
  tf.engine().runKernel(name, inputs as unknown as NamedTensorMap, attributes as NamedAttrMap) as Result;
