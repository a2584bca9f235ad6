"""Prints how many points a second Python's own client brings to a server by log_batch, 1000 at a time: a new run of the experiment `bench`, with
the parameters and points that bench/recording.ts writes. It counts from the first request to the answer to the last point.

    python mlflow_rate.py TRACKING_URI POINTS
"""

import sys
import time

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

BATCH = 1000
PARAMETERS = {"seed": "0", "model.hidden_size": "32", "optimizer.learning_rate": "0.001"}


def main(tracking_uri: str, points: int) -> None:
    client = MlflowClient(tracking_uri)
    series = [
        Metric(key, 1 / (epoch + index), 1_700_000_000_000 + epoch, epoch)
        for key, index in [("test/loss", 1), ("train/loss", 0)]
        for epoch in range(1, points // 2 + 1)
    ]
    params = [Param(key, value) for key, value in PARAMETERS.items()]
    began = time.perf_counter()
    experiment = client.get_experiment_by_name("bench")
    run = client.create_run(experiment.experiment_id, start_time=1_700_000_000_000)
    client.log_batch(run.info.run_id, params=params)
    for first in range(0, points, BATCH):
        client.log_batch(run.info.run_id, metrics=series[first : first + BATCH])
    print(points / (time.perf_counter() - began))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
