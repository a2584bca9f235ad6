/** Recurrent models in plain arithmetic of doubles, one example at a time: what the tensors of `src/stages/model` are compared with. */
export type Vector = readonly number[];
/** `[rows][columns]` */
export type Matrix = readonly Vector[];
export type Weights = Readonly<Record<string, Matrix | Vector>>;
export type State = Readonly<Record<string, Vector>>;

/** One step: the state before, `x`, the state after. */
export type ReferenceCell = (weights: Weights, x: Vector, state: State) => State;

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const hardSigmoid = (z: number): number => Math.min(1, Math.max(0, 0.2 * z + 0.5));

export const lstmCell =
  (gate: (z: number) => number): ReferenceCell =>
  (weights, x, { h = [], c = [] }) => {
    const z = (name: string): Vector => affine(weights, `Wx${name}`, x, `Wh${name}`, h, `b${name}`);
    const [i, f, o, g] = [z('i').map(gate), z('f').map(gate), z('o').map(gate), z('g').map(Math.tanh)];
    const next = c.map((old, k) => at(f, k) * old + at(i, k) * at(g, k));
    return { h: next.map((value, k) => at(o, k) * Math.tanh(value)), c: next };
  };

const gruCell =
  (candidate: (weights: Weights, x: Vector, h: Vector, r: Vector) => Vector): ReferenceCell =>
  (weights, x, { h = [] }) => {
    const z = affine(weights, 'Wxz', x, 'Whz', h, 'bz').map(sigmoid);
    const r = affine(weights, 'Wxr', x, 'Whr', h, 'br').map(sigmoid);
    const g = candidate(weights, x, h, r).map(Math.tanh);
    return { h: h.map((old, k) => at(z, k) * old + (1 - at(z, k)) * at(g, k)) };
  };

export const cells = {
  lstm: lstmCell(sigmoid),
  lstm_hard_sigmoid: lstmCell(hardSigmoid),
  rnn: (weights: Weights, x: Vector, { h = [] }: State) => ({ h: affine(weights, 'Wxh', x, 'Whh', h, 'bh').map(Math.tanh) }),
  gru: gruCell((weights, x, h, r) => {
    const reset = h.map((value, k) => value * at(r, k));
    return affine(weights, 'Wxg', x, 'Whg', reset, 'bg');
  }),
  gru_reset_after: gruCell((weights, x, h, r) => {
    const remembered = sum(product(h, weights, 'Whg'), vector(weights, 'bhg'));
    return sum(
      sum(product(x, weights, 'Wxg'), vector(weights, 'bg')),
      remembered.map((value, k) => value * at(r, k)),
    );
  }),
} satisfies Readonly<Record<string, ReferenceCell>>;

/** Outputs of one sequence `[time][features]` at every step, `[time][outputs]`, and the state that it leaves. */
export function runReference(cell: ReferenceCell, weights: Weights, sequence: Matrix, first: State): { outputs: Matrix; state: State } {
  let state = first;
  const outputs = sequence.map((x) => {
    state = cell(weights, x, state);
    return sum(product(state['h'] ?? [], weights, 'Wy'), vector(weights, 'by'));
  });
  return { outputs, state };
}

export interface ReferenceStack {
  readonly layers: number;
  readonly bidirectional: boolean;
  /** Steps that are there; what follows is padding. */
  readonly length: number;
  /** By layer below, what each number between two layers is multiplied by: `[time][width]`. */
  readonly dropout?: readonly Matrix[];
}

/** Layers one above the other: hidden states at every real step, what the uppermost directions end with, and the state, by its names. */
export function runReferenceStack(cell: ReferenceCell, weights: Weights, sequence: Matrix, first: State, stack: ReferenceStack) {
  const state: Record<string, Vector> = {};
  let steps = sequence.slice(0, stack.length);
  let last: Vector = [];
  for (let layer = 0; layer < stack.layers; layer++) {
    const directions = (stack.bidirectional ? ['forward.', 'backward.'] : ['']).map((direction) => {
      const prefix = (stack.layers > 1 ? `layer${layer}.` : '') + direction;
      const [own, turned] = [under(weights, prefix), direction === 'backward.' ? steps.toReversed() : steps];
      let now: State = under(first, prefix);
      const hidden = turned.map((x) => {
        now = cell(own, x, now);
        return now['h'] ?? [];
      });
      for (const [name, part] of Object.entries(now)) state[prefix + name] = part;
      return { hidden: direction === 'backward.' ? hidden.toReversed() : hidden, last: now['h'] ?? [] };
    });
    last = directions.flatMap((direction) => direction.last);
    steps = steps.map((_, t) => directions.flatMap(({ hidden }) => at(hidden, t)));
    const dropout = layer + 1 < stack.layers ? stack.dropout?.[layer] : undefined;
    if (dropout) steps = steps.map((h, t) => h.map((value, i) => value * at(at(dropout, t), i)));
  }
  const read = (h: Vector): Vector => sum(product(h, weights, 'Wy'), vector(weights, 'by'));
  return { outputs: steps.map(read), last: read(last), pooled: (readout: Pooling) => read(pooling[readout](steps, weights)), state };
}

export type Pooling = 'mean' | 'max' | 'attention';

/** From the hidden states of the steps that are there to one vector. */
const pooling: Readonly<Record<Pooling, (steps: Matrix, weights: Weights) => Vector>> = {
  mean: (steps) => at(steps, 0).map((_, unit) => steps.reduce((total, h) => total + at(h, unit), 0) / steps.length),
  max: (steps) => at(steps, 0).map((_, unit) => Math.max(...steps.map((h) => at(h, unit)))),
  attention(steps, weights) {
    const scores = steps.map((h) => {
      const seen = sum(product(h, weights, 'Wa'), vector(weights, 'ba')).map(Math.tanh);
      return Math.exp(seen.reduce((total, value, unit) => total + value * at(vector(weights, 'va'), unit), 0));
    });
    const total = scores.reduce((sum, score) => sum + score, 0);
    return at(steps, 0).map((_, unit) => steps.reduce((sum, h, t) => sum + (at(scores, t) / total) * at(h, unit), 0));
  },
};

const under = <T>(items: Readonly<Record<string, T>>, prefix: string): Readonly<Record<string, T>> =>
  Object.fromEntries(
    Object.entries(items)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, item]) => [name.slice(prefix.length), item]),
  );

const affine = (weights: Weights, wx: string, x: Vector, wh: string, h: Vector, b: string): Vector =>
  sum(sum(product(x, weights, wx), product(h, weights, wh)), vector(weights, b));

/** `x W` */
function product(x: Vector, weights: Weights, name: string): Vector {
  const rows = weights[name] as Matrix;
  return at(rows, 0).map((_, column) => x.reduce((total, value, row) => total + value * at(at(rows, row), column), 0));
}

const vector = (weights: Weights, name: string): Vector => weights[name] as Vector;
const sum = (a: Vector, b: Vector): Vector => a.map((value, i) => value + at(b, i));

export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
