import { html, type Html } from '../kit/html.js';
import { formatDuration, formatMeasure, formatSetting } from '../../diagnostics/numbers.js';
import { commandList, factTable, pageText, pictureFigure } from '../kit/page.js';
import { type RunRecord, textsOf, tookSeconds, wordOf } from './run-record.js';
import type { Picture } from './run-charts.js';
import { resultsOf } from './summary.js';

/** A run as one page that needs nothing else. */
export const runPage = (run: RunRecord, pictures: readonly Picture[]): string =>
  pageText({
    title: run.experiment,
    lead: [...(run.description === undefined ? [] : [html`<p>${run.description}</p>`]), html`<p class="faint">${headline(run)}</p>`],
    sections: [
      { title: 'Results', content: [resultTable(run), html`<p class="faint">${HOW_MEASURED}</p>`, notes(run)] },
      ...(pictures.length === 0 ? [] : [{ title: 'Curves', content: [gallery(pictures)] }]),
      ...textsOf(run).map(({ title, text }) => ({ title, content: [html`<pre>${text}</pre>`] })),
      { title: 'To repeat, and to look further', content: [commandList(run.commands)] },
      { title: 'Configuration', content: [parameterTable(run)] },
      { title: 'Where it was made', content: [factTable([...run.environment, ['record', run.folder]])] },
    ],
  });

function headline(run: RunRecord): Html {
  const started = new Date(run.started).toISOString();
  const seconds = run.metrics.size === 0 ? undefined : tookSeconds(run);
  const took = seconds === undefined ? '' : ` in ${formatDuration(seconds)}`;
  return html`<span class="status ${run.status}">${wordOf(run.status)}</span>${took}; started
    <time datetime="${started}">${started.slice(0, 16).replace('T', ' ')} UTC</time>; run <code>${run.runId}</code>`;
}

function resultTable(run: RunRecord): Html {
  const rows = resultsOf(run).map(
    ({ key, last, best, chance }) =>
      html`<tr>
        <th scope="row">${key}</th>
        <td>${formatMeasure(last.value)}</td>
        <td>${best ? html`${formatMeasure(best.value)} <span class="faint">epoch ${best.step}</span>` : ''}</td>
        <td>${chance === undefined ? '' : formatSetting(chance, 3)}</td>
      </tr>`,
  );
  if (rows.length === 0) return html`<p>No metric was recorded.</p>`;
  return html`<div class="wide">
    <table class="numbers">
      <thead>
        <tr>
          <th></th>
          <th scope="col">last</th>
          <th scope="col">best</th>
          <th scope="col">chance</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** Of the splits. */
export const HOW_MEASURED = 'Values of train are means over an epoch while the weights change; the others are measured at its end.';

const notes = (run: RunRecord): Html => html`${run.notes.map((note) => html`<p class="note">${note}</p>`)}`;

const gallery = (pictures: readonly Picture[]): Html =>
  html`<div class="gallery">${pictures.map(({ name, svg }) => pictureFigure(name, svg))}</div>`;

const parameterTable = (run: RunRecord): Html =>
  factTable([...run.parameters].map(([path, { value, origin = '' }]) => [html`<code>${path}</code>`, value, origin] as const));
