import type { Problem } from '../diagnostics/diagnostic.js';
import { leaves } from './leaves.js';
import { needsMoreMemory } from './messages.js';
import type { Plan } from './plan.js';
import { sizeOf, trainable, trainSplit } from '../stages/tensors.js';

/** Bytes, as far as shapes tell them: less than a run takes, never more than it needs. */
interface Memory {
  /** Parameters and buffers, of those that train a gradient each, and what the optimizer remembers of them. */
  readonly parameters: number;
  /** Input, target and output of a batch of training, and the recurrent state after each of its steps. */
  readonly batch: number;
}

type Sized = Pick<Plan, 'model' | 'optimizer' | 'data'>;

export function memoryOf({ model, optimizer, data }: Sized): Memory {
  const { parameters, buffers, state, masks, output } = model;
  const numbersOf = (list: readonly { readonly shape: readonly number[] }[]): number => sum(list.map(({ shape }) => sizeOf(shape)));
  const { inputs, target, batchSize } = trainSplit(data);
  const time = inputs.input.axes[0] === 'time' ? (inputs.input.shape[0] ?? 1) : 1;
  const once = [...Object.values(inputs), target, output].map((spec) => sizeOf(spec.shape)).concat(masks.map(({ shape }) => sizeOf(shape)));
  return {
    parameters: NUMBER * (numbersOf(parameters) + (1 + optimizer.slots.length) * numbersOf(trainable(model)) + numbersOf(buffers)),
    batch: NUMBER * batchSize * (sum(once) + time * sum(Object.values(state).map(sizeOf))),
  };
}

/** What the dataset says; else bytes of all examples as arrays, of text those of its tokens. */
export const dataBytes = ({ data }: Pick<Plan, 'data'>): number =>
  data.bytes ??
  NUMBER *
    sum(
      Object.values(data.splits).map(
        ({ examples, tokens, inputs, target }) =>
          tokens ?? examples * sum([...Object.values(inputs), target].map(({ shape }) => sizeOf(shape))),
      ),
    );

/** Told where the document asks for the larger part: at the largest number of the model, or at the size of a batch. */
export function tooLargeFor(memory: number, sized: Sized & { readonly options: object }): readonly Problem[] {
  const { parameters, batch } = memoryOf(sized);
  if (parameters + batch <= memory) return [];
  const isModel = parameters >= batch;
  const path = isModel ? ['model', ...largest(sized.options)] : ['training', 'batch_size'];
  return [
    needsMoreMemory(
      path,
      isModel ? 'the parameters, with gradients and optimizer, need' : 'a batch needs',
      isModel ? parameters : batch,
      memory,
    ),
  ];
}

function largest(options: object): Problem['path'] {
  const numbers = [...leaves(options)].flatMap(([path, value]) => (typeof value === 'number' ? [{ path, value }] : []));
  const [first] = numbers.toSorted((a, b) => b.value - a.value);
  return first ? first.path.split('.') : [];
}

/** Bytes of a float32 or an int32. */
const NUMBER = 4;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
