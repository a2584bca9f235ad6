import fc from 'fast-check';

const asked = process.env['RETABLE_CASES'];

/** How many times as many cases as usual. */
export const times = Number(asked ?? 1);

/**
 * How many cases of a property are tried. The same ones every time, so that no change fails for what an older one holds; RETABLE_CASES=20 tries twenty
 * times as many, others every time (.ci/full).
 */
export const cases = (count: number): { readonly numRuns: number } => ({ numRuns: count * times });

fc.configureGlobal(asked === undefined ? { seed: 1 } : cases(100));

export default fc;
