import { dataOf, type Graph, fillOf, nameOf, type Node, numberIn, operand, type Pass, sizeOf } from '../graph/graph.js';
import {
  bodyOf,
  GRADIENT_SO_FAR,
  isAny,
  isGradient,
  out,
  outputOf,
  partOf,
  SEQUENCE,
  SEQUENCE_GRADIENT,
  STATE,
  STATE_GRADIENT,
  WEIGHTS,
} from '../graph/loop.js';
import { createMaker, type Make, rewrite, topological } from '../graph/make.js';
import { isElementwise } from '../graph/rules.js';

/**
 * A program as it will run: the pieces of loops are improved by all passes, each of them forwards and backwards together, as the steps of a short
 * sequence are; then they are parted into a Scan forwards and one backwards; then the rest is improved.
 */
export const improveAll = (graph: Graph, passes: readonly Pass[], mostKept = MOST_KEPT): Graph =>
  passes.reduce((made, pass) => pass.apply(made), splitLoops(graph, passes, mostKept));

/** Bytes that a loop may keep for its steps backwards: a quarter of 1 GiB. */
const MOST_KEPT = 2 ** 28;

/**
 * Loops as two operators of ONNX.
 *
 *     Loop(W, s, x)                  ->    Scan forwards(s, x; W), which also joins what it keeps for later, piece by piece
 *     LoopGradient(loop, ds, dy)     ->    Scan backwards(ds, 0, dy, x, kept; W)
 *
 * What the steps backwards read of those forwards is kept where it takes a product or a function to compute it (gates), and computed again where it
 * doesn't (cells, hidden states): these are cheap, and would be as large. Where a loop would keep more than `mostKept` bytes, it keeps the states at
 * the borders of its pieces, and each piece is computed again.
 */
function splitLoops(graph: Graph, passes: readonly Pass[], mostKept: number): Graph {
  const order = topological(graph);
  const loops = order.filter(({ op }) => op === 'Loop');
  if (loops.length === 0) return graph;
  const halves = new Map(loops.map((loop) => [loop, halve(loop, order, passes, mostKept)]));
  const halvesOf = (node: Node): Halves => {
    const found = halves.get(node.op === 'LoopGradient' ? operand(node) : node);
    if (!found) throw new Error(`${node.op} ${node.id} is no loop`);
    return found;
  };
  return rewrite(graph, (node, of, make) => {
    switch (node.op) {
      case 'Loop':
        return forwards(node, halvesOf(node), of, make);
      case 'LoopGradient':
        return backwards(node, halvesOf(node), of, make);
      case 'Part': {
        const loop = operand(node);
        if (loop.op !== 'Loop' && loop.op !== 'LoopGradient') return undefined;
        return takenOf(make, of(loop), String(node.attributes['of']), node.shape);
      }
      default:
        return undefined;
    }
  });
}

/** A loop's body in two. */
interface Halves {
  readonly forward: Graph;
  readonly backward: Graph;
  /** Names of what goes from one to the other. */
  readonly kept: readonly string[];
}

/** What is asked of a loop, forwards and backwards. */
function askedOf(loop: Node, order: readonly Node[]): { readonly gradient: Node | undefined; readonly outputs: ReadonlySet<string> } {
  const gradients = order.filter((node) => node.op === 'LoopGradient' && operand(node) === loop);
  if (gradients.length > 1) throw new Error('a loop was differentiated twice');
  const [gradient] = gradients;
  const taken = order.filter((node) => node.op === 'Part' && (operand(node) === loop || operand(node) === gradient));
  return { gradient, outputs: new Set(taken.map((node) => String(node.attributes['of']))) };
}

function halve(loop: Node, order: readonly Node[], passes: readonly Pass[], mostKept: number): Halves {
  const { gradient, outputs } = askedOf(loop, order);
  const asked = restricted(bodyOf(loop), gradient, outputs);
  const body = passes.reduce((made, pass) => {
    const better = pass.apply(made);
    return isApart(better) ? better : made;
  }, asked);
  return parted(body, numberIn(loop.attributes, 'trips'), mostKept);
}

/** Of a body, what is asked of it. A gradient that is 0 all along isn't read. */
function restricted(body: Graph, gradient: Node | undefined, asked: ReadonlySet<string>): Graph {
  const carried = [out(STATE), ...(gradient ? [out(STATE_GRADIENT)] : [])];
  const outputs = new Map([...body.outputs].filter(([name]) => asked.has(name) || isAny(name, ...carried)));
  const incoming = body.inputs.filter((input) => isAny(nameOf(input), STATE_GRADIENT, SEQUENCE_GRADIENT));
  const isZero = (input: Node): boolean => {
    const given = gradient?.inputs[1 + incoming.indexOf(input)];
    return nameOf(input).startsWith(SEQUENCE_GRADIENT) && given !== undefined && fillOf(given) === 0;
  };
  const made = rewrite({ ...body, outputs }, (node, _, make) =>
    node.op === 'Input' && isZero(node) ? make.filled(0, node.shape, node.dtype) : undefined,
  );
  const reached = new Set(topological({ ...made, inputs: [] }));
  return { ...made, inputs: made.inputs.filter((input) => reached.has(input) || isAny(nameOf(input), ...carried.map(inner))) };
}

/** The input's name, of what goes on as this output. */
const inner = (name: string): string => name.slice(out('').length);

const isForward = (output: string): boolean => isAny(output, out(STATE), out(SEQUENCE));

/** All nodes that a gradient goes into. */
function reachedByGradients(body: Graph): ReadonlySet<Node> {
  const reached = new Set<Node>();
  for (const node of topological(body)) {
    if (node.op === 'Input' ? isGradient(node) : node.inputs.some((input) => reached.has(input))) reached.add(node);
  }
  return reached;
}

/** Whether what is computed forwards can be computed before any gradient is there: no pass has joined the one to the other. */
function isApart(body: Graph): boolean {
  const reached = reachedByGradients(body);
  return [...body.outputs].every(([name, node]) => !isForward(name) || !reached.has(node));
}

function parted(body: Graph, trips: number, mostKept: number): Halves {
  const [ahead, back] = [true, false].map((forward) => [...body.outputs].filter(([name]) => isForward(name) === forward));
  const cheap = keptOf(body, isCheap);
  const size = cheap.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  const kept = size * trips > mostKept ? keptOf(body, () => true) : cheap;
  const names = kept.map((_, i) => `kept/${i}`);
  const forward = withInputs({ ...body, outputs: new Map([...(ahead ?? []), ...kept.map((node, i) => [names[i] ?? '', node] as const)]) });
  const { input, ...make } = createMaker(topological(body).at(-1)?.id);
  const given = kept.map((node, i) => input(names[i] ?? '', node.shape, node.dtype));
  const backward = replaced(
    { ...body, inputs: [...body.inputs, ...given], outputs: new Map(back) },
    new Map(kept.map((node, i) => [node, given[i] ?? node])),
    make,
  );
  return { forward, backward: withInputs(backward), kept: names };
}

/** Nodes that the steps backwards read of those forwards, where what is cheap is computed again. */
function keptOf(body: Graph, isCheap: (node: Node) => boolean): readonly Node[] {
  const reached = reachedByGradients(body);
  const kept = new Set<Node>();
  const seen = new Set<Node>();
  const open = [...body.outputs].flatMap(([name, node]) => (isForward(name) ? [] : [node]));
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.op === 'Constant' || (node.op === 'Input' && !nameOf(node).startsWith(STATE))) continue;
    if (node.op !== 'Input' && (reached.has(node) || isCheap(node))) open.push(...node.inputs);
    else kept.add(node);
  }
  return [...kept].toSorted((a, b) => a.id - b.id);
}

const isCheap = ({ op }: Node): boolean => (isElementwise(op) && !FUNCTIONS.has(op)) || MOVES.has(op);
const FUNCTIONS: ReadonlySet<string> = new Set('Sigmoid Tanh Sqrt Exp Log Erf Sin Cos Softplus Elu Pow'.split(' '));
const MOVES: ReadonlySet<string> = new Set('Reshape Transpose Slice Concat Cast'.split(' '));

/** A body with the inputs that it reads, and those that are carried on. */
function withInputs(body: Graph): Graph {
  const reached = new Set(topological({ ...body, inputs: [] }));
  return { ...body, inputs: body.inputs.filter((input) => reached.has(input) || body.outputs.has(out(nameOf(input)))) };
}

/** A copy in which some nodes are others. No rule of the constructor is applied: what passes have made stays. */
function replaced(body: Graph, others: ReadonlyMap<Node, Node>, make: Pick<Make, 'opaque' | 'within'>): Graph {
  const done = new Map(others);
  const of = (node: Node): Node => done.get(node) ?? node;
  for (const node of topological(body)) {
    const inputs = node.inputs.map(of);
    const isOther = !done.has(node) && inputs.some((input, i) => input !== node.inputs[i]);
    if (isOther)
      done.set(
        node,
        make.within(node.at, () => make.opaque(node.op, inputs, node.attributes, node)),
      );
  }
  return { ...body, outputs: new Map([...body.outputs].map(([name, node]) => [name, of(node)])) };
}

/** Operands by the names that the body has for them. */
function operandsOf(loop: Node, of: (node: Node) => Node): Map<string, Node> {
  return new Map(loop.inputs.map((input, i) => [nameOf(bodyOf(loop).inputs[i] ?? input), of(input)]));
}

type Of = (node: Node) => Node;

function forwards(loop: Node, { forward }: Halves, of: Of, make: Make): Node {
  return scanOf(make, forward, operandsOf(loop, of), { trips: numberIn(loop.attributes, 'trips'), backwards: 0 });
}

function backwards(node: Node, { forward, backward, kept }: Halves, of: Of, make: Make): Node {
  const loop = operand(node);
  const trips = numberIn(node.attributes, 'trips');
  const operands = operandsOf(loop, of);
  const incoming = bodyOf(node).inputs.filter((input) => isAny(nameOf(input), STATE_GRADIENT, SEQUENCE_GRADIENT));
  for (const [i, input] of incoming.entries()) operands.set(nameOf(input), of(operand(node, i + 1)));
  for (const input of backward.inputs)
    if (nameOf(input).startsWith(GRADIENT_SO_FAR)) operands.set(nameOf(input), make.filled(0, input.shape, input.dtype));
  for (const name of kept) {
    const { shape, dtype } = outputOf(forward, name);
    operands.set(name, partOf(make, of(loop), name, { shape: [trips, ...shape], dtype }));
  }
  return scanOf(make, backward, operands, { trips, backwards: 1 });
}

interface Given {
  readonly body: Graph;
  /** By the names that the body has for them. */
  readonly operands: ReadonlyMap<string, Node>;
}

/** What a body makes of weights alone is made once, before the first piece: weights that are joined or turned. */
function hoisted(make: Make, { body, operands }: Given): Given {
  const isWeight = (node: Node): boolean => node.op === 'Input' && nameOf(node).startsWith(WEIGHTS);
  const order = topological(body);
  const before = new Map<Node, Node>();
  for (const node of order) {
    const known = (input: Node): Node | undefined =>
      input.op === 'Constant' ? make.constant(dataOf(input), input.shape, input.dtype) : before.get(input);
    const weight = isWeight(node) ? operands.get(nameOf(node)) : undefined;
    const inputs = node.inputs.flatMap((input) => known(input) ?? []);
    if (weight) before.set(node, weight);
    else if (inputs.length === node.inputs.length && node.inputs.some((input) => before.has(input)))
      before.set(node, make.opaque(node.op, inputs, node.attributes, node));
  }
  const readers = [...order.filter((node) => !before.has(node)).flatMap(({ inputs }) => inputs), ...body.outputs.values()];
  const made = [...new Set(readers)].filter((node) => before.has(node) && !isWeight(node));
  if (made.length === 0) return { body, operands };
  const { input, ...maker } = createMaker(order.at(-1)?.id);
  const inner = new Map(made.map((node, i) => [node, input(`${WEIGHTS}made ${i}`, node.shape, node.dtype)] as const));
  const others = made.flatMap((node): (readonly [string, Node])[] => {
    const [name, value] = [inner.get(node), before.get(node)];
    return name && value ? [[nameOf(name), value]] : [];
  });
  return {
    body: withInputs(replaced({ ...body, inputs: [...body.inputs, ...inner.values()] }, inner, maker)),
    operands: new Map([...operands, ...others]),
  };
}

/** A body's inputs and outputs in the order of Scan, and its operands, sequences cut into pieces. */
function scanOf(
  make: Make,
  whole: Graph,
  all: ReadonlyMap<string, Node>,
  { trips, backwards }: { readonly trips: number; readonly backwards: number },
): Node {
  const { body, operands } = hoisted(make, { body: whole, operands: all });
  const isCarried = (name: string): boolean => isAny(name, ...CARRIED);
  const carried = body.inputs.filter((input) => isCarried(nameOf(input)) && body.outputs.has(out(nameOf(input))));
  const weights = body.inputs.filter((input) => nameOf(input).startsWith(WEIGHTS));
  const cut = body.inputs.filter((input) => !carried.includes(input) && !weights.includes(input));
  const joined = [...body.outputs].filter(([name]) => !carried.some((input) => out(nameOf(input)) === name));
  const ordered: Graph = {
    inputs: [...carried, ...cut, ...weights],
    outputs: new Map([...carried.map((input) => [out(nameOf(input)), outputOf(body, out(nameOf(input)))] as const), ...joined]),
    packed: body.packed,
  };
  const inputs = ordered.inputs.map((input) => {
    const given = operands.get(nameOf(input));
    if (!given) throw new Error(`a loop isn't given "${nameOf(input)}"`);
    return cut.includes(input) ? make('Reshape', [given], { shape: [trips, ...input.shape] }) : given;
  });
  const attributes = { trips, carried: carried.length, cut: cut.length, backwards };
  return make.opaque('Scan', inputs, attributes, { shape: [], dtype: 'float32', body: ordered });
}

const CARRIED = [STATE, STATE_GRADIENT, GRADIENT_SO_FAR];

/** What a Scan gives, in the shape that the loop gave it. */
function takenOf(make: Make, scan: Node, name: string, shape: readonly number[]): Node {
  const { shape: piece, dtype } = outputOf(bodyOf(scan), name);
  const isCut = isAny(name, out(SEQUENCE), out(SEQUENCE_GRADIENT));
  const part = partOf(make, scan, name, { shape: isCut ? [numberIn(scan.attributes, 'trips'), ...piece] : piece, dtype });
  return isCut ? make('Reshape', [part], { shape }) : part;
}
