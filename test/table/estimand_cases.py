"""Writes estimand_cases.json: what scipy says of medians, interquartile means, shares and effect sizes. Run where scipy and numpy are:
python3 estimand_cases.py"""

import itertools
import json
import pathlib
import warnings

import numpy as np
import scipy
from scipy import optimize, special, stats

warnings.simplefilter("ignore")
rng = np.random.default_rng(19)
samples = [
    [1.1, 1.3, 1.2, 1.5, 1.4],
    [3.0, 1.0, 2.0],
    [0.9, 0.8, 0.9, 1.0, 0.9, 0.9],
    *(np.round(rng.lognormal(0, 1, n), 3).tolist() for n in (4, 7, 8, 9, 12, 19, 20, 39, 40, 41, 100)),
]


def median_interval(x, alpha):
    """By enumeration of the ranks: the one-sided error of x(r) is that of fewer than r values below the median."""
    fits = [r for r in range(1, len(x) // 2 + 1) if stats.binom.cdf(r - 1, len(x), 0.5) <= alpha * (1 + 1e-9)]
    return [sorted(x)[fits[-1] - 1], sorted(x)[-fits[-1]]] if fits else None


def prediction(x, alpha):
    """One more value falls below x(r) with probability r / (n + 1): scipy's beta, whose mean that is."""
    fits = [r for r in range(1, len(x) // 2 + 1) if stats.beta(r, len(x) + 1 - r).mean() <= alpha * (1 + 1e-9)]
    return [sorted(x)[fits[-1] - 1], sorted(x)[-fits[-1]]] if fits else None


medians = [
    {"x": x, "alpha": alpha, "interval": median_interval(x, alpha), "prediction": prediction(x, alpha)}
    for x in samples
    for alpha in (0.05, 0.025)
]

trimmed = []
for x in samples:
    n, g = len(x), len(x) // 4
    h = n - 2 * g
    # Beside a sample that does not vary, Yuen's test is that of one interquartile mean.
    alone = stats.ttest_ind(x, [0.0] * 8, equal_var=False, trim=0.25)
    interval = alone.confidence_interval(0.95)
    masked = stats.mstats.trimmed_mean_ci(np.array(x), limits=(0.25, 0.25), alpha=0.05)
    scale = np.sqrt(0.25 * n * (n - 1) / (h * (h - 1)))
    center = (masked[0] + masked[1]) / 2
    assert np.allclose([interval.low, interval.high], [center - (center - masked[0]) * scale, center + (masked[1] - center) * scale], rtol=1e-9)
    trimmed.append({"x": x, "mean": stats.trim_mean(x, 0.25), "se": stats.trim_mean(x, 0.25) / alone.statistic, "df": h - 1, "interval": [interval.low, interval.high]})

yuen = []
for a, b in itertools.pairwise(samples):
    result = stats.ttest_ind(a, b, equal_var=False, trim=0.25)
    interval = result.confidence_interval(0.95)
    yuen.append({"a": a, "b": b, "t": result.statistic, "df": result.df, "p": result.pvalue, "interval": [interval.low, interval.high]})


def likeliest(x, n, y, m, difference):
    """The constrained maximum, by search."""
    low, high = max(0, -difference), min(1, 1 - difference)
    cost = lambda q: -(special.xlogy(x, q + difference) + special.xlog1py(n - x, -(q + difference)) + special.xlogy(y, q) + special.xlog1py(m - y, -q))
    q = optimize.minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
    return q + difference, q


def score(x, n, y, m, difference):
    beyond = x / n - y / m - difference
    if abs(beyond) < 1e-14:
        return 0.0
    p, q = likeliest(x, n, y, m, difference)
    variance = p * (1 - p) / n + q * (1 - q) / m
    return beyond / np.sqrt(variance) if variance > 1e-30 else np.inf * np.sign(beyond)


def exact(x, n, y, m, difference):
    """By the sum over all tables, at the worst of 4001 shares, then climbed."""
    seen = score(x, n, y, m, difference)
    region = np.array([[score(i, n, j, m, difference) >= seen - 1e-6 for j in range(m + 1)] for i in range(n + 1)])
    low, high = max(0, -difference), min(1, 1 - difference)
    chance = lambda q: stats.binom.pmf(np.arange(n + 1), n, min(1, max(0, q + difference))) @ region @ stats.binom.pmf(np.arange(m + 1), m, q)
    grid = np.linspace(low, high, 4001)
    best = int(np.argmax([chance(q) for q in grid]))
    around = (grid[max(0, best - 1)], grid[min(4000, best + 1)])
    return max(chance(grid[best]), -optimize.minimize_scalar(lambda q: -chance(q), bounds=around, method="bounded", options={"xatol": 1e-12}).fun)


shares = []
for x, n, y, m in [(5, 5, 1, 5), (5, 5, 0, 5), (9, 10, 4, 10), (29, 30, 8, 10), (30, 30, 29, 30), (27, 30, 29, 30), (3, 7, 2, 12), (0, 5, 0, 8), (40, 40, 25, 30)]:
    barnard = stats.barnard_exact([[x, y], [n - x, m - y]], alternative="greater", pooled=True, n=64)
    case = {"a": [x, n], "b": [y, m], "barnard": barnard.pvalue, "score": barnard.statistic}
    case["differences"] = [{"difference": d, "p": exact(x, n, y, m, d)} for d in (-0.2, -0.1, 0.05, 0.3)]
    shares.append({key: None if isinstance(value, float) and not np.isfinite(value) else value for key, value in case.items()})


def shift(t, df, p):
    def beyond(nc):
        found = stats.nct.cdf(t, df, nc)
        return (found if np.isfinite(found) else float(nc < t)) - p  # far out, scipy's is no number

    reach = 6 * np.sqrt(1 + t * t / (2 * df))
    return optimize.brentq(beyond, t - reach, t + reach, xtol=1e-13, rtol=1e-14)


def standardised(difference, sd, df, share):
    d = difference / sd
    j = np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2)
    t = d / np.sqrt(share)
    return {"g": j * d, "interval": [shift(t, df, p) * np.sqrt(share) for p in (0.975, 0.025)]}


effects = []
for n, m, apart in [(3, 3, 0.2), (5, 5, 1), (5, 28, -2), (10, 10, 0.5), (40, 40, 3), (5, 5, 12), (100, 3, -0.1)]:
    a, b = np.round(rng.normal(apart, 1, n), 3), np.round(rng.normal(0, 1.5, m), 3)
    df = n + m - 2
    pooled = np.sqrt((a.var(ddof=1) * (n - 1) + b.var(ddof=1) * (m - 1)) / df)
    case = {"a": a.tolist(), "b": b.tolist(), **standardised(a.mean() - b.mean(), pooled, df, 1 / n + 1 / m)}
    case["delta"] = float(np.sign(np.subtract.outer(a, b)).mean())
    if n == m and n > 3:
        case["pairs"] = standardised((a - b).mean(), (a - b).std(ddof=1), n - 1, 1 / n)
    effects.append(case)

noncentral = [
    {"t": t, "df": df, "shift": nc, "p": stats.nct.cdf(t, df, nc)}
    for t, df, nc in [(0, 4, 0), (1, 4, 0.5), (-2, 4, 1), (2.5, 2, 3), (10, 8, 12), (10, 8, -1), (-30, 8, -33), (3, 200, 2.5), (60, 20, 55), (1, 4.5, 1)]
]

parts = {
    "made_with": [f"scipy {scipy.__version__}, numpy {np.__version__}"],
    "medians": medians,
    "trimmed": trimmed,
    "yuen": yuen,
    "shares": shares,
    "effects": effects,
    "noncentral": noncentral,
}
lines = [f'"{name}": [\n' + ",\n".join(json.dumps(each) for each in part) + "\n]" for name, part in parts.items()]
pathlib.Path(__file__).with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
