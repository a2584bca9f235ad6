import { resolve as absolute } from 'node:path';
import { type Diagnostic, isError, type Problem } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/messages.js';
import { hasPassword } from '../diagnostics/secrets.js';
import { schemaAt } from './check.js';
import { type ExperimentConfig, type Kind, type MetricConfig, metricName, type ResolvedConfig } from './experiment.js';
import { closest, type Located, type Path, placeOf, plain } from './located.js';
import { applyOverride, type Override, writeLocated } from './override.js';
import { complete, fileFrom, folderOf, resolve, withFiles } from './resolve.js';
import {
  andThen,
  type DocumentKind,
  inOrder,
  type Invalid,
  isInvalid,
  type Read,
  readSource,
  type SourceDoc,
  toDoc,
  withMistakes,
} from './source.js';
import type { JsonSchema } from './type.js';
import { type Config, validate, validateAs } from './validate.js';

export interface LoadRequest {
  /** As the person typed it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** The arguments of `--set`, in their order. */
  readonly sets?: readonly string[];
  /** What other options and environment variables say. */
  readonly overrides?: readonly Override[];
  readonly stages: readonly Kind[];
}

export interface Loaded {
  readonly resolved: ResolvedConfig;
  readonly warnings: readonly Diagnostic[];
  /** Later phases report paths; this document knows their places. */
  readonly doc: SourceDoc;
}

/**
 * The language in one screen: bytes to an experiment in which everything is said.
 *
 *     bytes ─readSource─▶ SourceDoc ─override─▶ SourceDoc ─validate─▶ Config ─resolve─▶ ResolvedConfig ─rules─▶
 *             YAML errors            --set, flags           schema errors    defaults                 between fields
 */
export function loadExperiment({ stages, ...request }: LoadRequest): Loaded | Invalid<Loaded> {
  const read = readOverridden(request);
  return 'diagnostics' in read ? read : loadDocument(read.doc, stages);
}

/** The second half, for who has to look at the document to know its stages. */
export function loadDocument(doc: SourceDoc, stages: readonly Kind[]): Loaded | Invalid<Loaded> {
  if (doc.kind !== 'experiment') return { diagnostics: [otherKind('experiment', doc)] };
  return andThen(validate(doc, stages), resolveAndJudge);
}

/** Defaults, and what must hold between fields. */
function resolveAndJudge(config: Config): Loaded | Invalid<Loaded> {
  const { doc } = config;
  const resolved = resolve(config);
  const problems = rules.flatMap((rule) => rule.check(resolved.values));
  return withMistakes({ resolved, warnings: inOrder(doc, problems), doc });
}

/** A document of any kind as the command line and the environment change it. */
export function readOverridden({ file, bytes, sets = [], overrides = [] }: Omit<LoadRequest, 'stages'>): Read {
  const read = readSource(file, bytes);
  return 'diagnostics' in read ? read : override(read.doc, byWeight(sets, overrides));
}

/** Later ones win: flags beat `--set`, which beats the environment, which beats the file. */
const byWeight = (sets: readonly string[], overrides: readonly Override[]): readonly Override[] => [
  ...overrides.filter(({ from }) => from === 'environment'),
  ...sets.map((argument): Override => ({ from: 'set', name: '--set', argument })),
  ...overrides.filter(({ from }) => from !== 'environment'),
];

function override(doc: SourceDoc, overrides: readonly Override[]): Read {
  if (overrides.length === 0) return { doc };
  let { root } = doc;
  const diagnostics: Diagnostic[] = [];
  for (const each of overrides) {
    const applied = applyOverride(root, each);
    if ('root' in applied) root = applied.root;
    else diagnostics.push(...applied.faults.map(({ words, span }): Diagnostic => ({ ...words, severity: 'error', place: placeOf(span) })));
  }
  return diagnostics.length > 0 ? { diagnostics } : toDoc(doc.file, doc.text, root);
}

/** A document of another kind in which everything is said. */
export interface LoadedAs<Config> {
  readonly doc: SourceDoc;
  readonly config: Config;
  readonly warnings: readonly Diagnostic[];
}

/** A kind of document with a schema and rules of its own. */
interface DocumentLanguage<Config> {
  readonly kind: DocumentKind;
  readonly schema: JsonSchema;
  readonly problemsOf: (config: Config, doc: SourceDoc) => readonly Problem[];
  /** Whether later phases can look at a document that breaks a rule. */
  readonly goesOn: boolean;
}

/** Bytes to a document of a kind of its own: the same arrows as for an experiment. */
export function loadAs<Config>(
  request: Omit<LoadRequest, 'stages'>,
  { kind, schema, problemsOf, goesOn }: DocumentLanguage<Config>,
): LoadedAs<Config> | Invalid<LoadedAs<Config>> {
  const read = readOverridden(request);
  if ('diagnostics' in read) return read;
  if (read.doc.kind !== kind) return { diagnostics: [otherKind(kind, read.doc)] };
  return andThen(validateAs(read.doc, schema), (valid) => {
    const { doc } = valid;
    const { values: config } = complete<Config>(valid);
    const made = { doc, config, warnings: inOrder(doc, problemsOf(config, doc)) };
    return goesOn || !made.warnings.some(isError) ? withMistakes(made) : { diagnostics: made.warnings };
  });
}

const otherKind = (wanted: DocumentKind, doc: SourceDoc): Diagnostic => ({
  ...messages.otherDocumentKind(wanted, doc.kind),
  severity: 'error',
  place: doc.place([], 'key'),
});

/** A value that another document gives to a path of this one. */
export interface Given {
  /** Dotted: `dataset.file`. */
  readonly path: string;
  readonly value: Located;
}

/** What a document is judged by: a schema, and whatever else belongs to the modules that it names. */
export interface Judged {
  readonly schema: JsonSchema;
}

/** An experiment as another document changes it; without `resolved` where that makes a mistake. */
export type Varied<T extends Judged = Judged> =
  | {
      readonly resolved: ResolvedConfig;
      readonly doc: SourceDoc;
      readonly by: T;
      readonly diagnostics: readonly Diagnostic[];
      /** What was given, with files by their whole paths: it means the same wherever it is given again. */
      readonly sets: readonly { readonly path: string; readonly value: unknown }[];
    }
  | { readonly resolved?: undefined; readonly diagnostics: readonly Diagnostic[] };

/** A document with values that stand in another one, which is where their mistakes are shown. `judgedBy`: what the changed document is judged by. */
export function withValues<T extends Judged>(
  base: SourceDoc,
  values: readonly Given[],
  judgedBy: (doc: SourceDoc) => T | Invalid<never>,
): Varied<T> {
  let { root } = base;
  for (const { path, value } of values) {
    const written = writeLocated(root, path, value);
    if ('faults' in written)
      return { diagnostics: written.faults.map(({ words, span }) => ({ ...words, severity: 'error', place: placeOf(span) })) };
    root = written.root;
  }
  const read = toDoc(base.file, base.text, root);
  if ('diagnostics' in read) return read;
  const by = judgedBy(read.doc);
  if (isInvalid(by)) return { diagnostics: by.diagnostics };
  const loaded = andThen(validateAs(read.doc, by.schema), resolveAndJudge);
  if (isInvalid(loaded)) return { diagnostics: loaded.diagnostics };
  const sets = values.map(({ path, value }) => ({ path, value: inFull(schemaAt(by.schema, read.doc.value, pathOf(path)), value) }));
  return { ...loaded, by, sets, diagnostics: loaded.warnings };
}

const inFull = (schema: JsonSchema, value: Located): unknown =>
  withFiles(schema, plain(value), (written, path) => absolute(fileFrom(folderOf(closest(value, path).found), written)));

/** The parts of a dotted path; where it enters a list they are numbers. */
export const pathOf = (dotted: string): Path => dotted.split('.').map((name) => (/^\d+$/.test(name) ? Number(name) : name));

/** A truth between fields that must hold whatever the data are. Planning has the rules that need the data. */
interface Rule {
  readonly truth: string;
  readonly check: (config: ExperimentConfig) => readonly Problem[];
}

/** RUN on the command line is an id's first characters, `latest`, or an experiment's name. */
const nameIsNoReference: Rule = {
  truth: 'the name of an experiment is no other reference to a run',
  check({ experiment: name }) {
    if (name === 'latest') return [{ ...messages.nameIsReserved(name), path: ['experiment'] }];
    if (/^[0-9a-f]{4,32}$/.test(name)) return [{ ...messages.nameReadsAsId(name), path: ['experiment'], severity: 'warning' }];
    return [];
  },
};

/** Values are recorded as `SPLIT/NAME`, the name being the kind where the document gives no other. */
const metricsAreDistinct: Rule = {
  truth: 'a name of a metric stands for one measure',
  check({ metrics }) {
    const named = new Map<string, number[]>();
    const inAnyCase = new Map<string, number>();
    return metrics.flatMap((metric, index) => {
      const name = metricName(metric);
      const path = ['metrics', index, metric.as === undefined ? 'kind' : 'as'];
      const before = named.get(name) ?? [];
      named.set(name, [...before.slice(0, MOST_TWINS), index]);
      const first = before.find((other) => isAmbiguous(metrics[other] ?? metric, metric));
      if (first !== undefined) {
        const isSame = measures(metrics[first] ?? metric) === measures(metric);
        return [{ ...(isSame ? messages.metricTwice(name, first) : messages.metricNameTaken(name, first)), path }];
      }
      const alike = inAnyCase.get(name.toLowerCase());
      if (alike === undefined) inAnyCase.set(name.toLowerCase(), index);
      const other = alike === undefined ? name : metricName(metrics[alike] ?? metric);
      if (other !== name) return [{ ...messages.metricNameInOtherCase(name, other), path }];
      return isReserved(name) ? [{ ...messages.metricNameReserved(name), path }] : [];
    });
  },
};

/** Of metrics of one name so many are compared with a later one: who wrote more has heard of the first ones. */
const MOST_TWINS = 50;

/** Two metrics of one name: the same measure twice on a split, or two measures. */
const isAmbiguous = (a: MetricConfig, b: MetricConfig): boolean => measures(a) !== measures(b) || overlap(a.splits, b.splits);

/** Kind and options as text: two that are equal measure the same. */
const measures = ({ splits: _, as: __, ...measure }: MetricConfig): string =>
  JSON.stringify(Object.entries(measure).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Names of what is recorded besides the metrics of a document, and what no folder can be called. */
const isReserved = (name: string): boolean => /^loss$|\.\.|\.$|_per_second$|\.last_finite$/.test(name);

const carriedStateIsContinued: Rule = {
  truth: 'a carried state meets the batch that continues it',
  check({ training }) {
    const isTorn = training.recurrent_state === 'carry' && training.shuffle;
    return isTorn ? [{ ...messages.carriedAndShuffled(), path: ['training', 'recurrent_state'], severity: 'warning' }] : [];
  },
};

const engineKnowsDevice: Rule = {
  truth: 'the engine computes on the device',
  check({ engine: { kind, device } }) {
    const devices = DEVICES[kind];
    return devices.includes(device) ? [] : [{ ...messages.deviceOfEngine(kind, device, devices), path: ['engine', 'device'] }];
  },
};

type Engine = ExperimentConfig['engine'];

const DEVICES: Readonly<Record<Engine['kind'], readonly Engine['device'][]>> = {
  compiled: ['cpu', 'webgpu', 'cuda'],
  tensorflow: ['cpu', 'cuda'],
  'eager-wasm': ['cpu'],
  'eager-js': ['cpu'],
};

const noPasswordStandsInIt: Rule = { truth: 'no password stands in a document', check: (config) => passwordsIn(config) };

/** In the order of a document. */
const rules: readonly Rule[] = [nameIsNoReference, metricsAreDistinct, carriedStateIsContinued, engineKnowsDevice, noPasswordStandsInIt];

/** A warning for each text of a document that holds a URI with a password: a document is shown to others. */
export function passwordsIn(value: unknown, path: Problem['path'] = []): readonly Problem[] {
  if (typeof value === 'string') return hasPassword(value) ? [{ ...messages.passwordInside(), path, severity: 'warning' }] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => passwordsIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => passwordsIn(item, [...path, key]));
}

/** Left out, a metric is measured on every split. */
const overlap = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  !a || !b || a.some((split) => b.includes(split));
