import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examine } from '../../src/run/prepare.js';
import { createStreams } from '../../src/random/streams.js';

/** What is told of documents that are right, and whose results would mean less than they seem to; and that healthy ones hear nothing. */

const folder = mkdtempSync(join(tmpdir(), 'validity-'));
afterAll(() => rmSync(folder, { recursive: true }));
process.env['RETABLE_CACHE'] = 'off';
const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);

const { uniform, integer } = createStreams(1).stream('numbers');

interface Parts {
  readonly use?: string;
  readonly dataset: string;
  readonly model?: string;
  readonly loss?: string;
  readonly training?: string;
  readonly batch?: number;
}

let count = 0;
function examined({
  use,
  dataset,
  model = 'kind: lstm, hidden_size: 4',
  loss = 'cross_entropy',
  training = 'shuffle: true',
  batch = 4,
}: Parts) {
  const file = join(folder, `d${++count}.yaml`);
  writeFileSync(
    file,
    [
      'experiment: tried',
      ...(use === undefined ? [] : [`use: [./${use}]`]),
      `dataset: {${dataset}}`,
      `model: {${model}}`,
      `loss: {kind: ${loss}}`,
      'optimizer: {kind: adam, learning_rate: 0.01}',
      `training: {epochs: 1, batch_size: ${batch}, ${training}}`,
    ].join('\n'),
  );
  const found = examine(file, {});
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  return found;
}

/** `code word`: what is told, and at which word of the document. */
const told = (parts: Parts): readonly string[] =>
  examined(parts).warnings.map(({ code, place }) => `${code} ${place?.text.slice(place.column - 1, place.column - 1 + place.length)}`);

const fact = (parts: Parts, key: string) => examined(parts).plan.data.facts.filter((each) => each.key === key);

/** Sequences of 6 steps as CSV: `columns` gives the cells of a step. */
const csv = (
  header: string,
  sequences: number,
  columns: (sequence: number, step: number) => readonly (string | number)[],
  steps = 6,
): string =>
  [
    header,
    ...Array.from({ length: sequences }, (_, sequence) =>
      Array.from({ length: steps }, (_, step) => columns(sequence, step).join(',')),
    ).flat(),
  ].join('\n');

const SEQUENCES = 'kind: sequences, format: csv, sequence: id';
const perStep = { model: 'kind: lstm, hidden_size: 4, readout: every' };

describe('sequences: a feature that tells the answer', () => {
  beforeAll(() => {
    const noise = (): number => Number(uniform().toFixed(4));
    const classes = ['red', 'green', 'blue'];
    write(
      'steps.csv',
      csv('id,t,x,y,copy,scaled,close,code,class,next', 40, (s, t) => {
        const y = noise();
        const code = integer(3);
        return [s, t, noise(), y, y, 3 - 2 * y, y + 0.2 * noise(), code * 10, classes[code] ?? '', noise()];
      }),
    );
    write(
      'whole.csv',
      csv('id,x,y,still,class,number', 40, (s) => {
        const y = (s * 7919) % 101;
        return [s, noise(), y, y / 10, s % 2 ? 'odd' : 'even', s % 2 ? 5 : 6];
      }),
    );
  });
  const regression = (features: string) => ({
    ...perStep,
    loss: 'mean_squared_error',
    dataset: `${SEQUENCES}, file: steps.csv, features: [${features}], target: y, task: regression, target_per: step`,
  });
  const classification = (features: string) => ({
    ...perStep,
    dataset: `${SEQUENCES}, file: steps.csv, features: [${features}], target: class, task: classification, target_per: step`,
  });
  const ofSequence = (features: string, target: string, task: string, loss: string) => ({
    loss,
    dataset: `${SEQUENCES}, file: whole.csv, features: [${features}], target: ${target}, task: ${task}`,
  });

  it.each<[string, Parts, readonly string[]]>([
    ['the target itself', regression('x, y'), ['sees-the-answer y']],
    ['a copy under another name', regression('x, copy'), ['sees-the-answer copy']],
    ['the target in another unit, the other way round', regression('scaled, x'), ['sees-the-answer scaled']],
    ['several at once', regression('copy, x, scaled'), ['sees-the-answer copy', 'sees-the-answer scaled']],
    ['a number for each class', classification('x, code'), ['sees-the-answer code']],
    ['the name of the sequence', regression('x, id'), ['name-as-feature id']],
    [
      'of a whole sequence: a number that never changes',
      ofSequence('x, still', 'y', 'regression, standardize_target: true', 'mean_squared_error'),
      ['sees-the-answer still'],
    ],
    [
      'of a whole sequence: the target itself',
      ofSequence('x, number', 'number', 'classification', 'cross_entropy'),
      ['sees-the-answer number'],
    ],
    [
      'of a whole sequence: a number for each class',
      ofSequence('x, number', 'class', 'classification', 'cross_entropy'),
      ['sees-the-answer number'],
    ],
    ['nothing of noise', regression('x, next, t'), []],
    ['nothing of a feature that goes with the target', regression('x, close'), []],
    ['nothing of noise beside classes', classification('x, next, y'), []],
    ['nothing of a number that says half', ofSequence('x, still', 'class', 'classification', 'cross_entropy'), []],
  ])('%s', (_, parts, warnings) => expect(told(parts)).toEqual(warnings));

  it('nothing of two numbers that both only grow', () => {
    write(
      'trend.csv',
      csv('id,x,y', 20, (s, t) => [s, 10 * s + t, (10 * s + t) / 7 + 0.05 * noise()]),
    );
    const dataset = `${SEQUENCES}, file: trend.csv, features: [x], target: y, task: regression, target_per: step, standardize_target: true`;
    expect(told({ ...perStep, loss: 'mean_squared_error', dataset })).toEqual([]);
  });

  it('is told of the file with the mistake that leads there', () => {
    write(
      'series.csv',
      csv('day,x,y', 60, (s) => [`${2016 + s}-01-01`, noise(), noise()], 1),
    );
    const parts = `kind: sequences, file: series.csv, format: csv, order: day, features: [x, y], target: y, task: regression, target_per: step`;
    expect(() => examined({ ...perStep, loss: 'mean_squared_error', dataset: parts })).toThrow(/is the target, and the model reads it/);
    expect(told({ ...perStep, loss: 'mean_squared_error', dataset: `sequence: day, ${parts}` })).toEqual([
      'sees-the-answer y',
      'one-step-sequences day',
    ]);
  });

  function noise(): number {
    return Number(uniform().toFixed(4));
  }
});

describe('sequences of one step', () => {
  beforeAll(() => {
    write(
      'one.csv',
      csv('id,a,b,c,label', 60, (s) => [s, uniform(), uniform(), uniform(), integer(2)], 1),
    );
    write('mostly.csv', `${csv('id,a,b,c,label', 60, (s) => [s, uniform(), uniform(), uniform(), s % 2], 1)}\n59,1,2,3,1`);
  });
  const of = (file: string) => `${SEQUENCES}, file: ${file}, features: [a, b, c], target: label, task: classification`;

  it('have nothing to remember: told at the column that names them', () => {
    expect(told({ dataset: of('one.csv') })).toEqual(['one-step-sequences id']);
    expect(told({ dataset: of('mostly.csv') })).toEqual(['one-step-sequences id']);
  });

  it('are as good as any for a model that remembers nothing', () =>
    expect(told({ dataset: of('one.csv'), model: 'kind: sequential, layers: [{kind: flatten}, {kind: dense, units: 2}]' })).toEqual([]));

  it('of a text are told, unless the state goes on from one to the next', () => {
    write('short.txt', Array.from({ length: 3000 }, () => 'abcdefg '[integer(8)]).join(''));
    const text = { dataset: 'kind: text, file: short.txt, time_steps: 1', ...perStep };
    expect(told({ ...text, training: 'shuffle: false, recurrent_state: reset' })).toEqual(['one-step-sequences 1']);
    expect(told({ ...text, training: 'shuffle: false, recurrent_state: carry' })).toEqual([]);
  });
});

describe('two directions over what comes next', () => {
  beforeAll(() => {
    write('words.txt', Array.from({ length: 4000 }, () => ['tea', 'sea', 'seat', 'eat'][integer(4)]).join(' '));
    const value = (s: number, t: number): number => Number(Math.sin(s + 0.7 * t).toFixed(6));
    write(
      'ahead.csv',
      csv('id,x,next,other', 40, (s, t) => [s, value(s, t), value(s, t + 1), uniform()]),
    );
  });
  const bothWays = 'readout: every, bidirectional: true';
  const list = (layer: string) => `kind: sequential, layers: [{kind: one_hot}, ${layer}, {kind: dense, units: CLASSES}]`;

  it.each(['rnn', 'gru', 'lstm'])('%s: told at bidirectional, of a text and of the book', (kind) => {
    const model = `kind: ${kind}, hidden_size: 4, ${bothWays}`;
    for (const dataset of [
      'kind: text, file: words.txt, time_steps: 8',
      'kind: text, file: words.txt, tokens: words, time_steps: 8, validation: 0.2',
      'kind: time_machine',
    ]) {
      expect(told({ dataset, model })).toEqual(['sees-the-answer true']);
      expect(told({ dataset, model: model.replace(', bidirectional: true', '') })).toEqual([]);
    }
  });

  it('a layer inside of sequential: told at the layer', () => {
    const both = '{kind: bidirectional, layer: {kind: gru, units: 4, return_sequences: true}}';
    const one = '{kind: gru, units: 4, return_sequences: true}';
    expect(told({ dataset: 'kind: time_machine', model: list(both).replace('CLASSES', '28') })).toEqual(['sees-the-answer bidirectional']);
    expect(told({ dataset: 'kind: time_machine', model: list(one).replace('CLASSES', '28') })).toEqual([]);
  });

  it('of sequences whose target is the next value of a feature, and of no others', () => {
    const of = (features: string, target: string) => ({
      loss: 'mean_squared_error',
      model: `kind: gru, hidden_size: 4, ${bothWays}`,
      dataset: `${SEQUENCES}, file: ahead.csv, features: [${features}], target: ${target}, task: regression, target_per: step`,
    });
    expect(told(of('other, x', 'next'))).toEqual(['sees-the-answer true']);
    expect(told(of('other', 'next'))).toEqual([]);
    expect(told(of('x', 'other'))).toEqual([]);
    expect(told({ ...of('other, x', 'next'), ...perStep })).toEqual([]);
  });
});

describe('a state that is carried', () => {
  beforeAll(() => {
    write(
      'own.csv',
      csv('id,x,label', 40, (s) => [s, uniform(), s % 2]),
    );
    const days = Array.from({ length: 60 }, (_, day) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10));
    write('days.csv', ['shop,day,sold', ...['a', 'b'].flatMap((shop) => days.map((day) => `${shop},${day},${uniform()}`))].join('\n'));
    write('one.csv', ['day,sold', ...days.map((day) => `${day},${uniform()}`)].join('\n'));
  });
  const sequences = `${SEQUENCES}, file: own.csv, features: [x], target: label, task: classification`;
  const days = (dataset: string, batch = 1): Parts => ({
    dataset: `kind: series, time: day, targets: [sold], ${dataset}`,
    loss: 'mean_squared_error',
    training: 'shuffle: false, recurrent_state: carry',
    batch,
  });
  const addition = { dataset: 'kind: binary_addition, examples: 400, held_out: 0.2', loss: 'mean_squared_error' };

  it.each<[string, Parts, readonly string[]]>([
    ['over sequences', { dataset: sequences, training: 'shuffle: false, recurrent_state: carry' }, ['carried-over-independent carry']],
    ['over sums', { ...addition, training: 'shuffle: false, recurrent_state: carry' }, ['carried-over-independent carry']],
    [
      'over shuffled sequences, in the words for that',
      { dataset: sequences, training: 'recurrent_state: carry' },
      ['carried-and-shuffled carry'],
    ],
    [
      'by a model without one',
      {
        dataset: sequences,
        training: 'shuffle: false, recurrent_state: carry',
        model: 'kind: sequential, layers: [{kind: flatten}, {kind: dense, units: 2}]',
      },
      [],
    ],
    ['over windows that overlap', days('file: one.csv, window: 3'), ['carried-over-independent carry']],
    ['over days side by side', days('file: one.csv, window: 1', 4), ['one-step-sequences 1', 'carried-over-independent carry']],
    ['over two series', days('file: days.csv, series: shop, window: 1'), ['one-step-sequences 1', 'carried-over-independent carry']],
    ['over one day after the other', days('file: one.csv, window: 1'), []],
    ['over one day after the other as a window of one', days('file: one.csv, window: 1, layout: features'), []],
    ['over a text', { dataset: 'kind: time_machine', ...perStep, training: 'shuffle: false, recurrent_state: carry' }, []],
    ['not at all', { dataset: sequences, training: 'shuffle: false, recurrent_state: reset' }, []],
  ])('%s', (_, parts, warnings) => expect(told(parts)).toEqual(warnings));
});

describe('a subject in two splits', () => {
  const KEY = 'same-subject-twice';
  /** 60 walks of 12 people, each with its own gait; `cells` are what a walk has besides. */
  const labelOf = (s: number): string => (Math.floor(s / 7) % 2 ? 'up' : 'down');
  const walks = (header: string, cells: (walk: number) => readonly (string | number)[]) =>
    csv(`id,x,label${header}`, 60, (s, t) => [`w${s}`, Math.sin(7 * s + t), labelOf(s), ...cells(s)]);
  const of = (file: string, split: string, target = 'label') => ({
    dataset: `${SEQUENCES}, file: ${file}, features: [x], target: ${target}, task: classification, ${split}`,
  });
  const person = (s: number): string => `p${s % 12}`;
  const DRAWN = '{validation: 0.2, test: 0.2}';
  beforeAll(() => {
    write(
      'walks.csv',
      walks(',person,site,part', (s) => [person(s), `s${s % 5}`, s < 48 ? 'train' : 'test']),
    );
    write(
      'apart.csv',
      walks(',Patient ID,part', (s) => [s % 12, s % 12 < 10 ? 'train' : 'test']),
    );
    write(
      'named.csv',
      walks(',code', (s) => [person(s)]).replaceAll(/^w(\d+)/gm, (_, s: string) => `p${Number(s) % 12}_w${s}`),
    );
    write(
      'changing.csv',
      walks(',person', () => [`p${integer(12)}`]),
    );
    write(
      'mostly.csv',
      walks(',device', (s) => [s < 56 ? 'new' : 'old']),
    );
    write(
      'speakers.csv',
      walks(',speaker_id', (s) => [`${labelOf(s)}1`]),
    );
    const line = (_: unknown, s: number) => JSON.stringify({ subject: person(s), x: [s % 7, s % 5, s], label: labelOf(s) });
    write('walks.jsonl', Array.from({ length: 60 }, line).join('\n'));
  });
  const asLines =
    'kind: sequences, format: jsonl, file: walks.jsonl, features: [x], target: label, task: classification, split: {test: 0.2}';

  it.each<[string, Parts, readonly string[]]>([
    ['that a column names, in drawn splits', of('walks.csv', `split: ${DRAWN}`), [`${KEY} ${DRAWN}`, `${KEY} ${DRAWN}`]],
    ['where nothing is said of the split', of('walks.csv', 'missing: error'), [`${KEY} walks.csv`]],
    ['in splits that a column says', of('walks.csv', 'split_column: part'), [`${KEY} part`]],
    ['that the names of the sequences show', of('named.csv', 'split: {test: 0.2}'), [`${KEY} {test: 0.2}`]],
    ['in JSON Lines, a sequence a line', { dataset: asLines }, [`${KEY} {test: 0.2}`]],
    ['whom the split keeps whole', of('walks.csv', 'split: {test: 0.2, group: person}'), []],
    ['whom a column keeps whole', of('apart.csv', 'split_column: part'), []],
    ['who changes within a sequence', of('changing.csv', 'split: {test: 0.2}'), []],
    ['that is nearly always the same one', of('mostly.csv', 'split: {test: 0.2}'), []],
    ['that is the answer', of('speakers.csv', 'split: {test: 0.2}'), []],
  ])('%s', (_, parts, warnings) => expect(told(parts)).toEqual(warnings));

  it('is counted, with the first pair and the split that keeps each of them whole', () => {
    const { warnings } = examined(of('walks.csv', 'split: {validation: 0.1, test: 0.2, stratify: true}'));
    const { message, help } = warnings.find((each) => each.message.includes('of test')) ?? {};
    const [, known, tested, test = '', train = '', whose] =
      /^(\d+) of (\d+) sequences of test are of a "person" that trains too: "w(\d+)" \(line \d+\) and "w(\d+)" \(line \d+\) of train are both of "(p\d+)"$/.exec(
        message ?? '',
      ) ?? [];
    expect([Number(known), Number(tested)]).toEqual([12, 12]);
    expect([person(Number(test)), person(Number(train))]).toEqual([whose, whose]);
    expect(help).toBe('split: {validation: 0.1, test: 0.2, stratify: true, group: person} keeps each of them in one split');
  });
});

describe('examples in two splits', () => {
  const KEY = 'duplicates-across-splits';
  const of = (file: string) => ({
    dataset: `${SEQUENCES}, file: ${file}, features: [x, z], target: label, task: classification, split: {validation: 0.2, test: 0.2}`,
  });

  it('every sequence under two names: counted, with the first pair and its lines', () => {
    const drawn = Array.from({ length: 30 }, () => Array.from({ length: 6 }, () => [uniform(), integer(9)]));
    write(
      'twice.csv',
      csv('id,x,z,label', 60, (s, t) => [`s${s}`, ...(drawn[s % 30]?.[t] ?? []), integer(2)].map(String)).replaceAll(
        /(s\d+,.*),\d$/gm,
        (_, row: string) => `${row},${Number(/\d+/.exec(row)?.[0]) % 2}`,
      ),
    );
    const { warnings, plan } = examined(of('twice.csv'));
    const found = warnings.filter(({ code }) => code === KEY);
    expect(found.map(({ message }) => message.replaceAll(/\d+/g, 'N'))).toContain(
      'N of N sequences of test stand in train too, feature for feature: "sN" (line N) is "sN" (line N)',
    );
    expect(found[0]?.place?.text.slice((found[0]?.place?.column ?? 0) - 1)).toMatch(/^twice\.csv/);
    // Of the pair that is named, both stand where it says, and hold equal numbers.
    const [, count, , test = '', line, train = '', other] =
      /^(\d+) of (\d+) .*"s(\d+)" \(line (\d+)\) is "s(\d+)" \(line (\d+)\)$/.exec(
        found.find(({ message }) => message.includes('of test stand in train'))?.message ?? '',
      ) ?? [];
    expect(Math.abs(Number(test) - Number(train))).toBe(30);
    expect([line, other].map(Number)).toEqual([2 + 6 * Number(test), 2 + 6 * Number(train)]);
    const share = plan.data.facts.find(({ key, name }) => key === KEY && name === 'share of test sequences that occur in training')?.value;
    expect(share).toBeCloseTo(Number(count) / 12, 12);
  });

  it('of some are counted exactly; of a single one in two hundred there is a fact and no warning; of none, neither', () => {
    const rows = (twins: number): string =>
      csv('id,x,z,label,part', 400, (s, t) => {
        const as = s >= 200 && s < 200 + twins ? s - 200 : s;
        return [s, Math.sin(100 * as + t), as, s % 2, s < 200 ? 'train' : 'test'];
      });
    const parts = (twins: number): Parts => {
      write(`twins${twins}.csv`, rows(twins));
      return {
        dataset: `${SEQUENCES}, file: twins${twins}.csv, features: [x, z], target: label, task: classification, split_column: part`,
      };
    };
    expect(told(parts(37))).toEqual([`${KEY} twins37.csv`]);
    expect(fact(parts(37), KEY).map(({ value }) => value)).toEqual([37 / 200]);
    expect(told(parts(1))).toEqual([]);
    expect(fact(parts(1), KEY).map(({ value }) => value)).toEqual([1 / 200]);
    expect(told(parts(0))).toEqual([]);
    expect(fact(parts(0), KEY)).toEqual([]);
  });

  it('of sums are told as a fact', () => {
    const { plan, warnings } = examined({ dataset: 'kind: binary_addition', loss: 'mean_squared_error' });
    expect(plan.data.facts.find(({ name }) => name === 'share of test pairs that occur in training')?.value).toBeCloseTo(0.99, 2);
    expect(warnings).toEqual([]);
  });

  it('passages of a text that validate and train are told; what recurs by its nature is not', () => {
    const random = (length: number, letters: string): string => Array.from({ length }, () => letters[integer(letters.length)]).join('');
    const [first, last, fresh] = [8500, 500, 500].map((length) => random(length, 'abcdefghij ')) as [string, string, string];
    const text = (content: string): Parts => {
      write('text.txt', content);
      return { dataset: 'kind: text, file: text.txt, time_steps: 16, validation: 0.1', ...perStep };
    };
    expect(told(text(first + last + last + fresh))).toEqual([`${KEY} 0.1`]);
    expect(fact(text(first + last + last + fresh), KEY)[0]?.value).toBeCloseTo(0.5, 1);
    expect(told(text(first + last + fresh))).toEqual([]);
    expect(fact(text(first), KEY)).toEqual([]);
    const words = Array.from({ length: 6000 }, () => ['sea', 'sea', 'sea', 'sea', 'tea', 'eat'][integer(6)]).join(' ');
    expect(told(text(words))).toEqual([]);
    expect(told({ ...text(`${words} ${words.slice(0, 1000)}`) })).toEqual([`${KEY} 0.1`]);
    expect(told({ dataset: 'kind: time_machine, max_tokens: 170000, validation: 0.1', ...perStep })).toEqual([]);
    expect(told(text('One sentence, over and over. '.repeat(2000)))).toEqual([]);
  });
});

describe("a person's own dataset", () => {
  /** Examples of the shape [6, 2] with a target a step or one, made by `input(example, step)` and `target(example, step)`. */
  const module = (input: string, target: string, { per = 'step', tokens = false, batches = '' } = {}): string => {
    const [type, dtype] = tokens ? ['Int32Array', 'int32'] : ['Float32Array', 'float32'];
    const width = tokens ? 1 : 2;
    return `export default ({ defineStage, Type }) => [defineStage({
  slot: 'dataset', kind: 'mine', version: 1, summary: 'Mine.', options: Type.Object({}),
  look: () => ({ digest: 'mine', facts: [], content: {} }),
  ${tokens ? "fit: () => ({ vocabulary: [...'abcdefghi'] })," : ''}
  plan(_, { request: { batchSize } }) {
    const split = (examples) => ({
      examples, batches: Math.ceil(examples / batchSize), batchSize,
      inputs: { input: { shape: ${tokens ? '[6]' : '[6, 2]'}, axes: ['time', 'features'].slice(0, ${width}), dtype: '${dtype}'${tokens ? ', tokens: 9' : ''} } },
      target: ${per === 'step' ? `{ shape: ${tokens ? '[6]' : '[6, 1]'}, axes: ['time', 'outputs'].slice(0, ${width}), dtype: '${dtype}' }` : "{ shape: [1], axes: ['outputs'], dtype: 'float32' }"},
    });
    return { splits: { train: split(40), test: split(20) }, ${tokens ? 'classes: 9,' : ''} chance: {} };
  },
  create: (_, __, spec) => ({
    *batches(name) {
      ${batches}
      const { examples, batchSize } = spec.splits[name];
      const random = (a, b) => { const x = Math.sin(12.9898 * a + 78.233 * b) * 43758.5453; return x - Math.floor(x); };
      const input = (e, t, f) => ${input};
      const target = (e, t) => ${target};
      for (let first = 0; first < examples; first += batchSize) {
        const batch = { inputs: { input: new ${type}(batchSize * ${6 * width}) }, target: new ${type}(batchSize * ${per === 'step' ? 6 : 1}), weight: new Float32Array(batchSize) };
        for (let row = 0; row < batchSize && first + row < examples; row++) {
          const e = first + row + (name === 'test' ? 1000 : 0);
          for (let t = 0; t < 6; t++) for (let f = 0; f < ${width}; f++) batch.inputs.input[(row * 6 + t) * ${width} + f] = input(e, t, f);
          ${per === 'step' ? 'for (let t = 0; t < 6; t++) batch.target[row * 6 + t] = target(e, t);' : 'batch.target[row] = target(e, 5);'}
          batch.weight[row] = 1;
        }
        yield batch;
      }
    },
  }),
})];`;
  };
  const mine = (code: string, more: Partial<Parts> = {}): Parts => {
    const use = `mine${++count}.mjs`;
    write(use, code);
    return { use, dataset: 'kind: mine', loss: 'mean_squared_error', ...perStep, ...more };
  };
  const last = { model: 'kind: lstm, hidden_size: 4, readout: last' };
  const bothWays = { model: 'kind: lstm, hidden_size: 4, readout: every, bidirectional: true' };
  const NOISE = 'random(e, 2 * t + f)';
  const NEXT = 'random(e, 2 * (t + 1) + 1)';

  it('of which nothing is wrong is told nothing', () => {
    expect(told(mine(module(NOISE, 'random(e, 99 + t)')))).toEqual([]);
    expect(told(mine(module(NOISE, 'random(e, 99 + t)'), bothWays))).toEqual([]);
    expect(told(mine(module(NOISE, 'random(e, 99 + t)', { per: 'sequence' }), last))).toEqual([]);
    expect(told(mine(module(NOISE, NEXT)))).toEqual([]);
  });

  it('whole examples in two splits are counted, with the first pair', () => {
    const { warnings, plan } = examined(mine(module('random(e >= 1015 ? e - 1015 : e, 2 * t + f)', 'random(e, 99)')));
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      [
        'duplicates-across-splits',
        '5 of 20 examples of test stand in train too, number for number: in the order of the first epoch, example 16 is example 1 of train',
      ],
    ]);
    expect(plan.data.facts).toEqual([
      { key: 'duplicates-across-splits', name: 'share of test examples that occur in training', value: 0.25 },
    ]);
  });

  it('two directions are told where the target is the next step, of numbers and of tokens', () => {
    expect(told(mine(module(NOISE, NEXT), bothWays))).toEqual(['sees-the-answer true']);
    const tokens = (target: string) => module('Math.floor(9 * random(e, t))', target, { tokens: true });
    const next = tokens('Math.floor(9 * random(e, t + 1))');
    expect(told(mine(next, { ...bothWays, loss: 'cross_entropy' }))).toEqual(['sees-the-answer true']);
    expect(told(mine(next, { loss: 'cross_entropy' }))).toEqual([]);
    // Tags of what was read: two directions are right.
    expect(told(mine(tokens('Math.floor(9 * random(e, t)) % 2'), { ...bothWays, loss: 'cross_entropy' }))).toEqual([]);
  });

  it('a target that stands in the input at its own step is told', () => {
    expect(told(mine(module(NOISE, 'random(e, 2 * t)')))).toEqual(['sees-the-answer {kind: mine}']);
    expect(told(mine(module(NOISE, 'random(e, 10)', { per: 'sequence' }), last))).toEqual(['sees-the-answer {kind: mine}']);
  });

  it('a state that is carried is told where the next batch does not go on', () => {
    const carry = { training: 'shuffle: false, recurrent_state: carry', loss: 'cross_entropy' };
    const text = (from: string) =>
      module(`(${from} + t) * (${from} + t) % 9`, `(${from} + t + 1) * (${from} + t + 1) % 9`, { tokens: true });
    // Rows of four stretches: row r of a batch goes on where it ended in the batch before.
    expect(told(mine(text('100 * (e % 4) + 6 * Math.floor(e / 4)'), carry))).toEqual(['duplicates-across-splits {kind: mine}']);
    expect(told(mine(text('7 * e * e'), carry))).toContain('carried-over-independent carry');
  });

  it('that fails while it makes batches is told by check, at the line', () =>
    expect(() => examined(mine(module(NOISE, NEXT, { batches: "throw new Error('no such split');" })))).toThrow(
      /fails in batches: no such split/,
    ));
});

describe('200,000 sequences', () => {
  it('are looked through in seconds', () => {
    const rows = csv('id,x,z,label', 200_000, (s, t) => [s, (s * 7 + t) % 1009, s, s % 2], 2);
    write('many.csv', rows);
    const began = performance.now();
    expect(told({ dataset: `${SEQUENCES}, file: many.csv, features: [x, z], target: label, task: classification` })).toEqual([]);
    expect(performance.now() - began).toBeLessThan(30_000);
  }, 60_000);
});

describe('accuracy alone', () => {
  const rows = (rare: number): string => csv('id,x,label', 40, (s) => [s, Number(uniform().toFixed(4)), s % 20 < rare ? 'ill' : 'well']);
  beforeAll(() => {
    write('rare.csv', rows(2));
    write('even.csv', rows(9));
  });
  const told = (file: string, metrics: string): readonly string[] => {
    const document = join(folder, `d${++count}.yaml`);
    writeFileSync(
      document,
      `experiment: tried
dataset: {${SEQUENCES}, file: ${file}, features: [x], target: label, task: classification, split: {test: 0.2, stratify: true}}
model: {kind: lstm, hidden_size: 4}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: [${metrics}]
training: {epochs: 1, batch_size: 4}
`,
    );
    const found = examine(document, {});
    return 'warnings' in found ? found.warnings.map(({ code, message }) => `${code}: ${message}`) : ['wrong'];
  };

  it('is told where one class is common', () => {
    expect(told('rare.csv', '{kind: accuracy}')).toEqual([
      'accuracy-alone: 91 % of the answers that train are "well": always to answer so is an accuracy of about 0.91',
    ]);
  });

  it.each([
    ['even.csv', '{kind: accuracy}'],
    ['rare.csv', '{kind: accuracy}, {kind: balanced_accuracy}'],
    ['rare.csv', '{kind: recall, class: ill}'],
    ['rare.csv', '{kind: accuracy}, {kind: confusion_matrix}'],
  ])('is not told of %s with %s', (file, metrics) => {
    expect(told(file, metrics)).toEqual([]);
  });
});
