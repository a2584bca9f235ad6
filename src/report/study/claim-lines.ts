import { cellsOf } from '../../study/claims/claim.js';
import { isUnderTable } from '../../study/claims/judge-table.js';
import type { TableReport } from '../../study/evidence.js';
import type { VerdictKind } from '../../study/verdicts/verdict.js';
import { type Strip, stripOf } from './strip.js';
import type { TableView } from './table-view.js';

/** A claim as one line of a picture: its verdict, what it is about, and where our runs lie to it. */
export interface ClaimLine {
  readonly kind: VerdictKind;
  readonly about: string;
  readonly strip: Strip;
}

/** Claims whose values have one axis: those of a column; differences of data sets are no values of it. */
interface ClaimLines {
  readonly heading: string;
  readonly lines: readonly ClaimLine[];
}

/** Every claim of a table in the order of the document, by column. */
export function claimLines(view: TableView, { config, judged, evidence }: TableReport): readonly ClaimLines[] {
  const labelOf = (row = ''): string => view.rows.find(({ cells }) => cells.some((cell) => cell.row === row))?.label ?? row;
  const lines = judged.judgements.map((judgement, index) => {
    const { claim, verdict } = judgement;
    const [[row, column] = []] = cellsOf(claim);
    const claimed = view.claimed[index] ?? '';
    return {
      column,
      isOfDifferences: claim.kind === 'across',
      kind: verdict.kind,
      about: isUnderTable(claim) ? claimed : `${labelOf(row)}, ${claim.source ?? claimed}`,
      strip: stripOf(judgement, evidence),
    };
  });
  return Object.keys(config.columns).flatMap((column, index) =>
    [false, true].flatMap((isOfDifferences) => {
      const mine = lines.filter((line) => line.column === column && line.isOfDifferences === isOfDifferences);
      const heading = `${view.columns[index] ?? column}${isOfDifferences ? ', a dot a data set: the one less the other' : ''}`;
      return mine.length === 0 ? [] : [{ heading, lines: mine }];
    }),
  );
}
