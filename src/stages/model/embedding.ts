import type { Tensor } from '@tensorflow/tfjs-core';
import { type Static, Type } from '../../language/type.js';
import type { ModelSpec, Report, Tensors, TensorSpec, Tools } from '../stage.js';
import { get } from '../tensors.js';
import type { Start } from './recurrent.js';

/** How tokens are read as vectors. */
export const embeddingOption = Type.Object(
  {
    size: Type.Integer({ minimum: 1, examples: [64], description: 'Numbers of the vector of each token.' }),
    dropout: Type.Optional(
      Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        otherwise: 0,
        examples: [0.2],
        description: 'Fraction of the numbers of the vectors that is dropped during training.',
      }),
    ),
    frozen: Type.Optional(
      Type.Boolean({
        otherwise: false,
        description: 'Whether the vectors stay as they are before training, and only the rest of the model learns.',
      }),
    ),
    file: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        examples: ['glove.6B.100d.txt'],
        description:
          'A text file of GloVe, word2vec or fastText: tokens that it has begin with its vectors, all others as the initializer says. The path is relative to the document.',
      }),
    ),
  },
  {
    otherwise: 'one-hot vectors',
    description: 'Reads each token as a vector that is learnt. For data whose input is tokens.',
  },
);

type Embedding = Static<typeof embeddingOption>;

const DROPOUT = 'embedding.dropout';

/**
 * A vector for each token, looked up in `E [tokens, size]`: row `i` is the vector of token `i`, as in `torch.nn.Embedding` and the layer `Embedding` of
 * Keras. No token is left out for padding: at steps that fill a sequence up the state stays as it is, so that no gradient reaches a row from there.
 *
 * `E` starts as `initializer` says of every parameter. PyTorch draws it from N(0, 1), as `initializer: pytorch` does here and `d2l` too, since the book
 * uses that layer; Keras draws it evenly between -0.05 and 0.05, as `keras` does here.
 *
 * `dropout` drops each number by itself, each step anew, as `torch.nn.Dropout` behind the embedding. Keras' `SpatialDropout1D` drops a column of all
 * steps, Gal & Ghahramani (2016) all of a token: these are others.
 */
export function planEmbedding(
  { size, dropout = 0, frozen = false, file }: Embedding,
  input: TensorSpec,
  start: Start,
  report: Report,
): Planned {
  const { tokens = 1, dtype, shape } = input;
  if (dtype !== 'int32') report(nothingToLookUp(input));
  const drawn = start({ kind: 'embedding' });
  return {
    parameters: [
      {
        name: 'E',
        shape: [tokens, size],
        axes: ['tokens', EMBEDDED],
        initializer: file === undefined ? drawn : { kind: 'vectors', file, otherwise: drawn },
        ...(frozen && { frozen }),
      },
    ],
    masks: dropout === 0 ? [] : [{ name: DROPOUT, shape: [shape[0] ?? 1, size], rate: dropout }],
  };
}

type Planned = Pick<ModelSpec, 'parameters' | 'masks'>;

/** What the numbers of a vector are called as an axis: no features of the data, whose names would be looked for. */
export const EMBEDDED = 'embedding';

/**
 * `[batch, time]` of tokens to `[time, batch, size]`; `masks` are given in training only. Rows are gathered, never multiplied by one-hot vectors, and
 * their gradient is added up where they lie: that of `tf.gather` is a product with a matrix of `[tokens, batch time]`.
 */
export function lookUp(
  { tf }: Tools,
  { dropout = 0 }: Embedding,
  { parameters, tokens, masks }: { readonly parameters: Tensors; readonly tokens: Tensor; readonly masks: Tensors | undefined },
): Tensor {
  const vectors = tf.gatherND(get(parameters, 'E'), tf.expandDims(tf.transpose(tokens), -1));
  return masks && dropout > 0 ? tf.mul(vectors, tf.transpose(get(masks, DROPOUT), [1, 0, 2])) : vectors;
}

const nothingToLookUp = ({ shape, axes }: TensorSpec) => ({
  code: 'no-tokens',
  path: ['embedding'],
  message: `an embedding looks tokens up, and the input of these data is numbers: [${shape.map((size, i) => `${axes[i] ?? ''} ${size}`.trim()).join(', ')}]`,
  help: 'leave embedding out: the layers read numbers as they are',
});
