import { formatCount } from '../../diagnostics/numbers.js';
import { sequentialBatches } from '../../stages/dataset/windows.js';
import { type Draft, escaped, line, quoted, roundEpochs, sentence } from './draft.js';

/** Tokens that training goes through in half a minute on one core of an ordinary laptop, with the sizes below. */
const TOKENS_OF_HALF_A_MINUTE = 800_000;
/** Longer texts are used in part at first. */
const MOST_TOKENS = 100_000;
const TIME_STEPS = 32;
/** Share of a longer text that is held back. */
const VALIDATION = 0.1;
const FEWEST_ROWS = 4;
/** Characters: fewer hold nothing to learn from. */
export const SHORTEST_TEXT = 500;

/** A model of characters whose sizes follow from the length of the text. */
export function experimentOfText({ path, name, text }: { readonly path: string; readonly name: string; readonly text: string }): Draft {
  const { length } = [...text];
  const used = Math.min(length, MOST_TOKENS);
  const validates = used >= 5000;
  const batch = rowsFor(used, validates ? Math.round(used * VALIDATION) : 0);
  const epochs = roundEpochs(TOKENS_OF_HALF_A_MINUTE / used);
  const hidden = used < 20_000 ? 64 : 128;
  const lines = [
    line(`experiment: ${name}`),
    line(`description: ${sentence(`A long short-term memory learns ${path} character by character.`)}`),
    line('seed: 1', 'another seed is another try at the same experiment'),
    '',
    line('dataset:'),
    line('  kind: text'),
    line(`  file: ${quoted(path)}`),
    line('  tokens: characters', 'or words'),
    line('  normalize: none', 'letters keeps a to z and spaces only, which is easier to learn'),
    ...(length > used ? [line(`  max_tokens: ${used}`, `the first ones; delete this line to use all ${formatCount(length)}`)] : []),
    line(`  time_steps: ${TIME_STEPS}`, 'characters of a sequence'),
    ...(validates ? [line(`  validation: ${VALIDATION}`, 'the last tenth is held back: does the model only learn by heart?')] : []),
    '',
    line('model:'),
    line('  kind: lstm', 'or gru, rnn'),
    line(`  hidden_size: ${hidden}`, 'more units learn more, and slower'),
    line('  readout: every', 'predict the next character at every step'),
    line('  initializer: {kind: pytorch}'),
    '',
    line('loss:'),
    line('  kind: cross_entropy'),
    line('optimizer:'),
    line('  kind: adam'),
    line('  learning_rate: 0.005'),
    line('  clip_norm: 5', 'of all gradients together; keeps recurrent training steady'),
    line('metrics:'),
    line('  - kind: perplexity', 'among how many characters the model still hesitates'),
    '',
    line('training:'),
    line(`  epochs: ${epochs}`, 'times through the text'),
    line(`  batch_size: ${batch}`, 'sequences read side by side'),
    line('  shuffle: false', 'each sequence goes on where the one before ended,'),
    line('  recurrent_state: carry', 'and so does the state'),
    ...(validates ? [line('  keep: best', 'the weights of the epoch that did best on what was held back')] : []),
    line('  samples:'),
    line(`    every: ${Math.max(1, Math.round(epochs / 5))}`, 'epochs; the model then goes on from each prefix'),
    line(`    prefixes: [${escaped(beginning(text))}]`),
    line('    length: 80'),
    line('    temperature: 0.7', '0 always takes the likeliest character'),
  ];
  const part = length > used ? `, of which the first ${formatCount(used)} are used` : '';
  return {
    text: `${lines.join('\n')}\n`,
    summary: `${formatCount(length)} characters${part}: an LSTM of ${hidden} units, ${epochs} epochs`,
    notes: [],
  };
}

/**
 * Sequences side by side: as many as leave each of them eight steps an epoch, so that there is state to carry, and what is held back one.
 */
function rowsFor(used: number, held: number): number {
  const fits = (rows: number): boolean =>
    sequentialBatches({ length: used - held, rows, steps: TIME_STEPS }, TIME_STEPS) >= 8 &&
    (held === 0 || sequentialBatches({ length: held, rows, steps: TIME_STEPS }, 0) >= 1);
  return [32, 16, 8].find(fits) ?? FEWEST_ROWS;
}

/** Some words, or some characters where there are no spaces, that the text itself holds. */
function beginning(text: string): string {
  const [words = text] = /\S+(?: \S+){0,2}/.exec(text) ?? [];
  return [...words.slice(0, 2 * MOST_PREFIX)].slice(0, MOST_PREFIX).join('');
}

const MOST_PREFIX = 24;
