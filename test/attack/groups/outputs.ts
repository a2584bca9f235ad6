import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack, Draw } from '../attack.js';
import type { World } from '../world.js';

const SWEEP = `sweep: few
base: tiny.yaml
vary: [model.hidden_size: [2, 3]]
select: {metric: test/bit_accuracy}
seeds: 1
`;
const TABLE = `table: few
seeds: 1
columns: {bits: {metric: test/bit_accuracy}}
rows: {small: {base: tiny.yaml, set: {model.hidden_size: 2}}, large: {base: tiny.yaml}}
`;

interface Writer {
  readonly command: readonly string[];
  /** Endings that it writes. */
  readonly endings: readonly string[];
  /** It looks at what is recorded already: something has to be trained before. */
  readonly reads?: true;
}

const PAGES = ['.html', '.md', '.csv', '.json', '.svg', '.tex', '.HTML'];

/** Every command that has --output; those that train must refuse before they do. */
const WRITERS: Readonly<Record<string, Writer>> = {
  run: { command: ['run', 'tiny.yaml'], endings: PAGES },
  'run of a sweep': { command: ['run', 'few.yaml'], endings: PAGES },
  'run of a table': { command: ['run', 'table.yaml'], endings: PAGES },
  judge: { command: ['judge', 'table.yaml'], endings: PAGES },
  report: { command: ['report', 'latest'], endings: PAGES, reads: true },
  'report of a sweep': { command: ['report', 'few.yaml'], endings: PAGES },
  export: { command: ['export', 'latest'], endings: ['.npz', '.safetensors'], reads: true },
  init: { command: ['init', 'words.txt'], endings: ['.yaml', '.yml'] },
  schema: { command: ['schema'], endings: ['.json'] },
};

/** Documents and data for all of them, and what a command reads. */
async function prepare(world: World, { reads }: Writer): Promise<void> {
  world.experiment();
  world.write('few.yaml', SWEEP);
  world.write('table.yaml', TABLE);
  world.write('words.txt', 'to be or not to be, that is the question\n'.repeat(40));
  if (reads) await world.succeeds(['run', 'tiny.yaml']);
}

const trained = (world: World): number =>
  existsSync(world.runs)
    ? readdirSync(world.runs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('tags')).length
    : 0;

/** One line that names the file, nothing trained for it, and nothing half written. */
const refusing = (name: string, output: (world: World, ending: string, any: Draw) => string): readonly Attack[] =>
  Object.entries(WRITERS).map(([who, writer]) => ({
    name: `${who}: ${name}`,
    tries: 4,
    async attempt(world, any) {
      await prepare(world, writer);
      const before = trained(world);
      const file = output(world, any.pick(writer.endings), any);
      const { stderr } = await world.refused(
        [...writer.command, '--output', file],
        /error: .*(?:is a folder|is a file|can't be written|is there already)/,
      );
      if (stderr.split('\n').filter((line) => line.startsWith('error:')).length !== 1) throw new Error(`it is not one line:\n${stderr}`);
      if (trained(world) !== before) throw new Error('something was trained for a file that can not be written');
    },
  }));

/** A page is there at the end, whole, and names what it is of. */
const writing = (name: string, output: (world: World, ending: string) => string, who: readonly string[]): Attack => ({
  name,
  tries: 4,
  async attempt(world, any) {
    const writer = WRITERS[any.pick(who)];
    if (!writer) throw new RangeError('nobody writes');
    await prepare(world, writer);
    const file = output(world, any.pick(writer.endings));
    await world.succeeds([...writer.command, '--output', file]);
    if (readFileSync(world.path(file)).length === 0) throw new Error(`${file} is empty`);
  },
});

const CHEAP = ['report', 'export', 'init', 'schema', 'run'];

export const outputs: readonly Attack[] = [
  ...refusing('a folder stands there', (world, ending) => {
    mkdirSync(world.path(`page${ending}`));
    return `page${ending}`;
  }),
  ...refusing('a file stands where its folder should', (world, ending, any) => {
    world.write('file', 'x');
    return any.pick([`file/page${ending}`, `file/more/page${ending}`, `/dev/null/page${ending}`]);
  }),
  ...refusing('its name is too long or its disk takes none', (_, ending, any) =>
    any.pick([
      `${'x'.repeat(300)}${ending}`,
      `/proc/page${ending}`,
      `/proc/one/two/page${ending}`,
      `/sys/page${ending}`,
      `/proc/self/fd/page${ending}`,
    ]),
  ),
  writing('folders that are not there are made', (_, ending) => `one/two/page${ending}`, CHEAP),
  writing(
    'a link that leads nowhere yet is followed',
    (world, ending) => {
      symlinkSync(world.path(`real${ending}`), world.path(`page${ending}`));
      return `page${ending}`;
    },
    ['report', 'export', 'schema'],
  ),
  {
    name: 'the disk is full when a page is written',
    tries: 4,
    async attempt(world, any) {
      const writer = WRITERS[any.pick(['report', 'export', 'schema', 'run'])];
      if (!writer) throw new RangeError('nobody writes');
      await prepare(world, writer);
      const file = `page${any.pick(writer.endings)}`;
      symlinkSync('/dev/full', world.path(file));
      const { stderr } = await world.refused(
        [...writer.command, '--output', file],
        /page\.\w+ can't be written: the disk is full \(ENOSPC\)/,
      );
      if (!/^error/m.test(stderr)) throw new Error(stderr);
    },
  },
  {
    name: 'a formula stands where a name is written into a table for spreadsheets',
    tries: 4,
    async attempt(world, any) {
      const row = any.pick(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '=HYPERLINK("http://x")']);
      world.experiment();
      world.write('table.yaml', `${TABLE.split('rows:')[0] ?? ''}rows: {${JSON.stringify(row)}: {base: tiny.yaml}}\n`);
      await world.succeeds(['report', 'table.yaml', '--output', 'page.csv']);
      const page = readFileSync(world.path('page.csv'), 'utf8');
      if (!page.replaceAll('""', '"').includes(row)) throw new Error(`the row is missing:\n${page}`);
      for (const cell of page.split(/[\n,]/)) if (/^"?[=@+]|^"?-[^\d"]|^"?-2\+/.test(cell)) throw new Error(`a spreadsheet runs ${cell}`);
    },
  },
  {
    name: 'a description commands the terminal',
    tries: 4,
    async attempt(world, any) {
      const sequence = any.pick(['\\u001b[31m', '\\u001b]0;title\\u0007', '\\u009b2J', '\\u001b[2J', '\\r', '\\u0008\\u0008', '\\u202e']);
      world.experiment('tiny.yaml', { description: `"before ${sequence} after"` });
      const page = `page${any.pick(['.md', '.svg', '.csv', '.html', '.tex', '.json'])}`;
      const ends = [
        await world.succeeds(['run', 'tiny.yaml', '--output', page]),
        await world.succeeds(['show', 'latest']),
        await world.succeeds(['list']),
        await world.succeeds(['list', '--json']),
      ];
      const said = ends.map(({ stdout, stderr }) => stdout + stderr).join('') + readFileSync(world.path(page), 'utf8');
      const odd = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.exec(said);
      if (odd) throw new Error(`U+${odd[0].charCodeAt(0).toString(16)} is written as it is`);
    },
  },
  {
    name: 'on_finish hangs, fails or floods',
    tries: 4,
    async attempt(world, any) {
      const [command, says] = any.pick([
        ['sh -c "echo why; exit 3"', /on_finish ended with status 3[\s\S]*why/],
        ['kill -9 $$', /on_finish ended with SIGKILL/],
        ['no-such-program-at-all', /on_finish ended with status 127/],
        ['yes | head -c 3000000; exit 1', /on_finish ended with status 1/],
        ['sleep 100 & exit 0', /finished/],
      ] as const);
      world.experiment('tiny.yaml', { on_finish: JSON.stringify(command) });
      const { stdout, stderr } = await world.succeeds(['run', 'tiny.yaml']);
      if (!says.test(stdout + stderr)) throw new Error(`it does not say ${String(says)}:\n${stderr}`);
      if (stderr.length > 20_000) throw new Error('it says everything that the command printed');
      await world.expectRuns(1);
    },
  },
  {
    name: 'the cache can be nowhere',
    tries: 3,
    async attempt(world, any) {
      const file = world.write('file', '');
      const RETABLE_CACHE = any.pick(['/proc/one/two', '/proc/self/fd/7/cache', join(file, 'cache'), '/dev/null', '/dev/full/cache']);
      await world.succeeds(['run', world.experiment()], { environment: { RETABLE_CACHE } });
      await world.expectRuns(1);
    },
  },
];
