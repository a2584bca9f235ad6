"""Fifty steps of PyTorch's cross-entropy with weights of classes and label smoothing, as JSON: what losses.mjs holds ours against."""

import json

import numpy
import torch

random = numpy.random.default_rng(20261202)
STEPS, BATCH, FEATURES, CLASSES = 50, 24, 6, 5
CASES = [
    {},
    {"class_weight": [0.4, 1.0, 3.0, 0.25, 7.5]},
    {"label_smoothing": 0.2},
    {"class_weight": [0.4, 1.0, 3.0, 0.25, 7.5], "label_smoothing": 0.2},
]


def case(options):
    """A linear classifier, trained by plain gradient descent: every step depends on all of the gradients before it."""
    first = random.normal(0, 1, (FEATURES, CLASSES)).astype(numpy.float32)
    inputs = random.normal(0, 1, (STEPS, BATCH, FEATURES)).astype(numpy.float32)
    targets = random.integers(0, CLASSES, (STEPS, BATCH))
    weights = torch.nn.Parameter(torch.tensor(first))
    weight = torch.tensor(options["class_weight"]) if "class_weight" in options else None
    score = torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=options.get("label_smoothing", 0.0))
    optimizer = torch.optim.SGD([weights], lr=0.1)
    losses = []
    for x, y in zip(inputs, targets):
        optimizer.zero_grad()
        loss = score(torch.tensor(x) @ weights, torch.tensor(y))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    lists = {"first": first, "inputs": inputs, "targets": targets, "last": weights.detach().numpy(), "losses": numpy.array(losses)}
    return {"options": options, **{name: each.tolist() for name, each in lists.items()}}


print(json.dumps({"torch": torch.__version__, "cases": [case(options) for options in CASES]}))
