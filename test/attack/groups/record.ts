import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Attack, Draw } from '../attack.js';
import { HarmDone, SECRET, type World } from '../world.js';

const RUN = ['run', 'tiny.yaml', '--engine', 'eager-js', '--quiet'];
/** Long enough to be interrupted: some seconds. */
const LONG = [...RUN, '--set', 'training.epochs=100'];

interface Shown {
  readonly run: string;
  readonly status: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly record: string;
}

const shown = async (world: World, ...more: readonly string[]): Promise<readonly Shown[]> =>
  JSON.parse((await world.succeeds(['list', '--json', ...more])).stdout) as readonly Shown[];

/** The folder of the only run. */
async function trained(world: World): Promise<string> {
  world.experiment();
  await world.succeeds(RUN);
  return onlyRun(world);
}

function onlyRun(world: World): string {
  const [experiment = ''] = readdirSync(world.runs).filter((name) => /^\d{18}$/.test(name));
  const [run = ''] = readdirSync(join(world.runs, experiment)).filter((name) => /^[0-9a-f]{32}$/.test(name));
  return join(world.runs, experiment, run);
}

/** Files of a run that something reads, by path in it. */
const FILES = [
  'meta.yaml',
  'metrics/train/loss',
  'params/seed',
  'tags/retable.work',
  'tags/mlflow.runName',
  'artifacts/plan.json',
  'artifacts/environment.json',
  'artifacts/weights.safetensors',
  '.retable/start.json',
  '.retable/computed-with.jsonl',
  '.retable/claims/000001.json',
  '../meta.yaml',
  '../../.retable-store',
  '../../.retable-index',
  '../../.retable-works',
] as const;

/**
 * A store in which one thing was broken: looking, mending and training end in words, what was mended is whole, and only what is left to a person
 * refuses the next training.
 */
const broken = (name: string, tries: number, harm: (path: string, any: Draw) => void, files: readonly string[] = FILES): Attack => ({
  name,
  tries,
  async attempt(world, any) {
    const run = await trained(world);
    await world.succeeds(['list']);
    const there = files.filter((file) => existsSync(join(run, file)));
    const path = join(run, any.pick(there.length > 0 ? there : files));
    harm(path, any);
    await world.retable(['show', 'latest']);
    const found = await world.retable(['store', 'verify']);
    const repaired = await world.retable(['store', 'repair']);
    const after = await world.retable(['store', 'verify']);
    for (const { status } of [found, repaired, after])
      if (status !== 0 && status !== 1) throw new Error(`${path}: store ends with ${String(status)}: ${found.stderr}${repaired.stderr}`);
    if (repaired.status !== after.status)
      throw new HarmDone('lost or doubled', `${path}: repair says\n${repaired.stdout}and verify after it\n${after.stdout}`);
    const again = await world.retable(RUN);
    if (again.status !== 0 && after.status === 0) throw new HarmDone('lost or doubled', `${path}: a whole store refuses: ${again.stderr}`);
    if (again.status !== 0 && again.stderr === '') throw new Error(`${path}: refused without a word`);
    await world.succeeds(['list']);
  },
});

const replaced = (path: string, make: (path: string) => void): void => {
  rmSync(path, { force: true, recursive: true });
  make(path);
};
const bytes = (any: Draw, count: number): Buffer => Buffer.from(Array.from({ length: count }, () => any.integer(0, 255)));

/** Kills or asks a training to end at any moment, then lets it go on: equal digits, one run. */
const interrupted = (name: string, tries: number, signals: readonly NodeJS.Signals[]): Attack => ({
  name,
  tries,
  async attempt(world, any) {
    world.experiment();
    const command = [...RUN, '--set', 'training.epochs=40'];
    await world.succeeds([...command, '--runs', 'whole']);
    for (let times = any.integer(1, 2); times > 0; times--) {
      const { child, ended } = world.start(command);
      await wait(any.integer(200, 2500));
      for (const signal of signals) child.kill(signal);
      await ended;
    }
    await world.succeeds(command);
    const [here] = await shown(world);
    const [whole] = await shown(world, '--runs', 'whole');
    const loss = 'train/loss';
    if (here?.metrics[loss] === undefined || here.metrics[loss] !== whole?.metrics[loss])
      throw new HarmDone('lost or doubled', `${here?.metrics[loss]} is not ${whole?.metrics[loss]}`);
    await world.expectRuns(1);
  },
});

const stage = (run: string, line: string): void => {
  const meta = join(run, 'meta.yaml');
  writeFileSync(meta, readFileSync(meta, 'utf8').replace(/lifecycle_stage: .*/, line));
};

export const record: readonly Attack[] = [
  broken('a file is cut at any byte', 12, (path, any) => truncateSync(path, any.integer(0, statSync(path).size))),
  broken('a file is empty', 6, (path) => writeFileSync(path, '')),
  broken('a file holds zeros', 6, (path) => writeFileSync(path, Buffer.alloc(statSync(path).size))),
  broken('a file holds any bytes', 6, (path, any) => writeFileSync(path, bytes(any, any.magnitude(1, 3000)))),
  broken('one bit of a file is another', 8, (path, any) => {
    const content = readFileSync(path);
    const at = any.integer(0, content.length - 1);
    content[at] = (content[at] ?? 0) ^ (1 << any.integer(0, 7));
    writeFileSync(path, content);
  }),
  broken('a file holds other JSON', 6, (path, any) =>
    writeFileSync(path, any.pick(['null', '[]', '{}', '7', '"a"', '[[]]', '{"__proto__": 1}', '{"version": 99}', '{"format": 9}'])),
  ),
  broken('a file is a folder', 5, (path) => replaced(path, mkdirSync)),
  broken('a file is a pipe', 5, (path) => replaced(path, (name) => void execFileSync('mkfifo', [name]))),
  broken('a file is a link to nowhere', 4, (path) => replaced(path, (name) => symlinkSync('/nowhere/at/all', name))),
  broken('a file is a link to itself', 3, (path) => replaced(path, (name) => symlinkSync(basename(name), name))),
  broken('a file is gone', 5, (path) => rmSync(path)),
  broken('a folder of a run is gone', 3, (path) => rmSync(path, { recursive: true }), [
    'metrics',
    'params',
    'tags',
    'artifacts',
    '.retable',
  ]),
  broken(
    'a stranger lies in a folder of a run',
    4,
    (path, any) => writeFileSync(join(path, any.pick(['.DS_Store', 'a b~', 'x\ty', 'nul\u0007', 'ü'.repeat(60)])), 'x'),
    ['metrics', 'params', 'tags', 'metrics/train'],
  ),
  broken(
    'a line of a metric is torn',
    3,
    (path, any) => writeFileSync(path, `${readFileSync(path, 'utf8')}17${'0'.repeat(any.integer(0, 9))}`),
    ['metrics/train/loss'],
  ),
  broken('lines of a metric stand there twice', 3, (path) => writeFileSync(path, readFileSync(path, 'utf8').repeat(2)), [
    'metrics/train/loss',
  ]),
  broken(
    'orders of jobs make no sense',
    3,
    (path, any) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, any.pick(['', '[', '{}', '[[{}]]', 'null']));
    },
    ['.retable/jobs/000001/orders.json'],
  ),
  {
    name: 'a store of a newer version is written into by nothing',
    tries: 3,
    async attempt(world, any) {
      await trained(world);
      const file = join(world.runs, '.retable-store');
      writeFileSync(file, readFileSync(file, 'utf8').replace('"format":1', `"format":${any.magnitude(2, 1e9)}`));
      const before = readdirSync(world.runs, { recursive: true }).length;
      for (const command of [
        [...RUN, '--fresh'],
        ['remove', 'latest'],
        ['store', any.pick(['repair', 'gc', 'relocate'])],
      ])
        await world.refused(command, /a newer retable made this/);
      if (readdirSync(world.runs, { recursive: true }).length !== before) throw new HarmDone('lost or doubled', 'it was written into');
    },
  },
  {
    name: 'a run is deleted on the page of MLflow, in any writing',
    tries: 4,
    async attempt(world, any) {
      const run = await trained(world);
      stage(
        run,
        any.pick(['lifecycle_stage: deleted', 'lifecycle_stage: "deleted"', "lifecycle_stage: 'deleted'", 'lifecycle_stage:   deleted']),
      );
      await world.expectRuns(0);
      if ((await shown(world, '--deleted')).length !== 1) throw new HarmDone('lost or doubled', 'it is not in the trash');
      await world.succeeds(RUN);
      await world.expectRuns(1);
      await world.succeeds(['restore', basename(run)]);
      await world.expectRuns(2);
    },
  },
  {
    name: 'a run goes into the trash and comes back',
    tries: 4,
    async attempt(world, any) {
      const id = basename(await trained(world)).slice(0, any.integer(4, 32));
      for (let times = any.integer(1, 2); times > 0; times--) {
        await world.succeeds(['remove', id]);
        await world.refused(['show', id], /restore/);
        await world.refused(['remove', id], /./);
        await world.succeeds(['restore', id]);
        await world.refused(['restore', id], /./);
      }
      await world.expectRuns(1);
      await world.succeeds(RUN);
      await world.expectRuns(1);
    },
  },
  {
    name: 'the trash is emptied',
    tries: 3,
    async attempt(world, any) {
      const run = await trained(world);
      if (any.pick([true, false])) await world.succeeds(['remove', 'latest']);
      else stage(run, 'lifecycle_stage: deleted');
      await world.succeeds(['store', 'gc', '--dry-run']);
      await world.succeeds(['restore', basename(run)]);
      await world.succeeds(['store', 'gc']);
      await world.expectRuns(1);
      await world.succeeds(['remove', basename(run)]);
      await world.succeeds(['store', 'gc']);
      await world.refused(['restore', basename(run)], /./);
      await world.succeeds(RUN);
      await world.expectRuns(1);
    },
  },
  {
    name: 'several begin one work at one instant',
    tries: 3,
    async attempt(world, any) {
      world.experiment();
      const fresh = any.pick([[], ['--fresh']]);
      const all = Array.from({ length: any.integer(3, 5) }, () => world.start([...LONG, ...fresh]));
      const ends = await Promise.all(all.map(({ ended }) => ended));
      const done = ends.filter(({ status }) => status === 0);
      for (const { status, stderr } of ends)
        if (status !== 0 && !/is being trained by process \d+ of this machine/.test(stderr))
          throw new Error(`ended with ${String(status)}: ${stderr}`);
      if (done.length === 0) throw new Error('nobody trained');
      if (fresh.length === 0) await world.expectRuns(1);
      await world.expectWhole();
    },
  },
  interrupted('a training is killed at any moment', 4, ['SIGKILL']),
  interrupted('a training is asked to stop at any moment', 3, ['SIGINT']),
  interrupted('a training is asked twice to stop at any moment', 3, ['SIGTERM', 'SIGINT']),
  {
    name: 'a killed run is interrupted in every list, whatever date its lease bears',
    tries: 4,
    async attempt(world, any) {
      world.experiment();
      const { child, ended } = world.start(LONG.filter((word) => word !== '--quiet'));
      for (let looks = 0; looks < 200 && !readdirSync(world.folder).includes('runs'); looks++) await wait(50);
      await wait(any.integer(800, 2000));
      child.kill('SIGKILL');
      await ended;
      const [run] = await shown(world);
      if (!run) return;
      const claims = join(world.folder, run.record, '.retable/claims');
      const date = new Date(Date.now() + any.pick([-1, 1]) * any.magnitude(1000, 1e12));
      for (const name of readdirSync(claims)) utimesSync(join(claims, name), date, date);
      const [again] = await shown(world);
      if (again?.status !== 'interrupted' && again?.status !== 'finished') throw new Error(`it is ${String(again?.status)}`);
      await world.succeeds(LONG);
      await world.expectRuns(1);
    },
  },
  {
    name: 'references to runs that mean nothing',
    tries: 6,
    async attempt(world, any) {
      await trained(world);
      const word = any.pick([
        '0000',
        'zzzz',
        '',
        '../..',
        '__proto__',
        'constructor',
        '-1',
        'ab',
        'latest~1',
        '\u001b[31m',
        '%00',
        'x'.repeat(5000),
      ]);
      await world.refused([any.pick(['show', 'remove', 'restore', 'export', 'sync']), '--', word], /./);
      await world.expectRuns(1);
    },
  },
  {
    name: 'words for --sort and --filter that mean nothing',
    tries: 8,
    async attempt(world, any) {
      await trained(world);
      const word = any.pick([
        '__proto__',
        'constructor',
        'toString',
        'metrics.',
        'params.__proto__',
        ')',
        '""',
        'a.b.c',
        '\u0000x'.slice(1),
        "'",
      ]);
      const { status } = await world.retable(
        any.pick([
          ['list', '--sort', word],
          ['list', '--filter', word],
          ['list', '--filter', `${word} = 1`],
        ]),
      );
      if (status !== 0 && status !== 2) throw new Error(`ended with ${String(status)}`);
    },
  },
  {
    name: 'commands on a folder that is no store',
    tries: 4,
    async attempt(world, any) {
      const folder = any.pick(['notes', 'empty', 'file', 'missing', 'a/artifacts/b']);
      mkdirSync(world.path('notes/2024'), { recursive: true });
      writeFileSync(world.path('notes/2024/meta.yaml'), 'a: 1\n');
      mkdirSync(world.path('empty'));
      writeFileSync(world.path('file'), 'x');
      mkdirSync(world.path('a/artifacts/b'), { recursive: true });
      await world.refused(['store', any.pick(['verify', 'repair', 'gc', 'relocate']), '--runs', folder], /./);
      if (readFileSync(world.path('notes/2024/meta.yaml'), 'utf8') !== 'a: 1\n') throw new HarmDone('lost or doubled', 'it was changed');
    },
  },
  {
    name: 'a store that was moved or copied',
    tries: 3,
    async attempt(world, any) {
      await trained(world);
      const there = world.path(any.pick(['moved', 'with blanks and ü', 'deep/er']));
      mkdirSync(dirname(there), { recursive: true });
      if (any.pick([true, false])) renameSync(world.runs, there);
      else cpSync(world.runs, there, { recursive: true });
      const runs = ['--runs', there];
      if ((await world.retable(['store', 'verify', ...runs])).status !== 1) throw new Error('it is not told');
      await world.succeeds(['store', 'relocate', ...runs]);
      await world.succeeds(['store', 'verify', ...runs]);
      await world.succeeds([...RUN, ...runs]);
      if ((await shown(world, ...runs)).length !== 1) throw new HarmDone('lost or doubled', 'it was trained again');
    },
  },
  {
    name: 'a password in an address of a document or an option',
    tries: 4,
    async attempt(world, any) {
      const uri = any.pick([
        `http://ada:${SECRET}@127.0.0.1:1`,
        `https://${SECRET}@127.0.0.1:1`,
        `http://ada:${SECRET}@:9`,
        `ftp://a:${SECRET}@h`,
      ]);
      world.experiment();
      await world.retable(
        [
          ...any.pick([
            [...RUN, '--track', uri],
            ['sync', '--to', uri],
            [...RUN, '--set', `tracking.uri=${uri}`],
          ]),
        ],
        {
          environment: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' },
        },
      );
    },
  },
];
