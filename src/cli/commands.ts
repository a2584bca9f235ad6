import type { Command, OptionName } from './command.js';

const FLAGS: Readonly<Record<OptionName, readonly [flags: string, description: string]>> = {
  set: ['-s, --set <path=value...>', 'change a value of the document: --set model.hidden_size=64'],
  seed: ['--seed <n>', 'the seed of this run'],
  runs: ['--runs <dir>', 'where records are kept (default: runs/ of the project)'],
  engine: ['--engine <kind>', 'compiled, eager-js or eager-wasm'],
  device: ['--device <name>', 'cpu'],
  threads: ['--threads <n>', 'threads of the engine'],
  fresh: ['--fresh', 'start a new attempt whatever is there'],
  json: ['--json', 'print one JSON value on stdout'],
  quiet: ['-q, --quiet', 'say nothing but results and errors'],
  progress: ['--no-progress', 'no live line: plain lines as in a pipe'],
  origins: ['--origins', 'where each value came from'],
  graph: ['--graph', 'print the training program'],
  after: ['--after <pass>', 'with --graph: as it is after this pass'],
  measure: ['--measure', 'train for a moment and say how long all of it would take'],
  output: ['-o, --output <file>', 'write to this file'],
  check: ['--check', 'write nothing; exit with 1 when a file would change'],
  prefix: ['-p, --prefix <text...>', 'what the text begins with (default: as in training)'],
  length: ['--length <n>', 'characters or words to write'],
  temperature: ['--temperature <t>', '0 takes the likeliest, 1 draws as the model says'],
  topK: ['--top-k <n>', 'draw among so many of the likeliest only'],
  workers: ['--workers <n>', 'of a sweep: processes that train at the same time (default: one a core)'],
  failFast: ['--fail-fast', 'of a sweep: begin no other trial once one has failed'],
};
export const flagsOf = (name: OptionName): readonly [string, string] => FLAGS[name];

const DOCUMENT: readonly OptionName[] = ['set', 'seed', 'engine', 'device', 'threads'];

/** In the order in which a newcomer meets them. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    arguments: '<file>',
    summary: 'do what a document says; again is always right: finished work is shown, interrupted work goes on',
    options: [...DOCUMENT, 'runs', 'workers', 'failFast', 'fresh', 'json', 'quiet', 'progress'],
    load: () => import('./commands/run.js'),
  },
  {
    name: 'check',
    arguments: '<files...>',
    summary: 'find all mistakes of documents, with their places',
    options: [...DOCUMENT, 'quiet'],
    load: () => import('./commands/check.js'),
  },
  {
    name: 'plan',
    arguments: '<file>',
    summary: 'say what would be done: parameters, steps, data, and whether it is done already',
    options: [...DOCUMENT, 'runs', 'origins', 'graph', 'after', 'measure', 'json'],
    load: () => import('./commands/plan.js'),
  },
  {
    name: 'diff',
    arguments: '<a> <b>',
    summary: 'in what two documents differ, what affects the result first',
    options: ['json'],
    load: () => import('./commands/diff.js'),
  },
  {
    name: 'list',
    arguments: '[experiment]',
    summary: 'the runs on record, the newest first',
    options: ['runs', 'json'],
    load: () => import('./commands/list.js'),
  },
  {
    name: 'show',
    arguments: '[run]',
    summary: 'one run: outcome, metrics, curves, where its files are (default: latest)',
    options: ['runs', 'json'],
    load: () => import('./commands/show.js'),
  },
  {
    name: 'report',
    arguments: '[run]',
    summary: 'one run as one HTML page that needs nothing else (default: latest)',
    options: ['runs', 'output'],
    load: () => import('./commands/report.js'),
  },
  {
    name: 'sample',
    arguments: '[run]',
    summary: 'let a trained model of text go on with what you begin (default: latest)',
    options: ['prefix', 'length', 'temperature', 'topK', 'seed', 'runs', 'json'],
    load: () => import('./commands/sample.js'),
  },
  {
    name: 'status',
    arguments: '<sweep>',
    summary: 'how far a sweep is, and what it came to so far',
    options: ['set', 'engine', 'device', 'runs', 'json'],
    load: () => import('./commands/status.js'),
  },
  {
    name: 'schema',
    arguments: '[file]',
    summary: 'write the schema that editors complete and check documents with',
    options: ['output', 'check'],
    load: () => import('./commands/schema.js'),
  },
];
