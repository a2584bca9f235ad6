import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadExperiment } from '../../src/language/load.js';
import { stages } from '../../src/stages/registry.js';

const bytes = readFileSync(join(import.meta.dirname, '../../experiments/lstm_addition.yaml'));

/** What the rules say after `--set`: code and severity of each. */
function said(...sets: readonly string[]): readonly string[] {
  const loaded = loadExperiment({ file: 'f.yaml', bytes, sets, stages });
  const found = 'diagnostics' in loaded ? loaded.diagnostics : loaded.warnings;
  return found.map(({ code, severity }) => `${severity} ${code}`);
}

test.each([
  [['seed=1'], []],
  [['experiment=latest'], ['error reserved-name']],
  [['experiment=latest_one'], []],
  [['experiment=cafe'], ['warning name-like-id']],
  [['experiment="2024"'], ['warning name-like-id']],
  [['experiment=abc'], []],
  [['experiment=cafe_2'], []],
  [['metrics.1.kind=exact_match'], ['error metric-twice']],
  [['metrics.1={kind: exact_match, splits: [test]}'], ['error metric-twice']],
  [['metrics.0.splits=[test]', 'metrics.1.kind=exact_match'], ['error metric-twice']],
  [['metrics.0.splits=[test]', 'metrics.1={kind: exact_match, splits: [train]}'], []],
  [['metrics.0.splits=[train, test]', 'metrics.1={kind: exact_match, splits: [test]}'], ['error metric-twice']],
  [['metrics.1={kind: exact_match, as: again}'], []],
  [['metrics.1={kind: exact_match, as: exact_match, splits: [test]}'], ['error metric-twice']],
  [['metrics.0.as=right', 'metrics.1.as=right'], ['error metric-name-taken']],
  [
    ['metrics.0={kind: exact_match, as: right, splits: [test]}', 'metrics.1={kind: bit_accuracy, as: right, splits: [train]}'],
    ['error metric-name-taken'],
  ],
  [['metrics.0.as=Right', 'metrics.1.as=right'], ['error metric-name-taken']],
  [['metrics.1.as=bit_accuracy'], []],
  [['metrics.1.as=loss'], ['error reserved-name']],
  [['metrics.1.as=my_per_second'], ['error reserved-name']],
  [['metrics.1.as=a..b'], ['error reserved-name']],
  [['metrics.1.as=a.last_finite'], ['error reserved-name']],
  [['training.recurrent_state=carry'], []],
  [['training.recurrent_state=carry', 'training.shuffle=true'], ['warning carried-and-shuffled']],
  [['engine.device=cuda'], []],
  [['engine.kind=eager-wasm', 'engine.device=webgpu'], ['error device-of-engine']],
  [['engine.kind=tensorflow', 'engine.device=cuda'], []],
  [
    ['experiment=latest', 'engine={kind: eager-js, device: cuda}'],
    ['error reserved-name', 'error device-of-engine'],
  ],
])('%j', (sets, expected) => expect(said(...sets)).toEqual(expected));
