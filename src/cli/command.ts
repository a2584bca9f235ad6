import type { Terminal } from '../host/terminal.js';

/** Options as commander hands them over; each command says below which ones it knows. */
export interface Options {
  readonly set?: readonly string[];
  readonly seed?: string;
  readonly runs?: string;
  readonly engine?: string;
  readonly device?: string;
  readonly threads?: string;
  readonly fresh?: boolean;
  readonly from?: string;
  readonly weightsFrom?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** False of `--no-progress`. */
  readonly progress?: string | false;
  readonly origins?: boolean;
  readonly graph?: boolean;
  readonly after?: string;
  readonly measure?: boolean;
  readonly output?: string;
  readonly check?: boolean;
  readonly prefix?: readonly string[];
  readonly length?: string;
  readonly temperature?: string;
  readonly topK?: string;
  readonly track?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly refused?: boolean;
  readonly retryRefused?: boolean;
  readonly csv?: boolean;
  readonly filter?: string;
  readonly deleted?: boolean;
  readonly sort?: string;
  readonly number?: string;
  readonly columns?: string;
  readonly port?: string;
  readonly all?: boolean;
  readonly workers?: string;
  readonly failFast?: boolean;
  readonly on?: string;
  readonly wait?: boolean;
  readonly strict?: boolean;
  readonly reasons?: boolean;
  readonly caption?: string;
  readonly label?: string;
  readonly only?: readonly string[];
  readonly budget?: string;
  readonly seeds?: string;
  readonly vary?: readonly string[];
  readonly select?: string;
  readonly search?: string;
  readonly trials?: string;
  readonly write?: string;
  readonly steps?: string;
  readonly once?: boolean;
}

export type OptionName = keyof Options;

/** What people want, as `--help` heads the commands for it. */
export const GROUPS = {
  write: 'Write a document:',
  train: 'Train:',
  look: 'See what is on record:',
  judge: 'Judge a table:',
  use: 'Use a trained model:',
  care: 'Care for records and this machine:',
} as const;

/** A command's code is imported when it is called: `--help` loads none of it. */
export interface Command {
  readonly name: string;
  readonly group: keyof typeof GROUPS;
  readonly arguments: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** Gives the exit status. */
export type Run = (values: readonly string[], options: Options, terminal: Terminal) => Promise<number>;
