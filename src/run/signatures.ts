import { formatMeasure } from '../diagnostics/numbers.js';
import type { RunThreat } from '../validity/threats.js';
import { type RunRecord, splitKey } from './run-record.js';

/** What a diagnosis looks at: a run, and what is known of its text. */
export interface Symptoms extends Pick<RunRecord, 'status' | 'metrics' | 'chance' | 'parameters'> {
  /** Size of the vocabulary, where the data are text. */
  readonly classes?: number;
  /** What the model wrote last, each with its prefix in front. */
  readonly samples?: readonly string[];
}

/** How a kind of failure shows in a record. */
interface Signature {
  readonly code: RunThreat;
  /** A sentence for a person when the run shows it. */
  readonly find: (symptoms: Symptoms) => string | undefined;
}

/** All that a run shows, the most certain first. Of a healthy run nothing is said at any epoch. */
export const diagnose = (symptoms: Symptoms): readonly string[] => SIGNATURES.flatMap(({ find }) => find(symptoms) ?? []);

const blownUp: Signature = {
  code: 'diverged',
  find({ status, metrics }) {
    if (status !== 'diverged') return undefined;
    const last = (metrics.get('train/loss') ?? []).findLast(({ value }) => Number.isFinite(value));
    const before = last
      ? `the last finite loss was ${formatMeasure(last.value)}, the mean of epoch ${last.step}`
      : 'it happened in the first epoch';
    return `The loss blew up: ${before}. A smaller optimizer.learning_rate or an optimizer.clip_norm keeps steps in bounds.`;
  },
};

/** Epochs that a guess at the vocabulary's size must last: a healthy model leaves it in its first. */
const LEARNS_BY = 3;

const nothingLearned: Signature = {
  code: 'nothing-learned',
  find(symptoms) {
    const { classes } = symptoms;
    const values = perplexities(symptoms);
    if (classes === undefined || values.length < LEARNS_BY) return undefined;
    const stays = values.slice(-LEARNS_BY).every((value) => value > 0.95 * classes);
    return stays
      ? `Nothing was learned: a perplexity of ${formatMeasure(values.at(-1) ?? 0, 3)} is that of guessing among all ${classes} tokens. Do the gradients arrive, and is optimizer.learning_rate large enough?`
      : undefined;
  },
};

/** Epochs that a model must stay at the unigram: a healthy LSTM passes it within twenty, and goes on falling all the while. */
const STUCK_FOR = 20;

const inputIgnored: Signature = {
  code: 'input-ignored',
  find(symptoms) {
    const unigram = symptoms.chance['train/perplexity'];
    const values = perplexities(symptoms).slice(-STUCK_FOR);
    if (unigram === undefined || values.length < STUCK_FOR) return undefined;
    const isNear = values.every((value) => Math.abs(value / unigram - 1) < 0.03);
    const [early, late] = [mean(values.slice(0, STUCK_FOR / 2)), mean(values.slice(STUCK_FOR / 2))];
    return isNear && late > 0.99 * early
      ? `Stuck at the perplexity of the unigram, ${formatMeasure(unigram, 4)}: the model knows how frequent tokens are and nothing more. Its input is ignored, or its labels are laid out wrongly.`
      : undefined;
  },
};

/** Epochs after which a curve that has become flat is taken at its word. */
const FLAT_AFTER = 50;

const stateForgotten: Signature = {
  code: 'state-forgotten',
  find(symptoms) {
    const { parameters } = symptoms;
    const isSequential = parameters.get('training.shuffle')?.value === 'false' && symptoms.classes !== undefined;
    const values = perplexities(symptoms);
    const last = mean(values.slice(-10));
    if (parameters.get('training.recurrent_state')?.value !== 'reset' || !isSequential || values.length < FLAT_AFTER) return undefined;
    const isFlat = last > 0.9 * mean(values.slice(-40, -30));
    return isFlat && last > 1.15 && last < 2.5
      ? `The state is reset at every minibatch, though each goes on where the one before ended: perplexity stays near ${formatMeasure(last, 3)}, for the first tokens of every sequence are guessed. With training.recurrent_state: carry it comes to 1.0.`
      : undefined;
  },
};

const leakage: Signature = {
  code: 'answer-copied',
  find(symptoms) {
    const last = perplexities(symptoms).at(-1);
    const { samples = [] } = symptoms;
    if (last === undefined || last > 1.3 || samples.length === 0 || !samples.every(isDegenerate)) return undefined;
    return `A perplexity of ${formatMeasure(last, 3)}, and yet the model writes the same again and again: in training it sees what it is to predict. Does something look ahead, as a bidirectional model does?`;
  },
};

/** No loss over numbers that vary comes so low within an epoch, whose mean counts its first steps too. */
const NO_LOSS = 1e-30;

const saturated: Signature = {
  code: 'saturated',
  find({ metrics, chance }) {
    const share = alwaysRight(metrics, chance);
    if (share !== undefined)
      return `Nothing was left to learn after the first epoch: ${share} is 1 from there on. Is the answer among the inputs? If not, the task is too easy to tell two models apart.`;
    const loss = metrics.get('train/loss')?.[0]?.value ?? Number.NaN;
    const perplexity = metrics.get('train/perplexity')?.[0]?.value ?? Number.NaN;
    if (!(Math.abs(loss) < NO_LOSS) && perplexity !== 1) return undefined;
    const what = Math.abs(loss) < NO_LOSS ? `a loss of ${formatMeasure(loss)}` : 'a perplexity of 1';
    return `Nothing was left to learn: ${what} is the mean of the first epoch, in which weights begin at random. Is the answer among the inputs, or the loss broken?`;
  },
};

/** Shares that are 1 where every answer is right. */
const SHARES = ['accuracy', 'balanced_accuracy', 'f1', 'exact_match'];

/** Epochs that must show it. */
const SHOWN_BY = 3;

/** The share of a split that doesn't train which is 1 in every epoch, though an answer that ignores the input is not that good. */
const alwaysRight = (metrics: Symptoms['metrics'], chance: Symptoms['chance']): string | undefined =>
  [...metrics].find(([key, points]) => {
    const { split, metric } = splitKey(key);
    const isShare = split !== 'train' && SHARES.includes(metric);
    return isShare && points.length >= SHOWN_BY && points.every(({ value }) => value === 1) && (chance[key] ?? 0) < 0.95;
  })?.[0];

/** In the order in which they are told. */
export const SIGNATURES: readonly Signature[] = [blownUp, nothingLearned, inputIgnored, stateForgotten, leakage, saturated];

/** The end of a text repeats itself: its last characters, twenty or two periods of them, have a period of at most `LONGEST_PERIOD`. */
export function isDegenerate(text: string): boolean {
  const characters = [...text];
  return Array.from({ length: LONGEST_PERIOD }, (_, index) => index + 1).some((period) => {
    const tail = characters.slice(-Math.max(DEGENERATE, 2 * period));
    return tail.length >= Math.max(DEGENERATE, 2 * period) && tail.every((character, at) => at < period || character === tail[at - period]);
  });
}

/** Characters at the end of a sample that must repeat themselves at least. */
const DEGENERATE = 20;
const LONGEST_PERIOD = 30;

const perplexities = ({ metrics }: Symptoms): readonly number[] => (metrics.get('train/perplexity') ?? []).map(({ value }) => value);

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
