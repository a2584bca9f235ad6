#!/usr/bin/env bash
# Those whose sweeps we measure ourselves against, Optuna and Hydra with joblib, in a virtual environment of their own, bench/.peers/sweepers:
# needs python3 with venv and a package registry; 150 MB on disk.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
mkdir -p .peers
[[ -x .peers/sweepers/bin/python ]] || python3 -m venv .peers/sweepers
.peers/sweepers/bin/python -m pip install --quiet --disable-pip-version-check optuna hydra-core hydra-joblib-launcher
.peers/sweepers/bin/python -m pip list --format=freeze | grep -iE '^(optuna|hydra.*|joblib)=='
