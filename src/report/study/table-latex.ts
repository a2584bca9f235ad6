import { latexTable } from '../kit/latex.js';
import type { PlainColumn } from '../kit/plain-table.js';
import { countLine } from './table-terminal.js';
import { type CellView, MARKS, type TableView, WORDS } from './table-view.js';

/**
 * The table for a thesis: ours beside what was published, a line a claim; claims between cells and the notes stand below. Several columns stand
 * one below the other, so that a page is wide enough for them.
 */
export function tableToLatex(view: TableView): string {
  const right = { align: 'right' } as const;
  const [only, ...more] = view.columns;
  const isOne = more.length === 0;
  const isClaimed = view.rows.some(({ cells }) => cells.some(({ claims }) => claims.length > 0));
  const columns: readonly PlainColumn[] = [
    { heading: '' },
    ...(isOne ? [] : [{ heading: '' }]),
    { heading: isOne ? (only ?? '') : 'ours', ...right },
    { heading: 'n', ...right },
    ...(isClaimed ? [{ heading: 'published' }, { heading: '' }] : []),
  ];
  const rows = view.rows.flatMap(({ label, cells }) => {
    const told = cells.flatMap((cell, column) => (isOne || cell.value !== '' || cell.claims.length > 0 ? [{ cell, column }] : []));
    const lines = told.flatMap(({ cell, column }) =>
      linesOf(cell).map((line, index) => (isOne ? line : [index === 0 ? (view.columns[column] ?? '') : '', ...line])),
    );
    return lines.map((line, index) => [index === 0 ? label : '', ...line]);
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

function linesOf({ value, spread, n, claims }: CellView): readonly (readonly string[])[] {
  const ours = [value === '' ? '–' : [value, spread].filter(Boolean).join(' '), String(n)];
  if (claims.length === 0) return [[...ours, '', '']];
  return claims.map(({ kind, claimed, source }, index) => [
    ...(index === 0 ? ours : ['', '']),
    source === undefined ? claimed : `${claimed}, ${source}`,
    `${MARKS[kind]} ${WORDS[kind]}`,
  ]);
}
