import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Package from '../../src/package.js';
import { bin } from '../support/build.js';
import { BASE } from '../sweep/documents.js';

/** The package as it is published: its workers are programs of dist. */
let api: typeof Package;
const entry = pathToFileURL(resolve('dist/package.js')).href;
const folder = mkdtempSync(join(tmpdir(), 'retable-api-'));
const runs = join(folder, 'runs');
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  bin('retable'); // compiles
  api = (await import(entry)) as typeof Package;
  writeFileSync(at('tiny.yaml'), BASE);
  writeFileSync(
    at('sweep.yaml'),
    'sweep: s\nbase: tiny.yaml\nvary: [{optimizer.learning_rate: [0.01, 0.02]}]\nselect: {metric: train/loss}\n',
  );
  const rows = 'rows: {small: {base: tiny.yaml}}\nclaims: [{cell: [small, bits], at_least: 0.1}]\n';
  writeFileSync(at('table.yaml'), `table: t\nseeds: 3\ncolumns: {bits: {metric: test/bit_accuracy}}\n${rows}`);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const complaint = async (work: () => unknown): Promise<Package.RetableError> => {
  const thrown = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  if (thrown instanceof api.RetableError) return thrown;
  throw new Error('no RetableError', { cause: thrown });
};

describe('check', () => {
  it('gives a document with its defaults, of each kind', async () => {
    const checked = await api.check(at('tiny.yaml'), { overrides: { 'model.hidden_size': 6, seed: undefined } });
    expect(checked).toMatchObject({ valid: true, kind: 'experiment', diagnostics: [] });
    expect(checked).toMatchObject({ document: { seed: 1, model: { hidden_size: 6 }, engine: { kind: 'compiled' } } });
    expect(await api.check(at('sweep.yaml'))).toMatchObject({ valid: true, kind: 'sweep', document: { sweep: 's', seeds: 1 } });
    expect(await api.check(at('table.yaml'))).toMatchObject({ valid: true, kind: 'table', document: { table: 't', seeds: 3 } });
  });

  it('gives mistakes with their places, of a text too, and throws none', async () => {
    const text = BASE.replace('hidden_size', 'hiden_size');
    const { valid, diagnostics } = await api.check({ text, file: at('other.yaml') });
    expect(valid).toBe(false);
    expect(diagnostics).toMatchObject([{ code: 'unknown-key', severity: 'error', place: { file: at('other.yaml'), line: 3, column: 21 } }]);
    const sweep = readFileSync(at('sweep.yaml'), 'utf8').replace('learning_rate', 'rate');
    expect(await api.check({ text: sweep, file: at('other.yaml') })).toMatchObject({ valid: false, kind: 'sweep' });
    expect(await api.check(at('nowhere.yaml'))).toMatchObject({ valid: false, diagnostics: [{ code: 'missing-file' }] });
  });
});

describe('run and plan', () => {
  it('a run is trained, told step by step, written down, and found done', async () => {
    expect(await api.plan(at('tiny.yaml'), { runs })).toMatchObject({ kind: 'experiment', record: { state: 'needed' } });
    const events: Package.ObservedEvent[] = [];
    const output = at('run.json');
    const first = await api.run(at('tiny.yaml'), { runs, seed: 2, output, observer: (event) => events.push(event) });
    expect(first).toMatchObject({ status: 'finished', repeated: false, experiment: 'tiny', parameters: { seed: '2' } });
    expect(first.series['test/loss']?.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(first.metrics['test/loss']).toBe(first.series['test/loss']?.at(-1)?.value);
    for (const { path, size } of first.artifacts) expect(statSync(path).size).toBe(size);
    expect(first.artifacts.map(({ name }) => name)).toContain('weights.safetensors');
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({ runId: first.id });
    const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== 'progress' && kind !== 'compiling');
    expect(kinds).toEqual(['begins', 'opened', 'ready', 'epoch', 'epoch', 'concluding', 'trained']);
    expect(events.find(({ kind }) => kind === 'opened')).toMatchObject({ run: first.id, folder: first.folder, attempt: 1, from: 0 });
    expect(structuredClone(events)).toEqual(events);

    expect(await api.run(at('tiny.yaml'), { runs, overrides: { seed: 2 } })).toMatchObject({ id: first.id, repeated: true });
    const planned = await api.plan(at('tiny.yaml'), { runs, overrides: { seed: 2 } });
    expect(planned).toMatchObject({ record: { state: 'done', run: first.id }, plan: { seed: 2, training: { epochs: 2 } } });
    const again = await api.run(at('tiny.yaml'), { runs, seed: 2, fresh: true });
    expect(again.repeated).toBe(false);
    expect(again.metrics['test/loss']).toBe(first.metrics['test/loss']);
  });

  it('a signal stops it after its step, and the same call goes on', async () => {
    const stop = new AbortController();
    const overrides = { 'training.epochs': 6 };
    const observer: Package.Observer = (event) => {
      if (event.kind === 'epoch') stop.abort();
    };
    const stopped = await api.run(at('tiny.yaml'), { runs, overrides, observer, signal: stop.signal });
    expect(stopped.status).toBe('killed');
    expect(stopped.series['train/loss']?.length).toBeLessThan(6);
    const ended = await api.run(at('tiny.yaml'), { runs, overrides });
    expect(ended).toMatchObject({ id: stopped.id, status: 'finished' });
    expect(ended.series['train/loss']).toHaveLength(6);
  });

  it('a signal that is aborted before rejects with its reason, and leaves nothing', async () => {
    const signal = AbortSignal.abort(new Error('no more'));
    const nowhere = at('nowhere');
    await expect(api.run(at('tiny.yaml'), { runs: nowhere, signal })).rejects.toThrow('no more');
    await expect(api.study(at('sweep.yaml'), { runs: nowhere, signal })).rejects.toThrow('no more');
    expect(readdirSync(folder)).not.toContain('nowhere');
  });
});

describe('study', () => {
  it('a sweep gives its summary', { timeout: 120_000 }, async () => {
    const kinds = new Set<string>();
    let standing: unknown;
    const observer: Package.Observer = (event) => {
      kinds.add(event.kind);
      if (event.kind === 'begins') ({ standing } = event);
    };
    const settled = await api.study(at('sweep.yaml'), { runs, seeds: [4], workers: 1, observer });
    expect(standing).toMatchObject({ kind: 'sweep', trials: 2, configurations: 2, repeated: 0, counts: { finished: 0, needed: 2 } });
    expect(settled).toMatchObject({ kind: 'sweep', failed: false, stopped: false, summary: { sweep: 's', counts: { finished: 2 } } });
    expect([...kinds]).toEqual(['begins', 'training', 'trial progress', 'trial', 'trained']);
    expect(await api.plan(at('sweep.yaml'), { runs, overrides: { seeds: [4] } })).toMatchObject({ plan: { counts: { finished: 2 } } });
  });

  it('a table gives its verdicts', { timeout: 120_000 }, async () => {
    expect(await api.plan(at('table.yaml'), { runs })).toMatchObject({ kind: 'table', plan: { cells: [{ have: [2], missing: [1, 3] }] } });
    const settled = await api.study(at('table.yaml'), { runs, workers: 2 });
    expect(settled).toMatchObject({ kind: 'table', failed: false, verdicts: { table: 't', claims: [{ verdict: 'reproduced' }] } });
  });

  it('a table within a budget, which a sweep has none of', { timeout: 120_000 }, async () => {
    const root = at('within');
    const settled = await api.study(at('table.yaml'), { runs: root, workers: 1, budget: 1 });
    expect(settled).toMatchObject({ kind: 'table', verdicts: { cells: [{ n: 1 }] } });
    await expect(api.study(at('table.yaml'), { runs: root, budget: 'soon' })).rejects.toThrow('"soon" is no budget');
    await expect(api.study(at('sweep.yaml'), { runs: root, budget: '2h' })).rejects.toThrow('budget is of a table');
    expect(api.openRuns(root).list({ filter: "attributes.status = 'FINISHED'" }).length).toBe(2);
  });

  it('a signal stops it, and what was recorded stays', { timeout: 120_000 }, async () => {
    const stop = new AbortController();
    const observer: Package.Observer = ({ kind }) => {
      if (kind === 'trial progress') stop.abort();
    };
    const overrides = { vary: [{ 'training.epochs': [5000, 5001] }] };
    const settled = await api.study(at('sweep.yaml'), { runs, overrides, seeds: 1, workers: 1, observer, signal: stop.signal });
    expect(settled).toMatchObject({ kind: 'sweep', stopped: true, failed: false, summary: { counts: { finished: 0 } } });
  });
});

describe('openRuns', () => {
  /** Every file with its time and size. */
  const filesOf = (root: string): readonly string[] =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => {
      const { mtimeMs, size } = statSync(join(root, name));
      return `${name} ${mtimeMs} ${size}`;
    });

  it('reads what is there, and writes nothing', () => {
    rmSync(join(runs, '.retable-index'), { force: true });
    const before = filesOf(runs);
    const opened = api.openRuns(runs);
    expect(opened.folder).toBe(runs);
    const all = opened.list();
    expect(all.map(({ started }) => started.getTime())).toEqual(all.map(({ started }) => started.getTime()).toSorted((a, b) => b - a));
    const some = opened.list({ experiment: 'tiny', filter: "params.seed = '4' and params.`optimizer.learning_rate` = '0.02'" });
    expect(some).toMatchObject([{ status: 'finished', parameters: { seed: '4' } }]);
    const [run] = some;
    expect(opened.get(run?.id.slice(0, 8) ?? '')).toMatchObject({ ...run });
    expect(opened.get('tiny').experiment).toBe('tiny');
    expect(filesOf(runs)).toEqual(before);
  });

  it('a trained model is asked about a file, as plain data', async () => {
    const rows = (first: number, last: number): string =>
      ['step,level', ...Array.from({ length: last - first }, (_, i) => `${first + i},${(first + i) % 5}`), ''].join('\n');
    writeFileSync(at('levels.csv'), rows(0, 40));
    writeFileSync(
      at('levels.yaml'),
      `experiment: levels
dataset: {kind: series, file: levels.csv, time: step, targets: [level], window: 3}
model: {kind: rnn, hidden_size: 2}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: [{kind: mean_absolute_error}]
training: {epochs: 1, batch_size: 4}
engine: {kind: eager-js}
`,
    );
    const trained = await api.run(at('levels.yaml'), { runs });
    writeFileSync(at('more.csv'), rows(50, 60));
    const { predictions, naive } = await trained.predict(at('more.csv'));
    expect(predictions.length).toBe(8);
    expect(predictions[0]).toMatchObject({ origin: '52', time: '53', ahead: 1, targets: { level: { truth: 3 } } });
    expect(predictions[7]).toMatchObject({ origin: '59', time: '60', targets: { level: { truth: null } } });
    const error = predictions.slice(0, 7).reduce((sum, each) => {
      const { truth, forecast } = ('targets' in each && each.targets['level']) || { truth: 0, forecast: 0 };
      return sum + Math.abs((truth ?? 0) - forecast) / 7;
    }, 0);
    const measured = await api.openRuns(runs).get('levels').evaluate(at('more.csv'));
    expect(measured).toMatchObject({ examples: 7, from: '53', to: '59', notes: [] });
    const mae = measured.metrics.find(({ name }) => name === 'mean_absolute_error');
    expect(mae?.value).toBeCloseTo(error, 5);
    expect(Object.keys(mae?.baselines ?? {})).toContain(naive);
    const { metrics } = await trained.evaluate();
    expect(metrics[0]?.value).toBe(trained.metrics['test/loss']);
    expect((await complaint(() => trained.predict(at('tiny.yaml')))).message).toContain('tiny.yaml: ');
  });

  it('has no runs where there is no folder', () => {
    expect(api.openRuns(at('nowhere')).list()).toEqual([]);
  });
});

describe('what can not be done is a RetableError, with words and data', () => {
  it.each<[string, () => unknown, string, string]>([
    [
      'a mistake',
      () => api.run(at('tiny.yaml'), { runs, overrides: { 'model.hiden_size': 8 } }),
      'unknown-key',
      'did you mean "model.hidden_size"?',
    ],
    ['a plan of it', () => api.plan(at('tiny.yaml'), { overrides: { 'training.epochs': 0 } }), 'out-of-range', 'training.epochs'],
    ['no file', () => api.run(at('tiny.yml'), { runs }), 'missing-file', 'tiny.yml'],
    ['a sweep that is run', () => api.run(at('sweep.yaml'), { runs }), 'refused', 'study(file) does it'],
    ['an experiment that is studied', () => api.study(at('tiny.yaml'), { runs }), 'refused', 'run(file) trains it'],
    ['a form that no run is written in', () => api.run(at('tiny.yaml'), { runs, output: at('run.doc') }), 'refused', 'is none of them'],
    ['a run that is not there', () => api.openRuns(runs).get('abcdef01'), 'refused', 'no run "abcdef01"'],
    ['a filter', () => api.openRuns(runs).list({ filter: 'loss <' }), 'refused', '--filter'],
  ])('%s', async (_, work, code, words) => {
    const error = await complaint(work);
    expect(error.diagnostics[0]).toMatchObject({ code, severity: 'error' });
    expect(error.message).toContain(words);
    expect(error.stack).toContain('RetableError');
  });

  it('a run that fails is on record as such, and its error is thrown', async () => {
    const failing = (event: Package.ObservedEvent): void => {
      if (event.kind === 'epoch') throw new Error('of the observer');
    };
    await expect(api.run(at('tiny.yaml'), { runs, seed: 9, observer: failing })).rejects.toThrow('of the observer');
    expect(api.openRuns(runs).list({ filter: "params.seed = '9'" })).toMatchObject([{ status: 'failed', reason: 'of the observer' }]);
  });
});

it('nothing is printed, listened to or changed in the process that calls, with a module of its own either', { timeout: 120_000 }, () => {
  cpSync('docs/examples/own-stages', at('own'), { recursive: true });
  mkdirSync(at('caller'));
  const script = `
    import { check, plan, run, study, openRuns } from ${JSON.stringify(entry)};
    const look = () => [process.cwd(), process.exitCode, process.stdout.write, process.stderr.write, process.exit, process.reallyExit, process.argv.length,
      ...['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'uncaughtException', 'unhandledRejection'].map((name) => process.listenerCount(name)),
      process.stdout.listenerCount('error'), process.stderr.listenerCount('error')];
    const before = look();
    const during = new Set();
    const own = ${JSON.stringify(at('own/levels.yaml'))};
    const overrides = { 'training.epochs': 1 };
    const options = { runs: ${JSON.stringify(at('caller/runs'))}, overrides, observer: () => during.add(JSON.stringify(look().slice(-8))) };
    await check(own, { overrides });
    await plan(own, { runs: options.runs, overrides });
    await run(own, options);
    await run(own, options);
    await check(${JSON.stringify(at('wrong.yaml'))});
    await run(${JSON.stringify(at('wrong.yaml'))}, options).catch(() => {});
    await study(${JSON.stringify(at('sweep.yaml'))}, { runs: options.runs, seeds: 1, workers: 1, observer: options.observer });
    openRuns(options.runs).list();
    const after = look();
    const changed = before.flatMap((value, index) => (Object.is(value, after[index]) ? [] : [index]));
    process.exitCode = changed.length === 0 && during.size === 1 ? 42 : 1 + changed.length;
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: at('caller'),
    env: { PATH: process.env['PATH'], HOME: folder, RETABLE_CACHE: at('cache') },
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual(['', '']);
  expect(status).toBe(42);
});
