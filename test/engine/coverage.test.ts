import { expect, it } from 'vitest';
import { describeCoverage } from './describe-coverage.js';

it('docs/internals/engine-coverage.md says what the tables of kernels say', async () => {
  await expect(describeCoverage()).toMatchFileSnapshot('../../docs/internals/engine-coverage.md');
});
