import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workplace } from '../support/program.js';

/* What windows of a person's own show: a transform, and a dataset, that read what comes after the origin, and one that deals its windows out. */

const place = workplace();
const file = (name: string, text: string): string => {
  const path = join(place.folder, name);
  writeFileSync(path, text);
  return path;
};

const values = Array.from({ length: 80 }, (_, step) => 20 + 5 * Math.sin(step * 1.7) + 3 * Math.cos(step * 0.61));
file(
  'load.csv',
  `t,load,holiday\n${values.map((value, step) => `${step + 1},${value.toFixed(4)},${step % 7 === 0 ? 1 : 0}`).join('\n')}\n`,
);

/** `read(x, o)` is the window that ends at `o`; `origins` are those of each split. */
file(
  'windows.mjs',
  `const WINDOW = 6;
const WAYS = {
  plain: (x, o) => x.slice(o - WINDOW + 1, o + 1),
  known: (x, o, holiday) => [...x.slice(o - WINDOW + 2, o + 1), holiday[o + 1]],
  centred: (x, o) => x.slice(o - WINDOW + 1, o + 1).map((value, at) => (value + x[o - WINDOW + 2 + at]) / 2),
  scaled: (x, o) => { const mean = x.reduce((a, b) => a + b) / x.length; return x.slice(o - WINDOW + 1, o + 1).map((value) => value / mean); },
  long: (x, o) => x.slice(o - WINDOW + 2, o + 2),
};
export default ({ defineStage, Type }) => [
  defineStage({
    slot: 'dataset', kind: 'windows', version: 1, summary: 'Windows of a load.',
    options: Type.Object({
      file: Type.String({ path: true, minLength: 1 }),
      way: Type.Enum(Object.keys(WAYS)),
      dealt: Type.Enum(['in order', 'at random'], { default: 'in order' }),
      origins: Type.Enum(['as written', 'otherwise'], { default: 'as written' }),
    }),
    look({ file }, { files }) {
      const rows = new TextDecoder().decode(files.read(file)).trim().split('\\n').slice(1).map((line) => line.split(',').map(Number));
      return { digest: JSON.stringify(rows), facts: [], content: { x: rows.map((row) => row[1]), holiday: rows.map((row) => row[2]) } };
    },
    source: ({ file }) => ({ file, time: 't', known: ['holiday'] }),
    plan(options, { request: { batchSize } }) {
      const split = (examples) => ({
        examples, batches: Math.ceil(examples / batchSize), batchSize,
        inputs: { input: { shape: [WINDOW, 1], axes: ['time', 'features'], dtype: 'float32' } },
        target: { shape: [1], axes: ['outputs'], dtype: 'float32' },
      });
      return { splits: { train: split(50), test: split(20) }, chance: {}, outputs: { steps: 1, names: ['load'] } };
    },
    create({ facts: { content: { x, holiday } }, request: { batchSize } }, { way, dealt, origins }) {
      const all = Array.from({ length: 70 }, (_, at) => at + WINDOW);
      const order = dealt === 'in order' ? all : all.toSorted((a, b) => ((a * 37) % 71) - ((b * 37) % 71));
      const of = { train: order.slice(0, 50), test: order.slice(50) };
      return {
        rows: (split) => of[split].map((o) => ({ origin: origins === 'as written' ? String(o + 1) : 'step ' + o, times: [String(o + 2)] })),
        *batches(split) {
          for (let first = 0; first < of[split].length; first += batchSize) {
            const chosen = of[split].slice(first, first + batchSize);
            const input = new Float32Array(batchSize * WINDOW);
            const target = new Float32Array(batchSize);
            for (const [row, o] of chosen.entries()) {
              input.set(WAYS[way](x, o, holiday), row * WINDOW);
              target[row] = x[o + 1];
            }
            yield { inputs: { input }, target, weight: new Float32Array(batchSize).fill(1, 0, chosen.length) };
          }
        },
      };
    },
  }),
  defineStage({
    slot: 'transform', kind: 'smooth', version: 1, summary: 'Means of neighbours.',
    options: Type.Object({ sides: Type.Enum(['before', 'both']) }),
    plan: () => ({ lost: 0 }),
    create: (_tools, { sides }) => ({
      apply: (math, x) => {
        const before = math.join(math.slice(x, 0, 1), math.slice(x, 0, math.length(x) - 1));
        const after = math.join(math.slice(x, 1), math.slice(x, math.length(x) - 1));
        return math.multiply(math.add(x, sides === 'both' ? after : before), 0.5);
      },
      invert: (_math, y) => y,
    }),
  }),
  defineStage({
    slot: 'transform', kind: 'whole', version: 1, summary: 'In units of the mean of all that is there.',
    options: Type.Object({}),
    plan: () => ({ lost: 0 }),
    create: () => ({
      apply: (math, x) => (x instanceof Float64Array ? x.map((value) => (value * x.length) / x.reduce((a, b) => a + b, 0)) : x),
      invert: (_math, y) => y,
    }),
  }),
];
`,
);

const REST = `model: {kind: rnn, hidden_size: 2}
loss: {kind: mean_squared_error}
optimizer: {kind: sgd, learning_rate: 0.01}
metrics: [{kind: mean_absolute_error}]
training: {epochs: 1, batch_size: 8}
`;
const own = (options: string): string =>
  `experiment: own\nuse: [./windows.mjs]\ndataset: {kind: windows, file: load.csv, ${options}}\n${REST}`;
const transformed = (list: string): string =>
  `experiment: own\nuse: [./windows.mjs]\ndataset: {kind: series, file: load.csv, time: t, targets: [load], window: 6, transform: [${list}]}\n${REST}`;

async function checked(text: string): Promise<{ readonly status: number | null; readonly told: string }> {
  const { status, stdout, stderr } = await place.run('check', file('own.yaml', text));
  return { status, told: `${stdout}${stderr}`.replaceAll(/\s+/g, ' ') };
}

describe('windows of a dataset of one’s own', () => {
  it.each(['plain', 'known'])('%s: they read nothing behind their origin, and nothing is told', async (way) => {
    const { status, told } = await checked(own(`way: ${way}`));
    expect(told).not.toMatch(/window-sees-future|steps-shared|source-unmatched/);
    expect(status, told).toBe(0);
  });

  it.each(['centred', 'scaled', 'long'])('%s: they read what is not known yet, which is an error', async (way) => {
    const { status, told } = await checked(own(`way: ${way}`));
    expect(told).toContain(
      'error[window-sees-future]: the window of test that ends at "57" is another one when numbers after that are changed: "input" holds',
    );
    expect(status).toBe(2);
  });

  it('may do so with a reason', async () => {
    const { status, told } = await checked(
      `${own('way: long')}accept: [{threat: window-sees-future, because: the published code does so}]\n`,
    );
    expect(told).not.toContain('error[');
    expect(status, told).toBe(0);
  });

  it('that are dealt out at random share steps between training and test', async () => {
    const { status, told } = await checked(own('way: plain, dealt: at random'));
    expect(told).toMatch(/warning\[steps-shared\]: \d+ of the 20 steps that test asks for lie in windows that train/);
    expect(status).toBe(0);
  });

  it('whose origins the file does not have can’t be tried, which is told', async () => {
    const { told } = await checked(own('way: long, origins: otherwise'));
    expect(told).toContain('warning[source-unmatched]: no row of load.csv has "step 56" in the column "t"');
  });
});

describe('a transform of one’s own', () => {
  it('that reads up to each step is none of it', async () => {
    const { status, told } = await checked(transformed('{kind: smooth, sides: before}, {kind: standardize}'));
    expect(told).not.toContain('window-sees-future');
    expect(status, told).toBe(0);
  });

  it.each([
    ['{kind: standardize}, {kind: smooth, sides: both}', 'smooth'],
    ['{kind: whole}', 'whole'],
  ])('%s: reads later values, which is told at its place', async (list, kind) => {
    const { status, told } = await checked(transformed(list));
    expect(told).toContain(`error[window-sees-future]: ${kind} makes another value of a step when values after it are changed`);
    expect(status).toBe(2);
  });
});
