import { keyProblem, limits } from '../record/keys.js';
import { batchLimits } from './limits.js';
import type { Batch, KeyValue, NewRun, RemoteDataset, RunChange } from './types.js';

/**
 * MLflow answers 200 to a batch in which one field has the wrong type, and drops that item and all that follow it; too long a value is cut
 * without a word. So nothing is sent that it would not keep as it is. Each function gives what is wrong, or null.
 */

export function batchProblem({ metrics, params, tags }: Batch): string | null {
  const total = metrics.length + params.length + tags.length;
  if (total > batchLimits.items) return `a batch holds at most ${batchLimits.items} items, not ${total}`;
  if (params.length > batchLimits.params) return `a batch holds at most ${batchLimits.params} parameters, not ${params.length}`;
  if (tags.length > batchLimits.tags) return `a batch holds at most ${batchLimits.tags} tags, not ${tags.length}`;
  const twice = firstTwice(params.map(({ key }) => key));
  if (twice !== undefined) return `the parameter "${twice}" stands twice in one batch`;
  return (
    first(metrics, ({ key, value, step, timestamp }) => {
      if (typeof value !== 'number') return `the value of "${key}" is no number: ${JSON.stringify(value)}`;
      return keyOf(key) ?? whole(step, `the step of "${key}"`) ?? time(timestamp, `the time of "${key}"`);
    }) ??
    first(params, (entry) => entryProblem(entry, limits.parameter)) ??
    first(tags, (entry) => entryProblem(entry, limits.tag))
  );
}

export function runProblem({ experimentId, name, user, startTime, tags }: NewRun): string | null {
  return (
    text(experimentId, 'the experiment') ??
    text(name, 'the name') ??
    text(user, 'the user') ??
    time(startTime, 'the start') ??
    first(Object.entries(tags), ([key, value]) => entryProblem({ key, value }, limits.tag))
  );
}

export function changeProblem({ status, endTime }: RunChange): string | null {
  if (!['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'].includes(status)) return `${String(status)} is no status of a run`;
  return endTime === null ? null : time(endTime, 'the end');
}

export function datasetProblem({ name, digest, sourceType, source, schema, profile, context }: RemoteDataset): string | null {
  return (
    textOf(name, 'the name of a dataset', 500) ??
    textOf(digest, `the digest of ${name}`, limits.digest) ??
    textOf(sourceType, `the source of ${name}`, 500) ??
    textOf(source, `the source of ${name}`, 65_535) ??
    (schema === undefined ? null : textOf(schema, `the schema of ${name}`, 1_048_575)) ??
    (profile === undefined ? null : textOf(profile, `the profile of ${name}`, 16_777_215)) ??
    (typeof context === 'string' && context.length <= 500 ? null : `the context of ${name} is no text of up to 500 characters`)
  );
}

/** Segments are checked before an address is made of them: there, `..` would climb out of the run. */
export function artifactPathProblem(path: string): string | null {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return `"${path}" has an empty or dotted part`;
  return /[#\\\x00-\x1f]/.test(path) ? `"${path}" holds a character that MLflow refuses in a path` : null;
}

const keyOf = (key: unknown): string | null => (typeof key === 'string' ? keyProblem(key) : `a key is no text: ${JSON.stringify(key)}`);

function entryProblem({ key, value }: KeyValue, longest: number): string | null {
  if (typeof value !== 'string') return `the value of "${key}" is no text: ${JSON.stringify(value)}`;
  return keyOf(key) ?? (value.length > longest ? `the value of "${key}" is longer than ${longest} characters` : null);
}

const whole = (value: unknown, what: string): string | null =>
  Number.isSafeInteger(value) ? null : `${what} is not a whole number: ${String(value)}`;

const time = (value: unknown, what: string): string | null => whole(value, what) ?? (Number(value) < 0 ? `${what} lies before 1970` : null);

const text = (value: unknown, what: string): string | null =>
  typeof value === 'string' ? null : `${what} is no text: ${JSON.stringify(value)}`;

const textOf = (value: unknown, what: string, longest: number): string | null =>
  text(value, what) ?? (value === '' || String(value).length > longest ? `${what} has not 1 to ${longest} characters` : null);

function first<T>(items: readonly T[], problem: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = problem(item);
    if (found !== null) return found;
  }
  return null;
}

function firstTwice(keys: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return keys.find((key) => seen.size === seen.add(key).size);
}
