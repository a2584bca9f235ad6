import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineHere } from '../../src/host/is-running.js';
import { examine, type Prepared } from '../../src/run/prepare.js';
import { runWork } from '../../src/run/run-work.js';
import { lookAround } from '../../src/host/surroundings.js';
import { printDiagnostics } from '../../src/diagnostics/print.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { createEngine } from '../../src/engine/create.js';
import { describeOrigins, describePlan } from '../../src/report/plan/describe.js';
import { planToJson } from '../../src/planning/plan-json.js';
import { openStore, type Store } from '../../src/record/layout.js';
import { findRuns } from '../../src/record/reader.js';
import { run as sample } from '../../src/cli/commands/sample.js';
import { Refusal } from '../../src/host/exit.js';
import { openTerminal } from '../../src/host/terminal.js';
import { sameModels } from '../../src/same/same.js';
import { trained } from '../support/experiment.js';
import type { EpochMetrics } from '../../src/train/run.js';
import { trainSplit } from '../../src/stages/tensors.js';
import { anyDocument, anySources, DATA, type Fit, mostly } from './any-case.js';
import { assertSchemaAgrees } from './schema-agrees.js';
import { expect } from 'vitest';
import fc from '../support/properties.js';

/** A folder of this process; it is gone with it. */
const folder = mkdtempSync(join(tmpdir(), 'retable-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.env['RETABLE_CACHE'] = 'off';
const surroundings = lookAround(folder);
const quiet = { ...openTerminal({ quiet: true }), out: () => {}, err: () => {} };

/** What a refused document says: all of it in words, each mistake at its place. */
function expectTold(diagnostics: readonly Diagnostic[]): void {
  expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  for (const { message, help = '', place, code } of diagnostics) {
    if (!place) throw new Error(`${code} has no place: ${message}`);
    expect(`${message}\n${help}`).not.toMatch(/undefined|\[object|Cannot read|is not a function|is not iterable|^\s*at .*:\d+/m);
    expect(message).not.toMatch(/\n/);
  }
  expect(printDiagnostics(diagnostics, { color: false })).not.toBe('');
}

/** Trains a document as `run` does, and looks at what it left. */
async function expectTrained(prepared: Prepared, engine: 'eager-js' | 'compiled', next: Next): Promise<string> {
  const { plan, stages, files } = prepared;
  expect(describePlan(plan)).not.toBe('');
  expect(describeOrigins(prepared.resolved)).not.toBe('');
  expect(JSON.stringify(planToJson(plan))).not.toBe('');
  assertSchemaAgrees(plan.config, stages);
  const store = openStore(join(folder, 'runs'));
  const notes: string[] = [];
  const epochs: EpochMetrics[] = [];
  const result = await runWork({
    ...{ plan, stages, files, store, surroundings: await surroundings, fresh: true, plain: true },
    machine: machineHere(),
    openEngine: () => createEngine({ ...plan.engine, kind: engine, cache: null }),
    stopped: () => false,
    observe: (event) => {
      if (event.kind === 'epoch') epochs.push(new Map(Object.entries(event.metrics)));
      if (event.kind === 'note') notes.push(event.text);
    },
  });
  expect(notes.join('\n')).toBe('');
  if (result.outcome !== 'finished') return result.outcome;
  expect(epochs.length).toBeGreaterThan(0);
  // A step of 1e30 may end where a number does, without training having met it.
  const isExtreme = /e\+\d/.test(JSON.stringify(prepared.resolved.values));
  for (const [key, value] of isExtreme ? [] : epochs.flatMap((metrics) => [...metrics]))
    if (!Number.isFinite(value) && !(Number.isNaN(value) && UNDEFINED.has(key.slice(key.indexOf('/') + 1))))
      throw new Error(`finished, and ${key} is ${value}`);
  // Nor are models the same that are no numbers after three steps.
  if (!(isExtreme && next === 'compare')) await expectFollowed(prepared, store, result.runId, next);
  return 'finished';
}

/** NaN where a target is 0, or where there is one value only. */
const UNDEFINED: ReadonlySet<string> = new Set(['mean_absolute_percentage_error', 'r2']);

/** What a person may do next with a run that has finished. */
export type Next = 'nothing' | 'begin with its weights' | 'compare' | 'sample';

async function expectFollowed({ plan, stages, files, doc }: Prepared, store: Store, run: string, next: Next): Promise<void> {
  const engine = { kind: 'eager-js', device: 'cpu', threads: 1, cache: null } as const;
  switch (next) {
    case 'nothing':
      return;
    case 'sample':
      try {
        expect(await sample([run], { runs: store.root, prefix: ['a b'], length: '2' }, quiet)).toBe(0);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
      return;
    default: {
      const [head] = findRuns(store, run);
      if (!head) throw new Error(`no run ${run}`);
      writeFileSync(join(folder, 'weights.safetensors'), readFileSync(join(head.place.folder, 'artifacts', 'weights.safetensors')));
      const examined = examine(doc.file, { set: [`training.initial_weights=${join(folder, 'weights.safetensors')}`] });
      if ('diagnostics' in examined) throw new Error(examined.diagnostics.map(({ message }) => message).join('; '));
      if (next === 'compare') {
        const made = await createEngine(engine);
        const { same } = await sameModels(made, stages, [files, examined.files], [plan, examined.plan]).finally(() => made.dispose());
        expect(same).toBe(true);
      } else expect(['finished', 'diverged']).toContain((await trained(examined, engine)).outcome.kind);
    }
  }
}

/** Gives the document's file. */
export function writeCase(document: object, data: string | Uint8Array): string {
  const file = join(folder, 'fuzz.yaml');
  writeFileSync(join(folder, DATA), data);
  writeFileSync(file, JSON.stringify(document, null, 2));
  return file;
}

/** How a case ended. */
export async function tryCase(
  document: object,
  data: string | Uint8Array,
  engine: 'eager-js' | 'compiled',
  next: Next = 'nothing',
): Promise<string> {
  const examined = examine(writeCase(document, data), {});
  if ('diagnostics' in examined) {
    expectTold(examined.diagnostics);
    return 'refused';
  }
  return expectTrained(examined, engine, next);
}

/** What of a target is known once a plain document around the same data could be planned. */
function fitOf(
  dataset: Readonly<Record<string, unknown>>,
  data: string | Uint8Array,
): { readonly fit?: Fit; readonly splits: readonly string[] } {
  const file = join(folder, 'probe.yaml');
  writeFileSync(join(folder, DATA), data);
  for (const loss of ['mean_squared_error', 'cross_entropy']) {
    for (const readout of ['last', 'every']) {
      const document = {
        ...{ experiment: 'probe', dataset, model: { kind: 'rnn', hidden_size: 1, readout }, loss: { kind: loss } },
        ...{ optimizer: { kind: 'sgd', learning_rate: 1 }, training: { epochs: 1, batch_size: 1 } },
      };
      writeFileSync(file, JSON.stringify(document));
      const found = examine(file, {});
      if ('diagnostics' in found) continue;
      const { data: spec, model } = found.plan;
      const fit: Fit = {
        outputs: model.output.shape.at(-1) ?? 1,
        perStep: readout === 'every',
        isClass: loss === 'cross_entropy',
        isIndex: trainSplit(spec).inputs.input.dtype === 'int32',
      };
      return { fit, splits: Object.keys(spec.splits) };
    }
  }
  return { splits: [] };
}

const known = anySources.map((any) => any.map((source) => ({ ...source, ...fitOf(source.dataset, source.data) })));

/** Data that can be planned, and a document that may fit them; now and then neither. */
export const anyCase = mostly(fc.oneof(...known.map((any) => any.filter(({ fit }) => fit !== undefined))), fc.oneof(...known)).chain(
  ({ dataset, data, fit, splits }) =>
    fc.record({
      document: anyDocument(dataset, fit, splits),
      data: fc.constant(data),
      compiled: fc.nat(19),
      next: fc.constantFrom<Next>('nothing', 'nothing', 'nothing', 'nothing', 'begin with its weights', 'compare', 'sample'),
    }),
);
