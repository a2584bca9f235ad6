import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { printDiagnostics } from '../../src/diagnostics/print.js';
import { loadExperiment } from '../../src/language/load.js';
import { emitSchema } from '../../src/language/experiment.js';
import { readSource } from '../../src/language/source.js';
import { stages as allStages } from '../../src/stages/registry.js';
import { VOCABULARY } from '../support/vocabulary.js';

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => basename(file, '.yaml'));

/** Real stages, but always the same ones: a new kind changes no report. */
const KINDS = ['binary_addition', 'lstm', 'mean_squared_error', 'cross_entropy', 'exact_match', 'bit_accuracy', 'accuracy', 'sgd', 'adam'];
const stages = allStages.filter(({ kind }) => KINDS.includes(kind));

/** Codes of what a JSON Schema can see; the others are about YAML, the command line, or truths between several fields. */
const SCHEMA_CODES = [
  'unknown-key',
  'missing-key',
  'missing-kind',
  'unknown-kind',
  'wrong-type',
  'out-of-range',
  'unknown-word',
  'bad-text',
  'too-few',
  'repeated',
  'not-indented',
];

describe('every mistake has its exact report', () => {
  test('there are at least forty', () => expect(names.length).toBeGreaterThanOrEqual(40));

  test.each(names)('%s', (name) => {
    const golden = join(folder, `${name}.txt`);
    const report = `${printDiagnostics(diagnosticsOf(name), { color: false })}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, report);
    expect(report).toBe(readFileSync(golden, 'utf8'));
  });
});

describe('editors see the same mistakes', () => {
  const accepts = new Ajv({ allErrors: true, discriminator: true, strict: true, strictRequired: false })
    .addVocabulary(VOCABULARY)
    .compile(emitSchema(stages));

  test.each(names)('%s', (name) => {
    const read = readSource(name, bytesOf(name));
    if ('diagnostics' in read || setsOf(name).length > 0) return;
    const errors = diagnosticsOf(name).filter(({ code }) => SCHEMA_CODES.includes(code));
    expect(accepts(read.doc.value)).toBe(errors.length === 0 && read.doc.kind === 'experiment');
  });
});

function diagnosticsOf(name: string) {
  const loaded = loadExperiment({ file: `${name}.yaml`, bytes: bytesOf(name), sets: setsOf(name), stages });
  return 'diagnostics' in loaded ? loaded.diagnostics : loaded.warnings;
}

const bytesOf = (name: string) => readFileSync(join(folder, `${name}.yaml`));

/** Comments on top of a file say what was on the command line: `# --set model.hidden_size=3`. */
const setsOf = (name: string) => Array.from(bytesOf(name).toString('utf8').matchAll(/^# --set (.*)$/gm), (line) => line[1] ?? '');
