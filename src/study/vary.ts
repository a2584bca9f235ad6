import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { forShell } from '../diagnostics/words.js';
import { schemaAt } from '../language/check.js';
import { experimentSchema } from '../language/experiment.js';
import { type LoadRequest, pathOf, readOverridden } from '../language/load.js';
import type { Override } from '../language/override.js';
import { renamedFor, withFiles } from '../language/resolve.js';
import type { Invalid } from '../language/source.js';
import { shortNames } from '../planning/name-configuration.js';
import { recordedKeys, roleOf } from '../planning/recorded.js';
import type { Plan } from '../planning/plan.js';
import { type Changes, examine, type Prepared, type Vary } from '../run/prepare.js';

/** A sweep that the command line says, as the document that it would be. */
export interface VariedExperiment {
  /** What is read in place of a file; the place of a mistake is the argument that holds it. */
  readonly request: Pick<LoadRequest, 'file' | 'bytes' | 'overrides'>;
  /** The whole document as it would stand in a file beside which a person is. */
  readonly text: string;
}

/** The document of a sweep over the experiment in `file`. Its name is that of the experiment, with what varies: typed again it is the same sweep. */
export function varyExperiment(file: string, vary: Vary, changes: Changes): VariedExperiment | Invalid<never> {
  const { set = [], engine, device } = changes;
  const base = examine(file, { set, ...(engine !== undefined && { engine }), ...(device !== undefined && { device }) });
  if ('diagnostics' in base) return { diagnostics: base.diagnostics };
  const name = nameOf(base.plan.name, vary);
  const text = `sweep: ${name}\nbase: ${JSON.stringify(file)}\nvary: []\nselect: {metric: ${JSON.stringify(metricOf(base.plan))}}\n`;
  const request = { file: `${name}.yaml`, bytes: new TextEncoder().encode(text), overrides: overridesOf(vary, set) };
  const read = readOverridden(request);
  return 'diagnostics' in read ? read : { request, text: documentText(read.doc.value) };
}

/** `lstm_addition-hidden_size-learning_rate`: what a sweep may be called. */
function nameOf(experiment: string, { axes }: Vary): string {
  const paths = axes.map((axis) => axis.split('=', 1)[0] ?? '');
  const short = shortNames(paths);
  return [experiment, ...paths.map((path) => short.get(path) ?? path)]
    .join('-')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128);
}

/** The first metric of the document on data that are there to choose by; without such data on the test, without metrics the loss. */
function metricOf(plan: Plan): string {
  const keys = recordedKeys(plan);
  const isLoss = (key: string): boolean => key.endsWith('/loss');
  const of = (role: string): readonly string[] => keys.filter((key) => roleOf(plan.data, key) === role);
  const best = [of('validation'), of('test'), of('train')].find((found) => found.length > 0) ?? [];
  return best.find((key) => !isLoss(key)) ?? best[0] ?? 'train/loss';
}

/** Each argument with its name: a mistake in it is shown as it was typed. */
function overridesOf({ axes, seeds, select, search, trials }: Vary, set: readonly string[]): readonly Override[] {
  const option = (name: string, path: string, argument: string | undefined): readonly Override[] =>
    argument === undefined ? [] : [{ from: 'set', name, path, argument }];
  const isKind = search !== undefined && /^[\w-]+$/.test(search);
  return [
    ...axes.map((axis, index): Override => ({ from: 'set', name: '--vary', into: `vary.${index}`, argument: withBrackets(axis) })),
    ...set.map((argument): Override => ({ from: 'set', name: '--set', into: 'set', argument })),
    ...option('--search', isKind ? 'search.kind' : 'search', search),
    ...(search === undefined ? option('--trials', 'search.kind', trials && 'sobol') : []),
    ...option('--trials', 'search.trials', trials),
    ...option('--seeds', 'seeds', seeds),
    ...option('--select', 'select.metric', select),
  ];
}

/** `16,32` is a list; what begins as a list or a mapping says itself what it is. */
function withBrackets(axis: string): string {
  const [path = '', ...rest] = axis.split('=');
  const values = rest.join('=');
  return rest.length === 0 || values.trim() === '' || /^\s*[[{]/.test(values) ? axis : `${path}=[${values}]`;
}

/** In the order in which a person reads it, an axis a line. */
function documentText(document: Readonly<Record<string, unknown>>): string {
  const flow = (value: unknown): string =>
    stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
  const { sweep, base, vary, set, search, seeds, select } = document;
  const mapping = (items: unknown): readonly string[] =>
    Object.entries(items as object).map(([key, value]) => `${flow(key)}: ${flow(value)}`);
  return [
    `sweep: ${flow(sweep)}`,
    `base: ${flow(base)}`,
    'vary:',
    ...(vary as readonly object[]).map((axis) => `  - ${mapping(axis).join('\n    ')}`),
    ...(set ? ['set:', ...mapping(set).map((line) => `  ${line}`)] : []),
    ...(search ? [`search: ${flow(search)}`] : []),
    ...(seeds === undefined ? [] : [`seeds: ${flow(seeds)}`]),
    `select: ${flow(select)}`,
    '',
  ].join('\n');
}

/** The words behind `retable run` that say a sweep without a file. */
export function argumentsOf(file: string, { axes, seeds, select, search, trials }: Vary, set: readonly string[] = []): string {
  const option = (name: string, values: readonly (string | undefined)[]): readonly string[] =>
    values.flatMap((value) => (value === undefined ? [] : [`--${name} ${forShell(value)}`]));
  return [
    forShell(file),
    ...option('vary', axes),
    ...option('set', set),
    ...option('search', [search]),
    ...option('trials', [trials]),
    ...option('seeds', [seeds]),
    ...option('select', [select]),
  ].join(' ');
}

/** The document as it stands in `output`: files are named from there. */
export function documentFor(output: string, file: string, vary: Vary, changes: Changes): string | Invalid<never> {
  const varied = varyExperiment(file, vary, changes);
  if ('diagnostics' in varied) return varied;
  const read = readOverridden(varied.request);
  const base = examine(file, {});
  if ('diagnostics' in read) return read;
  if ('diagnostics' in base) return { diagnostics: base.diagnostics };
  const { vary: axes, set, ...document } = read.doc.value;
  const renamed = namesFrom(dirname(output), base);
  return documentText({
    ...document,
    base: renamedFor(dirname(output), '.', file),
    vary: (axes as readonly Readonly<Record<string, unknown>>[]).map((axis) => renamed(axis)),
    ...(set !== undefined && { set: renamed(set as Readonly<Record<string, unknown>>) }),
  });
}

const namesFrom =
  (folder: string, { stages, doc }: Prepared) =>
  (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
    const schema = experimentSchema(stages);
    const rename = (path: string, value: unknown): unknown =>
      withFiles(schemaAt(schema, doc.value, pathOf(path)), value, (written) => renamedFor(folder, '.', written));
    return Object.fromEntries(
      Object.entries(values).map(([path, value]) => [
        path,
        Array.isArray(value) ? value.map((item) => rename(path, item)) : rename(path, value),
      ]),
    );
  };
