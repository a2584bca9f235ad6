import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { steady } from '../../src/run/prepare.js';
import { workplace } from '../support/program.js';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);

const rows = (shift: number): string =>
  `series,step,x,y\n${Array.from({ length: 400 }, (_, i) => `${Math.floor(i / 4)},${i % 4},${i % 7},${(i % 7) + shift}`).join('\n')}\n`;

/** A module that replaces a file of data between the moment in which a plan was made from it and the one in which it is trained on. */
const REPLACING = `import { readFileSync, writeFileSync } from 'node:fs';
export default ({ defineStage, Type }) => [
  defineStage({
    slot: 'metric', kind: 'replacing', version: 1, summary: 'Replaces the data.', options: Type.Object({}),
    plan() {
      const [from, to] = process.env.REPLACE.split(' ');
      writeFileSync(to, readFileSync(from));
      return { better: 'lower', deterministic: true, unit: '' };
    },
    create: ({ tf }) => ({ score: () => ({ sum: tf.scalar(0), count: tf.scalar(1) }), finish: () => 0 }),
  }),
];
`;
writeFileSync(join(folder, 'replacing.mjs'), REPLACING);
writeFileSync(
  join(folder, 'own.yaml'),
  `experiment: own
use: [./replacing.mjs]
dataset: {kind: sequences, file: data.csv, format: csv, sequence: series, order: step, features: [x], target: y, task: regression, target_per: step, split: {test: 0.2}}
model: {kind: rnn, hidden_size: 4, readout: every}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: [{kind: replacing}]
training: {epochs: 1, batch_size: 8}
`,
);

describe('a file of data that is replaced between the plan and the training', () => {
  it('is refused by its name, and nothing is recorded of the other numbers', async () => {
    const [data, other] = [join(folder, 'data.csv'), join(folder, 'other.csv')];
    writeFileSync(data, rows(0));
    writeFileSync(other, rows(50));
    const refused = await place.start(['run', join(folder, 'own.yaml'), '--runs', join(place.folder, 'runs')], {
      REPLACE: `${other} ${data}`,
    }).ended;
    expect(refused.status, refused.stderr).toBe(1);
    expect(refused.stderr).toContain('data.csv was changed after the plan was made from it');
    const listed = await place.run('list', '--runs', join(place.folder, 'runs'), '--json');
    for (const run of JSON.parse(listed.stdout) as readonly { readonly metrics: object }[]) expect(run.metrics).toEqual({});
    const again = await place.start(['run', join(folder, 'own.yaml'), '--runs', join(place.folder, 'runs'), '--json'], {
      REPLACE: `${other} ${data}`,
    }).ended;
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'finished', repeated: false });
  });
});

describe('files that a command reads more than once', () => {
  it('may be read again as long as they hold what they held', () => {
    let content = 'a';
    const files = steady({ read: () => new TextEncoder().encode(content) });
    files.read('x');
    files.read('x');
    content = 'b';
    expect(() => files.read('x')).toThrow('x was changed after the plan was made from it');
    expect(() => files.read('y')).not.toThrow();
  });
});
