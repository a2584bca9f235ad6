import { classNames } from '../stages/fitted.js';
import { softmax } from '../stages/metric/probabilities.js';
import type { Batch, Dataset, HostTensor } from '../stages/stage.js';
import type { TextView, TokensView } from '../views/view.js';
import { type AnsweredSplit, type Target, targetsOf } from './class-answers.js';

type Answered = Pick<AnsweredSplit, 'plan' | 'collected' | 'rows'>;

interface Told extends Target {
  /** Of an example with several answers, which one it is. */
  readonly step: number;
  /** The probability of the answer. */
  readonly sure: number;
}

function toldOf({ plan, collected, rows }: Answered): readonly Told[] {
  const classes = classNames(plan.data).length;
  const each = collected.target.values.length / Math.max(1, rows.length);
  const shares = new Float64Array(classes);
  return targetsOf(collected, classes).map((target) => {
    softmax(collected.output.values.subarray(target.at * classes, (target.at + 1) * classes), shares);
    return { ...target, step: target.at - target.example * each, sure: shares[target.answered] ?? 0 };
  });
}

const MOST_MISTAKES = 10;

/** The wrong answers that were surest, the surest first. */
const worstOf = (told: readonly Told[]): readonly Told[] =>
  told
    .filter(({ right, answered }) => right !== answered)
    .toSorted((a, b) => b.sure - a.sure)
    .slice(0, MOST_MISTAKES);

/** `bad (83 %), right is good` */
function inWords({ answered, right, sure }: Told, names: readonly string[]): string {
  const answer = `${names[answered] ?? ''} (${(100 * sure).toFixed(0)} %)`;
  return answered === right ? `${answer}, which is right` : `${answer}, right is ${names[right] ?? ''}`;
}

/** The answers that were surest and wrong, as text: where the data have texts. */
export function worstMistakes({ plan, collected, rows }: Answered): TextView | undefined {
  if (!rows.some(({ text, words }) => text !== undefined || words !== undefined)) return undefined;
  const names = classNames(plan.data);
  const worst = worstOf(toldOf({ plan, collected, rows }));
  if (worst.length === 0) return undefined;
  const told = worst.map((each) => {
    const { series = '', text, words } = rows[each.example] ?? { times: [] };
    const shown = text ?? (words ?? []).map((word, at) => (at === each.step ? `[${word}]` : word)).join(' ');
    return `${series}: ${inWords(each, names)}\n    ${shown.replaceAll(/\s+/g, ' ')}`;
  });
  return { kind: 'text', text: told.join('\n') };
}

/** How many right answers stand beside the mistakes. */
const MOST_RIGHT = 5;

/**
 * Where a model looked: the steps of the worst mistakes, and of the first right answers, with what each counted for the answer. `weights` are
 * `[examples, time]`. Steps are called by their token, as the model reads it; of numbers, by their place from 1. Of one answer to each example only.
 */
export function attentionOf(
  answered: Answered & { readonly split: string },
  weights: HostTensor,
  dataset: Dataset,
): TokensView | undefined {
  const { plan, split, rows, collected } = answered;
  if (collected.target.shape.length > 1) return undefined;
  const names = classNames(plan.data);
  const told = toldOf(answered);
  const shown = [...worstOf(told), ...told.filter(({ right, answered: said }) => right === said).slice(0, MOST_RIGHT)];
  if (shown.length === 0) return undefined;
  const [, time = 1] = weights.shape;
  const read = stepsOf(dataset.batches(split, 1), new Set(shown.map(({ example }) => example)), time);
  const { vocabulary, separator = ' ' } = plan.data.fitted;
  return {
    kind: 'tokens',
    separator,
    rows: shown.map((each) => {
      const steps = (read.get(each.example) ?? []).map(({ step, index }) => ({
        token: vocabulary?.[index] ?? String(step + 1),
        weight: weights.values[each.example * time + step] ?? Number.NaN,
      }));
      const { kept, note } = heaviestPart(steps);
      return {
        name: rows[each.example]?.series ?? String(each.example + 1),
        note: `${inWords(each, names)}${note}`,
        tokens: kept.map(({ token }) => token),
        weights: kept.map(({ weight }) => Number(weight.toPrecision(4))),
      };
    }),
  };
}

/** Which steps of these examples a model reads, by example, and the index of the token at each: without those that only fill a sequence up. */
function stepsOf(batches: Iterable<Batch>, wanted: ReadonlySet<number>, time: number) {
  const found = new Map<number, readonly { readonly step: number; readonly index: number }[]>();
  let example = 0;
  for (const { inputs, weight, mask } of batches) {
    for (const [row, counts] of weight.entries()) {
      if (counts === 0) continue;
      if (wanted.has(example)) {
        const all = Array.from({ length: time }, (_, step) => ({ step, index: inputs.input[row * time + step] ?? 0 }));
        found.set(
          example,
          all.filter(({ step }) => mask?.[row * time + step] !== 0),
        );
      }
      example += 1;
    }
  }
  return found;
}

/** Of a longer sequence this many steps are shown. */
const MOST_STEPS = 200;

/** The stretch of a sequence that holds most of the weight, and what is said where that is not all of it. */
function heaviestPart<S extends { readonly weight: number }>(steps: readonly S[]): { readonly kept: readonly S[]; readonly note: string } {
  if (steps.length <= MOST_STEPS) return { kept: steps, note: '' };
  let from = 0;
  let held = steps.slice(0, MOST_STEPS).reduce((sum, { weight }) => sum + weight, 0);
  let most = held;
  for (let next = MOST_STEPS; next < steps.length; next++) {
    held += (steps[next]?.weight ?? 0) - (steps[next - MOST_STEPS]?.weight ?? 0);
    if (held > most) [most, from] = [held, next - MOST_STEPS + 1];
  }
  return { kept: steps.slice(from, from + MOST_STEPS), note: `; steps ${from + 1} to ${from + MOST_STEPS} of ${steps.length}` };
}
