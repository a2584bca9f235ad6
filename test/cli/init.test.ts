import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/commands/init.js';
import { examine } from '../../src/run/prepare.js';
import { openTerminal } from '../../src/host/terminal.js';
import { InputError } from '../../src/diagnostics/diagnostic.js';
import { workplace } from '../support/program.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retable-init-'));
  process.env['RETABLE_CACHE'] = 'off';
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const said: string[] = [];
const quiet = {
  ...openTerminal({ quiet: true }),
  out: (text: string) => void said.push(text),
  err: (text: string) => void said.push(text),
};

async function init(name: string, content: string | Uint8Array): Promise<string> {
  writeFileSync(join(folder, name), content);
  const before = readdirSync(folder);
  await run([join(folder, name)], {}, quiet);
  const [written = ''] = readdirSync(folder).filter((file) => !before.includes(file));
  return join(folder, written);
}

const STORY = 'The boat went out in the morning, and came home at noon. ';
const rows = (header: string, row: (sequence: number, step: number) => string): string =>
  [header, ...Array.from({ length: 20 * 6 }, (_, i) => row(Math.floor(i / 6), i % 6)), ''].join('\n');

/** A NumPy file of float32 [sequences, time, columns]. */
function npy(shape: readonly [number, number, number]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`.padEnd(117).concat('\n');
  const numbers = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => Math.sin(i));
  return Buffer.concat([
    Buffer.from(`\x93NUMPY\x01\x00`, 'latin1'),
    Buffer.from([header.length, 0]),
    Buffer.from(header),
    Buffer.from(numbers.buffer),
  ]);
}

describe('what is written holds no mistake and no warning, and says what the data are', () => {
  test.each<readonly [name: string, content: string | Uint8Array, values: Readonly<Record<string, unknown>>]>([
    ['notes.txt', STORY.repeat(20), { kind: 'text', validation: 0, file: 'notes.txt' }],
    ['my diary.md', STORY.repeat(200), { kind: 'text', validation: 0.1, file: 'my diary.md' }],
    ['long.txt', STORY.repeat(3000), { kind: 'text', max_tokens: 100000 }],
    ['none.log', '春眠不覺曉處處聞啼鳥夜來風雨聲花落知多少'.repeat(40), { kind: 'text' }],
    [
      'walks.csv',
      rows('walk,step,x,y_pos,label', (s, t) => `w${s},${t},${Math.sin(s + t)},${t},${s % 2 ? 'up' : 'down'}`),
      { sequence: 'walk', order: 'step', features: ['x', 'y_pos'], target: 'label', task: 'classification', target_per: 'sequence' },
    ],
    [
      'plants.csv',
      rows('height,plant_id,when,date', (s, t) => `${Math.cos(s * t)},${s},${t / 7},${t}`),
      { sequence: 'plant_id', order: 'date', features: ['height'], target: 'when', task: 'regression', target_per: 'step' },
    ],
    [
      'lists.jsonl',
      Array.from({ length: 20 }, (_, i) => JSON.stringify({ x: [1, 2, i], label: 'ab'[i % 2] })).join('\n'),
      { features: ['x'], target: 'label', task: 'classification' },
    ],
    [
      'steps.jsonl',
      Array.from({ length: 60 }, (_, i) => JSON.stringify({ of: Math.floor(i / 3), x: i, y: i / 7 })).join('\n'),
      { sequence: 'of', features: ['x'], target: 'y', task: 'regression' },
    ],
    ['latin.txt', Buffer.from('caf\xe9 '.repeat(200), 'latin1'), { kind: 'text' }],
    ['wide.txt', Buffer.from('wide '.repeat(200), 'utf16le'), { kind: 'text' }],
    [
      'tabs.tsv',
      rows('id,x,label', (s, t) => `${s},${Math.sin(s * t)},${'ab'[s % 2]}`).replaceAll(',', '\t'),
      { format: 'csv', sequence: 'id', features: ['x'], target: 'label' },
    ],
    [
      'table.dat',
      rows('id;x;y', (s, t) => `${s};${String(Math.sin(s * t)).replace('.', ',')};${String(Math.cos(t)).replace('.', ',')}`),
      { format: 'csv', features: ['x'], target: 'y', task: 'regression' },
    ],
    ['array.npy', npy([20, 5, 3]), { format: 'npy', features: [0, 1], target: 2, task: 'regression' }],
  ])('%s', async (name, content, values) => {
    const examined = examine(await init(name, content), {});
    expect('diagnostics' in examined ? examined.diagnostics : examined.warnings).toEqual([]);
    expect('plan' in examined && examined.resolved.values.dataset).toMatchObject(values);
  });

  test('every line of it that a person might wonder about says why', async () => {
    const written = readFileSync(await init('comments.txt', STORY.repeat(200)), 'utf8');
    expect(written.match(/ # /g)?.length).toBeGreaterThan(12);
    expect(Math.max(...written.split('\n').map((line) => line.length))).toBeLessThan(100);
  });
});

/** Three shops on 40 days unevenly apart, the first 30 of which train: a split within sequences, which no split of sequences can be. */
const SHOPS = ['shop,date,temp,note,closed,sales,part']
  .concat(
    ['north', 'west', 'south'].flatMap((shop, s) =>
      Array.from({ length: 40 }, (_, t) => {
        const date = new Date(Date.UTC(2019, 0, 1 + t * t)).toISOString().slice(0, 10);
        return `${shop},${date},${(14 - t / 7 + s).toFixed(1)},a day,,${150 + 9 * s + (t % 7)},${t < 30 ? 'train' : 'test'}`;
      }),
    ),
  )
  .join('\n');

describe('what is not used is said, in the document and on the terminal', () => {
  test('columns that are no numbers, empty, or no split of sequences', async () => {
    said.length = 0;
    const written = readFileSync(await init('shops.csv', SHOPS), 'utf8');
    for (const words of [
      '"note" is not used: it holds text: "a day"',
      '"closed" is not used: it is empty',
      '"part" is not used: it names splits, and a sequence has to be in one of them with all its steps',
    ]) {
      expect(written).toContain(`  # ${words}\n`);
      expect(said.join('\n').split('\n')).toContain(words);
    }
    expect(written).toMatch(/sequence: shop .*\n {2}order: date .*\n {2}features: \[temp\] /);
    expect(written).toMatch(/target: sales [^]*task: regression/);
  });

  test('many of them in a few lines', async () => {
    const header = ['id', 'x', ...Array.from({ length: 60 }, (_, i) => `word ${i}`), 'label'].join();
    const wide = rows(header, (s, t) => [s, t, ...Array.from({ length: 60 }, () => 'w'), 'ab'[s % 2]].join());
    const written = readFileSync(await init('levels.csv', wide), 'utf8');
    expect(written).toContain(
      '  # not used either: "word 12", "word 13", "word 14", "word 15", "word 16", "word 17", "word 18", "word 19" and 40 more\n',
    );
  });

  const UP = [0, 1, 2, 3, 4, 5];
  test.each<readonly [name: string, date: (t: number) => string, order: string, steps: readonly number[]]>([
    ['dates', (t: number) => `${25 + t}/01/2020`, 'order: {column: date, written: "dd/MM/yyyy"}', UP],
    ['backwards', (t: number) => `${30 - t}/01/2020`, 'order: {column: date, written: "dd/MM/yyyy"}', UP],
    // Day first or month first: the rows stand in the order of one of them.
    ['either', (t: number) => `0${1 + t}/0${1 + (t % 2)}/2020`, 'order: {column: date, written: "dd/MM/yyyy"}', [0, 2, 4, 1, 3, 5]],
    ['clock', (t: number) => `${7 + t}:00`, 'order: {column: date, written: "H:mm"}', UP],
    ['numbered', (t: number) => `t${7 + t}`, 'order: {column: date, as: natural}', UP],
    ['iso', (t: number) => `2020-01-${25 + t}`, 'order: date ', UP],
  ])('steps are ordered as the column is written: %s', async (name, date, order, steps) => {
    const table = rows('id,date,x,label', (s, t) => `${s},${date(steps[t] ?? 0)},${Math.sin(s + t)},${'ab'[s % 2]}`);
    expect(readFileSync(await init(`${name}.csv`, table), 'utf8')).toContain(`  ${order}`);
  });

  test.each([
    [
      'ambiguous',
      (t: number) => `0${1 + ((5 * t) % 6)}/0${6 - t}/2020`,
      /ambiguous\.csv can't be put in order by "date": .* may be written/,
    ],
    ['word', (t: number) => (t === 2 ? 'x' : String(9 - t)), /line 4: "date" "x" is not a number/],
    ['gap', (t: number) => (t === 2 ? '' : String(9 - t)), /can't be put in order by "date": line 4 has none/],
    ['text', (t: number) => ['one', 'two', 'three', 'four', 'five', 'six'][t] ?? '', /"one" is neither a number nor a date/],
  ])('and what does not say an order is refused: %s', async (name, date, message) => {
    const table = rows('id,date,x,label', (s, t) => `${s},${date(t)},${Math.sin(s + t)},${'ab'[s % 2]}`);
    await expect(init(`${name}.csv`, table)).rejects.toThrow(message);
  });
});

describe('y is the answer, and a place in space where something else can be', () => {
  const x = (s: number, t: number): string => Math.sin(s + t).toFixed(3);
  test.each([
    ['id,x,y', (s: number, t: number) => `${s},${x(s, t)},${x(t, s)}`, 'target: "y"', 'features: [x]'],
    ['id,x,y,label', (s: number, t: number) => `${s},${x(s, t)},${x(t, s)},${'ab'[s % 2]}`, 'target: label', 'features: [x, "y"]'],
    ['id,y,x,activity', (s: number, t: number) => `${s},${x(s, t)},${x(t, s)},${'ab'[s % 2]}`, 'target: activity', 'features: ["y", x]'],
    ['id,x,y,z,gait', (s: number, t: number) => `${s},${x(s, t)},${x(t, s)},${x(t, t)},${s % 3}`, 'target: gait', 'features: [x, "y", z]'],
  ])('%s', async (heading, cells, target, features) => {
    const written = readFileSync(await init(`${heading.replaceAll(',', '-')}.csv`, rows(heading, cells)), 'utf8');
    expect(written).toContain(target);
    expect(written).toContain(features);
  });
});

describe('a column of people keeps each of them in one split, says why, and is read as nothing else', () => {
  test.each([
    ['text', (s: number) => `p${s % 5}`],
    ['numbers', (s: number) => String(s % 5)],
    ['people in blocks', (s: number) => `p${Math.floor(s / 4)}`],
  ])('%s', async (name, person) => {
    const file = await init(
      `people ${name}.csv`,
      rows('subject,walk,step,x,label', (s, t) => `${person(s)},w${s},${t},${Math.sin(s + t)},${Math.floor(s / 2) % 2 ? 'up' : 'down'}`),
    );
    const examined = examine(file, {});
    expect('diagnostics' in examined ? examined.diagnostics : examined.warnings).toEqual([]);
    expect('plan' in examined && examined.resolved.values.dataset).toMatchObject({
      sequence: 'walk',
      features: ['x'],
      split: { validation: 0.2, test: 0.2, group: 'subject' },
    });
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/ group: subject +# each stands in one split: who trains is not tested/);
    expect(text).not.toContain('is not used');
  });
});

test('a column that says who trains is taken', async () => {
  const table = rows('id,x,label,set', (s, t) => `${s},${t},${'ab'[s % 2]},${['train', 'train', 'validation', 'test'][(s >> 1) % 4]}`);
  const written = readFileSync(await init('sets.csv', table), 'utf8');
  expect(written).toMatch(/split_column: set .*/);
  expect(written).not.toContain('split:');
});

test('rare classes are drawn among what trains, and among what is measured', async () => {
  const classes = [...'aaaaaaaaaabbbbbbbbbbccddeeff'];
  const table = ['id,t,x,label', ...classes.flatMap((name, s) => [0, 1, 2].map((t) => `${s},${t},${Math.sin(s * t)},${name}`))].join('\n');
  const examined = examine(await init('rare.csv', table), {});
  expect('diagnostics' in examined ? examined.diagnostics : examined.warnings).toEqual([]);
  expect('plan' in examined && examined.resolved.values.dataset['seed']).toBeGreaterThan(1);
});

test('two hundred thousand sequences', { timeout: 120_000 }, async () => {
  const lines = Array.from({ length: 200_000 }, (_, i) => `{"x":[${i % 7},1],"label":"${'ab'[i % 2]}"}`);
  const written = readFileSync(await init('many.jsonl', lines.join('\n')), 'utf8');
  expect(written).toContain('batch_size: 32');
});

test('the schema is found from a folder with a blank in its name, and the next command can be copied', async () => {
  const away = mkdtempSync(join(tmpdir(), 'retable away-'));
  writeFileSync(join(away, 'latest.txt'), STORY.repeat(20));
  said.length = 0;
  await run([join(away, 'latest.txt')], {}, quiet);
  const [schema = '', experiment] = readFileSync(join(away, 'latest.yaml'), 'utf8').split('\n');
  expect(existsSync(join(away, /\$schema=(\S+)$/.exec(schema)?.[1] ?? 'none'))).toBe(true);
  // "latest" would be another run's name.
  expect(experiment).toBe('experiment: latest_data');
  expect(said).toContain(`npx retable run '${join(away, 'latest.yaml')}'`);
  rmSync(away, { recursive: true });
});

describe('what can’t become an experiment is said, and nothing is written', () => {
  test.each<readonly [name: string, content: string | Uint8Array, message: RegExp]>([
    ['short.txt', 'A haiku is short.', /17 characters, and a model needs 500/],
    ['picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]), /picture\.png is no text/],
    ['cyrillic.txt', Buffer.from('\xef\xf0\xe8\xe2\xe5\xf2 '.repeat(200), 'latin1'), /is not a text in UTF-8/],
    ['single.csv', 'a,b\n1,2\n2,3\n', /does not say which sequence a row belongs to: its columns are a, b/],
    ['words.csv', rows('id,word,label', (s) => `${s},one,two`), /does not say what the model should read/],
    ['empty.csv', '', /it is empty/],
    ['broken.csv', rows('id,x,label', (s, t) => (s === 3 && t === 2 ? `${s},,a` : `${s},${t},a`)), /what the model should read/],
    ['old.yaml', 'a: 1', /is a document, and init takes data/],
    ['head.csv', 'id,x,label\n', /it names columns and has no rows/],
    ['header.csv', rows('0.5,3,1.5', (s, t) => `${s},${t},1`), /begins with a line of numbers/],
    ['twice.csv', rows('id,x,x', (s, t) => `${s},${t},1`), /can't be read: two columns are called "x"/],
    [
      'uneven.csv',
      rows('id,x,label', (s, t) => (s === 3 ? `${s},${t}` : `${s},${t},a`)),
      /line 20 has 2 values, and the first line names 3 columns/,
    ],
    ['row.csv', rows('id,x,y,label', (s, t) => `${6 * s + t},${t},1,a`), /has one step a sequence: "id" is another one in every row/],
    ['one.csv', rows('id,x,label', (s, t) => `7,${s},${t}`), /holds one sequence/],
    ['same.csv', rows('id,x,label', (s, t) => `${s},${Math.sin(t)},a`), /has one answer only: "label" is "a" in every row/],
    [
      'each.csv',
      rows('id,x,label', (s, t) => `${s},${Math.sin(t)},name ${s}`),
      /leaves nothing to measure by: the classes .* not in training/,
    ],
    [
      'answer.csv',
      rows('id,x,label', (s, t) => `${s},${Math.sin(t)},${s === 3 && t === 1 ? 'NaN' : 'a'}`),
      /has no answer in line 21: "label" is empty there/,
    ],
    ['large.csv', rows('id,x,y', (s, t) => `${s},${Math.sin(t)},${s}${t}e20`), /answers as large as 2.0e\+22/],
    [
      'endless.csv',
      ['id,x,y', ...Array.from({ length: 6000 }, (_, i) => `${i % 2},${i % 7},${i % 5}`)].join('\n'),
      /sequences of up to 3,000 steps/,
    ],
    ['book.xlsx', Buffer.from('PK\x03\x04\x00\xff', 'latin1'), /book\.xlsx is a workbook or another archive, not a text/],
    ['list.json', '[{"x": [1, 2], "y": 1}]', /is one JSON list, and a JSON object on each line is read/],
    ['blank.txt', '', /has 0 characters/],
  ])('%s', async (name, content, message) => {
    await expect(init(name, content)).rejects.toThrow(message);
    expect(readdirSync(folder)).not.toContain(name.replace(/\.\w+$/, '.yaml').replace('old.yaml', ''));
  });

  test('a folder, and a place where nothing can be written', async () => {
    mkdirSync(join(folder, 'bare'));
    await expect(run([join(folder, 'bare')], {}, quiet)).rejects.toThrow(/is a folder with no CSV file/);
    writeFileSync(join(folder, 'ok.txt'), STORY.repeat(20));
    await expect(run([join(folder, 'ok.txt')], { output: join(folder, 'ok.txt', 'ok.yaml') }, quiet)).rejects.toThrow(
      /where a folder is needed/,
    );
    await expect(run([join(folder, 'ok.txt')], { output: '/dev/null/ok.yaml' }, quiet)).rejects.toThrow(/folder/);
  });

  test('a file that is not there', async () => {
    await expect(run([join(folder, 'gone.txt')], {}, quiet)).rejects.toThrow(InputError);
  });

  test('a document that is there stays as it is', async () => {
    const written = await init('twice.txt', STORY.repeat(20));
    const before = readFileSync(written, 'utf8');
    await expect(run([join(folder, 'twice.txt')], {}, quiet)).rejects.toThrow(/is there already, and nothing is overwritten/);
    expect(readFileSync(written, 'utf8')).toBe(before);
  });
});

const place = workplace();
test('from a text to samples of a trained model', { timeout: 60_000 }, async () => {
  const text = join(place.folder, 'story.txt');
  writeFileSync(text, STORY.repeat(100));
  const { stdout, status } = await place.call('init', text);
  expect([status, stdout]).toEqual([0, `npx retable run ${join(place.folder, 'story.yaml')}\n`]);
  const trained = await place.call(
    'run',
    join(place.folder, 'story.yaml'),
    '--set',
    'training.epochs=2',
    '--runs',
    join(place.folder, 'runs'),
  );
  expect(trained.stderr).toContain('epoch 2 writes: The boat went');
  expect(trained.status).toBe(0);
});

describe('the first line names the schema for editors', () => {
  const firstLine = (document: string): string => readFileSync(document, 'utf8').split('\n', 1)[0] ?? '';

  test('through the modules of a project that has retable installed, by a way that others have too', async () => {
    const project = join(folder, 'project');
    mkdirSync(join(project, 'data'), { recursive: true });
    mkdirSync(join(project, 'node_modules'));
    symlinkSync(resolve('.'), join(project, 'node_modules', 'retable'), 'junction');
    const document = await init(join('project', 'data', 'story.txt'), STORY.repeat(20)).then(() => join(project, 'data', 'story.yaml'));
    expect(firstLine(document)).toBe('# yaml-language-server: $schema=../node_modules/retable/schemas/experiment.schema.json');
  });

  test('elsewhere in this package', async () => {
    const schema = firstLine(await init('story.txt', STORY.repeat(20))).replace('# yaml-language-server: $schema=', '');
    expect(resolve(folder, schema)).toBe(resolve('schemas/experiment.schema.json'));
  });
});

describe('of rows that are sequences', () => {
  const numbered = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`);
  const wide = (head: string, row: (i: number) => string, runs: readonly string[] = ['x_'], steps = 12): string =>
    [
      [head, ...runs.flatMap((run) => numbered(run, steps))].join(','),
      ...Array.from({ length: 80 }, (_, i) =>
        [
          row(i),
          ...runs.flatMap((_run, run) => Array.from({ length: steps }, (_step, t) => Math.sin(t * (1 + (i % 2)) + i + run).toFixed(4))),
        ].join(','),
      ),
      '',
    ].join('\n');

  test.each<readonly [name: string, content: string, values: Readonly<Record<string, unknown>>]>([
    [
      'waves.csv',
      wide('label', (i) => (i % 2 ? 'slow' : 'fast')),
      { rows: 'sequences', features: ['x_*'], target: 'label', task: 'classification' },
    ],
    [
      'two_waves.csv',
      wide('patient,class', (i) => `p${Math.floor(i / 4)},${i % 2 ? 'slow' : 'fast'}`, ['x_', 'y_']),
      {
        rows: 'sequences',
        features: ['x_*', 'y_*'],
        target: 'class',
        split: { validation: 0.2, test: 0.2, group: 'patient', stratify: true },
      },
    ],
    [
      'columns.csv',
      wide('level', (i) => `${(i % 2 ? 40 : 20) + (i % 7)}.5`, ['']),
      { features: ['*'], task: 'regression', standardize_target: true },
    ],
    // Sensors that are numbered are features of a step where the rows of a unit have an order.
    [
      'engines.csv',
      [
        `unit,cycle,${numbered('s', 9).join(',')},label`,
        ...Array.from({ length: 20 * 12 }, (_, i) =>
          [
            Math.floor(i / 12),
            i % 12,
            ...numbered('s', 9).map((_s, at) => Math.sin(i * (at + 1)).toFixed(3)),
            Math.floor(i / 12) % 2 ? 'ok' : 'worn',
          ].join(','),
        ),
      ].join('\n'),
      { sequence: 'unit', target: 'label' },
    ],
  ])('%s', async (name, content, values) => {
    const examined = examine(await init(name, content), {});
    if ('diagnostics' in examined) throw new Error(examined.diagnostics.map(({ message }) => message).join('\n'));
    expect(examined.warnings.map(({ message }) => message)).toEqual([]);
    expect(examined.plan.config.values.dataset).toMatchObject({ kind: 'sequences', ...values });
  });
});

describe('of a folder of files', () => {
  const steps = (i: number, more = ''): string =>
    [
      't,x,y',
      ...Array.from({ length: 10 }, (_, t) => `${t},${Math.sin(t * (1 + (i % 2)) + i).toFixed(3)},${Math.cos(t + i).toFixed(3)}${more}`),
      '',
    ].join('\n');
  const fill = (name: string, file: (i: number) => readonly [path: string, content: string]): string => {
    for (let i = 0; i < 40; i++) {
      const [path, content] = file(i);
      mkdirSync(join(folder, name, ...path.split('/').slice(0, -1)), { recursive: true });
      writeFileSync(join(folder, name, path), content);
    }
    return join(folder, name);
  };
  const written = async (from: string) => {
    const output = `${from}.yaml`;
    await run([from], { output }, quiet);
    const examined = examine(output, {});
    if ('diagnostics' in examined) throw new Error(examined.diagnostics.map(({ message }) => message).join('\n'));
    expect(examined.warnings.map(({ message }) => message)).toEqual([]);
    return examined.plan.config.values.dataset;
  };

  test('the folder that a file lies in is its class', async () => {
    const dataset = await written(fill('moves', (i) => [`${i % 2 ? 'slow' : 'fast'}/walk${i}.csv`, steps(i)]));
    expect(dataset).toMatchObject({
      kind: 'sequences',
      file: 'moves',
      order: 't',
      features: ['x', 'y'],
      target: 'folder',
      task: 'classification',
    });
  });

  test('or a column that is the same all through a file', async () => {
    const labelled = (i: number): string =>
      steps(i)
        .replaceAll(/\n(?=\d)/g, '\n')
        .replaceAll(/^(\d.*)$/gm, `$1,${i % 2 ? 'slow' : 'fast'}`)
        .replace('t,x,y', 't,x,y,label');
    expect(await written(fill('walks_of', (i) => [`walk${i}.csv`, labelled(i)]))).toMatchObject({ target: 'label', features: ['x', 'y'] });
  });

  test('a folder that does not say what is to be answered is refused', async () => {
    await expect(run([fill('plain', (i) => [`walk${i}.csv`, steps(i)])], {}, quiet)).rejects.toThrow(
      /does not say what the model should answer/,
    );
  });
});

describe('of words', () => {
  const GOOD = ['good', 'great', 'fine', 'warm'];
  const BAD = ['bad', 'dull', 'poor', 'cold'];
  const review = (i: number): string =>
    `the ${(i % 2 ? GOOD : BAD)[i % 4] ?? ''} film ${i} was about ${['a boat', 'an old town', 'two friends'][i % 3] ?? ''} and ran for ${i % 7} hours`;
  const csv = (header: string, row: (i: number) => string, count = 80): string =>
    [header, ...Array.from({ length: count }, (_, i) => row(i)), ''].join('\n');
  const stars = (i: number): string => (i % 2 ? 'up' : 'down');
  const conll = Array.from(
    { length: 40 },
    (_, i) => `the DT O\n${i % 2 ? 'Ann' : 'Bob'} NN B-PER\nran VB O\nin IN O\n${i % 3 ? 'Rome' : 'Oslo'} NN B-LOC\n${i} CD O\n`,
  ).join('\n');

  test.each<readonly [name: string, content: string, values: Readonly<Record<string, unknown>>]>([
    [
      'reviews.csv',
      csv('review,stars', (i) => `"${review(i)}",${stars(i)}`),
      { kind: 'texts', text: 'review', target: 'stars', tokens: 'words' },
    ],
    ['semicolons.csv', csv('id;label;text', (i) => `${i};${stars(i)};${review(i)}`), { kind: 'texts', text: 'text', target: 'label' }],
    [
      'mails.jsonl',
      csv('', (i) => JSON.stringify({ body: review(i), spam: i % 2 === 0 })).trim(),
      { kind: 'texts', text: 'body', target: 'spam' },
    ],
    [
      'token_lists.jsonl',
      csv('', (i) => JSON.stringify({ tokens: review(i).split(' '), label: stars(i) })).trim(),
      { kind: 'texts', text: 'tokens', target: 'label' },
    ],
    [
      'writers.csv',
      csv('review,writer,stars', (i) => `"${review(i)}",w${i % 20 < 10 ? i % 10 : 10 + (i % 10)},${stars(i + (i % 20 < 10 ? 0 : 1))}`),
      { kind: 'texts', split: { validation: 0.1, test: 0.2, group: 'writer', stratify: true } },
    ],
    [
      'parts.csv',
      csv('text,label,split', (i) => `"${review(i)}",${stars(i)},${['train', 'train', 'train', 'validation', 'test'][i % 5] ?? ''}`),
      { kind: 'texts', split_column: 'split' },
    ],
    [
      '中文.csv',
      csv(
        'text,label',
        (i) =>
          `${'春眠不覺曉處處聞啼鳥'.slice(i % 5)}${i % 2 ? '好' : '坏'}夜來風雨聲花落知多少${String.fromCodePoint(0x4e00 + i)},${stars(i)}`,
      ),
      { kind: 'texts', tokens: 'words' },
    ],
    ['names.conll', conll, { kind: 'tagged', words: 0, target: 2 }],
    ['in_lines.txt', conll, { kind: 'tagged', target: 2 }],
    [
      'words.csv',
      csv(
        'Sentence #,Word,POS,Tag',
        (i) => `${Math.floor(i / 5)},${['the', 'Ann', 'ran', i, 'Rome'][i % 5] ?? ''},X,${['O', 'B-PER', 'O', 'O', 'B-LOC'][i % 5] ?? ''}`,
        200,
      ),
      { kind: 'tagged', sentence: 'Sentence #', words: 'Word', target: 'Tag' },
    ],
    [
      'tags.jsonl',
      csv('', (i) => JSON.stringify({ tokens: ['the', `n${i}`, 'ran'], tags: ['D', 'N', 'V'] })).trim(),
      { kind: 'tagged', words: 'tokens', target: 'tags' },
    ],
  ])('%s', async (name, content, values) => {
    const file = await init(name, content);
    const examined = examine(file, {});
    if ('diagnostics' in examined) throw new Error(examined.diagnostics.map(({ message }) => message).join('\n'));
    expect(examined.warnings.map(({ message }) => message)).toEqual([]);
    expect(examined.plan.config.values.dataset).toMatchObject(values);
  });

  test.each<readonly [name: string, content: string, kind: string]>([
    // A table of measures with a note in each row is one of sequences.
    [
      'remarks.csv',
      rows('walk,step,x,note,label', (s, t) => `w${s},${t},${Math.sin(s + t)},a note of step ${t} of walk ${s},${s % 2 ? 'up' : 'down'}`),
      'sequences',
    ],
    ['poem.txt', 'A line of a poem\nand another one\n\nand a third, longer one\n\n'.repeat(40), 'text'],
  ])('%s holds no texts to classify', async (name, content, kind) => {
    const examined = examine(await init(name, content), {});
    if ('diagnostics' in examined) throw new Error(examined.diagnostics.map(({ message }) => message).join('\n'));
    expect(examined.plan.config.values.dataset.kind).toBe(kind);
  });
});
