import { describe, expect, it } from 'vitest';
import { latexTable, latexText } from '../../src/report/kit/latex.js';
import { markdownTable, type PlainTable } from '../../src/report/kit/tables.js';
import { html, htmlTable, pageText } from '../../src/report/kit/html.js';
import { withoutScript } from './fixture.js';

const TABLE: PlainTable = {
  name: 'time_machine',
  caption: 'Perplexity & speed',
  columns: [{ heading: '' }, { heading: 'perplexity', align: 'right' }, { heading: 'published' }],
  rows: [
    ['RNN', '1.07 ± 0.09', '1.0'],
    ['', '', '≤ 1.2'],
    ['LSTM_2', '-0.5', '50 % | {a}'],
  ],
  notes: ['5 seeds can miss 45 % of it.'],
};

describe('latexText', () => {
  it.each([
    ['a_b & 50 % of $x$ #1', 'a\\_b \\& 50 \\% of \\$x\\$ \\#1'],
    ['{x} \\ ~ ^ < > |', '\\{x\\} \\textbackslash{} \\textasciitilde{} \\textasciicircum{} \\textless{} \\textgreater{} \\textbar{}'],
    ['1.07 ± 0.09, ≤ 2 × 3', '1.07 $\\pm$ 0.09, $\\leq$ 2 $\\times$ 3'],
    ['✓ ✗ –', '$\\checkmark$ $\\times$ --'],
    ['between -0.07 and +0.10', 'between $-$0.07 and +0.10'],
    ['8e-9, 2019-12, x-1', '8e-9, 2019-12, x-1'],
    ['two\nlines', 'two lines'],
    ['Zürich', 'Zürich'],
  ])('sets %j letter by letter', (text, expected) => {
    expect(latexText(text)).toBe(expected);
  });
});

describe('a plain table', () => {
  it('is a table of LaTeX with three rules, a space before what begins, and its notes', () => {
    expect(latexTable(TABLE)).toBe(
      [
        '% Read by \\input. In the preamble: \\usepackage{amssymb,array,booktabs,tabularx,threeparttable}',
        '\\begin{table}',
        '  \\centering',
        '  \\ifdim\\linewidth<250pt\\scriptsize\\else\\footnotesize\\fi',
        '  \\setlength{\\tabcolsep}{2.5pt}',
        '  \\begin{threeparttable}',
        '    \\renewcommand{\\TPTminimum}{\\ifdim 24em<\\linewidth 24em\\else\\linewidth\\fi}',
        '    \\renewcommand{\\TPTrlap}[1]{#1}',
        '    \\caption{Perplexity \\& speed}',
        '    \\label{tab:time_machine}',
        '    \\begin{tabular}{@{}lrl@{}}',
        '      \\toprule',
        '       & perplexity & published \\\\',
        '      \\midrule',
        '      RNN & 1.07 $\\pm$ 0.09 & 1.0 \\\\',
        '       &  & $\\leq$ 1.2 \\\\',
        '      \\addlinespace',
        '      LSTM\\_2 & $-$0.5 & 50 \\% \\textbar{} \\{a\\} \\\\',
        '      \\bottomrule',
        '    \\end{tabular}',
        '    \\begin{tablenotes}[flushleft]',
        '      \\scriptsize\\raggedright',
        '      \\item[] 5 seeds can miss 45 \\% of it.',
        '    \\end{tablenotes}',
        '  \\end{threeparttable}',
        '\\end{table}',
        '',
      ].join('\n'),
    );
  });

  it('is set by LaTeX without rows of continuation as without notes', () => {
    const text = latexTable({ columns: [{ heading: 'a' }], rows: [['1'], ['2']] });
    expect(text).not.toMatch(/addlinespace|caption|label|tablenotes/);
  });

  it('of more columns than a line has room for goes on below, behind its first column', () => {
    const columns = Array.from({ length: 13 }, (_, column) => ({ heading: `column ${column}` }));
    const text = latexTable({ columns, rows: [columns.map((_, column) => `cell ${column}`)] });
    expect(text.match(/ column 0 &/g)?.length).toBeGreaterThan(1);
    for (let column = 1; column < 13; column++) expect(text).toMatch(new RegExp(`cell ${column} (&|\\\\)`));
  });

  it('has columns that give way where texts are long, and words that can be broken', () => {
    const text = latexTable({ columns: [{ heading: 'a' }, { heading: 'b' }], rows: [['x'.repeat(40), 'long words '.repeat(9)]] });
    expect(text).toContain('\\begin{tabularx}{\\TPTminimum}');
    expect(text.match(/\\raggedright\\arraybackslash/g)).toHaveLength(2);
    expect(text).toContain(`${'x'.repeat(10)}\\-${'x'.repeat(10)}`);
  });

  it('is Markdown in which nothing of a cell is formatting', () => {
    expect(markdownTable(TABLE)).toEqual([
      '|  | perplexity | published |',
      '| --- | ---: | --- |',
      '| RNN | 1.07 ± 0.09 | 1.0 |',
      '|  |  | ≤ 1.2 |',
      '| LSTM\\_2 | -0.5 | 50 % \\| {a} |',
    ]);
  });

  it('is HTML inside of a page that asks for nothing', () => {
    const page = pageText({ title: 'a < b', sections: [{ title: 'Table', content: [htmlTable(TABLE, 'Table'), html`<p>end</p>`] }] });
    expect(page).toContain('<h1>a &lt; b</h1>');
    expect(page).toContain('<td class="right">1.07 ± 0.09</td>');
    expect(withoutScript(page)).not.toMatch(/https?:|src=|<link|<script|@import|url\(/);
  });
});
