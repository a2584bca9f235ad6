import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin } from '../support/build.js';
import { workplace } from '../support/program.js';

const place = workplace();
const asked = async (...words: readonly string[]): Promise<readonly string[]> =>
  (await place.call('complete', '--', ...words)).stdout.split('\n').map((line) => line.split('\t')[0] ?? '');

describe('completion', () => {
  it.each([
    [['ch'], 'check'],
    [['run', 'exper'], 'experiments/'],
    [['run', 'experiments/lstm_addition_bit'], 'experiments/lstm_addition_bitwise.yaml'],
    [['run', 'experiments/lstm_addition.yaml', '--fr'], '--fresh'],
    [['run', 'experiments/lstm_addition.yaml', '--set', 'model.hid'], 'model.hidden_size='],
    [['run', 'experiments/lstm_addition.yaml', '-s', 'model.readout='], 'model.readout=last'],
    [['run', 'experiments/lstm_addition.yaml', '--set', 'seed=1', 'training.sh'], 'training.shuffle='],
    [['run', 'experiments/lstm_addition.yaml', '--engine', ''], 'eager-js'],
    [['plan', 'experiments/lstm_addition.yaml', '--set', 'loss.kind='], 'loss.kind=cross_entropy'],
    [['plan', 'no_such_file.yaml', '--set', 'tr'], 'training.'],
    [['plan', 'experiments/sweeps/lstm_addition_hidden.yaml', '--set', 'search.kind='], 'search.kind=sobol'],
    [['run', 'docs/examples/own-stages/levels.yaml', '--set', 'training.sh'], 'training.shuffle='],
    [['why', 'experiments/tables/addition.yaml', ''], 'lstm'],
    [['why', 'experiments/tables/addition.yaml', 'lstm', 'l'], 'loss'],
    [['run', 'experiments/tables/addition.yaml', '--only', ''], 'lstm'],
    [['run', 'experiments/sweeps/lstm_addition_hidden.yaml', '--on', ''], 'slurm'],
    [['show', 'la'], 'latest'],
    [['store', 'v'], 'verify'],
    [['schema', ''], 'table'],
    [['completion', 'f'], 'fish'],
  ])('of %j offers %s', async (words, offered) => {
    expect(await asked(...words)).toContain(offered);
  });

  it('offers nothing where nothing fits', async () => {
    expect(await asked('run', 'experiments/lstm_addition.yaml', '--set', 'nothing.')).toEqual(['', '']);
    expect(await asked('unknown', '')).toEqual(['', '']);
  });

  it('runs no module of a person', async () => {
    const ran = join(place.folder, 'ran.txt');
    writeFileSync(join(place.folder, 'own.mjs'), `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(ran)}, '');\n`);
    const document = join(place.folder, 'own.yaml');
    writeFileSync(document, 'experiment: own\nuse: [./own.mjs]\nmodel: {kind: lstm, hidden_size: 4}\n');
    for (const command of ['run', 'plan', 'check', 'schema', 'diff', 'why']) {
      await asked(command, document, '--set', 'model.');
      await asked(command, document, '');
    }
    expect(existsSync(ran)).toBe(false);
  });

  it('says which shells it knows', async () => {
    const { status, stderr } = await place.call('completion', 'tcsh');
    expect([status, stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish, powershell')]);
  });
});

/** What a person types in a shell, a Tab after each piece, and what then stands on the line. */
const TYPED: readonly (readonly [piece: string, line: string])[] = [
  ['retable ru', 'retable run '],
  ['experiments/lstm_addition_bit', 'lstm_addition_bitwise.yaml '],
  ['--set model.readou', 'model.readout='],
  ['la', 'model.readout=last'],
];

describe('in a real shell', () => {
  const shells = { bash: 'bash --norc --noprofile -i', zsh: 'zsh -f -i', fish: 'fish --no-config -i' } as const;
  const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

  it.each(Object.entries(shells).filter(([name]) => has(name) && has('script')))('%s', { timeout: 60_000 }, async (name, start) => {
    const { stdout } = await place.call('completion', name);
    const script = join(place.folder, `completion.${name}`);
    writeFileSync(script, stdout);
    writeFileSync(join(place.folder, 'retable'), `#!/bin/sh\nexec '${process.execPath}' '${resolve(bin('retable'))}' "$@"\n`, {
      mode: 0o755,
    });
    // `script` gives the shell a terminal.
    const child = spawn('script', ['-qec', start, '/dev/null'], {
      env: { PATH: `${place.folder}:${process.env['PATH']}`, HOME: place.folder, TERM: 'dumb', RETABLE_CACHE: 'off', PS1: '> ' },
    });
    let screen = '';
    child.stdout.on('data', (chunk) => (screen += String(chunk)));
    const shows = async (text: string): Promise<void> => {
      const until = Date.now() + 15_000;
      while (!visible(screen).includes(text)) {
        if (Date.now() > until) throw new Error(`${name} never shows ${JSON.stringify(text)}:\n${visible(screen)}`);
        await new Promise((next) => setTimeout(next, 50));
      }
    };
    child.stdin.write(`. ${script}; echo rea''dy\n`);
    await shows('ready');
    for (const [piece, line] of TYPED) {
      child.stdin.write(`${piece}\t`);
      await shows(line);
    }
    child.kill('SIGKILL');
  });
});

/** Without what moves the cursor and paints. */
const visible = (screen: string): string => screen.replaceAll(/\u001b\[[\d;?]*[A-Za-z]|\u001b[()=>][\w]?|[\b\r]|\u0007/g, '');
