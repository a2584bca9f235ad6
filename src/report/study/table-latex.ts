import { fits, heightOf, type LatexBlock, type LatexCell, latexDocument, type LatexNote, named, type Wishes } from '../kit/latex.js';
import { plural } from '../../diagnostics/numbers.js';
import { withoutKind } from '../../study/claims/wording.js';
import { type CellView, type ClaimView, countLine, MARKS, marksOf, type TableView } from './table-view.js';

/**
 * The table for a thesis: a line a claim, its verdict as a sign beside our number, what was published on the other side. Claims between cells
 * and the notes stand below. A table without claims about cells has its columns beside each other; else they stand one below the other.
 */
export function tableToLatex(view: TableView, wishes: Wishes = {}): string {
  const cells = view.rows.flatMap((row) => row.cells);
  const claims = cells.flatMap((cell) => cell.claims);
  const seeds = new Set(cells.flatMap(({ value, n }) => (value === '' ? [] : (n ?? []))));
  // One number of seeds for all is said once.
  const [only] = seeds.size === 1 ? seeds : [];
  const numbers = numbered([...claims, ...view.under].flatMap(({ notes }) => notes));
  const marksFor = (notes: readonly number[]): readonly number[] =>
    notes.flatMap((note) => numbers.get(note) ?? []).toSorted((a, b) => a - b);
  const shared = { view, withSeeds: seeds.size > 1, marksFor };
  return latexDocument({
    ...named(view.name, view.title, wishes),
    blocks: claims.length === 0 ? [besideEachOther(shared)] : belowEachOther(shared),
    notes: [
      ...sentences(view.description, view.source === undefined ? undefined : `Published: ${view.source}.`),
      { text: legendOf(view, only) },
      ...view.under.map(({ kind, claimed, wording }) => ({ text: `${MARKS[kind]} ${claimed}: ${withoutKind(kind, wording)}.` })),
      ...view.footnotes
        .flatMap((text, index): readonly LatexNote[] => {
          const number = numbers.get(index + 1);
          return [number === undefined ? { text } : { number, text }];
        })
        .toSorted((a, b) => (a.number ?? Infinity) - (b.number ?? Infinity)),
      ...view.margins.map((text) => ({ text: `Margin ${text}.` })),
      ...sentences(...view.reading, `${countLine(view)}.`),
    ],
  });
}

interface Shared {
  readonly view: TableView;
  /** Whether there is a column for the number of seeds. */
  readonly withSeeds: boolean;
  readonly marksFor: (notes: readonly number[]) => readonly number[];
}

const RIGHT = { align: 'right' } as const;

/** Values alone: a column of the table is a column. */
const besideEachOther = ({ view, withSeeds }: Shared): LatexBlock => ({
  columns: [
    { heading: '' },
    ...view.columns.flatMap((heading) => [{ heading, ...RIGHT }, ...(withSeeds ? [{ heading: 'n', ...RIGHT }] : [])]),
  ],
  groups: view.rows.map(({ label, cells }) => ({ rows: [[label, ...cells.flatMap((cell) => oursOf(cell, withSeeds))]] })),
});

/**
 * The columns of the table with their claims, a line each, in the way that takes the least of a page, of those that fit: with a row's label beside its
 * claims or above them, with what is published in several columns or in one.
 */
function belowEachOther(shared: Shared): readonly LatexBlock[] {
  const ways = [THEIRS, IN_WORDS].flatMap((theirs) =>
    [false, true].map((isAbove) => shared.view.columns.flatMap((_, column) => claimLines(shared, column, theirs, isAbove))),
  );
  const fitting = ways.filter((blocks) => blocks.every(fits));
  const heightOfAll = (blocks: readonly LatexBlock[]): number => blocks.reduce((sum, block) => sum + heightOf(block), 0);
  const [best = []] = (fitting.length > 0 ? fitting : ways).toSorted((a, b) => heightOfAll(a) - heightOfAll(b));
  return best;
}

type Theirs = readonly (readonly [heading: string, text: (claim: ClaimView) => string])[];

const THEIRS: Theirs = [
  ['published', ({ runs, claimed }) => runs?.shown ?? claimed],
  ['n', ({ runs }) => (runs ? String(runs.count) : '')],
  ['', ({ source = '' }) => source],
];

const IN_WORDS: Theirs = [
  [
    'published',
    ({ runs, claimed, source }) => [...(runs ? [runs.shown, plural(runs.count, 'run')] : [claimed]), source].filter(Boolean).join(', '),
  ],
];

/** One column of the table; what nothing is known or claimed of has no line. */
function claimLines({ view, withSeeds, marksFor }: Shared, column: number, theirs: Theirs, isAbove: boolean): readonly LatexBlock[] {
  const about = view.rows.flatMap(({ label, cells }) => {
    const cell = cells[column];
    return cell && (view.columns.length === 1 || cell.value !== '' || cell.claims.length > 0) ? [{ label, cell }] : [];
  });
  if (about.length === 0) return [];
  const claims = view.rows.flatMap((row) => row.cells.flatMap((cell) => cell.claims));
  const told = theirs.filter(([, text]) => claims.some((claim) => text(claim) !== ''));
  const block = {
    columns: [
      ...(isAbove ? [] : [{ heading: '' }]),
      { heading: view.columns[column] ?? '', ...RIGHT },
      ...(withSeeds ? [{ heading: 'n', ...RIGHT }] : []),
      { heading: '' },
      ...told.map(([heading]) => ({ heading, ...(heading === 'n' && RIGHT) })),
    ],
    groups: about.map(({ label, cell }) => ({
      ...(isAbove && { above: label }),
      rows: (cell.claims.length === 0 ? [undefined] : cell.claims).map((claim, index): readonly LatexCell[] => [
        ...(isAbove ? [] : [index === 0 ? label : '']),
        ...oursOf(index === 0 ? cell : undefined, withSeeds),
        claim ? { text: MARKS[claim.kind], notes: marksFor(claim.notes) } : '',
        ...told.map(([, text]) => (claim ? text(claim) : '')),
      ]),
    })),
  };
  return [block];
}

/** `1.06 (0.05)`, and how many seeds that are. */
function oursOf(cell: CellView | undefined, withSeeds: boolean): readonly string[] {
  const shown = cell ? `${cell.value || '–'}${cell.sd === undefined ? '' : ` (${cell.sd})`}` : '';
  return [shown, ...(withSeeds ? [cell?.value && cell.n !== undefined ? String(cell.n) : ''] : [])];
}

/** Of footnotes that something is marked with, their numbers in print: 1, 2, 3. */
const numbered = (notes: readonly number[]): ReadonlyMap<number, number> =>
  new Map(Array.from(new Set(notes)).map((note, index) => [note, index + 1]));

function legendOf({ rows, under, counts, each, ours }: TableView, seeds: number | undefined): string {
  const cells = rows.flatMap((row) => row.cells);
  const claims = [...cells.flatMap((cell) => cell.claims), ...under];
  const isSpread = cells.some(({ sd }) => sd !== undefined);
  const n = seeds === undefined ? `; n: the number of ${each === 'split' ? 'splits' : 'runs'}` : `; n = ${plural(seeds, each)}`;
  return [
    ...(isSpread ? [`Ours: ${ours} (standard deviation of ${each === 'split' ? 'splits' : 'single runs'})${n}.`] : []),
    ...(claims.some(({ runs }) => runs) ? ['Runs of a source: the same of theirs, and n, how many they are.'] : []),
    ...(claims.some(({ claimed }) => claimed.includes('±')) ? ['A ± stands as the source printed it.'] : []),
    ...(claims.length > 0 ? [`${marksOf(counts).join(', ')}.`] : []),
  ].join(' ');
}

const sentences = (...texts: readonly (string | undefined)[]): readonly LatexNote[] => texts.flatMap((text) => (text ? [{ text }] : []));
