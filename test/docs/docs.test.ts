import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { bin } from '../support/build.js';
import { type Block, blocksOf, disagreement, stepsOf } from './blocks.js';

/**
 * Every command and every YAML block of README.md and docs/ is run as it stands there, page by page, each page in a fresh folder that holds
 * `experiments/` and the files of `test/docs/files`. `npx` is the program of this repository.
 */
const PAGES = [
  'README.md',
  ...['docs', 'docs/internals'].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(folder, file)),
  ),
];

const SHIPPED = ['sweeps', 'tables'].flatMap((folder) => readdirSync(join('experiments', folder)));

/** What is done to commands so that all pages take less than a minute. What stands on a page is never changed otherwise. */
const REWRITE: readonly (readonly [from: RegExp, to: string, why: string])[] = [
  [/^npm (ci|test)$/, 'true', 'the packages are there, and this is the test'],
  [/^npm ci && npm test$/, 'true', 'the same'],
  [/^npm ci && npx run (\S+)$/, 'npx retable plan $1', 'the packages are there, and the page runs it further down'],
  [
    /^npx (?:retable )?run (experiments\/\w*addition\w*\.yaml)/,
    'npx retable run $1 --set training.epochs=3 --set dataset.examples=20000',
    'a moment of a shipped experiment',
  ],
  [/--set training\.epochs=60 --from latest$/, '--set training.epochs=5 --from latest', 'two epochs more than that moment has'],
  [
    new RegExp(`^npx (?:retable )?run (experiments/(?:sweeps|tables)/(?:${SHIPPED.join('|')}))`),
    'npx retable plan $1',
    'a shipped sweep or table is planned',
  ],
];

/** Blocks that nothing runs. A new one needs a reason, and this number. */
const MOST_SKIPPED = 7;

const full = process.env['RETABLE_DOCS'] === 'full';
/** Everything lies in here: the program, what it compiled, and a folder for each page. */
const home = mkdtempSync(join(tmpdir(), 'retable-docs-'));
beforeAll(() => {
  bin('retable'); // compiles
  for (const part of ['bin', 'dist', 'schemas', 'assets', 'package.json']) cpSync(part, join(home, 'retable', part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(home, 'retable', 'node_modules'));
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }), 60_000);

const blocks = PAGES.map((page) => [page, blocksOf(readFileSync(page, 'utf8')).filter(isTested)] as const).filter(
  ([, all]) => all.length > 0,
);

test.concurrent.each(blocks)('%s', { timeout: 300_000 }, async (_, all) => {
  const folder = freshFolder();
  for (const block of all) await hold(block, folder);
});

test('what is not run has a reason', () => {
  const skipped = blocks.flatMap(([page, all]) =>
    all.flatMap(({ line, directive }) => ('reason' in directive ? [`${page}:${line} ${directive.kind}: ${directive.reason}`] : [])),
  );
  if (skipped.length > 0) console.log(skipped.join('\n'));
  expect(skipped.length).toBeLessThanOrEqual(MOST_SKIPPED);
});

/** In a program, `](` calls what a list holds. */
const withoutCode = (page: string): string => page.replaceAll(/^```[^]*?^```/gm, '');

test('every link leads to a file', () => {
  const broken = PAGES.flatMap((page) =>
    Array.from(withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g), ([, link = '']) =>
      join(dirname(page), link),
    )
      .filter((file) => !existsSync(file))
      .map((file) => `${page}: ${file}`),
  );
  expect(broken).toEqual([]);
});

test('every document names the schema of its kind, by a path from where it stands', () => {
  const documents = blocks.flatMap(([page, all]) =>
    all
      .filter(({ language, lines }) => language === 'yaml' && lines.some((line) => /^(?:experiment|sweep|table):/.test(line)))
      .map((block) => ({ page, ...block })),
  );
  expect(documents.length).toBeGreaterThan(10);
  for (const { page, line, lines, directive } of documents) {
    // With stages of its own, a document needs a schema of its own.
    if (lines.some((each) => each.startsWith('use:'))) continue;
    const [, schema = 'none'] = /^# yaml-language-server: \$schema=(\S+)$/.exec(lines[0] ?? '') ?? [];
    const folder = directive.kind === 'file' ? dirname(directive.file) : 'experiments';
    expect(existsSync(join(folder, schema)), `${page}:${line} ${lines[0]}`).toBe(true);
    const [kind = ''] = lines.flatMap((each) => /^(experiment|sweep|table):/.exec(each)?.[1] ?? []);
    expect(schema, `${page}:${line}`).toMatch(new RegExp(`schemas/${kind}\\.schema\\.json$`));
  }
});

/** Shell, YAML, sessions, and files that a page wants written; drawings and grammar are not. */
function isTested({ language, lines, directive }: Block): boolean {
  if (directive.kind !== 'none') return true;
  if (['sh', 'yaml', 'console'].includes(language)) return true;
  return language === '' && lines.some((line) => /^(\$ |np[mx] )/.test(line));
}

async function hold(block: Block, folder: string): Promise<void> {
  const { directive, lines, language } = block;
  if (directive.kind === 'skip' || (directive.kind === 'full' && !full)) return;
  if (directive.kind === 'file') {
    mkdirSync(dirname(join(folder, directive.file)), { recursive: true });
    writeFileSync(join(folder, directive.file), `${lines.join('\n')}\n`);
  }
  if (language === 'yaml') return check(block, folder);
  if (directive.kind === 'file') return;
  const steps = stepsOf(block);
  for (const [index, { command, shown }] of steps.entries()) {
    const rewritten = REWRITE.reduce((text, [from, to]) => text.replace(from, to), command);
    const { status, output } = await shell(rewritten, folder);
    const wanted = directive.kind === 'status' && index === steps.length - 1 ? directive.status : 0;
    expect(status, `line ${block.line}: ${rewritten}\n${output}`).toBe(wanted);
    expect(output, `line ${block.line}: ${rewritten}`).not.toContain('command not found');
    if (rewritten.startsWith('npx retable plan') && !command.includes('plan')) continue;
    expect(disagreement(shown, output), `line ${block.line}: ${rewritten} says\n${output}`).toBeUndefined();
  }
}

/** A whole document is checked as it is; a part of one inside of that one. */
async function check({ lines, line, directive }: Block, folder: string): Promise<void> {
  const text = lines.join('\n');
  const name =
    directive.kind === 'file' ? directive.file : `${directive.kind === 'part' ? dirname(directive.file) : 'experiments'}/line_${line}.yaml`;
  if (directive.kind === 'part') {
    const whole = parse(readFileSync(join(folder, directive.file), 'utf8')) as object;
    writeFileSync(join(folder, name), stringify({ ...whole, ...(parse(text) as object) }));
  } else writeFileSync(join(folder, name), `${text}\n`);
  const { status, output } = await shell(`npx retable check ${name}`, folder);
  expect(status, `line ${line}: ${output}`).toBe(0);
  expect(output, `line ${line}`).not.toContain('warning');
}

function freshFolder(): string {
  const folder = mkdtempSync(join(home, 'page-'));
  cpSync('experiments', join(folder, 'experiments'), { recursive: true });
  cpSync('docs/examples', join(folder, 'docs/examples'), { recursive: true });
  cpSync('test/docs/files', folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}\n');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(home, 'retable'), join(folder, 'node_modules', 'retable'));
  mkdirSync(join(folder, '.bin'));
  writeFileSync(
    join(folder, '.bin', 'npx'),
    `#!/bin/sh\nprogram=$1; shift\nexec "${process.execPath}" "${home}/retable/bin/$program.js" "$@"\n`,
    {
      mode: 0o755,
    },
  );
  return folder;
}

function shell(command: string, folder: string): Promise<{ readonly status: number | null; readonly output: string }> {
  const child = spawn('bash', ['-c', command], {
    cwd: folder,
    env: { PATH: `${join(folder, '.bin')}:${process.env['PATH']}`, HOME: folder, RETABLE_CACHE: join(home, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return new Promise((done) => child.on('close', (status) => done({ status, output })));
}
