import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { printDiagnostics } from '../../src/diagnostics/print.js';
import type { Diagnostic, Place } from '../../src/diagnostics/diagnostic.js';
import { loadExperiment } from '../../src/language/load.js';
import { emitSchema } from '../../src/language/experiment.js';
import { readSource } from '../../src/language/source.js';
import { writeResolved } from '../../src/language/resolve.js';
import { stages } from '../../src/stages/registry.js';
import fc, { cases } from '../support/properties.js';

const text = readFileSync(join(import.meta.dirname, '../../experiments/lstm_addition.yaml'), 'utf8');
const bytes = (asked: string) => new TextEncoder().encode(asked);
const load = (asked: Uint8Array, sets: readonly string[] = []) => loadExperiment({ file: 'f.yaml', bytes: asked, sets, stages });
const found = (result: ReturnType<typeof load>): readonly Diagnostic[] => ('diagnostics' in result ? result.diagnostics : result.warnings);

/** Text that YAML has an opinion about comes up more often than chance would have it. */
const fragment = fc.oneof(
  fc.constantFrom(
    ...':-#&*!|>?%@`"\'{}[],\t\n\r\0~<=.',
    '\n',
    '  ',
    ': ',
    '- ',
    '<<: ',
    '---\n',
    '...\n',
    '&a ',
    '*a',
    '\uFEFF',
    '\u2028',
    '\u00A0',
    '\n\u00A0',
    '<<<<<<< ',
  ),
  fc.constantFrom(
    'kind',
    'lstm',
    'model:',
    'metrics.0',
    '1e-3',
    'no',
    '__proto__',
    'constructor',
    'toString',
    'experiment: e\n',
    'true',
    'null',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const soup = fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join(''));

/** The shipped experiment after a few slips of the fingers. */
const mistyped = fc
  .array(fc.record({ at: fc.nat(text.length), drop: fc.nat(6), put: fragment }), { minLength: 1, maxLength: 4 })
  .map((slips) => slips.reduce((now, { at, drop, put }) => now.slice(0, at) + put + now.slice(at + drop), text));

describe('whatever the bytes are, nothing is thrown, and places point into the text', () => {
  test.each([
    ['bytes', fc.uint8Array({ maxLength: 60 })],
    ['pieces of YAML', soup.map(bytes)],
    ['pieces of YAML in an experiment', soup.map((piece) => bytes(`experiment: e\nmodel:\n  ${piece}`))],
    ['slips of the fingers', mistyped.map(bytes)],
  ])('%s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (asked) => {
        const diagnostics = found(load(asked));
        const lines = new TextDecoder('utf-8').decode(asked).split(/\r\n|\r|\n/);
        for (const { place, code } of diagnostics) {
          if (!place) throw new Error(`${code} has no place`);
          expectInside(place);
          if (code !== 'not-utf8') expect(place.text).toBe(lines[place.line - 1]);
        }
        expect(printDiagnostics(diagnostics, { color: true })).not.toBe('');
      }),
      cases(150),
    );
  });

  test('of a document too', () => {
    fc.assert(
      fc.property(soup, fc.array(fc.oneof(fc.nat(3), fc.constantFrom('model', 'kind', 'a')), { maxLength: 4 }), (piece, path) => {
        const read = readSource('f.yaml', bytes(`experiment: e\nmodel:\n  ${piece}`));
        if ('doc' in read) for (const at of ['key', 'value'] as const) expectInside(read.doc.place(path, at));
      }),
      cases(150),
    );
  });
});

test('whatever --set is given, nothing is thrown, and places point into the argument', () => {
  const path = fc.array(fc.constantFrom('model', 'kind', 'metrics', '0', '2', 'hiden_size', 'initializer', 'limit', 'seed', ''), {
    maxLength: 4,
  });
  const argument = fc.oneof(
    soup,
    fc.tuple(path, soup).map(([names, value]) => `${names.join('.')}=${value}`),
  );
  fc.assert(
    fc.property(fc.array(argument, { maxLength: 3 }), (sets) => {
      for (const { place } of found(load(bytes(text), sets))) {
        if (!place) throw new Error('no place');
        expectInside(place);
      }
    }),
    cases(150),
  );
});

test('the schema for editors accepts a document exactly when we find no fault in its values', () => {
  const accepts = new Ajv({ strict: false, discriminator: true }).compile(emitSchema(stages));
  const rules = ['metric-twice', 'reserved-name', 'device-of-engine', 'other-document-kind'];
  fc.assert(
    fc.property(mistyped, (asked) => {
      const read = readSource('f.yaml', bytes(asked));
      if (!('doc' in read) || read.doc.kind !== 'experiment') return;
      const errors = found(load(bytes(asked))).filter(({ severity, code }) => severity === 'error' && !rules.includes(code));
      expect(accepts(read.doc.value)).toBe(errors.length === 0);
    }),
    cases(150),
  );
});

test('what is resolved, written and read again is the same', () => {
  const options = fc.record({
    'model.hidden_size': fc.integer({ min: 1 }),
    'optimizer.learning_rate': fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true }),
    'training.shuffle': fc.boolean(),
    'dataset.seed': fc.oneof(fc.constant('inherit'), fc.maxSafeNat()),
    description: fc.oneof(soup, fc.string({ unit: 'binary' }), fc.constantFrom('\x7F', 'a\x80', '\uFFFE', '\r', '\x85')),
    seed: fc.maxSafeNat(),
  });
  fc.assert(
    fc.property(options, (values) => {
      // JSON is YAML, but for whole numbers that are too large to be exact.
      const first = load(
        bytes(text),
        Object.entries(values).map(
          ([path, value]) => `${path}=${path === 'optimizer.learning_rate' ? Number(value).toExponential() : JSON.stringify(value)}`,
        ),
      );
      if ('diagnostics' in first) throw new Error(first.diagnostics.map(({ message }) => message).join());
      const again = load(bytes(writeResolved(first.resolved)));
      expect('resolved' in again && again.resolved.values).toEqual(first.resolved.values);
      expect(first.resolved.values.description).toBe(values.description);
      expect(first.resolved.values.optimizer['learning_rate']).toBe(values['optimizer.learning_rate']);
    }),
    cases(150),
  );
});

function expectInside({ line, column, length, text: shown }: Place): void {
  const characters = Array.from(shown).length;
  expect(line).toBeGreaterThanOrEqual(1);
  expect(column).toBeGreaterThanOrEqual(1);
  expect(length).toBeGreaterThanOrEqual(1);
  // One past the end is where something is missing.
  expect(column + length - 1).toBeLessThanOrEqual(characters + 1);
}
