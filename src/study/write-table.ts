import type { Store } from '../record/layout.js';
import { type TableEvidence, viewTable } from '../report/study/table-view.js';
import type { JudgedTable } from './claims/judge-table.js';
import { writeReport } from '../host/output.js';
import { readEvidence } from './evidence.js';
import type { PreparedTable } from './prepare-table.js';
import type { SettledRun } from './settled.js';

interface JudgedRecords {
  readonly store: Store;
  readonly prepared: PreparedTable;
  readonly settled: readonly SettledRun[];
  readonly judged: JudgedTable;
}

/** A table in the form that the name of the file asks for; only some forms show what it rests on. */
export function writeTable(file: string, { store, prepared, settled, judged }: JudgedRecords): Promise<void> {
  const { config } = prepared.table;
  const table = {
    config,
    judged,
    view: viewTable(config, judged),
    get evidence(): TableEvidence {
      return readEvidence(store, prepared, settled);
    },
  };
  return writeReport('table', table, file);
}
