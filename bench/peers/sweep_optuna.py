"""
sweep_optuna.py STORAGE TRIALS           a part of a grid of so many values; several of these processes share it. A trial trains nothing.
sweep_optuna.py STORAGE TRIALS --create  makes the storage: two processes that begin with it get into each other's way.
"""

import sys

import optuna

storage, trials = sys.argv[1], int(sys.argv[2])
optuna.logging.set_verbosity(optuna.logging.WARNING)
rates = [0.0001 * (1 + index) for index in range(trials)]
study = optuna.create_study(
    study_name="sweep",
    storage=f"sqlite:///{storage}",
    sampler=optuna.samplers.GridSampler({"learning_rate": rates}),
    load_if_exists=True,
)
if "--create" not in sys.argv:
    study.optimize(lambda trial: trial.suggest_float("learning_rate", 0, 1), n_trials=trials)
