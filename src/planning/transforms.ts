import { slotListed } from '../language/type.js';
import type { StageConfig } from '../language/experiment.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import type { UsedTransform } from '../stages/stage.js';
import type { UsedStage } from './use-stage.js';

/** A transform of a document's list, planned and made, and the stage that it came from. */
interface ListedTransform extends UsedTransform {
  readonly used: UsedStage<'transform'>;
}

/** The transforms that a dataset's options list, in their order. One that can't be planned is reported by `use`, and left out. */
export function listedTransforms(
  use: (slot: 'transform', config: StageConfig, path: Problem['path']) => UsedStage<'transform'> | undefined,
  { stage, options, path }: UsedStage<'dataset'>,
): readonly ListedTransform[] {
  return Object.entries(stage.options.properties).flatMap(([name, schema]) => {
    if (slotListed(schema) !== 'transform') return [];
    return ((options[name] ?? []) as readonly StageConfig[]).flatMap((config, index) => {
      const used = use('transform', config, [...path, name, index]);
      const spec = used?.plan({});
      if (!used || !spec) return [];
      const transform = used.stage.create({}, used.options, spec, {});
      const columns = config['columns'] as readonly string[] | undefined;
      const fitOn = config['fit_on'] === 'all' ? 'all' : 'train';
      return [
        { kind: config.kind, options: used.options, spec, transform, fitOn, ...(columns && { columns }), used } satisfies ListedTransform,
      ];
    });
  });
}
