import { openStore } from '../../record/layout.js';
import { textTable } from '../../report/text-table.js';
import { type PlannedCell, planTable, type TablePlan } from '../../table/plan-table.js';
import type { Options } from '../command.js';
import { EXIT, Refusal } from '../exit.js';
import { runsFolder } from '../folders.js';
import { styleOf } from '../style.js';
import type { Terminal } from '../terminal.js';
import { type PreparedTable, prepareTable } from './prepare-table.js';
import { readSettled } from './settled.js';

/** Every cell with what is done and what is missing, and what the seeds can decide. */
export function planTableFile(file: string, options: Options, terminal: Terminal): number {
  const single = (['origins', 'graph', 'after', 'measure'] as const).find((name) => options[name] !== undefined);
  if (single !== undefined) throw new Refusal(`--${single} is about one experiment, and ${file} is a table`, { help: 'ask for a base' });
  const prepared = prepareTable(file, options, terminal);
  const plan = planTable(prepared.table.config, prepared.claims, readSettled(openStore(runsFolder(options.runs)), prepared));
  if (options.json) terminal.out(JSON.stringify(toJson(prepared, plan), null, 2));
  else terminal.out(describe(prepared, plan, terminal).join('\n'));
  return EXIT.done;
}

/** `10 runs: 4 done, 6 left` */
export function worksLine({ works }: Pick<TablePlan, 'works'>): string {
  const done = works.filter(({ isSettled }) => isSettled).length;
  return `${works.length} run${works.length === 1 ? '' : 's'}: ${done} done, ${works.length - done} left`;
}

function describe({ table: { config } }: PreparedTable, plan: TablePlan, terminal: Terminal): readonly string[] {
  const style = styleOf(terminal.outColor);
  const [column = ''] = Object.keys(config.columns);
  const rows = plan.cells.filter(({ name }) => name[1] === column);
  const lines = rows.map((cell) => {
    const row = config.rows[cell.name[0]];
    return [row?.label ?? cell.name[0], row?.base ?? '', seedsText(cell.have), seedsText(cell.missing)];
  });
  return [
    style.heading(config.title ?? config.table),
    ...textTable([['row', 'base', 'seeds done', 'left'].map(style.faint), ...lines]),
    '',
    ...plan.prospects.map(({ wording }) => wording),
    ...(plan.prospects.length > 0 ? [''] : []),
    worksLine(plan),
  ];
}

/** `1-5, 8` */
function seedsText(seeds: PlannedCell['have']): string {
  const spans: [number, number][] = [];
  for (const seed of seeds.toSorted((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last && seed === last[1] + 1) last[1] = seed;
    else spans.push([seed, seed]);
  }
  return spans.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ') || '–';
}

const toJson = ({ table, works }: PreparedTable, plan: TablePlan) => ({
  table: table.config.table,
  works: plan.works.map(({ id, rows, base, set, seed, isSettled }) => ({
    work: works.find((each) => each.id === id)?.work ?? null,
    rows,
    base,
    set,
    seed,
    state: isSettled ? 'done' : 'needed',
  })),
  cells: plan.cells.map(({ name: [row, column], have, missing }) => ({ row, column, have, missing })),
  prospects: plan.prospects,
});
