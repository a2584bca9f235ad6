import { Type, type Static } from '../../language/type.js';
import type { Initializer } from '../stage.js';

/**
 * How all parameters of a recurrent model start, as a person writes it. `uniform` treats every parameter alike, biases and readout included;
 * all others start biases at zero, unless noted.
 */
export const initializerOption = {
  ...Type.Tagged({
    uniform: Type.Object(
      {
        limit: Type.Optional(
          Type.Number({
            exclusiveMinimum: 0,
            otherwise: '1/sqrt(hidden_size)',
            examples: [0.1],
            description: 'Every parameter in U(-limit, limit).',
          }),
        ),
      },
      { description: 'Every parameter, biases too, evenly between two limits.' },
    ),
    normal: Type.Object(
      { stddev: Type.Number({ exclusiveMinimum: 0, default: 0.01, description: 'Standard deviation of the weights.' }) },
      { description: 'Weights from a normal distribution around zero, biases zero.' },
    ),
    zeros: Type.Object({}, { description: 'Every parameter zero.' }),
    d2l: Type.Object({}, { description: 'As the book Dive into Deep Learning does: normal with 0.01, biases zero.' }),
    pytorch: Type.Object({}, { description: 'As the layers of PyTorch do.' }),
    keras: Type.Object({}, { description: 'As the layers of Keras do: glorot uniform, recurrent weights orthogonal, forget bias 1.' }),
    orthogonal: Type.Object({}, { description: 'Weights from an orthogonal matrix, biases zero.' }),
  }),
  default: { kind: 'uniform' },
  description: 'How the parameters start.',
} as const;

type InitializerOption = Static<typeof initializerOption>;

/** What a parameter does in the model: it decides how the parameter starts. `columns` counts those of the whole joined matrix in Keras. */
export type Role =
  | { readonly kind: 'input' | 'readout'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'readout_bias'; readonly rows: number }
  /** `gate` is one of `gates` matrices that lie side by side. */
  | { readonly kind: 'recurrent'; readonly gate: number; readonly gates: number }
  | { readonly kind: 'bias' | 'forget_bias' }
  /** A vector of each token. */
  | { readonly kind: 'embedding' };

/** One parameter's initializer, by its role in a model of `hidden` units. */
export function initializerFor(option: InitializerOption, hidden: number, role: Role): Initializer {
  const isBias = role.kind === 'bias' || role.kind === 'forget_bias' || role.kind === 'readout_bias';
  switch (option.kind) {
    case 'uniform':
      return { kind: 'uniform', limit: option.limit ?? 1 / Math.sqrt(hidden) };
    case 'pytorch':
      if (role.kind === 'embedding') return { kind: 'normal', stddev: 1 };
      // torch.nn.LSTM and Linear, the latter by what it reads. The former adds two biases in a gate where we have one.
      return { kind: 'uniform', limit: 1 / Math.sqrt(role.kind === 'readout' || role.kind === 'readout_bias' ? role.rows : hidden) };
    case 'normal':
      return isBias ? { kind: 'zeros' } : { kind: 'normal', stddev: option.stddev };
    case 'd2l':
      // The book's own matrices; its embeddings are torch.nn.Embedding.
      if (role.kind === 'embedding') return { kind: 'normal', stddev: 1 };
      return isBias ? { kind: 'zeros' } : { kind: 'normal', stddev: 0.01 };
    case 'zeros':
      return { kind: 'zeros' };
    case 'orthogonal':
      return isBias ? { kind: 'zeros' } : { kind: 'orthogonal' };
    case 'keras':
      return kerasInitializer(role);
    default:
      return option satisfies never;
  }
}

/** Glorot & Bengio (2010) for what reads inputs, Saxe et al. (2014) for the recurrence, 1 for forget gates (Jozefowicz et al. 2015). */
function kerasInitializer(role: Role): Initializer {
  switch (role.kind) {
    case 'input':
    case 'readout':
      return { kind: 'uniform', limit: Math.sqrt(6 / (role.rows + role.columns)) };
    case 'recurrent':
      // As one matrix of all gates: its rows are of length 1, and those of each gate by itself shorter.
      return role.gates === 1 ? { kind: 'orthogonal' } : { kind: 'orthogonal', part: { of: 'Wh', index: role.gate, count: role.gates } };
    case 'forget_bias':
      return { kind: 'constant', value: 1 };
    case 'bias':
    case 'readout_bias':
      return { kind: 'zeros' };
    case 'embedding':
      return { kind: 'uniform', limit: 0.05 };
    default:
      return role satisfies never;
  }
}
