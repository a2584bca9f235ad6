import { readFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { leaves } from '../../src/planning/leaves.js';
import { isDegenerate, SIGNATURES, type Symptoms } from '../../src/run/signatures.js';
import { timeMachine } from '../../src/stages/dataset/time-machine.js';
import { rnn } from '../../src/stages/model/rnn.js';
import { stages } from '../../src/stages/registry.js';
import type { Stage } from '../../src/stages/stage.js';
import { planned, trained, type Trained } from '../support/experiment.js';

interface StoredRun {
  readonly experiment: string;
  readonly seed: number;
  /** Of every epoch. */
  readonly perplexity: readonly number[];
  /** By the epoch after which they were written. */
  readonly samples: Readonly<Record<string, readonly string[]>>;
}

const { runs: STORED } = JSON.parse(readFileSync('test/report/healthy-curves.json', 'utf8')) as { readonly runs: readonly StoredRun[] };

/** What a run's record shows of training that happened here. */
function symptomsOf(
  { plan }: ReturnType<typeof planned>,
  { outcome, epochs, samples }: Pick<Trained, 'outcome' | 'epochs' | 'samples'>,
): Symptoms {
  const keys = ['train/loss', 'train/perplexity'];
  return {
    status: outcome.kind === 'diverged' ? 'diverged' : 'finished',
    metrics: new Map(
      keys.map((key) => [key, epochs.map(([step, metrics]) => ({ step, value: metrics.get(key) ?? Number.NaN, timestamp: 0 }))]),
    ),
    chance: plan.data.chance,
    parameters: new Map([...leaves(plan.config.values)].map(([path, value]) => [path, { value: String(value) }])),
    ...(plan.data.fitted.vocabulary && { classes: plan.data.fitted.vocabulary.length }),
    samples: samples.at(-1)?.[1].map(({ text }) => text) ?? [],
  };
}

const found = (symptoms: Symptoms): readonly string[] => SIGNATURES.flatMap(({ code, find }) => (find(symptoms) ? [code] : []));

/** What is found in a stored run as it was after each of its epochs. */
function foundByEpoch({ experiment, perplexity, samples }: StoredRun): readonly (readonly string[])[] {
  const prepared = planned(`experiments/${experiment}.yaml`);
  const symptoms = symptomsOf(prepared, { outcome: { kind: 'stopped' }, epochs: [], samples: [] });
  const curve = perplexity.map((value, index) => ({ step: index + 1, value, timestamp: 0 }));
  return curve.map(({ step }) => {
    const [, texts = []] = Object.entries(samples).findLast(([epoch]) => Number(epoch) <= step) ?? [];
    return found({ ...symptoms, samples: texts, metrics: new Map([['train/perplexity', curve.slice(0, step)]]) });
  });
}

const isReset = ({ experiment }: StoredRun): boolean => experiment === 'rnn_time_machine_reset';

describe.each(STORED.filter((run) => !isReset(run)))('$experiment, seed $seed', (run) => {
  it('shows no sign of failure after any epoch', () => {
    foundByEpoch(run).forEach((names, index) => expect(names, `epoch ${index + 1}`).toEqual([]));
  });
});

describe.each(STORED.filter(isReset))('$experiment, seed $seed', (run) => {
  it('is told so once it has become flat, and shows nothing else', () => {
    const all = foundByEpoch(run);
    expect(all.at(-1)).toEqual(['state-forgotten']);
    expect(new Set(all.slice(300).flat())).toEqual(new Set(['state-forgotten']));
    expect(all.slice(0, 300).flat()).toEqual([]);
  });
});

const TINY = ['dataset.max_tokens=600', 'dataset.time_steps=5', 'training.batch_size=8', 'model.hidden_size=24'];
const broken = async (set: readonly string[], { file = 'rnn_time_machine', all = stages, epochs = 60 } = {}) => {
  const prepared = planned(`experiments/${file}.yaml`, { set: [...TINY, `training.epochs=${epochs}`, ...set], stages: all });
  return symptomsOf(prepared, await trained(prepared, { stages: all }));
};
const instead = (stage: Stage): readonly Stage[] => [
  ...stages.filter(({ slot, kind }) => slot !== stage.slot || kind !== stage.kind),
  stage,
];

describe('a broken run', () => {
  it('whose loss blew up says so, with the last finite loss', async () => {
    const symptoms = await broken(['optimizer={kind: adam, learning_rate: {kind: step, from: 0.001, to: 1e38, over: 2}}'], { epochs: 9 });
    expect(found(symptoms)).toEqual(['diverged']);
    expect(SIGNATURES[0]?.find(symptoms)).toMatch(/last finite loss was \d\.\d+, the mean of epoch \d/);
  });

  it('that has nothing to learn from its first epoch on says so', async () => {
    const symptoms = { ...(await broken([], { epochs: 3 })), samples: [] };
    const curve = (first: number) => [first, first, first].map((value, index) => ({ step: index + 1, value, timestamp: 0 }));
    const shown = (key: string, first: number) => found({ ...symptoms, metrics: new Map([[key, curve(first)]]) });
    expect(found(symptoms)).toEqual([]);
    expect(shown('train/loss', 0)).toEqual(['saturated']);
    expect(shown('train/perplexity', 1)).toEqual(['saturated']);
    expect(shown('train/loss', 1e-9)).toEqual([]);
    expect(shown('train/loss', Number.NaN)).toEqual([]);
    expect(shown('test/accuracy', 1)).toEqual(['saturated']);
    expect(shown('test/accuracy', 0.99)).toEqual([]);
    expect(shown('train/accuracy', 1)).toEqual([]);
    // An answer that ignores the input is nearly as good: the split is too even.
    const metrics = new Map([['test/accuracy', curve(1)]]);
    expect(found({ ...symptoms, metrics, chance: { 'test/accuracy': 0.97 } })).toEqual([]);
    // Later, it may be known by heart.
    const late = [0.5, 0, 0].map((value, index) => ({ step: index + 1, value, timestamp: 0 }));
    expect(found({ ...symptoms, metrics: new Map([['train/loss', late]]) })).toEqual([]);
  });

  it('that learns nothing stays near the size of the vocabulary', async () => {
    expect(found(await broken(['optimizer.learning_rate=1e-9'], { epochs: 5 }))).toEqual(['nothing-learned']);
  });

  it('whose labels are laid out in another order than its outputs stays at the unigram', async () => {
    const wrongLayout: typeof timeMachine = {
      ...timeMachine,
      create(tools, options, spec, upstream) {
        const right = timeMachine.create(tools, options, spec, upstream);
        return {
          *batches(split, epoch) {
            // Time before batch, as in the book's first TensorFlow edition.
            for (const batch of right.batches(split, epoch)) {
              const [rows, steps] = [8, 5];
              yield { ...batch, target: batch.target.map((_, at) => batch.target[(at % rows) * steps + Math.floor(at / rows)] ?? 0) };
            }
          },
        };
      },
    };
    expect(found(await broken(['dataset.max_tokens=10000', 'model.hidden_size=8'], { all: instead(wrongLayout), epochs: 40 }))).toEqual([
      'input-ignored',
    ]);
  });

  it('that ignores its input stays there as well', async () => {
    const blind: typeof rnn = {
      ...rnn,
      create(tools, options, spec, upstream) {
        const seeing = rnn.create(tools, options, spec, upstream);
        return {
          forward: (variables, inputs, context) =>
            seeing.forward(variables, { ...inputs, input: tools.tf.zerosLike<Tensor>(inputs.input) }, context),
        };
      },
    };
    const set = ['dataset.max_tokens=10000', 'model.hidden_size=8', 'training.recurrent_state=reset'];
    expect(found(await broken(set, { all: instead(blind), epochs: 40 }))).toEqual(['input-ignored']);
  });

  it('that forgets its state at every minibatch stays above 1.0', async () => {
    const set = ['training.recurrent_state=reset', 'dataset.time_steps=10', 'model.hidden_size=48'];
    expect(found(await broken(set, { epochs: 500 }))).toEqual(['state-forgotten']);
  });

  it('that sees what it is to predict writes the same again and again', async () => {
    const set = [
      ...['model.bidirectional=true', 'dataset.time_steps=8', 'optimizer.learning_rate=2'],
      'training.samples={every: 150, prefixes: [time traveller], length: 90}',
    ];
    expect(found(await broken(set, { file: 'lstm_time_machine', epochs: 150 }))).toEqual(['answer-copied']);
  });
});

describe('a text', () => {
  it.each([
    ['time travellererererererererererer', true],
    ['aaaaaaaaaaaaaaaaaaaaaaaa', true],
    ['the the the the the the the', true],
    ['andimandier thin thin andimandier thin thin andimandier thin thin ', true],
    ['the time traveller and the time machine and the time', false],
    ['time traveller for so it will be convenient', false],
    ['erererer', false],
  ])('%s repeats itself: %s', (text, repeats) => expect(isDegenerate(text)).toBe(repeats));
});
