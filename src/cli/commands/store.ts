import { jsonText } from '../../diagnostics/columns.js';
import { isStore, openStore, refuseNewerStore, type Store } from '../../record/layout.js';
import type { Machine } from '../../record/lease.js';
import { relocateStore, repairStore, type Repair } from '../../record/repair.js';
import { verifyStore } from '../../record/verify.js';
import { findGarbage, removeGarbage } from '../../record/garbage.js';
import { formatBytes, plural } from '../../diagnostics/numbers.js';
import type { Options, Run } from '../command.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { cacheFolder, runsFolder, shown } from '../../host/folders.js';
import { machineHere } from '../../host/is-running.js';
import { refuseIdle } from '../options-by-kind.js';
import type { Terminal } from '../../host/terminal.js';
import { unusedPrograms } from '../unused-programs.js';

/** The records on disk. */
export const run: Run = async ([action = ''], options, terminal) => {
  if (!isAction(action))
    throw new Refusal(`store has no action "${action}"`, { help: `its actions are ${Object.keys(ACTIONS).join(', ')}` });
  refuseIdle('store', action, options);
  const store = openStore(runsFolder(options.runs));
  if (!store.files.stat(store.root)?.directory) throw new Refusal(`there is no store at ${shown(store.root)}`);
  if (!isStore(store))
    throw new Refusal(`nothing in ${shown(store.root)} is of a store: it is left as it is`, { help: '--runs names the folder of one' });
  if (action !== 'verify') refuseNewerStore(store);
  return ACTIONS[action](store, machineHere(), options, terminal);
};

type Action = (store: Store, machine: Machine, options: Options, terminal: Terminal) => number;

const verify: Action = (store, _, options, terminal) => {
  const faults = verifyStore(store);
  if (options.json) terminal.data(jsonText(faults.map(({ kind, path, message }) => ({ kind, path, message }))));
  else {
    for (const { kind, path, message } of faults) terminal.out(`${shown(path)}: ${kind}: ${message}`);
    terminal.out(
      faults.length === 0
        ? `${shown(store.root)}: no damage found`
        : `${plural(faults.length, 'fault')}; npx retable store repair mends what can be mended`,
    );
  }
  return faults.length === 0 ? EXIT.done : EXIT.failed;
};

/** `--dry-run` looks only. */
const mending =
  (mend: typeof repairStore): Action =>
  (store, machine, options, terminal) => {
    if (options.dryRun) return verify(store, machine, options, terminal);
    const repairs = mend(store, machine, Date.now());
    if (options.json) terminal.data(jsonText(repairs.map(repairToJson)));
    else {
      for (const { fault, mended, message } of repairs)
        terminal.out(`${shown(fault.path)}: ${fault.kind}: ${mended ? '' : 'not mended: '}${message}`);
      const open = repairs.filter(({ mended }) => !mended).length;
      terminal.out(repairs.length === 0 ? 'nothing to mend' : `${repairs.length - open} mended${open > 0 ? `, ${open} left to you` : ''}`);
    }
    return repairs.every(({ mended }) => mended) ? EXIT.done : EXIT.failed;
  };

const repairToJson = ({ fault, mended, message }: Repair) => ({ kind: fault.kind, path: fault.path, mended, message });

const gc: Action = (store, machine, options, terminal) => {
  const found = findGarbage(store, machine, Date.now());
  const programs = unusedPrograms(cacheFolder('programs'), Date.now());
  if (!options.dryRun) for (const { path } of programs) store.files.remove(path);
  const removed = [...(options.dryRun ? found : removeGarbage(store, found, machine, Date.now())), ...programs];
  if (options.json) {
    terminal.data(jsonText(removed.map(({ kind, path, bytes }) => ({ kind, path, bytes }))));
    return EXIT.done;
  }
  for (const { kind, path, bytes, message } of removed) terminal.out(`${formatBytes(bytes)}  ${shown(path)}: ${kind}: ${message}`);
  const total = formatBytes(removed.reduce((sum, { bytes }) => sum + bytes, 0));
  terminal.out(options.dryRun ? `${total} would be given back` : `${total} given back`);
  return EXIT.done;
};

const ACTIONS = { verify, repair: mending(repairStore), relocate: mending(relocateStore), gc } satisfies Record<string, Action>;

const isAction = (name: string): name is keyof typeof ACTIONS => Object.hasOwn(ACTIONS, name);
