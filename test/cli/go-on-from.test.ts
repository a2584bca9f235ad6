import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workplace } from '../support/program.js';

const place = workplace();
const small = [
  ...['dataset.max_tokens=400', 'dataset.time_steps=8', 'dataset.validation=0.2', 'training.batch_size=2', 'model.hidden_size=8'],
  ...['optimizer={kind: adam, learning_rate: {kind: linear, from: 0.02, to: 0.001, over: 7}}', 'training.keep=best'],
  'training.samples={every: 2, prefixes: [th], length: 9}',
];

interface Result {
  readonly run: string;
  readonly record: string;
  readonly metrics: Readonly<Record<string, unknown>>;
}

async function train(epochs: number, runs: string, ...more: readonly string[]) {
  const set = [...small, `training.epochs=${epochs}`].flatMap((value) => ['--set', value]);
  return place.call('run', 'experiments/lstm_time_machine.yaml', ...set, '--runs', join(place.folder, runs), ...more);
}

const result = ({ stdout }: { readonly stdout: string }): Result => JSON.parse(stdout) as Result;

/** Deterministic values of every epoch, and what the run keeps. */
function recorded({ record }: Result) {
  const read = (...path: readonly string[]): string => readFileSync(join(record, ...path), 'utf8');
  const curve = (key: string): readonly string[] =>
    read('metrics', key)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').slice(1).join(' '));
  return {
    loss: curve('train/loss'),
    validation: curve('validation/perplexity'),
    samples: read('artifacts', 'samples.txt'),
    weights: readFileSync(join(record, 'artifacts', 'weights.safetensors')).toString('hex'),
    kept: read('tags', 'retable.kept_epoch'),
  };
}

describe('a finished run of fewer epochs', () => {
  it('is gone on from: the same digits, samples and weights as without a pause, in a record that is whole', async () => {
    const first = result(await train(5, 'prolonged', '--json'));
    const second = await train(9, 'prolonged', '--from', first.run.slice(0, 8), '--json');
    expect(second.stderr).toMatch(/^epoch 6\/9 /m);
    expect(second.stderr).not.toMatch(/^epoch 5\/9 /m);
    const whole = recorded(result(await train(9, 'whole', '--json')));
    expect(whole.loss).toHaveLength(9);
    expect(recorded(result(second))).toEqual(whole);
    expect(readFileSync(join(result(second).record, 'tags', 'retable.continued_from'), 'utf8')).toBe(first.run);

    const again = await train(9, 'prolonged', '--from', 'latest');
    expect(again.stderr).toContain('done before: shown, not repeated');
    const { stdout: told } = await place.call('show', 'latest', '--runs', join(place.folder, 'prolonged'));
    expect(told).toContain(`Its first epochs are those of run ${first.run.slice(0, 8)}, which it goes on from.`);
    expect((await place.call('store', 'verify', '--runs', join(place.folder, 'prolonged'))).status).toBe(0);
  });

  it('is refused where it is other work, as long, or has no state left', async () => {
    const refused = async (epochs: number, ...more: readonly string[]) => {
      const { status, stderr } = await train(epochs, 'prolonged', '--from', 'latest', '--fresh', ...more);
      expect(status).toBe(2);
      return stderr;
    };
    expect(await refused(10, '--set', 'model.hidden_size=9', '--seed', '2')).toMatch(
      /is a run of something else: it differs in seed, (dataset, )?.*model\.hidden_size/,
    );
    expect(await refused(9)).toContain('has trained 9 epochs, and 9 are asked for\n  help: --set training.epochs=18');
    await place.call('store', 'gc', '--runs', join(place.folder, 'prolonged'));
    expect(await refused(10)).toContain('has given back the state that it ended with');
    const sweep = await place.call('run', 'experiments/sweeps/lstm_addition_hidden.yaml', '--from', 'latest');
    expect([sweep.status, sweep.stderr]).toEqual([2, expect.stringContaining('a sweep goes on by itself')]);
  });
});
