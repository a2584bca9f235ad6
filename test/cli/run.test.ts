import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { workplace } from '../support/program.js';

const FILE = 'experiments/lstm_addition.yaml';
const place = workplace();
/** `.ci/full` kills more often. */
const KILLS = Number(process.env['RETABLE_KILLS'] ?? 6);
const small = ['--set', 'dataset.examples=2000', '--set', 'training.epochs=3'];

interface Result {
  readonly run: string;
  readonly outcome: string;
  readonly repeated: boolean;
  readonly reason?: string;
  readonly metrics: Readonly<Record<string, { readonly epoch: number; readonly value: number }>>;
  readonly record: string;
}
const fits = new Ajv({ strictTypes: false }).compile(JSON.parse(readFileSync('schemas/run-result.schema.json', 'utf8')) as object);

function result(stdout: string): Result {
  const parsed: unknown = JSON.parse(stdout);
  expect(fits(parsed), JSON.stringify(fits.errors)).toBe(true);
  return parsed as Result;
}

describe('run', () => {
  const runs = join(place.folder, 'twice');

  it('trains, records and sums up; the second time it shows what is there', async () => {
    const first = await place.call('run', FILE, ...small, '--runs', runs, '--json');
    expect(first.status).toBe(0);
    expect(first.stderr).toMatch(/epoch 3\/3 {2}train\/loss 0\.\d+/);
    expect(result(first.stdout)).toMatchObject({ outcome: 'finished', repeated: false, metrics: { 'test/exact_match': { epoch: 3 } } });

    const again = await place.call('run', FILE, ...small, '--runs', runs, '--json');
    expect(again.status).toBe(0);
    expect(again.stderr).toContain('done before');
    expect(again.stderr).not.toContain('epoch');
    expect(result(again.stdout)).toEqual({ ...result(first.stdout), repeated: true });
  });

  it('trains again when asked to, with equal digits, beside the first attempt', async () => {
    const [before] = listed(await place.call('list', '--runs', runs, '--json'));
    const fresh = result((await place.call('run', FILE, ...small, '--runs', runs, '--json', '--fresh')).stdout);
    expect(fresh.run).not.toBe(before?.run);
    for (const [key, { value }] of Object.entries(fresh.metrics))
      if (!key.endsWith('_per_second')) expect(value).toBe(before?.metrics[key]);
    expect(listed(await place.call('list', '--runs', runs, '--json')).length).toBe(2);
  });

  it('leaves the pictures, the document, the plan and the environment beside the numbers', async () => {
    const { record } = result((await place.call('run', FILE, ...small, '--runs', runs, '--json')).stdout);
    const artifacts = readdirSync(join(record, 'artifacts'), { recursive: true, encoding: 'utf8' });
    for (const path of ['source/lstm_addition.yaml', 'config.resolved.yaml', 'plan.txt', 'plan.json', 'environment.json', 'plots/loss.svg'])
      expect(artifacts).toContain(path);
    expect(readFileSync(join(record, 'artifacts', 'source', 'lstm_addition.yaml'), 'utf8')).toBe(readFileSync(FILE, 'utf8'));
    expect(readFileSync(join(record, 'params', 'model.hidden_size'), 'utf8')).toBe('32');
  });

  it('goes on where a copy of the records was put', async () => {
    const moved = join(place.folder, 'moved');
    cpSync(runs, moved, { recursive: true });
    const { stderr, status } = await place.call('run', FILE, ...small, '--runs', moved);
    expect(status).toBe(0);
    expect(stderr).toContain('done before');
  });
});

describe('an interrupted run', () => {
  const long = ['--set', 'dataset.examples=6000', '--set', 'training.epochs=12'];

  it('is closed as KILLED by Ctrl-C, and goes on with the same command', async () => {
    const runs = join(place.folder, 'interrupted');
    const started = place.start(['run', FILE, ...long, '--runs', runs]);
    await started.said(/epoch +2\/12/);
    started.child.kill('SIGINT');
    const ended = await started.ended;
    expect(ended.status).toBe(130);
    expect(ended.stderr).toContain('what was recorded stays');
    expect(listed(await place.call('list', '--runs', runs, '--json'))).toMatchObject([{ status: 'killed' }]);

    const again = await place.call('run', FILE, ...long, '--runs', runs);
    expect(again.status).toBe(0);
    expect(again.stderr).toMatch(/goes on after epoch \d/);
    expect(listed(await place.call('list', '--runs', runs, '--json'))).toMatchObject([{ status: 'finished' }]);
  });

  it('ends with equal digits and each epoch once, however often it is killed', { timeout: 300_000 }, async () => {
    const whole = join(place.folder, 'whole');
    const pieces = join(place.folder, 'pieces');
    await place.call('run', FILE, ...long, '--runs', whole);
    for (let kill = 0; kill < KILLS; kill++) {
      const epoch = 1 + Math.floor((11 * kill) / KILLS);
      const started = place.start(['run', FILE, ...long, '--runs', pieces]);
      await started.said(new RegExp(`epoch +${epoch}/12`)).catch(() => undefined);
      started.child.kill('SIGKILL');
      await started.ended;
    }
    const last = await place.call('run', FILE, ...long, '--runs', pieces);
    expect(last.status, last.stderr).toBe(0);
    expect(points(pieces)).toEqual(points(whole));
  });

  it('is not touched while another process trains it', async () => {
    const runs = join(place.folder, 'held');
    const first = place.start(['run', FILE, ...long, '--runs', runs]);
    await first.said(/epoch +1\/12/);
    const second = await place.call('run', FILE, ...long, '--runs', runs);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/is being trained by process \d+ of this machine/);
    expect((await first.ended).status).toBe(0);
  });
});

describe('a run that fails', () => {
  it('says at which step it diverged, and is a result that is not repeated', async () => {
    const runs = join(place.folder, 'diverged');
    const wild = ['--set', 'optimizer={kind: sgd, learning_rate: 1e30}', ...small, '--runs', runs];
    const first = await place.call('run', FILE, ...wild, '--json');
    expect(first.status).toBe(1);
    expect(result(first.stdout).reason).toMatch(
      /^the loss became (NaN|Infinity) at step \d+ \(epoch 1\); the gradient norm one step before was/,
    );
    const again = await place.call('run', FILE, ...wild, '--json');
    expect(again.status).toBe(1);
    expect(result(again.stdout)).toMatchObject({ outcome: 'diverged', repeated: true });
  });

  it.skipIf(process.getuid?.() === 0)('says so when it may not write', async () => {
    const runs = join(place.folder, 'locked');
    cpSync('experiments', runs, { recursive: true });
    chmodSync(runs, 0o555);
    const { status, stderr } = await place.call('run', FILE, ...small, '--runs', runs);
    expect(status).toBe(1);
    expect(stderr).toContain('no permission');
  });

  it('says so when the records can’t stand where they should', async () => {
    const { status, stderr } = await place.call('run', FILE, ...small, '--runs', 'package.json');
    expect(status).toBe(1);
    expect(stderr).toMatch(/error: a file stands where a folder is needed/);
  });
});

describe('the command line', () => {
  it.each([
    [['run', 'experiments/lstm_adition.yaml'], 2, /did you mean "?experiments\/lstm_addition.yaml/],
    [['run', FILE, '--set', 'model.hiden_size=3'], 2, /hidden_size/],
    [['run', FILE, '--epoch', '3'], 2, /unknown option '--epoch'/],
    [['rnu', FILE], 2, /unknown command 'rnu'[^]*Did you mean run/],
    [['check', FILE, 'experiments'], 2, /directory/],
    [['run'], 2, /missing required argument 'file\|run'/],
    [['show', 'nothing', '--runs', join(place.folder, 'none')], 2, /no run "nothing"/],
    [['run', FILE, '--engine', 'tensorflow'], 2, /tfjs-node/],
  ])('%j ends with %i and says why', async (args, status, words) => {
    const ended = await place.call(...args);
    expect(ended.stderr).toMatch(words);
    expect(ended.status).toBe(status);
    expect(ended.stdout).toBe('');
  });

  it('goes on when the reader of its lines goes away', async () => {
    const runs = join(place.folder, 'piped');
    const started = place.start(['run', FILE, ...small, '--runs', runs]);
    started.child.stdout?.destroy();
    started.child.stderr?.destroy();
    expect((await started.ended).status).toBe(0);
    expect(listed(await place.call('list', '--runs', runs, '--json'))).toMatchObject([{ status: 'finished' }]);
  });

  it.each([[['--help']], [['check', FILE]], [['plan', FILE, '--origins', '--runs', join(place.folder, 'none')]]])(
    '%j loads neither TensorFlow.js nor ONNX Runtime',
    async (args) => {
      const coverage = join(place.folder, `modules-${args[0]}`);
      expect((await place.start(args, { NODE_V8_COVERAGE: coverage }).ended).status).toBe(0);
      const loaded = readdirSync(coverage).flatMap((file) => {
        const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as {
          readonly result: readonly { readonly url: string }[];
        };
        return result.map(({ url }) => url);
      });
      expect(loaded.some((url) => url.endsWith('/dist/cli/main.js'))).toBe(true);
      expect(loaded.filter((url) => /@tensorflow|onnxruntime|vega/.test(url))).toEqual([]);
    },
  );
});

interface Listed {
  readonly run: string;
  readonly status: string;
  readonly metrics: Readonly<Record<string, number>>;
}
const listed = ({ stdout }: { readonly stdout: string }): readonly Listed[] => JSON.parse(stdout) as readonly Listed[];

/** Every recorded point but those of speed, by file, without its time. */
function points(runs: string): Readonly<Record<string, readonly string[]>> {
  const files = readdirSync(runs, { recursive: true, encoding: 'utf8' }).filter((file) => /metrics\/\w+\/(?!.*per_second)\w+$/.test(file));
  return Object.fromEntries(
    files.map((file) => [
      file.slice(file.indexOf('metrics')),
      readFileSync(join(runs, file), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ').slice(1).join(' ')),
    ]),
  );
}
