import { readdirSync, readFileSync } from 'node:fs';
import { format } from 'prettier';
import type { Figure, Result } from './harness.js';
import { describeMachine } from './machine.js';
import type { Extent } from './statistics.js';

export const page = new URL('../docs/internals/performance.md', import.meta.url);
const results = new URL('results/', import.meta.url);

/** docs/internals/performance.md as it is, and as it should be by the results that lie in bench/results. */
export async function performancePage(): Promise<{ readonly now: string; readonly due: string }> {
  const measured = readdirSync(results)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(file, results), 'utf8')) as Result);
  const now = readFileSync(page, 'utf8');
  return { now, due: await fillPage(now, new Map(measured.map((result) => [result.name, result]))) };
}

/**
 * A page with its figures filled in: what stands between `<!-- bench NAME -->` and `<!-- end -->` is made from the result of that name. Everything
 * else is written by hand.
 */
export async function fillPage(page: string, results: ReadonlyMap<string, Result>): Promise<string> {
  const filled = page.replace(/(<!-- bench (\S+) -->\n)[^]*?(<!-- end -->)/g, (_, begin: string, name: string, end: string) => {
    const result = results.get(name);
    const text = result
      ? `${(SECTIONS[name] ?? plainSection)(result)}\n\n${origin(result)}`
      : `Not measured yet: \`npm run bench ${name}\`.`;
    return `${begin}\n${text}\n\n${end}`;
  });
  return format(filled, { parser: 'markdown', printWidth: 140 });
}

const SECTIONS: Readonly<Record<string, (result: Result) => string>> = {
  recurrent: recurrentSection,
  roofline: rooflineSection,
  minutes: minutesSection,
};

/** All that was measured, then how it compares. */
function plainSection({ candidates, figures }: Result): string {
  const measured = Object.entries(candidates).flatMap(([name, quantities]) =>
    Object.entries(quantities).map(([quantity, extent]) => [name, quantity, spread(extent)]),
  );
  return [tableOf(['', 'quantity', 'median (least to most)'], measured), ...(figures.length > 0 ? [figureTable(figures)] : [])].join(
    '\n\n',
  );
}

const figureTable = (figures: Result['figures']): string =>
  tableOf(
    ['figure', 'wanted', 'measured'],
    figures.map((figure) => [figure.label, wanted(figure), spread(figure)]),
  );

/** A row for each net, a column for each contender: its tokens a second, and in brackets how many times as fast we are. */
function recurrentSection({ candidates, figures }: Result): string {
  const titles = ['LSTM 256 scratch', 'LSTM 256 built in', 'GRU 256 scratch', 'GRU 256 built in', 'RNN 512 scratch', 'RNN 512 built in'];
  const tables = ['1 thread', '2 threads'].flatMap((threads) => {
    const rate = (name: string): number | undefined => candidates[`${name}, ${threads}`]?.['tokens/s']?.median;
    const ratio = (ours: string, theirs: string) => figures.find(({ label }) => label === `${ours} / ${theirs}, ${threads}`);
    const peers = ['PyTorch', 'torch.compile', 'JAX', 'Keras'].filter((peer) =>
      Object.keys(candidates).some((name) => name.endsWith(`, ${peer}, ${threads}`)),
    );
    const rows = [...titles, 'LSTM 2 x 256 built in', 'LSTM 50 x 60 scratch', 'LSTM 50 x 60 built in'].flatMap((title) => {
      const ours = `${title}, retable`;
      const reached = rate(ours);
      if (reached === undefined) return [];
      const net = title.replace(/ (scratch|built in)$/, '');
      // A peer that has one form of a net is compared with both of ours.
      const against = peers.map((peer) => {
        const rival = [`${title}, ${peer}`, `${net}, ${peer}`].find((name) => ratio(ours, name));
        const [theirs, times] = rival === undefined ? [] : [rate(rival), ratio(ours, rival)];
        return theirs === undefined || !times ? '' : `${count(theirs)} (${short(times.median)})`;
      });
      const goal = (ratio(ours, `${title}, PyTorch`) ?? ratio(ours, `${net}, PyTorch`))?.atLeast;
      return [[title, count(reached), ...against, goal === undefined ? '' : `${goal} times PyTorch`]];
    });
    return rows.length > 0 ? [tableOf([`tokens/s, ${threads}`, 'retable', ...peers, 'wanted'], rows)] : [];
  });
  return [...tables, 'Each figure with its spread:', figureTable(figures)].join('\n\n');
}

/** A row for each part of the step, in order of cost, then what the distance from the limit is made of. */
function rooflineSection({ candidates, figures }: Result): string {
  const step = candidates['step'] ?? {};
  const median = (quantity: string): number => step[quantity]?.median ?? Number.NaN;
  const rate = candidates['sgemm']?.['GFLOP/s']?.median ?? Number.NaN;
  const whole = median('ms a step');
  const parts = Object.keys(step).flatMap((quantity) => (quantity.startsWith('ms, ') ? [quantity.slice(4)] : []));
  const rows = parts
    .toSorted((a, b) => Number(a === 'rest') - Number(b === 'rest') || median(`ms, ${b}`) - median(`ms, ${a}`))
    .map((part) => {
      const [milliseconds, gflop, operations] = [median(`ms, ${part}`), median(`GFLOP, ${part}`), median(`operations, ${part}`)];
      const products = Number.isNaN(gflop) ? ['', '', ''] : [gflop, (1000 * gflop) / milliseconds, (1000 * gflop) / rate].map(short);
      return [part, Number.isNaN(operations) ? '' : count(operations), short(milliseconds), percent(milliseconds / whole), ...products];
    });
  const gflop = parts.reduce((sum, part) => sum + (step[`GFLOP, ${part}`]?.median ?? 0), 0);
  const limit = (1000 * gflop) / rate;
  const all = ['**all**', '', short(whole), '', short(gflop), short((1000 * gflop) / whole), short(limit)];
  const within = (kind: RegExp): number => parts.reduce((sum, part) => sum + (kind.test(part) ? median(`ms, ${part}`) : 0), 0);
  return [
    tableOf(['part', 'operations', 'ms', 'share', 'GFLOP', 'GFLOP/s', 'ms at the rate of sgemm'], [...rows, all]),
    `A large product runs at ${short(rate)} GFLOP/s here: at that rate the products alone would take ${short(limit)} ms. The distance of ` +
      `${short(whole - limit)} ms is made of products that run slower than that (${short(within(/^products/) - limit)} ms), elementwise ` +
      `operations (${short(within(/^elementwise/))} ms), joining, cutting and transposing (${short(within(/^joining/))} ms), clipping and ` +
      `the optimizer (${short(within(/^clipping/))} ms), and the rest (${short(within(/^rest$/))} ms).`,
    figureTable(figures),
  ].join('\n\n');
}

/** A row for each row of the table, the measured rates beside the minutes that follow from them. */
function minutesSection({ candidates, figures }: Result): string {
  const rows = Object.keys(candidates).flatMap((name) => (name.endsWith(', retable') ? [name.slice(0, -', retable'.length)] : []));
  const sides = ['retable', 'PyTorch'].filter((side) => candidates[`all, ${side}`]);
  const columns = ['tokens/s', 'minutes'].flatMap((quantity) => sides.map((side) => ({ side, quantity })));
  const lines = rows.map((row) => [
    row === 'all' ? '**all**' : row,
    ...columns.map(({ side, quantity }) => {
      const extent = candidates[`${row}, ${side}`]?.[quantity];
      return extent === undefined ? '' : row === 'all' ? spread(extent) : short(extent.median);
    }),
  ]);
  const head = [
    '',
    ...columns.map(({ side, quantity }) => (quantity === 'minutes' ? `minutes, ${side}, computed` : `${quantity}, ${side}`)),
  ];
  return [tableOf(head, lines), ...(figures.length > 0 ? [figureTable(figures)] : [])].join('\n\n');
}

function origin({ date, machine, rounds, processors_used_by_others: others, versions }: Result): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const by = [`${date.slice(0, 10)}; ${describeMachine(machine)}`, ...(peers.length > 0 ? [peers.join(', ')] : [])].join('; ');
  return `<sub>${by}; ${rounds} rounds, others used at most ${short(others.max)} processors.</sub>`;
}

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const wanted = ({ atLeast, atMost }: Figure): string =>
  atLeast !== undefined ? `at least ${count(atLeast)}` : atMost !== undefined ? `at most ${count(atMost)}` : '';

const spread = ({ median, min, max }: Extent): string => `${short(median)} (${short(min)} to ${short(max)})`;

/** Three digits that count, thousands apart. */
const short = (value: number): string => count(Number(value.toPrecision(3)));
const count = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;
