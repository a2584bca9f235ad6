import type { TableConfig, WrittenClaim } from './document.js';

/**
 * The keys that make a claim, exactly one of which stands in it: what else its form needs, what else is about this form and not about any, and an
 * example.
 */
export const FORMS = {
  published: { needs: ['cell'], may: ['spread', 'reading', 'margin'], example: 'cell: [lstm, perplexity], published: "1.1"' },
  reference: { needs: ['cell'], may: ['printed', 'margin'], example: 'cell: [lstm, perplexity], reference: runs.json#/perplexity/lstm' },
  at_most: { needs: ['cell'], may: ['of', 'share', 'margin'], example: 'cell: [lstm, perplexity], at_most: 1.25' },
  at_least: { needs: ['cell'], may: ['of', 'share', 'margin'], example: 'cell: [lstm, exact_match], at_least: 0.95' },
  lower: {
    needs: ['than'],
    may: ['by', 'test', 'probability', 'paired', 'of', 'share'],
    example: 'lower: [lstm, perplexity], than: [rnn, perplexity]',
  },
  higher: {
    needs: ['than'],
    may: ['by', 'test', 'probability', 'paired', 'of', 'share'],
    example: 'higher: [lstm, exact_match], than: [rnn, exact_match]',
  },
  ratio: { needs: [], may: ['paired', 'margin'], example: 'ratio: {of: [builtin, speed], to: [scratch, speed], at_least: 1.5}' },
  equivalent: {
    needs: ['margin'],
    may: ['paired'],
    example: 'equivalent: [[scratch, loss], [builtin, loss]], margin: 0.01',
  },
  ranks: {
    needs: [],
    may: [],
    example: 'ranks: {column: error, methods: {LSTM: [lstm_a, lstm_b, …], GRU: [gru_a, gru_b, …], RNN: [rnn_a, rnn_b, …]}}',
  },
} as const satisfies Partial<Record<Key, { readonly needs: readonly Key[]; readonly may: readonly Key[]; readonly example: string }>>;

type Key = keyof WrittenClaim;
type Form = keyof typeof FORMS;
export const FORM_NAMES = Object.keys(FORMS) as readonly Form[];

/** The forms that take a key; none where it goes with any. */
export const ownersOf = (key: string): readonly Form[] =>
  FORM_NAMES.filter((form) => [...FORMS[form].needs, ...FORMS[form].may].some((each) => each === key));

/** A claim that no rule objects to, told apart by its form: what the form needs is there. */
export type FormedClaim = {
  readonly [F in Form]: WrittenClaim & { readonly form: F } & Required<Pick<WrittenClaim, F | (typeof FORMS)[F]['needs'][number]>>;
}[Form];

export const formed = (claim: WrittenClaim): FormedClaim => ({ ...claim, form: formsOf(claim)[0] }) as FormedClaim;

export const formsOf = (claim: WrittenClaim): readonly Form[] => FORM_NAMES.filter((form) => claim[form] !== undefined);

type Path = readonly (string | number)[];

interface NamedCell {
  readonly path: Path;
  readonly cell: readonly string[];
  /** Where its row and its column stand; of several rows in one column, the column stands once. */
  readonly rowPath: Path;
  readonly columnPath: Path | undefined;
}

/** Every cell that a claim names, with its path inside of the claim. */
export function namedCells(claim: WrittenClaim): readonly NamedCell[] {
  const { cell, lower, higher, than, ratio, equivalent = [], ranks } = claim;
  const one = (path: Path, named: readonly string[]): NamedCell => ({ path, cell: named, rowPath: [...path, 0], columnPath: [...path, 1] });
  const several = (path: Path, rows: readonly string[], column: string, columnPath: Path | undefined): readonly NamedCell[] =>
    rows.map((row, index) => {
      const rowPath = [...path, index];
      return { path: rowPath, cell: [row, column], rowPath, columnPath: index === 0 ? columnPath : undefined };
    });
  const single = Object.entries({ cell, lower, higher, than }).flatMap(([key, named]): readonly NamedCell[] => {
    if (named === undefined) return [];
    if (!isRows(named)) return [one([key], named)];
    return several([key, 'rows'], named.rows, named.column, [key, 'column']);
  });
  const ofRanks = Object.entries(ranks?.methods ?? {}).flatMap(([method, rows], index) =>
    several(['ranks', 'methods', method], rows, ranks?.column ?? '', index === 0 ? ['ranks', 'column'] : undefined),
  );
  const ofRatio = ratio ? (['of', 'to'] as const).map((key) => one(['ratio', key], ratio[key])) : [];
  return [...single, ...ofRatio, ...equivalent.map((named, index) => one(['equivalent', index], named)), ...ofRanks];
}

type Side = NonNullable<WrittenClaim['than']>;
type Rows = Exclude<Side, readonly string[]>;

/** Several rows in place of one cell. */
export const isRows = (side: Side | undefined): side is Rows => side !== undefined && 'rows' in side;

/** A claim over several rows, a data set each. */
export const isAcross = ({ lower, higher, than, ranks }: WrittenClaim): boolean =>
  ranks !== undefined || [lower, higher, than].some(isRows);

/** A cell of a row that nobody trains: its number is known. */
export const isKnown = ({ rows }: Pick<TableConfig, 'rows'>, cell: readonly string[] | undefined): boolean =>
  rows[cell?.[0] ?? '']?.baseline !== undefined;
