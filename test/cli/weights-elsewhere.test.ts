import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeNpz } from '../../src/formats/npz.js';
import { decodeSafetensors, encodeSafetensors, safetensorsMetadata } from '../../src/formats/safetensors.js';
import { workplace } from '../support/program.js';

/** Weights on data that they were not trained on: what an index, a class or a feature means is told by its name, and its scale goes with it. */

const place = workplace();
const runs = join(place.folder, 'runs');
const path = (name: string): string => join(place.folder, name);
const write = (name: string, text: string): void => writeFileSync(path(name), text);

/** A person's module is imported by a process of its own. */
const retable = (command: string, document: string, ...more: readonly string[]) =>
  (readFileSync(path(document), 'utf8').startsWith('use:') ? place.run : place.call)(command, path(document), ...more);

async function run(document: string, ...set: readonly string[]) {
  const { stdout, stderr, status } = await retable('run', document, ...settings(set), '--runs', runs, '--json');
  expect(status, stderr).toBe(0);
  const { metrics, record } = JSON.parse(stdout) as { metrics: Record<string, { value: number }>; record: string };
  return { record, told: stderr, value: (key: string): number => metrics[key]?.value ?? Number.NaN };
}

/** Files by their whole paths: one in `--set` counts from where the command is given. */
const settings = (set: readonly string[]): readonly string[] =>
  set.flatMap((value) => ['--set', value.replace(/(?<=(?:initial_weights|dataset\.file)=)[^/]/, (start) => `${place.folder}/${start}`)]);

async function check(document: string, ...set: readonly string[]) {
  const { stderr, status } = await retable('check', document, ...settings(set));
  return { status, told: stderr.replaceAll(/\s+/g, ' ').replaceAll(`${place.folder}/`, '') };
}

const exported = async (name: string): Promise<void> => {
  const { status, stderr } = await place.call('export', 'latest', '--output', path(name), '--runs', runs);
  expect(status, stderr).toBe(0);
};

/** As older versions wrote it: numbers alone. */
function strip(from: string, to: string): void {
  writeFileSync(path(to), encodeSafetensors(decodeSafetensors(readFileSync(path(from)))));
}

const UNMOVED = ['optimizer.learning_rate=1e-30', 'training.epochs=1'];

describe('of a text', () => {
  /** Equal words, other frequencies: the vocabulary is in another order. */
  const words = (first: string, often: string): string =>
    first +
    Array.from({ length: 700 }, (_, i) => (i % 7 < 4 ? often : (['sea', 'tea', 'eat', 'seat', 'east'][(i * i) % 5] ?? ''))).join(' ');
  const document = (file: string): string => `experiment: text
dataset: {kind: text, file: ${file}, time_steps: 16, validation: 0.2}
model: {kind: gru, hidden_size: 16, readout: every, initializer: {kind: pytorch}}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.02}
metrics: [{kind: perplexity}]
training: {epochs: 4, batch_size: 8, shuffle: false, recurrent_state: carry}
`;

  beforeAll(async () => {
    write('sea.txt', words('', 'sea'));
    write('tea.txt', words('at at at ta ', 'tea'));
    write('more.txt', `${words('at at at ta ', 'tea')} "quay"`);
    write('less.txt', words('at at at ta ', 'tea').replaceAll('e', 'a'));
    for (const file of ['sea', 'tea', 'more', 'less']) write(`${file}.yaml`, document(`${file}.txt`));
    await run('sea.yaml');
    await exported('sea.safetensors');
    await exported('sea.npz');
    strip('sea.safetensors', 'old.safetensors');
  }, 60_000);

  it('characters in another order are matched by name, from both forms of a file', async () => {
    const plain = await run('tea.yaml', 'training.initial_weights=old.safetensors', ...UNMOVED);
    for (const file of ['sea.safetensors', 'sea.npz']) {
      const { value, told } = await run('tea.yaml', `training.initial_weights=${file}`, ...UNMOVED);
      expect(told).not.toContain('warning');
      expect(value('validation/perplexity')).toBeLessThan(2.2);
      expect(value('validation/perplexity')).toBeLessThan(plain.value('validation/perplexity') / 2);
      const { stdout } = await place.call('sample', 'latest', '--prefix', 'sea ', '--length', '12', '--runs', runs);
      expect(stdout).toMatch(/^sea (sea|tea|eat|seat|east)/);
    }
  });

  it('is a work by what training begins with', async () => {
    const key = async (document: string, file: string): Promise<string> => {
      const { stdout } = await place.call(
        'plan',
        path(document),
        ...settings([`training.initial_weights=${file}`]),
        '--runs',
        runs,
        '--json',
      );
      return (JSON.parse(stdout) as { readonly work: { readonly key: string } }).work.key;
    };
    expect(await key('tea.yaml', 'sea.npz')).toBe(await key('tea.yaml', 'sea.safetensors'));
    expect(await key('tea.yaml', 'old.safetensors')).not.toBe(await key('tea.yaml', 'sea.safetensors'));
    expect(await key('sea.yaml', 'old.safetensors')).toBe(await key('sea.yaml', 'sea.safetensors'));
  });

  it('characters more begin fresh, and characters less are left out: both are told by name', async () => {
    const more = await check('more.yaml', 'training.initial_weights=sea.safetensors');
    expect(more).toMatchObject({
      status: 0,
      told: expect.stringContaining(`have 4 tokens that the weights in "sea.safetensors" don't know: `),
    });
    for (const name of ['"q"', '"u"', '"y"', String.raw`"\""`]) expect(more.told).toContain(name);
    expect(more.told).toContain('--set training.initial_weights');
    expect(more.told.match(/warning\[/g)).toHaveLength(1);
    const { value } = await run('more.yaml', 'training.initial_weights=sea.safetensors', ...UNMOVED);
    expect(value('validation/perplexity')).toBeLessThan(3);
    const less = await check('less.yaml', 'training.initial_weights=sea.safetensors');
    expect(less).toMatchObject({ status: 0, told: expect.stringContaining(`know 1 token that these data don't have: "e"`) });
    const words = await check('tea.yaml', 'training.initial_weights=sea.safetensors', 'dataset.tokens=words');
    expect(words.told).toMatch(/[56] tokens that the weights .* don't know: "(tea|sea)"/);
  });

  it('a file of before says nothing of its tokens: so it is told, and refused where sizes differ', async () => {
    expect(await check('tea.yaml', 'training.initial_weights=old.safetensors')).toMatchObject({
      status: 0,
      told: expect.stringContaining(
        'the tokens and classes of these data could not be compared with those of the weights in "old.safetensors"',
      ),
    });
    expect(await check('more.yaml', 'training.initial_weights=old.safetensors')).toMatchObject({
      status: 2,
      told: expect.stringContaining('are of another model: Wxz is [6, 16] and not [10, 16]'),
    });
  });

  it('what a run did with its data goes wherever its weights go', async () => {
    const { record } = await run('sea.yaml');
    const kept = JSON.parse(readFileSync(join(record, 'artifacts', 'preprocessing.json'), 'utf8')) as {
      readonly vocabulary: readonly string[];
    };
    expect(kept).toMatchObject({ version: 1, separator: '', data: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(kept.vocabulary.toSorted()).toEqual([' ', '<unk>', 'a', 'e', 's', 't']);
    expect(kept).toHaveProperty('classes', kept.vocabulary);
    const texts = [
      safetensorsMetadata(readFileSync(join(record, 'artifacts', 'weights.safetensors')))['preprocessing'],
      safetensorsMetadata(readFileSync(path('sea.safetensors')))['preprocessing'],
      decodeNpz(readFileSync(path('sea.npz'))).texts['preprocessing.json'],
    ];
    for (const text of texts) expect(JSON.parse(String(text))).toEqual(kept);
    const model = readFileSync(join(record, 'artifacts', 'model', 'model.onnx'));
    expect(model.includes(JSON.stringify(kept))).toBe(true);
  });

  it('same compares the models, whatever they begin with', async () => {
    write('finer.yaml', document('tea.txt').replace('epochs: 4', 'epochs: 4, initial_weights: sea.safetensors'));
    const { stdout, status, stderr } = await place.call('same', path('tea.yaml'), path('finer.yaml'));
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('they start otherwise: training.initial_weights');
  });
});

describe('of sequences', () => {
  const MEANS = { run: -2, sit: 0, walk: 2 } as const;
  type Name = keyof typeof MEANS;
  const noise = (i: number): number => ((i * 7919) % 101) / 101 - 0.5;
  /** `x` and `y` of a sequence lie around its class's mean, `y` ten times as wide. */
  function sequences(names: readonly Name[], called: (name: Name) => string = (name) => name): string {
    const rows = names.flatMap((name, id) =>
      Array.from({ length: 4 }, (_, t) =>
        [id, t, MEANS[name] + noise(4 * id + t), 30 - 10 * MEANS[name] + noise(id + 3 * t), called(name)].join(','),
      ),
    );
    return `${['id,t,x,y,class', ...rows].join('\n')}\n`;
  }
  const cycle = (length: number, ...names: readonly Name[]): readonly Name[] =>
    Array.from({ length }, (_, i) => names[(i * i + i) % names.length] ?? 'sit');
  const document = (file: string): string => `experiment: sequences
dataset: {kind: sequences, file: ${file}, format: csv, sequence: id, order: t, features: [x, y], target: class, task: classification}
model: {kind: gru, hidden_size: 6, readout: last}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.03}
metrics: [{kind: accuracy}, {kind: f1}]
training: {epochs: 10, batch_size: 8}
`;
  const all = ['run', 'sit', 'walk'] as const;
  const even = Array.from({ length: 90 }, (_, i) => all[i % 3] ?? 'sit');
  const uneven = Array.from({ length: 90 }, (_, i) => (i % 9 === 0 ? 'run' : i % 9 === 4 ? 'sit' : 'walk'));

  beforeAll(async () => {
    write('even.csv', sequences(even));
    write('uneven.csv', sequences(uneven));
    write('two.csv', sequences(cycle(60, 'walk', 'run', 'walk', 'run', 'run')));
    write(
      'renamed.csv',
      sequences(even, (name) => (name === 'run' ? 'zoom' : name)),
    );
    for (const file of ['even', 'uneven', 'two', 'renamed']) write(`${file}.yaml`, document(`${file}.csv`));
    expect((await run('even.yaml')).value('test/accuracy')).toBe(1);
    await exported('even.safetensors');
    strip('even.safetensors', 'bare.safetensors');
    await run('even.yaml', 'dataset.standardize=false', 'training.epochs=20');
    await exported('raw.safetensors');
  }, 60_000);

  const begin = 'training.initial_weights=even.safetensors';

  it('features are scaled as in the run that the weights come from', async () => {
    const { value, told, record } = await run('uneven.yaml', begin, ...UNMOVED);
    expect(told).not.toContain('warning');
    expect(value('test/accuracy')).toBe(1);
    const [ours, theirs] = [
      JSON.parse(readFileSync(join(record, 'artifacts', 'preprocessing.json'), 'utf8')) as Record<string, unknown>,
      JSON.parse(String(safetensorsMetadata(readFileSync(path('even.safetensors')))['preprocessing'])) as Record<string, unknown>,
    ];
    expect(ours['means']).toEqual(theirs['means']);
    expect(ours['deviations']).toEqual(theirs['deviations']);
    expect(theirs).toMatchObject({ classes: ['run', 'sit', 'walk'], features: ['x', 'y'] });
    const { stdout } = await place.call('plan', path('uneven.yaml'), ...settings([begin]), '--runs', runs);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('even.safetensors (features scaled as in the run that they come from)');
    // and weights that were trained on go on with the scales that they began with
    await exported('uneven.safetensors');
    const again = await run('even.yaml', 'training.initial_weights=uneven.safetensors', ...UNMOVED);
    expect(again.value('test/accuracy')).toBe(1);
  });

  it('features and classes in another order, and fewer classes, are matched by name', async () => {
    const turned = await run('uneven.yaml', begin, 'dataset.features=[y, x]', ...UNMOVED);
    expect(turned.told).not.toContain('warning');
    expect(turned.value('test/accuracy')).toBe(1);
    const two = await run('two.yaml', begin, ...UNMOVED);
    expect(two.told).toContain(`know 1 class that these data don't have: "sit"`);
    expect(two.value('test/accuracy')).toBe(1);
  });

  it('a class or a feature that is new begins fresh, told by name', async () => {
    const renamed = await check('renamed.yaml', begin);
    expect(renamed.told).toContain(`these data have 1 class that the weights in "even.safetensors" don't know: "zoom"`);
    expect(renamed.told).toContain(`know 1 class that these data don't have: "run"`);
    const fewer = await check('even.yaml', begin, 'dataset.features=[y]');
    expect(fewer).toMatchObject({ status: 0, told: expect.stringContaining(`know 1 feature that these data don't have: "x"`) });
    const more = await check('even.yaml', begin, 'dataset.features=[y, x, t]');
    expect(more).toMatchObject({
      status: 0,
      told: expect.stringContaining(`have 1 feature that the weights in "even.safetensors" don't know: "t"`),
    });
  });

  it('a target that is a number is scaled as in the run that the weights come from', async () => {
    const numbers = (file: string): string =>
      document(file)
        .replace('target: class, task: classification', 'target: y, task: regression, target_per: step, standardize_target: true')
        .replace(', y]', ']')
        .replace('readout: last', 'readout: every')
        .replace('cross_entropy', 'mean_squared_error')
        .replace('{kind: accuracy}, {kind: f1}', '{kind: mean_absolute_error}');
    for (const file of ['even', 'uneven']) write(`${file}_y.yaml`, numbers(`${file}.csv`));
    await run('even_y.yaml');
    await exported('even_y.safetensors');
    const scaleOf = (text: unknown): unknown => (JSON.parse(String(text)) as Record<string, unknown>)['targetScale'];
    const theirs = scaleOf(safetensorsMetadata(readFileSync(path('even_y.safetensors')))['preprocessing']);
    const { record, told } = await run('uneven_y.yaml', 'training.initial_weights=even_y.safetensors', ...UNMOVED);
    expect(theirs).toEqual({ mean: expect.any(Number), deviation: expect.any(Number) });
    expect(scaleOf(readFileSync(join(record, 'artifacts', 'preprocessing.json'), 'utf8'))).toEqual(theirs);
    expect(told).not.toContain('warning');
    const otherwise = await check('uneven_y.yaml', 'training.initial_weights=even_y.safetensors', 'dataset.standardize_target=false');
    expect(otherwise.told).toMatch(/warning\[other-scales\].* come from a target that was standardized, and this one is learnt as it is/);
  });

  it('scales that can’t be taken over are told at standardize', async () => {
    const raw = await check('uneven.yaml', 'training.initial_weights=raw.safetensors');
    expect(raw.told).toMatch(
      /uneven\.yaml:2:\d+: warning\[other-scales\].* read as they are, and these are standardized .*write standardize: false/,
    );
    const unscaled = await check('uneven.yaml', begin, 'dataset.standardize=false');
    expect(unscaled.told).toMatch(
      /warning\[other-scales\].* come from standardized features, and these are read as they are .*write standardize: true/,
    );
    const same = await run('uneven.yaml', 'training.initial_weights=raw.safetensors', 'dataset.standardize=false', ...UNMOVED);
    expect(same.told).not.toContain('warning');
    expect(same.value('test/accuracy')).toBe(1);
    const bare = await check('uneven.yaml', 'training.initial_weights=bare.safetensors');
    expect(bare.told).toContain('the classes and features of these data could not be compared');
    expect(bare.told).toContain(`don't say how their features were scaled`);
  });

  const own = (axes: string): string => `export default ({ defineStage, Type, tf }) => [defineStage({
    slot: 'model', kind: 'linear', version: 1, summary: 'x', options: Type.Object({}),
    plan: (_, { data }) => ({
      parameters: [{ name: 'W', shape: [data.splits.train.inputs.input.shape[1], data.classes], ${axes} initializer: { kind: 'uniform', limit: 0.1 } }],
      buffers: [], state: {}, masks: [], output: { shape: [data.classes], axes: ['classes'], dtype: 'float32' },
    }),
    create: () => ({ forward: ({ parameters, buffers, state }, { input }) => ({ output: tf.matMul(tf.mean(input, 1), parameters.W), buffers, state }) }),
  })];`;

  it('a model of one’s own says which of its axes are classes and features, or is told that it does not', async () => {
    for (const [name, axes] of [
      ['said', "axes: ['features', 'classes'],"],
      ['unsaid', ''],
    ] as const) {
      write(`${name}.mjs`, own(axes));
      write(`${name}.yaml`, `use: [./${name}.mjs]\n${document('even.csv').replace(/model: .*/, 'model: {kind: linear}')}`);
      await run(`${name}.yaml`);
      await exported(`${name}.safetensors`);
    }
    const turned = ['dataset.features=[y, x]', 'dataset.file=two.csv'];
    const said = await run('said.yaml', 'training.initial_weights=said.safetensors', ...turned, ...UNMOVED);
    expect(said.value('test/accuracy')).toBe(1);
    expect(said.told).not.toContain('features');
    const unsaid = await check('unsaid.yaml', 'training.initial_weights=unsaid.safetensors', 'dataset.features=[y, x]');
    expect(unsaid.told).toContain(`the model linear doesn't say which of its parameters belong to features`);
  });
});
