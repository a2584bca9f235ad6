// @ts-check
import { windowsOf } from './windows.mjs';

/** @type {import('retable').OwnStages} */
export default ({ defineStage, Type, tf }) => {
  /** One number a line of a CSV file: a window of them is the input, the number after it the target. The last part is the test split. */
  const levels = defineStage({
    slot: 'dataset',
    kind: 'levels',
    version: 1,
    summary: 'Windows over one column of a CSV file, and the number that follows each.',
    options: Type.Object({
      file: Type.String({ path: true, description: 'A CSV file with a header line.' }),
      column: Type.String({ description: 'The column that is read.' }),
      window: Type.Integer({ minimum: 1, default: 14, description: 'Numbers of an input.' }),
      test_fraction: Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.25,
        description: 'Share of the windows, from the end, that is held back.',
      }),
    }),

    // Looks at the file: what is found here is part of the plan, and printed with it.
    look({ file, column, window }, { files }) {
      const text = new TextDecoder().decode(files.read(file)).trim();
      const [header = '', ...lines] = text.split(/\r?\n/);
      const index = header.split(',').indexOf(column);
      if (index < 0) throw new Error(`${file} has no column ${column}; its columns are ${header}`);
      const series = lines.map((line) => Number(line.split(',')[index]));
      return {
        digest: JSON.stringify([series, window]),
        facts: [{ key: 'values', name: 'values', value: series.length }],
        content: { series },
      };
    },

    // Takes numbers from training data alone: the mean of what trains is subtracted, of windows that test too.
    fit({ window, test_fraction }, { facts }) {
      const { series } = facts.content;
      const trained = series.slice(0, split(series.length - window, test_fraction).train + window);
      return { own: { mean: trained.reduce((sum, value) => sum + value, 0) / trained.length } };
    },

    // Thinks: shapes and sizes, no numbers yet.
    plan({ window, test_fraction }, { facts, fitted, request }) {
      const { series } = facts.content;
      const { train, test } = split(series.length - window, test_fraction);
      const { batchSize } = request;
      /** @param {number} examples */
      const splitOf = (examples) => ({
        examples,
        batches: Math.ceil(examples / batchSize),
        batchSize,
        inputs: { input: /** @type {const} */ ({ shape: [window], axes: ['time'], dtype: 'float32' }) },
        target: /** @type {const} */ ({ shape: [1], axes: ['value'], dtype: 'float32' }),
      });
      return {
        splits: { train: splitOf(train), ...(test > 0 && { test: splitOf(test) }) },
        chance: {},
        facts: [{ key: 'train-mean', name: 'mean of what trains', value: Number(meanOf(fitted).toFixed(3)) }],
      };
    },

    // Makes the batches. The last one of an epoch is filled up with examples of weight 0.
    create({ facts, fitted, request, streams }, { window, test_fraction }) {
      const windows = windowsOf(
        facts.content.series.map((value) => value - meanOf(fitted)),
        window,
      );
      const { train } = split(windows.length, test_fraction);
      return {
        *batches(name, epoch) {
          const examples = name === 'train' ? windows.slice(0, train) : windows.slice(train);
          const order = Int32Array.from(examples.keys());
          if (name === 'train' && request.shuffle) streams.stream('order', epoch).shuffle(order);
          for (let first = 0; first < examples.length; first += request.batchSize) {
            const input = new Float32Array(request.batchSize * window);
            const target = new Float32Array(request.batchSize);
            const weight = new Float32Array(request.batchSize);
            order.subarray(first, first + request.batchSize).forEach((index, row) => {
              const example = examples[index];
              if (!example) return;
              input.set(example.before, row * window);
              target[row] = example.next;
              weight[row] = 1;
            });
            yield { inputs: { input }, target, weight };
          }
        },

        // What needs no learning: the next number is as the last one that was seen. Every metric is measured on it too.
        baselines: () => ({
          persistence: ({ inputs: { input } }) =>
            Float32Array.from({ length: request.batchSize }, (_, row) => input[row * window + window - 1] ?? 0),
        }),
      };
    },
  });

  /** h = tanh(x W1 + b1), y = h W2 + b2 */
  const oneHiddenLayer = defineStage({
    slot: 'model',
    kind: 'one_hidden_layer',
    version: 1,
    summary: 'One hidden layer of tanh units and a linear readout.',
    options: Type.Object({ hidden_size: Type.Integer({ minimum: 1, default: 16, description: 'Hidden units.' }) }),

    plan({ hidden_size: hidden }, { data }) {
      const { train } = data.splits;
      const [width = 1] = train?.inputs.input.shape ?? [];
      const [outputs = 1] = train?.target.shape ?? [];
      return {
        parameters: [
          { name: 'W1', shape: [width, hidden], initializer: { kind: 'uniform', limit: 1 / Math.sqrt(width) } },
          { name: 'b1', shape: [hidden], initializer: { kind: 'zeros' } },
          { name: 'W2', shape: [hidden, outputs], initializer: { kind: 'uniform', limit: 1 / Math.sqrt(hidden) } },
          { name: 'b2', shape: [outputs], initializer: { kind: 'zeros' } },
        ],
        buffers: [],
        state: {},
        masks: [],
        output: { shape: [outputs], axes: ['value'], dtype: 'float32' },
      };
    },

    create: () => ({
      forward({ parameters, buffers, state }, { input }) {
        const { W1, b1, W2, b2 } = parameters;
        if (!W1 || !b1 || !W2 || !b2) throw new Error('a parameter is missing');
        const hidden = tf.tanh(tf.add(tf.matMul(input, W1), b1));
        return { output: tf.add(tf.matMul(hidden, W2), b2), buffers, state };
      },
    }),
  });

  /** Squared near 0 and straight further out, so that a stray value counts less: sqrt(1 + (d / width)^2) - 1. */
  const pseudoHuber = defineStage({
    slot: 'loss',
    kind: 'pseudo_huber',
    version: 1,
    summary: 'Squared for small differences, straight for large ones.',
    options: Type.Object({ width: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'Where it turns straight.' }) }),
    plan: () => ({ reading: 'values' }),
    create: (_, { width }) => ({
      score(output, target, weight) {
        const bent = tf.sub(tf.sqrt(tf.add(1, tf.square(tf.div(tf.sub(output, target), width)))), 1);
        return { sum: tf.sum(tf.mul(tf.squeeze(bent, [1]), weight)), count: tf.sum(weight) };
      },
    }),
  });

  const within = defineStage({
    slot: 'metric',
    kind: 'within',
    version: 1,
    summary: 'Share of predictions that are off by less than a distance.',
    options: Type.Object({ distance: Type.Number({ exclusiveMinimum: 0, description: 'In the unit of the data.' }) }),
    plan: () => ({ better: 'higher', deterministic: true, unit: 'share' }),
    create: (_, { distance }) => ({
      score(output, target, weight) {
        const hit = tf.cast(tf.less(tf.abs(tf.sub(output, target)), distance), 'float32');
        return { sum: tf.sum(tf.mul(tf.squeeze(hit, [1]), weight)), count: tf.sum(weight) };
      },
      finish: ({ sum, count }) => sum / count,
    }),
  });

  return [levels, oneHiddenLayer, pseudoHuber, within];
};

/** @param {import('retable').Fitted} fitted What `fit` gave. */
const meanOf = ({ own }) => Number(own?.['mean']);

/** @param {number} examples @param {number} testFraction */
const split = (examples, testFraction) => {
  const test = Math.floor(examples * testFraction);
  return { train: examples - test, test };
};
