import type { Spec } from '../../../src/engine/engine.js';
import { type Attributes, type Graph, type Node, sizeOf } from '../../../src/engine/graph/graph.js';
import { infer } from '../../../src/engine/graph/rules.js';
import { createMaker, type Make } from '../../../src/engine/graph/make.js';
import type { Numbers } from './interpret.js';

/**
 * A training step of a made-up recurrent net, its sizes, its wiring and its detours drawn from a seed: products over time, gradients that
 * are sums of products, an optimizer. Written down as a tape without any sense would: identities, equal nodes, nested sums and all.
 */
export function randomGraph(seed: number): Graph {
  const make = createMaker();
  const sizes = drawSizes(createRandom(seed));
  const build = builder(make, createRandom(seed * 7919 + 1));
  const state = new Map(
    Object.entries(stateShapes(sizes)).map(([name, shape]) => [`state/${name}`, make.input(`state/${name}`, shape, 'float32')]),
  );
  const tokens = make.input('input/tokens', [1, sizes.time, sizes.batch], 'int32');
  const features = make.input('input/features', [1, sizes.time, sizes.batch, sizes.features], 'float32');
  const rate = make.input('scalar/rate', [1], 'float32');
  const here = (node: Node): Node => build('Reshape', [node], { shape: node.shape.slice(1) });
  const made = trainingStep(make, build, sizes, state, { tokens: here(tokens), features: here(features), rate: here(rate) });
  const loss = build('Reshape', [made.loss], { shape: [1] });
  return {
    inputs: [...state.values(), tokens, features, rate],
    outputs: new Map([...made.state, ['output/loss', loss]]),
    packed: new Map(),
  };
}

/** Numbers for every input of a graph; every third is drawn from `rare`, if there are such. */
export function randomInputs(graph: Graph, seed: number, rare: Numbers = []): ReadonlyMap<string, Numbers> {
  const random = createRandom(seed + 1_000_003);
  const draw = (node: Node): number => {
    if (node.dtype === 'int32') return random.below(3);
    return rare.length > 0 && random.below(24) === 0 ? (rare[random.below(rare.length)] ?? 0) : random.next() * 2 - 1;
  };
  return new Map(
    graph.inputs.map((node) => [String(node.attributes['name']), Array.from({ length: sizeOf(node.shape) }, () => draw(node))]),
  );
}

interface Random {
  /** In [0, 1). */
  next(): number;
  below(n: number): number;
}

/** Mulberry32: small, seeded, good enough to draw test cases. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (n) => Math.floor(next() * n) };
}

interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly features: number;
  readonly hidden: number;
  readonly gates: number;
  readonly momentum: boolean;
  readonly readoutEveryStep: boolean;
  readonly oneHot: boolean;
  /** The recurrent weights of all gates are one tensor, which every step splits. */
  readonly joined: boolean;
  /** Hidden states are stacked for the readout: time in front, or batches in front and time turned there. */
  readonly stacked: 'no' | 'time first' | 'batch first';
  /** 1 - y is written as 1 + (-y). */
  readonly negated: boolean;
  /** What the readouts send back is one product over all time steps, cut apart. */
  readonly backAtOnce: boolean;
}

const VOCABULARY = 3;

function drawSizes(random: Random): Sizes {
  const oneHot = random.below(2) === 0;
  return {
    time: 1 + random.below(5),
    batch: 1 + random.below(3),
    features: oneHot ? VOCABULARY : 1 + random.below(3),
    hidden: 1 + random.below(5),
    gates: 1 + random.below(2),
    momentum: random.below(2) === 0,
    readoutEveryStep: random.below(2) === 0,
    oneHot,
    joined: random.below(3) === 0,
    stacked: (['no', 'time first', 'batch first'] as const)[random.below(3)] ?? 'no',
    negated: random.below(2) === 0,
    backAtOnce: random.below(3) === 0,
  };
}

function stateShapes({ features, hidden, gates, momentum, batch, joined }: Sizes): Readonly<Record<string, readonly number[]>> {
  const parameters: [string, number[]][] = [
    ['V', [hidden, VOCABULARY]],
    ['c', [VOCABULARY]],
  ];
  for (let g = 0; g < gates; g++) parameters.push([`W${g}`, [features, hidden]], [`b${g}`, [hidden]]);
  if (joined) parameters.push(['U', [hidden, gates * hidden]]);
  else for (let g = 0; g < gates; g++) parameters.push([`U${g}`, [hidden, hidden]]);
  const slots = momentum ? parameters.map(([name, shape]): [string, number[]] => [`m_${name}`, shape]) : [];
  return Object.fromEntries([...parameters, ...slots, ['h', [batch, hidden]]]);
}

type Build = (op: string, inputs: readonly Node[], attributes?: Attributes, spec?: Spec) => Node;

/** Makes nodes without any rule, and sometimes takes a detour that changes nothing. */
function builder(make: Make, random: Random): Build {
  const plain: Build = (op, inputs, attributes = {}, spec = infer(op, inputs, attributes)) => {
    if (!spec) throw new Error(`no shape for ${op}`);
    return make.opaque(op, inputs, attributes, spec);
  };
  const detours: readonly ((node: Node) => Node)[] = [
    (node) => plain('Mul', [node, make.filled(1, [], 'float32')]),
    (node) => plain('Sum', [make.filled(0, node.shape, 'float32'), node]),
    (node) => plain('Reshape', [plain('Reshape', [node], { shape: [sizeOf(node.shape)] })], { shape: node.shape }),
    (node) => twice(node, (each) => plain('Transpose', [each], { perm: [1, 0] })),
    (node) => plain('Concat', halves(node, plain), { axis: 0 }),
    (node) => plain('Div', [node, make.filled(1, node.shape, 'float32')]),
  ];
  return (op, inputs, attributes, spec) => {
    const node = plain(op, inputs, attributes, spec);
    const detour = detours[random.below(60)];
    return detour && node.dtype === 'float32' && node.shape.length > 0 ? detour(node) : node;
  };
}

const twice = (node: Node, f: (node: Node) => Node): Node => (node.shape.length === 2 ? f(f(node)) : node);

function halves(node: Node, build: Build): readonly Node[] {
  const [length = 1] = node.shape;
  if (length < 2) return [node];
  return [build('Slice', [node], { axis: 0, begin: 0, size: 1 }), build('Slice', [node], { axis: 0, begin: 1, size: length - 1 })];
}

interface Given {
  readonly tokens: Node;
  readonly features: Node;
  readonly rate: Node;
}

function trainingStep(
  make: Make,
  build: Build,
  sizes: Sizes,
  state: ReadonlyMap<string, Node>,
  given: Given,
): { readonly state: ReadonlyMap<string, Node>; readonly loss: Node } {
  const get = (name: string): Node => {
    const node = state.get(`state/${name}`);
    if (!node) throw new Error(`no state ${name}`);
    return node;
  };
  const gemm = (a: Node, b: Node, transposeA = 0, transposeB = 0): Node => build('Gemm', [a, b], { transposeA, transposeB });
  const sum = (a: Node, b: Node): Node => build('Sum', [a, b]);
  const mul = (a: Node, b: Node): Node => build('Mul', [a, b]);
  const gates = Array.from({ length: sizes.gates }, (_, g) => g);
  const recurrent = (g: number): Node =>
    sizes.joined ? build('Slice', [get('U')], { axis: 1, begin: g * sizes.hidden, size: sizes.hidden }) : get(`U${g}`);
  const sentBack = (errors: readonly Node[], joined: Node): readonly Node[] => {
    if (!sizes.backAtOnce) return errors.map((error) => gemm(error, get('V'), 0, 1));
    const whole = gemm(joined, get('V'), 0, 1);
    return errors.map((_, i) => build('Slice', [whole], { axis: 0, begin: i * sizes.batch, size: sizes.batch }));
  };
  const oneMinus = (x: Node): Node => {
    const one = make.filled(1, [], 'float32');
    return sizes.negated ? sum(one, build('Neg', [x])) : build('Sub', [one, x]);
  };

  // forwards: h' = product over gates of tanh(x W + h U + b)
  const xs = Array.from({ length: sizes.time }, (_, t) => frame(build, sizes, given, t));
  const hs = [get('h')];
  const activations = xs.map((x) => {
    const h = hs.at(-1) ?? x;
    const values = gates.map((g) => build('Tanh', [sum(sum(gemm(x, get(`W${g}`)), gemm(h, recurrent(g))), get(`b${g}`))]));
    hs.push(values.reduce(mul));
    return values;
  });
  const reads = sizes.readoutEveryStep ? xs.map((_, t) => t) : [sizes.time - 1];
  const read = reads.map((t) => hs[t + 1] ?? get('h'));
  const seen = sizes.stacked === 'no' ? read : unstacked(build, stack(build, read, sizes.stacked));
  const logits = seen.map((h) => sum(gemm(h, get('V')), get('c')));
  const errors = logits.map((logit) => build('Softmax', [logit], { axis: 1 }, logit));
  const all = build('Concat', errors, { axis: 0 });
  const loss = build('ReduceMean', [mul(all, all)], { axes: [0, 1], keepdims: 0 });

  // backwards, in the same shape as gradients have: sums that grow term by term
  const backs = sentBack(errors, all);
  const gradients = new Map<string, Node>();
  const accumulate = (name: string, term: Node): unknown =>
    gradients.set(name, gradients.has(name) ? sum(gradients.get(name) ?? term, term) : term);
  const columnSum = (z: Node, like: Node): Node =>
    build('Reshape', [build('ReduceSum', [z], { axes: [0], keepdims: 0 })], { shape: like.shape });
  let carried: Node | undefined;
  for (let t = sizes.time - 1; t >= 0; t--) {
    const [error, back] = [errors[reads.indexOf(t)], backs[reads.indexOf(t)]];
    const [x, h] = [xs[t], hs[t]];
    if (!x || !h) break;
    if (error && back) {
      accumulate('V', gemm(hs[t + 1] ?? h, error, 1));
      accumulate('c', columnSum(error, get('c')));
      carried = carried ? sum(carried, back) : back;
    }
    const incoming = carried ?? h;
    const terms = gates.map((g) => {
      const value = activations[t]?.[g] ?? h;
      const others = (activations[t] ?? []).filter((other) => other !== value);
      const slope = mul(value, oneMinus(value));
      const dz = mul(others.reduce(mul, incoming), slope);
      accumulate(`W${g}`, gemm(x, dz, 1));
      if (!sizes.joined) accumulate(`U${g}`, gemm(h, dz, 1));
      accumulate(`b${g}`, columnSum(dz, get(`b${g}`)));
      return { back: gemm(dz, recurrent(g), 0, 1), weight: gemm(h, dz, 1) };
    });
    if (sizes.joined)
      accumulate(
        'U',
        build(
          'Concat',
          terms.map(({ weight }) => weight),
          { axis: 1 },
        ),
      );
    carried = terms.map(({ back }) => back).reduce(sum);
  }

  const next = new Map<string, Node>([['state/h', hs.at(-1) ?? get('h')]]);
  for (const [name, gradient] of gradients) {
    const slot = sizes.momentum ? sum(mul(get(`m_${name}`), given.rate), gradient) : gradient;
    if (sizes.momentum) next.set(`state/m_${name}`, slot);
    next.set(`state/${name}`, build('Sub', [get(name), mul(given.rate, slot)]));
  }
  return { state: next, loss };
}

/** The input of one moment, [batch, features]: features as they are, or tokens one-hot. */
function frame(build: Build, sizes: Sizes, { tokens, features }: Given, time: number): Node {
  const cut = (node: Node): Node =>
    build('Reshape', [build('Slice', [node], { axis: 0, begin: time, size: 1 })], { shape: node.shape.slice(1) });
  if (!sizes.oneHot) return cut(features);
  return build('OneHot', [cut(tokens)], { axis: 1, depth: VOCABULARY }, { shape: [sizes.batch, VOCABULARY], dtype: 'float32' });
}

/** Matrices as `[time, batch, ...]`, as `tf.stack` writes it. */
function stack(build: Build, matrices: readonly Node[], order: 'time first' | 'batch first'): Node {
  const axis = order === 'time first' ? 0 : 1;
  const parts = matrices.map((matrix) => build('Reshape', [matrix], { shape: matrix.shape.toSpliced(axis, 0, 1) }));
  const joined = build('Concat', parts, { axis });
  return order === 'time first' ? joined : build('Transpose', [joined], { perm: [1, 0, 2] });
}

/** Back to matrices, by way of batches in front, as `tf.layers` does. */
function unstacked(build: Build, whole: Node): readonly Node[] {
  const batchFirst = build('Transpose', [whole], { perm: [1, 0, 2] });
  return Array.from({ length: whole.shape[0] ?? 0 }, (_, time) =>
    build('Reshape', [build('Slice', [batchFirst], { axis: 1, begin: time, size: 1 })], { shape: whole.shape.slice(1) }),
  );
}
