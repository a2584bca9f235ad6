"""Prints what MLflow's own Python client reads from a store, as JSON.

    python3 -m venv venv && venv/bin/pip install mlflow
    venv/bin/python test/real/read_store.py runs > read.json

Runs by id: name, experiment, status, times, params, tags, the whole history of every metric, dataset inputs, artifacts with sizes.
Not-a-number and the infinities are the strings NaN, Infinity and -Infinity. Exits with an error where MLflow does.
"""

import json
import math
import os
import sys
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from mlflow import MlflowClient  # noqa: E402


def number(value):
    if math.isnan(value):
        return "NaN"
    return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def artifacts(client, run_id, path=None):
    for item in client.list_artifacts(run_id, path):
        if item.is_dir:
            yield from artifacts(client, run_id, item.path)
        else:
            yield {"path": item.path, "size": item.file_size}


def history(client, run_id, key):
    points = client.get_metric_history(run_id, key)
    return [{"value": number(p.value), "step": p.step, "timestamp": p.timestamp} for p in points]


def read_run(client, experiment, found):
    run = client.get_run(found.info.run_id)  # opening a run checks more than finding it
    info, data = run.info, run.data
    return {
        "experiment": experiment.name,
        "name": info.run_name,
        "status": info.status,
        "user": info.user_id,
        "startTime": info.start_time,
        "endTime": info.end_time,
        "parameters": data.params,
        "tags": data.tags,
        "metrics": {key: history(client, info.run_id, key) for key in data.metrics},
        "datasets": [
            {
                "name": given.dataset.name,
                "digest": given.dataset.digest,
                "sourceType": given.dataset.source_type,
                "source": given.dataset.source,
                "profile": given.dataset.profile,
                "context": {tag.key: tag.value for tag in given.tags}.get("mlflow.data.context"),
            }
            for given in run.inputs.dataset_inputs
        ],
        "artifacts": sorted(artifacts(client, info.run_id), key=lambda item: item["path"]),
    }


def main(root):
    client = MlflowClient(Path(root).resolve().as_uri())
    runs = {
        found.info.run_id: read_run(client, experiment, found)
        for experiment in client.search_experiments()
        for found in client.search_runs([experiment.experiment_id])
    }
    print(json.dumps(runs, indent=2, sort_keys=True))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: read_store.py STORE")
    main(sys.argv[1])
