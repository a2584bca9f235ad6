/**
 * Metrics that stand beside the results, for MLflow's page: what the machine did (`system/...`), and for a series with a value that is not
 * finite the last one that was, because the page neither shows nor sorts by NaN.
 */
export const isDerived = (key: string): boolean => key.startsWith('system/') || key.endsWith(LAST_FINITE);

export const lastFiniteKey = (key: string): string => `${key}${LAST_FINITE}`;

const LAST_FINITE = '.last_finite';
