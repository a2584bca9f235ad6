export type Leaf = string | number | boolean | null | readonly [] | Readonly<Record<string, never>>;

/**
 * The leaves of plain data by dotted path, in the order of the data: `{ metrics: [{ kind: 'accuracy' }] }` -> `metrics.0.kind`.
 * An empty list or object is a leaf itself; what is `undefined` isn't there.
 */
export function leaves(value: unknown, path = ''): ReadonlyMap<string, Leaf> {
  const found = new Map<string, Leaf>();
  collect(value, path, found);
  return found;
}

function collect(value: unknown, path: string, found: Map<string, Leaf>): void {
  if (value === undefined) return;
  if (!isContainer(value)) {
    found.set(path, isScalar(value) ? value : refuse(path, value));
    return;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) found.set(path, Array.isArray(value) ? [] : {});
  for (const [key, child] of entries) collect(child, path === '' ? key : `${path}.${key}`, found);
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isScalar = (value: unknown): value is string | number | boolean | null =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function refuse(path: string, value: unknown): never {
  throw new TypeError(`${path} holds a ${typeof value}, which is no plain data`);
}
