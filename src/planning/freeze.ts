import type { ModelSpec } from '../stages/stage.js';

/** A model in which every parameter is frozen whose name one of the patterns fits. */
export function freezing(model: ModelSpec, patterns: readonly string[] = []): ModelSpec {
  if (patterns.length === 0) return model;
  const fits = patterns.map(fitting);
  return {
    ...model,
    parameters: model.parameters.map((parameter) =>
      fits.some((fit) => fit(parameter.name)) ? { ...parameter, frozen: true as const } : parameter,
    ),
  };
}

/** Whether a name is of a pattern, in which `*` stands for any characters, for none too. */
export function fitting(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const whole = new RegExp(`^${parts.join('.*')}$`, 's');
  return (name) => whole.test(name);
}
