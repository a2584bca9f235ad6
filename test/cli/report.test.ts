import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { endingsOf } from '../../src/report/forms.js';
import { bin } from '../support/build.js';
import { workplace } from '../support/program.js';

const place = workplace();
const ENDINGS = endingsOf('run');
const at = (...parts: readonly string[]): string => join(place.folder, ...parts);
const small = ['--set', 'dataset.examples=300', '--set', 'training.epochs=3', '--set', 'model.hidden_size=4'];

/** What a file of each form holds, whatever stands in it. */
const HOLDS: Readonly<Record<string, (bytes: Buffer) => void>> = {
  '.html': (bytes) => expect(bytes.toString()).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/),
  '.md': (bytes) => expect(bytes.toString()).toMatch(/^# /),
  '.tex': (bytes) => expect(bytes.toString()).toMatch(/\\begin\{table\}[\s\S]*\\end\{table\}\n$/),
  '.csv': (bytes) => {
    const rows = bytes.toString().trimEnd().split('\n');
    expect(new Set(rows.map((row) => row.split(',').length)).size).toBe(1);
  },
  '.json': (bytes) => void JSON.parse(bytes.toString()),
  '.svg': (bytes) => expect(bytes.toString()).toMatch(/^<svg/),
  '.png': (bytes) => expect(bytes.subarray(1, 4).toString()).toBe('PNG'),
};

async function report(reference: string, output: string, ...more: readonly string[]) {
  return place.call('report', reference, '--output', at(output), '--runs', at('runs'), ...more);
}

beforeAll(async () => {
  const document = readFileSync('experiments/lstm_addition.yaml', 'utf8');
  writeFileSync(at('e.yaml'), document.replace(/^description:.*$/m, 'description: "A | b_c & 5 % of #1 <i>x</i>\\n# ~$2"'));
  writeFileSync(at('s.yaml'), 'sweep: s\nbase: e.yaml\nvary: [{model.hidden_size: [4]}]\nselect: {metric: test/loss}\nseeds: [3, 9]\n');
  writeFileSync(at('t.yaml'), 'table: t\nseeds: 2\ncolumns: {loss: {metric: test/loss}}\nrows: {one: {base: e.yaml}}\n');
  await place.call('run', at('e.yaml'), ...small, '--runs', at('runs'), '--quiet');
}, 60_000);

describe.each([
  ['run', 'latest'],
  ['sweep', 's.yaml'],
  ['table', 't.yaml'],
])('a %s', (kind, name) => {
  const reference = kind === 'run' ? name : at(name);

  // Every second one in capitals.
  it.each(ENDINGS.map((ending, index) => [ending, index % 2 === 0 ? ending : ending.toUpperCase()] as const))(
    'is written as %s (%s)',
    async (ending, typed) => {
      const { status, stderr } = await report(reference, `${kind}${typed}`);
      expect(status, stderr).toBe(0);
      HOLDS[ending]?.(readFileSync(at(`${kind}${typed}`)));
    },
  );

  it('is refused with the endings that there are', async () => {
    const forms = `a ${kind} is written as .html, .md, .tex, .csv, .json, .svg or .png, and `;
    mkdirSync(at('folder.md'), { recursive: true });
    for (const file of kind === 'run' ? ['x.pdf', 'x', 'x.htm', '.md'] : ['x.pdf']) {
      const { status, stderr } = await report(reference, file);
      expect([status, stderr]).toEqual([2, expect.stringContaining(`${forms}"${at(file)}" is none of them`)]);
    }
    expect((await report(reference, 'folder.md')).stderr).toContain('folder.md is a folder\n  help: name a file in it');
    writeFileSync(at('file'), '');
    expect((await report(reference, join('file', 'x.md'))).stderr).toContain('is a file, and a folder is needed there');
  });

  it('makes the folders that it needs', async () => {
    const { status, stderr } = await report(reference, join(`of-${kind}`, 'new', 'x.md'));
    expect(status, stderr).toBe(0);
  });
});

it.each([
  ['an experiment', 'e.yaml', /^## Record\n\ndone: run /m],
  ['a sweep', 's.yaml', /^\| 4 \| 3 \| left \|/m],
  ['a table', 't.yaml', /^\| one \| .*e\.yaml \| – \| 1-2 \|$/m],
])('`plan` of %s is written as .md and .json beside being printed', async (_, document, holds) => {
  const plan = (...more: readonly string[]) => place.call('plan', at(document), '--runs', at('runs'), ...more);
  const more = document === 'e.yaml' ? small : [];
  const printed = await plan(...more);
  const markdown = await plan(...more, '--output', at('plan.md'));
  expect([markdown.stdout, markdown.stderr]).toEqual([printed.stdout, expect.stringContaining('plan.md')]);
  const text = readFileSync(at('plan.md'), 'utf8');
  expect(text).toMatch(/^# /);
  expect(text).toMatch(holds);
  const json = await plan(...more, '--json', '--output', at('plan.JSON'));
  expect(readFileSync(at('plan.JSON'), 'utf8')).toBe(json.stdout);
  expect((await plan(...more, '--output', at('plan.tex'))).stderr).toMatch(
    /^error: a plan is written as \.html, \.md, \.json, \.svg or \.png, and /,
  );
});

it('`run` writes a run too, and refuses the name before it trains', async () => {
  const run = (output: string) => place.call('run', at('e.yaml'), ...small, '--runs', at('runs'), '--output', at(output));
  const { status, stderr } = await run('by-run.json');
  expect([status, stderr]).toEqual([0, expect.stringContaining('by-run.json')]);
  HOLDS['.json']?.(readFileSync(at('by-run.json')));
  expect((await run('by-run.doc')).stderr).toMatch(/^error: a run is written as /);
});

describe('a run that has not come to its end', () => {
  const killed = ['run', at('e.yaml'), '--set', 'dataset.examples=60000', '--runs', at('killed')];

  it('and has measured nothing is written too, but for its picture', async () => {
    const started = place.start(killed);
    await started.said(/run \w+ starts/);
    started.child.kill('SIGKILL');
    await started.ended;
    for (const ending of ENDINGS) {
      const { status, stderr } = await place.call('report', 'latest', '--output', at(`nothing${ending}`), '--runs', at('killed'));
      if (ending === '.svg' || ending === '.png') expect([status, stderr]).toEqual([2, expect.stringContaining('has recorded no metric')]);
      else {
        expect(status, stderr).toBe(0);
        HOLDS[ending]?.(readFileSync(at(`nothing${ending}`)));
      }
    }
  });
});

describe('after an interruption', () => {
  const runs = at('my runs');
  const options = ['--set', 'optimizer={kind: adam, learning_rate: 0.01}', '--set', 'optimizer.learning_rate=0.02', '--seed', '4'];
  const interrupted = ['run', at('e.yaml'), ...options, '--set', 'dataset.examples=6000', '--set', 'training.epochs=12', '--runs', runs];

  const firstCommand = (stdout: string): string => /^npx .*?(?= {2}\S)/m.exec(stdout)?.[0] ?? '';

  it('the first command goes on, with all options, as a shell takes it', { timeout: 120_000 }, async () => {
    const started = place.start(interrupted);
    await started.said(/epoch +2\/12/);
    started.child.kill('SIGINT');
    const { stdout, status } = await started.ended;
    expect(status).toBe(130);
    const command = firstCommand(stdout);
    expect(command).toMatch(/^npx retable resume [0-9a-f]{8} --runs '.*my runs'$/);
    expect(stdout).not.toContain('--fresh');
    expect(firstCommand((await place.call('show', 'latest', '--runs', runs)).stdout)).toBe(command);

    const shell = command.replace('npx retable', `'${process.execPath}' ${bin('retable')}`);
    const again = execFileSync('bash', ['-c', `${shell} 2>&1`], { encoding: 'utf8', env: { ...process.env, HOME: place.folder } });
    expect(again).toMatch(/goes on after epoch \d/);
    expect(again).toMatch(/finished: 12 epochs/);
    const listed = JSON.parse((await place.call('list', '--runs', runs, '--json')).stdout) as { parameters: Record<string, string> }[];
    expect(listed).toHaveLength(1);
    expect(listed[0]?.parameters).toMatchObject({ 'optimizer.learning_rate': '0.02', seed: '4' });
    expect((await place.call('show', 'latest', '--runs', runs)).stdout).toMatch(/--fresh --runs '.*my runs' +train again from scratch/);
  });
});

it('a seed beside a document that has its own names them, and how to say it', async () => {
  const sweep = await place.call('run', at('s.yaml'), '--seed', '7');
  expect(sweep.stderr).toContain(
    "a sweep has its own seeds: 3 and 9\n  help: --set 'seeds=[7]' for seed 7 alone, or --set seeds=10 for ten of them",
  );
  const table = await place.call('run', at('t.yaml'), '--seed', '7');
  expect(table.stderr).toContain(
    "a table has its own seeds: 1 and 2\n  help: --set 'seeds=[7]' for seed 7 alone, or --seeds 10 for ten of them",
  );
});

describe('what a metric shows', () => {
  it('is recorded as JSON, drawn in the pages, and written as CSV', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 4 === 0 ? 2 : -2},${i % 4 === 0 ? 'cat' : 'dog'}`);
    writeFileSync(at('pets.csv'), ['id,x,pet', ...rows].join('\n'));
    writeFileSync(
      at('pets.yaml'),
      [
        'experiment: pets',
        'dataset: {kind: sequences, file: pets.csv, format: csv, sequence: id, features: [x], target: pet, task: classification, split: {test: 0.25}}',
        'model: {kind: rnn, hidden_size: 4}',
        'loss: {kind: cross_entropy}',
        'optimizer: {kind: adam, learning_rate: 0.1}',
        'metrics: [{kind: confusion_matrix}, {kind: accuracy}]',
        'training: {epochs: 4, batch_size: 4}',
      ].join('\n'),
    );
    const ran = await place.call('run', at('pets.yaml'), '--runs', at('pets'), '--json');
    expect(ran.status, ran.stderr).toBe(0);
    const { record, metrics } = JSON.parse(ran.stdout) as { record: string; metrics: Record<string, { value: number }> };
    expect(metrics['test/confusion_matrix']?.value).toBe(metrics['test/accuracy']?.value);

    const recorded = JSON.parse(readFileSync(join(record, 'artifacts', 'views', 'test', 'confusion_matrix.json'), 'utf8')) as {
      readonly epoch: number;
      readonly view: { readonly rows: { readonly names: readonly string[] }; readonly values: readonly (readonly number[])[] };
    };
    expect([recorded.epoch, recorded.view.rows.names]).toEqual([4, ['cat', 'dog']]);
    expect(recorded.view.values.flat().reduce((a, b) => a + b, 0)).toBe(10);
    expect(readFileSync(join(record, 'artifacts', 'plots', 'confusion_matrix.test.svg'), 'utf8')).toContain('right class');

    for (const ending of ['html', 'svg', 'csv']) {
      const { status, stderr } = await place.call('report', 'latest', '--output', at('pets', `r.${ending}`), '--runs', at('pets'));
      expect(status, stderr).toBe(0);
    }
    expect(readFileSync(at('pets', 'r.html'), 'utf8')).toMatch(/confusion matrix of test[\s\S]*right class/);
    expect(readFileSync(at('pets', 'r.svg'), 'utf8')).toContain('right class');
    const [cat, dog] = recorded.view.values;
    expect(readFileSync(at('pets', 'r.confusion_matrix.test.csv'), 'utf8')).toBe(
      `right class \\ answer,cat,dog\ncat,${cat?.join()}\ndog,${dog?.join()}\n`,
    );
  });
});
