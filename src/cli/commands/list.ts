import { openStore } from '../../record/layout.js';
import { listRuns } from '../../record/reader.js';
import { formatMeasure } from '../../report/numbers.js';
import { isSpeed, splitKey, type RunRecord } from '../../report/run-record.js';
import { textTable } from '../../report/text-table.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import { runsFolder, shown } from '../folders.js';
import { readReport } from '../work/read-report.js';

/** The runs on record, the newest first. */
export const run: Run = async ([experiment], options, terminal) => {
  const root = runsFolder(options.runs);
  const store = openStore(root);
  const heads = listRuns(store).filter((head) => experiment === undefined || head.experiment === experiment);
  const reports = heads.map((head) => readReport(store, head));
  if (options.json) {
    terminal.out(JSON.stringify(reports.map(toJson), null, 2));
    return EXIT.done;
  }
  if (reports.length === 0) {
    terminal.err(`no runs ${experiment === undefined ? '' : `of ${experiment} `}in ${shown(root)}`);
    return EXIT.done;
  }
  const faint = terminal.outColor.dim;
  const rows = reports.map((report) => [
    report.runId.slice(0, 8),
    new Date(report.started).toISOString().slice(0, 16).replace('T', ' '),
    report.experiment,
    report.parameters.get('seed')?.value ?? '',
    report.status,
    String(epochsOf(report)),
    lastMetrics(report),
  ]);
  const header = ['run', 'started (UTC)', 'experiment', 'seed', 'status', 'epochs', 'last values'].map(faint);
  terminal.out(textTable([header, ...rows], ['left', 'left', 'left', 'right', 'left', 'right']).join('\n'));
  return EXIT.done;
};

const epochsOf = ({ metrics }: RunRecord): number => Math.max(0, ...[...metrics.values()].map((points) => points.at(-1)?.step ?? 0));

const lastMetrics = ({ metrics }: RunRecord): string =>
  [...metrics]
    .filter(([key]) => splitKey(key).split !== 'train' && !isSpeed(splitKey(key).metric))
    .map(([key, points]) => `${key} ${formatMeasure(points.at(-1)?.value ?? Number.NaN)}`)
    .join('  ');

const toJson = (report: RunRecord) => ({
  run: report.runId,
  experiment: report.experiment,
  status: report.status,
  started: new Date(report.started).toISOString(),
  ...(report.ended !== undefined && { ended: new Date(report.ended).toISOString() }),
  parameters: Object.fromEntries([...report.parameters].map(([path, { value }]) => [path, value])),
  metrics: Object.fromEntries([...report.metrics].map(([key, points]) => [key, points.at(-1)?.value])),
  record: report.folder,
});
