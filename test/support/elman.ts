import type { Arrays } from '../../src/engine/engine.js';

type Matrix = Float64Array;

interface Minibatch {
  /** `[batch, time]` */
  readonly input: ArrayLike<number>;
  readonly target: ArrayLike<number>;
  /** `[batch, hidden]` */
  readonly h: Matrix;
  readonly steps: number;
}

/**
 * An Elman network with a readout of every step, trained by plain SGD with clipping: loops over numbers in double, backpropagation through
 * time by hand. Nothing of it is ours but the names of the parameters.
 */
export class ElmanNetwork {
  readonly #classes: number;
  readonly #hidden: number;
  readonly #p: Record<'Wxh' | 'Whh' | 'bh' | 'Wy' | 'by', Matrix>;

  constructor(start: Arrays, classes: number) {
    const read = (name: string): Matrix => Float64Array.from(start[`parameters/${name}`] ?? []);
    this.#p = { Wxh: read('Wxh'), Whh: read('Whh'), bh: read('bh'), Wy: read('Wy'), by: read('by') };
    this.#classes = classes;
    this.#hidden = this.#p.bh.length;
  }

  zeros = (batch: number): Matrix => new Float64Array(batch * this.#hidden);

  /** One minibatch: its mean loss before the step, and the state that it leaves. Gradients stop at the state that came in. */
  train({ input, target, h: first, steps }: Minibatch, { rate, clip }: { readonly rate: number; readonly clip: number }) {
    const [H, V, p] = [this.#hidden, this.#classes, this.#p];
    const batch = first.length / H;
    const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
    const grads = Object.fromEntries(Object.entries(p).map(([name, values]) => [name, new Float64Array(values.length)])) as typeof p;
    const add = (values: Matrix, index: number, amount: number): void => void (values[index] = at(values, index) + amount);
    const last = this.zeros(batch);
    let loss = 0;
    for (let row = 0; row < batch; row++) {
      const states: Matrix[] = [first.slice(row * H, (row + 1) * H)];
      const errors: Matrix[] = [];
      for (let t = 0; t < steps; t++) {
        const before = states[t] ?? new Float64Array();
        const token = at(input, row * steps + t);
        const h = Float64Array.from({ length: H }, (_, j) => {
          let z = at(p.Wxh, token * H + j) + at(p.bh, j);
          for (let k = 0; k < H; k++) z += at(before, k) * at(p.Whh, k * H + j);
          return Math.tanh(z);
        });
        states.push(h);
        const logits = Array.from({ length: V }, (_, v) => h.reduce((sum, value, j) => sum + value * at(p.Wy, j * V + v), at(p.by, v)));
        const odds = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
        const total = odds.reduce((a, b) => a + b);
        const right = at(target, row * steps + t);
        loss -= Math.log(at(odds, right) / total) / (batch * steps);
        errors.push(Float64Array.from(odds, (odd, v) => (odd / total - Number(v === right)) / (batch * steps)));
      }
      let dh = new Float64Array(H);
      for (let t = steps - 1; t >= 0; t--) {
        const [h, before, error] = [states[t + 1], states[t], errors[t]] as [Matrix, Matrix, Matrix];
        const token = at(input, row * steps + t);
        error.forEach((e, v) => add(grads.by, v, e));
        for (let j = 0; j < H; j++) {
          error.forEach((e, v) => {
            add(grads.Wy, j * V + v, at(h, j) * e);
            add(dh, j, at(p.Wy, j * V + v) * e);
          });
        }
        const dz = dh.map((d, j) => d * (1 - at(h, j) ** 2));
        dh = new Float64Array(H);
        for (let j = 0; j < H; j++) {
          add(grads.bh, j, at(dz, j));
          add(grads.Wxh, token * H + j, at(dz, j));
          for (let k = 0; k < H; k++) {
            add(grads.Whh, k * H + j, at(before, k) * at(dz, j));
            add(dh, k, at(p.Whh, k * H + j) * at(dz, j));
          }
        }
      }
      last.set(states[steps] ?? [], row * H);
    }
    const norm = Math.sqrt(Object.values(grads).reduce((sum, values) => sum + values.reduce((s, g) => s + g * g, 0), 0));
    const factor = rate * (norm > clip ? clip / norm : 1);
    for (const [name, values] of Object.entries(p))
      values.forEach((_, i) => add(values, i, -factor * at(grads[name as keyof typeof p], i)));
    return { loss, h: last };
  }
}
