import { jsonText } from '../../diagnostics/columns.js';
import { minuteOf, plural } from '../../diagnostics/numbers.js';
import { forShell } from '../../diagnostics/words.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { openStore } from '../../record/layout.js';
import { registeredLine } from '../../study/claims/footnotes/of-conduct.js';
import { prepareTable } from '../../study/prepare-study.js';
import { registerTable, type Registration } from '../../study/register.js';
import type { Run } from '../command.js';
import { observeOn } from '../observe.js';
import { changesOf } from './requests.js';

/** Keeps what a table declares before anybody looks at its verdicts. The exit status says whether it stands registered as it is. */
export const run: Run = async ([file = ''], options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const prepared = prepareTable(file, changesOf(options), observeOn(terminal), store);
  const registration = await registerTable(store, prepared);
  if (options.json) terminal.data(jsonText({ table: prepared.table.config.table, ...registration, file: shown(registration.file) }));
  else terminal.out(inWords(prepared.table.config.table, prepared.claims.length, registration).join('\n'));
  return registration.kind === 'late' || registration.changes.length > 0 ? EXIT.differs : EXIT.done;
};

function inWords(table: string, claims: number, { kind, digest, at, by, registered, changes, file }: Registration): readonly string[] {
  const when = `${minuteOf(Date.parse(at))} UTC`;
  const kept = [`sha256 ${digest}`, `which \`sha256sum ${forShell(shown(file))}\` gives again`];
  const changed =
    changes.length === 0
      ? []
      : ['', 'Changed since then; what was kept stands, and the verdicts of the table say so:', ...changes.map((text) => `* ${text}`)];
  if (!registered) {
    const late =
      by === 'register'
        ? `${table}: verdicts were printed before it was registered, so what it declares is kept from now on (${when})`
        : `${table}: verdicts were printed before it was registered, first by "${by}" (${when}): what it declared then is kept`;
    return [late, ...kept, ...changed];
  }
  const head = kind === 'again' ? `${table} is registered since ${when}` : `${table} is registered: ${plural(claims, 'claim')}`;
  return [
    head,
    ...kept,
    ...(kind === 'again' ? [] : ['', `Quote it beside the table, which prints it too: "${registeredLine(registered)}"`]),
    ...changed,
  ];
}
