import { aboutOf, type CellView, type ClaimView, MARKS, type TableView, WORDS } from './table-view.js';
import { markdownText } from './markdown.js';
import { countLine } from './table-terminal.js';

/** The table as Markdown that GitHub shows: cells with their verdicts, the claims between cells, and the notes. */
export function tableToMarkdown(view: TableView): string {
  const header = ['', ...view.columns.flatMap((column) => [markdownText(column), 'published'])];
  const rule = header.map((_, index) => (index === 0 ? '---' : index % 2 === 1 ? '---:' : '---'));
  const rows = view.rows.map(({ label, cells }) => [markdownText(label), ...cells.flatMap((cell) => [valueOf(cell), claimsOf(cell)])]);
  const table = [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const blocks = [
    [`# ${markdownText(view.title ?? view.name)}`],
    view.source === undefined ? [] : [markdownText(view.source)],
    table,
    view.under.map((claim) => `- ${MARKS[claim.kind]} ${markdownText(claim.claimed)}: ${markdownText(claim.wording)}`),
    reasonsOf(view),
    [...view.margins.map((text) => `margin ${text}`), ...view.footnotes, ...view.reading].map((text) => `- ${markdownText(text)}`),
    [`${countLine(view)}.`],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function valueOf({ value, half, n, worst }: CellView): string {
  if (value === '') return '–';
  const mark = worst === undefined ? '' : `${MARKS[worst]} `;
  return `${mark}${value}${half === undefined ? '' : ` ± ${half}`} (n = ${n})`;
}

const claimsOf = ({ claims }: CellView): string => claims.map((claim) => markdownText(claimOf(claim))).join('<br>');
const claimOf = ({ kind, claimed, source }: ClaimView): string =>
  `${claimed}${source === undefined ? '' : `, ${source}`}: ${MARKS[kind]} ${WORDS[kind]}`;

const reasonsOf = ({ rows, columns }: TableView): readonly string[] =>
  rows.flatMap(({ label, cells }) =>
    cells.flatMap(({ claims }, column) =>
      claims.map((claim) => `- ${MARKS[claim.kind]} ${markdownText(`${aboutOf(label, columns[column], claim)}: ${claim.wording}`)}`),
    ),
  );
