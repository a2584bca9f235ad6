import { createHash } from 'node:crypto';

/** One named tensor that the model takes or gives. */
interface ModelTensor {
  readonly name: string;
  readonly dtype: 'float32' | 'int32' | 'int64' | 'bool';
  /** With the batch axis; -1 where any size will do. */
  readonly shape: readonly number[];
}

interface ModelFacts {
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly inputs: readonly ModelTensor[];
  readonly outputs: readonly ModelTensor[];
}

/** Where the model lies among the artifacts, as `mlflow.onnx.load_model('runs:/RUN/model')` looks for it. */
export const modelFolder = 'model';
export const modelFile = 'model.onnx';

/**
 * The file `MLmodel` beside `model.onnx`: with it Python's MLflow loads the model (`mlflow.onnx`, `mlflow.pyfunc`), checks what is fed to
 * it, and the page shows it as a model. Both flavours need their own `data`.
 */
export function formatModelDescription({ runId, created, inputs, outputs }: ModelFacts): string {
  const quote = (text: string): string => JSON.stringify(text);
  return `artifact_path: ${modelFolder}
flavors:
  onnx:
    data: ${modelFile}
    providers:
    - CPUExecutionProvider
  python_function:
    data: ${modelFile}
    loader_module: mlflow.onnx
model_uuid: ${quote(createHash('sha256').update(`${runId}/${modelFolder}`).digest('hex').slice(0, 32))}
run_id: ${quote(runId)}
signature:
  inputs: ${quote(signature(inputs))}
  outputs: ${quote(signature(outputs))}
utc_time_created: ${quote(pythonTime(created))}
`;
}

const signature = (tensors: readonly ModelTensor[]): string =>
  JSON.stringify(tensors.map(({ name, dtype, shape }) => ({ type: 'tensor', name, 'tensor-spec': { dtype, shape } })));

/** `2026-11-22 18:05:58.123000`, as Python's datetime writes it. */
const pythonTime = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '000');
