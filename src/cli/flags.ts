import type { OptionName, Options } from './command.js';

const FLAGS: Readonly<Record<OptionName, readonly [flags: string, description: string]>> = {
  set: ['-s, --set <path=value...>', 'change a value of the document: --set model.hidden_size=64'],
  seed: ['--seed <n>', 'the seed of this run'],
  runs: ['--runs <dir>', 'where records are kept (default: runs/ of the project)'],
  engine: ['--engine <kind>', 'compiled, tensorflow, eager-wasm or eager-js'],
  device: ['--device <name>', 'cpu, webgpu or cuda'],
  threads: ['--threads <n>', 'threads of the engine'],
  fresh: ['--fresh', 'train again what is on record: an experiment in any case, of a table what an earlier engine did'],
  from: ['--from <run>', 'of an experiment: begin where a finished run of fewer epochs ended, with the same digits'],
  weightsFrom: ['--weights-from <run>', 'of an experiment: begin with the weights that a run on record has learnt, matched by name'],
  json: ['--json', 'print one JSON value on stdout'],
  quiet: ['-q, --quiet', 'say nothing but results and errors'],
  progress: ['--progress <how>', 'live, lines (each epoch leaves one) or none (default: live on a terminal, else lines)'],
  origins: ['--origins', 'where each value came from'],
  graph: ['--graph', 'print the training program'],
  after: ['--after <pass>', 'with --graph: as it is after this pass'],
  measure: ['--measure', 'train for a moment and say how long all of it would take'],
  output: ['-o, --output <file>', 'write to this file'],
  caption: ['--caption <text>', 'with --output FILE.tex: the caption (default: the title)'],
  label: ['--label <name>', 'with --output FILE.tex: what \\ref calls it (default: tab:NAME)'],
  check: ['--check', 'write nothing; exit with 1 when a file would change'],
  prefix: ['-p, --prefix <text...>', 'what the text begins with (default: as in training)'],
  length: ['--length <n>', 'characters or words to write'],
  temperature: ['--temperature <t>', '0 takes the likeliest, 1 draws as the model says'],
  topK: ['--top-k <n>', 'draw among so many of the likeliest only'],
  track: ['--track <uri>', 'send the record to an MLflow server while it is made; off sends nothing'],
  to: ['--to <uri>', 'the MLflow server (default: MLFLOW_TRACKING_URI)'],
  dryRun: ['--dry-run', 'say what would be done, and do nothing'],
  refused: ['--refused', 'send nothing: list what a server would not take, and why'],
  retryRefused: ['--retry-refused', 'also try once more what the server would not take'],
  csv: ['--csv', 'print comma-separated values on stdout'],
  filter: ['-f, --filter <words>', "as MLflow writes it: metrics.`test/loss` < 1.2 and params.seed = '1'"],
  deleted: ['--deleted', 'the runs in the trash'],
  sort: ['--sort <what>', "by a metric, parameter or attribute: 'metrics.`test/loss` desc'"],
  number: ['-n, --number <n>', 'only so many: the newest, or the first of --sort'],
  columns: ['--columns <names>', 'these columns, with commas between: status,hidden_size,test/loss'],
  port: ['--port <n>', 'where the page is served (default: a port that is free)'],
  all: ['--all', 'also what is the same everywhere'],
  workers: ['--workers <n>', 'of a sweep or a table: processes that train at the same time (default: one a core)'],
  failFast: ['--fail-fast', 'of a sweep or a table: begin no other run once one has failed'],
  on: ['--on <place>', 'of a sweep or a table: local, slurm or ray, with what run_on says of it'],
  wait: ['--no-wait', 'of a sweep or a table on a cluster: submit the jobs and exit'],
  strict: ['--strict', 'of a table: exit with 3 also when a claim is inconclusive or not run'],
  reasons: ['--reasons', 'of a table: why, for every verdict'],
  budget: ['--budget <n|time>', 'of a table: so many trials in all, 60, or so much time of its workers, 2h; what is on record counts'],
  only: ['--only <row...>', 'of a table: these rows alone; ROW,COLUMN names a cell'],
  seeds: ['--seeds <n>', 'of a sweep or a table: how many seeds, 1 to n, or a list; what is done is not repeated'],
  vary: ['--vary <path=values...>', 'of an experiment: a sweep over these values, model.hidden_size=16,32; several options are crossed'],
  select: ['--select <metric>', 'with --vary: what is compared (default: the first metric on validation, else on the test)'],
  search: ['--search <kind>', 'with --vary: grid, random, sobol, tpe, or a mapping as in a sweep'],
  trials: ['--trials <n>', 'with --vary: so many configurations are drawn (without --search: by sobol)'],
  write: ['--write <file>', 'with --vary: write the sweep as a document, and train nothing'],
  once: ['--once', 'write what the page shows now to a file (default: watch.html), and serve nothing'],
  steps: ['--steps <n>', 'steps after the end of the data (default: all that the run forecasts at once)'],
};

export const flagsOf = (name: OptionName): readonly [flags: string, description: string] => FLAGS[name];

/** As a person types it: `--fail-fast`, `--no-wait`. */
export const flagOf = (name: OptionName): string => /--[a-z-]+/.exec(FLAGS[name][0])?.[0] ?? name;

/** Whether the person said it: of `--no-wait` the parser says `true` where nobody did. */
export const isGiven = (name: OptionName, options: Options): boolean =>
  options[name] !== undefined && !(options[name] === true && flagOf(name).startsWith('--no-'));
