import { formatCount } from '../../diagnostics/numbers.js';
import { Refusal } from '../../host/exit.js';

/** An experiment that was written for a person, and in a few words what it is. */
export interface Draft {
  readonly text: string;
  readonly summary: string;
  /** What of the data it leaves out, and why: a sentence each. */
  readonly notes: readonly string[];
}

/** `f.csv` and the rest of a sentence that says why no experiment can be made of it. */
export const cannot = (file: string, why: string, help?: string): Refusal =>
  new Refusal(`${file} ${why}`, help === undefined ? {} : { help });

/** Where the comments of a written document stand. */
const COLUMN = 33;
/** Longer lines are broken where YAML allows it. */
const WIDTH = 96;

/** A line of YAML and what it is about. */
export const line = (yaml: string, comment?: string): string =>
  comment === undefined ? yaml : `${yaml.length < COLUMN ? yaml.padEnd(COLUMN) : `${yaml} `}# ${comment}`;

/** Text as a YAML value: in quotes where it could be read as something else, by YAML 1.1 too. */
export const quoted = (text: string): string =>
  /^[A-Za-z_][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : escaped(text);

/** Words with spaces between them as a YAML value: in quotes where they could be read as something else. */
export const sentence = (text: string): string => (/^[A-Za-z][\w ./-]*$/.test(text) ? text : escaped(text));

/** Text in double quotes, in which everything that is not plainly seen is written as an escape. */
export const escaped = (text: string): string =>
  JSON.stringify(text).replaceAll(/(?! )[\p{C}\p{Z}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });

/** A list as a YAML value after `key`, over several lines where one would be too long. */
export function list(key: string, items: readonly string[], comment: string): readonly string[] {
  const short = line(`${key}: [${items.join(', ')}]`, comment);
  if (short.length <= WIDTH) return [short];
  const indent = `${/^ */.exec(key)?.[0] ?? ''}  `;
  const broken: string[] = [];
  for (const item of items) {
    const last = broken.at(-1);
    if (last !== undefined && last.length + item.length + 3 <= WIDTH) broken[broken.length - 1] = `${last} ${item},`;
    else broken.push(`${indent}  ${item},`);
  }
  return [line(`${key}:`, comment), `${indent}[`, ...broken, `${indent}]`];
}

/** A few names of many, for a sentence. */
export function few(names: readonly string[], most = 8): string {
  const shown = names.length > most + 1 ? names.slice(0, most) : names;
  return `${shown.join(', ')}${shown.length < names.length ? ` and ${formatCount(names.length - shown.length)} more` : ''}`;
}

/** A name or a value in a sentence: in quotes, short, on one line. */
export function shown(text: string): string {
  const characters = [...text];
  return escaped(characters.length > MOST_SHOWN ? `${characters.slice(0, MOST_SHOWN).join('')}…` : text);
}

const MOST_SHOWN = 40;

/** The largest number of epochs that a person would write and that is not above this one. */
export const roundEpochs = (epochs: number): number => ROUND.findLast((round) => round <= epochs) ?? ROUND[0];
const ROUND = [5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200] as const;

/** A power of two, 32 at most, with which an epoch has a few steps at least. */
export const batchSize = (trained: number): number => Math.max(1, Math.min(32, 2 ** Math.floor(Math.log2(Math.max(1, trained / 5)))));

/** Steps that training goes through in half a minute, with the sizes below. */
const STEPS_OF_HALF_A_MINUTE = 2_000_000;

interface Training {
  readonly classifies: boolean;
  /** Is every class to count alike in a second metric? */
  readonly withF1?: boolean;
  readonly readout: 'last' | 'every';
  /** Of all sequences together. */
  readonly steps: number;
  /** Sequences that train. */
  readonly trained: number;
  readonly validates: boolean;
}

/** What a document on sequences says below its dataset. */
export const trainedOnSequences = ({ classifies, withF1 = false, readout, steps, trained, validates }: Training): readonly string[] => [
  '',
  line('model:'),
  line('  kind: gru', 'or lstm, rnn'),
  line('  hidden_size: 32', 'more units learn more, and slower'),
  line(`  readout: ${readout}`, 'after which steps the model answers'),
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
  ...(classifies && withF1 ? [line('  - kind: f1', 'the mean over classes: rare ones count as much as common ones')] : []),
  '',
  line('training:'),
  line(`  epochs: ${roundEpochs(Math.min(60, STEPS_OF_HALF_A_MINUTE / steps))}`, 'times through the sequences'),
  line(`  batch_size: ${batchSize(trained)}`, 'sequences of one step'),
  ...(validates ? [line('  keep: best', 'the weights of the epoch that did best on validation')] : []),
];

interface SequencesDraft {
  readonly name: string;
  /** A sentence that says what is read. */
  readonly about: string;
  /** What the dataset says of its files, and what is read of them. */
  readonly source: readonly string[];
  readonly target: string;
  readonly isTarget: string;
  readonly classifies: boolean;
  /** The column of whose each sequence is. */
  readonly group?: string | undefined;
  readonly sequences: number;
  /** Of all sequences together. */
  readonly steps: number;
}

/** An experiment on sequences with one answer each, in the ways in which they may be split, the best one first. */
export function sequenceTexts({
  name,
  about,
  source,
  target,
  isTarget,
  classifies,
  group,
  sequences,
  steps,
}: SequencesDraft): readonly string[] {
  const ways = classifies ? [true, false] : [false];
  return ways.map((stratify) => {
    const lines = [
      line(`experiment: ${name}`),
      line(`description: ${sentence(about)}`),
      line('seed: 1', 'another seed is another try at the same experiment'),
      '',
      line('dataset:'),
      line('  kind: sequences'),
      ...source,
      line(`  target: ${quoted(target)}`, isTarget),
      line(`  task: ${classifies ? 'classification' : 'regression'}`),
      ...(classifies
        ? []
        : [line('  standardize_target: true', 'a net learns from numbers around 0; metrics are in the unit of the file')]),
      line('  split:', 'shares of the sequences, drawn by the seed'),
      line('    validation: 0.2'),
      line('    test: 0.2'),
      ...(group === undefined
        ? []
        : [line(`    group: ${quoted(group)}`, 'sequences of one of them are alike: all of them train, or none')]),
      ...(stratify ? [line('    stratify: true', 'every class in each split in its share')] : []),
      ...trainedOnSequences({
        classifies,
        withF1: true,
        readout: 'last',
        steps,
        trained: Math.round(0.6 * sequences),
        validates: true,
      }),
    ];
    return `${lines.join('\n')}\n`;
  });
}
