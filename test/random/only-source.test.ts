import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** What draws numbers that no seed decides: the language's own source, and what TensorFlow.js builds on it. */
const unseeded = /Math\.random\(|util\.shuffle|tf\.(random\w*|multinomial|dropout|truncatedNormal)\(/;

test('src is read', () => expect(sources.length).toBeGreaterThan(50));

test('src draws from named streams alone', () => {
  const drawing = sources.flatMap((file) =>
    readFileSync(join(src, file), 'utf8')
      .split('\n')
      .flatMap((line, i) => (unseeded.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );
  expect(drawing).toEqual([]);
});
