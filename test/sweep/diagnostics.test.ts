import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printDiagnostics } from '../../src/diagnostics/print.js';
import { plan } from './documents.js';

const folder = join(import.meta.dirname, 'diagnostics');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => basename(file, '.yaml'));

/** `UPDATE_GOLDEN=1 npx vitest run test/sweep/diagnostics.test.ts` writes the reports anew. */
describe('every mistake of a sweep has its exact report', () => {
  test.each(names)('%s', (name) => {
    const found = plan(readFileSync(join(folder, `${name}.yaml`), 'utf8'));
    const report = `${printDiagnostics('diagnostics' in found ? found.diagnostics : found.warnings, { color: false })}\n`;
    const golden = join(folder, `${name}.txt`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, report);
    expect(report).toBe(readFileSync(golden, 'utf8'));
    expect('diagnostics' in found).toBe(true);
  });
});
