import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, safetensorsMetadata } from '../../src/formats/safetensors.js';
import { formatSamples, parseSamples } from '../../src/run/kept-files.js';
import { workplace } from '../support/program.js';

const FILE = 'experiments/gru_time_machine.yaml';
const place = workplace();
const runs = join(place.folder, 'runs');
const small = ['dataset.max_tokens=400', 'dataset.time_steps=8', 'training.batch_size=4', 'model.hidden_size=8', 'training.epochs=12'];
const sample = (...args: readonly string[]) => place.call('sample', 'latest', '--runs', runs, ...args);

describe('sample', () => {
  let record = '';

  beforeAll(async () => {
    const set = [...small, 'training.samples={every: 5, prefixes: [time traveller, th], length: 12}'].flatMap((value) => ['--set', value]);
    const { stdout, stderr, status } = await place.call('run', FILE, ...set, '--runs', runs, '--json');
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/epoch 10 writes: time traveller/);
    record = (JSON.parse(stdout) as { readonly record: string }).record;
  }, 60_000);

  it('writes what the run wrote at its end, from its weights alone', async () => {
    const written = parseSamples(readFileSync(join(record, 'artifacts', 'samples.txt'), 'utf8'));
    expect(written.map(({ epoch }) => epoch)).toEqual([5, 10, 12]);
    const { stdout, status } = await sample();
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, -1)).toEqual(written.at(-1)?.texts);
  });

  it('has the tokens beside the model, by index', () => {
    const { tokens, separator } = JSON.parse(readFileSync(join(record, 'artifacts', 'model', 'vocabulary.json'), 'utf8')) as {
      readonly tokens: readonly string[];
      readonly separator: string;
    };
    expect([tokens.length, tokens.slice(0, 4), separator]).toEqual([28, ['<unk>', ' ', 'e', 't'], '']);
  });

  it('says at the end how fast it was, and what it writes', async () => {
    const { stdout } = await place.call('show', 'latest', '--runs', runs);
    expect(stdout).toMatch(/^gru_time_machine  finished: 12 epochs in [\d.]+ (ms|s), [\d,]+ tokens\/s; run /m);
    expect(stdout).toMatch(/^After epoch 12 it writes: time traveller.{12}$/m);
  });

  it('takes other prefixes, lengths and temperatures, the same for the same seed', async () => {
    const draw = (seed: string) =>
      sample(...['--prefix', 'the machine', '--length', '30', '--temperature', '1.5', '--top-k', '20', '--seed', seed, '--json']);
    const [one, again, other] = [await draw('1'), await draw('1'), await draw('2')];
    const texts = JSON.parse(one.stdout) as { readonly epoch: number; readonly samples: readonly { readonly text: string }[] };
    expect(texts.epoch).toBe(12);
    expect(texts.samples.map(({ text }) => text.length)).toEqual([41]);
    expect(again.stdout).toBe(one.stdout);
    expect(other.stdout).not.toBe(one.stdout);
  });

  it('goes on with a run of before, which knew one number for tokens and classes, and its weights have names', async () => {
    const plan = join(record, 'artifacts', 'plan.json');
    const weights = join(record, 'artifacts', 'weights.safetensors');
    const [today, weightsToday] = [readFileSync(plan, 'utf8'), readFileSync(weights)];
    expect(today).toContain('"tokens": 28');
    const { stdout } = await sample('--prefix', 'the machine');
    writeFileSync(
      plan,
      today.replaceAll(/,\s*"tokens": 28/g, '').replaceAll(/,\s*"axes": \[\s*"(tokens|outputs|units|classes)"[^\]]*\]/g, ''),
    );
    writeFileSync(weights, encodeSafetensors(decodeSafetensors(weightsToday)));
    const before = await sample('--prefix', 'the machine');
    expect(before.stdout, before.stderr).toBe(stdout);
    const exported = join(place.folder, 'before.safetensors');
    await place.call('export', 'latest', '--output', exported, '--runs', runs);
    const named = JSON.parse(String(safetensorsMetadata(readFileSync(exported))['preprocessing'])) as {
      readonly vocabulary: readonly string[];
    };
    expect(named.vocabulary).toHaveLength(28);
    writeFileSync(plan, today);
    writeFileSync(weights, weightsToday);
  });

  it('says what it cannot do', async () => {
    const odd = await sample('--prefix', 'Time', '--length', '3');
    expect(odd.stderr).toContain('"T" never occurred in training');
    for (const [name, text, asked] of [
      ['--length', '0', 'a whole number, from 1 to 1000000'],
      ['--length', '1000001', 'a whole number, from 1 to 1000000'],
      ['--length', '1e300', 'a whole number, from 1 to 1000000'],
      ['--temperature', '-1', 'a number, at least 0'],
      ['--top-k', '1e300', 'a whole number, at least 1'],
      ['--seed', '1e300', 'a whole number, at least 0'],
    ] as const)
      expect((await sample(name, text)).stderr).toBe(`error: ${name} can't be "${text}"\n  help: give ${asked}\n`);
    rmSync(join(record, 'artifacts', 'weights.safetensors'));
    const gone = await sample();
    expect([gone.status, gone.stderr]).toEqual([1, expect.stringContaining('keeps no weights')]);
  });
});

it('a run that stops early says when, and why', async () => {
  const set = [
    ...small,
    'training.early_stopping={metric: train/loss, patience: 2}',
    'optimizer.learning_rate=1e-30',
    'optimizer.clip_norm=1e-30',
  ];
  const { stdout } = await place.call('run', FILE, ...set.flatMap((value) => ['--set', value]), '--runs', join(place.folder, 'early'));
  expect(stdout).toMatch(/^Stopped early, after epoch \d of 12: train\/loss had not become better for 2 epochs\.$/m);
});

describe('the text of samples', () => {
  it('comes back as it was, whatever is in it', () => {
    const all = [
      { epoch: 1, texts: ['a', 'two\nlines\r\n', '  back\\slash \\n '] },
      { epoch: 20, texts: ['epoch 3', ''] },
    ];
    expect(parseSamples(formatSamples(all))).toEqual(all);
    expect(parseSamples('')).toEqual([]);
  });
});
