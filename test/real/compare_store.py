"""Compares what MLflow's own client reads from stores, point for point, with what retable says of one.

    python compare_store.py SAID TRACKING_URI...

SAID is a folder with `list.json`, of `retable list --json`, and for each run `RUN.json`, of `retable show RUN --json`.
"""

import json
import sys
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from read_store import read_run

STATUS = {"finished": "FINISHED", "diverged": "FAILED", "failed": "FAILED", "killed": "KILLED", "running": "RUNNING"}
# What a person needs to repeat a run.
KEPT = ("source/", "config.resolved.yaml", "plan.json", "environment.json")
# What a finished run shows and can be used by.
MADE = ("plots/", "model/MLmodel", "model/model.onnx")


def main(said: Path, tracking_uris: list[str]) -> None:
    ours = {run["run"]: json.loads((said / f"{run['run']}.json").read_text()) for run in json.loads((said / "list.json").read_text())}
    for tracking_uri in tracking_uris:
        mlflow.set_tracking_uri(tracking_uri)  # listing artifacts asks the global one
        client = MlflowClient(tracking_uri)
        theirs = {
            # A server gives ids of its own.
            found.data.tags.get("retable.run", found.info.run_id): read_run(client, experiment, found)
            for experiment in client.search_experiments()
            for found in client.search_runs([experiment.experiment_id])
        }
        equal("runs", sorted(theirs), sorted(ours))
        points = sum(compare_run(run_id, theirs[run_id], run) for run_id, run in ours.items())
        print(f"MLflow {mlflow.__version__} reads {len(ours)} runs and {points} points as retable does, in {tracking_uri}")


def is_result(key: str) -> bool:
    """The others stand in the record for MLflow's page alone: what the machine did, and the last finite value of a series that diverged."""
    return not key.startswith("system/") and not key.endswith(".last_finite")


def compare_run(run_id: str, theirs: dict, ours: dict) -> int:
    equal(f"{run_id} experiment", theirs["experiment"], ours["experiment"])
    equal(f"{run_id} status", theirs["status"], STATUS[ours["status"]])
    equal(f"{run_id} start", theirs["startTime"], ours["started"])
    equal(f"{run_id} end", theirs["endTime"], ours.get("ended"))
    equal(f"{run_id} parameters", theirs["parameters"], ours["parameters"])
    equal(f"{run_id} metric keys", sorted(filter(is_result, theirs["metrics"])), sorted(ours["metrics"]))
    for key, points in ours["metrics"].items():
        equal(f"{run_id} {key}", in_order(theirs["metrics"][key]), in_order(points))
    require(f"{run_id} work key", "retable.work" in theirs["tags"], sorted(theirs["tags"]))
    require(f"{run_id} data", theirs["datasets"], "no dataset")
    paths = [item["path"] for item in theirs["artifacts"]]
    for needed in KEPT + (MADE if theirs["status"] == "FINISHED" else ()):
        require(f"{run_id} {needed}", any(path.startswith(needed) for path in paths), paths)
    return sum(len(points) for points in ours["metrics"].values())


def in_order(points: list[dict]) -> list[tuple]:
    return sorted((point["step"], point["timestamp"], point["value"]) for point in points)


def equal(what: str, theirs: object, ours: object) -> None:
    require(what, theirs == ours, f"MLflow reads {theirs!r}, retable says {ours!r}")


def require(what: str, holds: object, otherwise: object) -> None:
    if not holds:
        sys.exit(f"{what}: {otherwise}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
