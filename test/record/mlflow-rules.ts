import * as fs from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

/**
 * What makes MLflow fail on a store, or read something else than was written, as a list of faults: empty when all is well. Reads the files
 * on its own, and is stricter than MLflow: what only one of its versions or pages stumbles over is a fault, too.
 */
export function faultsForMlflow(root: string): readonly string[] {
  if (root.split('/').includes('artifacts')) return [`${root} lies below a folder named artifacts`];
  return foldersIn(root).flatMap((name) => {
    if (name === '.trash' || name === 'models') return [];
    if (!/^[1-9]\d{17}$/.test(name)) return [`${name} is no experiment id`];
    return experimentFaults(join(root, name));
  });
}

function experimentFaults(folder: string): readonly string[] {
  const runs = foldersIn(folder).filter((name) => !['tags', 'datasets', 'models', 'traces'].includes(name));
  if (!fs.existsSync(join(folder, 'meta.yaml'))) return runs.length > 0 ? [`${folder} has runs and no meta.yaml`] : [];
  const datasets = join(folder, 'datasets');
  const names = foldersIn(datasets).filter((name) => name !== '.staging');
  return [
    ...metaFaults(join(folder, 'meta.yaml'), {
      artifact_location: isFileUri,
      creation_time: Number.isSafeInteger,
      experiment_id: (id) => id === basename(folder),
      last_update_time: Number.isSafeInteger,
      lifecycle_stage: (stage) => stage === 'active',
      name: isText,
    }),
    ...names.flatMap((name) =>
      metaFaults(join(datasets, name, 'meta.yaml'), {
        digest: (digest) => isText(digest) && digest.length <= 36,
        name: isText,
        source: isText,
        source_type: isText,
      }),
    ),
    ...runs.flatMap((name) => runFaults(join(folder, name), names)),
  ];
}

function runFaults(folder: string, datasets: readonly string[]): readonly string[] {
  const missing = ['metrics', 'params', 'tags', 'artifacts'].filter((name) => !fs.existsSync(join(folder, name)));
  return [
    ...missing.map((name) => `${folder} has no ${name}`),
    ...metaFaults(join(folder, 'meta.yaml'), {
      artifact_uri: isFileUri,
      end_time: (time) => time === null || Number.isSafeInteger(time),
      experiment_id: (id) => id === basename(join(folder, '..')),
      lifecycle_stage: (stage) => stage === 'active',
      run_id: (id) => id === basename(folder),
      run_name: (name) => name === textOf(join(folder, 'tags/mlflow.runName')),
      run_uuid: (id) => id === basename(folder) && /^[0-9a-f]{32}$/.test(id),
      source_type: (type) => type === 4,
      start_time: Number.isSafeInteger,
      status: (status) => [1, 2, 3, 4, 5].includes(Number(status)) && typeof status === 'number',
      tags: Array.isArray,
      user_id: isText,
    }),
    ...filesBelow(join(folder, 'metrics')).flatMap((path) => [...keyFaults(path), ...metricFaults(join(folder, 'metrics', path))]),
    ...['params', 'tags'].flatMap((kind) => filesBelow(join(folder, kind)).flatMap(keyFaults)),
    ...foldersIn(join(folder, 'inputs')).flatMap((name) => {
      const path = join(folder, 'inputs', name, 'meta.yaml');
      return metaFaults(path, {
        source_type: (type) => type === 'DATASET',
        destination_type: (type) => type === 'RUN',
        source_id: (id) => isText(id) && datasets.includes(id) && name === md5(id + basename(folder)),
        destination_id: isText,
        tags: (tags) => typeof tags === 'object' && tags !== null,
      });
    }),
  ];
}

/** One whole line or more, each of three columns, none twice. */
function metricFaults(path: string): readonly string[] {
  const text = fs.readFileSync(path, 'utf8');
  if (!text.endsWith('\n')) return [`${path} is empty or ends within a line`];
  const lines = text.slice(0, -1).split('\n');
  const number = /^(-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|-?Infinity)$/;
  return [
    ...lines.filter((line) => {
      const [time = '', value = '', step = '', ...rest] = line.split(' ');
      return rest.length > 0 || !/^\d+$/.test(time) || !number.test(value) || !/^-?\d+$/.test(step);
    }),
    ...lines.filter((line, i) => lines.indexOf(line) !== i),
  ].map((line) => `${path}: "${line}"`);
}

const keyFaults = (key: string): readonly string[] =>
  key.split('/').some((segment) => segment.startsWith('.') || segment === 'writing') || !/^[/\w.\- :]+$/.test(key)
    ? [`a key named ${key}`]
    : [];

function metaFaults(path: string, fields: Readonly<Record<string, (value: unknown) => boolean>>): readonly string[] {
  if (!fs.existsSync(path)) return [`${path} is missing`];
  let meta: unknown;
  try {
    meta = parse(fs.readFileSync(path, 'utf8'), { version: '1.1' });
  } catch (error) {
    return [`${path}: ${String(error)}`];
  }
  if (typeof meta !== 'object' || meta === null) return [`${path} is empty`];
  const values = new Map<string, unknown>(Object.entries(meta));
  return Object.entries(fields)
    .filter(([name, holds]) => !values.has(name) || !holds(values.get(name)))
    .map(([name]) => `${path}: ${name} is ${JSON.stringify(values.get(name))}`);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isFileUri = (value: unknown): boolean => isText(value) && value.startsWith('file:///');
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const textOf = (path: string): string | null => (fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : null);

const foldersIn = (path: string): readonly string[] =>
  fs.existsSync(path)
    ? fs
        .readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
    : [];

export const filesBelow = (path: string): readonly string[] =>
  fs.existsSync(path)
    ? fs
        .readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
        .toSorted()
    : [];
