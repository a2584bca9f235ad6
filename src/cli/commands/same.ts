import { createEngine } from '../../engine/create.js';
import { diffConfigs } from '../../planning/diff.js';
import { textTable } from '../../report/text-table.js';
import { IncomparableError, sameModels, TOLERANCE, type Verdict } from '../../same/same.js';
import type { Run } from '../command.js';
import { EXIT, Refusal } from '../exit.js';
import { prepare } from '../prepare.js';
import { styleOf } from '../style.js';

/** Are two models the same mathematics? Exit with 1 when they are not. */
export const run: Run = async ([left = '', right = ''], options, terminal) => {
  const [a, b] = [prepare(left, options, terminal), prepare(right, options, terminal)];
  const engine = await createEngine({ kind: 'eager-js', device: 'cpu', threads: 1, cache: null });
  const verdict = await sameModels(engine, [...new Set([...a.stages, ...b.stages])], a.files, [a.plan, b.plan])
    .catch((error: unknown) => {
      if (!(error instanceof IncomparableError)) throw error;
      throw new Refusal(error.message, { help: '--set applies to both: --set model.hidden_size=32' });
    })
    .finally(() => engine.dispose());
  const [from, to] = verdict.order.map(({ config }) => config.file);
  const startsOtherwise = diffConfigs(a.resolved, b.resolved).filter(({ path }) => /^model\.(initializer|forget_bias)/.test(path));
  if (options.json) {
    const { same, differences, term = null } = verdict;
    terminal.out(JSON.stringify({ version: 1, same, tolerance: TOLERANCE, first: from, second: to, term, differences }, null, 2));
  } else {
    terminal.out(describe(verdict, styleOf(terminal.outColor)));
    if (startsOtherwise.length > 0)
      terminal.out(`they start otherwise: ${startsOtherwise.map(({ path }) => path).join(', ')} (retable diff)`);
  }
  return verdict.same ? EXIT.done : EXIT.failed;
};

const MOST = 8;

function describe({ same, differences, term, order: [first, second] }: Verdict, style: ReturnType<typeof styleOf>): string {
  const largest = differences[0]?.size ?? 0;
  const head = same
    ? `the same: no output, gradient or trained parameter differs by more than ${largest.toExponential(1)}`
    : `not the same: they differ by up to ${largest.toExponential(1)} where ${TOLERANCE.toExponential(0)} is allowed`;
  const rows = differences
    .slice(0, same ? 3 : MOST)
    .map(({ what, name, size }) => [`${what}${name === '' ? '' : ` ${name}`}`, size.toExponential(1)]);
  const why = same ? [] : [term ? `${style.heading(term.name)}: ${term.sentence}` : 'no single known difference explains it'];
  const names = `first ${first.config.file}, second ${second.config.file}; weights copied from the first, float32, eager-js`;
  return [
    style.heading(head),
    style.faint(names),
    ...textTable([['largest differences', ''].map(style.faint), ...rows], ['left', 'right']),
    ...why,
  ].join('\n');
}
