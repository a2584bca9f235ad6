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

/** Every cell that a claim names, with its path inside of the claim. */
export function namedCells(
  claim: WrittenClaim,
): readonly { readonly path: readonly (string | number)[]; readonly cell: readonly string[] }[] {
  const { cell, lower, higher, than, ratio, equivalent = [] } = claim;
  const single = Object.entries({ cell, lower, higher, than }).flatMap(([key, named]) => (named ? [{ path: [key], cell: named }] : []));
  const ofRatio = ratio ? (['of', 'to'] as const).map((key) => ({ path: ['ratio', key], cell: ratio[key] })) : [];
  return [...single, ...ofRatio, ...equivalent.map((named, index) => ({ path: ['equivalent', index], cell: named }))];
}

/** A cell of a row that nobody trains: its number is known. */
export const isKnown = ({ rows }: Pick<TableConfig, 'rows'>, cell: readonly string[] | undefined): boolean =>
  rows[cell?.[0] ?? '']?.baseline !== undefined;
