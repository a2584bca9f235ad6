import { cellsOf, type Claim } from '../../study/claims/claim.js';
import { isUnderTable } from '../../study/claims/judge-table.js';
import type { TableReport } from '../../study/evidence.js';
import type { Ranking, VerdictKind } from '../../study/verdicts/verdict.js';
import { type Strip, stripOf } from './strip.js';
import type { TableView } from './table-view.js';

/** A claim as one line of a picture: its verdict, what it is about, and where our runs lie to it. */
export interface ClaimLine {
  readonly kind: VerdictKind;
  readonly about: string;
  readonly strip: Strip;
  /** Of a claim about the ranks of methods, where they are known. */
  readonly ranking?: Ranking;
}

/** Claims whose values have one axis: those of a column; differences of data sets are no values of it, nor are ranks. */
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
      axis: axisKindOf(claim),
      kind: verdict.kind,
      about: isUnderTable(claim) ? claimed : `${labelOf(row)}, ${claim.source ?? claimed}`,
      strip: stripOf(judgement, evidence),
      ...(verdict.numbers.ranking && { ranking: verdict.numbers.ranking }),
    };
  });
  return Object.keys(config.columns).flatMap((column, index) =>
    AXIS_KINDS.flatMap((axis) => {
      const mine = lines.filter((line) => line.column === column && line.axis === axis);
      const heading = `${view.columns[index] ?? column}${ON_AXIS[axis]}`;
      return mine.length === 0 ? [] : [{ heading, lines: mine }];
    }),
  );
}

/** What is drawn, where it is no values of the column. */
const ON_AXIS = {
  values: '',
  differences: ', a dot a data set: the one less the other',
  ranks: ', mean ranks; a bar joins methods that are not apart',
} as const;
type AxisKind = keyof typeof ON_AXIS;
const AXIS_KINDS = Object.keys(ON_AXIS) as readonly AxisKind[];

const axisKindOf = ({ kind }: Claim): AxisKind => (kind === 'across' ? 'differences' : kind === 'ranks' ? 'ranks' : 'values');
