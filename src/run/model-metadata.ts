import type { Plan } from '../planning/plan.js';
import { listedTransforms } from '../planning/transforms.js';
import { useStage } from '../planning/use-stage.js';
import type { Stage } from '../stages/stage.js';
import type { exportedModel } from '../train/export.js';

/** Among the metadata of model.onnx. */
export const METADATA_KEY = 'retable';

/** What another program must know to ask model.onnx about data of a person: JSON, of which docs/forecasting.md shows how it is read. */
export function modelMetadata(
  { name, data, loss, model, config }: Plan,
  stages: readonly Stage[],
  { inputs, outputs }: Pick<ReturnType<typeof exportedModel>, 'inputs' | 'outputs'>,
): string {
  const use = useStage(stages, () => {});
  const dataset = use('dataset', config.values.dataset, ['dataset']);
  const recipe = dataset?.stage.recipe?.(dataset.options, { fitted: data.fitted, transforms: listedTransforms(use, dataset) });
  const axesOf: Readonly<Record<string, readonly string[]>> = {
    output: model.output.axes,
    mask: ['time'],
    ...Object.fromEntries(Object.entries(data.splits['train']?.inputs ?? {}).map(([input, { axes }]) => [input, axes])),
  };
  const described = ({ name: tensor, dtype, shape }: (typeof inputs)[number]) => ({
    name: tensor,
    dtype,
    shape: shape.map((length) => (length < 0 ? null : length)),
    ...(axesOf[tensor] && { axes: ['batch', ...axesOf[tensor]] }),
  });
  return JSON.stringify({
    version: 1,
    experiment: name,
    dataset: config.values.dataset.kind,
    inputs: inputs.map(described),
    outputs: outputs.map((tensor) => ({ ...described(tensor), ...(tensor.name === 'output' && { reading: loss.reading }) })),
    ...(recipe && { recipe }),
  });
}
