import { describe, expect, it } from 'vitest';
import type { Form, Kind, Reports } from '../../src/report/form.js';
import { columnsOf } from '../../src/report/kit/tables.js';
import { endingsOf, filesOf, FORMS, writerOf } from '../../src/report/forms.js';
import { summarize, type TrialResult } from '../../src/study/proposals/results.js';
import { planned, sweepText } from '../sweep/documents.js';
import { RUN } from './fixture.js';
import { CONFIG, EVIDENCE, judged } from './judged.js';

const plan = planned(sweepText('vary: [{model.hidden_size: [4, 8]}]\nseeds: 2'));
const trials = plan.trials.map((trial, index): TrialResult => ({
  trial,
  state: { kind: 'finished', run: `run${index}`, value: 0.5 + index / 10 },
}));
const curve = [0.2, 0.4, 0.5].map((value, index) => ({ step: index + 1, value }));

const REPORTS: Reports = {
  plan: {
    name: 'a_b',
    description: '# 1 of 2',
    lead: ['x.yaml, seed 1.'],
    sections: [
      {
        title: 'data',
        content: [
          'sequences: of *all* files',
          { columns: columnsOf('split', '>examples'), rows: [['train', '1,000']], notes: ['Counted | once.'] },
          {
            facts: [
              { name: 'share', value: 0.125 },
              { name: 'steps', value: 2000, note: 'many' },
              { name: 'none', value: 'a' },
            ],
          },
          { facts: [] },
          {
            trained: 2,
            folds: [1, 2].map((fold) => [
              { split: 'train', from: 0, to: 10 * fold, begins: '2020-01', ends: `202${fold}-01` },
              { split: 'test', from: 10 * fold, to: 10 * fold + 10, begins: `202${fold}-02`, ends: `202${fold}-12` },
            ]),
          },
        ],
      },
    ],
    json: { version: 1 },
  },
  run: RUN,
  comparison: [RUN, { ...RUN, runId: 'f'.repeat(32), parameters: new Map([...RUN.parameters, ['seed', { value: '7' }]]) }],
  forecast: {
    run: '0'.repeat(32),
    experiment: 'sales',
    epoch: 5,
    file: 'sales.csv',
    targets: ['Sales'],
    forecasts: [{ time: '2020-01', step: 1, values: [{ value: 12.5, reach: { 80: 2 } }] }],
    known: [{ times: ['2019-11', '2019-12'], values: [[10, 11]] }],
    residuals: 10,
    notes: [],
  },
  prediction: {
    run: '0'.repeat(32),
    experiment: 'sales',
    epoch: 5,
    file: 'new.csv',
    predictions: [{ origin: '2019-12', time: '2020-01', ahead: 1, targets: { Sales: { truth: 13, forecast: 12.5 } } }],
    notes: [],
  },
  evaluation: {
    run: '0'.repeat(32),
    experiment: 'sales',
    epoch: 5,
    file: 'new.csv',
    examples: 4,
    metrics: [{ name: 'mean_absolute_error', value: 2.5, better: 'lower', unit: '', baselines: { persistence: 3 } }],
    findings: [],
    notes: [],
  },
  sweep: { file: 's.yaml', typed: 's.yaml', base: 'tiny.yaml', plan, trials, results: summarize(plan, trials), curveOf: () => curve },
  table: {
    config: CONFIG,
    evidence: EVIDENCE,
    ...judged([
      {
        kind: 'published',
        cell: ['a', 'x'],
        published: { value: 1, unit: 0.1, text: '1.0' },
        reading: 'mean',
        margin: 0.05,
        confidence: 0.95,
      },
    ]),
  },
};

/** What a file of each form holds, whatever stands in it. */
const HOLDS: Readonly<Record<string, RegExp>> = {
  '.html': /^<!doctype html>[\s\S]*<\/html>\n$/,
  '.md': /^# \S/,
  '.tex': /\\begin\{table\}[\s\S]*\\end\{table\}\n$/,
  '.csv': /^[^\n]+,[^\n]+\n[\s\S]*\n$/,
  '.json': /^\{\n[\s\S]*\n\}\n$/,
  '.jsonl': /^(\{.*\}\n)+$/,
  '.svg': /^<svg[\s\S]*<\/svg>\s*$/,
  '.png': /^\u0089PNG/,
};

const textOf = (content: string | Uint8Array | undefined): string =>
  typeof content === 'string' ? content : Buffer.from(content ?? []).toString('latin1');

describe.each(Object.keys(REPORTS) as readonly Kind[])('a %s', (kind) => {
  it.each(endingsOf(kind))('is written as %s', async (ending) => {
    const files = await filesOf(kind, REPORTS[kind], `folder/It is v1.2${ending.toUpperCase()}`);
    const [first, ...beside] = files;
    expect(first?.[0]).toBe(`folder/It is v1.2${ending.toUpperCase()}`);
    expect(textOf(first?.[1])).toMatch(HOLDS[ending] ?? /^nothing is known of it$/);
    for (const [name, content] of beside) {
      expect(name).toMatch(/^folder\/It is v1\.2\.\w+\.svg$/);
      expect(textOf(content)).toMatch(/^<svg/);
    }
  });

  it('has no other endings', () => {
    for (const file of ['x.pdf', 'x', '.md', 'x.htm', 'md']) expect(writerOf(kind, file)).toBeUndefined();
  });
});

it('what is published has all of them, a plan those that are read', () => {
  expect(endingsOf('plan')).toEqual(['.html', '.md', '.json', '.svg', '.png']);
  expect(endingsOf('forecast')).toEqual(['.html', '.csv', '.json', '.svg', '.png']);
  expect(endingsOf('evaluation')).toEqual(['.csv', '.json']);
  expect(endingsOf('prediction')).toEqual(['.csv', '.json', '.jsonl']);
  for (const kind of ['run', 'sweep', 'table'] as const)
    expect(endingsOf(kind)).toEqual(['.html', '.md', '.tex', '.csv', '.json', '.svg', '.png']);
});

it('a plan in Markdown has its paragraphs, tables and facts, and nothing in them is formatting', async () => {
  const [[, text] = []] = await filesOf('plan', REPORTS.plan, 'x.md');
  expect(`\n${textOf(text)}`).toBe(`
# a\\_b

\\# 1 of 2

x.yaml, seed 1.

## Data

sequences: of \\*all\\* files

| split | examples |
| --- | ---: |
| train | 1,000 |

Counted \\| once.

|  |  |  |
| --- | --- | --- |
| share | 0.125 |  |
| steps | 2,000 | many |
| none | a |  |

| fold | ─ train  █ test | trains to | tests |  |
| ---: | --- | --- | --- | --- |
| 1 | ────────────████████████ | 2021-01 | 2021-02 to 2021-12 |  |
| 2 | ────────────────────────████████████ | 2022-01 | 2022-02 to 2022-12 | trained here |
`);
});

it('a forecast is drawn behind what is known last, with its interval, and says what is left out', async () => {
  const { forecast } = REPORTS;
  const drawn = async (report: typeof forecast): Promise<string> => textOf([...(await filesOf('forecast', report, 'x.svg')).values()][0]);
  const svg = await drawn(forecast);
  for (const words of ['2019-11', '2020-01', 'truth', 'forecast', 'intervals of 80 %, from 10 forecasts of validation'])
    expect(svg).toContain(words);
  expect(svg.match(/mark-area/g)).toHaveLength(1);
  const without = {
    ...forecast,
    known: [],
    forecasts: forecast.forecasts.map((each) => ({ ...each, values: [{ value: 12.5, reach: {} }] })),
  };
  expect(await drawn(without)).toContain('no intervals');
  const targets = Array.from({ length: 8 }, (_, index) => `t${index}`);
  const many = {
    ...forecast,
    targets,
    known: [],
    forecasts: [{ time: '2020-01', step: 1, values: targets.map((_, value) => ({ value, reach: {} })) }],
  };
  const all = await drawn(many);
  expect(all).toContain('the first 6 of 8 pictures');
  expect(all).toContain('forecast of t5');
  expect(all).not.toContain('forecast of t6');
});

it('pictures lie beside Markdown, under the names that stand in it', async () => {
  for (const kind of ['run', 'sweep'] as const) {
    const [[, text] = [], ...pictures] = await filesOf(kind, REPORTS[kind], 'x.md');
    expect(pictures.length).toBeGreaterThan(0);
    for (const [name] of pictures) expect(textOf(text)).toContain(`](${name})`);
  }
});

it('a form is an object in the list, and nothing else knows of it', async () => {
  const words: Form = { ending: '.txt', write: { run: ({ experiment, runId }, name) => `${name}: ${experiment} ${runId.slice(0, 8)}\n` } };
  const forms = [...FORMS, words];
  expect(endingsOf('run', forms).at(-1)).toBe('.txt');
  expect(endingsOf('sweep', forms)).toEqual(endingsOf('sweep'));
  expect(await filesOf('run', RUN, 'a/b.TXT', forms)).toEqual(new Map([['a/b.TXT', 'b: lstm_addition 3f2a9c44\n']]));
  await expect(filesOf('sweep', REPORTS.sweep, 'b.txt', forms)).rejects.toThrow('b.txt');
});
