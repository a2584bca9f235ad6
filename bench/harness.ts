import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { othersBetween, readLoad } from './load.js';
import { describeMachine, type Machine, thisMachine } from './machine.js';
import { extent, type Extent } from './statistics.js';

/** Something to measure: does its work once, in a process of its own where that matters, and gives numbers by name. */
export interface Candidate {
  readonly name: string;
  readonly measure: () => Promise<Readonly<Record<string, number>>>;
}

type Quantity = readonly [candidate: string, quantity: string];

/** What the measurement is for: a quantity, or how it compares with another of the same round. */
export interface Figure {
  readonly label: string;
  readonly of: Quantity;
  /** `of / over`. */
  readonly over?: Quantity;
  /** `of - minus`. */
  readonly minus?: Quantity;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Bench {
  readonly name: string;
  /** What is measured and how, in a few sentences; goes into the result. */
  readonly about: string;
  readonly candidates: readonly Candidate[];
  readonly figures: readonly Figure[];
  readonly versions?: Readonly<Record<string, string>>;
  /** How many rounds count, where five would take too long. */
  readonly rounds?: number;
  /** False where others' work changes nothing: memory. */
  readonly timed?: boolean;
}

/** What lies in results/NAME.json. */
export interface Result {
  readonly name: string;
  readonly about: string;
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly rounds_repeated_because_others_worked: number;
  readonly processors_used_by_others: Extent;
  readonly candidates: Readonly<Record<string, Readonly<Record<string, Extent>>>>;
  readonly figures: readonly (Figure & Extent)[];
}

type Round = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Processors' worth of work that others may do during a round before it stops to count. */
const QUIET = 0.2;
const ROUNDS = 5;

/**
 * Candidates take turns: a round is one measurement of each, and only numbers of the same round are compared, because a machine changes from
 * minute to minute. A round in which others worked is measured again; when there is no quiet at all, nothing is reported.
 *
 *     --rounds N    rounds that count (5)
 *     --anyway      whatever others do, for trying things out: prints, and writes nothing
 */
export async function bench(bench: Bench): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, anyway: { type: 'boolean' } }, strict: false });
  const { timed = true, rounds: enough = ROUNDS } = bench;
  const wanted = Number(values.rounds ?? enough);
  const anyway = values.anyway === true;
  const machine = thisMachine();
  console.log(`${bench.name}: ${bench.about}\n${describeMachine(machine)}`);
  const { rounds, disturbed, others } = await measureRounds(bench.candidates, wanted, anyway || !timed);
  const result: Result = {
    name: bench.name,
    about: bench.about,
    date: new Date().toISOString(),
    machine,
    versions: bench.versions ?? {},
    rounds: rounds.length,
    rounds_repeated_because_others_worked: disturbed,
    processors_used_by_others: extent(others),
    candidates: summarise(bench.candidates, rounds),
    figures: bench.figures.map((figure) => ({ ...figure, ...extent(rounds.map((round) => evaluate(figure, round))) })),
  };
  console.log(table(result.candidates));
  for (const figure of result.figures) console.log(describe(figure));
  console.log(
    `others used ${short(extent(others).median)} (${short(extent(others).min)} to ${short(extent(others).max)}) processors meanwhile`,
  );
  if (anyway || wanted < enough) return console.log('tried out, not written');
  const file = new URL(`results/${bench.name}.json`, import.meta.url);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`written to bench/results/${bench.name}.json`);
}

async function measureRounds(candidates: readonly Candidate[], wanted: number, anyway: boolean) {
  const rounds: Round[] = [];
  const others: number[] = [];
  let disturbed = 0;
  while (rounds.length < wanted) {
    const before = readLoad();
    const round: Record<string, Readonly<Record<string, number>>> = {};
    for (const candidate of candidates) round[candidate.name] = await candidate.measure();
    const busy = othersBetween(before, readLoad());
    if (busy <= QUIET || anyway) {
      rounds.push(round);
      others.push(busy);
    } else if ((disturbed += 1) > 2 * wanted) {
      throw new Error(`others keep this machine busy (${busy.toFixed(1)} processors' worth in the last round): no figures`);
    }
  }
  return { rounds, disturbed, others };
}

function summarise(candidates: readonly Candidate[], rounds: readonly Round[]): Result['candidates'] {
  return Object.fromEntries(
    candidates.map(({ name }) => {
      const quantities = Object.keys(rounds[0]?.[name] ?? {});
      return [
        name,
        Object.fromEntries(quantities.map((quantity) => [quantity, extent(rounds.map((round) => pick(round, [name, quantity])))])),
      ];
    }),
  );
}

function evaluate({ of, over, minus }: Figure, round: Round): number {
  const value = pick(round, of);
  return over ? value / pick(round, over) : minus ? value - pick(round, minus) : value;
}

function pick(round: Round, [candidate, quantity]: Quantity): number {
  const value = round[candidate]?.[quantity];
  if (value === undefined) throw new Error(`${candidate} did not measure ${quantity}`);
  return value;
}

function table(candidates: Result['candidates']): string {
  const rows = Object.entries(candidates).flatMap(([name, quantities]) =>
    Object.entries(quantities).map(
      ([quantity, { median, min, max }]) => `| ${name} | ${quantity} | ${[median, min, max].map(short).join(' | ')} |`,
    ),
  );
  return ['| | | median | min | max |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function describe({ label, median, min, max, atLeast, atMost }: Figure & Extent): string {
  const wanted = atLeast === undefined ? (atMost === undefined ? '' : `at most ${atMost}`) : `at least ${atLeast}`;
  const reached = median >= (atLeast ?? -Infinity) && median <= (atMost ?? Infinity);
  return `${label}: ${short(median)} (${short(min)} to ${short(max)})${wanted && `; ${wanted} wanted: ${reached ? 'reached' : 'missed'}`}`;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
