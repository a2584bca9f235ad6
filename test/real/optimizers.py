"""Fifty steps of PyTorch's optimizers on random gradients, as JSON: what optimizers.mjs holds ours against."""

import json

import numpy
import torch

random = numpy.random.default_rng(20261201)
STEPS = 50
CASES = [
    ("sgd", {"learning_rate": 0.1}, torch.optim.SGD, {"lr": 0.1}),
    ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.01}, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
    ("adam", {"learning_rate": 0.01}, torch.optim.Adam, {"lr": 0.01}),
    ("adam", {"learning_rate": 0.01, "weight_decay": 0.1}, torch.optim.Adam, {"lr": 0.01, "weight_decay": 0.1}),
    ("adamw", {"learning_rate": 0.01}, torch.optim.AdamW, {"lr": 0.01}),
    ("adamw", {"learning_rate": 0.01, "weight_decay": 0.5, "beta1": 0.8}, torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.5, "betas": (0.8, 0.999)}),
    ("rmsprop", {"learning_rate": 0.01}, torch.optim.RMSprop, {"lr": 0.01}),
    ("rmsprop", {"learning_rate": 0.01, "rho": 0.9, "momentum": 0.9}, torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9, "momentum": 0.9}),
    ("rmsprop", {"learning_rate": 0.01, "weight_decay": 0.1}, torch.optim.RMSprop, {"lr": 0.01, "weight_decay": 0.1}),
]


def case(kind, options, optimizer, settings):
    first = random.normal(0, 1, 40).astype(numpy.float32)
    gradients = (random.normal(0, 1, (STEPS, 40)) * 10.0 ** random.integers(-3, 2, 40)).astype(numpy.float32)
    parameter = torch.nn.Parameter(torch.tensor(first))
    stepper = optimizer([parameter], **settings)
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        stepper.step()
    return {"kind": kind, "options": options, "first": first.tolist(), "gradients": gradients.tolist(), "last": parameter.detach().tolist()}


print(json.dumps({"torch": torch.__version__, "cases": [case(*each) for each in CASES]}))
