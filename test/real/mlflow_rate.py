"""Prints how many points a second Python's own client brings to a server by log_batch, 1000 at a time.

    python mlflow_rate.py TRACKING_URI POINTS
"""

import sys
import time

from mlflow import MlflowClient
from mlflow.entities import Metric

BATCH = 1000


def main(tracking_uri: str, points: int) -> None:
    client = MlflowClient(tracking_uri)
    run = client.create_run(client.create_experiment(f"rate of python {time.time()}"))
    began = time.perf_counter()
    for first in range(0, points, BATCH):
        metrics = [Metric(f"metric {step % 2}", step / 3, 1_700_000_000_000 + step, step) for step in range(first, first + BATCH)]
        client.log_batch(run.info.run_id, metrics=metrics)
    print(points / (time.perf_counter() - began))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
