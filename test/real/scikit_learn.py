"""Random forecasts and series, and what scikit-learn makes of them, as JSON: the numbers that scikit_learn.mjs holds ours against."""

import json

import numpy
from sklearn import metrics, preprocessing

random = numpy.random.default_rng(20261103)
STEPS, NAMES = 3, ["load", "price"]
NAIVE = {"load": 3.25, "price": 0.7}


def forecasts(rows, columns, level):
    """In float32, as a program gives them; computed with in float64."""
    truth = (level + random.normal(0, 10, (rows, columns))).astype(numpy.float32)
    forecast = (truth + random.normal(0.5, 3, (rows, columns))).astype(numpy.float32)
    return truth.astype(numpy.float64), forecast.astype(numpy.float64)


def measured(truth, forecast, names):
    cells = dict(multioutput="raw_values")
    symmetric = 2 * numpy.abs(truth - forecast) / (numpy.abs(truth) + numpy.abs(forecast))
    divisors = numpy.array([NAIVE[name] for name in names] * (truth.shape[1] // len(names)))
    scaled = metrics.mean_absolute_error(truth, forecast, **cells) / divisors
    of_cells = {
        "mean_absolute_error": metrics.mean_absolute_error(truth, forecast, **cells),
        "root_mean_squared_error": metrics.root_mean_squared_error(truth, forecast, **cells),
        "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error(truth, forecast, **cells),
        "symmetric_mean_absolute_percentage_error": symmetric.mean(0),
        "mean_absolute_scaled_error": scaled,
        "r2": metrics.r2_score(truth, forecast, **cells),
        "pinball": metrics.mean_pinball_loss(truth, forecast, alpha=0.9, **cells),
    }
    values = {
        "mean_absolute_error": metrics.mean_absolute_error(truth, forecast),
        # One root of one mean, in place of the mean of the roots of each column.
        "root_mean_squared_error": metrics.root_mean_squared_error(truth.ravel(), forecast.ravel()),
        "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error(truth, forecast),
        "symmetric_mean_absolute_percentage_error": symmetric.mean(),
        "mean_absolute_scaled_error": scaled.mean(),
        "r2": metrics.r2_score(truth, forecast),
        "pinball": metrics.mean_pinball_loss(truth, forecast, alpha=0.9),
    }
    return {kind: {"value": float(values[kind]), "cells": of_cells[kind].tolist()} for kind in values}


def forecast_case(steps, names, rows, level):
    truth, forecast = forecasts(rows, steps * len(names), level)
    return {
        "outputs": {"steps": steps, "names": names},
        "naiveErrors": NAIVE,
        "truth": truth.tolist(),
        "forecast": forecast.tolist(),
        "expected": measured(truth, forecast, names),
    }


def transform_case(kind, options, scaler):
    train, other = random.lognormal(3, 1, 500), random.normal(20, 40, 100)
    scaler.fit(train[:, None])
    through = scaler.transform(other[:, None])
    return {
        "kind": kind,
        "options": options,
        "train": train.tolist(),
        "other": other.tolist(),
        "applied": through.ravel().tolist(),
        "inverted": scaler.inverse_transform(other[:, None]).ravel().tolist(),
    }


def coverage_case(steps, names, rows, validating, level):
    """Intervals of split conformal prediction by cell, with numpy: their width is the k-th smallest error of validation."""
    columns = steps * len(names)
    before, guessed = forecasts(validating, columns, 0)
    truth, forecast = forecasts(rows, columns, 0)
    rank = int(numpy.ceil(numpy.round((validating + 1) * level, 9)))
    reach = numpy.sort(numpy.abs(before - guessed), axis=0)[rank - 1]
    held = numpy.abs(truth - forecast) <= reach
    return {
        "outputs": {"steps": steps, "names": names},
        "level": level,
        "validating": {"truth": before.tolist(), "forecast": guessed.tolist()},
        "truth": truth.tolist(),
        "forecast": forecast.tolist(),
        "expected": {"coverage": {"value": float(held.mean()), "cells": held.mean(0).tolist()}},
    }


print(
    json.dumps(
        {
            "forecasts": [
                coverage_case(1, ["load"], 500, 19, 0.95),
                coverage_case(STEPS, NAMES, 500, 100, 0.8),
                forecast_case(1, ["load"], 1000, 200),
                forecast_case(1, NAMES, 317, 80),
                forecast_case(STEPS, NAMES, 1000, -50),
                forecast_case(24, ["price"], 48, 1e5),
            ],
            "transforms": [
                transform_case("standardize", {}, preprocessing.StandardScaler()),
                transform_case("min_max", {"least": 0, "most": 1}, preprocessing.MinMaxScaler()),
                transform_case("min_max", {"least": -1, "most": 1}, preprocessing.MinMaxScaler((-1, 1))),
                transform_case("robust", {}, preprocessing.RobustScaler()),
            ],
        }
    )
)
