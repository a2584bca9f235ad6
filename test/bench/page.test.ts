import { expect, it } from 'vitest';
import type { Result } from '../../bench/harness.js';
import { fillPage, performancePage } from '../../bench/page.js';

const always = (value: number) => ({ median: value, min: value, max: value });

const result: Result = {
  name: 'speed',
  about: '',
  date: '2026-01-02T00:00:00.000Z',
  machine: { processor: 'P', cores: 2, memory_gigabytes: 8, system: 'S', node: 'v20.0.0', onnxruntime: '1.0.0', commit: 'abc' },
  versions: { torch: '2.0' },
  rounds: 5,
  rounds_repeated_because_others_worked: 0,
  processors_used_by_others: always(0.01),
  candidates: { ours: { 'tokens/s': { median: 12345, min: 12000, max: 13000 } }, theirs: { 'tokens/s': always(6000) } },
  figures: [{ label: 'ours / theirs', of: ['ours', 'tokens/s'], over: ['theirs', 'tokens/s'], atLeast: 1.5, ...always(2.0575) }],
};

it('docs/internals/performance.md holds the figures of bench/results: else run `npm run bench docs`', async () => {
  const { now, due } = await performancePage();
  expect(now).toBe(due);
});

it('figures stand between their marks, everything else stays', async () => {
  const page = 'Before.\n\n<!-- bench speed -->\n\nold\n\n<!-- end -->\n\nAfter.\n\n<!-- bench other -->\n\nold\n\n<!-- end -->\n';
  const filled = await fillPage(page, new Map([['speed', result]]));
  expect(filled).toMatch(/^Before\.\n\n<!-- bench speed -->\n/);
  expect(filled).not.toContain('old');
  expect(filled).toMatch(/\| ours +\| tokens\/s +\| 12,300 \(12,000 to 13,000\) +\|/);
  expect(filled).toMatch(/\| ours \/ theirs +\| at least 1\.5 +\| 2\.06 \(2\.06 to 2\.06\) +\|/);
  expect(filled).toContain('torch 2.0; 5 rounds, others used at most 0.01 processors');
  expect(filled).toMatch(/After\.\n\n<!-- bench other -->\n\nNot measured yet: `npm run bench other`\.\n\n<!-- end -->\n$/);
  await expect(fillPage(filled, new Map([['speed', result]]))).resolves.toBe(filled);
});

it('the roofline says what the distance from the limit is made of', async () => {
  const step = {
    'ms a step': always(30),
    'ms, products, forward': always(25),
    'ms, elementwise, forward': always(3),
    'ms, rest': always(2),
    'GFLOP, products, forward': always(2),
    'operations, products, forward': always(141),
  };
  const roofline = { ...result, name: 'roofline', candidates: { sgemm: { 'GFLOP/s': always(100) }, step }, figures: [] };
  const filled = await fillPage('<!-- bench roofline -->\n<!-- end -->\n', new Map([['roofline', roofline]]));
  expect(filled).toMatch(/\| products, forward +\| 141 +\| 25 +\| 83 % +\| 2 +\| 80 +\| 20 +\|/);
  expect(filled).toMatch(/The distance of 10 ms is made of products that run slower than that \(5 ms\), elementwise operations \(3 ms\)/);
  expect(filled).toContain('and the rest (2 ms)');
});

it('recurrent nets: a row for each that was measured, the ratio beside each rival that was', async () => {
  const rate = (name: string, value: number) => ({ [`${name}, 1 thread`]: { 'tokens/s': always(value) } });
  const [ours, theirs] = ['GRU 256 scratch, retable', 'GRU 256 scratch, PyTorch'];
  const figure = { label: `${ours} / ${theirs}, 1 thread`, of: [ours, 'tokens/s'] as const, atLeast: 1.6, ...always(1.75) };
  const recurrent = { ...result, name: 'recurrent', candidates: { ...rate(ours, 52500), ...rate(theirs, 30000) }, figures: [figure] };
  const filled = await fillPage('<!-- bench recurrent -->\n<!-- end -->\n', new Map([['recurrent', recurrent]]));
  expect(filled).toMatch(/\| GRU 256 scratch +\| 52,500 +\| 30,000 \(1\.75\) +\| 1\.6 times PyTorch +\|/);
  expect(filled).not.toMatch(/LSTM|2 threads/);
});
