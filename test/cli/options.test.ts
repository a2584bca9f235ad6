import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OptionName, Options } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { Refusal } from '../../src/host/exit.js';
import { flagOf, isGiven } from '../../src/cli/flags.js';
import { FOR_SOME, PAIRS, refuseIdle, refuseIdlePairs, type Subject } from '../../src/cli/options-by-kind.js';
import { workplace } from '../support/program.js';

const given = (name: OptionName): Options => ({
  [name]: name === 'wait' ? false : name === 'only' || name === 'vary' ? ['a'] : 'x',
});
const optionsOf = (command: string): readonly OptionName[] => COMMANDS.find(({ name }) => name === command)?.options ?? [];

function refusalOf(act: () => void): Refusal | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Every command with every subject that it tells apart: the options that do something for it. */
const TAKEN: Readonly<Record<string, Partial<Record<Subject, string>>>> = {
  run: {
    experiment:
      'set seed engine device threads runs track vary select search trials write output fresh from weightsFrom json quiet progress',
    sweep:
      'set seed engine device threads runs track workers on wait failFast seeds vary select search trials write output json quiet progress',
    table:
      'set seed engine device threads runs track workers on wait failFast strict reasons only budget seeds output fresh json quiet progress',
  },
  plan: {
    experiment: 'set seed engine device threads runs weightsFrom origins graph after measure vary select search trials output json',
    sweep: 'set seed engine device threads runs measure workers seeds vary select search trials output json',
    table: 'set seed engine device threads runs measure workers only seeds output json',
  },
  report: {
    run: 'filter runs output caption label',
    sweep: 'set seeds vary select search trials runs output caption label',
    table: 'set seeds runs output caption label',
  },
  status: {
    everything: 'runs json',
    name: 'runs json',
    sweep: 'set seeds vary select search trials engine device runs json',
    table: 'set seeds engine device runs json',
  },
  watch: {
    experiment: 'runs port once output',
    sweep: 'runs port once output',
    table: 'set seeds runs port once output',
    run: 'runs port once output',
    all: 'runs port once output',
  },
  compare: { all: 'filter sort all output runs json csv', named: 'all output runs json csv' },
  store: { verify: 'runs json', repair: 'runs dryRun json', relocate: 'runs dryRun json', gc: 'runs dryRun json' },
};

describe.each(Object.entries(TAKEN))('retable %s', (command, bySubject) => {
  it.each(Object.entries(bySubject))('of %s takes what does something for it, and refuses the rest', (subject, taken) => {
    const taking = optionsOf(command).filter((name) => refusalOf(() => refuseIdle(command, subject as Subject, given(name))) === undefined);
    expect(taking).toEqual(optionsOf(command).filter((name) => taken.split(' ').includes(name)));
    expect(taken.split(' ').toSorted()).toEqual(taking.toSorted());
  });

  it.each(Object.keys(bySubject))('says of %s what an option is for, and what to do instead', (subject) => {
    for (const name of optionsOf(command)) {
      const refusal = refusalOf(() => refuseIdle(command, subject as Subject, given(name)));
      if (!refusal) continue;
      expect(refusal.status).toBe(2);
      expect(refusal.message).toMatch(new RegExp(`^${flagOf(name)} is for .+, and this is .+`));
      expect(refusal.help).toMatch(/.{8,}/);
    }
  });
});

it('the table names options and commands that there are', () => {
  for (const [command, options] of Object.entries(FOR_SOME)) {
    expect(optionsOf(command)).toEqual(expect.arrayContaining(Object.keys(options)));
    expect(Object.keys(TAKEN)).toContain(command);
  }
});

const PAIRS_BY_COMMAND = Object.entries(PAIRS).flatMap(([command, pairs]) => pairs.map((pair) => [command, pair] as const));

it.each(PAIRS_BY_COMMAND)('retable %s refuses $option where it does nothing', (command, { option, with: needed, without }) => {
  expect(optionsOf(command)).toEqual(expect.arrayContaining([option, needed ?? without]));
  const both = { ...given(option), ...given(needed ?? without ?? option) };
  const wrong = refusalOf(() => refuseIdlePairs(command, needed === undefined ? both : given(option)));
  expect(wrong?.message).toContain(`${flagOf(option)} does nothing`);
  expect([wrong?.status, wrong?.help]).toEqual([2, expect.stringMatching(/.{8,}/)]);
  expect(refusalOf(() => refuseIdlePairs(command, needed === undefined ? given(option) : both))).toBeUndefined();
});

it('what the parser says of an option that nobody gave is not given', () => {
  expect(isGiven('wait', { wait: true })).toBe(false);
  expect(isGiven('wait', { wait: false })).toBe(true);
  expect(isGiven('fresh', { fresh: true })).toBe(true);
  expect(isGiven('fresh', {})).toBe(false);
});

it('by process: refused with status 2, before anything is trained or written', async () => {
  const place = workplace();
  const sweep = join(place.folder, 's.yaml');
  writeFileSync(sweep, 'sweep: s\nbase: e.yaml\nvary: [{model.hidden_size: [4]}]\nselect: {metric: test/loss}\nseeds: [3]\n');
  const workers = await place.call('run', 'experiments/lstm_addition.yaml', '--workers', '3', '--runs', join(place.folder, 'runs'));
  expect(workers).toMatchObject({ status: 2, stdout: '' });
  expect(workers.stderr).toContain('--workers is for a sweep or a table, and this is an experiment');
  const only = await place.call('run', sweep, '--only', 'a');
  expect([only.status, only.stderr]).toEqual([2, expect.stringContaining('"exclude" in a sweep leaves configurations out')]);
  const after = await place.call('plan', 'experiments/lstm_addition.yaml', '--after', 'recorded');
  expect([after.status, after.stderr]).toEqual([2, expect.stringContaining('--after does nothing without --graph')]);
});
