import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/commands/init.js';
import { Refusal } from '../../src/host/exit.js';
import { examine } from '../../src/run/prepare.js';
import { openTerminal } from '../../src/host/terminal.js';
import { InputError } from '../../src/diagnostics/diagnostic.js';
import { readCsv } from '../../src/formats/csv.js';
import type { OrderSettings } from '../../src/stages/dataset/sequences/order.js';
import { readSeries } from '../../src/stages/dataset/series/read.js';
import { gatherSequences } from '../../src/stages/dataset/sequences/gather.js';
import { trained } from '../support/experiment.js';
import fc, { cases, times } from '../support/properties.js';

/*
 * For any text or table that can be read, what `init` writes checks clean and trains an epoch, or one sentence says why there is no experiment.
 */

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retable init #1 '));
  process.env['RETABLE_CACHE'] = 'off';
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const quiet = { ...openTerminal({ quiet: true }), out: () => {}, err: () => {} };

interface Data {
  readonly file: string;
  readonly content: string | Uint8Array;
  /** Columns say which step of which sequence a row is, or the rows stand in that order. */
  readonly saysOrder?: boolean;
}

/** The document that was written, or the sentence that was said in its place. */
async function init({ file, content }: Data): Promise<{ readonly document: string } | { readonly refused: string }> {
  const data = join(folder, file);
  writeFileSync(data, content);
  try {
    await run([data], {}, quiet);
  } catch (error) {
    expect(readdirSync(folder)).toEqual([file]);
    if (error instanceof Refusal) return { refused: `${error.message} ${error.help ?? ''}` };
    if (error instanceof InputError) return { refused: error.diagnostics.map(({ message }) => message).join('; ') };
    throw error;
  }
  const [document = ''] = readdirSync(folder).filter((name) => name !== file);
  return { document: join(folder, document) };
}

/** Warnings that no document helps: a class of one sequence is trained and not measured, a sequence stands in the file twice. */
const OF_THE_DATA = new Set(['class-not-measured', 'one-step-sequences', 'classes-alike', 'duplicates-across-splits']);

async function holds(data: Data): Promise<'written' | 'refused'> {
  try {
    const made = await init(data);
    if ('refused' in made) {
      expect(made.refused).toMatch(/^[^\n]{10,}$/);
      expect(made.refused).not.toMatch(/undefined|\[object|\bat .*\.[jt]s:\d/);
      return 'refused';
    }
    const [first = ''] = readFileSync(made.document, 'utf8').split('\n');
    const schema = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1] ?? 'none';
    expect(existsSync(schema.startsWith('file:') ? fileURLToPath(schema) : resolve(dirname(made.document), schema))).toBe(true);

    const examined = examine(made.document, { set: ['model.hidden_size=2'] });
    if ('diagnostics' in examined) throw new Error(examined.diagnostics.map(({ message }) => message).join('; '));
    expect(examined.warnings.filter(({ code }) => !OF_THE_DATA.has(code))).toEqual([]);
    if (data.saysOrder) expect(stepsInOrder(String(data.content), examined.resolved.values.dataset)).toBe(true);
    const { outcome, epochs } = await trained(examined, { kind: 'eager-js', until: 1 });
    expect([outcome.kind, epochs.length]).toEqual(['paused', 1]);
    expect([...(epochs[0]?.[1].values() ?? [])].every(Number.isFinite)).toBe(true);
    return 'written';
  } finally {
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  }
}

/** The column `truth` says which step a row is: every sequence has its steps in that order. */
function stepsInOrder(csv: string, dataset: Readonly<Record<string, unknown>>): boolean {
  if (dataset['kind'] === 'series') {
    const { all } = readSeries({ ...(dataset as Parameters<typeof readSeries>[0]), targets: ['truth'] }, new TextEncoder().encode(csv));
    return all.length > 0 && all.every(({ columns }) => isRising(columns['truth'] ?? []));
  }
  const order = dataset['order'] as string | (OrderSettings & { readonly column: string }) | undefined;
  const column = typeof order === 'object' ? order.column : order;
  const columns = { sequence: String(dataset['sequence']), order: column, features: ['truth'], target: String(dataset['target']) };
  const reading = { task: 'classification', targetPer: 'step', order: typeof order === 'object' ? order : undefined } as const;
  const { sequences } = gatherSequences(
    readCsv(csv, () => {}),
    columns,
    reading,
    () => {},
  );
  return sequences.length > 0 && sequences.every(({ features }) => isRising(features));
}

const isRising = (values: ArrayLike<number>): boolean => Array.from(values).every((value, i) => i === 0 || value > (values[i - 1] ?? 0));

// ------------------------------------------------------------------------------------------------ texts

const ALPHABETS = [
  'a',
  'ab \n',
  'The boat went out. ',
  '春眠不覺曉',
  '🚣🏽‍♀️ x',
  '\u0001\u007f\u0085\u00a0\ufeff"\\',
  ' \t\n',
  'é\r\n',
  ': #-?[]{}&*!|>\'"%@`',
] as const;
const lengths = [200, 499, 500, 501, 1055, 1056, 1057, 4999, 5000, 5128, 5129, 8191, 8192, 10_245, 10_246, 16_384, 19_999, 20_000] as const;

const texts: fc.Arbitrary<Data> = fc
  .record({
    alphabet: fc.constantFrom(...ALPHABETS),
    length: fc.oneof(fc.constantFrom(...lengths), fc.integer({ min: 200, max: 21_000 })),
    seed: fc.nat(),
    file: fc.constantFrom(
      'a.txt',
      'my notes #2.md',
      "it's.log",
      'нет.txt',
      'latest.txt',
      'cafe',
      'no.text',
      'a\\b.txt',
      '-x.txt',
      'a: b.txt',
      '1e5.txt',
    ),
  })
  .map(({ alphabet, length, seed, file }) => {
    const characters = [...alphabet];
    let state = seed;
    const next = (): number => (state = (state * 48_271 + 11) % 2_147_483_647);
    return { file, content: Array.from({ length }, () => characters[next() % characters.length]).join('') };
  });

test('of texts of every length and of all characters', { timeout: 120_000 * times }, async () => {
  const found = new Set<string>();
  await fc.assert(
    fc.asyncProperty(texts, async (data) => void found.add(await holds(data))),
    cases(12),
  );
  expect([...found].toSorted()).toEqual(['refused', 'written']);
});

test.each(lengths.map((length) => [length]))('of a text of %i characters', async (length) => {
  expect(await holds({ file: 'text.txt', content: 'a word or two. '.repeat(2000).slice(0, length) })).toBe(
    length < 500 ? 'refused' : 'written',
  );
});

// ------------------------------------------------------------------------------------------------ tables

const NAMES = [
  'x',
  'y',
  'yes',
  'no',
  '1e5',
  '.5',
  'a: b',
  '#x',
  '"q"',
  "it's",
  'größe',
  '温度',
  'a,b',
  'a\nb',
  '~',
  'null',
  '0',
  '- a',
  '{a}',
  'very long '.repeat(12).trim(),
  '',
  'x',
];

type Kind =
  | 'number'
  | 'whole'
  | 'bit'
  | 'constant'
  | 'empty'
  | 'gaps'
  | 'words'
  | 'free'
  | 'unique'
  | 'date'
  | 'rare'
  | 'part'
  | 'huge'
  | 'count'
  | 'odd';
const KINDS: readonly Kind[] = [
  'number',
  'number',
  'number',
  'whole',
  'bit',
  'constant',
  'empty',
  'gaps',
  'words',
  'free',
  'unique',
  'date',
  'rare',
  'part',
  'huge',
  'count',
  'odd',
];

interface Row {
  readonly sequence: number;
  readonly step: number;
  /** Of all rows. */
  readonly row: number;
}

const valueOf = (kind: Kind, { sequence, step, row }: Row): string | number => {
  const noise = Math.sin(12.9 * row + sequence) * 43_758.5;
  const share = noise - Math.floor(noise);
  switch (kind) {
    case 'number':
      return Number((share * 10 - 5).toFixed(3));
    case 'whole':
      return Math.floor(share * 50);
    case 'bit':
      return sequence % 2;
    case 'constant':
      return 7;
    case 'empty':
      return '';
    case 'gaps':
      return row % 97 === 5 ? (['', 'NaN', 'NA', '?', 'null'][row % 5] ?? '') : share;
    case 'words':
      return ['red', 'green', 'blue'][sequence % 3] ?? '';
    case 'free':
      return `some words, number ${row} "and" more`;
    case 'unique':
      return `id-${row}`;
    case 'date':
      return `2020-01-${String((step % 28) + 1).padStart(2, '0')}`;
    case 'rare':
      return sequence === 0 ? 'once' : 'often';
    case 'part':
      return ['train', 'train', 'validation', 'test'][sequence % 4] ?? '';
    case 'huge':
      return share * 1e30;
    case 'count':
      return row;
    case 'odd':
      return row === 11 ? '1,5' : share;
    default:
      return kind satisfies never;
  }
};

const pad = (part: number): string => String(part).padStart(2, '0');
const ORDERS: Readonly<Record<string, (step: number) => string>> = {
  number: String,
  iso: (step) => new Date(Date.UTC(2020, 0, 25 + step)).toISOString().slice(0, 10),
  isoTime: (step) => new Date(Date.UTC(2020, 0, 25, 7 * step)).toISOString(),
  british: (step) => new Date(Date.UTC(2020, 0, 25 + step)).toISOString().slice(0, 10).split('-').toReversed().join('/'),
  german: (step) => new Date(Date.UTC(2020, 0, 25 + step)).toISOString().slice(0, 10).split('-').toReversed().join('.'),
  american: (step) => {
    const [year, month, day] = new Date(Date.UTC(2020, 0, 25 + step)).toISOString().slice(0, 10).split('-');
    return `${month}/${day}/${year}`;
  },
  clock: (step) => `${7 + Math.floor(step / 60)}:${pad(step % 60)}`,
  words: (step) => `t${step + 1}`,
  mixed: (step) => (step === 3 ? 'x' : String(step)),
  gap: (step) => (step === 3 ? '' : String(step)),
  repeats: (step) => String(step % 3),
};

interface Shape {
  readonly sequences: number;
  readonly steps: number;
  readonly vary: boolean;
  /** How rows of several sequences stand in the file. */
  readonly layout: 'blocks' | 'by time' | 'reversed';
}

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    sequences: fc.constantFrom(1, 2, 3, 4, 5, 6, 9, 20, 60, 200),
    steps: fc.constantFrom(1, 2, 3, 7, 40),
    vary: fc.boolean(),
    layout: fc.constantFrom('blocks' as const, 'by time' as const, 'reversed' as const),
  })
  .map((shape) => ({ ...shape, steps: Math.max(shape.steps, Math.ceil(200 / shape.sequences)) }));

function rowsOf({ sequences, steps, vary, layout }: Shape): readonly Row[] {
  const rows = Array.from({ length: sequences }, (_, sequence) =>
    Array.from({ length: vary ? Math.max(1, steps - (sequence % 3)) : steps }, (_, step) => ({ sequence, step })),
  ).flat();
  const laid = layout === 'blocks' ? rows : layout === 'by time' ? rows.toSorted((a, b) => a.step - b.step) : rows.toReversed();
  return laid.map((one, row) => ({ ...one, row }));
}

const quote = (cell: string | number): string =>
  /[",;\t\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);

const anyColumn = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...KINDS));

const tables: fc.Arbitrary<Data> = fc
  .record({
    shape: shapes,
    id: fc.option(fc.constantFrom('id', 'seq', 'user_id', 'userId', 'store', 'paid'), { nil: undefined, freq: 8 }),
    order: fc.option(fc.tuple(fc.constantFrom('t', 'date', 'time', 'event_date'), fc.constantFrom(...Object.keys(ORDERS))), {
      nil: undefined,
      freq: 4,
    }),
    columns: fc.oneof(
      { weight: 9, arbitrary: fc.uniqueArray(anyColumn, { minLength: 1, maxLength: 6, selector: ([name]) => name }) },
      { weight: 1, arbitrary: fc.array(anyColumn, { minLength: 1, maxLength: 6 }) },
    ),
    target: fc.option(fc.tuple(fc.constantFrom('label', 'target', 'y', 'last'), fc.constantFrom(...KINDS)), { nil: undefined, freq: 4 }),
    separator: fc.constantFrom(',', ',', ',', ',', ';', '\t'),
    end: fc.constantFrom('\n', '\r\n'),
    start: fc.constantFrom('', '', '', '\uFEFF'),
    file: fc.constantFrom('data.csv', 'my data (2).csv', 'DATA.CSV', 'data.tsv', 'Ünï.csv', 'true.csv'),
  })
  .map(({ shape, id, order, columns, target, separator, end, start, file }) => {
    const [orderName, orderKind = 'number'] = order ?? [];
    const made: readonly (readonly [string, (row: Row) => string | number])[] = [
      ...(id === undefined ? [] : [[id, ({ sequence }: Row) => (id === 'store' ? `s${sequence}` : sequence)] as const]),
      ...(orderName === undefined ? [] : [[orderName, ({ step }: Row) => ORDERS[orderKind]?.(step) ?? ''] as const]),
      ['truth', ({ step, sequence }) => step * 1.5 + sequence / 1000],
      ...[...columns, ...(target ? [target] : [])].map(([name, kind]) => [name, (row: Row) => valueOf(kind, row)] as const),
    ];
    const lines = rowsOf(shape).map((row) => made.map(([, cell]) => quote(cell(row))).join(separator));
    const saysOrder = id !== undefined && (shape.layout !== 'reversed' || (order !== undefined && orderKind !== 'repeats'));
    return { file, saysOrder, content: start + [made.map(([name]) => quote(name)).join(separator), ...lines, ''].join(end) };
  });

/** One-step sequences, a wide table, a single series, no head: what is no experiment has to be told as well. */
test('of tables of all shapes, columns, classes and names', { timeout: 300_000 * times }, async () => {
  const found = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(tables, async (data) => {
      const how = await holds(data);
      found.set(how, (found.get(how) ?? 0) + 1);
    }),
    cases(26),
  );
  // Neither half of the law is empty.
  expect(found.get('written')).toBeGreaterThan(5);
  expect(found.get('refused')).toBeGreaterThan(5);
});

const lists: fc.Arbitrary<Data> = fc
  .record({
    sequences: fc.constantFrom(1, 2, 3, 5, 20, 200),
    steps: fc.constantFrom(0, 1, 2, 9),
    columns: fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...KINDS), fc.boolean()), { minLength: 1, maxLength: 5 }),
    label: fc.constantFrom<Kind>('words', 'bit', 'rare', 'unique', 'constant', 'number'),
    start: fc.constantFrom('', '\n', '\uFEFF', '[1]\n', 'x\n'),
    file: fc.constantFrom('a.jsonl', 'b.ndjson', 'c.json'),
  })
  .map(({ sequences, steps, columns, label, start, file }) => {
    const lines = Array.from({ length: sequences }, (_, sequence) => {
      const values = columns.map(([name, kind, isList]) => [
        name,
        isList
          ? Array.from({ length: steps + (sequence % 2) }, (_, step) => valueOf(kind, { sequence, step, row: 9 * sequence + step }))
          : valueOf(kind, { sequence, step: 0, row: sequence }),
      ]);
      return JSON.stringify({ id: sequence, ...Object.fromEntries(values), label: valueOf(label, { sequence, step: 0, row: sequence }) });
    });
    return { file, content: `${start}${lines.join('\n')}\n` };
  });

test('of JSON Lines', { timeout: 120_000 * times }, async () => {
  await fc.assert(
    fc.asyncProperty(lists, async (data) => void (await holds(data))),
    cases(10),
  );
});

const arrays: fc.Arbitrary<Data> = fc
  .record({
    shape: fc.oneof(
      fc
        .tuple(fc.constantFrom(1, 2, 3, 5, 20, 100), fc.constantFrom(1, 2, 10), fc.constantFrom(1, 2, 4))
        .map((shape): readonly number[] => shape),
      fc.constantFrom<readonly number[]>([200], [20, 10], [2, 3, 4, 5], [0, 3, 2]),
    ),
    kind: fc.constantFrom<Kind>('number', 'whole', 'bit', 'constant', 'gaps', 'huge', 'count'),
    cut: fc.boolean(),
  })
  .map(({ shape, kind, cut }) => {
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117).concat('\n');
    const size = shape.reduce((a, b) => a * b, 1);
    const numbers = Float32Array.from({ length: size }, (_, row) =>
      Number(valueOf(kind, { sequence: Math.floor(row / 7), step: row % 7, row })),
    );
    const bytes = [
      Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
      Buffer.from([header.length, 0]),
      Buffer.from(header),
      Buffer.from(numbers.buffer),
    ];
    return { file: 'a.npy', content: Buffer.concat(bytes).subarray(0, cut && size > 0 ? -2 : undefined) };
  });

test('of arrays', { timeout: 120_000 * times }, async () => {
  await fc.assert(
    fc.asyncProperty(arrays, async (data) => void (await holds(data))),
    cases(8),
  );
});
