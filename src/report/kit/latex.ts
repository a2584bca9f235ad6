import { visibleText } from '../../diagnostics/columns.js';
import type { PlainTable } from './plain-table.js';

/** What a document needs besides its class. */
const PACKAGES = 'booktabs,amssymb';

/** A `table` of LaTeX with the rules of booktabs, to be put into a document with `\input`. */
export function latexTable({ name, caption, columns, rows, notes = [] }: PlainTable): string {
  const isGrouped = rows.some(goesOn);
  const lines = rows.flatMap((cells, index) => [
    ...(isGrouped && index > 0 && !goesOn(cells) ? ['    \\addlinespace'] : []),
    `    ${rowOf(columns.map((_, column) => cells[column] ?? ''))}`,
  ]);
  return [
    `% In the preamble: \\usepackage{${PACKAGES}}`,
    '\\begin{table}',
    '  \\centering',
    ...(caption === undefined ? [] : [`  \\caption{${latexText(caption)}}`]),
    ...(name === undefined ? [] : [`  \\label{tab:${name}}`]),
    `  \\begin{tabular}{@{}${columns.map(({ align }) => (align === 'right' ? 'r' : 'l')).join('')}@{}}`,
    '    \\toprule',
    `    ${rowOf(columns.map(({ heading }) => heading))}`,
    '    \\midrule',
    ...lines,
    '    \\bottomrule',
    '  \\end{tabular}',
    ...(notes.length === 0 ? [] : notesBelow(notes)),
    '\\end{table}',
    '',
  ].join('\n');
}

const goesOn = ([first = '']: readonly string[]): boolean => first === '';
const rowOf = (cells: readonly string[]): string => `${cells.map(latexText).join(' & ')} \\\\`;

const notesBelow = (notes: readonly string[]): readonly string[] => [
  '',
  '  \\medskip',
  '  \\begin{minipage}{\\linewidth}',
  '    \\footnotesize',
  ...notes.map((note) => `    ${latexText(note)}\\par`),
  '  \\end{minipage}',
];

/** Text as LaTeX sets it letter by letter: nothing in it is a command. Marks and signs that its fonts lack become commands. */
export const latexText = (text: string): string =>
  visibleText(text)
    .replace(/\s+/g, ' ')
    .replace(/["\\{}&%$#_~^<>|]|[^\x00-\x7f]/g, (character) => COMMANDS[character] ?? character)
    .replace(/(?<![\w.])-(?=\d)/g, '$-$');

const COMMANDS: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '&': '\\&',
  '%': '\\%',
  $: '\\$',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "''",
  '±': '$\\pm$',
  '∓': '$\\mp$',
  '×': '$\\times$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '≈': '$\\approx$',
  '−': '$-$',
  '·': '$\\cdot$',
  '²': '$^2$',
  '√': '$\\surd$',
  '✓': '$\\checkmark$',
  '✗': '$\\times$',
  '–': '--',
  '—': '---',
  '…': '\\dots{}',
  '“': '``',
  '”': "''",
  '‘': '`',
  '’': "'",
  '\u00a0': '~',
};
