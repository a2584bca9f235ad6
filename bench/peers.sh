#!/usr/bin/env bash
# The peers that we measure ourselves against, in a virtual environment of their own, bench/.peers: needs python3 with venv and a package
# registry. On Linux with x86-64 the registry's PyTorch brings CUDA along: 5.4 GB on disk.
#
#     bench/peers.sh            PyTorch and pandas
#     bench/peers.sh all        also JAX, and Keras on TensorFlow

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
packages=(torch numpy pandas)
if [[ ${1:-} == all ]]; then packages+=(jax tensorflow-cpu keras); fi

[[ -x .peers/bin/python ]] || python3 -m venv .peers
.peers/bin/python -m pip install --quiet --disable-pip-version-check "${packages[@]}"
.peers/bin/python -m pip list --format=freeze | grep -iE '^(torch|jax|jaxlib|keras|tensorflow.*|numpy|pandas)=='
