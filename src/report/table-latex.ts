import { latexTable } from './latex.js';
import type { PlainColumn } from './plain-table.js';
import { countLine } from './table-terminal.js';
import { type CellView, MARKS, type TableView, WORDS } from './table-view.js';

/** The table for a thesis: ours beside what was published, a line a claim; claims between cells and the notes stand below. */
export function tableToLatex(view: TableView): string {
  const right = { align: 'right' } as const;
  const columns: readonly PlainColumn[] = [
    { heading: '' },
    ...view.columns.flatMap((column) => [
      { heading: column, ...right },
      { heading: 'n', ...right },
      { heading: 'published' },
      { heading: '' },
    ]),
  ];
  const rows = view.rows.flatMap(({ label, cells }) => {
    const parts = cells.map(linesOf);
    const height = Math.max(...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) => [
      line === 0 ? label : '',
      ...parts.flatMap((part) => part[line] ?? ['', '', '', '']),
    ]);
  });
  return latexTable({
    name: view.name,
    ...(view.title !== undefined && { caption: view.source === undefined ? view.title : `${view.title}. Published: ${view.source}.` }),
    columns,
    rows,
    notes: [
      ...view.under.map(({ kind, claimed, wording }) => `${MARKS[kind]} ${claimed}: ${wording}`),
      ...view.margins.map((text) => `Margin ${text}.`),
      ...view.footnotes,
      ...view.reading,
      `${countLine(view)}.`,
    ],
  });
}

function linesOf({ value, half, n, claims }: CellView): readonly (readonly string[])[] {
  const ours = [value === '' ? '–' : half === undefined ? value : `${value} ± ${half}`, String(n)];
  if (claims.length === 0) return [[...ours, '', '']];
  return claims.map(({ kind, claimed, source }, index) => [
    ...(index === 0 ? ours : ['', '']),
    source === undefined ? claimed : `${claimed}, ${source}`,
    `${MARKS[kind]} ${WORDS[kind]}`,
  ]);
}
