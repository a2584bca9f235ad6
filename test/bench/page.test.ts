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

it('docs/performance.md holds the figures of bench/results: else run `npm run bench docs`', async () => {
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
