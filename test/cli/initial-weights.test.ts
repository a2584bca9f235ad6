import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, safetensorsMetadata } from '../../src/formats/safetensors.js';
import { workplace } from '../support/program.js';

const place = workplace();
const runs = join(place.folder, 'runs');
const document = join(place.folder, 'gru.yaml');
const weights = join(place.folder, 'weights.safetensors');
const small = ['dataset.max_tokens=400', 'dataset.time_steps=8', 'training.batch_size=4', 'model.hidden_size=8', 'training.epochs=2'];
const options = (...set: readonly string[]) => [...small, ...set].flatMap((value) => ['--set', value]);

const run = async (...set: readonly string[]) => {
  const { stdout, stderr, status } = await place.call('run', document, ...options(...set), '--runs', runs, '--json');
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as { readonly record: string };
};

const kept = ({ record }: { readonly record: string }) => decodeSafetensors(readFileSync(join(record, 'artifacts', 'weights.safetensors')));

describe('training.initial_weights', () => {
  let trained: ReturnType<typeof kept> = {};

  beforeAll(async () => {
    copyFileSync('experiments/gru_time_machine.yaml', document);
    trained = kept(await run());
    const { status } = await place.call('export', 'latest', '--runs', runs, '--output', weights);
    expect(status).toBe(0);
  }, 60_000);

  it('begin where another run ended', async () => {
    const unmoved = await run(`training.initial_weights=${weights}`, 'optimizer.learning_rate=1e-30');
    expect(kept(unmoved)).toEqual(trained);
  });

  it('of a run on record are named by the run', async () => {
    const key = async (...more: readonly string[]) => {
      const { stdout, stderr, status } = await place.call('plan', document, ...options(), '--runs', runs, '--json', ...more);
      expect(status, stderr).toBe(0);
      return (JSON.parse(stdout) as { readonly work: { readonly key: string } }).work.key;
    };
    const [exported, named] = [await key('--set', `training.initial_weights=${weights}`), await key('--weights-from', 'gru_time_machine')];
    expect(named).toBe(exported);
    expect(await key()).not.toBe(named);
    const unmoved = await place.call(
      'run',
      document,
      ...options('optimizer.learning_rate=1e-30'),
      '--weights-from',
      'gru_time_machine',
      '--runs',
      runs,
      '--json',
    );
    expect(kept(JSON.parse(unmoved.stdout) as { readonly record: string })).toEqual(trained);
    const refused = await place.call('plan', document, ...options(), '--weights-from', 'nobody', '--runs', runs);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('no run "nobody"')]);
    const swept = await place.call('run', document, '--vary', 'model.hidden_size=4,8', '--weights-from', 'latest', '--runs', runs);
    expect(swept.stderr).toContain('--weights-from is for an experiment, and this is a sweep');
  });

  it('are part of the work by what they hold, not by where they lie', async () => {
    const key = async (...set: readonly string[]): Promise<string> => {
      const { stdout, stderr } = await place.call('plan', document, ...options(...set), '--runs', runs, '--json');
      expect(stderr).toBe('');
      return (JSON.parse(stdout) as { readonly work: { readonly key: string } }).work.key;
    };
    mkdirSync(join(place.folder, 'elsewhere'));
    const preprocessing = String(safetensorsMetadata(readFileSync(weights))['preprocessing']);
    writeFileSync(join(place.folder, 'elsewhere', 'same'), encodeSafetensors(trained, { from: 'somewhere else', preprocessing }));
    const first = Object.entries(trained).map(([name, { shape, values }], index) => [
      name,
      { shape, values: index === 0 ? values.map((value) => value + 1) : values },
    ]);
    writeFileSync(join(place.folder, 'other'), encodeSafetensors(Object.fromEntries(first), { preprocessing }));
    const given = await key(`training.initial_weights=${weights}`);
    expect(await key(`training.initial_weights=${join(place.folder, 'elsewhere', 'same')}`)).toBe(given);
    expect(await key(`training.initial_weights=${join(place.folder, 'other')}`)).not.toBe(given);
    expect(await key()).not.toBe(given);
  });

  it('are said in the plan, and refused with the place where they do not fit', async () => {
    const file = `training.initial_weights=${weights}`;
    const plan = await place.call('plan', document, ...options(file), '--runs', runs);
    expect(plan.stdout.replaceAll(/\s+/g, ' ')).toContain(`beginning with the weights in ${weights}`);
    const refused = async (...set: readonly string[]): Promise<string> => {
      const { status, stderr } = await place.call('check', document, ...options(...set));
      expect(status).toBe(2);
      return stderr.replaceAll(/\s+/g, ' ');
    };
    expect(await refused(file, 'model.hidden_size=9')).toContain('are of another model: Wxz is [28, 8] and not [28, 9]; ');
    expect(await refused(file, 'model.implementation=builtin')).toContain('kernel is not there');
    expect(await refused('training.initial_weights=nowhere')).toContain('cannot be read');
    expect(await refused(`training.initial_weights=${document}`)).toContain(
      'holds no weights: it does not begin as a safetensors file does',
    );
  });
});
