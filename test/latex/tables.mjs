// Tables as LaTeX, written into a folder: those of docs/results/tables, judged anew from the digits of their pages, and tables that nobody
// would wish on a page.
//
//     node test/latex/tables.mjs FOLDER        needs the built product

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latexTable } from '../../dist/report/kit/latex.js';
import { tableToLatex } from '../../dist/report/study/table-latex.js';
import { viewTable } from '../../dist/report/study/table-view.js';
import { judgeTable } from '../../dist/study/claims/judge-table.js';
import { cellNames } from '../../dist/study/claims/plan-table.js';
import { knownNumber, prepareTable } from '../../dist/study/prepare-study.js';

const [folder = '.'] = process.argv.slice(2);
const write = (name, text) => writeFileSync(join(folder, `${name}.tex`), text);

for (const name of ['airline', 'reber', 'rnn_notebooks', 'scratch_vs_builtin', 'shampoo', 'time_machine']) {
  const prepared = prepareTable(`experiments/tables/${name}.yaml`, { set: [] }, () => {});
  const { config } = prepared.table;
  const valueOf = valuesOn(readFileSync(`docs/results/tables/${name}.html`, 'utf8'), config);
  const judged = judge(config, prepared.claims, (cell) => ({ values: valueOf(cell), known: knownNumber(prepared, cell) }));
  write(name, tableToLatex(viewTable(config, judged)));
}

/** The values of a cell on a page, one a seed. */
function valuesOn(page, config) {
  const columns = Object.keys(config.columns);
  const at = page.indexOf('aria-label="Runs"');
  const lines = Array.from(page.slice(at, page.indexOf('</table>', at)).matchAll(/<tr>([^]*?)<\/tr>/g), ([, line]) =>
    Array.from(line.matchAll(/<td class="\w+">(.*?)<\/td>/g), ([, text]) => text),
  );
  const rows = Object.entries(config.rows);
  let row = -1;
  const values = lines.slice(1).map((line) => {
    if (line[0] !== '') row += 1;
    return { row: rows[row]?.[0], numbers: line.slice(2, 2 + columns.length).map((text) => Number(text.replaceAll(',', ''))) };
  });
  return ([of, column]) =>
    values
      .filter((each) => each.row === of)
      .flatMap(({ numbers }) => numbers[columns.indexOf(column)])
      .filter(Number.isFinite);
}

function judge(config, claims, cellOf) {
  return judgeTable({
    names: cellNames(config),
    columns: config.columns,
    claims,
    cell: (name) => {
      const { values, known } = cellOf(name);
      const samples = values.map((value, index) => ({ seed: index + 1, outcome: 'finished', value }));
      const { metric, unit, digits } = config.columns[name[1]];
      const label = config.rows[name[0]].label ?? name[0];
      return { label, seeds: values.map((_, index) => index + 1), samples, metric, unit, digits, ...(known !== undefined && { known }) };
    },
    interimLooks: () => ({ declared: 2, number: 1 }),
    device: 'CPU',
  });
}

// Of any number of rows and columns, with long names, large numbers, many notes

const WORDS = 'a long short-term memory with peepholes, two layers, two directions and a forget bias of one, trained on characters'.split(
  ' ',
);
const words = (count) => Array.from({ length: count }, (_, index) => WORDS[index % WORDS.length]).join(' ');

function nasty(
  name,
  { rows, columns, claims, size = 1, label = (row) => `${words(4)} ${row}`, source = 'table 3', n = () => 5, more = {} },
) {
  const config = {
    table: name,
    title: `${words(12)}, 100 % of $x_1$ & #2`,
    seeds: 5,
    looks: 2,
    run_on: { kind: 'local' },
    columns: Object.fromEntries(columns.map((heading, index) => [`c${index}`, { metric: 'test/loss', label: heading }])),
    rows: Object.fromEntries(Array.from({ length: rows }, (_, row) => [`r${row}`, { label: label(row), base: 'x.yaml' }])),
    claims: [],
    ...more,
  };
  const cells = cellNames(config);
  const valueOf = (row, seed) => size * (1 + row / 100 + [0, 0.031, -0.017, 0.008, 0.02, -0.04][seed % 6]);
  const published = { value: size, unit: size / 100, text: size > 100 ? size.toLocaleString('en') : size.toFixed(2) };
  const made = cells.flatMap((cell) =>
    Array.from({ length: claims }, (_, index) =>
      index % 2 === 0
        ? { kind: 'published', reading: 'mean', confidence: 0.95, cell, published, source }
        : {
            kind: 'reference',
            confidence: 0.95,
            cell,
            runs: Array.from({ length: 104 }, (_, run) => valueOf(0, run)),
            printed: 0,
            margin: size,
            source,
          },
    ),
  );
  const between = cells
    .slice(1, 4)
    .map((cell) => ({ kind: 'rank', direction: 'lower', of: cells[0], than: cell, by: 0, paired: false, confidence: 0.95 }));
  const judged = judge(config, [...made, ...between], ([row]) => ({
    values: Array.from({ length: n(Number(row.slice(1))) }, (_, seed) => valueOf(Number(row.slice(1)), seed)),
  }));
  write(name, tableToLatex(viewTable(config, judged)));
}

const FOUR = ['perplexity of the test text', 'speed (tokens/s)', 'loss', 'root_mean_squared_error of what was left out'];
nasty('twenty_rows', { rows: 20, columns: ['perplexity'], claims: 3, source: 'Hochreiter and Schmidhuber 1997, table 3, page 1749' });
nasty('four_columns', { rows: 6, columns: FOUR, claims: 2 });
nasty('four_columns_without_claims', { rows: 12, columns: FOUR, claims: 0 });
nasty('six_columns_large', { rows: 5, columns: [...FOUR, 'a', 'b'], claims: 0, size: 1234567.8, n: (row) => row + 2 });
nasty('large_numbers', { rows: 5, columns: ['updates'], claims: 2, size: 1234567.8, n: (row) => row + 2 });
nasty('hundred_rows', { rows: 100, columns: ['loss'], claims: 1 });
nasty('one_column', { rows: 2, columns: ['loss'], claims: 0, label: (row) => `r${row}` });
nasty('long_words', {
  rows: 3,
  columns: ['validation/mean_absolute_percentage_error_of_the_test'],
  claims: 2,
  label: (row) =>
    [
      'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
      'model.layers/0/recurrent_kernel.hidden_size=128',
      '0123456789'.repeat(5),
    ][row],
  source: 'https://example.org/a/very/long/address/that/nobody/types.html#section-3.2.1',
});
nasty('specials', {
  rows: 2,
  columns: ['a_b & c \\'],
  claims: 2,
  label: (row) => ['\\end{document} % gone', '{x} ~ ^ <a|b> "±≤≥×✓✗–…" [1]'][row],
  source: '$\\frac{1}{2}$ [2]',
  more: { description: '[A] description_with % and \\input{x}.', source: '\\cite{nobody} & #1' },
});

const letters = (count) => Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index));
write(
  'matrix',
  latexTable({
    name: 'matrix',
    caption: 'Confusion of classes',
    columns: [{ heading: 'true class' }, ...letters(24).map((heading) => ({ heading: `class ${heading}`, align: 'right' }))],
    rows: letters(24).map((letter, row) => [`class ${letter}`, ...letters(24).map((_, column) => String(row * column))]),
  }),
);
write(
  'sweep',
  latexTable({
    name: 'sweep',
    caption: 'A sweep',
    columns: ['hidden_size', 'optimizer.learning_rate', 'training.batch_size', 'dropout']
      .map((heading) => ({ heading, align: 'right' }))
      .concat(['validation/loss', 'sd', '95 %', 'n', 'what became of it'].map((heading) => ({ heading }))),
    rows: Array.from({ length: 30 }, (_, row) => [
      String(16 * row),
      '0.003162',
      '32',
      '0.5',
      '0.3516',
      '0.0123',
      '0.3416 to 0.3616',
      '5',
      row % 3 ? '' : 'pruned after epoch 2, at 0.2500, 1 diverged',
    ]),
    notes: [words(60)],
  }),
);
