import { formatDuration, formatMeasure, formatSetting } from '../../diagnostics/numbers.js';
import { type TokensView, viewRows } from '../../views/view.js';
import { STRONGER_COUNTS_MORE } from '../kit/chart.js';
import { heaviestInWords, viewNumber } from '../kit/in-words.js';
import { columnHeading, commandList, factTable, gallery, html, type Html, pageText, wrappedLines, sideways } from '../kit/html.js';
import { latexTable, type Wishes } from '../kit/latex.js';
import { markdownBlock, textBlocks, markdownPicture, markdownTable, type PlainTable } from '../kit/tables.js';
import { toCsv } from '../../formats/csv.js';
import type { Picture } from './run-charts.js';
import { type RunRecord, splitKey, textsOf, tookSeconds, viewName, viewTitle, wordOf } from '../../run/run-record.js';
import { headline, NOTHING_MEASURED, resultsOf } from './summary.js';

/** A run as one page that needs nothing else. */
export const runPage = (run: RunRecord, pictures: readonly Picture[]): string =>
  pageText({
    title: run.experiment,
    lead: [...(run.description === undefined ? [] : [html`<p>${run.description}</p>`]), html`<p class="faint">${pageHeadline(run)}</p>`],
    sections: [
      { title: 'Results', content: [resultSection(run), html`<p class="faint">${howMeasured(run)}</p>`, notes(run)] },
      ...(pictures.length === 0 ? [] : [{ title: 'Curves', content: [gallery(pictures)] }]),
      ...(run.views ?? []).flatMap(({ key, epoch, view }) =>
        view.kind === 'tokens' ? [{ title: viewTitle(key, epoch), content: [weighedTexts(view)] }] : [],
      ),
      ...textsOf(run).map(({ title, text }) => ({ title, content: [wrappedLines(title, text)] })),
      { title: 'To repeat, and to look further', content: [commandList(run.commands)] },
      { title: 'Configuration', content: [parameterTable(run)] },
      { title: 'Where it was made', content: [factTable([...run.environment, ['record', run.folder]], 'Where it was made')] },
    ],
  });

/** Each text with its tokens before grounds as dark as their weights; the heaviest are told, for those who see no colours. */
const weighedTexts = ({ separator, rows }: TokensView): Html =>
  html`<p class="faint">${STRONGER_COUNTS_MORE}</p>
    ${rows.map((row) => {
      const most = Math.max(...row.weights.filter(Number.isFinite));
      const tokens = row.tokens.flatMap((token, place) => {
        const share = Math.round((100 * (row.weights[place] ?? 0)) / most);
        return [place === 0 ? '' : separator, share > 0 ? html`<span style="--share:${share}%">${token}</span>` : token];
      });
      return html`<div class="weighed">
        <h3>${row.name}: ${row.note}</h3>
        <p>${tokens}</p>
        <p class="faint">Most: ${heaviestInWords(row)}</p>
      </div>`;
    })}`;

function pageHeadline(run: RunRecord): Html {
  const started = new Date(run.started).toISOString();
  const seconds = run.metrics.size === 0 ? undefined : tookSeconds(run);
  const took = seconds === undefined ? '' : ` in ${formatDuration(seconds)}`;
  return html`<span class="status ${run.status}">${wordOf(run.status)}</span>${took}; started
    <time datetime="${started}">${started.slice(0, 16).replace('T', ' ')} UTC</time>; run <code>${run.runId}</code>`;
}

function resultSection(run: RunRecord): Html {
  const rows = resultsOf(run).map(
    ({ key, last, kept, best, chance }) =>
      html`<tr>
        <th scope="row">${key}</th>
        <td>${formatMeasure(last.value)}</td>
        ${run.kept === undefined ? '' : html`<td>${kept ? formatMeasure(kept.value) : ''}</td>`}
        <td>${best ? html`${formatMeasure(best.value)} <span class="faint">epoch ${best.step}</span>` : ''}</td>
        <td>${chance === undefined ? '' : formatSetting(chance, 3)}</td>
      </tr>`,
  );
  if (rows.length === 0) return html`<p>No metric was recorded.</p>`;
  const headings = ['metric', 'last', ...(run.kept === undefined ? [] : [`kept, epoch ${run.kept}`]), 'best', 'chance'];
  return sideways(
    'Results',
    html`<table class="numbers">
      <thead>
        <tr>
          ${headings.map((heading) => columnHeading(heading))}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`,
  );
}

/** Of the splits. */
const howMeasured = ({ parameters }: RunRecord): string =>
  parameters.get('training.measure_train')?.value === 'end'
    ? 'All splits are measured at the end of an epoch.'
    : 'Values of train are means over an epoch while the weights change; the others are measured at its end.';

const notes = (run: RunRecord): Html => html`${run.notes.map((note) => html`<p class="note">${note}</p>`)}`;

const parameterTable = (run: RunRecord): Html =>
  factTable(
    [...run.parameters].map(([path, { value, origin = '' }]) => [html`<code>${path}</code>`, value, origin] as const),
    'Configuration',
  );

/** What a run measured, for a thesis or a page of Markdown. */
function resultTable(run: RunRecord): PlainTable {
  const results = resultsOf(run);
  const withChance = results.some(({ chance }) => chance !== undefined);
  const ofKept = run.kept === undefined ? [] : [`kept, epoch ${run.kept}`];
  const right = (heading: string) => ({ heading, align: 'right' as const });
  return {
    columns: [{ heading: '' }, ...['last', ...ofKept, 'best', 'epoch', ...(withChance ? ['chance'] : [])].map(right)],
    rows: results.map(({ key, last, kept, best, chance }) => [
      key,
      formatMeasure(last.value),
      ...(run.kept === undefined ? [] : [kept ? formatMeasure(kept.value) : '']),
      best ? formatMeasure(best.value) : '',
      best ? String(best.step) : '',
      chance === undefined ? '' : formatSetting(chance, 3),
    ]),
  };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** A run as a table of LaTeX; each matrix that a metric shows as one more. */
export const runLatex = (run: RunRecord, wishes: Wishes = {}): string => [resultsLatex(run, wishes), ...matricesLatex(run)].join('\n');

function matricesLatex({ experiment, views = [] }: RunRecord): readonly string[] {
  return views.flatMap(({ key, epoch, view }) => {
    if (view.kind !== 'matrix') return [];
    const [headings = [], ...rows] = viewRows(view).map((cells) =>
      cells.map((cell) => (typeof cell === 'number' ? viewNumber(cell) : cell)),
    );
    const columns = headings.map((heading, column) => ({ heading, ...(column > 0 && { align: 'right' as const }) }));
    const { split, metric } = splitKey(key);
    const caption = `${experiment}: ${metric.replaceAll('_', ' ')} of ${split}, after epoch ${epoch}`;
    return [latexTable({ name: `${experiment}-${viewName(key)}`, caption, columns, rows })];
  });
}

function resultsLatex(run: RunRecord, wishes: Wishes): string {
  const table = resultTable(run);
  const shown = {
    ...table,
    name: run.experiment,
    caption: run.description ?? run.experiment,
    notes: [sentence(headline(run)), ...(table.rows.length === 0 ? [sentence(NOTHING_MEASURED)] : [howMeasured(run)]), ...run.notes],
  };
  return latexTable(shown, wishes);
}

/** A run as Markdown, with pictures that lie beside it: the results, how to repeat it, the configuration, and where it was made. */
export function runMarkdown(run: RunRecord, pictures: readonly { readonly name: string; readonly file: string }[]): string {
  const results = resultTable(run);
  const facts = (rows: readonly (readonly string[])[], columns: readonly string[]): readonly string[] =>
    rows.length === 0 ? [] : markdownTable({ columns: columns.map((heading) => ({ heading })), rows });
  const parameters = [...run.parameters].map(([path, { value, origin = '' }]) => [path, value, origin]);
  const blocks: readonly (readonly string[])[] = [
    [`# ${markdownBlock(run.experiment)}`],
    run.description === undefined ? [] : [markdownBlock(run.description)],
    [markdownBlock(sentence(headline(run)))],
    results.rows.length === 0 ? [sentence(NOTHING_MEASURED)] : markdownTable(results),
    results.rows.length === 0 ? [] : [howMeasured(run)],
    ...run.notes.map((note) => [markdownBlock(note)]),
    ...pictures.map(({ name, file }) => [markdownPicture(name.replaceAll('_', ' '), file)]),
    ...textsOf(run).map(({ title, text }) => [markdownBlock(`${title}:`), '', '```text', text.replaceAll('```', "'''"), '```']),
    ['## To repeat, and to look further'],
    ['```sh', ...run.commands.flatMap(({ command, does }) => [`# ${does}`, command]), '```'],
    ['## Configuration'],
    facts(parameters, ['', '', '']),
    ['## Where it was made'],
    facts([...run.environment, ['record', run.folder]], ['', '']),
  ];
  return textBlocks(blocks);
}

/** Every value of every epoch with all of its digits, a column for each metric. */
export function runCsv(run: RunRecord): string {
  const epochs = [...new Set([...run.metrics.values()].flatMap((points) => points.map(({ step }) => step)))].toSorted((a, b) => a - b);
  const columns = [...run.metrics].map(([key, points]) => ({ key, at: new Map(points.map(({ step, value }) => [step, value])) }));
  return `${toCsv([['epoch', ...columns.map(({ key }) => key)], ...epochs.map((epoch) => [epoch, ...columns.map(({ at }) => at.get(epoch))])])}\n`;
}

/** The numbers behind what a metric shows, by the name of its picture. */
export const viewCsvs = ({ views = [] }: RunRecord): readonly { readonly name: string; readonly csv: string }[] =>
  views.map(({ key, view }) => ({ name: viewName(key), csv: `${toCsv(viewRows(view))}\n` }));

/** A run for programs, as `show --json` prints it. What is not finite is text, as in `"NaN"`. */
export function runToJson({ parameters, metrics, environment, about: _, ...rest }: RunRecord) {
  return {
    ...rest,
    parameters: Object.fromEntries([...parameters].map(([path, { value }]) => [path, value])),
    metrics: Object.fromEntries(
      [...metrics].map(([key, points]) => [
        key,
        points.map(({ value, ...point }) => ({ ...point, value: Number.isFinite(value) ? value : String(value) })),
      ]),
    ),
    environment: Object.fromEntries(environment),
  };
}
