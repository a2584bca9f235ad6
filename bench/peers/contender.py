"""What every peer shares: the batches of text, and the conversation with the bench.

    python recurrent_torch.py BATCHES.json THREADS

Says one line when it is ready: its versions. Then answers each line of its input, `{"net": NAME, "seconds": S}`, with one line: the tokens per
second of training steps that went on for about S seconds, and the largest memory of the process so far in megabytes. A net is built when it is first asked for and keeps its state.
"""

import json
import platform
import resource
import sys
import time
from typing import Callable, Protocol

import numpy as np

VOCABULARY = 28
HIDDEN = {"lstm": 256, "gru": 256, "rnn": 512}
LEARNING_RATE, CLIP = 1.0, 1.0

# Steps after a pause that don't count.
WARM_UP = 3


class Training(Protocol):
    """One training step: state in, state out; the loss comes back as a number, as a loop that reports it wants. One that has `batches` trains on these."""

    def begin(self) -> object: ...

    def step(self, state: object, inputs: np.ndarray, targets: np.ndarray) -> tuple[object, float]: ...


def serve(
    versions: dict[str, str],
    build: Callable[[str, tuple[int, int]], Training],
    others: dict[str, Callable[[float], dict[str, float]]] = {},
) -> None:
    """`others` are asked for like nets, and measure something else."""
    with open(sys.argv[1]) as file:
        batches = [tuple(np.array(part, np.int32) for part in batch) for batch in json.load(file)]
    trainings: dict[str, Training] = {}
    reply({**versions, "python": platform.python_version()})
    for line in sys.stdin:
        request = json.loads(line)
        net, seconds = request["net"], request["seconds"]
        if net in others:
            reply(others[net](seconds))
            continue
        if net not in trainings:
            trainings[net] = build(net, batches[0][0].shape)
        rate = measure(trainings[net], getattr(trainings[net], "batches", batches), seconds)
        reply({"tokens/s": rate, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6})


def measure(training: Training, batches: list, seconds: float) -> float:
    """As in real training, each epoch begins with an empty state and each batch goes on where the one before ended."""
    steps = 0
    while True:
        state = training.begin()
        for inputs, targets in batches:
            state, loss = training.step(state, inputs, targets)
            steps += 1
            if steps == WARM_UP:
                began = time.perf_counter()
            elapsed = time.perf_counter() - began if steps > WARM_UP else 0
            if elapsed > seconds:
                if not np.isfinite(loss):
                    raise ArithmeticError(f"the loss is {loss}")
                return (steps - WARM_UP) * inputs.size / elapsed


def reply(values: dict) -> None:
    print(json.dumps(values), flush=True)
