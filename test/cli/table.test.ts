import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { tableRunId } from '../../src/study/members.js';
import { numerics } from '../../src/engine/engine.js';
import type { Work } from '../../src/planning/plan.js';
import { withEarlierNumerics } from '../../src/planning/work.js';
import { experimentId } from '../../src/record/layout.js';
import type { tableToJson } from '../../src/report/study/table-texts.js';
import { BASE } from '../sweep/documents.js';
import { type Ended, workplace } from '../support/program.js';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
writeFileSync(join(folder, 'tiny.yaml'), BASE.replace('epochs: 2', 'epochs: 1'));
writeFileSync(join(folder, 'theirs.jsonl'), [0.5, 0.51, 0.49].map((value) => `{"accuracy": [${value}]}\n`).join(''));

function write(name: string, claims: readonly string[], rows = 'small: {base: tiny.yaml, label: a small one}'): string {
  const file = join(folder, `${name}.yaml`);
  const lines = [`table: ${name}`, 'seeds: 3', 'columns: {bits: {metric: test/bit_accuracy}}', 'rows:', `  ${rows}`, 'claims:'];
  writeFileSync(file, `${[...lines, ...claims.map((claim) => `  - ${claim}`)].join('\n')}\n`);
  return file;
}

const fits = new Ajv({ strictTypes: false }).compile(JSON.parse(readFileSync('schemas/table-result.schema.json', 'utf8')) as object);
const json = ({ stdout, stderr }: Ended) => {
  expect(stdout, stderr).not.toBe('');
  const result = JSON.parse(stdout) as ReturnType<typeof tableToJson>;
  expect(fits(result), JSON.stringify(fits.errors)).toBe(true);
  return result;
};
const runs = join(place.folder, 'runs');
const looksOf = (table: string): readonly (readonly number[])[] => {
  const file = join(runs, experimentId('tables'), tableRunId(table), 'artifacts', 'looks.json');
  const { looks } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly looks: readonly { readonly about: string; readonly seeds: readonly number[] }[];
  };
  return looks.flatMap(({ about, seeds }) => (about === 'limit small/bits' ? [seeds] : []));
};

const holds = write('holds', [
  '{cell: [small, bits], at_least: 0.1}',
  '{cell: [small, bits], reference: theirs.jsonl#/accuracy/0, margin: 0.4, because: a tiny one}',
]);
const fails = write('fails', ['{cell: [small, bits], at_least: 0.1}', '{cell: [small, bits], at_least: 0.999}']);

describe('a table of which nothing has run', () => {
  it('is judged so, and a look at nothing writes nothing', async () => {
    const judged = await place.call('judge', holds, '--runs', runs, '--json');
    expect(judged.status).toBe(0);
    expect(json(judged).counts).toEqual({ reproduced: 0, differs: 0, inconclusive: 0, not_run: 2, not_claimable: 0 });
    expect((await place.call('judge', holds, '--runs', runs, '--strict')).status).toBe(3);
    expect(existsSync(runs)).toBe(false);
  });

  it('has a plan: its seeds, and what they can decide', async () => {
    const plan = await place.call('plan', holds, '--runs', runs);
    expect(plan.stdout).toMatch(/a small one +tiny\.yaml +– +1-3\n/);
    expect(plan.stdout).toMatch(/a small one +theirs\.jsonl#\/accuracy\/0 +0\.4 = 40\.0 sd +likely\n/);
    expect(plan.stdout).toContain('3 trials: 0 done, 3 left');
  });
});

describe('run TABLE', () => {
  it('trains what is missing with every seed, and prints the verdicts', async () => {
    const ended = await place.call('run', holds, '--runs', runs, '--workers', '1');
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stderr.match(/^trial \d\/3 {2}a small one, seed \d {2}finished/gm)?.length).toBe(3);
    expect(ended.stdout).toMatch(/a small one +0\.\d+ \(sd 0\.\d+, n 3\) +✓ reproduced +≥ 0\.1\n/);
    expect(ended.stdout).toMatch(/\n +✓ reproduced +0\.500 \(sd 0\.010, 3 runs\)\n/);
    expect(ended.stdout).toContain('* margin 0.4: a tiny one');
    expect(ended.stdout.trimEnd().endsWith('2 reproduced')).toBe(true);
  });

  it('does nothing twice: another table over the same works is judged at once, and one that differs exits with 3', async () => {
    const ended = await place.call('run', fails, '--runs', runs);
    expect(ended.stderr).toContain('3 trials: 3 done, 0 left');
    expect(ended.status).toBe(3);
    expect(ended.stdout).toMatch(/✗ a small one, bits: differs: mean 0\.\d+/);
    const judged = json(await place.call('judge', fails, '--runs', runs, '--json'));
    expect(judged.counts).toMatchObject({ reproduced: 1, differs: 1 });
    expect(judged.cells).toMatchObject([{ row: 'small', column: 'bits', n: 3, verdict: 'differs', claims: [0, 1] }]);
  });

  it('adds a seed, and no other run; the new seeds are another look, the same ones are none', async () => {
    expect(looksOf('holds')).toEqual([[1, 2, 3]]);
    await place.call('judge', holds, '--runs', runs);
    expect(looksOf('holds')).toEqual([[1, 2, 3]]);
    const more = await place.call('run', holds, '--runs', runs, '--seeds', '4');
    expect(more.stderr).toContain('4 trials: 3 done, 1 left');
    expect(more.stderr.match(/^trial /gm)?.length).toBe(1);
    expect(looksOf('holds')).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4],
    ]);
  });

  it('is known by its name where its document is not', async () => {
    expect((await place.call('status', 'holds', '--runs', runs)).stdout).toBe('holds; 4 trials: 4 done\n');
    expect(await place.call('status', 'hold', '--runs', runs)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no sweep or table called "hold" was run'),
    });
  });

  it('is the parent of its runs in MLflow', () => {
    const [experiment = ''] = readdirSync(runs).filter((name) => /^\d+$/.test(name) && name !== experimentId('tables'));
    const members = readdirSync(join(runs, experiment)).filter((name) => /^[0-9a-f]{32}$/.test(name));
    expect(members.length).toBe(4);
    for (const member of members)
      expect(readFileSync(join(runs, experiment, member, 'tags', 'mlflow.parentRunId'), 'utf8')).toBe(tableRunId('holds'));
    expect(readFileSync(join(runs, experimentId('tables'), tableRunId('holds'), 'meta.yaml'), 'utf8')).toContain('status: 3');
  });

  it('two rows of the same work share its runs, and a claim between rows stands under the table', async () => {
    const rows = 'small: {base: tiny.yaml}\n  again: {base: tiny.yaml, set: {model.hidden_size: 4}}';
    const shared = write('shared', ['{equivalent: [[small, bits], [again, bits]], margin: 0.1, because: a tiny one, paired: seed}'], rows);
    const ended = await place.call('run', shared, '--runs', runs);
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('3 trials: 3 done, 0 left');
    expect(ended.stdout).toContain('✓ small equals again up to 0.1, seed by seed\n  reproduced: identical in 3 of 3 pairs');
  });

  it('a run that diverged is counted, and no verdict stands on the others', async () => {
    const rows = 'wild: {base: tiny.yaml, set: {optimizer: {kind: sgd, learning_rate: 1e30}}}';
    const wild = write('wild', ['{cell: [wild, bits], at_least: 0.1}'], rows);
    const ended = await place.call('run', wild, '--runs', runs, '--json');
    expect(ended.status, ended.stderr).toBe(0);
    expect(json(ended).claims).toMatchObject([{ verdict: 'inconclusive', wording: expect.stringContaining('all 3 seeds diverged') }]);
  });
});

describe('written to a file', () => {
  it.each([
    [
      'md',
      /^\| a small one \| ✗ 0\.\d+ \(sd 0\.\d+, n 3\) \| ✓ reproduced: ≥ 0\.1(?: <sup>[\d, ]+<\/sup>)?<br>✗ differs: ≥ 0\.999 <sup>[\d, ]+<\/sup> \|$/m,
    ],
    ['tex', /^ {6}a small one & 0\.\d+ \(0\.\d+\) & \$\\checkmark\$(?:\\tnote\{[\d,]+\})? & \$\\geq\$ 0\.1 \\\\$/m],
    ['json', /"verdict": "differs"/],
    ['html', /<svg class="strip differs"[^]+seed 3: 0\.\d+, run [0-9a-f]{8}[^]+documents\/tiny\.yaml:\d+:\d+[^]+onnxruntime-node/],
    ['svg', /^<svg [^]+✓ a small one, ≥ 0\.1<[^]+✗ a small one, ≥ 0\.999</],
    ['csv', /^fails,small,bits,,,limit,(0\.\d+),\1,0\.\d+,3,≥ 0\.999,,0,0\.\d+,0\.\d+,0\.\d+,differs,/m],
  ])('.%s', async (ending, expected) => {
    const output = join(place.folder, `table.${ending}`);
    expect((await place.call('judge', fails, '--runs', runs, '--output', output)).status).toBe(3);
    expect(readFileSync(output, 'utf8')).toMatch(expected);
  });

  it('by report, which is no look where its seeds were looked at', async () => {
    const output = join(place.folder, 'report.html');
    const before = looksOf('holds');
    expect(await place.call('report', holds, '--runs', runs, '--output', output)).toMatchObject({ status: 0, stdout: `${output}\n` });
    expect(readFileSync(output, 'utf8')).toContain('<h2>Where the numbers lie</h2>');
    expect(looksOf('holds')).toEqual(before);
  });

  it('by report with a caption and a label of its own, in LaTeX alone', async () => {
    const reported = (file: string, ...more: readonly string[]) =>
      place.call('report', holds, '--runs', runs, '--output', join(place.folder, file), ...more);
    expect((await reported('named.tex', '--caption', '50 % of {it}', '--label', 'tab:mine')).status).toBe(0);
    expect(readFileSync(join(place.folder, 'named.tex'), 'utf8')).toContain('\\caption{50 \\% of \\{it\\}}\n    \\label{tab:mine}\n');
    for (const [file, option, text, words] of [
      ['x.md', '--caption', 'a', /--caption is for a table of LaTeX, and ".*x\.md" is none\n.*name a file that ends in \.tex/],
      ['x.tex', '--label', 'a}b', /--label "a}b" is no name that \\ref can call\n.*tab:results/],
      ['x.tex', '--caption', ' ', /--caption is empty/],
    ] as const)
      expect(await reported(file, option, text)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(words) });
  });

  it('but in no form that is not known', async () => {
    expect(await place.call('judge', fails, '--runs', runs, '--output', 'table.doc')).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('why TABLE ROW COLUMN', () => {
  it('walks back from a number to its runs, its settings with their places, its data, code and machine', async () => {
    const { stdout, status } = await place.call('why', holds, 'small', '--runs', runs);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^a small one: 0\.\d+ \(sd 0\.\d+, n 3\)\ntest\/bit_accuracy after the last epoch, mean of 3 seeds; sd 0\.\d+/);
    expect(stdout).toMatch(/\n {2}seed 2 +0\.\d+ +run [0-9a-f]{32} /);
    expect(stdout).toMatch(
      /\n✓ reproduced {2}0\.500 \(sd 0\.010, 3 runs\) {2}\S+holds\.yaml:8:5\n {2}· 3 runs of theirs\.jsonl#\/accuracy\/0: 0\.5, 0\.51, 0\.49/,
    );
    expect(stdout).toMatch(/\n {2}training\.epochs +1 +\S+tiny\.yaml:\d+:\d+\n/);
    expect(stdout).toMatch(/SHA-256 [0-9a-f]{64}\n/);
    expect(stdout).toMatch(/model lstm@\d/);
    expect(stdout).toContain('onnxruntime-node');
  });

  it('is JSON too, and knows its rows', async () => {
    const { stdout } = await place.call('why', holds, 'small', 'bits', '--runs', runs, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      row: 'small',
      column: 'bits',
      cell: { n: 3 },
      claims: [{}, {}],
      runs: [{ seed: 1 }, {}, {}],
    });
    const wrong = await place.call('why', holds, 'smal', '--runs', runs);
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toContain('did you mean "small"?');
  });
});

describe('a run of other code', () => {
  it('is told of, and not judged', async () => {
    const copy = join(place.folder, 'older');
    cpSync(runs, copy, { recursive: true });
    const { runs: ran } = JSON.parse((await place.call('why', fails, 'small', '--runs', copy, '--json')).stdout) as {
      readonly runs: readonly { readonly id: string; readonly seed: number }[];
    };
    const [id = ''] = ran.flatMap((each) => (each.seed === 2 ? [each.id] : []));
    const experiment = readdirSync(copy).find((name) => existsSync(join(copy, name, id))) ?? '';
    const plan = join(copy, experiment, id, 'artifacts', 'plan.json');
    writeFileSync(
      plan,
      readFileSync(plan, 'utf8')
        .replace(/"numerics": \d+/, '"numerics": 0')
        .replace('"lstm@', '"lstm@0.'),
    );
    writeFileSync(join(copy, experiment, id, 'tags', 'retable.work'), '0'.repeat(64));
    rmSync(join(copy, '.retable-works'));
    const { footnotes, cells } = json(await place.call('judge', fails, '--runs', copy, '--json'));
    expect(cells).toMatchObject([{ n: 2 }]);
    expect(footnotes.find(({ id }) => id === 'F11')?.text).toMatch(
      /^Runs of different code: 1 of 3 left out \(model lstm@0\.\d+, now lstm@\d+; numerics 0 of the engine, now \d+\)\.$/,
    );
    expect(json(await place.call('judge', fails, '--runs', runs, '--json')).footnotes.map(({ id }) => id)).not.toContain('F11');
  });
});

describe('runs of the engine as it was', () => {
  const copy = join(place.folder, 'earlier');
  const notesOf = (judged: Ended) => json(judged).footnotes.flatMap(({ id, text }) => (id === 'F17' ? [text] : []));

  /** As if the engine's numerics had been 1 when these seeds were trained: another work key, and so another id. */
  async function makeEarlier(seeds: readonly number[]): Promise<void> {
    cpSync(runs, copy, { recursive: true });
    const { runs: ran } = JSON.parse((await place.call('why', fails, 'small', '--runs', copy, '--json')).stdout) as {
      readonly runs: readonly { readonly id: string; readonly seed: number }[];
    };
    for (const { id } of ran.filter(({ seed }) => seeds.includes(seed))) {
      const experiment = readdirSync(copy).find((name) => existsSync(join(copy, name, id))) ?? '';
      const newId = Array.from(id).toReversed().join('');
      const folder = join(copy, experiment, newId);
      renameSync(join(copy, experiment, id), folder);
      writeFileSync(join(folder, 'meta.yaml'), readFileSync(join(folder, 'meta.yaml'), 'utf8').replaceAll(id, newId));
      const file = join(folder, 'artifacts', 'plan.json');
      const plan = JSON.parse(readFileSync(file, 'utf8')) as { readonly work: Work };
      writeFileSync(file, JSON.stringify(plan).replace(/"numerics":\d+/, '"numerics":1'));
      writeFileSync(join(folder, 'tags', 'retable.work'), withEarlierNumerics(plan.work).at(-1)?.key ?? '');
    }
    rmSync(join(copy, '.retable-works'));
  }

  it('stand for those of today in all that reads, and are told of', async () => {
    await makeEarlier([1, 3]);
    const judged = await place.call('judge', fails, '--runs', copy, '--json');
    expect(judged.status).toBe(3);
    expect(json(judged).cells).toMatchObject([{ n: 3 }]);
    const told = `Runs of an earlier engine, the same arithmetic rounded otherwise: seeds 1, 3 with numerics 1 of the engine, now ${numerics.compiled}.`;
    expect(notesOf(judged)).toEqual([told]);
    const why = (await place.call('why', fails, 'small', '--runs', copy)).stdout;
    expect(why).toContain(`compiled on cpu, numerics 1 and ${numerics.compiled}, now ${numerics.compiled}`);
    const plan = (await place.call('plan', fails, '--runs', copy)).stdout;
    expect(plan).toContain('3 trials: 3 done (2 by an earlier engine; --fresh trains them again), 0 left');
    expect((await place.call('status', fails, '--runs', copy)).stdout).toBe('fails; 3 trials: 3 done\n');
  });

  it('are left as they are by run, and trained again by run --fresh, which is done once', async () => {
    expect((await place.call('run', fails, '--runs', copy)).stderr).not.toMatch(/^trial /m);
    const fresh = await place.call('run', fails, '--runs', copy, '--fresh', '--json');
    expect(fresh.stderr).toContain('3 trials: 1 done, 2 left');
    expect(fresh.stderr.match(/^trial \d\/3 .*, seed [13] {2}finished/gm)?.length).toBe(2);
    expect(notesOf(fresh)).toEqual([]);
    expect(json(fresh).footnotes.find(({ id }) => id === 'F11')?.text).toBe(
      `Runs of different code: 2 of 5 left out (numerics 1 of the engine, now ${numerics.compiled}).`,
    );
    expect((await place.call('run', fails, '--runs', copy, '--fresh')).stderr).not.toMatch(/^trial /m);
  });

  it('of which all are, is one line about the table', async () => {
    rmSync(copy, { recursive: true });
    await makeEarlier([1, 2, 3, 4]);
    expect(notesOf(await place.call('judge', fails, '--runs', copy, '--json'))).toEqual([
      `All runs were made with numerics 1 of the engine, now ${numerics.compiled}: the same arithmetic, rounded otherwise.`,
    ]);
  });
});

describe('on_finish', () => {
  it('of the bases of a table is run once a base, when no run of it is left', async () => {
    const base = (name: string): void =>
      writeFileSync(
        join(folder, `${name}.yaml`),
        `${BASE.replace('epochs: 2', 'epochs: 1')}\non_finish: echo "${name} $RETABLE_TABLE $RETABLE_EXPERIMENT $RETABLE_STATUS $RETABLE_RUN $RETABLE_SUMMARY" >> told\n`,
      );
    for (const name of ['first', 'second']) base(name);
    const rows = ['one: {base: first.yaml}', 'two: {base: first.yaml, set: {model.hidden_size: 3}}', 'three: {base: second.yaml}'];
    const file = join(folder, 'telling.yaml');
    writeFileSync(
      file,
      `table: telling\nseeds: 1\ncolumns: {bits: {metric: test/bit_accuracy}}\nrows:\n${rows.map((row) => `  ${row}\n`).join('')}claims: [{cell: [one, bits], at_least: 0.1}]\n`,
    );
    for (const _ of ['trained', 'shown'])
      expect(await place.call('run', file, '--runs', join(place.folder, 'telling'))).toMatchObject({ status: 0 });
    const said = `telling tiny finished ${tableRunId('telling')} 1 `;
    const lines = readFileSync(join(folder, 'told'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/(reproduced|inconclusive|differs)$/, ''))).toEqual([`first ${said}`, `second ${said}`]);
  });
});

describe('--only', () => {
  it('trains a row alone, and judges all', async () => {
    const rows = 'one: {base: tiny.yaml, set: {model.hidden_size: 3}}\n  two: {base: tiny.yaml, set: {model.hidden_size: 5}}';
    const two = write('two', ['{cell: [one, bits], at_least: 0.1}', '{cell: [two, bits], at_least: 0.1}'], rows);
    const ended = await place.call('run', two, '--runs', runs, '--only', 'two,bits', '--seeds', '1', '--json');
    expect(ended.stderr.match(/^trial 1\/1 /gm)?.length).toBe(1);
    expect((await place.call('why', two, 'two', '--runs', runs)).stdout).toMatch(/\n {2}model\.hidden_size +5 +\S+two\.yaml:6:\d+\n/);
    expect(json(ended).cells.map(({ row, n }) => [row, n])).toEqual([
      ['one', 0],
      ['two', 1],
    ]);
    expect((await place.call('plan', two, '--only', 'three')).stderr).toContain('this table has no row "three"');
  });
});

describe('a base', () => {
  it('is found by a path from the root too', async () => {
    const rooted = write('rooted', ['{cell: [small, bits], at_least: 0.1}'], `small: {base: ${join(folder, 'tiny.yaml')}}`);
    expect((await place.call('judge', rooted, '--runs', runs, '--json')).stdout).toContain('"n": 3');
    expect((await place.call('why', rooted, 'small', '--runs', runs)).stdout).toContain(`${join(folder, 'tiny.yaml')}:6:`);
  });
});

describe('a mistake is shown where it stands', () => {
  it.each([
    ['a value of a row', [], 'small: {base: tiny.yaml, set: {model.hidden_sise: 4}}', 'bad.yaml:5:34', 'did you mean "model.hidden_size"?'],
    [
      'a base that is no experiment',
      [],
      'small: {base: holds.yaml}',
      'bad.yaml:5:17',
      'holds.yaml is a table, and a row needs an experiment',
    ],
    ['a base that is not there', [], 'small: {base: tinny.yaml}', 'bad.yaml:5:17', 'the base cannot be read'],
    [
      'a reference',
      ['{cell: [small, bits], reference: theirs.json#/a}'],
      'small: {base: tiny.yaml}',
      'bad.yaml:7:38',
      '"theirs.json" cannot be read',
    ],
  ])('%s', async (_, claims, rows, at, words) => {
    const bad = write('bad', claims, rows);
    if (claims.length === 0) writeFileSync(bad, readFileSync(bad, 'utf8').replace('claims:\n', ''));
    const checked = await place.call('check', bad);
    expect(checked.status).toBe(2);
    expect(checked.stderr).toContain(at);
    expect(checked.stderr).toContain(words);
  });

  it('a metric that no row records', async () => {
    const bad = write('metric', ['{cell: [small, bits], at_least: 0.1}']);
    writeFileSync(bad, readFileSync(bad, 'utf8').replace('test/bit_accuracy', 'test/bit_acuracy'));
    const checked = await place.call('check', bad);
    expect(checked.stderr).toContain('did you mean "test/bit_accuracy"?');
    expect((await place.call('run', holds, '--seed', '3')).status).toBe(2);
  });
});

describe('tables that are shipped', () => {
  it.each(readdirSync('experiments/tables').map((file) => `experiments/tables/${file}`))(
    "%s holds no mistake, and no warning but that of the book's own misuse of two directions",
    async (file) => {
      const { status, stderr } = await place.call('check', file);
      expect(status).toBe(0);
      if (file.endsWith('/time_machine.yaml')) {
        expect(stderr).toMatch(/^experiments\/bilstm_time_machine\.yaml:14:18: warning\[sees-the-answer\]/);
        expect(stderr).toContain(`1 warning in experiments/bilstm_time_machine.yaml\nok ${file}\n`);
      } else expect(stderr).toBe(`ok ${file}\n`);
    },
  );
});
