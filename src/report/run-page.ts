import { html, trusted, type Html } from './html.js';
import { formatDuration, formatMeasure, formatSetting } from './numbers.js';
import { PAGE_STYLE } from './page-style.js';
import { isSpeed, splitKey, type RunRecord } from './run-record.js';
import { bestPoint } from './summary.js';

export interface Picture {
  readonly name: string;
  readonly svg: string;
}

/** A run as one page that needs nothing else: no network, no script; for screens, phones and paper. */
export function runPage(run: RunRecord, pictures: readonly Picture[]): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${run.experiment}, run ${run.runId.slice(0, 8)}</title>
        <style>
          ${trusted(PAGE_STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${run.experiment}</h1>
          ${run.description === undefined ? '' : html`<p>${run.description}</p>`}
          <p class="faint">${headline(run)}</p>
        </header>
        <main>
          ${section('Results', resultTable(run), HOW_MEASURED, notes(run))}
          ${pictures.length === 0 ? '' : section('Curves', gallery(pictures))}
          ${section('To repeat, and to look further', commandList(run))} ${section('Configuration', parameterTable(run))}
          ${section('Where it was made', environmentTable(run))}
        </main>
      </body>
    </html> `;
  return `${page.html.trim()}\n`;
}

const section = (title: string, ...content: readonly Html[]): Html =>
  html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;

function headline(run: RunRecord): Html {
  const started = new Date(run.started).toISOString();
  const took = run.ended === undefined ? '' : ` in ${formatDuration((run.ended - run.started) / 1000)}`;
  return html`<span class="status ${run.status}">${run.status}</span>${took}; started
    <time datetime="${started}">${started.slice(0, 16).replace('T', ' ')} UTC</time>; run <code>${run.runId}</code>`;
}

function resultTable(run: RunRecord): Html {
  const rows = [...run.metrics].flatMap(([key, points]) => {
    const { metric } = splitKey(key);
    const last = points.at(-1);
    if (!last || isSpeed(metric)) return [];
    const best = bestPoint(points, run.about[metric]?.better ?? (metric === 'loss' ? 'lower' : undefined));
    const chance = run.chance[key];
    return [
      html`<tr>
        <th scope="row">${key}</th>
        <td>${formatMeasure(last.value)}</td>
        <td>${best ? html`${formatMeasure(best.value)} <span class="faint">epoch ${best.step}</span>` : ''}</td>
        <td>${chance === undefined ? '' : formatSetting(chance, 3)}</td>
      </tr>`,
    ];
  });
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

const HOW_MEASURED = html`<p class="faint">
  Values of train are means over an epoch while the weights change; the others are measured at its end.
</p>`;

const notes = (run: RunRecord): Html => html`${run.notes.map((note) => html`<p class="note">${note}</p>`)}`;

const gallery = (pictures: readonly Picture[]): Html =>
  html`<div class="gallery">
    ${pictures.map(({ name, svg }) => html`<figure aria-label="${name.replaceAll('_', ' ')}">${trusted(scalable(svg))}</figure>`)}
  </div>`;

/** Without its fixed size a picture takes the width that there is; its viewBox keeps its shape. */
const scalable = (svg: string): string => svg.replace(/^<svg([^>]*?) width="(\d+)" height="\d+"/, '<svg$1 style="max-width:$2px"');

const commandList = (run: RunRecord): Html =>
  html`<dl class="commands">
    ${run.commands.map(
      ({ command, does }) =>
        html`<dt><code>${command}</code></dt>
          <dd>${does}</dd>`,
    )}
  </dl>`;

const parameterTable = (run: RunRecord): Html =>
  table(
    [...run.parameters].map(
      ([path, { value, origin = '' }]) =>
        html`<tr>
          <th scope="row"><code>${path}</code></th>
          <td>${value}</td>
          <td class="faint">${origin}</td>
        </tr>`,
    ),
  );

const environmentTable = (run: RunRecord): Html =>
  table(
    [...run.environment, ['record', run.folder] as const].map(
      ([name, value]) =>
        html`<tr>
          <th scope="row">${name}</th>
          <td>${value}</td>
        </tr>`,
    ),
  );

const table = (rows: readonly Html[]): Html =>
  html`<div class="wide">
    <table>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
