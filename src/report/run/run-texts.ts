import { toCsv } from '../kit/csv.js';
import { latexTable } from '../kit/latex.js';
import { markdownBlock, markdownBlocks, markdownPicture, markdownTable } from '../kit/markdown.js';
import { formatMeasure, formatSetting } from '../../diagnostics/numbers.js';
import type { PlainTable } from '../kit/plain-table.js';
import { HOW_MEASURED } from './run-page.js';
import type { RunRecord } from './run-record.js';
import { headline, NOTHING_MEASURED, resultsOf } from './summary.js';

/** What a run measured, for a thesis or a page of Markdown. */
function resultTable(run: RunRecord): PlainTable {
  const results = resultsOf(run);
  const withChance = results.some(({ chance }) => chance !== undefined);
  const right = (heading: string) => ({ heading, align: 'right' as const });
  return {
    columns: [{ heading: '' }, ...['last', 'best', 'epoch', ...(withChance ? ['chance'] : [])].map(right)],
    rows: results.map(({ key, last, best, chance }) => [
      key,
      formatMeasure(last.value),
      best ? formatMeasure(best.value) : '',
      best ? String(best.step) : '',
      chance === undefined ? '' : formatSetting(chance, 3),
    ]),
  };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** A run as a table of LaTeX. */
export function runLatex(run: RunRecord): string {
  const table = resultTable(run);
  return latexTable({
    ...table,
    name: run.experiment,
    caption: run.description ?? run.experiment,
    notes: [sentence(headline(run)), ...(table.rows.length === 0 ? [sentence(NOTHING_MEASURED)] : [HOW_MEASURED]), ...run.notes],
  });
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
    results.rows.length === 0 ? [] : [HOW_MEASURED],
    ...run.notes.map((note) => [markdownBlock(note)]),
    ...pictures.map(({ name, file }) => [markdownPicture(name.replaceAll('_', ' '), file)]),
    ['## To repeat, and to look further'],
    ['```sh', ...run.commands.flatMap(({ command, does }) => [`# ${does}`, command]), '```'],
    ['## Configuration'],
    facts(parameters, ['', '', '']),
    ['## Where it was made'],
    facts([...run.environment, ['record', run.folder]], ['', '']),
  ];
  return markdownBlocks(blocks);
}

/** Every value of every epoch with all of its digits, a column for each metric. */
export function runCsv(run: RunRecord): string {
  const epochs = [...new Set([...run.metrics.values()].flatMap((points) => points.map(({ step }) => step)))].toSorted((a, b) => a - b);
  const columns = [...run.metrics].map(([key, points]) => ({ key, at: new Map(points.map(({ step, value }) => [step, value])) }));
  return `${toCsv([['epoch', ...columns.map(({ key }) => key)], ...epochs.map((epoch) => [epoch, ...columns.map(({ at }) => at.get(epoch))])])}\n`;
}

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
