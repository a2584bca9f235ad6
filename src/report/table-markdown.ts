import { type CellView, type ClaimView, MARKS, type TableView, WORDS } from './table-view.js';
import { countLine } from './table-terminal.js';

/** The table as Markdown that GitHub shows: cells with their verdicts, the claims between cells, and the notes. */
export function tableToMarkdown(view: TableView): string {
  const header = ['', ...view.columns.flatMap((column) => [column, 'published'])];
  const rule = header.map((_, index) => (index === 0 ? '---' : index % 2 === 1 ? '---:' : '---'));
  const rows = view.rows.map(({ label, cells }) => [label, ...cells.flatMap((cell) => [valueOf(cell), claimsOf(cell)])]);
  const table = [header, rule, ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |`);
  const blocks = [
    [`# ${escaped(view.title ?? view.name)}`],
    view.source === undefined ? [] : [escaped(view.source)],
    table,
    view.under.map((claim) => `- ${MARKS[claim.kind]} ${escaped(claim.claimed)}: ${escaped(claim.wording)}`),
    reasonsOf(view),
    [...view.margins.map((text) => `margin ${text}`), ...view.footnotes, ...view.reading].map((text) => `- ${escaped(text)}`),
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

const claimsOf = ({ claims }: CellView): string => claims.map(claimOf).join('<br>');
const claimOf = ({ kind, claimed, source }: ClaimView): string =>
  `${claimed}${source === undefined ? '' : `, ${source}`}: ${MARKS[kind]} ${WORDS[kind]}`;

const reasonsOf = ({ rows, columns }: TableView): readonly string[] =>
  rows.flatMap(({ label, cells }) =>
    cells.flatMap(({ claims }, column) =>
      claims.map(({ kind, wording }) => `- ${MARKS[kind]} ${escaped(`${label}, ${columns[column] ?? ''}: ${wording}`)}`),
    ),
  );

const escaped = (text: string): string => text.replace(/[|\\*_`]/g, (character) => `\\${character}`).replaceAll('\n', ' ');
