import { formatCount, formatMeasure, plural } from '../../diagnostics/numbers.js';
import { toCsv } from '../../formats/csv.js';
import type { EvaluationReport } from '../../run/evaluation-report.js';
import { isAnswer, isForecast, isToken, type Prediction, type PredictionReport } from '../../run/prediction-report.js';
import { columnsOf, type PlainTable } from '../kit/tables.js';

/** The object that `retable predict --json` prints. */
export const predictionsToJson = (report: PredictionReport): PredictionReport & { readonly version: 1 } => ({ version: 1, ...report });

/** One answer a line. */
export const predictionsToJsonLines = ({ predictions }: PredictionReport): string =>
  predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join('');

/** For a terminal: the first answers, and how many more there are. */
export function predictionsTable({ predictions, naive }: PredictionReport): PlainTable {
  const likely = predictions.filter((each) => !isToken(each) || each.rank <= MOST_TOKENS);
  const shown = likely.slice(0, MOST_SHOWN);
  if (shown.some(isForecast)) return forecastsTable(shown.filter(isForecast), naive);
  return shown.some(isToken) ? tokensTable(shown.filter(isToken)) : answersTable(shown.filter(isAnswer));
}

const MOST_SHOWN = 40;

/** Of the tokens that may come next. */
const MOST_TOKENS = 10;

/** Of a text on a line of a terminal. */
const LONGEST_TEXT = 40;
const shortened = (written: string): string => (written.length > LONGEST_TEXT ? `${written.slice(0, LONGEST_TEXT)}…` : written);

export const more = ({ predictions }: PredictionReport): string | undefined =>
  predictions.length <= MOST_SHOWN
    ? undefined
    : `${formatCount(predictions.length - MOST_SHOWN)} more of ${plural(predictions.length, 'answer')}: --output predictions.csv writes them all`;

const text = (value: number | null | undefined): string => (typeof value === 'number' ? formatMeasure(value, 5) : '');

function forecastsTable(forecasts: Extract<Prediction, { targets: unknown }>[], naive: string | undefined): PlainTable {
  const hasSeries = forecasts.some(({ series }) => series !== undefined);
  const hasSteps = forecasts.some(({ ahead }) => ahead > 1);
  const names = Object.keys(forecasts[0]?.targets ?? {});
  return {
    columns: columnsOf(
      ...(hasSeries ? ['series'] : []),
      'time',
      ...(hasSteps ? ['>ahead'] : []),
      ...names.flatMap((name) => [`>${name}`, '>forecast', ...(naive === undefined ? [] : [`>${naive}`])]),
    ),
    rows: forecasts.map(({ series, time, ahead, targets }) => [
      ...(hasSeries ? [series ?? ''] : []),
      time,
      ...(hasSteps ? [String(ahead)] : []),
      ...names.flatMap((name) => [
        text(targets[name]?.truth),
        text(targets[name]?.forecast),
        ...(naive === undefined ? [] : [text(targets[name]?.naive)]),
      ]),
    ]),
  };
}

const tokensTable = (tokens: Extract<Prediction, { token: unknown }>[]): PlainTable => ({
  columns: columnsOf('sequence', 'text', 'next token', '>probability'),
  rows: tokens.map(({ sequence, text: read, token, probability }) => [
    sequence,
    shortened(read),
    JSON.stringify(token),
    formatMeasure(probability, 3),
  ]),
});

function answersTable(answers: Extract<Prediction, { prediction: unknown }>[]): PlainTable {
  const hasSteps = answers.some(({ step }) => step !== undefined);
  const hasTexts = answers.some(({ text: written }) => written !== undefined);
  const hasShares = answers.some(({ probabilities }) => probabilities !== undefined);
  const told = (value: string | number | null): string => (typeof value === 'string' ? value : text(value));
  return {
    columns: columnsOf(
      'sequence',
      ...(hasSteps ? ['>step'] : []),
      ...(hasTexts ? [hasSteps ? 'word' : 'text'] : []),
      'truth',
      'prediction',
      ...(hasShares ? ['>probability'] : []),
    ),
    rows: answers.map(({ sequence, step, text: written = '', truth, prediction, probabilities }) => [
      sequence,
      ...(hasSteps ? [String(step)] : []),
      ...(hasTexts ? [shortened(written)] : []),
      told(truth),
      told(prediction),
      ...(hasShares ? [formatMeasure(probabilities?.[String(prediction)] ?? Number.NaN, 3)] : []),
    ]),
  };
}

// ------------------------------------------------------------------------------------------------ how good they are

/** The object that `retable evaluate --json` prints. */
export const evaluationToJson = (report: EvaluationReport): EvaluationReport & { readonly version: 1 } => ({ version: 1, ...report });

/** A row for each metric, all digits. */
export function evaluationToCsv({ metrics }: EvaluationReport): string {
  const naive = baselinesOf(metrics);
  const hasIntervals = metrics.some(({ interval }) => interval !== undefined);
  const rows = metrics.map(({ name, value, baselines, interval }) => [
    name,
    value,
    ...(hasIntervals ? [interval?.[0], interval?.[1]] : []),
    ...naive.map((each) => baselines[each]),
  ]);
  return `${toCsv([['metric', 'value', ...(hasIntervals ? ['low', 'high'] : []), ...naive], ...rows])}\n`;
}

export function evaluationTable({ metrics }: EvaluationReport): PlainTable {
  const naive = baselinesOf(metrics);
  const hasIntervals = metrics.some(({ interval }) => interval !== undefined);
  return {
    columns: columnsOf('metric', '>value', ...(hasIntervals ? ['95 % of other examples'] : []), ...naive.map((name) => `>${name}`)),
    rows: metrics.map(({ name, value, baselines, interval }) => [
      name,
      formatMeasure(value),
      ...(hasIntervals ? [interval ? `${formatMeasure(interval[0], 3)} to ${formatMeasure(interval[1], 3)}` : ''] : []),
      ...naive.map((each) => (baselines[each] === undefined ? '' : formatMeasure(baselines[each]))),
    ]),
  };
}

const baselinesOf = (metrics: EvaluationReport['metrics']): readonly string[] => [
  ...new Set(metrics.flatMap(({ baselines }) => Object.keys(baselines))),
];

/** What was measured, over its table: `48 forecasts of sales.csv, from 1957-01 to 1960-12`. */
export const evaluationHeadline = ({ examples, file, split, from, to }: EvaluationReport): string => {
  const of = split === undefined ? file : `the ${split} in ${file}`;
  return from === undefined || to === undefined
    ? `${plural(examples, 'sequence')} of ${of}`
    : `${plural(examples, 'forecast')} of ${of}, from ${from} to ${to}`;
};
