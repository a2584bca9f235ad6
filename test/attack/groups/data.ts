import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import type { Attack, Draw } from '../attack.js';
import type { World } from '../world.js';

const FASTER = ['--engine', 'eager-js'];

/** Lines of an experiment on sequences of a file. */
const sequences = (
  file = 'data.csv',
  more = 'format: csv, sequence: s, order: t, features: [x], target: y, task: regression, target_per: step',
) => ({
  dataset: `{kind: sequences, file: ${file}, ${more}}`,
  model: '{kind: rnn, hidden_size: 3, readout: every}',
  loss: '{kind: mean_squared_error}',
  metrics: '[]',
  training: '{epochs: 1, batch_size: 4}',
});
const ofText = (more = '') => ({
  dataset: `{kind: text, file: text.txt, tokens: characters, time_steps: 5${more}}`,
  model: '{kind: rnn, hidden_size: 3, readout: every}',
  loss: '{kind: cross_entropy}',
  metrics: '[]',
  training: '{epochs: 1, batch_size: 4}',
});
const LINE = 'to be or not to be, that is the question\n';

/** Rows of `count` sequences of four steps. */
const rows = (count: number, shift = 0): readonly string[] => [
  's,t,x,y',
  ...Array.from({ length: 4 * count }, (_, i) => `${Math.floor(i / 4)},${i % 4},${(i * 7) % 11},${((i * 7) % 11) + shift}`),
];
const csv = (count = 20, shift = 0): string => `${rows(count, shift).join('\n')}\n`;

/** What `check` says is what `run` does: it trains to an end, or it refuses too. */
async function checkTellsWhatRunDoes(world: World, file: string): Promise<void> {
  const { status, stderr } = await world.retable(['check', file]);
  if (status === 0) {
    const { status: ended, stderr: said, stdout } = await world.retable(['run', file, ...FASTER]);
    if (ended !== 0 && !/diverged|no longer a number|not a number/.test(said + stdout))
      throw new Error(`run ended with ${String(ended)}:\n${said}`);
    await world.expectRuns(1);
  } else if (status === 2) await world.refused(['run', file], /error/);
  else throw new Error(`check ended with ${String(status)}:\n${stderr}`);
}

/** A module that replaces a file when its metric is planned: after the data were read, and before they are trained on. */
const REPLACING = `import { readFileSync, writeFileSync } from 'node:fs';
export default ({ defineStage, Type }) => [
  defineStage({
    slot: 'metric', kind: 'replacing', version: 1, summary: 'Replaces a file.', options: Type.Object({}),
    plan() {
      writeFileSync(process.env.REPLACED, readFileSync(process.env.WITH));
      return { better: 'lower', deterministic: true, unit: '' };
    },
    create: ({ tf }) => ({ score: () => ({ sum: tf.scalar(0), count: tf.scalar(1) }), finish: () => 0 }),
  }),
];
`;

/** A run of what was replaced has no number on record, and the next one is of the file as it is now. */
async function expectReplacedIsRefused(world: World, file: string, replaced: string, by: string): Promise<void> {
  const environment = { REPLACED: world.path(replaced), WITH: world.path(by) };
  const end = await world.refused(['run', file, ...FASTER], /was changed after the plan was made from it/, { environment });
  if (!end.stderr.includes(replaced)) throw new Error(`it doesn't name ${replaced}:\n${end.stderr}`);
  const listed = JSON.parse((await world.succeeds(['list', '--json'])).stdout) as readonly { readonly metrics: object }[];
  if (listed.some(({ metrics }) => Object.keys(metrics).length > 0)) throw new Error(`numbers are on record: ${JSON.stringify(listed)}`);
  await world.succeeds(['run', file, ...FASTER], { environment });
  await world.expectWhole();
}

const noise = (any: Draw, most: number): Uint8Array => Uint8Array.from({ length: any.magnitude(1, most) }, () => any.integer(0, 255));

/** An array of NumPy, with the header that is said. */
function npy(header: string, values: Uint8Array): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length + 1);
  return Buffer.concat([Buffer.from('\u0093NUMPY\u0001\0', 'latin1'), length, Buffer.from(`${header}\n`, 'latin1'), values]);
}

/** The file of weights that a run of the tiny experiment ends with. */
async function trainedWeights(world: World): Promise<string> {
  await world.succeeds(['run', world.experiment(), ...FASTER]);
  await world.succeeds(['export', 'latest', '--output', 'w.safetensors']);
  return world.path('w.safetensors');
}
const withWeights = (world: World, file = 'w.safetensors'): string =>
  world.experiment('with.yaml', { training: `{epochs: 1, batch_size: 10, initial_weights: ${file}}` });

export const data: readonly Attack[] = [
  {
    name: 'a file of sequences is replaced between plan and training',
    tries: 4,
    async attempt(world, any) {
      world.write('replacing.mjs', REPLACING);
      world.write('data.csv', csv(20));
      world.write('other.csv', any.pick([csv(20, any.integer(1, 90)), csv(any.integer(5, 19)), csv(any.integer(21, 60))]));
      const file = world.experiment('own.yaml', { ...sequences(), use: '[./replacing.mjs]', metrics: '[{kind: replacing}]' });
      await expectReplacedIsRefused(world, file, 'data.csv', 'other.csv');
    },
  },
  {
    name: 'a text is replaced between plan and training',
    tries: 4,
    async attempt(world, any) {
      world.write('replacing.mjs', REPLACING);
      world.write('text.txt', LINE.repeat(20));
      world.write('other.txt', any.pick([LINE.repeat(21), LINE.toUpperCase().repeat(20), LINE.repeat(20).replace('question', 'answerxx')]));
      const file = world.experiment('own.yaml', { ...ofText(), use: '[./replacing.mjs]', metrics: '[{kind: replacing}]' });
      await expectReplacedIsRefused(world, file, 'text.txt', 'other.txt');
    },
  },
  {
    name: 'weights to begin with are replaced between plan and training',
    tries: 3,
    async attempt(world, any) {
      world.write('replacing.mjs', REPLACING);
      const weights = await trainedWeights(world);
      await world.succeeds(['run', 'tiny.yaml', '--seed', String(any.integer(2, 99)), ...FASTER]);
      await world.succeeds(['export', 'latest', '--output', 'other.safetensors']);
      const file = world.experiment('with.yaml', {
        training: '{epochs: 1, batch_size: 10, initial_weights: w.safetensors}',
        use: '[./replacing.mjs]',
        metrics: '[{kind: replacing}]',
      });
      const environment = { REPLACED: weights, WITH: world.path('other.safetensors') };
      await world.refused(['run', file, ...FASTER], /w\.safetensors was changed after the plan was made from it/, { environment });
      await world.succeeds(['run', file, ...FASTER], { environment });
      await world.expectWhole();
    },
  },
  {
    name: 'data that other trials trained on are replaced while a sweep runs',
    tries: 3,
    async attempt(world, any) {
      world.write('data.csv', csv(20));
      world.experiment('tiny.yaml', { ...sequences(), training: '{epochs: 30, batch_size: 4}' });
      world.write(
        's.yaml',
        `sweep: s\nbase: tiny.yaml\nvary: [{model.hidden_size: [2, 3, 4, 5]}]\nselect: {metric: train/loss, at: last}\nseeds: ${any.integer(2, 3)}\n`,
      );
      const { ended, said } = world.start(['run', 's.yaml', '--workers', '1', ...FASTER]);
      await said(/records in/);
      await new Promise((resolve) => setTimeout(resolve, any.integer(500, 6000)));
      world.write('data.csv', csv(20, 50));
      const { status, stderr } = await ended;
      if (status !== 0 && !/chang/.test(stderr)) throw new Error(`it doesn't say that a file changed:\n${stderr}`);
      await world.expectWhole();
    },
  },
  {
    name: 'data are replaced after an interruption',
    tries: 3,
    async attempt(world, any) {
      world.write('data.csv', csv(20));
      const file = world.experiment('tiny.yaml', { ...sequences(), training: '{epochs: 20000, batch_size: 4}' });
      const { child, ended, said } = world.start(['run', file, ...FASTER]);
      await said(/epoch/);
      child.kill('SIGINT');
      await ended;
      const [before] = await world.listed();
      world.write('data.csv', csv(20, any.integer(1, 9)));
      const second = world.start(['run', file, ...FASTER]);
      await second.said(/epoch/);
      second.child.kill('SIGINT');
      await second.ended;
      await world.expectRuns(2);
      if (!(await world.listed()).some(({ run }) => run === before?.run)) throw new Error('the first run is gone');
    },
  },
  {
    name: 'data grow or shrink while they are read',
    tries: 4,
    async attempt(world, any) {
      world.write('data.csv', csv(2000));
      const file = world.experiment('tiny.yaml', sequences());
      const { ended } = world.start(['run', file, ...FASTER]);
      const timer = setInterval(() => {
        if (any.pick([true, false])) appendFileSync(world.path('data.csv'), '9999,0,1,1\n');
        else truncateSync(world.path('data.csv'), any.integer(100, 1000));
      }, 20);
      const { status, stderr } = await ended;
      clearInterval(timer);
      if (status !== 0 && !/error/.test(stderr)) throw new Error(`it ended with ${String(status)}:\n${stderr}`);
      await world.expectWhole();
    },
  },
  {
    name: 'columns by the thousand',
    tries: 3,
    async attempt(world, any) {
      const columns = Array.from({ length: any.magnitude(100, 20_000) }, (_, index) => `c${index}`);
      const lines = Array.from({ length: 40 }, (_, row) =>
        [Math.floor(row / 4), row % 4, row % 3, row % 5, ...columns.map((__, index) => (index * row) % 7)].join(','),
      );
      world.write('data.csv', `s,t,x,y,${columns.join(',')}\n${lines.join('\n')}\n`);
      await world.succeeds(['check', world.experiment('wide.yaml', sequences())]);
    },
  },
  {
    name: 'rows of other lengths',
    tries: 4,
    async attempt(world, any) {
      const lines = [...rows(20)];
      lines[any.integer(1, 80)] = any.pick(['1,2,3', '1,2,3,4,5', ',,,', '', '1', '1;2;3;4', '1,'.repeat(5000)]);
      world.write('data.csv', lines.join('\n'));
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', sequences()));
    },
  },
  {
    name: 'cells that are no numbers',
    tries: 8,
    async attempt(world, any) {
      const odd = any.pick([
        '',
        'NaN',
        'inf',
        '-inf',
        '1e999',
        '0x10',
        '1_000',
        '"1,5"',
        '١',
        '--',
        '1e',
        '=1+1',
        'null',
        '\u001b[31m',
        '1 2',
        '1e-400',
        '"a""b"',
        '\0',
      ]);
      const lines = [...rows(20)];
      const line = any.integer(1, 80);
      const cells = (lines[line] ?? '').split(',');
      cells[any.integer(0, 3)] = odd;
      lines[line] = cells.join(',');
      world.write('data.csv', lines.join('\n'));
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', sequences()));
    },
  },
  {
    name: 'numbers as large and as small as they come',
    tries: 5,
    async attempt(world, any) {
      const numbers = ['3e38', '-3e38', '1e39', '1e308', '1e-45', '1e-320', '9007199254740993', '0', '-0'];
      const lines = rows(20).map((line, index) =>
        index === 0 ? line : `${line.split(',').slice(0, 2).join(',')},${any.pick(numbers)},${any.pick(numbers)}`,
      );
      world.write('data.csv', lines.join('\n'));
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', sequences()));
    },
  },
  {
    name: 'a quote that is never closed',
    tries: 3,
    async attempt(world, any) {
      const text = csv(any.integer(20, 3000));
      const at = any.integer(9, text.length - 2);
      world.write('data.csv', `${text.slice(0, at)}"${text.slice(at)}`);
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', sequences()));
    },
  },
  {
    name: 'a file cut anywhere',
    tries: 6,
    async attempt(world, any) {
      const text = csv(20);
      world.write('data.csv', text.slice(0, any.integer(0, text.length)));
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', sequences()));
    },
  },
  {
    name: 'bytes in place of data',
    tries: 6,
    async attempt(world, any) {
      const format = any.pick(['csv', 'jsonl', 'npy', 'txt']);
      if (format === 'txt') world.write('text.txt', noise(any, 50_000));
      else world.write(`data.${format}`, noise(any, 50_000));
      const more =
        format === 'npy'
          ? `target: 0, features: [0], format: npy, task: regression`
          : `format: ${format}, features: [x], target: y, task: regression`;
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', format === 'txt' ? ofText() : sequences(`data.${format}`, more)));
    },
  },
  {
    name: 'JSON that is nested deep',
    tries: 4,
    async attempt(world, any) {
      const depth = any.magnitude(50, 100_000);
      const value = any.pick([
        `${'['.repeat(depth)}${']'.repeat(depth)}`,
        `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
        '['.repeat(depth),
      ]);
      world.write('data.jsonl', `{"x": ${value}, "y": 1}\n`.repeat(5));
      await world.refused(
        ['check', world.experiment('odd.yaml', sequences('data.jsonl', 'format: jsonl, features: [x], target: y, task: regression'))],
        /error\[/,
      );
    },
  },
  {
    name: 'lines of JSON that are no rows',
    tries: 6,
    async attempt(world, any) {
      const odd = any.pick([
        '1',
        'null',
        '[]',
        '"x"',
        '{}',
        '{"x": [1], "x": [2], "y": 1}',
        '{"__proto__": [1], "y": 1}',
        '{"x": [1e400], "y": 1}',
        '{"x": "1", "y": 1}',
        '{"x": [1, [2]], "y": 1}',
        '{"x": [], "y": 1}',
        '{"x": [1], "y": [1]}',
        '{',
        '\ufeff{}',
      ]);
      const lines = Array.from({ length: 30 }, (_, index) => `{"x": [${index % 5}, 2, 3], "y": ${index % 7}}`);
      lines[any.integer(0, 29)] = odd;
      world.write('data.jsonl', `${lines.join('\n')}\n`);
      const document = sequences('data.jsonl', 'format: jsonl, features: [x], target: y, task: regression');
      await checkTellsWhatRunDoes(
        world,
        world.experiment('odd.yaml', { ...document, model: '{kind: rnn, hidden_size: 3, readout: last}' }),
      );
    },
  },
  {
    name: 'an array whose header says what is not there',
    tries: 6,
    async attempt(world, any) {
      const shape = any.pick([
        '(1000000000, 4, 2)',
        '(-1, 4, 2)',
        '(20, 4)',
        '()',
        '(20, 4, 9007199254740993)',
        '(0, 4, 2)',
        '(2.5, 4, 2)',
        '(20,',
      ]);
      const type = any.pick(["'<f4'", "'<f8'", "'|O'", "'<c8'", "'<U9'", "[('a', '<f4')]", "'>f4'"]);
      const header = any.pick([
        `{'descr': ${type}, 'fortran_order': ${any.pick(['True', 'False'])}, 'shape': ${shape}, }`,
        '{}',
        '',
        '\0'.repeat(50),
      ]);
      world.write('data.npy', npy(header, noise(any, 640)));
      const document = sequences('data.npy', 'format: npy, features: [0], target: 1, task: regression, target_per: step');
      await world.refused(['check', world.experiment('odd.yaml', document)], /error\[/);
    },
  },
  {
    name: 'what is no file as data',
    tries: 6,
    async attempt(world, any) {
      mkdirSync(world.path('folder'));
      execFileSync('mkfifo', [world.path('pipe')]);
      const file = any.pick([
        'folder',
        'pipe',
        '/dev/zero',
        '/dev/stdin',
        '.',
        '/',
        'gone',
        'data.yaml/x',
        '"\\0"',
        `"${'x'.repeat(300)}"`,
      ]);
      const lines = any.pick([sequences(file), { ...ofText(), dataset: `{kind: text, file: ${file}, max_tokens: 1000}` }]);
      await world.refused([any.pick(['check', 'run']), world.experiment('odd.yaml', lines)], /error\[/);
    },
  },
  {
    name: 'one class, or as many as rows',
    tries: 4,
    async attempt(world, any) {
      const classes = any.pick([
        () => 'a',
        (index: number) => `c${index}`,
        (index: number) => (index === 7 ? '' : 'a'),
        (index: number) => String(index % 2),
      ]);
      world.write('data.csv', `x,y\n${Array.from({ length: 40 }, (_, index) => `${index % 5},${classes(index)}`).join('\n')}\n`);
      const document = sequences('data.csv', 'format: csv, features: [x], target: y, task: classification, window: 4');
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', { ...document, loss: '{kind: cross_entropy}' }));
    },
  },
  {
    name: 'splits that leave nothing',
    tries: 4,
    async attempt(world, any) {
      world.write('data.csv', csv(any.integer(1, 30)));
      const shares = [0, 1e-9, 0.1, 0.5, 0.9, 0.999999];
      const more = `format: csv, sequence: s, order: t, features: [x], target: y, task: regression, target_per: step, split: {test: ${any.pick(shares)}, validation: ${any.pick(shares)}}`;
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', sequences('data.csv', more)));
    },
  },
  {
    name: 'texts of almost nothing',
    tries: 5,
    async attempt(world, any) {
      world.write(
        'text.txt',
        any.pick([
          '',
          ' ',
          '\n',
          'a',
          'ab',
          'a'.repeat(500),
          ' \n'.repeat(300),
          '\u{1f600}'.repeat(200),
          'to be '.repeat(any.integer(1, 30)),
          '\ufeff',
        ]),
      );
      const more = any.pick(['', ', minimum_count: 1000', ', max_tokens: 2', ', train_fraction: 0.001', ', test_fraction: 0.9']);
      await checkTellsWhatRunDoes(world, world.experiment('odd.yaml', ofText(more)));
    },
  },
  {
    name: 'weights cut anywhere',
    tries: 4,
    async attempt(world, any) {
      const file = await trainedWeights(world);
      truncateSync(file, any.integer(0, readFileSync(file).length - 1));
      await world.refused([any.pick(['check', 'run']), withWeights(world)], /error\[/);
    },
  },
  {
    name: 'weights whose header lies',
    tries: 5,
    async attempt(world, any) {
      const whole = Buffer.from(encodeSafetensors({ 'parameters/W': { shape: [2], values: Float32Array.of(1, 2) } }));
      const header = whole.toString('utf8', 8, 8 + Number(whole.readBigUInt64LE()));
      const [from, to] = any.pick([
        ['[0,8]', '[-8,0]'],
        ['[0,8]', '[8,0]'],
        ['[0,8]', '[0,1e300]'],
        ['[2]', '[-2]'],
        ['[2]', '[9007199254740993]'],
        ['F32', 'F8'],
        ['"shape"', '"__proto__"'],
      ] as const);
      const changed = header.replace(from, to);
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(any.pick([BigInt(Buffer.byteLength(changed)), 2n ** 63n, 0n]));
      world.write('w.safetensors', Buffer.concat([length, Buffer.from(changed), whole.subarray(-8)]));
      await world.refused(['check', withWeights(world)], /error\[/);
    },
  },
  {
    name: 'weights of something else',
    tries: 4,
    async attempt(world, any) {
      await trainedWeights(world);
      writeFileSync(world.path('noise.npz'), noise(any, 10_000));
      world.write('text.txt', LINE);
      const file = any.pick(['noise.npz', 'text.txt', 'w.safetensors', 'tiny.yaml', '.', '/dev/zero', 'gone.npz']);
      const training = `{epochs: 1, batch_size: 10, initial_weights: ${file}}`;
      const document = world.experiment('with.yaml', {
        training,
        model: `{kind: ${any.pick(['lstm', 'rnn'])}, hidden_size: ${any.integer(4, 6)}}`,
      });
      await world.refused([any.pick(['check', 'run']), document], /error\[/);
    },
  },
  {
    name: 'a cache of facts that is damaged',
    tries: 4,
    async attempt(world, any) {
      world.write('text.txt', LINE.repeat(30));
      const environment = { RETABLE_CACHE: world.path('cache') };
      const document = any.pick([world.experiment('tiny.yaml', ofText()), world.experiment()]);
      const before = await world.succeeds(['plan', document], { environment });
      for (const name of readdirSync(world.path('cache'), { recursive: true, encoding: 'utf8' })) {
        if (!/\.\w+$/.test(name)) continue;
        const file = join(world.path('cache'), name);
        const [whole, odd] = [readFileSync(file), any.pick([Buffer.from('{}'), Buffer.from(noise(any, 1000)), Buffer.alloc(0)])];
        writeFileSync(
          file,
          any.pick([odd, whole.subarray(0, any.integer(0, whole.length - 1)), Buffer.from(String(whole).replaceAll(/\d/g, '7'))]),
        );
      }
      const after = await world.succeeds(['plan', document], { environment });
      if (after.stdout !== before.stdout) throw new Error(`the plan is another:\n${before.stdout}\n${after.stdout}`);
    },
  },
  {
    name: 'a first document for odd files',
    tries: 6,
    async attempt(world, any) {
      const texts = [
        csv(20),
        csv(2),
        'a,b\n1,2\n',
        '',
        '\0',
        'a\n'.repeat(300),
        LINE.repeat(20),
        '{"x": [1, 2], "y": 1}\n'.repeat(30),
        'x;y\n1,5;2\n2,5;3\n'.repeat(20),
        '[1, 2, 3]',
      ];
      world.write(`odd.${any.pick(['csv', 'txt', 'jsonl', 'npy', 'tsv'])}`, any.pick(texts));
      const [file = ''] = readdirSync(world.folder).filter((name) => name.startsWith('odd.'));
      const { status, stderr } = await world.retable(['init', file, '--output', 'first.yaml']);
      if (status === 0) await world.succeeds(['check', 'first.yaml']);
      else if (!stderr.includes('error')) throw new Error(`init ended with ${String(status)}:\n${stderr}`);
    },
  },
  {
    name: 'prefixes of odd letters',
    tries: 4,
    async attempt(world, any) {
      world.write('text.txt', LINE.repeat(20));
      await world.succeeds(['run', world.experiment('tiny.yaml', ofText()), ...FASTER]);
      const prefix = any.pick([
        '\u{1f600}',
        '\u001b[31m',
        '',
        ' ',
        '\u202e',
        'x'.repeat(any.magnitude(10, 5000)),
        '__proto__',
        '-',
        '\ud800',
      ]);
      const { status, stderr } = await world.retable(['sample', `--prefix=${prefix}`, '--length', String(any.integer(1, 50))]);
      if (status !== 0 && !stderr.includes('error')) throw new Error(`sample ended with ${String(status)}:\n${stderr}`);
    },
  },
];
