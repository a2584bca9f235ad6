import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Diagnostic, firstOf, InputError } from '../diagnostics/diagnostic.js';
import { numerics } from '../engine/engine.js';
import { EXIT, Refusal } from '../host/exit.js';
import { cacheFolder } from '../host/folders.js';
import { memoryOfThisMachine } from '../host/memory.js';
import { interruptible } from '../host/stop.js';
import { loadDocument, type Loaded, readOverridden } from '../language/load.js';
import type { Override } from '../language/override.js';
import { listFiles } from '../language/list-files.js';
import { readDocument, readWhole } from '../language/read.js';
import { fileFrom } from '../language/resolve.js';
import { andThen, diagnose, type Invalid, isInvalid, type SourceDoc } from '../language/source.js';
import { namedModules, type StageSet, useModules } from '../modules/use-modules.js';
import type { FactsCache } from '../planning/look-at-data.js';
import { planExperiment, type PlanningTools, type TrialTools } from '../planning/plan-experiment.js';
import type { Plan } from '../planning/plan.js';
import { disk, makeFolders } from '../record/files.js';
import { keyFaults } from '../record/keys.js';
import { stages as ourStages } from '../stages/registry.js';
import type { DataFacts, Files, Stage } from '../stages/stage.js';
import { decodeWeights } from '../train/weights-file.js';
import { version } from '../version.js';
import type { Observer } from './observer.js';

/** What a person changes in a document from outside of it: each value as text, which the language reads as it reads the document. */
export interface Changes {
  /** `PATH=VALUE` each. */
  readonly set?: readonly string[];
  readonly seed?: string;
  readonly engine?: string;
  readonly device?: string;
  readonly threads?: string;
  /** What makes a sweep of an experiment. */
  readonly vary?: Vary;
}

/** A sweep over an experiment without a file of its own: what its document would say, each as text. */
export interface Vary {
  /** `PATH=VALUES` each: a list, with or without its brackets, or how values are drawn. */
  readonly axes: readonly string[];
  readonly seeds?: string;
  readonly select?: string;
  /** A kind of search, or a mapping. */
  readonly search?: string;
  readonly trials?: string;
}

/** A document that holds no mistake, and what it would do. */
export interface Prepared extends Loaded, StageSet {
  readonly plan: Plan;
  readonly files: Files;
}

/** Reads, validates, resolves and plans. All mistakes are thrown in one InputError; warnings are told. */
export const prepare = (file: string, changes: Changes, observe: Observer): Prepared => acceptWithWarnings(examine(file, changes), observe);

/** Documents of all kinds are taken alike: mistakes are thrown in one InputError, warnings are told. */
export function acceptWithWarnings<T extends { readonly warnings: readonly Diagnostic[] }>(examined: T | Invalid<T>, observe: Observer): T {
  if (isInvalid(examined)) throw new InputError(examined.diagnostics);
  const { warnings: diagnostics } = examined;
  if (diagnostics.length > 0) observe({ kind: 'warnings', diagnostics });
  return examined;
}

/** An experiment checked and planned, for a caller that goes on to the next file: its mistakes are given back, warnings among them. */
export function examine(file: string, changes: Changes, known: readonly Stage[] = ourStages): Prepared | Invalid<Prepared> {
  const read = readDocument(file);
  return 'diagnostics' in read ? read : examineBytes(file, read.bytes, changes, known);
}

/** A document that need not be on disk: `file` says where it would stand. */
export function examineBytes(
  file: string,
  bytes: Uint8Array,
  changes: Changes,
  known: readonly Stage[] = ourStages,
): Prepared | Invalid<Prepared> {
  return andThen(loadWithStages(file, bytes, changes, known), (loaded): Prepared | Invalid<Prepared> => {
    const tools = planningTools(file, loaded.modules);
    const think = () => planExperiment(loaded.resolved, loaded.stages, tools);
    const { plan, problems } = loaded.own ? interruptible(think) : think();
    const found = [...loaded.warnings, ...firstOf(problems).map((problem) => diagnose(loaded.doc, problem))];
    return plan ? { ...loaded, warnings: found, plan, files: tools.files } : { diagnostics: found };
  });
}

/** An experiment together with the stages that it may name: the known ones, and those of its own modules. */
export function loadWithStages(
  file: string,
  bytes: Uint8Array,
  changes: Changes,
  known: readonly Stage[] = ourStages,
): (Loaded & StageSet) | Invalid<Loaded & StageSet> {
  const read = readOverridden({ file, bytes, sets: changes.set ?? [], overrides: overridesOf(changes) });
  if ('diagnostics' in read) return read;
  const used = useModules(read.doc, known);
  if ('diagnostics' in used) return used;
  return andThen(loadDocument(read.doc, used.stages), (loaded) => ({ ...loaded, ...used }));
}

/** As `loadWithStages` and `planningTools` of a base, for documents that change it: some of them may name other modules. */
export function toolsFor(
  file: string,
  { stages, modules, doc }: StageSet & Pick<Loaded, 'doc'>,
  known: readonly Stage[] = ourStages,
): (changed: SourceDoc) => TrialTools | Invalid<never> {
  const nameOf = (each: SourceDoc): string => JSON.stringify(namedModules(each).map((module) => module.file));
  const tools = new Map<string, TrialTools>([[nameOf(doc), { stages, planning: planningTools(file, modules) }]]);
  return (changed) => {
    const name = nameOf(changed);
    const prepared = tools.get(name);
    if (prepared) return prepared;
    const used = useModules(changed, known);
    if ('diagnostics' in used) return used;
    const made = { stages: used.stages, planning: planningTools(file, used.modules) };
    tools.set(name, made);
    return made;
  };
}

/** What planning a document takes from this machine; `modules`: the digest of those that it uses. */
const planningTools = (file: string, modules?: string): PlanningTools => ({
  files: steady(filesBeside(file)),
  numerics,
  decodeWeights,
  keyFaults,
  memory: memoryOfThisMachine(),
  cache: cacheFolder('programs'),
  ...(modules !== undefined && { modules, looksAtBatches: true }),
  ...factsCache(modules),
});

/** Flags beat environment variables, which beat the file. */
function overridesOf(changes: Changes): readonly Override[] {
  const flag = (name: string, path: string, argument: string | undefined): readonly Override[] =>
    argument === undefined ? [] : [{ from: 'flag', name, path, argument }];
  const environment = (name: string, path: string): readonly Override[] => {
    const argument = process.env[name];
    return argument === undefined || argument === '' ? [] : [{ from: 'environment', name, path, argument }];
  };
  return [
    ...environment('RETABLE_ENGINE', 'engine.kind'),
    ...environment('RETABLE_DEVICE', 'engine.device'),
    ...environment('RETABLE_THREADS', 'engine.threads'),
    ...flag('--seed', 'seed', changes.seed),
    ...flag('--engine', 'engine.kind', changes.engine),
    ...flag('--device', 'engine.device', changes.device),
    ...flag('--threads', 'engine.threads', changes.threads),
  ];
}

/** Counts up when facts come to hold more, so that those of an earlier program are looked up again. */
const FACTS_FORMAT = 3;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Facts by their key in the user's cache folder; what can't be read or written there is made again. */
function factsCache(modules = ''): { readonly factsCache?: FactsCache } {
  const folder = cacheFolder('facts');
  if (folder === null) return {};
  const file = (key: string): string =>
    join(folder, `${[version, FACTS_FORMAT, modules.slice(0, 16), key].filter(Boolean).join('-')}.json`);
  return {
    factsCache: {
      read(key) {
        try {
          const { sum, text } = JSON.parse(readFileSync(file(key), 'utf8')) as { readonly sum: string; readonly text: string };
          return sum === digestOf(text) ? (JSON.parse(text) as DataFacts) : undefined;
        } catch {
          return undefined;
        }
      },
      write(key, facts) {
        try {
          makeFolders(disk, folder);
          const beside = `${file(key)}.${process.pid}`;
          const text = JSON.stringify(facts);
          writeFileSync(beside, JSON.stringify({ sum: digestOf(text), text }));
          renameSync(beside, file(key));
        } catch {
          // a cache that can't be written costs time, nothing else
        }
      },
    },
  };
}

function filesBeside(document: string): Files {
  const from = (path: string): string => fileFrom(dirname(document), path);
  return { read: (path) => readWhole(from(path)), list: (path) => listFiles(path, from) };
}

/**
 * What a plan was made from is what is trained on: a file that holds something else when it is read again (data, weights to begin with) is
 * refused. By SHA-256, so that nothing is kept in memory.
 */
export function steady(files: Files): Files {
  const known = new Map<string, string>();
  const hold = (path: string, content: Uint8Array | string): void => {
    const digest = createHash('sha256').update(content).digest('hex');
    const before = known.get(path);
    if (before !== undefined && before !== digest) {
      throw new Refusal(`${path} was changed after the plan was made from it`, {
        status: EXIT.failed,
        help: 'run the command again: the file as it is now makes another run',
      });
    }
    known.set(path, digest);
  };
  const { list } = files;
  return {
    read(path) {
      const bytes = files.read(path);
      hold(path, bytes);
      return bytes;
    },
    ...(list && {
      list(path) {
        const listed = list(path);
        // What is a file by itself is held to its content.
        if (listed.length !== 1 || listed[0] !== path) hold(path, listed.toSorted().join('\n'));
        return listed;
      },
    }),
  };
}
