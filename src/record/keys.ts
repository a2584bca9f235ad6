/** What MLflow allows a key, a value and a name to be; longer values are cut there without a word. */
export const limits = { key: 250, parameter: 6000, tag: 8000, experiment: 500, digest: 36 } as const;

/** Null, or why MLflow would refuse this key of a metric, a parameter or a tag. */
export function keyProblem(key: string): string | null {
  if (key === '') return 'a key is empty';
  if (key.length > limits.key) return `the key is longer than ${limits.key} characters: "${key.slice(0, 40)}..."`;
  if (!/^[\p{L}\p{N}_./\- :]*$/u.test(key)) return `"${key}" may hold only letters, digits and _ - . : / and spaces`;
  const segments = key.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return `"${key}" has an empty or dotted part`;
  if (segments.some((segment) => Buffer.byteLength(segment) > 255)) return `a part of "${key}" is longer than a file name may be`;
  return null;
}

/** A key that MLflow takes, as near to this one as can be. */
export const fittingKey = (key: string): string =>
  keyProblem(key) === null
    ? key
    : key
        .replaceAll(/[^\p{L}\p{N}_./\- :]/gu, '_')
        .split('/')
        .filter((part) => part !== '' && part !== '.' && part !== '..')
        .join('/')
        .slice(0, limits.key) || '_';

/** A value that MLflow takes whole: what is longer is cut, and says that it was. */
export const shortened = (text: string, longest: number): string =>
  text.length <= longest ? text : text.slice(0, longest - ENDING.length).replace(/[\ud800-\udbff]$/, '') + ENDING;

const ENDING = '\n\n(shortened; the whole text stands in the artifacts)';

/** Throws when MLflow would cut the value without a word. */
export function checkLength(key: string, value: string, longest: number): void {
  if (value.length > longest) throw new Error(`the value of "${key}" is longer than ${longest} characters`);
}

/** The keys of one kind in one run. Keys are paths on a disk: `loss` and `loss/train` can't both be there, nor `Loss` and `loss` on every disk. */
interface KeySpace {
  /** Throws when the key is not allowed, or can't stand beside the others. */
  add(key: string): void;
}

export function keySpace(present: Iterable<string> = []): KeySpace {
  const taken = new Map<string, { readonly path: string; readonly leaf: boolean; readonly key: string }>();
  const take = (key: string): void => {
    for (const { path, leaf } of paths(key)) taken.set(path.toLowerCase(), { path, leaf, key });
  };
  const clash = (key: string): string | null => {
    for (const { path, leaf } of paths(key)) {
      const other = taken.get(path.toLowerCase());
      if (!other) continue;
      if (other.leaf !== leaf) return `"${key}" and "${other.key}" can't both be recorded: one is a folder of the other`;
      if (other.path !== path) return `"${key}" and "${other.key}" differ in upper and lower case only`;
    }
    return null;
  };
  for (const key of present) take(key);
  return {
    add(key) {
      const problem = keyProblem(key) ?? clash(key);
      if (problem) throw new Error(problem);
      take(key);
    },
  };
}

/** The keys that could not be recorded beside those before them, and why. */
export function keyFaults(keys: readonly string[]): readonly { readonly key: string; readonly why: string }[] {
  const space = keySpace();
  return keys.flatMap((key) => {
    try {
      space.add(key);
      return [];
    } catch (error) {
      return [{ key, why: error instanceof Error ? error.message : String(error) }];
    }
  });
}

/** `a/b` is the folder `a` and the leaf `a/b`. */
function paths(key: string): readonly { readonly path: string; readonly leaf: boolean }[] {
  const segments = key.split('/');
  return segments.map((_, i) => ({ path: segments.slice(0, i + 1).join('/'), leaf: i === segments.length - 1 }));
}
