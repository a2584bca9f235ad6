"""search_optuna.py LOW HIGH NAME REPEATS ROUND

Prints the least value that each search of 80 trials finds, as a list of JSON. ROUND trials are asked for at once, as several workers do; of those
that are not told yet, a sampler that knows of them (constant_liar) thinks the worst.
"""

import json
import math
import sys
import warnings

import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
low, high, name = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
repeats, size = int(sys.argv[4]), int(sys.argv[5])
TRIALS, DIMENSIONS = 80, 5
FUNCTIONS = {
    "sphere": lambda x: sum(a * a for a in x),
    "rosenbrock": lambda x: sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:])),
    "ackley": lambda x: 20
    + math.e
    - 20 * math.exp(-0.2 * math.sqrt(sum(a * a for a in x) / len(x)))
    - math.exp(sum(math.cos(2 * math.pi * a) for a in x) / len(x)),
    "rastrigin": lambda x: 10 * len(x) + sum(a * a - 10 * math.cos(2 * math.pi * a) for a in x),
}
found = []
for seed in range(1, repeats + 1):
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=size > 1))
    for _ in range(TRIALS // size):
        trials = [study.ask() for _ in range(size)]
        points = [[trial.suggest_float(f"x{i}", low, high) for i in range(DIMENSIONS)] for trial in trials]
        for trial, point in zip(trials, points):
            study.tell(trial, FUNCTIONS[name](point))
    found.append(study.best_value)
print(json.dumps({"version": optuna.__version__, "found": found}))
