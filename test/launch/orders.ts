import type { TrialOrder } from '../../src/launch/launcher.js';

/** Orders of works that are called by a letter. */
export const ordersOf = (works: string, more: Partial<TrialOrder> = {}): readonly TrialOrder[] =>
  works.split('').map((work) => ({
    base: 'tiny.yaml',
    sets: [],
    seed: 1,
    work,
    runs: '/runs',
    metric: 'test/loss',
    parent: 'p',
    threads: '1',
    ...more,
  }));

/** The works of each job. */
export const worksOf = (jobs: readonly { readonly orders: readonly TrialOrder[] }[]): readonly string[] =>
  jobs.map(({ orders }) => orders.map(({ work }) => work).join(''));
