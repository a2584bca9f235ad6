import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printDiagnostics } from '../../src/diagnostics/print.js';
import type { Changes, Vary } from '../../src/run/prepare.js';
import { examineSweep } from '../../src/study/prepare-sweep.js';
import { workplace } from '../support/program.js';
import { BASE } from './documents.js';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
const base = join(folder, 'tiny.yaml');
writeFileSync(base, BASE);

function varied(vary: Vary, changes: Changes = {}) {
  const found = examineSweep(base, { ...changes, vary });
  if ('diagnostics' in found) throw new Error(printDiagnostics(found.diagnostics, { color: false }));
  return found;
}

const mistakes = (vary: Vary, changes: Changes = {}): string => {
  const found = examineSweep(base, { ...changes, vary });
  return 'diagnostics' in found ? printDiagnostics(found.diagnostics, { color: false }) : '';
};

describe('a sweep without a file', () => {
  it('is called after the experiment and what varies', () => {
    const { sweep } = varied({ axes: ['model.hidden_size=4,8', 'optimizer.learning_rate=0.1'] });
    expect(sweep.config.sweep).toBe('tiny-hidden_size-learning_rate');
  });

  it('compares by the first metric of the experiment, on the test where nothing else is measured', () => {
    expect(varied({ axes: ['model.hidden_size=4,8'] }).sweep.config.select).toEqual({ metric: 'test/exact_match', at: 'last' });
    expect(varied({ axes: ['model.hidden_size=4,8'], select: 'train/loss' }).sweep.config.select.metric).toBe('train/loss');
  });

  it('takes lists with and without brackets, and how values are drawn', () => {
    const values = (axis: string, more: Partial<Vary> = {}) =>
      varied({ axes: [axis], ...more }).configurations.map(({ assignments }) => assignments[0]?.value);
    expect(values('model.hidden_size=4,8')).toEqual([4, 8]);
    expect(values('model.hidden_size=[4, 8]')).toEqual([4, 8]);
    expect(values('model.hidden_size={kind: range, low: 2, high: 6, step: 2}')).toEqual([2, 4, 6]);
    expect(values('optimizer.learning_rate={kind: log_uniform, low: 1e-4, high: 1e-1}', { trials: '5' }).length).toBe(5);
  });

  it('shows a mistake in the argument that holds it', () => {
    expect(mistakes({ axes: ['model.hiden_size=4,8'] })).toContain('did you mean "model.hidden_size"?');
    expect(mistakes({ axes: ['model.hidden_size=4,x'] })).toMatch(/--vary model\.hidden_size=\[4,x\]\n +\| +\^\n/);
    expect(mistakes({ axes: ['model.hidden_size'] })).toContain('--vary takes a path and its values, PATH=VALUES');
    expect(mistakes({ axes: ['model.hidden_size=4,8'], select: 'test/exact' })).toContain('did you mean "test/exact_match"?');
    expect(mistakes({ axes: ['model.hidden_size=4,8'], search: 'sobl', trials: '3' })).toContain('did you mean "sobol"?');
    expect(mistakes({ axes: ['model.hidden_size=4,8'] }, { set: ['model.hidden_size=3'] })).toContain(
      'is varied, and set for all trials too',
    );
    expect(() => mistakes({ axes: ['model.hidden_size=4,8'] }, { seed: '3' })).toThrow('a sweep has its own seeds: 1');
  });

  it('is the sweep that --write writes: the same name, the same trials, wherever it stands', async () => {
    const words = [
      base,
      '--vary',
      'model.hidden_size=4,8',
      '--vary',
      'optimizer.learning_rate={kind: uniform, low: 0.01, high: 0.1}',
      '--set',
      'training.epochs=1',
    ];
    const told = [...words, '--trials', '3', '--seeds', '[2,5]'];
    const file = join(folder, 'below', 'written.yaml');
    const written = await place.call('run', ...told, '--write', file);
    expect(written.stdout).toBe(`npx retable run ${file}\n`);
    expect(readFileSync(file, 'utf8').replace(/^#.*\n/, '')).toBe(`sweep: tiny-hidden_size-learning_rate
base: ${base}
vary:
  - model.hidden_size: [4, 8]
  - optimizer.learning_rate: {kind: uniform, low: 0.01, high: 0.1}
set:
  training.epochs: 1
search: {kind: sobol, trials: 3}
seeds: [2, 5]
select: {metric: test/exact_match}
`);
    const runs = ['--runs', join(place.folder, 'runs'), '--json'];
    const [said, read] = [await place.call('plan', ...told, ...runs), await place.call('plan', file, ...runs)];
    expect(said.status, said.stderr).toBe(0);
    expect(read.stdout).toBe(said.stdout);
    expect((await place.call('run', ...told, '--write', file)).stderr).toContain('name another file with --write FILE');
  });

  it('is of an experiment alone, and its words are no words of a document', async () => {
    const file = join(folder, 's.yaml');
    writeFileSync(file, 'sweep: s\nbase: tiny.yaml\nvary: [{model.hidden_size: [4]}]\nselect: {metric: test/loss}\n');
    expect((await place.call('plan', file, '--vary', 'model.hidden_size=4')).stderr).toContain('--vary makes a sweep of an experiment');
    expect((await place.call('plan', file, '--trials', '4')).stderr).toContain('--trials does nothing without --vary');
    expect((await place.call('report', 'latest', '--vary', 'model.hidden_size=4')).stderr).toContain('name the experiment');
  });
});

describe('set', () => {
  const write = (lines: string): string => {
    const file = join(folder, 'set.yaml');
    writeFileSync(file, `sweep: s\nbase: tiny.yaml\nselect: {metric: test/loss}\nvary: [{model.hidden_size: [4, 8]}]\n${lines}\n`);
    return file;
  };
  const keys = (lines: string) => {
    const found = examineSweep(write(lines), {});
    if ('diagnostics' in found) throw new Error(printDiagnostics(found.diagnostics, { color: false }));
    return found.trials.map(({ work }) => work);
  };

  it('changes all trials, as an axis of one value would', () => {
    const fixed = keys('set: {training.epochs: 7}');
    expect(fixed).not.toEqual(keys(''));
    writeFileSync(
      join(folder, 'one.yaml'),
      'sweep: s\nbase: tiny.yaml\nselect: {metric: test/loss}\nvary: [{model.hidden_size: [4, 8]}, {training.epochs: [7]}]\n',
    );
    const found = examineSweep(join(folder, 'one.yaml'), {});
    expect('trials' in found && found.trials.map(({ work }) => work)).toEqual(fixed);
  });

  it.each([
    ['set: {training.epoch: 7}', 'did you mean "training.epochs"?'],
    ['set: {seed: 2}', 'a seed repeats the same experiment'],
    ['set: {model.hidden_size: 2}', 'model.hidden_size is varied, and set for all trials too'],
  ])('%s is a mistake', (lines, words) => expect(() => keys(lines)).toThrow(words));
});
