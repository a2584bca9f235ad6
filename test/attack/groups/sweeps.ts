import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Attack, Draw } from '../attack.js';
import { HarmDone, type World } from '../world.js';

/** An experiment, a sweep of it over `vary`, and a table about it, all of them trained operation by operation: nothing is compiled. */
function documents(world: World, { vary = '[{model.hidden_size: [2, 3]}]', epochs = 2, more = '' } = {}): void {
  world.experiment('tiny.yaml', { training: `{epochs: ${epochs}, batch_size: 10}`, engine: '{kind: eager-js}' });
  world.write('sweep.yaml', `sweep: s\nbase: tiny.yaml\nselect: {metric: test/bit_accuracy}\nvary: ${vary}\n${more}`);
}

/** Folders of the runs on disk, whatever is the matter with them. */
const foldersOf = ({ runs }: World): readonly string[] =>
  (existsSync(runs) ? readdirSync(runs, { recursive: true, encoding: 'utf8' }) : [])
    .filter((name) => /^\d+\/[0-9a-f]{32}$/.test(name))
    .map((name) => join(runs, name));

/** Those of trials and experiments: the run of a sweep itself has no work. */
const worksOf = (world: World): readonly string[] => foldersOf(world).filter((folder) => has(folder, 'tags/retable.seed'));
const has = (folder: string, path: string): boolean => {
  try {
    readFileSync(join(folder, path));
    return true;
  } catch {
    return false;
  }
};

const claimOf = (folder: string): string => join(folder, '.retable', 'claims', '000001.json');

function holds(what: boolean, said: string): void {
  if (!what) throw new HarmDone('lost or doubled', said);
}

/** Pretends that a finished run is still at work, by these words of its lease. */
function pretendAtWork(folder: string, owner: object, seen?: Date): void {
  const meta = join(folder, 'meta.yaml');
  writeFileSync(
    meta,
    readFileSync(meta, 'utf8')
      .replace(/^status: .*/m, 'status: 1')
      .replace(/^end_time: .*/m, 'end_time: null'),
  );
  for (const tag of ['retable.outcome', 'retable.kept_epoch']) rmSync(join(folder, 'tags', tag), { force: true });
  writeFileSync(claimOf(folder), JSON.stringify({ host: hostname(), boot: 'x', pid: 1, started: '0', released: false, ...owner }));
  if (seen) utimesSync(claimOf(folder), seen, seen);
}

async function trained(world: World): Promise<string> {
  documents(world);
  await world.succeeds(['run', 'tiny.yaml']);
  const [folder] = worksOf(world);
  if (folder === undefined) throw new Error('no run on disk');
  return folder;
}

/** A sweep document that must be refused, by these lines of it. */
const refusedSweep = (name: string, tries: number, lines: (any: Draw) => string, says: RegExp): Attack => ({
  name,
  tries,
  async attempt(world, any) {
    documents(world);
    world.write('bad.yaml', `${lines(any)}\n`);
    await world.refused([any.pick(['run', 'check', 'plan']), 'bad.yaml'], says);
  },
});
const sweepOf = (lines: string): string => `sweep: s\nbase: tiny.yaml\n${lines}`;
const SELECT = 'select: {metric: test/bit_accuracy}';

/** What is done to a file or folder of the store between two commands; the second must end, well or in words. */
const damaged = (
  name: string,
  tries: number,
  harm: (folder: string, any: Draw, world: World) => void,
  command: readonly string[],
): Attack => ({
  name,
  tries,
  async attempt(world, any) {
    harm(await trained(world), any, world);
    const end = await world.retable(command);
    holds(end.status === 0 || end.status === 1, `${command.join(' ')} ends with ${String(end.status)}: ${end.stderr}`);
  },
});

export const sweeps: readonly Attack[] = [
  refusedSweep(
    'an axis without values',
    3,
    (any) => sweepOf(`${SELECT}\nvary: [{model.hidden_size: ${any.pick(['[]', '{}', 'null'])}}]`),
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'an axis that is no option',
    4,
    (any) => sweepOf(`${SELECT}\nvary: [{${any.pick(['model.size', 'modle.hidden_size', 'model.hidden_size.x', '__proto__.x'])}: [1, 2]}]`),
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'seeds beyond any machine',
    4,
    (any) => sweepOf(`${SELECT}\nvary: [{model.hidden_size: [2]}]\nseeds: ${any.magnitude(100_001, 1e15)}`),
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'seeds that are none',
    4,
    (any) => sweepOf(`${SELECT}\nvary: [{model.hidden_size: [2]}]\nseeds: ${any.pick(['0', '-1', '1.5', '[]', '[1, 1]', 'many'])}`),
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'a grid of more trials than can be',
    3,
    (any) =>
      sweepOf(
        `${SELECT}\nvary:\n${Array.from({ length: any.integer(4, 8) }, (_, i) => `  - {${['optimizer.learning_rate', 'optimizer.beta1', 'optimizer.beta2', 'optimizer.epsilon', 'dataset.train_fraction', 'training.epochs', 'training.batch_size', 'model.hidden_size'][i] ?? ''}: {kind: range, low: 1, high: 1000000, step: 1}}`).join('\n')}`,
      ),
    /bad\.yaml|trials|configurations|too many/,
  ),
  refusedSweep(
    'a metric that no trial records',
    4,
    (any) =>
      sweepOf(
        `select: {metric: ${any.pick(['test/accuracy', 'nowhere/loss', 'test/', '/loss', 'test/bit_accuracy/x'])}}\nvary: [{model.hidden_size: [2]}]`,
      ),
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'a base that is no experiment',
    4,
    (any) =>
      `sweep: s\nbase: ${any.pick(['sweep.yaml', 'bad.yaml', 'nothing.yaml', '.', '/dev/null'])}\n${SELECT}\nvary: [{model.hidden_size: [2]}]`,
    /bad\.yaml|sweep\.yaml|nothing\.yaml|dev\/null/,
  ),
  refusedSweep(
    'an epoch that counts and never comes',
    3,
    (any) => sweepOf(`select: {metric: test/bit_accuracy, at: ${any.integer(3, 1000)}}\nvary: [{model.hidden_size: [2]}]`),
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'pruning that begins nowhere',
    3,
    (any) =>
      sweepOf(
        `${SELECT}\nvary: [{model.hidden_size: [2, 3, 4]}]\nprune: {kind: successive_halving, first: ${any.pick(['0', '-1', '1.5', 'soon'])}}`,
      ),
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'a cluster that is none',
    3,
    (any) => sweepOf(`${SELECT}\nvary: [{model.hidden_size: [2]}]\nrun_on: {kind: ${any.pick(['slrum', 'cloud', '[]', '1'])}}`),
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'a name that leaves the store',
    4,
    (any) =>
      `sweep: ${any.pick(['../../x', 'a/b', '"a\\0b"', '""', '.', `"${'a'.repeat(300)}"`])}\nbase: tiny.yaml\n${SELECT}\nvary: [{model.hidden_size: [2]}]`,
    /bad\.yaml:\d+:\d+/,
  ),
  refusedSweep(
    'an exclusion that excludes all',
    3,
    () => sweepOf(`${SELECT}\nvary: [{model.hidden_size: [2]}]\nexclude: [{model.hidden_size: 2}]`),
    /bad\.yaml/,
  ),
  refusedSweep(
    'proposals beyond any machine',
    3,
    (any) =>
      sweepOf(
        `${SELECT}\nvary: [{model.hidden_size: {kind: integer, low: 1, high: 9}}]\nsearch: {kind: ${any.pick(['random', 'sobol'])}, trials: ${any.magnitude(1e9, 1e15)}}`,
      ),
    /bad\.yaml|trials/,
  ),
  {
    name: 'a number of workers that is none',
    tries: 6,
    async attempt(world, any) {
      documents(world);
      await world.refused(['run', 'sweep.yaml', '--workers', any.pick(['0', '-1', '1e9', 'many', '99999999999', '1.5', ''])], /workers/);
    },
  },
  {
    name: 'a place to train that is none',
    tries: 4,
    async attempt(world, any) {
      documents(world);
      await world.refused(['run', 'sweep.yaml', '--on', any.pick(['slurms', '__proto__', '', 'ray ', 'constructor'])], /--on/);
    },
  },
  {
    name: 'Slurm where there is none',
    tries: 2,
    async attempt(world) {
      documents(world);
      await world.refused(['run', 'sweep.yaml', '--on', 'slurm'], /Slurm is not on this machine/);
      await world.expectWhole();
    },
  },
  {
    name: 'Ray where nobody answers',
    tries: 4,
    async attempt(world, any) {
      documents(world);
      const address = any.pick(['http://127.0.0.1:9', 'ray://127.0.0.1:1', 'auto', 'http://[', 'http://nowhere.invalid:8265']);
      await world.refused(['run', 'sweep.yaml', '--on', 'ray'], /Ray|address/, { environment: { RAY_ADDRESS: address } });
      await world.expectWhole();
    },
  },
  {
    name: 'stop where nothing trains',
    tries: 6,
    async attempt(world, any) {
      if (any.pick([true, false])) await trained(world);
      await world.refused(
        ['stop', ...any.pick([[], ['s'], ['tiny'], ['sweep.yaml'], ['__proto__'], ['../x'], ['']])],
        /nothing|no |sweep\.yaml/,
      );
    },
  },
  {
    name: 'status of what was never run',
    tries: 5,
    async attempt(world, any) {
      await trained(world);
      await world.refused(
        ['status', any.pick(['nothing', 'nothing.yaml', 'tiny.yaml', '__proto__', '../..', ''])],
        /nothing|tiny|no sweep|neither|__proto__|\.\./,
      );
    },
  },
  {
    name: 'a sweep that is run again, with a seed more',
    tries: 3,
    async attempt(world, any) {
      documents(world);
      await world.succeeds(['run', 'sweep.yaml', '--workers', String(any.integer(1, 3))]);
      await world.succeeds(['run', 'sweep.yaml']);
      await world.succeeds(['run', 'sweep.yaml', '--set', 'seeds=2', '--workers', '2']);
      await world.expectRuns(5);
    },
  },
  {
    name: 'two commands run one sweep at one instant',
    tries: 3,
    async attempt(world, any) {
      documents(world);
      const ends = await Promise.all([1, 2].map(() => world.retable(['run', 'sweep.yaml', '--workers', String(any.integer(1, 2))])));
      holds(
        ends.every(({ status }) => status === 0),
        ends.map(({ stderr }) => stderr).join('\n'),
      );
      await world.expectRuns(3);
    },
  },
  {
    name: 'several processes begin one work at one instant',
    tries: 4,
    async attempt(world, any) {
      documents(world, { epochs: 20 });
      const more = any.pick([[], ['--fresh']]);
      const ends = await Promise.all(Array.from({ length: any.integer(3, 5) }, () => world.retable(['run', 'tiny.yaml', ...more])));
      for (const { status, stderr } of ends)
        holds(status === 0 || (status === 1 && /is being trained by process \d+/.test(stderr)), stderr);
      // Whoever comes after the end shows the run, or with --fresh trains a second one; none is left half.
      holds(
        (await world.listed()).every((run) => run.status === 'finished'),
        'a run is not finished',
      );
      await world.expectWhole();
    },
  },
  ...(['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGHUP'] as const).map((signal): Attack => ({
    name: `an experiment gets ${signal} at some moment, and is run again`,
    tries: 4,
    async attempt(world, any) {
      documents(world, { epochs: 30 });
      const { child, ended } = world.start(['run', 'tiny.yaml']);
      await pause(any.integer(100, 4000));
      child.kill(signal);
      const { status, signal: by } = await ended;
      holds([0, 130, 143, null].includes(status) && (by === null || by === signal), `it ended with ${String(status)}, by ${String(by)}`);
      await world.succeeds(['run', 'tiny.yaml']);
      await world.expectRuns(1);
    },
  })),
  ...(['SIGINT', 'SIGTERM', 'SIGKILL'] as const).map((signal): Attack => ({
    name: `a sweep gets ${signal} once or more at some moment, and is run again`,
    tries: 3,
    async attempt(world, any) {
      documents(world, { epochs: 10 });
      const { child, ended } = world.start(['run', 'sweep.yaml', '--workers', '2']);
      await pause(any.integer(500, 5000));
      for (let times = any.integer(1, 3); times > 0; times--) {
        child.kill(signal);
        await pause(any.integer(1, 300));
      }
      await ended;
      // Workers whose driver was killed end by themselves.
      if (signal === 'SIGKILL') await pause(5000);
      await world.succeeds(['run', 'sweep.yaml', '--workers', '2']);
      await world.expectRuns(3);
    },
  })),
  {
    name: 'a sweep is stopped by its name',
    tries: 2,
    async attempt(world, any) {
      documents(world, { epochs: 20_000 });
      const { ended, child } = world.start(['run', 'sweep.yaml', '--workers', '2']);
      for (let looks = 0; worksOf(world).length < 1 && looks < 300; looks++) await pause(100);
      holds(child.exitCode === null, 'it ended by itself');
      await world.succeeds(['stop', ...any.pick([['s'], ['sweep.yaml'], []])]);
      holds((await ended).status === 143, 'its status is another one');
      holds(
        (await world.listed()).every(({ status }) => status === 'killed'),
        'a run that was stopped has another status',
      );
      await world.expectWhole();
    },
  },
  ...[
    ['a lease of a process that is gone', {}],
    ['a lease of a machine that started anew', { boot: 'another', pid: process.pid }],
    ['a lease of a process whose number another one has', { pid: process.pid, started: '1' }],
    ['a lease without an owner', { host: null, pid: null }],
    ['a lease of a pid that can not be', { pid: -1 }],
  ].map(([name, owner]): Attack => ({
    name: String(name),
    tries: 2,
    async attempt(world) {
      const folder = await trained(world);
      pretendAtWork(folder, Object(owner) as object, new Date(1e12));
      const [run] = await world.listed();
      holds(run?.status === 'interrupted', `list says ${String(run?.status)}`);
      await world.refused(['stop'], /nothing trains/);
    },
  })),
  {
    name: 'a lease of another machine with a date of these minutes holds the run, whatever is asked',
    tries: 4,
    async attempt(world, any) {
      const folder = await trained(world);
      pretendAtWork(folder, { host: 'elsewhere' }, new Date(Date.now() + any.integer(-60_000, 60_000)));
      await world.refused(['run', 'tiny.yaml', ...any.pick([[], ['--fresh']])], /is being trained by process 1 on elsewhere/);
      await world.refused(['stop', 'tiny'], /at work on elsewhere/);
      holds(worksOf(world).length === 1, 'a second run was begun');
    },
  },
  {
    name: 'a lease of another machine with a date of any year is no sign of life',
    tries: 4,
    async attempt(world, any) {
      const folder = await trained(world);
      pretendAtWork(folder, { host: 'elsewhere' }, new Date(Date.UTC(any.pick([1971, 1999, 2020, 2038, 2090]), 1, 1)));
      const [run] = await world.listed();
      holds(run?.status === 'interrupted', `list says ${String(run?.status)}`);
    },
  },
  damaged(
    'the tag that says the work is gone',
    3,
    (folder, any) => {
      if (any.pick([true, false])) rmSync(join(folder, 'tags', 'retable.work'));
      else writeFileSync(join(folder, 'tags', 'retable.work'), any.pick(['', 'x', 'f'.repeat(64), '\0']));
    },
    ['run', 'tiny.yaml'],
  ),
  damaged(
    'the number of the attempt makes no sense',
    3,
    (folder, any) => writeFileSync(join(folder, 'tags', 'retable.attempt'), any.pick(['', 'x', '-1', '1e99', 'NaN', '0'])),
    ['run', 'tiny.yaml', '--fresh'],
  ),
  damaged(
    'the index of works lies',
    3,
    (folder, any, world) => {
      writeFileSync(join(world.runs, '.retable-works'), `${folder.slice(-32)} ${any.pick(['f'.repeat(64), 'x', ''])}\n`);
    },
    ['run', 'tiny.yaml'],
  ),
  damaged(
    'claims that make no sense',
    4,
    (folder, any) => {
      pretendAtWork(folder, {});
      writeFileSync(claimOf(folder), any.pick(['', 'null', '[]', '{', '7', '"x"', '\0\0\0']));
    },
    ['run', 'tiny.yaml'],
  ),
  damaged(
    'a sweep finds one of its trials in the trash',
    3,
    (folder) => {
      const meta = join(folder, 'meta.yaml');
      writeFileSync(meta, readFileSync(meta, 'utf8').replace('lifecycle_stage: active', 'lifecycle_stage: deleted'));
    },
    ['run', 'sweep.yaml', '--workers', '1'],
  ),
  damaged(
    'a sweep finds one of its trials damaged',
    3,
    (folder, any) => writeFileSync(join(folder, 'meta.yaml'), any.pick(['', '[', '\0', 'status: 9', 'x: &a [*a]'])),
    ['run', 'sweep.yaml', '--workers', '1'],
  ),
  damaged(
    'a file stands where an experiment should',
    2,
    (folder) => {
      rmSync(join(folder, '..'), { recursive: true });
      writeFileSync(join(folder, '..'), '');
    },
    ['run', 'sweep.yaml'],
  ),
  {
    name: 'every trial diverges or fails, and the sweep ends',
    tries: 2,
    async attempt(world, any) {
      documents(world, { vary: `[{optimizer.learning_rate: [${any.pick(['1e30, 1e35', '1e37, 1e38'])}]}]` });
      const end = await world.retable(['run', 'sweep.yaml', '--workers', '1']);
      holds(end.status === 0 || end.status === 1, `it ends with ${String(end.status)}`);
      await world.expectRuns(3);
    },
  },
  {
    name: 'the base changes while its sweep trains',
    tries: 2,
    async attempt(world) {
      documents(world, { epochs: 100 });
      const { ended, child } = world.start(['run', 'sweep.yaml', '--workers', '1']);
      for (let looks = 0; worksOf(world).length < 1 && looks < 300 && child.exitCode === null; looks++) await pause(50);
      documents(world, { epochs: 3 });
      const { status, stderr } = await ended;
      holds(status === 0 || /was changed while the sweep ran/.test(stderr), stderr);
      await world.expectWhole();
    },
  },
];
