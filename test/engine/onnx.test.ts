import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { Graph, Node } from '../../src/engine/graph/graph.js';
import { createMaker } from '../../src/engine/graph/make.js';
import { byReadiness, writeModel } from '../../src/engine/onnx/write.js';
import { encode, float, message, varint } from '../../src/engine/onnx/model.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('Protocol Buffers, against the examples of their own documentation', () => {
  it.each([
    ['150', message([1, varint(150)]), '089601'],
    ['testing', message([2, 'testing']), '120774657374696e67'],
    ['a message in a message', message([3, message([1, varint(150)])]), '1a03089601'],
    ['-2, as ten bytes', message([1, varint(-2)]), '08feffffffffffffffff01'],
    ['beyond 32 bits', message([1, varint(2 ** 40)]), '08808080808020'],
    ['before all', message([1, varint(-(2 ** 40))]), '0880808080 80e0ffffff01'.replace(' ', '')],
    ['a float', message([5, float(1)]), '2d0000803f'],
    ['bytes', message([16, Uint8Array.of(1, 2)]), '8201020102'],
    ['letters beyond ASCII', message([1, 'é']), '0a02c3a9'],
    ['nothing', message(), ''],
  ])('%s', (_, given, expected) => {
    expect(hex(encode(given))).toBe(expected);
  });
});

async function run(graph: Graph, feeds: Readonly<Record<string, ort.Tensor>>): Promise<Readonly<Record<string, ort.Tensor>>> {
  const session = await ort.InferenceSession.create(writeModel('test', graph));
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

const graphOf = (inputs: readonly Node[], outputs: Readonly<Record<string, Node>>): Graph => ({
  inputs,
  outputs: new Map(Object.entries(outputs)),
  packed: new Map(),
});

describe('a graph as ONNX', () => {
  const make = createMaker();
  const x = make.input('x', [6, 2], 'float32');
  const feeds = {
    x: new ort.Tensor(
      'float32',
      Float32Array.from({ length: 12 }, (_, i) => i),
      [6, 2],
    ),
  };
  const rows = (begin: number, size: number): Node => make('Slice', [x], { axis: 0, begin, size });

  it('cuts a tensor once where slices lie apart, with gaps, and each by itself where they overlap', async () => {
    const apart = graphOf([x], { a: rows(1, 1), b: rows(4, 2) });
    const overlapping = graphOf([x], { a: rows(0, 3), b: rows(2, 3) });
    expect(operators(apart)).toEqual({ Split: 1 });
    expect(operators(overlapping)).toEqual({ Slice: 2 });
    const made = await run(apart, feeds);
    expect([made['next a']?.data, made['next b']?.data]).toEqual([Float32Array.of(2, 3), Float32Array.of(8, 9, 10, 11)]);
    const others = await run(overlapping, feeds);
    expect(others['next b']?.data).toEqual(Float32Array.of(4, 5, 6, 7, 8, 9));
  });

  it('adds terms of one shape at once, stretched ones after', async () => {
    const row = make.constant(Float32Array.of(10, 20), [2], 'float32');
    const sum = make.exact('Sum', [x, row, make('Sigmoid', [x]), make('Tanh', [x])]);
    const graph = graphOf([x], { sum });
    expect(operators(graph)).toMatchObject({ Sum: 1, Add: 1 });
    const { 'next sum': made } = await run(graph, feeds);
    expect(made?.data[3]).toBeCloseTo(3 + 20 + 1 / (1 + Math.exp(-3)) + Math.tanh(3), 5);
  });

  it('names an output where it is made, and copies only what has another name already', async () => {
    const sigmoid = make('Sigmoid', [x]);
    expect(copies(graphOf([x], { sigmoid, more: make('Tanh', [sigmoid]) }))).toBe(0);
    expect(copies(graphOf([x], { a: rows(0, 2), b: rows(2, 4) }))).toBe(0);
    const graph = graphOf([x], { x, one: make.filled(1, [2], 'float32'), sigmoid, again: sigmoid });
    expect(copies(graph)).toBe(3);
    const made = await run(graph, feeds);
    expect(made['next x']?.data).toEqual(feeds.x.data);
    expect(made['next one']?.data).toEqual(Float32Array.of(1, 1));
    expect(made['next again']?.data).toEqual(made['next sigmoid']?.data);
  });

  it('holds equal constants once', () => {
    const again = createMaker();
    const y = again.input('y', [4], 'float32');
    const reshape = (node: Node, ...shape: number[]): Node => again.exact('Reshape', [node], { shape });
    const graph = graphOf([y], { a: reshape(reshape(reshape(y, 2, 2), 4), 2, 2) });
    const text = Buffer.from(writeModel('test', graph)).toString('latin1');
    expect(new Set(text.match(/constant \d+/g))).toEqual(new Set(['constant 0', 'constant 1']));
  });
});

const copies = (graph: Graph): number => operators(graph)['Identity'] ?? 0;

/** Operators of a written graph, counted by their type. */
function operators(graph: Graph): Record<string, number> {
  const text = Buffer.from(writeModel('test', graph)).toString('latin1');
  const counts: Record<string, number> = {};
  // Field 4 of a node, its operator's type, is preceded by its length.
  for (const [, length, name = ''] of text.matchAll(/"([\x01-\x20])([A-Z][A-Za-z]+)/g)) {
    const op = name.slice(0, length?.charCodeAt(0));
    counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}

describe('operators', () => {
  /** Forward through time, then backward: what step t sends back is ready as soon as step t is done, and read after the last one. */
  const STEPS = 50;
  const steps = Array.from({ length: STEPS }, (_, t) => t);
  const operators = [
    ...steps.map((t) => ({ inputs: [t === 0 ? 'x' : `h${t - 1}`, 'weights'], outputs: [`h${t}`] })),
    ...steps.map((t) => ({ inputs: [`h${t}`, `h${t}`], outputs: [`slope${t}`] })),
    ...steps.toReversed().map((t) => ({ inputs: [t === STEPS - 1 ? `h${t}` : `sent${t + 1}`, `slope${t}`], outputs: [`sent${t}`] })),
  ];

  /** How many wait at a time for a runtime that does the first of those that are ready. */
  const mostWaiting = (order: typeof operators): number => {
    const makers = new Map(order.flatMap((each, index) => each.outputs.map((value) => [value, index] as const)));
    const readyAt = order.map(({ inputs }) => Math.max(-1, ...inputs.map((value) => makers.get(value) ?? -1)));
    return Math.max(...order.map((_, now) => readyAt.filter((at, index) => at < now && index >= now).length));
  };

  it('are written in the order in which they become ready, each once, so that few wait', () => {
    const order = byReadiness(operators);
    expect(new Set(order)).toEqual(new Set(operators));
    const made = new Set(['x', 'weights']);
    for (const { inputs, outputs } of order) {
      for (const value of inputs) expect(made).toContain(value);
      for (const value of outputs) made.add(value);
    }
    expect(mostWaiting(operators)).toBe(STEPS);
    expect(mostWaiting([...order])).toBeLessThanOrEqual(3);
  });
});
