import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { drawRanks, heightOfRanks } from '../../src/report/study/ranks-picture.js';
import { tableToLatex } from '../../src/report/study/table-latex.js';
import { tablePage } from '../../src/report/study/table-page.js';
import { tablePicture } from '../../src/report/study/table-picture.js';
import { describeTable, tableToCsv, tableToJson, tableToMarkdown } from '../../src/report/study/table-texts.js';
import { viewTable } from '../../src/report/study/table-view.js';
import { describeWhy } from '../../src/report/study/why.js';
import type { RanksClaim } from '../../src/study/claims/claim.js';
import type { TableConfig } from '../../src/study/claims/document.js';
import { judgeTable } from '../../src/study/claims/judge-table.js';
import type { Sample } from '../../src/study/claims/samples.js';
import type { Ranking } from '../../src/study/verdicts/verdict.js';
import { samples } from '../table/claims.js';
import { CONFIG, EVIDENCE } from './judged.js';

const METHODS = ['LSTM', 'GRU', 'RNN', 'Elman & co.'];
/** [data set, method] */
const VALUES = [
  [0.12, 0.11, 0.19, 0.21],
  [0.32, 0.35, 0.41, 0.44],
  [0.52, 0.51, 0.55, 0.59],
  [0.22, 0.21, 0.29, 0.27],
  [0.15, 0.16, 0.16, 0.31],
  [0.42, 0.45, 0.47, 0.51],
  [0.62, 0.61, 0.69, 0.74],
  [0.72, 0.75, 0.79, 0.81],
];
const rowOf = (method: number, set: number): string => `m${method}s${set}`;
const config: TableConfig = {
  ...CONFIG,
  columns: { x: { metric: 'test/error', label: 'error', digits: 2 } },
  rows: Object.fromEntries(
    METHODS.flatMap((method, index) =>
      VALUES.map((_, set) => [rowOf(index, set), { label: `${method} on ${set}`, base: `${rowOf(index, set)}.yaml` }] as const),
    ),
  ),
};
const claim: RanksClaim = {
  kind: 'ranks',
  confidence: 0.95,
  methods: METHODS,
  of: METHODS.map((_, method) => VALUES.map((__, set) => [rowOf(method, set), 'x'] as const)),
  dataSets: VALUES.length,
  source: 'chapter 5',
};
const [row] = EVIDENCE.rows;
if (!row) throw new Error('no row');
const evidence = {
  ...EVIDENCE,
  rows: Object.entries(config.rows).map(([name, { label = '' }]) => ({ ...row, row: name, label, runs: [] })),
};
const judgedWith = (samplesOf: (set: number, method: number) => readonly Sample[]) =>
  judgeTable({
    names: Object.keys(config.rows).map((name) => [name, 'x'] as const),
    columns: config.columns,
    cell([name]) {
      const [method = 0, set = 0] = (/m(\d)s(\d)/.exec(name) ?? []).slice(1).map(Number);
      return { label: config.rows[name]?.label ?? name, seeds: [1, 2, 3], samples: samplesOf(set, method), metric: 'test/error' };
    },
    claims: [claim],
    interimLooks: () => ({ declared: 2, number: 1 }),
    device: 'CPU',
  });
const judged = judgedWith((set, method) => {
  const value = VALUES[set]?.[method] ?? Number.NaN;
  return samples([value - 0.01, value, value + 0.01]);
});
const report = { config, judged, evidence };
const view = viewTable(config, judged);
const ranking = judged.judgements[0]?.verdict.numbers.ranking as Ranking;
const fits = new Ajv({ strictTypes: false }).compile(JSON.parse(readFileSync('schemas/table-result.schema.json', 'utf8')) as object);
const CLAIMED = 'LSTM, GRU, RNN and Elman & co. differ over 8 data sets';

describe('ranks of methods in a report', () => {
  it('stand as a picture in the page and in a picture of the table, in whose colours both have theirs', () => {
    for (const text of [tablePage(report), tablePicture(report)]) {
      expect(text).toContain('<svg class="ranks reproduced"');
      expect(text).toContain('>critical difference 1.71<');
      for (const name of ['LSTM 1.50', 'GRU 1.56', '3.06 RNN', '3.88 Elman &amp; co.']) expect(text).toContain(`>${name}<`);
      expect(text).toMatch(/\.ranks \.critical \{ stroke: (var\(--accent\)|#0067a3)/);
    }
    expect(tablePicture(report)).not.toContain('var(--');
    expect(tablePicture(report)).toContain('>error, mean ranks; a bar joins methods that are not apart<');
  });

  const drawn = (more: Partial<Ranking> = {}): string => drawRanks({ ...ranking, ...more }, 'reproduced', 'of methods').html;
  const lines = (svg: string, name: string): readonly (readonly number[])[] =>
    Array.from(svg.matchAll(new RegExp(`<line class="${name}" x1="([\\d.]+)%" y1="[\\d.]+" x2="([\\d.]+)%"`, 'g')), ([, from, to]) => [
      Number(from),
      Number(to),
    ]);

  it('are said in words', () =>
    expect(drawn()).toContain(
      'aria-label="of methods: mean ranks of 4 methods: LSTM 1.50, GRU 1.56, RNN 3.06, Elman &amp; co. 3.88; critical difference 1.71; not apart: LSTM, GRU and RNN; RNN and Elman &amp; co.; reproduced"',
    ));

  it('lie on an axis from 1 to their number, between names on both sides', () => {
    const at = (rank: number): number => Number((28 + (44 * (rank - 1)) / 3).toFixed(3));
    const stems = lines(drawn(), 'method').filter(([from, to]) => from === to);
    expect(stems.map(([x]) => x)).toEqual(ranking.ranks.map(at));
    expect(lines(drawn(), 'alike')).toEqual([
      [at(1.5), at(3.0625)],
      [at(3.0625), at(3.875)],
    ]);
    expect(lines(drawn(), 'critical')[0]?.[1]).toBeCloseTo(at(1 + ranking.criticalDifference), 2);
    // One that is longer than the axis has no end on it.
    expect(lines(drawn({ criticalDifference: 4 }), 'critical')).toEqual([
      [28, 72],
      [28, 28],
    ]);
  });

  it('have no bar where all are apart, and one over all where none is; a bar makes it higher', () => {
    const apart = { before: [[1, 2, 3], [2, 3], [3], []] };
    expect(lines(drawn(apart), 'alike')).toEqual([]);
    expect(drawn(apart)).toContain('; all are apart; ');
    expect(lines(drawn({ before: [[], [], [], []] }), 'alike')).toHaveLength(1);
    expect(heightOfRanks(ranking)).toBeGreaterThan(heightOfRanks({ ...ranking, ...apart }));
  });

  it('that are not known yet are no picture', () => {
    const open = judgedWith(() => []);
    expect(tablePage({ ...report, judged: open })).not.toContain('<svg class="ranks');
    expect(tablePicture({ ...report, judged: open })).toContain(`>· ${CLAIMED.replace('&', '&amp;')}<`);
  });

  it('stand below the table in text, Markdown and LaTeX, and are one line of CSV', () => {
    const why = 'by the critical difference 1.71 LSTM and GRU are before Elman & co.';
    expect(describeTable(view, { width: 1000 })).toContain(
      `✓ ${CLAIMED}\n  reproduced: mean ranks LSTM 1.50, GRU 1.56, RNN 3.06, Elman & co. 3.88 over 8 data sets; Friedman's test, exact: p = 2e-6; ${why}`,
    );
    expect(tableToMarkdown(view)).toContain(`- ✓ ${CLAIMED}: reproduced: mean ranks`);
    expect(tableToLatex(view)).toContain(why.replaceAll('&', '\\&'));
    const [, first = '', ...others] = tableToCsv(config, judged).trimEnd().split('\n');
    expect(first).toContain(`,ranks,0.12,0.12,0.01`);
    expect(first).toContain(`,"${CLAIMED}",chapter 5,,,,0.04,reproduced,`);
    expect(others).toEqual([]);
  });

  it('are explained for each cell, and stand in the JSON as its schema has them', () => {
    const text = describeWhy({ config, judged, view, evidence, cell: ['m1s2', 'x'] }, undefined, 1000);
    expect(text).toContain('about LSTM m0s0, m0s1, m0s2, m0s3, m0s4, m0s5, m0s6 and m0s7; GRU m1s0,');
    expect(text).toContain('m3s7, chapter 5');
    const json: unknown = JSON.parse(JSON.stringify(tableToJson(config, judged)));
    expect(fits(json), JSON.stringify(fits.errors)).toBe(true);
    const alike = judgedWith((_, method) => samples([method, method + 0.5]));
    const all = JSON.parse(JSON.stringify(tableToJson(config, alike))) as { claims: [{ numbers: { ranking: { f: unknown } } }] };
    expect(all.claims[0].numbers.ranking.f).toBeNull();
    expect(fits(all), JSON.stringify(fits.errors)).toBe(true);
  });
});
