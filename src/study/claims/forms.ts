import type { WrittenClaim } from './document.js';

/** The keys that make a claim, each with what else it needs and an example. Exactly one of them stands in a claim. */
export const FORMS = {
  published: { needs: ['cell'], example: 'cell: [lstm, perplexity], published: "1.1"' },
  reference: { needs: ['cell'], example: 'cell: [lstm, perplexity], reference: runs.json#/perplexity/lstm' },
  at_most: { needs: ['cell'], example: 'cell: [lstm, perplexity], at_most: 1.25' },
  at_least: { needs: ['cell'], example: 'cell: [lstm, exact_match], at_least: 0.95' },
  lower: { needs: ['than'], example: 'lower: [lstm, perplexity], than: [rnn, perplexity]' },
  higher: { needs: ['than'], example: 'higher: [lstm, exact_match], than: [rnn, exact_match]' },
  ratio: { needs: [], example: 'ratio: {of: [builtin, speed], to: [scratch, speed], at_least: 1.5}' },
  equivalent: { needs: ['margin'], example: 'equivalent: [[scratch, loss], [builtin, loss]], margin: 0.01' },
} as const satisfies Partial<Record<keyof WrittenClaim, { readonly needs: readonly (keyof WrittenClaim)[]; readonly example: string }>>;

export type Form = keyof typeof FORMS;
export const FORM_NAMES = Object.keys(FORMS) as readonly Form[];

/** Which forms a key belongs to; keys that are not listed go with any. */
export const OWNERS: Readonly<Partial<Record<keyof WrittenClaim, readonly Form[]>>> = {
  cell: ['published', 'reference', 'at_most', 'at_least'],
  than: ['lower', 'higher'],
  by: ['lower', 'higher'],
  test: ['lower', 'higher'],
  probability: ['lower', 'higher'],
  paired: ['lower', 'higher', 'ratio', 'equivalent'],
  printed: ['reference'],
  spread: ['published'],
  reading: ['published'],
  of: ['at_most', 'at_least'],
  share: ['at_most', 'at_least'],
  margin: ['published', 'reference', 'at_most', 'at_least', 'ratio', 'equivalent'],
};

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
