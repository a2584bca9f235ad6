import { readOnly } from '../record/files.js';
import { openStore } from '../record/layout.js';
import type { Changes } from '../run/prepare.js';

/** A page that `report` writes, asked for by a browser. */
export type Painting =
  | { readonly kind: 'run'; readonly root: string; readonly id: string }
  | { readonly kind: 'table'; readonly root: string; readonly file: string; readonly changes: Changes };

/** The page as HTML. */
export type Paint = (painting: Painting) => Promise<string>;

/** Draws in this process. What it needs for that is loaded when something is drawn: stages, planning and Vega take twice the memory of a server. */
export const paint: Paint = async (painting) => {
  const { filesOf } = await import('../report/forms.js');
  const store = openStore(painting.root, readOnly);
  if (painting.kind === 'run') {
    const [{ theRun }, { readReport }] = await Promise.all([import('../run/find-runs.js'), import('../run/read-report.js')]);
    return htmlOf(await filesOf('run', readReport(store, theRun(store, painting.id)), 'run.html'));
  }
  const [{ prepareTable }, { judgeRecords }, { tableReport }] = await Promise.all([
    import('../study/prepare-study.js'),
    import('../study/verdicts.js'),
    import('../study/evidence.js'),
  ]);
  const prepared = prepareTable(painting.file, painting.changes, () => {}, store);
  return htmlOf(await filesOf('table', tableReport(store, { prepared, ...judgeRecords(store, prepared) }), 'table.html'));
};

/** The page is the first of the files; pictures are in it. */
const htmlOf = (files: ReadonlyMap<string, string | Uint8Array>): string => String([...files.values()][0] ?? '');
