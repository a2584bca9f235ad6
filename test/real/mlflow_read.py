"""Prints what MLflow's own client reads from a server: runs by the id that they have in our record, in the form of read_store.py.

    python mlflow_read.py TRACKING_URI
"""

import json
import sys

import mlflow
from mlflow import MlflowClient
from read_store import read_run


def main(tracking_uri: str) -> None:
    mlflow.set_tracking_uri(tracking_uri)  # listing artifacts asks the global one
    client = MlflowClient(tracking_uri)
    runs: dict[str, list] = {}
    for experiment in client.search_experiments():
        for found in client.search_runs([experiment.experiment_id]):
            runs.setdefault(found.data.tags.get("retable.run", "none"), []).append(read_run(client, experiment, found))
    json.dump(runs, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
