"""Recurrent nets over text in JAX: `lstm`, `gru`, `rnn` from scratch, one `lax.scan` over time inside of one `jit` of the whole step.
See contender.py for how it is asked."""

import os
import sys

if sys.argv[2] == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp

from contender import CLIP, HIDDEN, LEARNING_RATE, VOCABULARY, serve


def lstm(p, state, x):
    h, c = state
    z = lambda gate: x @ p["W" + gate] + h @ p["U" + gate] + p["b" + gate]
    i, f, o = (jax.nn.sigmoid(z(gate)) for gate in "ifo")
    c = f * c + i * jnp.tanh(z("c"))
    return o * jnp.tanh(c), c


def gru(p, state, x):
    (h,) = state
    z, r = (jax.nn.sigmoid(x @ p["W" + gate] + h @ p["U" + gate] + p["b" + gate]) for gate in "zr")
    candidate = jnp.tanh(x @ p["Wh"] + (r * h) @ p["Uh"] + p["bh"])
    return (z * h + (1 - z) * candidate,)


def rnn(p, state, x):
    return (jnp.tanh(x @ p["Wh"] + state[0] @ p["Uh"] + p["bh"]),)


CELLS = {"lstm": (lstm, "ifoc", 2), "gru": (gru, "zrh", 1), "rnn": (rnn, "h", 1)}


class Training:
    def __init__(self, net: str, batch: int) -> None:
        cell, gates, parts = CELLS[net]
        hidden = HIDDEN[net]
        self.empty = lambda: tuple(jnp.zeros((batch, hidden)) for _ in range(parts))
        self.parameters = draw(jax.random.key(1), gates, hidden)

        def loss_of(p, state, inputs, targets):
            def advance(state, x):
                state = cell(p, state, x)
                return state, state[0] @ p["V"] + p["d"]

            state, logits = jax.lax.scan(advance, state, jax.nn.one_hot(inputs.T, VOCABULARY))
            chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), targets.T[..., None], -1)
            return -chosen.mean(), state

        @jax.jit
        def step(p, state, inputs, targets):
            (loss, state), gradients = jax.value_and_grad(loss_of, has_aux=True)(p, state, inputs, targets)
            norm = jnp.sqrt(sum(jnp.sum(gradient**2) for gradient in jax.tree.leaves(gradients)))
            rate = LEARNING_RATE * jnp.minimum(1, CLIP / norm)
            return jax.tree.map(lambda value, gradient: value - rate * gradient, p, gradients), state, loss

        self.compiled = step

    def begin(self):
        return self.empty()

    def step(self, state, inputs, targets):
        self.parameters, state, loss = self.compiled(self.parameters, state, inputs, targets)
        return state, float(loss)


def draw(key, gates: str, hidden: int) -> dict:
    shapes = {"V": (hidden, VOCABULARY)}
    for gate in gates:
        shapes |= {"W" + gate: (VOCABULARY, hidden), "U" + gate: (hidden, hidden)}
    keys = jax.random.split(key, len(shapes))
    weights = {name: jax.random.normal(key, shape) * 0.01 for key, (name, shape) in zip(keys, shapes.items())}
    return {**weights, **{"b" + gate: jnp.zeros(hidden) for gate in gates}, "d": jnp.zeros(VOCABULARY)}


if __name__ == "__main__":
    serve({"jax": jax.__version__}, lambda net, shape: Training(net, shape[0]))
