import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freshStart } from '../../src/train/start.js';
import { examine, type Prepared } from '../../src/run/prepare.js';
import type { Arrays } from '../../src/engine/engine.js';
import { planned, trained } from '../support/experiment.js';

const folder = mkdtempSync(join(tmpdir(), 'retable-frozen-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'text.txt'), 'the quick brown fox jumps over the lazy dog and the cat sits on the mat. '.repeat(12));

interface Words {
  readonly embedding?: string;
  readonly freeze?: string;
  readonly optimizer?: string;
  readonly batch?: number;
}

/** A small net over words, trained with all that an optimizer does to a parameter. */
function words({ embedding = '{size: 3}', freeze, optimizer = 'adam, weight_decay: 0.1, clip_norm: 1', batch = 8 }: Words): Prepared {
  const file = join(folder, 'words.yaml');
  const document = {
    experiment: 'words',
    dataset: '{kind: text, file: text.txt, tokens: words, time_steps: 4}',
    model: `{kind: gru, hidden_size: 5, num_layers: 2, readout: every, embedding: ${embedding}}`,
    loss: '{kind: cross_entropy}',
    optimizer: `{learning_rate: 0.1, kind: ${optimizer}}`,
    training: `{epochs: 1, batch_size: ${batch}${freeze === undefined ? '' : `, freeze: ${freeze}`}}`,
  };
  writeFileSync(
    file,
    Object.entries(document)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(''),
  );
  return planned(file);
}

const afterwards = async (given: Prepared): Promise<Arrays> => (await trained(given)).snapshots.at(-1)?.state ?? {};
const namesOf = ({ plan }: Prepared): readonly string[] => plan.model.parameters.map(({ name }) => name);

test.each([
  ['an embedding', { embedding: '{size: 3, frozen: true}' }, /^E$/],
  ['a layer, by a pattern', { freeze: '[layer1.*]' }, /^layer1[.]/],
  ['all but the readout, by patterns that meet', { freeze: '[E, "*ayer*x*", layer*]' }, /^(E$|layer)/],
  ['one by its name, which is no pattern of others', { freeze: '[by]' }, /^by$/],
])('what is frozen stays as it is, bit for bit, and the optimizer remembers nothing of it: %s', async (_, options, frozen) => {
  const given = words(options);
  const [before, after] = [freshStart(given.plan).state, await afterwards(given)];
  const isSame = (name: string): boolean => `${before[`parameters/${name}`]}` === `${after[`parameters/${name}`]}`;
  expect(namesOf(given).filter(isSame)).toEqual(namesOf(given).filter((name) => frozen.test(name)));
  const remembered = Object.keys(after).flatMap((name) => (name.startsWith('slots/m/') ? [name.slice(8)] : []));
  expect(remembered.toSorted()).toEqual(
    namesOf(given)
      .filter((name) => !frozen.test(name))
      .toSorted(),
  );
});

test('what is not frozen takes the same first step as where nothing is', async () => {
  const batch = words({}).plan.data.splits['train']?.examples ?? 0;
  const oneStep = { batch, optimizer: 'sgd' };
  const [all, some] = [await afterwards(words(oneStep)), await afterwards(words({ ...oneStep, freeze: '[E, Wy]' }))];
  const changed = Object.keys(all).filter((name) => `${all[name]}` !== `${some[name]}`);
  expect(changed.toSorted()).toEqual(['parameters/E', 'parameters/Wy']);
});

test('what is frozen is part of the work, and a document that freezes nothing keeps its key', () => {
  const [none, embedding, pattern] = [words({}), words({ embedding: '{size: 3, frozen: true}' }), words({ freeze: '[E]' })];
  expect(new Set([none, embedding, pattern].map(({ plan }) => plan.work.key)).size).toBe(3);
  expect(JSON.stringify(none.plan.work.ingredients)).not.toMatch(/fr(ee|o)z/);
});

test.each([
  ['[e, Wy]', 'no parameter is called "e"', /^did you mean "E"[?]$/],
  ['["layer2.*"]', 'no parameter has a name like "layer2.*"', /^there is E, .*, layer1[.]bg, Wy and 1 more$/],
  ['["*"]', 'every parameter of the model is frozen, and training would change nothing', /^let what gives the answers learn/],
])('what freezes nothing, or everything, is a mistake: %s', (freeze, message, help) => {
  const found = examine(words({}).plan.config.file, { set: [`training.freeze=${freeze}`] });
  const errors = 'diagnostics' in found ? found.diagnostics.filter(({ severity }) => severity !== 'warning') : [];
  expect(errors).toEqual([expect.objectContaining({ message, help: expect.stringMatching(help) as string })]);
});

test('what is frozen without having learnt is told', () => {
  const { warnings } = words({ freeze: '[E, Wy]' });
  expect(warnings).toMatchObject([{ code: 'frozen-at-random', message: expect.stringMatching(/: "E" and "Wy"$/) as string }]);
});
