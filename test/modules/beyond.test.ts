import { expect, test } from 'vitest';
import { Type } from '../../src/language/type.js';
import { guardStage, lateLibrary } from '../../src/modules/guard.js';
import { createStreams } from '../../src/random/streams.js';
import { type Beyond, type DataSpec, defineStage } from '../../src/stages/stage.js';
import { noProblem } from '../stages/support.js';

const spec: DataSpec = {
  splits: {
    train: {
      examples: 2,
      batches: 1,
      batchSize: 2,
      inputs: { input: { shape: [3, 1], axes: ['time', 'features'], dtype: 'float32' } },
      target: { shape: [4], axes: ['outputs'], dtype: 'float32' },
    },
  },
  outputs: { steps: 2, names: ['x', 'y'] },
  chance: {},
};
const batch = { inputs: { input: new Float32Array(6) }, target: new Float32Array(8), weight: Float32Array.of(1, 0) };

/** What a person's own dataset says of what lies beyond its data, as far as it is taken. */
function beyond(given: unknown): readonly Beyond[] {
  const own = defineStage({
    slot: 'dataset',
    kind: 'own',
    version: 1,
    summary: 'Of a person.',
    options: Type.Object({}),
    plan: () => spec,
    create: () => ({ *batches() {}, beyond: () => given as Iterable<Beyond> }),
  });
  const guarded = guardStage(own, './own.mjs', lateLibrary().during, () => undefined);
  const upstream = {
    facts: { digest: '0'.repeat(64), facts: [], content: {} },
    fitted: {},
    transforms: [],
    request: { batchSize: 2, shuffle: false },
  };
  const planned = guarded.plan({}, upstream, noProblem) as DataSpec;
  const tools = { ...upstream, streams: createStreams(1), files: { read: () => new Uint8Array() } };
  const dataset = guarded.create(tools, {}, planned, upstream) as { beyond(): Iterable<Beyond> };
  return [...dataset.beyond()];
}

test('windows at the end of the data of a person’s own dataset are taken as they are announced', () => {
  const right = { batch, rows: [{ times: ['2020-01', '2020-02'] }] };
  expect(beyond([right])).toEqual([right]);
  const known = { ...right, known: [{ times: ['2019-12'], values: [[1], [2]] }] };
  expect(beyond([known])).toEqual([known]);
});

test.each<readonly [given: unknown, message: RegExp]>([
  [7, /it gives 7, and batches are gone through one by one|it gives a number/],
  [[batch], /in place of \{ batch, rows \}/],
  [[{ batch, rows: [] }], /it gives 0 rows for a batch in which 1 have weight/],
  [[{ batch, rows: [{ times: ['2020-01'] }] }], /rows\[0\]\.times must be when each of 2 steps is/],
  [[{ batch, rows: [{ times: ['a', 'b'] }], known: [] }], /known must hold \{ times, values \} for each of 1 rows/],
  [
    [{ batch, rows: [{ times: ['a', 'b'] }], known: [{ times: ['z'], values: [[1]] }] }],
    /known\[0\] must hold times, and values that are 2 lists of as many numbers/,
  ],
  [
    [{ batch: { ...batch, target: new Float32Array(2) }, rows: [{ times: ['a', 'b'] }] }],
    /target must hold \[2, 4\], 8 numbers, and holds 2/,
  ],
])('what is not is told: %o', (given, message) => {
  expect(() => beyond(given)).toThrow(message);
});
