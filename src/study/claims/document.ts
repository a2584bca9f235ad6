import { accept } from '../../language/experiment.js';
import { type Static, Type } from '../../language/type.js';
import { runOn } from '../../launch/run-on.js';
import { foldsSchema, splitsSchema, tableSeedsSchema } from '../replicates.js';

const runs = Type.Integer({ minimum: 2, examples: [5], description: 'How many runs it was taken from.' });
const cell = Type.Array(Type.String(), { minItems: 2, description: 'A cell of the table: [row, column].' });
/** A cell; or the cells of several rows in one column, in an order. */
const side = Type.Either([
  cell,
  Type.Object({
    rows: Type.Array(Type.String({ examples: ['lstm_a'] }), {
      minItems: 2,
      uniqueItems: true,
      description: 'Rows of one method, a data set each; those of the other side are paired with them in order.',
    }),
    column: Type.String({ description: 'The column in which they are compared.' }),
  }),
]);

const bound = Type.Either([Type.Number({ examples: [0.95] }), Type.String()], {
  description: 'A number, or as text what a source printed: then half a step of its last place is allowed on top.',
});

/** What a column takes over the seeds of a row. */
const overSeeds = Type.Either(
  [
    Type.Enum(['mean', 'median', 'interquartile_mean', 'failures']),
    Type.Tagged({
      best_of: Type.Object(
        { k: Type.Integer({ minimum: 2, maximum: 1000, examples: [5], description: 'How many seeds each best is taken of.' }) },
        { description: 'The best of each k seeds, in the order of the document: what a source reports that shows its best of k runs.' },
      ),
      share: Type.Object(
        {
          at_least: Type.Optional(Type.Number({ examples: [0.95], description: 'A run counts that has at least this.' })),
          at_most: Type.Optional(Type.Number({ examples: [0.05], description: 'A run counts that has at most this.' })),
        },
        { examples: [{ at_least: 0.95 }], description: 'The share of the runs that keep a limit; a diverged run does not.' },
      ),
    }),
  ],
  {
    otherwise: 'mean',
    description:
      'What is taken over the seeds: their mean, median, or mean without the outer quarters; the share that diverged (failures) or that keeps a limit; the best of k.',
  },
);

const column = Type.Object({
  metric: Type.String({ pattern: '^[^/\\s]+/[^/\\s]+$', description: 'A metric as recorded, SPLIT/METRIC.' }),
  at: Type.Optional(
    Type.Either([Type.Enum(['last', 'best', 'median']), Type.Integer({ minimum: 1, examples: [10] })], {
      otherwise: 'last',
      description: 'Which value counts: that of the last epoch, of the best, or of a numbered one; median, of all epochs, is for speeds.',
    }),
  ),
  over_seeds: Type.Optional(overSeeds),
  label: Type.Optional(Type.String({ description: 'The heading of the column.' })),
  digits: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 15, otherwise: 'as the values need', examples: [3], description: 'Decimals that are shown.' }),
  ),
  unit: Type.Optional(Type.String({ description: 'What the values are counted in: tokens/s.' })),
});

const row = Type.Object({
  base: Type.Optional(
    Type.String({ minLength: 1, path: true, description: 'The experiment of this row, relative to the file of the table.' }),
  ),
  sweep: Type.Optional(
    Type.String({
      minLength: 1,
      path: true,
      description:
        'In place of base, a sweep, relative to the file of the table: the row is the configuration that it selects, trained with the seeds of the table.',
    }),
  ),
  baseline: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'An answer of its data that needs no learning, by name: persistence, majority, chance. Its numbers are known, and nothing is trained for the row.',
    }),
  ),
  label: Type.Optional(Type.String({ description: 'What the row is called in print.' })),
  set: Type.Optional(Type.Map({}, { description: 'What is changed in the experiment, PATH: VALUE.' })),
});

const claim = Type.Object({
  cell: Type.Optional({ ...cell, description: 'The cell that the claim is about: [row, column].' }),
  published: Type.Optional(
    Type.Either([Type.String({ examples: ['0.95'] }), Type.Number()], {
      description: 'What a source printed, in quotes: the rounding of "1.0" is part of the claim.',
    }),
  ),
  reference: Type.Optional(
    Type.String({
      minLength: 1,
      path: true,
      description: 'Runs of somebody else, FILE#/POINTER: a mapping of values to counts, or a list of values.',
    }),
  ),
  at_most: Type.Optional({ ...bound, description: `The cell is at most this. ${bound.description}` }),
  at_least: Type.Optional({ ...bound, description: `The cell is at least this. ${bound.description}` }),
  lower: Type.Optional({
    ...side,
    description:
      'The cell that is lower than another one: [row, column]; or {rows: [...], column: ...}, a method that is over several data sets.',
  }),
  higher: Type.Optional({
    ...side,
    description:
      'The cell that is higher than another one: [row, column]; or {rows: [...], column: ...}, a method that is over several data sets.',
  }),
  than: Type.Optional({ ...side, description: 'That other cell: [row, column]; or as many rows of the other method.' }),
  ratio: Type.Optional(
    Type.Object(
      {
        of: { ...cell, description: 'The cell that is divided: [row, column].' },
        to: { ...cell, description: 'The cell that it is divided by.' },
        at_least: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, examples: [0.9], description: 'The smallest value that the ratio may have.' }),
        ),
        at_most: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, examples: [1.1], description: 'The largest value that the ratio may have.' }),
        ),
      },
      { description: 'The ratio of two cells, between limits.' },
    ),
  ),
  equivalent: Type.Optional(Type.Array(cell, { minItems: 2, description: 'Two cells that are equal within the margin.' })),
  ranks: Type.Optional(
    Type.Object(
      {
        methods: Type.Map(
          Type.Array(Type.String({ examples: ['lstm_a'] }), {
            minItems: 2,
            uniqueItems: true,
            description: 'The rows of this method, a data set each; all methods name them in one order.',
          }),
          { description: 'Three methods or more, by name.' },
        ),
        column: Type.String({ description: 'The column in which they are compared.' }),
        best: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'The method that ranks before each of the others; left out, the claim is that they differ.',
          }),
        ),
      },
      { description: 'Several methods over several data sets, by their ranks on each.' },
    ),
  ),
  margin: Type.Optional(Type.Number({ minimum: 0, examples: [0.01], description: "What counts as the same, in the metric's unit." })),
  because: Type.Optional(Type.String({ minLength: 1, description: 'Why this margin; printed with the table.' })),
  printed: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, examples: [0.01], description: 'The unit to which the reference rounded its values.' }),
  ),
  spread: Type.Optional(
    Type.Tagged(
      {
        standard_deviation: Type.Object({ runs }, { description: 'How far single runs lie from their mean.' }),
        standard_error: Type.Object({ runs }, { description: 'How far the mean of the runs may be off.' }),
        interval: Type.Object({ runs }, { description: 'Half of a 95 % interval of the mean.' }),
      },
      { description: 'What the source printed behind ±, and of how many runs.' },
    ),
  ),
  paired: Type.Optional(Type.Enum(['seed'], { description: 'Runs of equal seeds are compared with each other.' })),
  by: Type.Optional(Type.Number({ exclusiveMinimum: 0, examples: [0.01], description: 'Lower or higher by this much at least.' })),
  test: Type.Optional(
    Type.Enum(['ranks', 'sign'], {
      otherwise: 'ranks',
      description:
        'How an order is tested: by ranks, which needs cells of one shape, or pairs whose differences are symmetric; by the signs of pairs, of any shape.',
    }),
  ),
  probability: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      examples: [0.9],
      description:
        'Claims that a run of the first cell is lower (or higher) than a run of the second with at least this probability. The spreads may differ.',
    }),
  ),
  of: Type.Optional(
    Type.Enum(['mean', 'runs'], {
      otherwise: 'mean',
      description: 'Whether a limit, or an order against a known number, is of the mean or of a share of the runs.',
    }),
  ),
  share: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      examples: [0.9],
      description: 'The share of the runs that keeps the limit or the order.',
    }),
  ),
  reading: Type.Optional(
    Type.Enum(['mean', 'procedure'], {
      otherwise: 'mean',
      description: 'mean: our mean is near the printed number. procedure: any single run of ours would be, a stricter claim.',
    }),
  ),
  confidence: Type.Optional(
    Type.Number({
      minimum: 0.5,
      exclusiveMaximum: 1,
      otherwise: 0.95,
      examples: [0.95],
      description: 'The confidence level of the verdict.',
    }),
  ),
  source: Type.Optional(Type.String({ minLength: 1, description: 'Where this stands in the source.' })),
  device_bound: Type.Optional(
    Type.Either([Type.Boolean(), Type.String()], {
      otherwise: false,
      description: 'The number holds only on the device of the source; a text says which one.',
    }),
  ),
  diverged: Type.Optional(Type.Enum(['exclude'], { description: 'Leave diverged seeds out; say why with because.' })),
  deterministic: Type.Optional(Type.Boolean({ otherwise: false, description: 'Every seed gives the same value on purpose.' })),
});

/** The schema of a `table:` document, in the order in which a person reads one. */
export const tableSchema = Type.Object({
  table: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$',
    description: 'The name of the table: letters, digits, "_", "-" and ".".',
  }),
  title: Type.Optional(Type.String({ description: 'The caption.' })),
  description: Type.Optional(Type.String({ description: 'What it is about, in a sentence or two.' })),
  source: Type.Optional(Type.String({ description: 'Where the published numbers come from.' })),
  seeds: tableSeedsSchema,
  folds: foldsSchema,
  splits: splitsSchema,
  looks: Type.Integer({
    minimum: 1,
    default: 2,
    description: 'How often verdicts will be looked at while seeds are added; the chance of an error is divided among them.',
  }),
  run_on: runOn,
  accept,
  columns: Type.Map(column, { description: 'What is shown of each run, by name.' }),
  rows: Type.Map(row, { description: 'The experiments, by name.' }),
  claims: Type.Array(claim, { default: [], description: 'The claims about the cells.' }),
});

export type ColumnConfig = Static<typeof column>;
export type WrittenClaim = Static<typeof claim>;
/** The value of a `table:` document after `resolve`. */
export type TableConfig = Static<typeof tableSchema>;
