import { trainSplit } from '../tensors.js';
import type { DataSpec, ModelSpec, Report } from '../stage.js';

interface Upstream {
  readonly data: DataSpec;
  readonly model: ModelSpec;
}

/** A loss or a metric that compares number with number: output and target must have one shape, and the target must not be indices. */
export function reportUnlessValues(kind: string, { data, model }: Upstream, report: Report): void {
  const { target } = trainSplit(data);
  if (target.dtype === 'int32') {
    report({
      code: 'target-mismatch',
      path: ['kind'],
      message: `${kind} compares numbers, and the target is an index into ${data.classes ?? 'some'} classes`,
      help: 'write kind: cross_entropy',
    });
  } else if (target.shape.join() !== model.output.shape.join()) {
    reportShapes(kind, target.shape, model.output.shape, report);
  }
}

/** A loss or a metric over classes: the target must be indices, one for each vector of the output. */
export function reportUnlessClasses(kind: string, { data, model }: Upstream, report: Report): void {
  const { target } = trainSplit(data);
  if (target.dtype !== 'int32' || data.classes === undefined) {
    report({
      code: 'target-mismatch',
      path: ['kind'],
      message: `${kind} needs an index of a class as target, and the target is numbers`,
      help: 'write kind: mean_squared_error, or binary_cross_entropy for bits',
    });
  } else if ([...target.shape, data.classes].join() !== model.output.shape.join()) {
    reportShapes(kind, [...target.shape, data.classes], model.output.shape, report);
  }
}

function reportShapes(kind: string, expected: readonly number[], output: readonly number[], report: Report): void {
  report({
    code: 'shape-mismatch',
    path: ['kind'],
    message: `${kind} needs an output [${expected.join(', ')}], and the model gives [${output.join(', ')}]`,
  });
}
