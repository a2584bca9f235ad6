import type { Collected } from '../stage.js';

/** What was answered to one target. */
interface Answered {
  /** Of each class, in double: `softmax(output)`. */
  readonly probabilities: Float64Array;
  readonly right: number;
  /** Of the right class, where the probability itself may be too small for a double. */
  readonly logProbability: number;
  readonly weight: number;
}

/** Goes through all targets that have a weight, in their order; `probabilities` is the next one's after a call. */
export function eachAnswer({ output, target, weight: weights }: Collected, see: (answer: Answered) => void): void {
  const classes = output.shape.at(-1) ?? 1;
  const shared = target.values.length / weights.values.length;
  const probabilities = new Float64Array(classes);
  for (let at = 0; at < target.values.length; at++) {
    const weight = weights.values[Math.floor(at / shared)] ?? 0;
    if (weight === 0) continue;
    const outputs = output.values.subarray(at * classes, (at + 1) * classes);
    const right = target.values[at] ?? -1;
    const logSum = softmax(outputs, probabilities);
    see({ probabilities, right, logProbability: (outputs[right] ?? Number.NaN) - logSum, weight });
  }
}

/** Fills in `softmax(outputs)`, in double, and gives `log sum exp(outputs)`. The largest output is subtracted first, so that nothing overflows. */
export function softmax(outputs: Float32Array, into: Float64Array): number {
  const most = outputs.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let at = 0; at < into.length; at++) sum += into[at] = Math.exp((outputs[at] ?? Number.NaN) - most);
  for (let at = 0; at < into.length; at++) into[at] = (into[at] ?? 0) / sum;
  return most + Math.log(sum);
}
