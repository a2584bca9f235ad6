import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/commands/init.js';
import { openTerminal } from '../../src/host/terminal.js';
import { createStreams } from '../../src/random/streams.js';
import { examine, type Prepared } from '../../src/run/prepare.js';
import { trained } from '../support/experiment.js';

/* A file that plainly is a series becomes a forecast; other files stay what they were. */

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retable-init-'));
  process.env['RETABLE_CACHE'] = 'off';
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const quiet = (said: string[]) => ({
  ...openTerminal({ quiet: true }),
  out: (text: string) => void said.push(text),
  err: (text: string) => void said.push(text),
});

interface Written {
  readonly document: string;
  readonly text: string;
  readonly said: string;
}

async function init(name: string, content: string): Promise<Written> {
  const [data, said] = [join(folder, name), [] as string[]];
  writeFileSync(data, content);
  await run([data], {}, quiet(said));
  const document = data.replace(/\.\w+$/, '.yaml');
  return { document, text: readFileSync(document, 'utf8'), said: said.join('\n') };
}

const dayOf = (t: number): Date => new Date(Date.UTC(2018, 0, 1) + t * 86_400_000);
const iso = (t: number): string => dayOf(t).toISOString().slice(0, 10);
const { normal } = createStreams(1).stream('noise');
const drawn = Array.from({ length: 1000 }, () => normal());
const noise = (t: number): number => drawn[t % drawn.length] ?? 0;
const lines = (header: string, count: number, row: (t: number) => string | undefined): string =>
  [header, ...Array.from({ length: count }, (_, t) => row(t)).filter((each) => each !== undefined), ''].join('\n');
const week = (t: number): number => 1200 + 300 * Math.sin((2 * Math.PI * t) / 7) + 40 * noise(t);

function planned(document: string): Prepared {
  const examined = examine(document, {});
  expect('diagnostics' in examined ? examined.diagnostics : examined.warnings).toEqual([]);
  if ('diagnostics' in examined) throw new Error('it has mistakes');
  return examined;
}

const walk = Array.from({ length: 700 }).reduce<number[]>((all, _, t) => [...all, (all.at(-1) ?? 100) * Math.exp(0.01 * noise(t + 1))], []);

describe('a series of a file becomes a forecast that holds no mistake and no warning', () => {
  test.each<readonly [name: string, content: string, dataset: Readonly<Record<string, unknown>>, transforms: readonly object[]]>([
    [
      'airline.csv',
      readFileSync('experiments/data/airline.csv', 'utf8'),
      { time: 'Month', targets: ['Passengers'], window: 12 },
      [{ kind: 'log' }, { kind: 'difference', lag: 12 }, { kind: 'standardize' }],
    ],
    [
      'shampoo.csv',
      readFileSync('experiments/data/shampoo.csv', 'utf8'),
      { time: 'Time', targets: ['Sales'], window: 7 },
      [{ kind: 'log' }, { kind: 'difference', lag: 1 }, { kind: 'standardize' }],
    ],
    [
      // As pandas writes a series: its index has no name.
      'index.csv',
      lines(',sales', 300, (t) => `${iso(t)},${week(t).toFixed(1)}`),
      { time: '', targets: ['sales'], window: 12 },
      [{ kind: 'difference', lag: 7 }, { kind: 'standardize' }],
    ],
    [
      'index-counts.csv',
      lines(',date,sales', 300, (t) => `${t},${iso(t)},${week(t).toFixed(1)}`),
      { time: 'date', targets: ['sales'], window: 12 },
      [{ kind: 'difference', lag: 7 }, { kind: 'standardize' }],
    ],
    [
      'stores.csv',
      lines('store,date,temp,sales,part', 300, (t) => {
        const [store, at] = [t % 3, Math.floor(t / 3)];
        return `${['north', 'west', 'south'][store]},${iso(at)},${(10 * noise(t)).toFixed(1)},${(week(at) * (1 + store)).toFixed(1)},${at < 80 ? 'train' : 'test'}`;
      }),
      { time: 'date', series: 'store', targets: ['sales'], window: 12 },
      [{ kind: 'difference', lag: 7 }, { kind: 'standardize' }],
    ],
    [
      'umsatz.csv',
      lines(
        ';Datum;Umsatz [€];Filiale',
        200,
        (t) => `${t};${iso(t).split('-').toReversed().join('.')};${week(t).toFixed(2).replace('.', ',')};Mitte`,
      ),
      { time: { column: 'Datum', written: 'dd.MM.yyyy' }, targets: ['Umsatz [€]'] },
      [{ kind: 'difference', lag: 7 }, { kind: 'standardize' }],
    ],
    [
      'hourly.csv',
      lines('timestamp,load_mw,temp', 24 * 30, (t) => {
        const at = new Date(Date.UTC(2021, 2, 1, t)).toISOString().slice(0, 19).replace('T', ' ');
        return `${at},${(1000 + 200 * Math.sin((2 * Math.PI * t) / 24) + 20 * noise(t)).toFixed(1)},${(10 + noise(t)).toFixed(1)}`;
      }),
      { time: 'timestamp', targets: ['load_mw'], window: 24 },
      [{ kind: 'difference', lag: 24 }, { kind: 'standardize' }],
    ],
    [
      'stock.csv',
      lines('Date,Open,Close,Volume', 700, (t) => {
        const isClosed = dayOf(t).getUTCDay() % 6 === 0 || iso(t) === '2018-12-25';
        return isClosed ? undefined : `${iso(t)},${walk[t]?.toFixed(2)},${walk[t + 1]?.toFixed(2)},${Math.round(1e6 * (2 + noise(t)))}`;
      }),
      { time: 'Date', targets: ['Close'], missing: 'error' },
      [{ kind: 'difference', lag: 1 }, { kind: 'standardize' }],
    ],
    [
      'years.csv',
      lines('year,lynx', 114, (t) => `${1821 + t},${Math.round(1500 + 1300 * Math.sin((2 * Math.PI * t) / 10) + 90 * noise(t))}`),
      { time: 'year', targets: ['lynx'] },
      [{ kind: 'difference', lag: 10 }, { kind: 'standardize' }],
    ],
    [
      'gaps.csv',
      lines('date,temp', 200, (t) => (t === 50 || t === 120 ? undefined : `${iso(t)},${t === 90 ? '' : (15 + noise(t)).toFixed(1)}`)),
      { time: 'date', targets: ['temp'], missing: 'forward' },
      [{ kind: 'standardize' }],
    ],
  ])('%s', { timeout: 60_000 }, async (name, content, dataset, transforms) => {
    const { document } = await init(name, content);
    const prepared = planned(document);
    expect(prepared.resolved.values.dataset).toMatchObject({ kind: 'series', horizon: 1, ...dataset });
    const made = prepared.resolved.values.dataset['transform'] as readonly object[];
    expect(made.map((each) => Object.fromEntries(Object.entries(each).filter(([key]) => ['kind', 'lag'].includes(key))))).toEqual(
      transforms,
    );
    const { outcome } = await trained(prepared, { kind: 'eager-js', until: 1 });
    expect(outcome.kind).toBe('paused');
  });
});

test('it says why, and what else could be read', async () => {
  const { text, said } = await init(
    'sold.csv',
    lines('day,visits,sales,note', 120, (t) => `${iso(t)},${Math.round(week(t + 3))},${week(t).toFixed(1)},rain`),
  );
  expect(said).toMatch(/^120 steps, 2018-01-01 to 2018-04-30: "sales" is forecast from the 12 steps before\n/);
  expect(said).toContain('"visits" could be read too: "features" in the document\n"note" is not used: it holds text: "rain"\n');
  expect(text).toMatch(/ {2}time: day +# 2018-01-01 to 2018-04-30, step: day\n {2}targets: \[sales\] +# what is forecast\n/);
  expect(text).toMatch(/\n {2}# features: \[sales, visits\] +# reads the others too\n {2}# "note" is not used: it holds text: "rain"\n/);
  expect(text).toMatch(/\{kind: difference, lag: 7\} # from the value a season of 7 steps before\n/);
  // What stands behind "#" can be taken as it is.
  const document = join(folder, 'sold-more.yaml');
  writeFileSync(document, text.replace('# features', 'features'));
  expect(planned(document).resolved.values.dataset['features']).toEqual(['sales', 'visits']);
});

test.each([
  ['rows unevenly apart', lines('date,x', 60, (t) => `${iso(t * t)},${noise(t)}`)],
  ['a few rows', lines('date,x', 12, (t) => `${iso(t)},${noise(t)}`)],
  ['numbers that count rows under no name of time', lines('item,x', 60, (t) => `${t},${noise(t)}`)],
  ['words to answer', lines('date,x,label', 60, (t) => `${iso(t)},${noise(t)},${'ab'[t % 2]}`)],
])('no series: %s', async (_, content) => {
  await expect(init('other.csv', content)).rejects.toThrow(/\/other\.csv does not say which sequence a row belongs to/);
});

test('sequences with dates of their own stay sequences', async () => {
  const rows = (s: number): readonly string[] =>
    Array.from({ length: 8 }, (_, t) => `s${s},${iso(t)},${noise(9 * s + t).toFixed(3)},${'ab'[s % 2]}`);
  const { document } = await init('walks.csv', ['id,date,x,label', ...Array.from({ length: 20 }, (_, s) => rows(s)).flat(), ''].join('\n'));
  expect(planned(document).resolved.values.dataset.kind).toBe('sequences');
});
