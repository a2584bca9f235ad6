import type { Claim } from '../../src/study/claims/claim.js';
import type { TableConfig } from '../../src/study/claims/document.js';
import { judgeTable, type JudgedTable } from '../../src/study/claims/judge-table.js';
import { type TableView, viewTable } from '../../src/report/study/table-view.js';
import type { TableEvidence } from '../../src/study/evidence.js';

/** A small judged table of two rows, with what stands behind it. */

const VALUES: Readonly<Record<string, readonly number[]>> = { a: [1.01, 0.98, 1.02, 0.99, 1.0], b: [1.31, 1.32, 1.28, 1.29, 1.3] };

export const CONFIG: TableConfig = {
  table: 'small',
  title: 'Two rows & <one> column',
  source: 'nowhere',
  seeds: 5,
  looks: 2,
  run_on: { kind: 'local' },
  columns: { x: { metric: 'train/perplexity', label: 'perplexity', digits: 2 } },
  rows: { a: { label: 'the first', base: 'a.yaml' }, b: { label: 'the second one, whose name is long', base: 'b.yaml' } },
  claims: [],
};

export const EVIDENCE: TableEvidence = {
  file: 'tables/small.yaml',
  text: 'table: small\n',
  rows: Object.entries(VALUES).map(([row, values]) => ({
    row,
    label: CONFIG.rows[row]?.label ?? row,
    base: `${row}.yaml`,
    configuration: [
      { path: 'model.kind', value: 'lstm', origin: `${row}.yaml:3:5` },
      { path: 'model.hidden_size', value: row === 'a' ? '32' : '64', origin: `${row}.yaml:4:5` },
    ],
    data: { kind: 'time_machine', digest: 'd1'.repeat(32), facts: [{ name: 'vocabulary', value: '28' }] },
    stages: { model: 'lstm@1' },
    engine: 'compiled on cpu, numerics 2',
    parameterCount: 1234,
    runs: values.map((value, index) => ({
      id: `${row}${index}`.repeat(16),
      seed: index + 1,
      outcome: 'finished',
      values: { x: value },
      work: 'f'.repeat(64),
      numerics: 2,
      started: 1_700_000_000_000,
      ended: 1_700_000_061_000,
      environment: 0,
    })),
  })),
  claims: ['tables/small.yaml:9:5', 'tables/small.yaml:10:5', 'tables/small.yaml:11:5'],
  environments: [[['node', 'v20.20.2']]],
  commands: [{ command: 'npx run tables/small.yaml', does: 'all of it' }],
  records: 'runs',
};

export function judged(claims: readonly Claim[]): { readonly judged: JudgedTable; readonly view: TableView } {
  const table = judgeTable({
    names: Object.keys(VALUES).map((row) => [row, 'x'] as const),
    columns: CONFIG.columns,
    cell: ([row]) => ({
      label: CONFIG.rows[row]?.label ?? row,
      seeds: [1, 2, 3, 4, 5],
      samples: (VALUES[row] ?? []).map((value, index) => ({ seed: index + 1, outcome: 'finished', value })),
      metric: 'train/perplexity',
    }),
    claims,
    interimLooks: () => ({ declared: 2, number: 1 }),
    device: 'CPU',
  });
  return { judged: table, view: viewTable(CONFIG, table) };
}
