import { shortSetting } from '../diagnostics/numbers.js';

/** Paths by their last names, longer where two would be the same: `hidden_size`, `model.kind`. */
export function shortNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const ending = (path: string, parts: number): string => path.split('.').slice(-parts).join('.');
  return new Map(
    paths.map((path) => {
      let parts = 1;
      while (ending(path, parts) !== path && paths.some((other) => other !== path && ending(other, parts) === ending(path, parts)))
        parts += 1;
      return [path, ending(path, parts) === 'kind' ? ending(path, 2) : ending(path, parts)];
    }),
  );
}

/** As YAML has it on one line. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}: ${showValue(inner)}`)
    .join(', ')}}`;
}

/** `hidden_size 16, learning_rate 0.001` */
export function nameConfiguration(assignments: readonly { readonly path: string; readonly value: unknown }[]): string {
  const names = shortNames(assignments.map(({ path }) => path));
  return assignments.map(({ path, value }) => `${names.get(path) ?? path} ${shortSetting(showValue(value))}`).join(', ');
}
