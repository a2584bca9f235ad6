import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { unusedPrograms } from '../../src/cli/unused-programs.js';

const now = Date.now();
const days = (count: number): number => now - count * 86_400_000;

it('gives back what nobody used for a month, what was never finished, and the oldest beyond the limit', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'retable-programs-'));
  const make = (name: string, used: number, bytes: number): void => {
    fs.writeFileSync(join(folder, name), '');
    fs.truncateSync(join(folder, name), bytes); // without taking the space
    fs.utimesSync(join(folder, name), new Date(used), new Date(used));
  };
  make('new.program', days(1), 2 ** 29);
  make('middle.program', days(2), 2 ** 28);
  make('much.program', days(3), 2 ** 29);
  make('old.program', days(31), 10);
  make('begun.part', days(1), 10);
  make('now.part', now, 10);
  make('left.lock', days(1), 10);
  make('held.lock', now, 10);
  make('another.txt', days(100), 10);
  const found = unusedPrograms(folder, now).map(({ path }) => path.slice(folder.length + 1));
  fs.rmSync(folder, { recursive: true });
  expect(found.toSorted()).toEqual(['begun.part', 'left.lock', 'much.program', 'old.program']);
  expect(unusedPrograms(folder, now)).toEqual([]);
  expect(unusedPrograms(null, now)).toEqual([]);
});
