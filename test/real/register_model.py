"""Registers the logged model of a run on a server, and loads it by every name that it has there: all must answer alike.

    python register_model.py TRACKING_URI RUN
"""

import sys

import mlflow
import mlflow.onnx
import mlflow.pyfunc
import numpy as np
from mlflow.tracking import MlflowClient

from load_model import BITS, bits, predict


def main(tracking_uri: str, run_id: str) -> None:
    mlflow.set_tracking_uri(tracking_uri)
    client = MlflowClient(tracking_uri)
    [output] = client.get_run(run_id).outputs.model_outputs
    version = mlflow.register_model(f"models:/{output.model_id}", "addition")
    client.set_registered_model_alias("addition", "best", version.version)

    first, second = np.divmod(np.arange(4 ** (BITS - 1)), 2 ** (BITS - 1))
    pairs = np.stack([bits(first), bits(second)], axis=1)
    addresses = [f"runs:/{run_id}/model", f"models:/{output.model_id}", f"models:/addition/{version.version}", "models:/addition@best"]
    answers = []
    for address in addresses:
        [name] = [tensor.name for tensor in mlflow.onnx.load_model(address).graph.input]
        answers.append(predict(mlflow.pyfunc.load_model(address), name, pairs))
        if not np.array_equal(answers[0], answers[-1]):
            sys.exit(f"{address} answers otherwise than {addresses[0]}")
    print(f"loaded and alike: {', '.join(addresses)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
