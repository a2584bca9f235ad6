import { readCsv } from '../../stages/dataset/sequences/csv.js';
import { LINE, readJsonl } from '../../stages/dataset/sequences/jsonl.js';
import { readNpy, SEQUENCE } from '../../stages/dataset/sequences/npy.js';
import type { Table } from '../../stages/dataset/sequences/table.js';
import { Refusal } from '../exit.js';
import type { Draft } from './draft.js';
import { guessColumns, type Missing } from './guess-columns.js';
import { line, quoted, roundEpochs, sentence } from './lines.js';

export type Format = 'csv' | 'jsonl' | 'npy';

/** Steps that training goes through in half a minute, with the sizes below. */
const STEPS_OF_HALF_A_MINUTE = 2_000_000;

export interface SequencesFile {
  /** As the document names it. */
  readonly file: string;
  readonly name: string;
  readonly format: Format;
  readonly bytes: Uint8Array;
}

/** A model of a person's own sequences; what each column is, is read off its name and its values. */
export function experimentOfSequences({ file, name, format, bytes }: SequencesFile): Draft {
  const { table, own } = READ[format](bytes);
  const guessed = guessColumns(table, own);
  if ('missing' in guessed) throw refused(file, guessed.missing, table);
  const { sequence, order, features, target, task, per, sequences, steps, longest } = guessed;
  const classifies = task === 'classification';
  // An array has no names: its columns are called by their number.
  const called = format === 'npy' ? String : quoted;
  const lines = [
    line(`experiment: ${name}`),
    line(`description: ${sentence(`A gated recurrent network reads the sequences of ${file}.`)}`),
    line('seed: 1', 'another seed is another try at the same experiment'),
    '',
    line('dataset:'),
    line('  kind: sequences'),
    line(`  file: ${quoted(file)}`),
    line(`  format: ${format}`),
    ...(sequence === undefined ? [] : [line(`  sequence: ${quoted(sequence)}`, 'which sequence a row belongs to')]),
    ...(order === undefined ? [] : [line(`  order: ${quoted(order)}`, 'what orders the steps of a sequence')]),
    line(`  features: [${features.map(called).join(', ')}]`, 'what the model reads'),
    line(`  target: ${called(target)}`, 'what the model answers'),
    line(`  task: ${task}`, classifies ? 'or regression, when the target is a measure' : 'or classification, when the target is a name'),
    line(`  target_per: ${per}`, per === 'step' ? 'an answer at every step' : 'one answer a sequence'),
    line('  split:', 'shares of the sequences, drawn by the seed'),
    line('    validation: 0.2'),
    line('    test: 0.2'),
    '',
    line('model:'),
    line('  kind: gru', 'or lstm, rnn'),
    line('  hidden_size: 32', 'more units learn more, and slower'),
    line(`  readout: ${per === 'step' ? 'every' : 'last'}`, 'after which steps the model answers'),
    line('  initializer: {kind: pytorch}'),
    '',
    line('loss:'),
    line(`  kind: ${classifies ? 'cross_entropy' : 'mean_squared_error'}`),
    line('optimizer:'),
    line('  kind: adam'),
    line('  learning_rate: 0.005'),
    line('  clip_norm: 5', 'of all gradients together; keeps recurrent training steady'),
    line('metrics:'),
    line(`  - kind: ${classifies ? 'accuracy' : 'mean_absolute_error'}`),
    '',
    line('training:'),
    line(`  epochs: ${roundEpochs(Math.min(60, STEPS_OF_HALF_A_MINUTE / steps))}`, 'times through the sequences'),
    line(`  batch_size: ${Math.max(2, Math.min(32, 2 ** Math.floor(Math.log2(sequences / 8))))}`, 'sequences of one step'),
    line('  keep: best', 'the weights of the epoch that did best on validation'),
  ];
  const reads = `${features.join(', ')} ${features.length === 1 ? 'is' : 'are'} read, ${target} is the answer (${task})`;
  return {
    text: `${lines.join('\n')}\n`,
    summary: `${sequences.toLocaleString('en')} sequences of up to ${longest.toLocaleString('en')} steps: ${reads}`,
  };
}

/** Faults of the file itself are told when the document is checked, which reads it in the same way. */
const silent = (): void => {};

const READ: Readonly<Record<Format, (bytes: Uint8Array) => { readonly table: Table; readonly own?: string }>> = {
  csv: (bytes) => ({ table: readCsv(new TextDecoder().decode(bytes), silent) }),
  npy: (bytes) => ({ table: readNpy(bytes, silent), own: SEQUENCE }),
  jsonl(bytes) {
    const text = new TextDecoder().decode(bytes);
    const fields = Object.entries(parsed(text.split('\n')[0] ?? ''));
    const names = fields.map(([key]) => key);
    // Where a line holds lists it is a whole sequence, and without them a step.
    const isSequence = fields.some(([, value]) => Array.isArray(value));
    return isSequence
      ? { table: readJsonl(text, names, undefined, silent), own: LINE }
      : { table: readJsonl(text, names, names[0], silent) };
  },
};

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

const WHAT: Readonly<Record<Missing, readonly [what: string, help: string]>> = {
  sequence: [
    'which sequence a row belongs to',
    'call the column that tells sequences apart "sequence"; a single series needs windows, which a dataset of your own can cut',
  ],
  features: ['what the model should read', 'features are columns of numbers; "retable init" takes all that are neither order nor target'],
  target: ['what the model should answer', 'call the column of answers "target"'],
};

function refused(file: string, missing: Missing, { columns }: Table): Refusal {
  const [what, help] = WHAT[missing];
  return new Refusal(`${file} does not say ${what}: ${columns.length === 0 ? 'it is empty' : `its columns are ${columns.join(', ')}`}`, {
    help,
  });
}
