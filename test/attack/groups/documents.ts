import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { Attack, Draw } from '../attack.js';
import { TINY, type World } from '../world.js';

const FASTER = ['--engine', 'eager-js'];
const many = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('');

/** What `check` says is what `run` does: it trains, or it refuses too. */
async function checkTellsWhatRunDoes(world: World, file: string): Promise<void> {
  const { status, stderr } = await world.retable(['check', file]);
  if (status === 0) {
    await world.succeeds(['run', file, ...FASTER]);
    await world.expectRuns(1);
  } else if (status === 2) await world.refused(['run', file], /error/);
  else throw new Error(`check ended with ${String(status)}:\n${stderr}`);
}

const sweepOf = (vary: string, more = ''): string =>
  `sweep: s\nbase: tiny.yaml\nvary: ${vary}\nselect: {metric: train/loss, at: last}\n${more}`;
const tableOf = (rows: string, more = ''): string => `table: t\nrows: ${rows}\ncolumns: {loss: {metric: train/loss}}\n${more}`;

/** Something that is no file to read, by its path. */
function noFile(world: World, any: Draw): string {
  const kind = any.pick(['a pipe', 'a device', 'a folder', 'nothing']);
  if (kind === 'a device') return '/dev/zero';
  if (kind === 'a folder') mkdirSync(world.path('odd'));
  if (kind === 'a pipe') execFileSync('mkfifo', [world.path('odd')]);
  return 'odd';
}

/** Text with a few characters taken out, put in or doubled. */
function mutated(text: string, any: Draw): string {
  let now = text;
  for (let left = any.integer(1, 4); left > 0; left--) {
    const at = any.integer(0, now.length - 1);
    const odd = any.pick([
      ':',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      "'",
      '\n',
      '\t',
      '#',
      '&a ',
      '*a ',
      '!',
      '|',
      '>',
      '%',
      '@',
      '-',
      '\u00a0',
      '\0',
      '1e9',
    ]);
    now = any.pick([now.slice(0, at) + now.slice(at + 1), now.slice(0, at) + odd + now.slice(at), now.slice(0, at) + now.slice(at - 9)]);
  }
  return now;
}

export const documents: readonly Attack[] = [
  {
    name: 'a number beyond any size',
    tries: 8,
    async attempt(world, any) {
      const [path, least] = any.pick([
        ['model.hidden_size', 1e5],
        ['model.num_layers', 1001],
        ['dataset.bits', 32],
        ['dataset.examples', 10_000_001],
        ['training.batch_size', 49],
        ['engine.threads', 1025],
      ] as const);
      await world.refused(['check', world.experiment(), '--set', `${path}=${any.magnitude(least, 9e15)}`], /error\[[a-z-]+\]: .*\d/);
    },
  },
  {
    name: 'a whole number that cannot be told from its neighbours',
    tries: 6,
    async attempt(world, any) {
      const path = any.pick(['seed', 'training.epochs', 'training.checkpoint_every', 'dataset.seed', 'training.samples.every']);
      const number = any.pick([
        `1e${any.integer(16, 308)}`,
        `9${any.integer(1e8, 9e8)}${any.integer(1e8, 9e8)}`,
        `-1e${any.integer(16, 308)}`,
      ]);
      await world.refused(
        ['check', world.experiment(), '--set', `${path}=${number}`],
        /integer-too-large|out-of-range|unknown-key|missing-key/,
      );
    },
  },
  {
    name: 'a number of the command line that is none',
    tries: 8,
    async attempt(world, any) {
      const option = any.pick(['--threads', '--seed', '--workers']);
      const text = any.pick(['-1', '0.5', 'NaN', '.inf', '', '[1]', '{a: 1}', `1e${any.integer(16, 300)}`, 'seven', '1 2']);
      await world.refused(['plan', world.experiment(), option, text], /--(threads|seed|workers)/);
    },
  },
  {
    name: 'samples without end',
    tries: 4,
    async attempt(world, any) {
      world.write('text.txt', 'to be or not to be\n'.repeat(60));
      const lines = {
        dataset: '{kind: text, file: text.txt, tokens: characters, time_steps: 5}',
        model: '{kind: rnn, hidden_size: 3, readout: every}',
        loss: '{kind: cross_entropy}',
        metrics: '[]',
      };
      await world.succeeds(['run', world.experiment('text.yaml', lines), ...FASTER]);
      const [option, least] = any.pick([
        ['--length', 1_000_001],
        ['--top-k', 1e16],
        ['--seed', 1e16],
      ] as const);
      await world.refused(['sample', '--prefix', 'to', option, String(any.magnitude(least, 1e300))], /can't be/);
    },
  },
  {
    name: 'unknown keys by the thousand',
    tries: 4,
    async attempt(world, any) {
      const lines = many(any.magnitude(100, 20_000), (index) => `unknwon_${index}: 1\n`);
      await world.refused(['check', world.write('many.yaml', TINY + lines)], /unknown-key/);
    },
  },
  {
    name: 'unknown keys of one mapping, on one line',
    tries: 4,
    async attempt(world, any) {
      const keys = many(any.magnitude(100, 20_000), (index) => `hiden_${index}: 1, `);
      await world.refused(['check', world.experiment('many.yaml', { model: `{kind: rnn, ${keys} hidden_size: 3}` })], /unknown-key/);
    },
  },
  {
    name: 'a document of megabytes',
    tries: 4,
    async attempt(world, any) {
      const filler = any.pick(['# comment\n', 'x: 1\n', '{', '- ', '"a ', '\n', '\0']);
      const text = TINY + filler.repeat(any.integer(1_100_000, 6_000_000) / filler.length);
      await world.refused([any.pick(['check', 'run', 'plan', 'judge', 'status']), world.write('huge.yaml', text)], /1 MB is the most/);
    },
  },
  {
    name: 'values nested deep',
    tries: 6,
    async attempt(world, any) {
      const depth = any.magnitude(110, 100_000);
      const opened = any.pick(['[', '{a: ', '[[', '{? ']).repeat(depth);
      const closed = any.pick(['', ']'.repeat(depth)]);
      await world.refused(['check', world.write('deep.yaml', `${TINY}x: ${opened}${closed}\n`)], /error\[/);
    },
  },
  {
    name: 'lists below each other, each further in',
    tries: 3,
    async attempt(world, any) {
      const text = many(any.integer(110, 900), (index) => `${'  '.repeat(index)}- \n`);
      await world.refused(['check', world.write('deep.yaml', `${TINY}x:\n${text}`)], /error\[/);
    },
  },
  {
    name: 'aliases of aliases',
    tries: 4,
    async attempt(world, any) {
      const width = any.integer(2, 12);
      const lines = many(any.integer(12, 40), (index) => `x${index}: &x${index} [${`*x${index - 1}, `.repeat(width)}]\n`);
      await world.refused(['check', world.write('bomb.yaml', `x-1: &x-1 1\n${lines}${TINY}`)], /error\[/);
    },
  },
  {
    name: 'what is no file as a document',
    tries: 6,
    async attempt(world, any) {
      const path = noFile(world, any);
      await world.refused(
        [any.pick(['check', 'run', 'plan', 'judge', 'status', 'diff']), path, path],
        /odd|\/dev\/zero|too many arguments/,
      );
    },
  },
  {
    name: 'bytes that are no text',
    tries: 5,
    async attempt(world, any) {
      const noise = Uint8Array.from({ length: any.magnitude(1, 100_000) }, () => any.integer(0, 255));
      const text = Buffer.from(TINY, any.pick(['utf16le', 'utf8'] as const));
      const bytes = any.pick([noise, Buffer.concat([text, noise]), Buffer.concat([Uint8Array.of(0xff, 0xfe), text, Uint8Array.of(0xd8)])]);
      await world.refused(['check', world.write('noise.yaml', bytes)], /error/);
    },
  },
  {
    name: 'a path of --set with parts by the thousand',
    tries: 4,
    async attempt(world, any) {
      const path = `${any.pick(['a', 'model', 'metrics.0', '__proto__'])}.`.repeat(any.magnitude(150, 15_000));
      await world.refused(['check', world.experiment(), '--set', `${path}x=1`], /error\[/);
    },
  },
  {
    name: 'a --set of nonsense',
    tries: 8,
    async attempt(world, any) {
      const set = any.pick([
        ...[
          '=',
          '=1',
          '.=1',
          'model..hidden_size=1',
          'model.hidden_size',
          'model.__proto__.x=1',
          '__proto__.x=1',
          '__proto__=1',
          'model.constructor=1',
        ],
        ...[
          'metrics.-1.kind=accuracy',
          'metrics.99999999.kind=accuracy',
          'metrics.length=0',
          'model=1',
          'model=null',
          'metrics=bit_accuracy',
        ],
        ...[
          'model.hidden_size=[',
          'model.hidden_size={a',
          'model.hidden_size="',
          'model.hidden_size=*a',
          'model.hidden_size=!!js/function x',
          'experiment=.',
        ],
      ]);
      await world.refused(['check', world.experiment(), '--set', set], /error\[/);
    },
  },
  {
    name: 'keys that every object has',
    tries: 5,
    async attempt(world, any) {
      const key = any.pick(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf']);
      const value = any.pick(['1', '{polluted: true}', '[]', 'null', '{kind: rnn}']);
      const text = any.pick([`${TINY}${key}: ${value}\n`, TINY.replace('hidden_size: 3', `hidden_size: 3, ${key}: ${value}`)]);
      await world.refused(['check', world.write('odd.yaml', text)], /unknown-key/);
    },
  },
  {
    name: 'an axis whose module is missing',
    tries: 4,
    async attempt(world, any) {
      world.experiment();
      const gone = any.pick(['./gone.mjs', './gone', '../gone.mjs', '/gone.mjs']);
      const vary = any.pick([
        `[{use: [[${gone}]]}]`,
        `[{model.hidden_size: [2, 3], use: [[${gone}], [${gone}]]}]`,
        `[{model.hidden_size: [2]}, {use: [[${gone}]]}]`,
      ]);
      await world.refused(
        [any.pick(['check', 'plan', 'run']), world.write('s.yaml', sweepOf(vary))],
        /s\.yaml:3:\d+: error\[[a-z-]+\]: .*gone/,
      );
      await world.expectRuns(0);
    },
  },
  {
    name: 'a row whose module is missing',
    tries: 4,
    async attempt(world, any) {
      world.experiment();
      const rows = any.pick([
        '{a: {base: tiny.yaml}, b: {base: tiny.yaml, set: {use: [./gone.mjs]}}}',
        '{b: {base: tiny.yaml, set: {use: [./gone.mjs]}}}',
      ]);
      await world.refused(
        [any.pick(['check', 'plan', 'run', 'judge']), world.write('t.yaml', tableOf(rows))],
        /t\.yaml:2:\d+: error\[missing-module\]/,
      );
      await world.expectRuns(0);
    },
  },
  {
    name: 'an axis or a row whose file is missing',
    tries: 5,
    async attempt(world, any) {
      world.experiment();
      const axis = any.pick([
        '{training.initial_weights: [gone.safetensors]}',
        '{dataset: [{kind: text, file: gone.txt}]}',
        '{dataset: [{kind: sequences, file: gone.csv, format: csv, features: [x], target: y, task: regression}]}',
      ]);
      const row = axis.replace('[', '').replace(/\](?=\}$)/, '');
      const isSweep = any.pick([true, false]);
      const text = isSweep ? sweepOf(`[${axis}]`) : tableOf(`{a: {base: tiny.yaml, set: ${row}}}`);
      await world.refused(['check', world.write('d.yaml', text)], /d\.yaml:\d+:\d+: error\[unreadable-file\]: "gone/);
    },
  },
  {
    name: 'check says what run does',
    tries: 12,
    async attempt(world, any) {
      const lines = {
        dataset: `{kind: binary_addition, bits: ${any.integer(2, 6)}, examples: ${any.integer(2, 80)}, train_fraction: ${any.pick([0.01, 0.5, 0.8, 0.99])}, held_out: ${any.pick([0, 0.1, 0.9])}, layout: ${any.pick(['numbers', 'bits'])}}`,
        model: `{kind: ${any.pick(['rnn', 'lstm', 'gru'])}, hidden_size: ${any.integer(1, 4)}, readout: ${any.pick(['last', 'every', 'all'])}, num_layers: ${any.integer(1, 3)}}`,
        loss: `{kind: ${any.pick(['binary_cross_entropy', 'mean_squared_error', 'cross_entropy'])}}`,
        metrics: any.pick([
          '[{kind: bit_accuracy}]',
          '[{kind: exact_match}, {kind: accuracy}]',
          '[]',
          '[{kind: perplexity}]',
          '[{kind: bit_accuracy}, {kind: bit_accuracy}]',
        ]),
        training: `{epochs: ${any.integer(0, 3)}, batch_size: ${any.integer(1, 70)}, shuffle: ${any.pick(['true', 'false'])}}`,
      };
      await checkTellsWhatRunDoes(world, world.experiment('tiny.yaml', lines));
    },
  },
  {
    name: 'a description of any length and any letters',
    tries: 5,
    async attempt(world, any) {
      const text = any.pick(['word ', '\\n', '\u{1f600}', '\u001b[31m', '<script>', '%s', '\u202e', 'ä']).repeat(any.magnitude(10, 30_000));
      await checkTellsWhatRunDoes(world, world.experiment('tiny.yaml', { description: JSON.stringify(text) }));
    },
  },
  {
    name: 'a name that no folder should have',
    tries: 5,
    async attempt(world, any) {
      const name = any.pick(['.', '..', 'a/b', '../a', '-rf', 'a b', 'ü', '', 'a\\u0000', 'a\\n', 'x'.repeat(any.integer(129, 5000))]);
      await world.refused([any.pick(['check', 'run']), world.experiment('odd.yaml', { experiment: `"${name}"` })], /error\[/);
      await world.expectRuns(0);
    },
  },
  {
    name: 'seeds by the million',
    tries: 5,
    async attempt(world, any) {
      world.experiment();
      const seeds = `seeds: ${any.magnitude(100_001, 9e15)}\n`;
      const text = any.pick([sweepOf('[{model.hidden_size: [2]}]', seeds), tableOf('{a: {base: tiny.yaml}}', seeds)]);
      await world.refused([any.pick(['check', 'plan', 'run']), world.write('d.yaml', text)], /d\.yaml:\d+:\d+: error\[out-of-range\]/);
    },
  },
  {
    name: 'trials by the million',
    tries: 5,
    async attempt(world, any) {
      world.experiment();
      const number = any.magnitude(100_001, 9e15);
      const text = any.pick([
        sweepOf(
          '[{model.hidden_size: {kind: integer, low: 1, high: 9}}]',
          `search: {kind: ${any.pick(['random', 'sobol'])}, trials: ${number}}\n`,
        ),
        sweepOf(`[{model.hidden_size: {kind: range, low: 1, high: ${number}, step: 1}}]`),
        sweepOf(`[{optimizer.learning_rate: {kind: range, low: 0.1, high: 1, step: ${1 / number}}}]`),
        sweepOf(
          `[{dataset.examples: {kind: range, low: 2, high: 4000, step: 1}}, {model.hidden_size: {kind: range, low: 1, high: 4000, step: 1}}]`,
        ),
      ]);
      await world.refused(['check', world.write('s.yaml', text)], /s\.yaml:\d+:\d+: error\[/);
    },
  },
  {
    name: 'more processes than a machine holds',
    tries: 3,
    async attempt(world, any) {
      world.experiment();
      const text = sweepOf('[{optimizer.learning_rate: {kind: range, low: 0.0001, high: 0.9999, step: 0.0001}}]');
      const workers = any.integer(9000, 9999);
      world.write('s.yaml', text);
      await world.refused(['run', 's.yaml', '--workers', String(workers * any.pick([10, 1e4]))], /--workers/);
      await world.refused(['run', 's.yaml', '--set', `run_on={kind: local, workers: 1e${any.integer(16, 300)}}`], /integer-too-large/);
    },
  },
  {
    name: 'a pointer into a reference that hits nothing',
    tries: 5,
    async attempt(world, any) {
      world.experiment();
      world.write('r.json', '{"accuracy": [0.5, 0.6], "a": {"b": 1}, "": 3}');
      const pointer = any.pick([
        '/accuracy/length',
        '/accuracy/-1',
        '/accuracy/01',
        '/accuracy/9',
        '/constructor',
        '/a/__proto__',
        '/a/b/c',
        '/~2',
        'accuracy',
        '/nothing',
        '/a',
      ]);
      const claim = `claims: [{cell: [a, loss], reference: 'r.json#${pointer}'}]\n`;
      await world.refused(['check', world.write('t.yaml', tableOf('{a: {base: tiny.yaml}}', claim))], /t\.yaml:4:\d+: error\[/);
    },
  },
  {
    name: 'a reference of odd values',
    tries: 5,
    async attempt(world, any) {
      world.experiment();
      const text = any.pick([
        '{"a": {"0.5": -1}}',
        '{"a": {"0.5": 1e300}}',
        '{"a": {"x": 1}}',
        '{"a": [1e999]}',
        '{"a": []}',
        '{"a": {}}',
        '{"a": null}',
        '{"a": [[1]]}',
        '{"a": ["1"]}',
        '{"a":',
        '\0',
        '',
      ]);
      world.write('r.json', text);
      const claim = `claims: [{cell: [a, loss], reference: 'r.json#/a'}]\n`;
      await world.refused(
        [any.pick(['check', 'judge']), world.write('t.yaml', tableOf('{a: {base: tiny.yaml}}', claim))],
        /t\.yaml:4:\d+: error\[/,
      );
    },
  },
  {
    name: 'a base that is no experiment',
    tries: 5,
    async attempt(world, any) {
      const base = any.pick(['s.yaml', 't.yaml', noFile(world, any)]);
      const text = any.pick([sweepOf('[{model.hidden_size: [2]}]'), tableOf('{a: {base: tiny.yaml}}')]).replace('tiny.yaml', base);
      world.write('t.yaml', text);
      await world.refused([any.pick(['check', 'plan', 'run']), world.write('s.yaml', text)], /s\.yaml:2:\d+: error\[|s\.yaml:1:1: error\[/);
    },
  },
  {
    name: 'modules that are none',
    tries: 5,
    async attempt(world, any) {
      world.write('data.json', '{"a": 1}');
      world.write('empty.mjs', '');
      world.write('broken.mjs', 'export default (');
      const use = any.pick([noFile(world, any), 'data.json', 'empty.mjs', 'broken.mjs', '.', '..', 'node:fs', 'https://x.invalid/a.mjs']);
      await world.refused(['check', world.experiment('own.yaml', { use: `["${use}"]` })], /own\.yaml:\d+:\d+: error\[|(broken|empty)\.mjs/);
    },
  },
  {
    name: 'a document cut anywhere',
    tries: 4,
    async attempt(world, any) {
      const files = Array.from({ length: 20 }, (_, index) =>
        world.write(`cut-${index}.yaml`, TINY.slice(0, any.integer(0, TINY.length - 40))),
      );
      await world.refused(['check', ...files], /error/);
    },
  },
  {
    name: 'documents with a few characters changed',
    tries: 8,
    async attempt(world, any) {
      const texts = [
        TINY,
        sweepOf('[{model.hidden_size: [2, 3]}]', 'seeds: 2\n'),
        tableOf('{a: {base: tiny.yaml, set: {seed: 2}}}', 'claims: [{cell: [a, loss], at_most: 1}]\n'),
      ];
      world.experiment();
      const files = Array.from({ length: 15 }, (_, index) => world.write(`odd-${index}.yaml`, mutated(any.pick(texts), any)));
      const { status, stderr } = await world.retable(['check', ...files]);
      if (status !== 0 && !(status === 2 && stderr.includes('error'))) throw new Error(`check ended with ${String(status)}:\n${stderr}`);
    },
  },
  {
    name: 'the same document in other bytes',
    tries: 3,
    async attempt(world, any) {
      const text = any.pick([
        `\ufeff${TINY}`,
        TINY.replaceAll('\n', '\r\n'),
        `\n\n${TINY}...\n`,
        `%YAML 1.2\n---\n${TINY}`,
        `# \u{1f600}\n${TINY}`,
      ]);
      await checkTellsWhatRunDoes(world, world.write('bytes.yaml', text));
      await world.expectRuns(1);
    },
  },
];
