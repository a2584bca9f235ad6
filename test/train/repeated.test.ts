import { expect, it } from 'vitest';
import { type Call, repeated } from '../../src/train/calls.js';

const callOf = (size: number): Call => ({ steps: 1, inputs: { input: new Float32Array(size), target: new Float32Array(1) } });

it('calls that repeat are made once, where they are few numbers and somebody went through all of them', () => {
  const known = new Map<string, readonly Call[]>();
  let made = 0;
  const pass = (of: string, sizes: readonly number[]): Iterable<Call> =>
    repeated(known, of, function* () {
      for (const size of sizes) {
        made += 1;
        yield callOf(size);
      }
    });
  const [begun] = pass('test', [3, 4]);
  expect(begun?.inputs['input']).toHaveLength(3);
  expect(made).toBe(1);
  const first = [...pass('test', [3, 4])];
  expect([...pass('test', [3, 4])]).toEqual(first);
  expect(made).toBe(3);
  expect([...pass('train', [5])]).toHaveLength(1);
  expect(made).toBe(4);
  for (let time = 0; time < 2; time++) expect([...pass('large', [600_000, 600_000])]).toHaveLength(2);
  expect(made).toBe(8);
});
