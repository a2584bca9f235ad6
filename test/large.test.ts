import { describe, expect, test } from 'vitest';
import { countUses, createMaker, orderByNeeds, topological } from '../src/engine/graph/make.js';
import { encodeModel, nodeProto } from '../src/engine/onnx/model.js';
import { flattenSums } from '../src/engine/passes/flatten-sums.js';
import { axisOf } from '../src/report/study/strip.js';
import { textTable } from '../src/report/kit/tables.js';
import { createStreams } from '../src/random/streams.js';
import { sequences } from '../src/stages/dataset/sequences.js';
import type { Options } from '../src/stages/dataset/sequences/options.js';

/** More than the arguments that one call can take: what data decide the length of is never spread into a call. */
const MANY = 200_000;
const numbers = Array.from({ length: MANY }, (_, i) => i);

const inspect = (format: 'csv' | 'jsonl', text: string, more: Partial<Options> = {}) => {
  const options: Options = {
    file: 'data',
    format,
    features: ['x'],
    target: 'y',
    task: 'classification',
    target_per: 'sequence',
    standardize: true,
    ...more,
  };
  const facts = sequences.look?.(options, { files: { read: () => new TextEncoder().encode(text) }, streams: createStreams(1) });
  return facts?.content as Readonly<Record<string, unknown>> | undefined;
};

describe('two hundred thousand', () => {
  test('rows of a table in a terminal', () => {
    expect(textTable(numbers.map((i) => [String(i), 'b'])).at(-1)).toBe('199999  b');
  });

  test('runs of a claim', () => {
    const runs = numbers.map((i) => ({ id: String(i), seed: i, value: i, title: '' }));
    expect(axisOf([{ kind: 'not_claimable', bars: [], runs }]).domain).toEqual([expect.any(Number), expect.any(Number)]);
  });

  test('terms of a sum, and nodes of a program', () => {
    const make = createMaker();
    const x = make.input('input/x', [2], 'float32');
    const inner = make('Sum', [make('Abs', [x]), make('Neg', [x])]);
    const terms = [inner, ...numbers.map(() => x)];
    const graph = { name: 'long', inputs: [x], outputs: new Map([['y', make('Sum', terms)]]), packed: new Map() };
    expect(topological(graph).length).toBe(5);
    expect(countUses(graph).get(x)).toBe(MANY + 2);
    expect(orderByNeeds(topological(graph), (node) => node.inputs).length).toBe(5);
    expect(flattenSums.apply(graph).outputs.get('y')?.inputs.length).toBe(MANY + 2);

    const nodes = numbers.map((i) => nodeProto('Abs', [`a${i}`], [`a${i + 1}`]));
    const join = nodeProto('Concat', numbers.map(String), ['all'], { axis: 0, split: numbers });
    expect(encodeModel('long', { nodes: [...nodes, join], initializers: [], inputs: [], outputs: [] }).length).toBeGreaterThan(MANY);
  });

  test('sequences of a file, and the steps of one', () => {
    const each = inspect('jsonl', numbers.map((i) => `{"x":[${i}],"y":"${'ab'[i % 2]}"}`).join('\n'));
    expect(each?.['sizes']).toMatchObject({ train: { count: 160_000 } });
    const long = inspect('csv', `id,x,y\n${numbers.map((i) => `${i % 2},${i},${i % 3}`).join('\n')}`, {
      ...{ sequence: 'id', task: 'regression', target_per: 'step', split: { validation: 0.5 } },
    });
    expect(long?.['sizes']).toMatchObject({ train: { count: 1, longest: MANY / 2 } });
  });

  test('brackets in a value', () => {
    const deep = `${'['.repeat(MANY)}${']'.repeat(MANY)}`;
    const found = inspect('jsonl', `{"x":[1,${deep}],"y":"a"}\n`);
    expect(found?.['problems']).toMatchObject([{ code: 'nested-value' }]);
  });
});
