import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstLosses, planned } from '../support/experiment.js';

/*
 * The losses of the first 20 steps of every shipped experiment. When one of these changes, a meaning has changed: count up the `version` of
 * the stage whose meaning it is, then write the files anew with UPDATE_GOLDEN=1 npx vitest run test/train/golden.
 */
/** A difference in the last digit, as another kind of processor makes it, grows by so much a step where a network is on the edge of chaos. */
const growth: Readonly<Record<string, number>> = { 'rnn_time_machine_builtin.yaml': 1.4 };

/** Steps that take long: how many are looked at, where not 20. */
const steps: Readonly<Record<string, number>> = { 'adding_gru.yaml': 5, 'adding_lstm.yaml': 5 };

const documents = readdirSync('experiments').filter((file) => file.endsWith('.yaml'));

describe.each(documents)('%s', (document) => {
  it('begins as it always did', async () => {
    const experiment = planned(`experiments/${document}`);
    const losses = await firstLosses(experiment, steps[document] ?? 20);
    const golden = `test/golden/${basename(document, '.yaml')}.losses.json`;
    const stages = experiment.plan.work.ingredients['stages'];
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, `${JSON.stringify({ stages, losses }, null, 2)}\n`);
    const expected = JSON.parse(readFileSync(golden, 'utf8')) as { readonly stages: unknown; readonly losses: readonly number[] };
    expect(stages).toEqual(expected.stages);
    losses.forEach((loss, step) =>
      expect(Math.abs(loss / (expected.losses[step] ?? Number.NaN) - 1), `step ${step + 1}`).toBeLessThan(
        1e-5 * (growth[document] ?? 1) ** step,
      ),
    );
  });
});
