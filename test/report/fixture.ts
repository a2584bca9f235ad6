import { createHash } from 'node:crypto';
import { SPEEDS } from '../../src/planning/recorded.js';
import type { Point, RunRecord } from '../../src/run/run-record.js';

export const points = (...values: readonly number[]): readonly Point[] =>
  values.map((value, index) => ({ step: index + 1, value, timestamp: 1_700_000_000_000 + 650 * (index + 1) }));

/** A run of the addition experiment as PyTorch saw it: train loss and test exact match of a seed after each of 20 epochs. */
const LOSS = [
  0.2365, 0.1882, 0.151, 0.1256, 0.0961, 0.0824, 0.077, 0.066, 0.0489, 0.0395, 0.0309, 0.0252, 0.0229, 0.0215, 0.0204, 0.0194, 0.0185,
  0.0176, 0.0168, 0.016,
];
const EXACT_MATCH = [
  0.0146, 0.0434, 0.095, 0.1628, 0.2347, 0.2862, 0.4068, 0.5805, 0.7088, 0.8171, 0.9, 0.9255, 0.941, 0.948, 0.954, 0.957, 0.959, 0.963,
  0.968, 0.971,
];

export const RUN: RunRecord = {
  experiment: 'lstm_addition',
  description: 'Adding two 7-bit numbers with an LSTM written from scratch.',
  runId: '3f2a9c44b1d04e0c8f6a7d5e2b1c0a99',
  status: 'finished',
  parameters: new Map([
    ['seed', { value: '1', origin: 'experiments/lstm_addition.yaml:4:7' }],
    ['model.hidden_size', { value: '32', origin: 'experiments/lstm_addition.yaml:13:16' }],
    ['loss.kind', { value: 'mean_squared_error', origin: 'experiments/lstm_addition.yaml:17:9' }],
    ['optimizer.beta1', { value: '0.9', origin: 'default' }],
  ]),
  metrics: new Map([
    ['train/loss', points(...LOSS)],
    ['train/examples_per_second', points(...LOSS.map(() => 145_300))],
    ['test/loss', points(...LOSS.map((loss) => loss * 0.9))],
    ['test/exact_match', points(...EXACT_MATCH)],
  ]),
  about: { ...SPEEDS, exact_match: { better: 'higher', unit: 'share' } },
  chance: { 'test/exact_match': 0.009 },
  notes: ['99.2 % of the test pairs were trained on: they test memory. For new pairs set dataset.held_out.'],
  warnings: [],
  started: 1_700_000_000_000,
  ended: 1_700_000_013_000,
  folder: 'runs/123456789012345678/3f2a9c44b1d04e0c8f6a7d5e2b1c0a99',
  environment: new Map([
    ['node', '20.20.2'],
    ['commit', '0123456789ab'],
  ]),
  commands: [
    { command: 'npx retable show 3f2a', does: 'all numbers of this run' },
    { command: 'npx retable report 3f2a', does: 'one page with curves' },
  ],
};

/** A page without its one script, which is the one that the page allows. */
export function withoutScript(page: string): string {
  const [whole = '', script = ''] = /<script>([\s\S]*)<\/script>/.exec(page) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');
  if (!page.includes(`script-src &#39;sha256-${hash}&#39;;`)) throw new Error('the page does not allow its script');
  return page.replace(whole, () => '');
}
