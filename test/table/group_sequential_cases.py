"""Writes group_sequential_cases.json: constant levels of looks at accumulating data, by adaptive quadrature of the nested integral, checked against
scipy's multivariate normal. Run where scipy is: python3 group_sequential_cases.py"""

import json
import math
import pathlib

import numpy as np
import scipy
from scipy import integrate, optimize, special, stats


def density(x):
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def crossing(counts, bound):
    """1 - P(all Z_k <= bound), with values between looks integrated one after the other; Z_k √n_k is a sum of independent steps."""
    n = np.array(counts, float)
    lowest = -9.0

    def below(k, z):
        """P(the later looks stay below | Z_k = z)."""
        spread = np.sqrt((n[k + 1] - n[k]) / n[k + 1])
        center = z * np.sqrt(n[k] / n[k + 1])
        if k + 2 == len(n):
            return special.ndtr((bound - center) / spread)
        from_, to = max(lowest, center - 9 * spread), min(bound, center + 9 * spread)
        if from_ >= to:
            return 0.0
        return integrate.quad(lambda u: tables[k + 1](u) * density((u - center) / spread) / spread, from_, to, epsabs=1e-13, epsrel=1e-12, limit=200)[0]

    # From the last look backwards; a Chebyshev series stands in for each function, which is smooth.
    tables = {}
    for k in range(len(n) - 2, -1, -1):
        at = lambda x, k=k: np.array([below(k, z) for z in np.atleast_1d(x)])
        tables[k] = np.polynomial.Chebyshev.interpolate(at, 80, domain=[lowest, bound])
    inside = integrate.quad(lambda z: tables[0](z) * density(z), lowest, bound, epsabs=1e-13, epsrel=1e-12, limit=200)[0]
    return 1 - inside


def level(counts, alpha):
    bound = optimize.brentq(lambda c: crossing(counts, c) - alpha, stats.norm.isf(alpha), stats.norm.isf(alpha / len(counts)), xtol=1e-13)
    cov = [[np.sqrt(min(a, b) / max(a, b)) for b in counts] for a in counts]
    check = 1 - stats.multivariate_normal(cov=cov, abseps=1e-7, releps=1e-7, maxpts=10**6).cdf([bound] * len(counts))
    assert abs(check - alpha) < 1e-5, (counts, check)
    return float(stats.norm.sf(bound))


plans = [[5, 10, 20, 40], [3, 5], [5, 10], [3, 10], [5, 10, 15], [10, 11, 40], [3, 4, 5, 6, 7], [20, 30, 80, 100]]
cases = [{"counts": counts, "alpha": alpha, "level": level(counts, alpha)} for counts in plans for alpha in (0.05, 0.01)]
made = f"scipy {scipy.__version__}, numpy {np.__version__}"
lines = ",\n".join(json.dumps(each) for each in cases)
pathlib.Path(__file__).with_suffix(".json").write_text(f'{{\n"made_with": ["{made}"],\n"cases": [\n{lines}\n]\n}}\n')
