import { describe, expect, it } from 'vitest';
import { axisOf, drawAxis, drawStrip, type Strip, stripOf } from '../../src/report/study/strip.js';
import { tablePicture } from '../../src/report/study/table-picture.js';
import { tableToLatex } from '../../src/report/study/table-latex.js';
import { describeTable } from '../../src/report/study/table-texts.js';
import { tablePage } from '../../src/report/study/table-page.js';
import { visibleWidth } from '../../src/diagnostics/columns.js';
import { describeWhy } from '../../src/report/study/why.js';
import type { Claim } from '../../src/study/claims/claim.js';
import { equivalent, limit, published, rank, ratio } from '../table/claims.js';
import { withoutScript } from './fixture.js';
import { CONFIG, EVIDENCE, judged } from './judged.js';

const reference: Claim = {
  kind: 'reference',
  confidence: 0.95,
  cell: ['b', 'x'],
  runs: [1.2, 1.2, 1.2, 1.3, 1.3, 1.4],
  printed: 0.1,
  margin: 0.15,
  because: 'a made-up one',
  source: 'PyTorch',
};
const CLAIMS = [published('1.0', 0.1, { source: 'table 1' }), reference, rank('lower')];
const pictured = (claim: Claim): Strip => {
  const [judgement] = judged([claim]).judged.judgements;
  if (!judgement) throw new Error('no judgement');
  return stripOf(judgement, EVIDENCE);
};

describe('what a claim compares, as a picture', () => {
  it('has our runs, the zone of a printed number with what the print may have been, and the interval of our mean', () => {
    const { kind, zone, printed, target, runs, interval } = pictured(published('1.0', 0.1));
    expect({ kind, target }).toEqual({ kind: 'reproduced', target: 1 });
    expect(printed?.[0]).toBeCloseTo(0.95, 12);
    expect(zone?.[1]).toBeCloseTo(1.15, 12);
    expect(runs.map(({ value }) => value)).toEqual([1.01, 0.98, 1.02, 0.99, 1]);
    expect(interval?.center).toBeCloseTo(1, 12);
    expect(interval?.ends[0]).toBeGreaterThan(0.97);
  });

  it('has the runs of a reference, one bar a printed value, and the difference moved to where their mean is', () => {
    const { bars, zone, target, interval } = pictured(reference);
    expect(bars.map(({ value, height }) => [Number(value.toFixed(6)), Number(height.toFixed(3))])).toEqual([
      [1.2, 1],
      [1.3, 0.667],
      [1.4, 0.333],
    ]);
    expect(target).toBeCloseTo(1.2667, 4);
    expect(zone?.[1]).toBeCloseTo(1.4167, 4);
    expect(interval?.center).toBeCloseTo(1.3, 12); // ours, rounded alike
  });

  it.each([
    ['a limit', limit('at_most', 1.25), [-Infinity, 1.25]],
    ['a share of runs, whose interval is of another kind', limit('at_most', 1.25, { share: 0.8 }), [-Infinity, 1.25]],
    ['two cells that are equal', equivalent(0.4), [0.9, 1.7]],
    ['a ratio', ratio(0.5), [0.65, Infinity]],
  ] as const)('shades what counts as the same for %s', (_, claim, expected) => {
    const { zone } = pictured(claim);
    expect(zone?.map((end) => Number(end.toFixed(3)))).toEqual(expected);
  });

  it('draws everything inside of its axis, ends that are infinite too', () => {
    const strip = pictured(limit('at_most', 1.25));
    const { html } = drawStrip(strip, axisOf([strip]), 'a cell');
    expect(html).not.toMatch(/NaN|Infinity/);
    const shares = [...html.matchAll(/(?:x|cx|x1|x2|width)="([\d.-]+)%"/g)].map(([, share]) => Number(share));
    expect(shares.length).toBeGreaterThan(5);
    for (const share of shares) expect(share).toBeGreaterThanOrEqual(0);
    for (const share of shares) expect(share).toBeLessThanOrEqual(100);
    expect(html.match(/<circle/g)).toHaveLength(5);
  });

  it('labels thousands as people write them', () => {
    const strip: Strip = {
      kind: 'reproduced',
      bars: [],
      runs: [
        { value: 50_000, title: '' },
        { value: 200_000, title: '' },
      ],
    };
    expect(drawAxis(axisOf([strip])).html).toContain('>100,000<');
  });
});

describe('the page of a table', () => {
  const page = tablePage({ config: CONFIG, ...judged(CLAIMS), evidence: EVIDENCE });

  it.each([
    ['verdicts', '<span class="status reproduced">✓ reproduced</span>'],
    ['its title as text', 'Two rows &amp; &lt;one&gt; column'],
    ['a run with its seed', 'seed 3: 1.02, run a2a2a2a2'],
    ['what differs between the rows', 'model.hidden_size'],
    ['settings with their places', 'b.yaml:4:5'],
    ['the data', 'd1d1d1d1'],
    ['the machine', 'v20.20.2'],
    ['the command', 'npx run tables/small.yaml'],
  ])('has %s', (_, text) => expect(page).toContain(text));

  it('asks for nothing, and holds no script but its own', () => {
    expect(withoutScript(page).replaceAll(/xmlns="[^"]*"/g, '')).not.toMatch(/https?:|src=|<link|<script|@import|url\(/);
  });

  it('has a picture for each claim, and before the table all of them in a line each', () => {
    const pictures = page.match(/<svg class="strip (?!axis)/g);
    expect(pictures).toHaveLength(6);
    const first = page.slice(page.indexOf('<h2>Verdicts</h2>'), page.indexOf('<h2>Ours and theirs</h2>'));
    expect(first.match(/<svg class="strip (?!axis)/g)).toHaveLength(3);
    expect(page.indexOf('<h2>Verdicts</h2>')).toBeGreaterThan(0);
  });
});

describe('a table of LaTeX', () => {
  const { view } = judged(CLAIMS);
  const bodyOf = (text: string): string =>
    text.slice(text.indexOf('\\toprule') + 8, text.indexOf('\\bottomrule')).replaceAll(/\n */g, '\n');

  it('has a line a claim, its verdict as a sign beside our number, and the notes below', () => {
    const text = tableToLatex(view);
    expect(bodyOf(text)).toBe(
      [
        '',
        '& perplexity &  & published & n &  \\\\',
        '\\midrule',
        'the first & 1.00 (0.02) & $\\checkmark$ & 1.0 &  & table 1 \\\\',
        'the second one, whose name is long & 1.30 (0.02) & $\\checkmark$ & 1.27 (0.08) & 6 & PyTorch \\\\',
        '',
      ].join('\n'),
    );
    expect(text).toContain('\\item[] Ours: the mean of our seeds (standard deviation of single runs); n = 5 seeds.');
    expect(text).toContain('\\item[] $\\checkmark$ the first is lower than the second one, whose name is long: the first lower than');
    expect(text).not.toMatch(/npx|[0-9a-f]{16}/);
  });

  it('marks a claim with the notes about it, numbered as they come', () => {
    const { margin: _, because: __, ...byDefault } = reference;
    const text = tableToLatex(judged([byDefault]).view);
    const [, mark] = /\\tnote\{([\d,]+)\}/.exec(text) ?? [];
    expect(mark).toMatch(/^1/);
    expect(text).toContain('\\item[1] Margin by default');
  });

  it('has several columns one below the other, and no line for a cell of which nothing is known', () => {
    const rows = view.rows.map(({ label, cells }, index) => {
      const [cell] = cells;
      if (!cell) return { label, cells };
      const speed = { ...cell, value: '1,000', sd: '20', n: 3, claims: [] };
      const empty = { row: cell.row, column: 'z', value: '', n: 0, claims: [] };
      return { label, cells: index === 0 ? [cell, speed, empty] : [cell, empty, empty] };
    });
    const text = tableToLatex({ ...view, columns: ['perplexity', 'speed', 'loss'], rows });
    expect(bodyOf(text)).toContain(
      ['\\midrule', '& speed & n &  & published & n &  \\\\', '\\midrule', 'the first & 1,000 (20) & 3 &  &  &  &  \\\\', ''].join('\n'),
    );
    expect(text).not.toContain('loss');
  });

  it('has no column for what is published where nothing is, and columns beside each other', () => {
    const text = tableToLatex(judged([]).view);
    expect(bodyOf(text)).toBe(
      [
        '',
        '& perplexity \\\\',
        '\\midrule',
        'the first & 1.00 (0.02) \\\\',
        'the second one, whose name is long & 1.30 (0.02) \\\\',
        '',
      ].join('\n'),
    );
  });

  it('is called as it is asked to be, letter by letter', () => {
    const text = tableToLatex(view, { caption: 'Ours & {theirs}', label: 'tab:a' });
    expect(text).toContain('\\caption{Ours \\& \\{theirs\\}}\n    \\label{tab:a}\n');
    expect(text).not.toContain('Two rows');
  });

  it('is several floats where a page is too short, one number for all of them, and each row once', () => {
    const [row] = view.rows;
    if (!row) throw new Error('no row');
    const rows = Array.from({ length: 100 }, (_, index) => ({ ...row, label: `row ${index}` }));
    const began = performance.now();
    const text = tableToLatex({ ...view, rows });
    expect(performance.now() - began).toBeLessThan(1000);
    const floats = text.split('\\begin{table}').slice(1);
    expect(floats.length).toBeGreaterThan(2);
    expect(floats.slice(1).every((float) => float.includes('\\addtocounter{table}{-1}') && float.includes('(continued)'))).toBe(true);
    expect(text.match(/\\label/g)).toHaveLength(1);
    for (const { label } of rows) expect(text.split(`      ${label} & `)).toHaveLength(2);
  });
});

describe('a table as a picture', () => {
  const svgOf = (claims: readonly Claim[]) => tablePicture({ config: CONFIG, ...judged(claims), evidence: EVIDENCE });

  it('has a line for every claim with its mark, our seeds, and those of the other row', () => {
    const svg = svgOf(CLAIMS);
    for (const line of [
      '✓ the first, table 1',
      '✓ the second one, whose name is long, PyTorch',
      '✓ the first is lower than the second one, whose name is long',
    ])
      expect(svg).toContain(`>${line}<`);
    expect(svg.match(/<circle class="ours"/g)).toHaveLength(15);
    expect(svg.match(/<circle class="other"/g)).toHaveLength(5);
    expect(svg.match(/<rect class="theirs"/g)).toHaveLength(3);
  });

  it('is drawn as on the page of the table, and needs no variables of it', () => {
    const [strip] = CLAIMS.map(pictured);
    if (!strip) throw new Error('no strip');
    const svg = svgOf(CLAIMS.slice(0, 1));
    expect(svg).toContain(drawStrip(strip, axisOf([strip]), '✓ the first, table 1').html);
    expect(svg).not.toContain('var(--');
    expect(svg).toContain('fill: #00694c');
  });

  it('has the strips of many claims in two rows, so that it fits on a page', () => {
    const sizeOf = (claims: number) =>
      /width="(\d+)" height="([\d.]+)"/
        .exec(svgOf(Array.from({ length: claims }, () => published('1.0', 0.1))))
        ?.slice(1)
        .map(Number);
    const [[narrow = 0, tall = 0] = [], [wide, flat] = []] = [sizeOf(6), sizeOf(12)];
    expect(wide).toBeGreaterThan(1.9 * narrow);
    expect(flat).toBe(tall);
  });

  it('draws a zone without an end as far as its axis, and no number that is none', () => {
    const svg = svgOf([limit('at_most', 1.25), ratio(0.5)]);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe('why', () => {
  const why = (row: string, claims: readonly Claim[] = CLAIMS) =>
    describeWhy({ config: { ...CONFIG, claims: [] }, ...judged(claims), evidence: EVIDENCE, cell: [row, 'x'] });

  it('names the runs, the claims with their places, every setting, the data and the machine', () => {
    const text = why('a');
    expect(text).toMatch(
      /^the first: 1\.00 \(sd 0\.02, n 5\)\ntrain\/perplexity after the last epoch, mean of 5 seeds; sd 0\.0158; 95 % interval of the mean between 0\.980 and 1\.020\n/,
    );
    expect(text).toMatch(/seed 3 +1\.02000 +run a2a2a2a2/);
    expect(text).toContain('✓ reproduced  1.0  tables/small.yaml:9:5');
    expect(text).toContain('· 1.0 in print may have been 0.95 to 1.05; with the margin 0.1, 0.85 to 1.15 counts as the same');
    expect(text).toContain('· our mean is between 0.980 and 1.020: a 95 % interval, 2.5 % of error on each side at this look');
    expect(text).toContain('✓ reproduced  the first is lower than the second one, whose name is long');
    expect(text).not.toContain('PyTorch');
  });

  it('says that runs lack the number', () => {
    const [first] = EVIDENCE.rows;
    const { judged: table, view } = judged([]);
    const empty = { ...view, rows: view.rows.map((row) => ({ ...row, cells: row.cells.map((cell) => ({ ...cell, value: '' })) })) };
    const evidence = { ...EVIDENCE, rows: first ? [{ ...first, runs: first.runs.map((run) => ({ ...run, values: {} })) }] : [] };
    expect(describeWhy({ config: CONFIG, judged: table, view: empty, evidence, cell: ['a', 'x'] })).toMatch(
      /^the first: no value: its runs do not record train\/perplexity\n/,
    );
  });

  it('has all runs of a reference as they were printed', () => {
    expect(why('b')).toContain('6 runs of a reference, PyTorch: 1.2 × 3, 1.3 × 2, 1.4');
    expect(why('b')).toContain('ours are rounded to 0.1 first, as theirs were');
  });

  it.each([
    ['limit', limit('at_most', 1.25), 'reproduced needs all of that at most 1.25'],
    ['share', limit('at_most', 1.25, { share: 0.8 }), 'the share of runs that keep the limit is between'],
    ['ratio', ratio(0.5), 'geometric means are compared'],
    ['equivalent', equivalent(0.4), 'reproduced needs all of that within ±0.4'],
    ['procedure', published('1.0', 0.1, { reading: 'procedure' }), 'reproduced needs one more run inside of the zone'],
    ['spread', published('1.00', 0.1, { spread: { sd: 0.1, runs: 9 } }), 'the published mean is 1.00'],
  ] as const)('explains %s', (_, claim, words) => expect(why('a', [claim])).toContain(words));
});

describe('a table in a terminal', () => {
  const { view } = judged(CLAIMS);

  it.each([60, 80, 120])('fits %d columns', (width) => {
    const text = describeTable(view, { width, reasons: true });
    expect(Math.max(...text.split('\n').map(visibleWidth))).toBeLessThanOrEqual(width);
    for (const part of ['the first', '1.00 (sd 0.02, n 5)', '✓ reproduced', 'PyTorch', 'table 1']) expect(text).toContain(part);
  });
});
