import { dirname } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { forShell, listed, setArgument } from '../diagnostics/words.js';
import { Refusal } from '../host/exit.js';
import type { LoadRequest, LoadedAs } from '../language/load.js';
import { type DocumentBytes, readDocument } from '../language/read.js';
import { fileFrom } from '../language/resolve.js';
import { andThen, type Invalid, isInvalid } from '../language/source.js';
import type { Observer } from '../run/observer.js';
import { acceptWithWarnings, type Changes, toolsFor } from '../run/prepare.js';
import { loadBase } from './load-base.js';
import { loadSweep, type Sweep } from './proposals/load.js';
import { planTrials } from './proposals/plan-trials.js';
import type { SweepPlan } from './proposals/plan.js';
import { type Seeds, seedsOf } from './replicates.js';
import { argumentsOf, type VariedExperiment, varyExperiment } from './vary.js';

/** Loads the document of a sweep or a table as it was read, and looks further at one without a mistake. `more`: how to have more seeds. */
export function examineStudy<
  Loaded extends LoadedAs<{ readonly seeds: Seeds }>,
  Examined extends { readonly warnings: readonly Diagnostic[] },
>(
  file: string,
  { set = [], seed, vary }: Changes,
  load: (request: Omit<LoadRequest, 'stages'>) => Loaded | Invalid<Loaded>,
  more: string,
  look: (loaded: Loaded) => Examined | Invalid<Examined>,
  read = readDocument(file),
): Examined | Invalid<Examined> {
  if ('diagnostics' in read) return read;
  return andThen(load({ file, bytes: read.bytes, sets: set }), (loaded) => {
    if (seed !== undefined) refuseSeed(loaded.doc.kind, seedsOf(loaded.config), seed, vary ? seedsFlag : seedsSet, more);
    return look(loaded);
  });
}

/** How many seeds are named one by one. */
const NAMED = 8;

/** `--seed` beside a document that says its seeds itself. `more`: how to have more of them. */
function refuseSeed(kind: string, seeds: readonly number[], asked: string, argument: (seeds: string) => string, more: string): never {
  const [first = 1] = seeds;
  const areOneByOne = seeds.length > 2 && seeds.every((seed, index) => seed === first + index);
  const named = areOneByOne
    ? `${first} to ${first + seeds.length - 1}`
    : seeds.length > NAMED
      ? `${seeds.slice(0, NAMED).join(', ')}, …`
      : listed(seeds.map(String), 'and');
  const one = /^\d+$/.test(asked) ? asked : '4';
  throw new Refusal(`a ${kind} has its own seeds: ${named}`, { help: `${argument(`[${one}]`)} for seed ${one} alone, ${more}` });
}

const seedsSet = (seeds: string): string => setArgument(`seeds=${seeds}`);
/** Where `--set` changes the base. */
const seedsFlag = (seeds: string): string => `--seeds ${forShell(seeds)}`;

/** A sweep that holds no mistake, neither by itself nor in any of its trials. */
export interface PreparedSweep extends SweepPlan {
  /** The sweep's document, as typed; of one without a file, where it would stand. */
  readonly file: string;
  /** The words behind `retable run` that say it. */
  readonly typed: string;
  /** The document of the sweep's base, as a person would type it. */
  readonly base: string;
  /** The `on_finish` command of its base, which is run once, at the end of the sweep. */
  readonly onFinish?: string;
}

/** Reads and plans all trials. All mistakes are thrown in one InputError; warnings are told. */
export const prepareSweep = (file: string, changes: Changes, observe: Observer): PreparedSweep =>
  acceptWithWarnings(examineSweep(file, changes), observe);

type ExaminedSweep = PreparedSweep & { readonly warnings: readonly Diagnostic[] };

/** A sweep checked with its base, for a caller that goes on to the next file: its mistakes are given back. */
export function examineSweep(named: string, changes: Changes, read?: DocumentBytes): ExaminedSweep | Invalid<ExaminedSweep> {
  const { vary, set } = changes;
  const varied = vary && varyExperiment(named, vary, changes);
  if (varied && 'diagnostics' in varied) return varied;
  const file = varied?.request.file ?? named;
  const typed = vary ? argumentsOf(named, vary, set) : forShell(named);
  return examineStudy(
    file,
    changes,
    varied ? () => loadVaried(varied) : loadSweep,
    `or ${vary ? seedsFlag('10') : seedsSet('10')} for ten of them`,
    (sweep): ExaminedSweep | Invalid<ExaminedSweep> => {
      const base = fileFrom(dirname(file), sweep.config.base);
      const loaded = loadBase(sweep.doc, ['base'], base, changes, 'a sweep varies an experiment');
      if (isInvalid(loaded)) return { diagnostics: loaded.diagnostics };
      const planned = planTrials(sweep, loaded.doc, toolsFor(base, loaded));
      if ('diagnostics' in planned) return planned;
      const { on_finish: onFinish } = loaded.resolved.values;
      const warnings = [...sweep.warnings, ...planned.warnings];
      return { ...planned.plan, file, typed, base, ...(onFinish !== undefined && { onFinish }), warnings };
    },
    varied ? { bytes: Buffer.from(varied.request.bytes) } : read,
  );
}

/** With the text that it would have in a file. */
function loadVaried({ request, text }: VariedExperiment): Sweep | Invalid<Sweep> {
  const loaded = loadSweep(request);
  return isInvalid(loaded) ? loaded : { ...loaded, doc: { ...loaded.doc, text } };
}
