import { toCsv } from '../formats/csv.js';
import type { Plan } from '../planning/plan.js';
import { softmax } from '../stages/metric/probabilities.js';
import type { Collected, RowName } from '../stages/stage.js';

/** What a trained model says of data: plain data, of which every number has all the digits that 32 bits have. */
export interface PredictionReport {
  readonly run: string;
  readonly experiment: string;
  /** The epoch that the weights are of. */
  readonly epoch: number;
  readonly file: string;
  /** Of the run's own data: the split. */
  readonly split?: string;
  /** Of forecasts: the one without learning that stands beside each. */
  readonly naive?: string;
  readonly predictions: readonly Prediction[];
  /** Sentences: what is odd about the data. */
  readonly notes: readonly string[];
}

export type Prediction = ForecastPrediction | AnswerPrediction | TokenPrediction;

/** A moment that is forecast, in the unit of the file. */
interface ForecastPrediction {
  readonly series?: string;
  /** The last moment that was read. */
  readonly origin: string;
  readonly time: string;
  /** Steps after the origin, from 1. */
  readonly ahead: number;
  /** `truth` is null where the file doesn't hold it. */
  readonly targets: Readonly<Record<string, { readonly truth: number | null; readonly forecast: number; readonly naive?: number }>>;
}

/** The class or the number that answers a sequence, or a step of it. */
interface AnswerPrediction {
  readonly sequence: string;
  /** Of a sequence with an answer at every step: which one, from 1. */
  readonly step?: number;
  /** Of a text: how it begins; of a word in a sentence: the word. */
  readonly text?: string;
  /** Null where the file doesn't hold it, or holds a class that training never saw. */
  readonly truth: string | number | null;
  readonly prediction: string | number;
  /** By class. */
  readonly probabilities?: Readonly<Record<string, number>>;
}

/** A token that may come next after a text. */
export interface TokenPrediction {
  readonly sequence: string;
  /** What the model read. */
  readonly text: string;
  /** 1 for the likeliest token. */
  readonly rank: number;
  readonly token: string;
  readonly probability: number;
}

/** The best forecast that needs no learning, beside a model's: `values` is `[examples, outputs]`. */
export interface NaiveAnswer {
  readonly name: string;
  readonly values: Float32Array;
}

/** Answers of a model as a person reads them; `rows` says what each one is about. */
export function predictionsOf(plan: Plan, collected: Collected, rows: readonly RowName[], naive?: NaiveAnswer): readonly Prediction[] {
  return plan.data.outputs ? forecastsOf(plan.data.outputs, collected, rows, naive) : answersOf(plan, collected, rows);
}

function forecastsOf(
  { steps, names }: NonNullable<Plan['data']['outputs']>,
  { output, target }: Collected,
  rows: readonly RowName[],
  naive: NaiveAnswer | undefined,
): readonly ForecastPrediction[] {
  return rows.flatMap(({ series, origin = '', times }, row) =>
    Array.from({ length: steps }, (_, step): ForecastPrediction => {
      const targets = names.map((name, index) => {
        const at = (row * steps + step) * names.length + index;
        return [
          name,
          {
            truth: numberAt(target.values, at),
            forecast: shortest(output.values[at] ?? Number.NaN),
            ...(naive && { naive: shortest(naive.values[at] ?? Number.NaN) }),
          },
        ] as const;
      });
      return {
        ...(series !== undefined && { series }),
        origin,
        time: times[step] ?? String(row + 1),
        ahead: step + 1,
        targets: Object.fromEntries(targets),
      };
    }),
  );
}

function answersOf({ data, loss }: Plan, { output, target }: Collected, rows: readonly RowName[]): readonly AnswerPrediction[] {
  const { classes = [] } = data.fitted;
  const width = output.shape.at(-1) ?? 1;
  const longest = output.values.length / Math.max(1, rows.length) / width;
  return rows.flatMap(({ series = '', times, text: whole, words }, row) =>
    Array.from({ length: Math.max(1, times.length) }, (_, step): AnswerPrediction => {
      const at = row * longest + step;
      const numbers = output.values.subarray(at * width, (at + 1) * width);
      const text = words?.[step] ?? whole;
      const about = { sequence: series, ...(times.length > 0 && { step: step + 1 }), ...(text !== undefined && { text }) };
      if (loss.reading !== 'class_logits') {
        const said = loss.reading === 'logits' ? 1 / (1 + Math.exp(-(numbers[0] ?? 0))) : (numbers[0] ?? Number.NaN);
        return { ...about, truth: numberAt(target.values, at), prediction: shortest(said) };
      }
      const probabilities = new Float64Array(width);
      softmax(numbers, probabilities);
      const best = probabilities.indexOf(Math.max(...probabilities));
      const nameOf = (index: number): string => classes[index] ?? String(index);
      const truth = target.values[at] ?? -1;
      return {
        ...about,
        truth: truth < 0 ? null : nameOf(truth),
        prediction: nameOf(best),
        probabilities: Object.fromEntries(Array.from(probabilities, (share, index) => [nameOf(index), shortest(share)])),
      };
    }),
  );
}

const numberAt = (values: ArrayLike<number>, at: number): number | null => {
  const value = values[at] ?? Number.NaN;
  return Number.isNaN(value) ? null : shortest(value);
};

/** As few digits as tell a number of 32 bits from all others: 888.1 for 888.0999755859375. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return Number(value.toPrecision(9));
}

export const isForecast = (prediction: Prediction): prediction is ForecastPrediction => 'targets' in prediction;
export const isToken = (prediction: Prediction): prediction is TokenPrediction => 'token' in prediction;
export const isAnswer = (prediction: Prediction): prediction is AnswerPrediction => 'prediction' in prediction;

/** A row for each answer; names of columns are those of the data where it forecasts. */
export function predictionsToCsv({ predictions, naive }: Pick<PredictionReport, 'predictions' | 'naive'>): string {
  const forecasts = predictions.filter(isForecast);
  const tokens = predictions.filter(isToken);
  const rows =
    forecasts.length > 0
      ? forecastRows(forecasts, naive)
      : tokens.length > 0
        ? tokenRows(tokens)
        : answerRows(predictions.filter(isAnswer));
  return `${toCsv(rows)}\n`;
}

type Rows = readonly (readonly (string | number | undefined)[])[];

function forecastRows(forecasts: readonly ForecastPrediction[], naive: string | undefined): Rows {
  const hasSeries = forecasts.some(({ series }) => series !== undefined);
  const names = Object.keys(forecasts[0]?.targets ?? {});
  const head = [
    ...(hasSeries ? ['series'] : []),
    'origin',
    'time',
    'ahead',
    ...names.flatMap((name) => [name, `${name} forecast`, ...(naive === undefined ? [] : [`${name} ${naive}`])]),
  ];
  const rows = forecasts.map(({ series, origin, time, ahead, targets }) => [
    ...(hasSeries ? [series ?? ''] : []),
    origin,
    time,
    ahead,
    ...names.flatMap((name) => {
      const { truth = null, forecast, naive: beside } = targets[name] ?? {};
      return [truth ?? undefined, forecast, ...(naive === undefined ? [] : [beside])];
    }),
  ]);
  return [head, ...rows];
}

const tokenRows = (tokens: readonly TokenPrediction[]): Rows => [
  ['sequence', 'text', 'rank', 'token', 'probability'],
  ...tokens.map(({ sequence, text, rank, token, probability }) => [sequence, text, rank, token, probability]),
];

function answerRows(answers: readonly AnswerPrediction[]): Rows {
  const hasSteps = answers.some(({ step }) => step !== undefined);
  const hasTexts = answers.some(({ text }) => text !== undefined);
  const classes = Object.keys(answers[0]?.probabilities ?? {});
  const head = [
    'sequence',
    ...(hasSteps ? ['step'] : []),
    ...(hasTexts ? [hasSteps ? 'word' : 'text'] : []),
    'truth',
    'prediction',
    ...classes.map((name) => `probability of ${name}`),
  ];
  const rows = answers.map(({ sequence, step, text, truth, prediction, probabilities }) => [
    sequence,
    ...(hasSteps ? [step] : []),
    ...(hasTexts ? [text] : []),
    truth ?? undefined,
    prediction,
    ...classes.map((name) => probabilities?.[name]),
  ]);
  return [head, ...rows];
}
