import type { Origin } from './experiment.js';

/** `lstm.yaml:13:16`, `--set model.hidden_size=64`, `default`. */
export function describeOrigin(origin: Origin | undefined): string {
  if (!origin || origin.from === 'default') return 'default';
  const { file, line, column, text } = origin.place;
  return origin.from === 'file' ? `${file}:${line}:${column}` : text;
}

/** The option of the command line that a described origin names, and what stood behind it; undefined for one that stands in a file. */
export function optionOf(described: string): { readonly flag: string; readonly argument: string } | undefined {
  const [, name = '', argument = ''] = /^(--[a-z]+ |RETABLE_[A-Z]+=)(.*)$/s.exec(described) ?? [];
  if (name === '') return undefined;
  return { flag: name.startsWith('--') ? name.trimEnd() : `--${name.slice('RETABLE_'.length, -1).toLowerCase()}`, argument };
}
