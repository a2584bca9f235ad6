import { describe, expect, it } from 'vitest';
import { workplace } from '../support/program.js';

const place = workplace();
const asked = async (...words: readonly string[]): Promise<readonly string[]> =>
  (await place.run('complete', '--', ...words)).stdout.split('\n').map((line) => line.split('\t')[0] ?? '');

describe('completion', () => {
  it.each([
    [['ch'], 'check'],
    [['run', 'experiments/lstm_addition.yaml', '--fr'], '--fresh'],
    [['run', 'experiments/lstm_addition.yaml', '--set', 'model.hid'], 'model.hidden_size='],
    [['run', 'experiments/lstm_addition.yaml', '-s', 'model.readout='], 'model.readout=last'],
    [['plan', 'experiments/lstm_addition.yaml', '--set', 'loss.kind='], 'loss.kind=cross_entropy'],
    [['plan', 'no_such_file.yaml', '--set', 'tr'], 'training.'],
  ])('of %j offers %s', async (words, offered) => {
    expect(await asked(...words)).toContain(offered);
  });

  it.each(['bash', 'zsh', 'fish', 'powershell'])('has a script for %s', async (shell) => {
    const { stdout, status } = await place.run('complete', shell);
    expect(status).toBe(0);
    expect(stdout).toMatch(/retable.*complete --|RequestComp/);
  });
});
