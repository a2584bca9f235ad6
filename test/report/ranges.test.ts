import { expect, test } from 'vitest';
import { axisOf, stripOf } from '../../src/report/study/strip.js';
import { decideScale } from '../../src/report/kit/scale.js';
import { tablePicture } from '../../src/report/study/table-picture.js';
import { tableToLatex } from '../../src/report/study/table-latex.js';
import { describeTable, tableToCsv, tableToJson, tableToMarkdown } from '../../src/report/study/table-texts.js';
import { tablePage } from '../../src/report/study/table-page.js';
import { viewTable } from '../../src/report/study/table-view.js';
import type { Claim } from '../../src/study/claims/claim.js';
import type { TableConfig } from '../../src/study/claims/document.js';
import { judgeTable } from '../../src/study/claims/judge-table.js';
import fc, { cases } from '../support/properties.js';
import { limit, published } from '../table/claims.js';
import { CONFIG, EVIDENCE } from './judged.js';

/** A table of shares, near to all right: what is drawn and printed of it stays where shares can be. */
function shares(values: readonly number[], digits?: number) {
  const { digits: _, ...column } = CONFIG.columns['x'] ?? { metric: '' };
  const config: TableConfig = {
    ...CONFIG,
    rows: { a: { base: 'a.yaml' } },
    columns: { x: { ...column, metric: 'test/accuracy', ...(digits !== undefined && { digits }) } },
  };
  const claims: readonly Claim[] = [
    published('0.99', 0.05),
    published('0.98 ± 0.05', 0.05, { spread: { sd: 0.05, runs: 5 } }),
    { kind: 'reference', cell: ['a', 'x'], confidence: 0.95, runs: [1, 0.99, 0.97, 0.98, 1, 0.95], printed: 0.01 },
    limit('at_least', 0.9),
  ];
  const [row] = EVIDENCE.rows;
  const [run] = row?.runs ?? [];
  const evidence = {
    ...EVIDENCE,
    rows: row && run ? [{ ...row, runs: values.map((value, index) => ({ ...run, seed: index + 1, values: { x: value } })) }] : [],
  };
  const judged = judgeTable({
    names: [['a', 'x']],
    columns: config.columns,
    cell: () => ({
      label: 'a',
      seeds: values.map((_, index) => index + 1),
      samples: values.map((value, index) => ({ seed: index + 1, outcome: 'finished', value })),
      metric: 'test/accuracy',
      range: [0, 1],
      better: 'higher',
    }),
    claims,
    interimLooks: () => ({ declared: 2, number: 1 }),
    device: 'CPU',
  });
  return { config, judged, view: viewTable(config, judged), evidence };
}

const NEAR_ONE = [0.999, 0.93, 0.998, 1, 0.997];

test('no strip, no axis and no cell leaves 0 to 1', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 }), (values) => {
      const { judged, evidence } = shares(values);
      const strips = judged.judgements.map((judgement) => stripOf(judgement, evidence));
      for (const { zone = [], printed = [], interval } of strips)
        for (const end of [...zone, ...printed, ...(interval?.ends ?? [])].filter(Number.isFinite))
          if (end < 0 || end > 1) expect.fail(`${end} is drawn`);
      const [low, high] = axisOf(strips).domain;
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      const [from = 0, to = 1] = judged.cells[0]?.ours?.interval ?? [];
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(1);
    }),
    cases(100),
  );
});

test('beside a mean stands what single runs spread, and no bar that passes a bound, in every form', () => {
  const table = shares(NEAR_ONE);
  const { config, judged, view } = table;
  expect(view.rows[0]?.cells[0]).toMatchObject({ value: '0.985', sd: '0.031', n: 5 });
  for (const text of [describeTable(view), tableToMarkdown(view), tablePage(table)])
    expect(text).toMatch(/0\.985(<\/strong> <span class="n">| )\(sd 0\.031, n 5\)/);
  expect(tableToLatex(view)).toContain('0.985 (0.031)');
  expect(tableToCsv(config, judged)).toMatch(
    /\nsmall,a,x,,,published,(0\.9848\d*),\1,0\.03065\d*,5,0\.99,,0\.05,0\.9467\d*,1,0\.025,reproduced,/,
  );
  expect(tableToJson(config, judged).cells[0]?.interval?.[1]).toBe(1);
  const ticks = Array.from(tablePicture(table).matchAll(/text-anchor="\w+"\s*>([^<]+)</g), ([, tick]) => Number(tick));
  expect(ticks.length).toBeGreaterThan(2);
  for (const tick of ticks) {
    expect(tick).toBeGreaterThanOrEqual(0);
    expect(tick).toBeLessThanOrEqual(1);
  }
});

test('a value and its spread have equally many decimals', () => {
  const cellOf = (values: readonly number[], digits?: number) => shares(values, digits).view.rows[0]?.cells[0];
  expect(cellOf([0.5, 0.504, 0.499, 0.501], 2)).toMatchObject({ value: '0.501', sd: '0.002' });
  expect(cellOf([0.5, 0.54, 0.49, 0.51], 2)).toMatchObject({ value: '0.51', sd: '0.02' });
  expect(cellOf([0.00012, 0.00012])).toMatchObject({ value: '0.0001200', sd: '0' });
});

test('a scale ends where values do', () => {
  expect(decideScale([0.2, 1.3], { range: [0, 1] })).toMatchObject({ domain: [0, 1] });
  expect(decideScale([1.02, 1.3], { range: [1, Infinity] }).domain[0]).toBeGreaterThanOrEqual(1);
  expect(decideScale([0.2, 1.3]).domain[1]).toBeGreaterThan(1);
});
