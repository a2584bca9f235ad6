import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { examine } from '../../src/run/prepare.js';
import { examineTable } from '../../src/study/prepare-study.js';
import { examineSweep } from '../../src/study/prepare-sweep.js';

const experiments = join(import.meta.dirname, '../../experiments');
const folder = mkdtempSync(join(tmpdir(), 'retable-mistakes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EXAMINE = { experiment: examine, sweep: examineSweep, table: examineTable } as const;

function mistakesOf(kind: keyof typeof EXAMINE, text: string): readonly Diagnostic[] {
  const file = join(folder, 'document.yaml');
  writeFileSync(file, text);
  const found = EXAMINE[kind](file, {});
  return 'diagnostics' in found ? found.diagnostics : [];
}

const told = (found: readonly Diagnostic[]) => found.map(({ code, place }) => `${place?.line}:${place?.column} ${code}`);

/** A base that the sweeps and tables here name. */
writeFileSync(join(folder, 'base.yaml'), readFileSync(join(experiments, 'lstm_addition.yaml')));

describe('mistakes of all phases are told in one go', () => {
  test('of an experiment: values, fields together, the data', () => {
    const text = `experiment: mine
dataset: {kind: text, file: no_such.txt, max_tokens: 1_000}
model: {kind: lstm, implementation: scrach, hidden_size: "32", initializer: uniform}
loss: {kind: cros_entropy}
optimizer: {kind: sgd, learning_rate: 0.1}
metrics: [{kind: perplexity}, {kind: perplexity}]
training: {epochs: 5, batch_size: 32k, shufle: true, recurrent_state: carry}
engine: {kind: eager-js, device: cuda}
`;
    expect(told(mistakesOf('experiment', text))).toEqual([
      '2:29 unreadable-file',
      '2:54 wrong-type',
      '3:37 unknown-word',
      '3:58 wrong-type',
      '3:77 wrong-type',
      '4:14 unknown-kind',
      '6:38 metric-twice',
      '7:35 wrong-type',
      '7:40 unknown-key',
      '7:71 carried-and-shuffled',
      '8:34 device-of-engine',
    ]);
  });

  test('of a sweep: its values, and its paths in the base', () => {
    const text = `sweep: s
base: base.yaml
vary:
  - model.hidden_siz: [8, 16]
select: {metric: train/exact_match, at: lst}
`;
    expect(told(mistakesOf('sweep', text))).toEqual(['4:5 unknown-key', '5:41 unknown-word']);
  });

  test('of a sweep: all of its axes', () => {
    const text = `sweep: s
base: base.yaml
vary:
  - optimizer.learning_rate: {kind: log_uniform, low: 0.01, high: 0.001}
  - seed: [1, 2, 3]
exclude:
  - {model.kind: rnn}
select: {metric: train/exact_match, at: lst}
`;
    expect(told(mistakesOf('sweep', text))).toEqual([
      '4:30 continuous-grid',
      '4:67 empty-range',
      '5:5 seed-is-no-axis',
      '7:6 not-varied',
      '8:41 unknown-word',
    ]);
  });

  test('of a table: its values, its claims, its rows', () => {
    const text = `table: t
rows:
  a: {base: base.yaml, set: {model.hiden: 3}}
  b: {base: no_such.yaml}
columns:
  accuracy: {metric: test/exact_match, at: final}
claims:
  - {cell: [a, accuracy], published: 0.98}
  - {cell: [c, accuracy], published: "0.98"}
  - {lower: [a, accuracy], then: [b, accuracy]}
`;
    expect(told(mistakesOf('table', text))).toEqual([
      '3:30 unknown-key',
      '4:13 base-unreadable',
      '6:44 unknown-word',
      '8:38 not-quoted',
      '9:13 unknown-row',
      '10:28 unknown-key',
    ]);
  });
});

/** Every line of a document with one slip of the fingers in it. */
function slipsOf(text: string): readonly (readonly [what: string, text: string])[] {
  const lines = text.split('\n');
  const withLine = (index: number, line: string) => lines.with(index, line).join('\n');
  return lines.flatMap((line, index) => {
    const [, before = '', key = '', after = ''] = /^(\s*(?:- )?)([a-z_]{4,}): *(?:#.*)?(.*)$/.exec(line) ?? [];
    if (key === '' || index === 0 || key === 'description' || key === 'experiment') return [];
    const doubled = key.replace(/(?<=..)./, '$&$&');
    const slips: (readonly [string, string])[] = [[`${key} as ${doubled}`, withLine(index, line.replace(key, doubled))]];
    const [, number] = /^([\d.]+)(?=\s|$)/.exec(after) ?? [];
    if (number !== undefined) slips.push([`${key}: "${number}"`, withLine(index, `${before}${key}: "${number}"`)]);
    const [, word = ''] = /^([a-z_]{4,})(?=\s|$)/.exec(after) ?? [];
    if (word !== '' && !/^(true|false)$/.test(word))
      slips.push([`${key}: ${word}w`, withLine(index, `${before}${key}: ${word.slice(0, -1)}w`)]);
    return slips;
  });
}

describe('one slip is one mistake: nothing follows from it that is told too', () => {
  for (const name of ['lstm_addition', 'rnn_time_machine', 'deep_lstm_time_machine']) {
    const text = readFileSync(join(experiments, `${name}.yaml`), 'utf8').replaceAll(/\s+#.*$/gm, '');
    test.each(slipsOf(text))(`${name}, %s`, (_, slipped) => {
      expect(mistakesOf('experiment', slipped).filter(({ severity }) => severity === 'error')).toHaveLength(1);
    });
  }
});
