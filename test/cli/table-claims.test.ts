import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { workplace } from '../support/program.js';

/** Claims that a table should not believe, as a person meets them. */

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
const runs = join(place.folder, 'runs');

const BASE = `experiment: small
seed: 1
dataset: {kind: binary_addition, examples: 300}
model: {kind: rnn, hidden_size: 4}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.05}
metrics: [{kind: bit_accuracy}]
`;
writeFileSync(join(folder, 'three.yaml'), `${BASE}training: {epochs: 3, batch_size: 20}\n`);
writeFileSync(
  join(folder, 'early.yaml'),
  `${BASE}training: {epochs: 6, batch_size: 20, early_stopping: {metric: train/bit_accuracy, patience: 1}}\n`,
);
writeFileSync(join(folder, 'percent.json'), '{"runs": [98.1, 98.4, 98.7, 98.2, 98.5]}');

function write(name: string, claims: readonly string[], { head = 'seeds: 3', column = 'metric: test/bit_accuracy', base = 'three' } = {}) {
  const file = join(folder, `${name}.yaml`);
  const lines = [`table: ${name}`, head, `columns: {bits: {${column}}}`, `rows: {rnn: {base: ${base}.yaml, label: RNN}}`, 'claims:'];
  writeFileSync(file, `${[...lines, ...claims.map((claim) => `  - {cell: [rnn, bits], ${claim}}`)].join('\n')}\n`);
  return file;
}

describe('what a net at chance would reproduce', () => {
  it('is refused by check and plan where nobody chose it, at its place', async () => {
    const file = write('chance', ["published: '1'", "at_least: '1'", "published: '0.6'", "published: '100 %'"]);
    for (const command of ['check', 'plan', 'judge']) {
      const { status, stderr, stdout } = await place.call(command, file);
      const text = stdout + stderr;
      expect(status, text).toBe(2);
      expect(text).toMatch(/chance\.yaml:6:36: error\[zone-holds-chance\]: .* allows -0\.5 to 2\.5, which holds the chance level 0\.\d+/);
      expect(text).toMatch(/:7:35: error\[zone-holds-chance\]/);
      expect(text).toMatch(/:8:36: error\[zone-holds-chance\]/);
      expect(text).not.toMatch(/:9:/);
    }
  });

  it('a share as percent is asked for', async () => {
    const file = write('percent', ["published: '98.7'", 'at_least: 95', 'reference: percent.json#/runs']);
    const { status, stderr, stdout } = await place.call('check', file);
    expect(status).toBe(2);
    for (const help of ['did you mean "98.7 %"?', 'did you mean 0.95?', 'did you mean 0.981?']) expect(stdout + stderr).toContain(help);
  });

  it('a margin of one’s own that holds it is warned of, and told under the table', async () => {
    const file = write('wide', ["published: '0.60', margin: 0.1, because: it is all one"]);
    const checked = await place.call('check', file);
    expect(checked.status).toBe(0);
    expect(checked.stdout + checked.stderr).toContain('warning[zone-holds-chance]');
    const { stdout } = await place.call('run', file, '--runs', runs, '--workers', '1');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('a model that learned nothing would be reproduced');
  });

  it('what counts as the same is planned, its rounding included', async () => {
    const { stdout } = await place.call(
      'plan',
      write('planned', ["published: '0.80', margin: 0.02, because: it is all one"]),
      '--runs',
      runs,
    );
    expect(stdout).toMatch(/RNN +0\.80 +0\.775 to 0\.825\n/);
  });
});

describe('the rate under a table', () => {
  const claim = "published: '0.90', margin: 0.02, because: it is all one";
  const judge = async (head: string, said = claim): Promise<string> => {
    const { stdout } = await place.call('run', write('rate', [said], { head }), '--runs', runs, '--workers', '1');
    return stdout.replaceAll(/\s+/g, ' ');
  };

  it('is the one that was used', async () => {
    expect(await judge('seeds: 3')).toContain('wrong about 1 time in 20 over the two looks that are declared (1 in 40 at this one)');
    const sure = await judge('seeds: 3\nlooks: 1', `${claim.replace('0.90', '0.91')}, confidence: 0.5`);
    expect(sure).toContain('wrong about 1 time in 2,');
    expect(sure).not.toContain('1 time in 20');
    expect(sure).toContain('Confidence 0.5 in place of 0.95');
    expect(sure).toMatch(/Declared looks are 1, were 2 when the table was first looked at \(\d{4}-\d\d-\d\d\)\./);
    expect(await judge('seeds: 3')).not.toContain('Declared looks are');
  });
});

describe('seeds that stopped before the epoch', () => {
  let judged = '';
  const file = write('stopped', ["published: '0.90', margin: 0.05, because: it is all one"], {
    head: 'seeds: 8',
    column: 'metric: test/bit_accuracy, at: 4',
    base: 'early',
  });
  beforeAll(async () => {
    const { stdout, stderr } = await place.call('run', file, '--runs', runs, '--workers', '1', '--reasons');
    expect(stdout, stderr).not.toBe('');
    judged = stdout.replaceAll(/\s+/g, ' ');
  }, 60_000);

  it('are counted, and no verdict is decided without them', () => {
    const [, left, all] = /\* (\d+) of (\d+) seeds of RNN ha(?:s|ve) no test\/bit_accuracy after epoch 4/.exec(judged) ?? [];
    expect(all, judged).toBe('8');
    expect(Number(left)).toBeGreaterThan(0);
    expect(Number(left)).toBeLessThan(6);
    expect(judged).toMatch(new RegExp(`RNN 0\\.\\d+ \\(sd 0\\.\\d+, n ${8 - Number(left)}\\) \\? inconclusive`));
    expect(judged).toMatch(new RegExp(`inconclusive: ${left} of 8 seeds .*; the others alone would be differs: `));
  });

  it('have no value where their runs are listed', async () => {
    const { stdout } = await place.call('why', file, 'rnn', 'bits', '--runs', runs);
    expect(stdout).toMatch(/seed \d +no value/);
    expect(stdout).not.toMatch(/seed \d +finished/);
  });
});
