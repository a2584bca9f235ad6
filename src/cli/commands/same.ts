import { jsonText } from '../../diagnostics/columns.js';
import { formatMeasure } from '../../diagnostics/numbers.js';
import { createEngine } from '../../engine/create.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { styleOf } from '../../host/terminal.js';
import { textTable } from '../../report/kit/tables.js';
import { diffConfigs } from '../../report/plan/describe.js';
import { prepare } from '../../run/prepare.js';
import { IncomparableError, sameModels, TOLERANCE, type Verdict } from '../../same/same.js';
import type { Run } from '../command.js';
import { observeOn } from '../observe.js';
import { changesOf } from './requests.js';

/** Are two models the same mathematics? Exit with 1 when they are not. */
export const run: Run = async ([left = '', right = ''], options, terminal) => {
  const [a, b] = [prepare(left, changesOf(options), observeOn(terminal)), prepare(right, changesOf(options), observeOn(terminal))];
  const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
  const verdict = await sameModels(engine, [...new Set([...a.stages, ...b.stages])], [a.files, b.files], [a.plan, b.plan])
    .catch((error: unknown) => {
      if (!(error instanceof IncomparableError)) throw error;
      throw new Refusal(error.message, { help: '--set applies to both: --set model.hidden_size=32' });
    })
    .finally(() => engine.dispose());
  const [from, to] = verdict.order.map(({ config }) => config.file);
  const paths = diffConfigs(a.resolved, b.resolved).map(({ path }) => path);
  if (options.json) {
    const { same, differences, terms } = verdict;
    terminal.data(jsonText({ version: 1, same, tolerance: TOLERANCE, first: from, second: to, terms, differences }));
  } else {
    terminal.out(describe(verdict, paths, styleOf(terminal.outColor)));
  }
  return verdict.same ? EXIT.done : EXIT.failed;
};

const MOST = 8;

/** `paths` are those in which the documents differ. */
function describe(verdict: Verdict, paths: readonly string[], style: ReturnType<typeof styleOf>): string {
  const { same, differences, order } = verdict;
  const [first, second] = order.map(({ config }) => config.file);
  const largest = formatMeasure(differences[0]?.size ?? 0, 2);
  const head = same
    ? `the same: no output, gradient or trained parameter differs by more than ${largest}`
    : `not the same: they differ by up to ${largest} where ${formatMeasure(TOLERANCE, 1)} is allowed`;
  const rows = differences
    .slice(0, same ? 3 : MOST)
    .map(({ what, name, size }) => [`${what}${name === '' ? '' : ` ${name}`}`, formatMeasure(size, 2)]);
  const startsOtherwise = paths.filter((path) => /^(model\.(initializer|forget_bias)|training\.initial_weights)/.test(path));
  return [
    style.heading(head),
    style.faint(`first ${first}, second ${second}; weights copied from the first, float32, eager-js`),
    ...textTable([['largest differences', ''].map(style.faint), ...rows], ['left', 'right']),
    ...(same ? [] : explain(verdict, paths, style)),
    ...(startsOtherwise.length === 0 ? [] : [`they start otherwise: ${startsOtherwise.join(', ')} (retable diff)`]),
  ].join('\n');
}

function explain({ differences, terms }: Verdict, paths: readonly string[], style: ReturnType<typeof styleOf>): readonly string[] {
  if (terms.length > 0) {
    const found = `they agree without ${terms.length === 1 ? 'this' : `these ${terms.length}, and not without fewer`}:`;
    return [found, ...terms.map(({ name, sentence }) => `  ${style.heading(name)}: ${sentence}`)];
  }
  const answersAlike = differences.every(({ what, size }) => what !== 'output' || size <= TOLERANCE);
  if (!answersAlike) return ['no known difference explains it, nor any two'];
  const trainsOtherwise = paths.filter((path) => /^(loss|optimizer|training)\./.test(path) && path !== 'training.initial_weights');
  if (trainsOtherwise.length === 0) return ['the models answer alike, and nothing that trains them differs between the documents'];
  return [`the models answer alike; the documents train them otherwise: ${trainsOtherwise.join(', ')} (retable diff)`];
}
