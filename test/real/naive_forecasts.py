"""Series and what sktime's NaiveForecaster makes of them, as JSON: the numbers that naive_forecasts.mjs holds ours against."""

import json

import numpy
import pandas
from sktime.forecasting.naive import NaiveForecaster

random = numpy.random.default_rng(20261201)
STEPS = 30


def case(length, season):
    time = numpy.arange(length)
    values = 50 + 0.3 * time + 8 * numpy.sin(2 * numpy.pi * time / season) + random.normal(0, 2, length)
    series = pandas.Series(values)
    ahead = numpy.arange(1, STEPS + 1)
    forecasters = {
        "persistence": NaiveForecaster("last"),
        "seasonal_naive": NaiveForecaster("last", sp=season),
        "drift": NaiveForecaster("drift"),
        "mean": NaiveForecaster("mean"),
        "mean_of_last_2": NaiveForecaster("mean", window_length=2),
    }
    predicted = {name: forecaster.fit(series).predict(fh=ahead).to_list() for name, forecaster in forecasters.items()}
    return {"season": season, "values": values.tolist(), "forecasts": predicted}


print(json.dumps({"steps": STEPS, "cases": [case(96, 12), case(57, 7), case(400, 24)]}))
