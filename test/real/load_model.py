"""Loads the model of a binary addition run as a person with Python would, and lets it add all pairs of numbers.

    python load_model.py TRACKING_URI RUN

Its share of right sums must be near the recorded one of the test examples, which are drawn from the same pairs.
"""

import sys

import mlflow
import mlflow.onnx
import mlflow.pyfunc
import numpy as np
from mlflow.tracking import MlflowClient

BITS = 8
# The test examples are a sample of 20,000 of the 16,384 pairs: 0.02 is five standard deviations of a share of one half.
TOLERANCE = 0.02


def main(tracking_uri: str, run_id: str) -> None:
    mlflow.set_tracking_uri(tracking_uri)
    recorded = MlflowClient(tracking_uri).get_run(run_id).data.metrics["test/exact_match"]
    uri = f"runs:/{run_id}/model"
    first, second = np.divmod(np.arange(4 ** (BITS - 1)), 2 ** (BITS - 1))
    pairs = np.stack([bits(first), bits(second)], axis=1)
    sums = bits(first + second)

    model = mlflow.onnx.load_model(uri)
    names = [tensor.name for tensor in model.graph.input]
    print(f"model.onnx takes {', '.join(names)}")

    answers = predict(mlflow.pyfunc.load_model(uri), names[0], pairs)
    for size in (1, 3):
        alone = predict(mlflow.pyfunc.load_model(uri), names[0], pairs[:size])
        if not np.allclose(alone, answers[:size], atol=1e-6):
            sys.exit(f"a batch of {size} gives other answers than the same examples in a batch of {len(pairs)}")

    share = float(np.mean(np.all(np.rint(answers) == sums, axis=1)))
    print(f"right on {share:.4f} of all pairs; recorded test/exact_match {recorded:.4f}")
    if abs(share - recorded) > TOLERANCE:
        sys.exit("the model in Python is another than the one that was tested")


def predict(model: mlflow.pyfunc.PyFuncModel, name: str, pairs: np.ndarray) -> np.ndarray:
    answers = model.predict({name: pairs})
    return next(iter(answers.values())) if isinstance(answers, dict) else answers


def bits(numbers: np.ndarray) -> np.ndarray:
    """`[pairs, bits]`, the most significant first."""
    return ((numbers[:, None] >> np.arange(BITS - 1, -1, -1)) & 1).astype(np.float32)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
