import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createStreams } from '../../src/random/streams.js';
import { type Attack, drawsOf, type Group, GROUPS } from './attack.js';
import { data } from './groups/data.js';
import { documents } from './groups/documents.js';
import { modules } from './groups/modules.js';
import { outputs } from './groups/outputs.js';
import { record } from './groups/record.js';
import { sweeps } from './groups/sweeps.js';
import { tracking } from './groups/tracking.js';
import { World } from './world.js';

/*
 * What is done to retable by bad documents, data, disks, servers, clocks, modules and by people who press Ctrl-C twice. Nothing may hang, print a
 * stack, lose or double a run, or show a secret.
 *
 * Two attacks of each group in the quick tests, others with every seed; RETABLE_ATTACK=all makes each as often as it says (`.ci/full`),
 * RETABLE_ATTACK=each makes each once, RETABLE_ATTACK=words those whose names hold the words, RETABLE_ATTACK_SEED=2 draws other numbers.
 */
const ALL: Readonly<Record<Group, readonly Attack[]>> = { documents, data, record, tracking, sweeps, modules, outputs };
const ASKED = process.env['RETABLE_ATTACK'];
const streams = createStreams(Number(process.env['RETABLE_ATTACK_SEED'] ?? 1));
const QUICK = 2;

/** So many of them, one try each, drawn without putting back. */
function some(attacks: readonly Attack[], group: Group): readonly (readonly [Attack, number])[] {
  const order = Int32Array.from(attacks, (_, index) => index);
  streams.stream(`attacks/${group}`).shuffle(order);
  return [...order.slice(0, QUICK)].flatMap((index) => attacks.slice(index, index + 1).map((attack) => [attack, 0] as const));
}

const chosen = (group: Group): readonly (readonly [Attack, number])[] => {
  const attacks = ALL[group];
  if (ASKED === undefined) return some(attacks, group);
  return attacks
    .filter(({ name }) => ASKED === 'all' || ASKED === 'each' || `${group}: ${name}`.includes(ASKED))
    .flatMap((attack) => Array.from({ length: ASKED === 'each' ? 1 : attack.tries }, (_, index) => [attack, index] as const));
};

describe.each(GROUPS.map((group) => [group, chosen(group)] as const).filter(([, attacks]) => attacks.length > 0))(
  '%s',
  (group, attacks) => {
    test.concurrent.each(attacks.map(([attack, index]) => [attack.name, index + 1, attack] as const))(
      '%s (%i)',
      { timeout: 300_000 },
      async (name, index, attack) => {
        const world = new World();
        try {
          await attack.attempt(world, drawsOf(streams.stream(`attack/${group}/${name}`, index)));
          world.judge();
        } finally {
          world.end();
        }
      },
    );
  },
);

test('docs/reliability.md says how many attacks there are', () => {
  const counts = GROUPS.map((group) => [group, ALL[group].length, ALL[group].reduce((sum, { tries }) => sum + tries, 0)] as const);
  const all = ['all', ...[1, 2].map((column) => counts.reduce((sum, row) => sum + Number(row[column]), 0))];
  const page = readFileSync('docs/reliability.md', 'utf8').replaceAll(/ +/g, ' ');
  for (const row of [...counts, all]) expect(page).toContain(`| ${row.join(' | ')} |`);
});
