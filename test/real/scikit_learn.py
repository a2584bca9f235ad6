"""Random forecasts and series, and what scikit-learn makes of them, as JSON: the numbers that scikit_learn.mjs holds ours against."""

import json

import warnings

import numpy
from seqeval import metrics as names_of
from sklearn import metrics, preprocessing

warnings.filterwarnings("ignore", module="seqeval")
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


def probabilities(logits):
    shifted = numpy.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def expected_calibration_error(truth, given, bins):
    """Guo et al. 2017, with the bins of calibration_curve: a border belongs to the bin below."""
    confidence, hit = given.max(1), given.argmax(1) == truth
    of_bin = numpy.searchsorted(numpy.linspace(0, 1, bins + 1)[1:-1], confidence)
    off = [abs(hit[of_bin == b].sum() - confidence[of_bin == b].sum()) for b in range(bins)]
    return float(sum(off) / len(truth))


def classes_case(classes, rows, weighted, ties, members):
    """`members`: the classes that are right somewhere. With ties, outputs are whole numbers."""
    truth = random.choice(members, rows)
    logits = random.normal(0, 1.5, (rows, classes))
    logits[numpy.arange(rows), truth] += 1
    logits = (logits.round() if ties else logits).astype(numpy.float32).astype(numpy.float64)
    weight = random.integers(0, 3, rows).astype(float) if weighted else numpy.ones(rows)
    given, answer = probabilities(logits), logits.argmax(1)
    by = dict(sample_weight=weight)
    every = dict(labels=range(classes), zero_division=0, average=None, **by)
    # scikit-learn's averages are over the classes that are right or answered; with weights, where these are not all 0.
    seen = weight > 0
    mean = dict(zero_division=0, sample_weight=weight[seen])
    expected = [
        ("accuracy", {}, metrics.accuracy_score(truth, answer, **by)),
        ("balanced_accuracy", {}, metrics.balanced_accuracy_score(truth[seen], answer[seen], sample_weight=weight[seen])),
        ("matthews_correlation", {}, metrics.matthews_corrcoef(truth, answer, **by)),
        ("log_loss", {}, metrics.log_loss(truth, given, labels=range(classes), **by)),
    ]
    for kind, of in [("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score)]:
        for average in ["macro", "micro", "weighted"]:
            expected.append((kind, {"average": average}, of(truth[seen], answer[seen], average=average, **mean)))
        for index, value in enumerate(of(truth, answer, **every)):
            expected.append((kind, {"class": str(index)}, value))
    for k in range(1, classes):
        if classes > 2:
            expected.append(("top_k_accuracy", {"k": k}, metrics.top_k_accuracy_score(truth, logits, k=k, labels=range(classes), **by)))
    for index in members:
        is_member = truth == index
        expected.append(("area_under_roc", {"class": str(index)}, metrics.roc_auc_score(is_member, given[:, index], **by)))
        expected.append(("area_under_precision_recall", {"class": str(index)}, metrics.average_precision_score(is_member, given[:, index], **by)))
    if len(members) == classes:
        one_hot = numpy.eye(classes)[truth]
        for average in ["macro", "weighted"]:
            area = metrics.roc_auc_score(one_hot, given, average=average, **by)
            expected.append(("area_under_roc", {"average": average}, area))
            area = metrics.average_precision_score(one_hot, given, average=average, **by)
            expected.append(("area_under_precision_recall", {"average": average}, area))
    if not weighted:
        for bins in [5, 10]:
            expected.append(("calibration_error", {"bins": bins}, expected_calibration_error(truth, given, bins)))
    return {
        "classes": classes,
        "truth": truth.tolist(),
        "logits": logits.tolist(),
        "weight": weight.tolist(),
        "expected": [[kind, options, float(value)] for kind, options, value in expected],
    }


def tags_case(marks, kinds, sentences, longest):
    """Random tags, most of them in no scheme's order; the answers are right three times of four."""
    tags = ["O"] + [f"{mark}-{kind}" for mark in marks for kind in kinds]
    lengths = random.integers(1, longest + 1, sentences)
    truth = [random.integers(0, len(tags), length) for length in lengths]
    answers = [numpy.where(random.random(len(right)) < 0.75, right, random.integers(0, len(tags), len(right))) for right in truth]
    of = lambda indices: [[tags[index] for index in sentence] for sentence in indices]
    given = of(truth), of(answers)
    expected = [({"average": average}, names_of.f1_score(*given, average=average)) for average in ["micro", "macro", "weighted"]]
    report = names_of.classification_report(*given, output_dict=True)
    expected += [({"class": kind}, report[kind]["f1-score"]) for kind in kinds if kind in report]
    return {
        "tags": tags,
        "longest": longest,
        "truth": [sentence.tolist() for sentence in truth],
        "answers": [sentence.tolist() for sentence in answers],
        "expected": [[options, float(value)] for options, value in expected],
    }


print(
    json.dumps(
        {
            "classes": [
                classes_case(2, 400, False, False, [0, 1]),
                classes_case(2, 200, True, True, [0, 1]),
                classes_case(3, 500, False, True, [0, 1, 2]),
                classes_case(7, 600, True, False, [0, 1, 2, 3, 4, 5, 6]),
                # Classes that nothing is right of, some of which are answered.
                classes_case(6, 300, False, True, [1, 2, 4]),
                classes_case(6, 300, True, False, [0, 5]),
            ],
            "tags": [
                tags_case("BI", ["PER"], 50, 12),
                tags_case("BI", ["PER", "LOC", "ORG"], 300, 20),
                tags_case("BIES", ["PER", "A-B"], 300, 15),
                tags_case("I", ["NP", "VP"], 200, 9),
            ],
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
