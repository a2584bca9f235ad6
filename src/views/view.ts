/**
 * What a metric shows besides its value, as plain data: the metric gives it, the record keeps it as JSON, and the report draws it. In a list of
 * numbers, NaN stands for what is not known.
 */
export type View = MatrixView | CurveView | BarsView | SeriesView | HistogramView | TokensView | TextView;

/** Numbers with a name for each row and column: a confusion matrix. */
export interface MatrixView {
  readonly kind: 'matrix';
  /** What stands along the rows, and along the columns: `right class`, `answer`. */
  readonly rows: Labels;
  readonly columns: Labels;
  /** Row by row. */
  readonly values: readonly (readonly number[])[];
  /** Whether values are parts of their row, so that each is told with its share of it: of counts, how often a class is taken for each other one. */
  readonly shares?: 'rows';
}

interface Labels {
  readonly title: string;
  readonly names: readonly string[];
}

/** Lines through points: a ROC curve, a calibration curve. */
export interface CurveView {
  readonly kind: 'curve';
  readonly x: string;
  readonly y: string;
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
  /** Told with the picture: what it leaves out. */
  readonly note?: string;
}

/** A number for each name: the error by step of the horizon, the recall of each class. */
export interface BarsView {
  readonly kind: 'bars';
  readonly x: string;
  readonly y: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

/** Values in an order, one below the other in time: a forecast beside the truth. */
export interface SeriesView {
  readonly kind: 'series';
  readonly x: string;
  readonly y: string;
  /** One for each place: dates, or whatever tells them apart. */
  readonly at: readonly string[];
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** Areas between two values at each place: an interval around a forecast. */
  readonly bands?: readonly Band[];
  /** A level that the values are measured from, 0 of errors: each is drawn as a stick from there. */
  readonly around?: number;
  /** Told with the picture: what it leaves out, what an interval rests on. */
  readonly note?: string;
}

interface Band {
  readonly name: string;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** How often values lie in each of several intervals of equal width: the distribution of errors. */
export interface HistogramView {
  readonly kind: 'histogram';
  readonly x: string;
  readonly y: string;
  /** The lower end of the first interval, and how wide each is. */
  readonly from: number;
  readonly width: number;
  readonly counts: readonly number[];
  /** A value that is marked on the axis: 0 of errors. */
  readonly around?: number;
  /** Told with the picture: mean and spread. */
  readonly note?: string;
}

/** Texts, token by token, with what each token counts: where a model looked. The colour behind a token is its weight beside the largest of its text. */
export interface TokensView {
  readonly kind: 'tokens';
  /** What stands between two tokens: a blank between words, nothing between characters. */
  readonly separator: string;
  readonly rows: readonly TokensRow[];
}

export interface TokensRow {
  readonly name: string;
  /** Told beside the name: what was answered. */
  readonly note: string;
  readonly tokens: readonly string[];
  /** One for each token, from 0 on. */
  readonly weights: readonly number[];
}

/** Words, line by line: the pairs that were mixed up most. */
export interface TextView {
  readonly kind: 'text';
  readonly text: string;
}

/** What is wrong with a view that somebody gives, in a few words: `its "values" hold 2 rows, and there are names for 3`. */
export function wrongView(view: unknown): string | undefined {
  if (!isPart(view)) return 'it is no object';
  switch (view['kind']) {
    case 'matrix':
      return wrongMatrix(view);
    case 'curve':
      return wrongTexts(view, ['x', 'y']) ?? wrongLines(view, 'points', isPoint, 'pairs of numbers') ?? wrongExtras(view);
    case 'bars':
      return (
        wrongTexts(view, ['x', 'y']) ??
        wrongList(view, 'bars', (bar) => isPart(bar) && isText(bar['name']) && isNumber(bar['value']), 'a name and a number each')
      );
    case 'series':
      return wrongTexts(view, ['x', 'y']) ?? wrongList(view, 'at', isText, 'texts') ?? wrongSeries(view) ?? wrongExtras(view);
    case 'histogram':
      return wrongTexts(view, ['x', 'y']) ?? wrongCounts(view) ?? wrongExtras(view);
    case 'tokens':
      return wrongTexts(view, ['separator']) ?? wrongTokens(view);
    case 'text':
      return wrongTexts(view, ['text']);
    default:
      return `its "kind" must be ${KINDS.slice(0, -1).join(', ')} or ${KINDS.at(-1)}`;
  }
}

const KINDS: readonly View['kind'][] = ['matrix', 'curve', 'bars', 'series', 'histogram', 'tokens', 'text'];

type Part = Readonly<Record<string, unknown>>;
const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isWeight = (value: unknown): boolean => isNumber(value) && !(value < 0);
const isPoint = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(isNumber);

const wrongTexts = (view: Part, names: readonly string[]): string | undefined => {
  const missing = names.find((name) => !isText(view[name]));
  return missing === undefined ? undefined : `its "${missing}" must be a text`;
};

function wrongList(part: Part, name: string, isFit: (item: unknown) => boolean, words: string): string | undefined {
  const list = part[name];
  return Array.isArray(list) && list.every(isFit) ? undefined : `its "${name}" must be a list of ${words}`;
}

function wrongLines(view: Part, of: string, isFit: (item: unknown) => boolean, words: string): string | undefined {
  const wrong = wrongList(view, 'lines', (line) => isPart(line) && isText(line['name']), `lines with a name`);
  if (wrong) return wrong;
  return (view['lines'] as readonly Part[]).map((line) => wrongList(line, of, isFit, words)).find((found) => found !== undefined);
}

function wrongSeries(view: Part): string | undefined {
  const wrong = wrongLines(view, 'values', isNumber, 'numbers');
  if (wrong) return wrong;
  const { at, lines } = view as unknown as SeriesView;
  const other = lines.find(({ values }) => values.length !== at.length);
  if (other) return `its line "${other.name}" holds ${other.values.length} values, and "at" names ${at.length} places`;
  return view['bands'] === undefined ? undefined : wrongBands(view, at.length);
}

function wrongBands(view: Part, places: number): string | undefined {
  const isBand = (band: unknown): boolean =>
    isPart(band) && isText(band['name']) && [band['low'], band['high']].every((side) => Array.isArray(side) && side.every(isNumber));
  const wrong = wrongList(view, 'bands', isBand, 'names with numbers "low" and "high"');
  if (wrong) return wrong;
  const other = (view['bands'] as readonly Band[]).find(({ low, high }) => low.length !== places || high.length !== places);
  return other && `its band "${other.name}" holds ${other.low.length} and ${other.high.length} values, and "at" names ${places} places`;
}

function wrongCounts(view: Part): string | undefined {
  const missing = ['from', 'width'].find((name) => !Number.isFinite(view[name]));
  if (missing !== undefined) return `its "${missing}" must be a number`;
  if (!(Number(view['width']) > 0)) return 'its "width" must be above 0';
  return wrongList(view, 'counts', isNumber, 'numbers');
}

/** What a view may leave out. */
function wrongExtras({ around, note }: Part): string | undefined {
  if (around !== undefined && !Number.isFinite(around)) return 'its "around" must be a number';
  return note === undefined || isText(note) ? undefined : 'its "note" must be a text';
}

function wrongTokens(view: Part): string | undefined {
  const isRow = (row: unknown): boolean =>
    isPart(row) &&
    wrongTexts(row, ['name', 'note']) === undefined &&
    wrongList(row, 'tokens', isText, '') === undefined &&
    wrongList(row, 'weights', isWeight, '') === undefined;
  const wrong = wrongList(view, 'rows', isRow, 'a name, a note, tokens (texts) and weights (numbers from 0 on) each');
  if (wrong) return wrong;
  const other = (view as unknown as TokensView).rows.find(({ tokens, weights }) => tokens.length !== weights.length);
  return other && `its row "${other.name}" holds ${other.weights.length} weights, and there are ${other.tokens.length} tokens`;
}

function wrongMatrix(view: Part): string | undefined {
  if (view['shares'] !== undefined && view['shares'] !== 'rows') return 'its "shares" must be rows';
  for (const side of ['rows', 'columns']) {
    const labels = view[side];
    if (!isPart(labels) || !isText(labels['title'])) return `its "${side}" must hold a title and names`;
    const wrong = wrongList(labels, 'names', isText, 'texts');
    if (wrong) return wrong;
  }
  const wrong = wrongList(view, 'values', (row) => Array.isArray(row) && row.every(isNumber), 'rows of numbers');
  if (wrong) return wrong;
  const { rows, columns, values } = view as unknown as MatrixView;
  if (values.length !== rows.names.length) return `its "values" hold ${values.length} rows, and there are names for ${rows.names.length}`;
  const other = values.find((row) => row.length !== columns.names.length);
  return other && `a row of its "values" holds ${other.length} numbers, and there are names for ${columns.names.length} columns`;
}

/** A view with the metric and the split that it is of, and the epoch after which it was made. */
export interface RecordedView {
  /** `SPLIT/METRIC` */
  readonly key: string;
  readonly epoch: number;
  readonly view: View;
}

/** As a record keeps it. JSON has no NaN: it is null there. */
export const formatView = (recorded: RecordedView): string => `${JSON.stringify(recorded, null, 2)}\n`;

/** Undefined for a text that is no view. */
export function parseView(text: string): RecordedView | undefined {
  try {
    const { key, epoch, view } = JSON.parse(text, (_, value: unknown) => (value === null ? Number.NaN : value)) as Part;
    return isText(key) && isNumber(epoch) && wrongView(view) === undefined ? { key, epoch, view: view as View } : undefined;
  } catch {
    return undefined;
  }
}

/** The numbers of a view as rows, the first of them headings; of a text, its lines. */
export function viewRows(view: View): readonly (readonly (string | number)[])[] {
  switch (view.kind) {
    case 'matrix':
      return [
        [`${view.rows.title} \\ ${view.columns.title}`, ...view.columns.names],
        ...view.values.map((row, index) => [view.rows.names[index] ?? '', ...row]),
      ];
    case 'curve':
      return [['line', view.x, view.y], ...view.lines.flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y]))];
    case 'bars':
      return [[view.x, view.y], ...view.bars.map(({ name, value }) => [name, value])];
    case 'series':
      return [
        [view.x, ...view.lines.map(({ name }) => name), ...(view.bands ?? []).flatMap(({ name }) => [`${name}, low`, `${name}, high`])],
        ...view.at.map((at, index) => [
          at,
          ...view.lines.map(({ values }) => values[index] ?? Number.NaN),
          ...(view.bands ?? []).flatMap(({ low, high }) => [low[index] ?? Number.NaN, high[index] ?? Number.NaN]),
        ]),
      ];
    case 'histogram':
      return [
        [`${view.x}, from`, `${view.x}, to`, view.y],
        ...view.counts.map((count, index) => [view.from + index * view.width, view.from + (index + 1) * view.width, count]),
      ];
    case 'tokens':
      return [
        ['example', 'place', 'token', 'weight'],
        ...view.rows.flatMap(({ name, tokens, weights }) =>
          tokens.map((token, place) => [name, place + 1, token, weights[place] ?? Number.NaN]),
        ),
      ];
    case 'text':
      return view.text.split('\n').map((line) => [line]);
    default:
      return view satisfies never;
  }
}
