import type { RemoteRun } from './types.js';

/** Without the word, MLflow's page opens on traces of language models and hides what was trained. */
const PAGE = 'workflowType=machine_learning';

export const runLink = (server: string, { id, experimentId }: Pick<RemoteRun, 'id' | 'experimentId'>): string =>
  `${server}/#/experiments/${experimentId}/runs/${id}?${PAGE}`;
