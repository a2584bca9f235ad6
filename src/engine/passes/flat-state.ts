import { type Graph, groupBy, nameOf, type Node, operand, type Pass, sameList, sameShape, type Shape, sizeOf } from '../graph/graph.js';
import { isElementwise } from '../graph/rules.js';
import { createMaker, type Make, rewrite, RingError, topological } from '../graph/make.js';

/**
 * State tensors that are all updated by one elementwise expression are kept, and updated, as one flat vector.
 *
 *     w' = w - r Gw,  u' = u - r Gu,  b' = b - r Gb        ->        s' = s - r [Gw; Gu; Gb],  w = s[0:12], u = s[12:28], b = s[28:32]
 *
 * Parameters and the slots of their optimizer: dozens of small tensors go in and out of every call otherwise, which costs a small net more than
 * its arithmetic. One tensor of the state and the others are the lanes of an update; all lanes are walked side by side, from what they
 * become back to where they differ (the gradients).
 */
export const flatState: Pass = {
  name: 'flat-state',
  why: 'a few flat vectors go in and out of a call and through the optimizer, instead of every parameter with its slots',
  apply(graph) {
    const kinds = chooseKinds(graph);
    const rows = kinds && alignRows(kinds);
    if (!kinds || !rows) return graph;
    try {
      return pack(graph, kinds, rows);
    } catch (error) {
      if (error instanceof RingError) return graph;
      throw error;
    }
  },
};

const LEAST = 2;

/** The most numbers of a tensor of a lane: to copy more into a vector and out of it again takes longer than to carry a tensor of its own. */
const LARGEST = 1 << 14;

/** A tensor of the state: what comes in under its name, and what goes out. */
interface Lane {
  readonly name: string;
  readonly input: Node;
  readonly output: Node;
}

/** Lanes whose outputs are made alike (all parameters, all first moments, ...): one flat vector. */
type Kind = readonly Lane[];

/** A node in place of which a row of them is made, and its lane in it. */
interface Member {
  readonly row: readonly Node[];
  readonly lane: number;
}

const isScalar = (node: Node): boolean => sizeOf(node.shape) === 1;

/** An elementwise operation without broadcasting, apart from scalars: on one flat vector it is the same. */
const isInside = (node: Node): boolean => isElementwise(node.op) && node.inputs.every((input) => sameShape(input, node) || isScalar(input));

function chooseKinds(graph: Graph): readonly Kind[] | undefined {
  const inputs = new Map(graph.inputs.map((input) => [nameOf(input), input]));
  const lanes = [...graph.outputs].flatMap(([name, output]): readonly Lane[] => {
    const input = inputs.get(name);
    const fits =
      input && input.dtype === 'float32' && sameShape(input, output) && !isScalar(output) && isInside(output) && !graph.packed.has(name);
    return fits && sizeOf(output.shape) <= LARGEST ? [{ name, input, output }] : [];
  });
  const kinds = [...groupBy(lanes, (lane) => outline(lane.output, 2)).values()].filter((kind) => kind.length >= LEAST);
  const families = [...groupBy(kinds, (kind) => kind.map((lane) => `[${lane.output.shape}]`).join()).values()];
  const weight = (family: readonly Kind[]): number => family.flat().length;
  return families.toSorted((a, b) => weight(b) - weight(a))[0];
}

/** An expression to a depth at which the optimizer's updates are alike and the gradients, which differ, aren't looked into yet. */
function outline(node: Node, depth: number): string {
  if (isScalar(node)) return `scalar ${node.id}`;
  if (depth === 0 || !isInside(node)) return '.';
  return `${node.op}(${node.inputs.map((input) => outline(input, depth - 1)).join()})`;
}

/** All nodes that become part of a row; undefined when lanes turn out to be made differently, or of each other. */
function alignRows(kinds: readonly Kind[]): ReadonlyMap<Node, Member> | undefined {
  const members = new Map<Node, Member>();
  const shapes = (kinds[0] ?? []).map((lane) => lane.output.shape);
  const fits = (node: Node, lane: number): boolean => sameList(node.shape, shapes[lane] ?? []);
  const open: (readonly Node[])[] = kinds.map((kind) => kind.map((lane) => lane.output));
  for (let row = open.pop(); row; row = open.pop()) {
    const [first] = row;
    const known = first && members.get(first)?.row;
    if (known) {
      if (known.some((node, lane) => node !== row[lane])) return undefined;
      continue;
    }
    if (!first || row.some((node, lane) => members.has(node) || !fits(node, lane))) return undefined;
    if (!row.every((node) => isInside(node) && node.op === first.op && node.inputs.length === first.inputs.length)) continue;
    if (new Set(row).size < row.length) return undefined;
    for (const [lane, node] of row.entries()) members.set(node, { row, lane });
    for (const [k, input] of first.inputs.entries()) {
      const inputs = row.flatMap((node) => node.inputs[k] ?? []);
      if (!isScalar(input)) open.push(inputs);
      else if (inputs.some((other) => other !== input)) return undefined;
    }
  }
  return kinds.flat().every((lane) => members.has(lane.output)) ? members : undefined;
}

function pack(graph: Graph, kinds: readonly Kind[], members: ReadonlyMap<Node, Member>): Graph {
  const shapes = (kinds[0] ?? []).map((lane) => lane.output.shape);
  const { input: createInput } = createMaker(topological(graph).at(-1)?.id);
  const vectors = kinds.map((kind, k) => {
    const name = `state/packed ${k}`;
    return { name, kind, input: createInput(name, [lengthOf(shapes)], 'float32') };
  });
  const inputs = new Map(vectors.flatMap(({ kind, input }) => kind.map((lane, index) => [lane.input, { vector: input, index }] as const)));
  const leaders = new Map(vectors.map(({ kind }) => [kind[0]?.name, kind]));
  const followers = new Set(kinds.flatMap((kind) => kind.slice(1).map((lane) => lane.name)));
  const made = new Map<readonly Node[], Node>();

  const flat = rewrite(
    { ...graph, inputs: [...graph.inputs, ...vectors.map(({ input }) => input)] },
    (node, of, make) => {
      const packedInput = inputs.get(node);
      if (packedInput) return cut(make, packedInput.vector, shapes, packedInput.index);
      const member = members.get(node);
      if (!member) return undefined;
      const { row, lane } = member;
      const along = (k: number): Node =>
        join(
          make,
          row.map((other) => of(operand(other, k))),
        );
      const operands = node.inputs.map((input, k) => (isScalar(input) ? of(input) : along(k)));
      const vector = made.get(row) ?? make(node.op, operands, node.attributes);
      made.set(row, vector);
      return cut(make, vector, shapes, lane);
    },
    {
      needs: (node) => members.get(node)?.row.flatMap((other) => other.inputs) ?? [],
      end: (name, _node, of, make) => {
        const kind = leaders.get(name);
        return (
          kind &&
          join(
            make,
            kind.map((lane) => of(lane.output)),
          )
        );
      },
    },
  );
  const renamed = new Map(vectors.map(({ name, kind }) => [kind[0]?.name, name]));
  return {
    inputs: [...graph.inputs.filter((input) => !inputs.has(input)), ...vectors.map(({ input }) => input)],
    outputs: new Map([...flat.outputs].filter(([name]) => !followers.has(name)).map(([name, node]) => [renamed.get(name) ?? name, node])),
    packed: new Map([
      ...graph.packed,
      ...vectors.map(({ name, kind }) => [name, kind.map((lane) => ({ name: lane.name, shape: lane.output.shape }))] as const),
    ]),
  };
}

const lengthOf = (shapes: readonly Shape[]): number => shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);

const join = (make: Make, nodes: readonly Node[]): Node =>
  make(
    'Concat',
    nodes.map((node) => make('Reshape', [node], { shape: [sizeOf(node.shape)] })),
    { axis: 0 },
  );

function cut(make: Make, vector: Node, shapes: readonly Shape[], lane: number): Node {
  const shape = shapes[lane] ?? [];
  const part = make('Slice', [vector], { axis: 0, begin: lengthOf(shapes.slice(0, lane)), size: sizeOf(shape) });
  return make('Reshape', [part], { shape });
}
