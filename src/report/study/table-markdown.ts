import { aboutOf, type CellView, type ClaimView, MARKS, type TableView, WORDS } from './table-view.js';
import { markdownBlocks, markdownText } from '../kit/markdown.js';
import { countLine } from './table-terminal.js';

/** The table as Markdown that GitHub shows: cells with their verdicts and the numbers of the notes about them, the claims between cells, the reasons, the notes. */
export function tableToMarkdown(view: TableView): string {
  const isClaimed = view.columns.map((_, column) => view.rows.some(({ cells }) => (cells[column]?.claims.length ?? 0) > 0));
  const beside = (column: number, text: string): readonly string[] => (isClaimed[column] ? [text] : []);
  const header = ['', ...view.columns.flatMap((heading, column) => [markdownText(heading), ...beside(column, 'published')])];
  const rule = ['---', ...view.columns.flatMap((_, column) => ['---:', ...beside(column, '---')])];
  const rows = view.rows.map(({ label, cells }) => [
    markdownText(label),
    ...cells.flatMap((cell, column) => [valueOf(cell), ...beside(column, claimsOf(cell))]),
  ]);
  const table = [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const blocks = [
    [`# ${markdownText(view.title ?? view.name)}`],
    view.source === undefined ? [] : [`Published: ${markdownText(view.source)}`],
    [`${countLine(view)}.`],
    table,
    view.under.map((claim) => `- ${MARKS[claim.kind]} ${markdownText(`${claim.claimed}: ${claim.wording}`)}${notesOf(claim)}`),
    ...headed('Why', reasonsOf(view)),
    ...headed(
      'Notes',
      view.footnotes.map((text, index) => `${index + 1}. ${markdownText(text)}`),
    ),
    [...view.margins.map((text) => `margin ${text}`), ...view.reading].map((text) => `- ${markdownText(text)}`),
  ];
  return markdownBlocks(blocks);
}

const headed = (heading: string, lines: readonly string[]): readonly (readonly string[])[] =>
  lines.length === 0 ? [] : [[`## ${heading}`], lines];

function valueOf({ value, spread, n, worst }: CellView): string {
  if (value === '') return '–';
  const mark = worst === undefined ? '' : `${MARKS[worst]} `;
  return `${mark}${[value, spread].filter(Boolean).join(' ')} (n = ${n})`;
}

const claimsOf = ({ claims }: CellView): string =>
  claims.map((claim) => `${MARKS[claim.kind]} ${WORDS[claim.kind]}: ${markdownText(claimOf(claim))}${notesOf(claim)}`).join('<br>');
const claimOf = ({ claimed, source }: ClaimView): string => `${claimed}${source === undefined ? '' : `, ${source}`}`;

const notesOf = ({ notes }: ClaimView): string => (notes.length === 0 ? '' : ` <sup>${notes.join(', ')}</sup>`);

const reasonsOf = ({ rows, columns }: TableView): readonly string[] =>
  rows.flatMap(({ label, cells }) =>
    cells.flatMap(({ claims }, column) =>
      claims.map((claim) => `- ${MARKS[claim.kind]} ${markdownText(`${aboutOf(label, columns[column], claim)}: ${claim.wording}`)}`),
    ),
  );
