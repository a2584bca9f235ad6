import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/* A doc comment is read alone, where an editor shows it: none leans on the one before it. */
const LEANS =
  /\/\*\*\s*(?:\*\s*)?(?:The (?:same|other way)|These|Those|This one|Its|Their|So many|Also|Likewise|As above|It |That of|There )/;

test('every doc comment stands alone', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const leaning = sources.flatMap((name) =>
    readFileSync(join('src', name), 'utf8')
      .split('\n')
      .flatMap((line, at, lines) =>
        LEANS.test(`${line}\n${lines[at + 1] ?? ''}`) && line.includes('/**') ? [`${name}:${at + 1}${line}`] : [],
      ),
  );
  expect(leaning).toEqual([]);
});
