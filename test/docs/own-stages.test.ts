import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bin } from '../support/build.js';

/** The example of docs/own-stages.md, in a project of its own that has retable installed as it would be published. */
let project = '';

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'retable-own-'));
  bin('retable'); // compiles
  cpSync('docs/examples/own-stages', project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  install(join(project, 'node_modules'));
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What `npm install` makes of the packed files, without a registry: the packages that it needs are those of this repository. */
function install(modules: string): void {
  mkdirSync(join(modules, '.bin'), { recursive: true });
  const [packed = ''] = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .slice(-1);
  execFileSync('tar', ['-xzf', join(project, packed), '-C', modules]);
  cpSync(join(modules, 'package'), join(modules, 'retable'), { recursive: true });
  for (const name of readdirSync('node_modules').filter((each) => !each.startsWith('.')))
    symlinkSync(resolve('node_modules', name), join(modules, name));
  symlinkSync('../retable/bin/retable.js', join(modules, '.bin', 'retable'));
  execFileSync('chmod', ['+x', join(modules, 'retable', 'bin', 'retable.js')]);
}

const environment = () => ({ PATH: process.env['PATH'], HOME: project, RETABLE_CACHE: join(project, '.cache') });
const retable = (...args: readonly string[]) =>
  spawnSync('npx', ['--no', 'retable', ...args], { cwd: project, env: environment(), encoding: 'utf8' });
const tsc = () => spawnSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: project, encoding: 'utf8' });

test('it is trained by the installed program', { timeout: 120_000 }, () => {
  const { status, stdout, stderr } = retable('run', 'levels.yaml', '--set', 'training.epochs=8', '--json');
  expect(status, stderr).toBe(0);
  const { metrics } = JSON.parse(stdout) as { readonly metrics: Readonly<Record<string, { readonly value: number }>> };
  expect(Object.keys(metrics).toSorted()).toEqual(expect.arrayContaining(['test/loss', 'test/within', 'train/loss', 'train/within']));
  expect(metrics['test/within']?.value).toBeGreaterThan(0.5);
  expect(readdirSync(project)).toContain('runs');
});

describe('it is typed by the installed package', () => {
  const original = () => readFileSync('docs/examples/own-stages/stages.mjs', 'utf8');
  const withStages = (text: string): ReturnType<typeof tsc> => {
    writeFileSync(join(project, 'stages.mjs'), text);
    return tsc();
  };

  test('as it stands', () => {
    const { status, stdout } = tsc();
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  test.each([
    ["reading: 'values'", "reading: 'numbers'"],
    ['limit: 1 / Math.sqrt(width)', 'size: 1 / Math.sqrt(width)'],
    ['look({ file, column, window }', 'look({ file, colunm, window }'],
    ['facts.content.series.map', 'facts.content.serie.map'],
    ['tf.tanh(', 'tf.tahn('],
    ['yield { inputs: { input }, target, weight }', 'yield { inputs: { input }, target }'],
  ])('not with %s changed to %s', (from, to) => {
    expect(original()).toContain(from);
    expect(withStages(original().replace(from, to)).stdout).toMatch(/^stages\.mjs\(\d+,\d+\): error TS/m);
  });

  test('in TypeScript', () => {
    withStages(original());
    const config = readFileSync(join(project, 'tsconfig.json'), 'utf8');
    writeFileSync(join(project, 'tsconfig.json'), config.replace('*.mjs', '*.ts'));
    const text = (reading: string) => `import type { OwnStages } from 'retable';
const stages: OwnStages = ({ defineStage, Type, tf }) => [
  defineStage({
    slot: 'loss', kind: 'distance', version: 1, summary: 'Mean distance.', options: Type.Object({}),
    plan: () => ({ reading: '${reading}' }),
    create: () => ({ score: (output, target, weight) => ({ sum: tf.sum(tf.mul(tf.mean(tf.abs(tf.sub(output, target)), -1), weight)), count: tf.sum(weight) }) }),
  }),
];
export default stages;
`;
    writeFileSync(join(project, 'distance.ts'), text('values'));
    expect(tsc().stdout).toBe('');
    writeFileSync(join(project, 'distance.ts'), text('numbers'));
    expect(tsc().stdout).toMatch(/^distance\.ts\(\d+,\d+\): error TS/m);
  });
});
