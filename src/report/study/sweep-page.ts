import { forShell } from '../../diagnostics/words.js';
import { showValue } from '../../planning/name-configuration.js';
import { html } from '../kit/html.js';
import { commandList, factTable, folded, htmlTable, pageText, pictureFigure } from '../kit/page.js';
import type { Picture } from '../run/run-charts.js';
import type { SweepReport } from './sweep-report.js';
import { resultTable, trialTable } from './sweep-table.js';

/** A sweep as one page that needs nothing else. */
export function sweepPage(report: SweepReport, pictures: readonly Picture[]): string {
  const { plan, file } = report;
  const { config, doc } = plan.sweep;
  const results = resultTable(plan, report.results);
  const trials = trialTable(plan, report.trials);
  return pageText({
    title: config.sweep,
    lead: config.description === undefined ? [] : [html`<p>${config.description}</p>`],
    sections: [
      { title: 'Results', content: [...(results.notes ?? []).map((note) => html`<p class="note">${note}</p>`), htmlTable(results)] },
      ...(pictures.length === 0
        ? []
        : [
            { title: 'Pictures', content: [html`<div class="gallery">${pictures.map(({ name, svg }) => pictureFigure(name, svg))}</div>`] },
          ]),
      { title: 'What was varied', content: [factTable(factsOf(report))] },
      { title: 'Trials', content: [folded(`All ${trials.rows.length}, with their runs`, htmlTable(trials))] },
      { title: 'To repeat it', content: [commandList(commandsOf(file))] },
      { title: 'The document', content: [html`<p class="faint"><code>${file}</code></p>`, html`<pre>${doc.text}</pre>`] },
    ],
  });
}

const commandsOf = (file: string) => [
  { command: `npx run ${forShell(file)}`, does: 'what is left of it; what is done is shown' },
  { command: `npx retable plan ${forShell(file)}`, does: 'every trial, and whether it is done' },
];

/** As the document says it. */
function factsOf({ base, plan }: SweepReport): readonly (readonly [string, string])[] {
  const { config } = plan.sweep;
  return [
    ['base', base],
    ...config.vary.flatMap((axis) => Object.entries(axis).map(([path, values]) => [path, showValue(values)] as const)),
    ...(config.exclude.length > 0 ? [['exclude', showValue(config.exclude)] as const] : []),
    ['search', showValue(config.search)],
    ['seeds', showValue(config.seeds)],
    ['select', showValue(config.select)],
    ...(config.prune ? [['prune', showValue(config.prune)] as const] : []),
  ];
}
