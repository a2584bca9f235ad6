import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { stages } from '../../src/stages/registry.js';
import { checkDocument } from '../../src/study/prepare-study.js';

/*
 * docs/language.md: what its tables say is written from the code. Here every example of it is put into a document and checked as `check` does, and a
 * table is held to what a reader expects of it.
 */

interface Table {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The headings above it, and the last line of text. */
  readonly under: readonly string[];
  readonly after: string;
}

const page = readFileSync('docs/language.md', 'utf8');
const tables = tablesOf(page);
const bare = (cell: string): string => cell.replaceAll(/\[?`([^`]*)`(?:\]\([^)]*\))?/g, '$1');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retable-language-'));
  cpSync('experiments', join(folder, 'experiments'), { recursive: true });
  mkdirSync(join(folder, 'own'));
  for (const file of readdirSync('test/docs/files')) cpSync(join('test/docs/files', file), join(folder, 'own', file));
  cpSync('experiments/data/airline.csv', join(folder, 'own/airline.csv'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every table has filled heads, and no key twice', () => {
  expect(tables.length).toBeGreaterThan(20);
  for (const { heads, rows, under } of tables) {
    expect(
      heads.every((head) => head !== ''),
      under.join(' > '),
    ).toBe(true);
    expect(
      rows.flatMap((row) => row.filter((cell) => cell === '')),
      `${under.join(' > ')}: ${JSON.stringify(rows)}`,
    ).toEqual([]);
    const keys = rows.map(([key]) => key);
    expect(new Set(keys).size, `${under.join(' > ')}: ${keys.join()}`).toBe(keys.length);
  }
});

test('what holds where a key is left out stands in its column alone', () => {
  const options = tables.filter(({ heads }) => heads[0] === 'key');
  expect(options.flatMap(({ rows }) => rows.map((row) => row[3] ?? '').filter((about) => /(?:when|where) left out/.test(about)))).toEqual(
    [],
  );
});

test('every stage has an example', () => {
  const named = tables.filter(({ heads }) => heads[0] === 'kind').flatMap(({ rows }) => rows.map(([kind = '']) => bare(kind)));
  expect(stages.filter(({ kind }) => !named.includes(kind)).map(({ kind }) => kind)).toEqual([]);
});

test('links lead to a heading', () => {
  const anchors = Array.from(page.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const pages = ['README.md', ...readdirSync('docs').flatMap((file) => (file.endsWith('.md') ? [join('docs', file)] : []))];
  const links = pages.flatMap((file) => {
    const pattern = file.endsWith('language.md') ? /\]\(#([^)]*)\)/g : /\]\((?:docs\/)?language\.md#([^)]*)\)/g;
    return Array.from(readFileSync(file, 'utf8').matchAll(pattern), ([, anchor = '']) => anchor);
  });
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
});

type Values = Readonly<Record<string, unknown>>;

const read = (file: string): Values => parse(readFileSync(file, 'utf8')) as Values;
const adding = (): Values => read('experiments/lstm_addition.yaml');
const writing = (more: Values = {}): Values => ({ ...read('experiments/gru_time_machine.yaml'), ...more });
const forecasting = (more: Values = {}): Values => ({
  experiment: 'forecast',
  dataset: {
    kind: 'series',
    file: 'airline.csv',
    time: 'Month',
    targets: ['Passengers'],
    window: 12,
    split: { validation: 0.2, test: 0.2 },
  },
  model: { kind: 'lstm', hidden_size: 8 },
  loss: { kind: 'mean_squared_error' },
  optimizer: { kind: 'adam', learning_rate: 0.01 },
  training: { epochs: 2, batch_size: 8 },
  ...more,
});
const classifying = (dataset: Values): Values => ({ ...forecasting({ dataset, loss: { kind: 'cross_entropy' } }) });
const tagging = (more: Values = {}): Values => ({
  ...classifying({ kind: 'tagged', file: 'names.conll' }),
  model: { kind: 'lstm', hidden_size: 8, readout: 'every' },
  ...more,
});
const sweeping = (more: Values): Values => ({
  sweep: 's',
  base: '../experiments/lstm_addition.yaml',
  vary: [{ 'model.hidden_size': [16, 32] }],
  set: { 'dataset.validation_fraction': 0.1 },
  select: { metric: 'validation/loss' },
  ...more,
});

/** The document that holds an example: by the heading of its table, and where it is one of a choice, by the name of that. */
const HOMES: Readonly<Record<string, (example: Values & { readonly kind: string }) => Values>> = {
  dataset: (dataset) => {
    if (dataset.kind === 'binary_addition') return { ...adding(), dataset };
    if (dataset.kind === 'reber') return forecasting({ dataset, model: { kind: 'lstm', hidden_size: 8, readout: 'every' } });
    if (dataset.kind === 'copy') return tagging({ dataset });
    if (['series', 'adding'].includes(dataset.kind)) return forecasting({ dataset });
    if (dataset.kind === 'tagged') return tagging({ dataset });
    return ['sequences', 'texts'].includes(dataset.kind) ? classifying(dataset) : writing({ dataset: { ...dataset, time_steps: 8 } });
  },
  'transform[]': (transform) => {
    const host = forecasting();
    return { ...host, dataset: { ...(host['dataset'] as Values), transform: [transform] } };
  },
  model: (model) => forecasting({ model }),
  initializer: (initializer) => forecasting({ model: { kind: 'lstm', hidden_size: 8, initializer } }),
  'layers[]': (layer) => {
    const reads = { kind: 'gru', units: 8 };
    const tokens = ['embedding', 'one_hot'].includes(layer.kind);
    const layers = tokens
      ? [layer, { ...reads, return_sequences: true }, { kind: 'dense', units: 28 }]
      : ['simple_rnn', 'gru', 'lstm', 'bidirectional', 'global_average_pooling_1d'].includes(layer.kind)
        ? [layer, { kind: 'dense', units: 1 }]
        : [reads, layer, { kind: 'dense', units: 1 }];
    const model = { kind: 'sequential', layers };
    return tokens ? writing({ model }) : forecasting({ model });
  },
  'layers[].layer': (layer) =>
    forecasting({
      model: {
        kind: 'sequential',
        layers: [
          { kind: 'bidirectional', layer },
          { kind: 'dense', units: 1 },
        ],
      },
    }),
  loss: (loss) => {
    if (loss.kind === 'binary_cross_entropy') return { ...adding(), loss };
    return loss.kind === 'cross_entropy' ? writing({ loss }) : forecasting({ loss });
  },
  optimizer: (optimizer) => forecasting({ optimizer }),
  learning_rate: (rate) => forecasting({ optimizer: { kind: 'sgd', learning_rate: rate } }),
  metrics: (metric) => {
    if (['exact_match', 'bit_accuracy'].includes(metric.kind)) return { ...adding(), metrics: [metric] };
    if (metric.kind === 'entity_f1') return tagging({ metrics: [metric] });
    const isOfNumbers = /^(?:root_)?(?:symmetric_)?mean_|^r2$|^pinball$|^coverage$/.test(metric.kind);
    return isOfNumbers ? forecasting({ metrics: [metric] }) : writing({ metrics: [metric] });
  },
  'vary[].PATH': (axis) => {
    const path = { choice: 'model.hidden_size', integer: 'model.hidden_size', normal: 'model.forget_bias' }[axis.kind];
    const isListed = ['range', 'integer', 'choice'].includes(axis.kind);
    return sweeping({ vary: [{ [path ?? 'optimizer.learning_rate']: axis }], ...(!isListed && { search: { kind: 'random', trials: 3 } }) });
  },
  search: (search) => sweeping({ search }),
  prune: (prune) => sweeping({ prune }),
  run_on: (where) => sweeping({ run_on: where }),
  'columns.NAME.over_seeds': (overSeeds) => ({
    table: 't',
    columns: { loss: { metric: 'test/loss', over_seeds: overSeeds } },
    rows: { lstm: { base: '../experiments/lstm_addition.yaml' } },
  }),
  'claims[].spread': (spread) => ({
    table: 't',
    columns: { loss: { metric: 'test/loss' } },
    rows: { lstm: { base: '../experiments/lstm_addition.yaml' } },
    claims: [{ cell: ['lstm', 'loss'], published: '0.0062 ± 0.0005', spread, margin: 0.001, because: 'an example' }],
  }),
};

describe('every example is a right one:', () => {
  const examples = tables
    .filter(({ heads }) => heads[0] === 'kind')
    .flatMap(({ rows, under, after }) => {
      const home = /^The kinds of `(.*)`:$/.exec(after)?.[1] ?? under.at(-1) ?? '';
      return rows.map(([, , example = '']) => [home, bare(example)] as const);
    });

  test.each(examples)('%s %s', (home, text) => {
    const example = parse(text) as Values & { readonly kind: string };
    const file = join(folder, 'own/example.yaml');
    writeFileSync(file, stringify(HOMES[home]?.(example) ?? {}));
    const { diagnostics, valid } = checkDocument(file, {});
    expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
    expect(valid).toBe(true);
  });
});

function tablesOf(text: string): readonly Table[] {
  const found: Table[] = [];
  const headings: string[] = [];
  const lines = text.split('\n');
  const cells = (line: string): readonly string[] =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
  for (const [at, line] of lines.entries()) {
    const [, marks = '', heading = ''] = /^(#+) (.*)$/.exec(line) ?? [];
    if (marks !== '') headings.splice(marks.length - 1, headings.length, heading);
    if (!/^\| -+/.test(line)) continue;
    const end = lines.findIndex((each, index) => index > at && !each.startsWith('|'));
    const after = lines.slice(0, at - 1).findLast((each) => each !== '') ?? '';
    found.push({ heads: cells(lines[at - 1] ?? ''), rows: lines.slice(at + 1, end).map(cells), under: headings.filter(Boolean), after });
  }
  return found;
}
