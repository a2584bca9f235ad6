"""Writes friedman_cases.json: Friedman's statistic by scipy, Iman and Davenport's form of it, exact p-values by enumeration of all orders, and quantiles of
the studentized range by adaptive quadrature, checked against scipy's. Run where scipy and numpy are: python3 friedman_cases.py"""

import itertools
import json
import pathlib

import numpy as np
import scipy
from scipy import integrate, optimize, special, stats

rng = np.random.default_rng(1937)


def exact(ranks):
    """The share of all orders within the rows but the first, one of which stands for all, whose column sums are as far apart."""
    sums = np.zeros((1, ranks.shape[1]))
    for index, row in enumerate(ranks):
        orders = row[None, :] if index == 0 else np.array(list(itertools.permutations(row)))
        sums = (sums[:, None, :] + orders[None, :, :]).reshape(-1, ranks.shape[1])
    return float(np.mean((sums**2).sum(axis=1) >= (ranks.sum(axis=0) ** 2).sum() - 1e-9))


def case(values):
    values = np.array(values)
    n, k = values.shape
    ranks = stats.rankdata(values, axis=1)
    chi = stats.friedmanchisquare(*values.T).statistic
    f = (n - 1) * chi / (n * (k - 1) - chi)
    few = np.prod([float(special.factorial(k))] * (n - 1)) <= 2e6
    return {
        "values": values.tolist(),
        "ranks": ranks.mean(axis=0).tolist(),
        "chiSquared": float(chi),
        "f": float(f),
        "pOfF": float(stats.f.sf(f, k - 1, (k - 1) * (n - 1))),
        **({"p": exact(ranks)} if few else {}),
    }


sizes = [(3, 3), (4, 3), (6, 3), (8, 3), (2, 4), (3, 4), (5, 4), (3, 5), (4, 5), (2, 6), (3, 6), (12, 4), (20, 5), (30, 8)]
cases = []
for n, k in sizes:
    better = np.linspace(0, 1.2, k)
    cases.append(case(np.round(rng.normal(size=(n, k)) + better, 3)))
    cases.append(case(np.round(rng.normal(size=(n, k)) + better, 0)))


def cdf(q, k):
    inside = lambda z: k * stats.norm.pdf(z) * (special.ndtr(z) - special.ndtr(z - q)) ** (k - 1)
    return integrate.quad(inside, -9, 9, epsabs=1e-14, epsrel=1e-13, limit=400)[0]


def quantile(p, k):
    q = optimize.brentq(lambda q: cdf(q, k) - p, 1e-3, 30, xtol=1e-14, rtol=1e-14)
    assert abs(stats.studentized_range.ppf(p, k, np.inf) - q) < 1e-8, (p, k)
    return float(q)


quantiles = [{"p": p, "k": k, "q": quantile(p, k)} for k in (2, 3, 4, 5, 7, 10, 20, 50) for p in (0.5, 0.9, 0.95, 0.96, 0.99, 0.9995)]
made = f"scipy {scipy.__version__}, numpy {np.__version__}"
listed = lambda rows: ",\n".join(json.dumps(each) for each in rows)
text = f'{{\n"made_with": ["{made}"],\n"cases": [\n{listed(cases)}\n],\n"quantiles": [\n{listed(quantiles)}\n]\n}}\n'
pathlib.Path(__file__).with_suffix(".json").write_text(text)
