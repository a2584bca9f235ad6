import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { describeMachine, thisMachine } from './machine.js';
import { retable, run } from './product.js';

/**
 * The tables that are shipped, trained where the records lack a run, and written to docs/results/tables: Markdown with a picture, LaTeX, a page.
 *
 *     npm run bench tables                   trains into runs/, one process after the other
 *     npm run bench tables -- --runs DIR     with the records of another folder
 *     npm run bench tables -- --judge ...    from the records as they are: nothing is trained
 *     npm run bench tables -- NAME ...       these tables alone
 */
const TABLES = ['rnn_notebooks', 'time_machine', 'scratch_vs_builtin', 'reber'];
/** Where it stands how long a table takes when nothing else runs. */
const QUIET: Readonly<Record<string, string>> = { time_machine: ' ([on a quiet one](../../internals/performance.md#a-table-of-a-thesis))' };
const RESULTS = fileURLToPath(new URL('../docs/results/tables/', import.meta.url));

interface Evidence {
  /** `compiled on cpu, numerics 2` */
  readonly engine: string;
  readonly runs: readonly { readonly id: string; readonly started: number; readonly ended?: number; readonly commit?: string }[];
}

async function main(options: readonly string[]): Promise<void> {
  const at = options.indexOf('--runs');
  const runs = at === -1 ? 'runs' : (options[at + 1] ?? 'runs');
  mkdirSync(RESULTS, { recursive: true });
  const named = TABLES.filter((name) => options.includes(name));
  for (const name of named.length > 0 ? named : TABLES) {
    const table = `experiments/tables/${name}.yaml`;
    const from = ['--runs', runs];
    if (!options.includes('--judge'))
      await run(process.execPath, [retable, 'run', table, ...from, '--workers', '1', '--quiet', '--json']).catch(asVerdict);
    for (const ending of ['html', 'svg', 'tex', 'md'])
      await run(process.execPath, [retable, 'report', table, ...from, '--output', join(RESULTS, `${name}.${ending}`)]);
    const html = join(RESULTS, `${name}.html`);
    writeFileSync(html, readFileSync(html, 'utf8').replaceAll(`<code>${runs}</code>`, '<code>runs</code>'));
    const page = join(RESULTS, `${name}.md`);
    const told = readFileSync(page, 'utf8')
      .trimEnd()
      .replace(/\n## /, `\n![Our seeds over what they are compared with](${name}.svg)\n\n## `);
    writeFileSync(page, `${told}\n\n${await origin(name, table, from)}`);
    console.log(`docs/results/tables/${name}.md`);
  }
}

/** A table that has a difference ends with 3, which is a result; the runs are on record by then. */
function asVerdict(error: unknown): void {
  if (!/ended with 3:/.test(String(error))) throw error;
}

/** How the page came to be: what to type, how long the runs took when they were made, and where. */
async function origin(name: string, table: string, from: readonly string[]): Promise<string> {
  const { rows, columns } = parse(readFileSync(table, 'utf8')) as Readonly<Record<'rows' | 'columns', Readonly<Record<string, unknown>>>>;
  const [column = ''] = Object.keys(columns);
  const took = new Map<string, number>();
  const engines = new Set<string>();
  const commits = new Set<string>();
  for (const row of Object.keys(rows)) {
    const { stdout } = await run(process.execPath, [retable, 'why', table, row, column, ...from, '--json']);
    const evidence = JSON.parse(stdout) as Evidence;
    if (evidence.runs.length > 0) engines.add(evidence.engine);
    for (const { id, started, ended, commit } of evidence.runs) {
      took.set(id, ((ended ?? started) - started) / 60_000);
      if (commit !== undefined) commits.add(commit.slice(0, 7));
    }
  }
  const minutes = [...took.values()].reduce((sum, each) => sum + each, 0);
  return [
    '## How it was made',
    '',
    `    npx run ${table}`,
    `    npx retable report ${table} --output docs/results/tables/${name}.html`,
    '',
    `[The page](${name}.html) has the runs with their seeds, every setting with its place, and our seeds drawn over what was published; [LaTeX](${name}.tex).`,
    `${took.size} runs, ${minutes.toFixed(minutes < 10 ? 1 : 0)} minutes of one process in all, as busy as the machine was then${QUIET[name] ?? ''}; engine: ${[...engines].join('; ')}.`,
    `${commits.size > 0 ? `Trained at commit ${[...commits].join(', ')}; judged` : 'Judged'} ${new Date().toISOString().slice(0, 10)} on ${describeMachine(thisMachine())}.`,
    '',
  ].join('\n');
}

await main(process.argv.slice(2));
