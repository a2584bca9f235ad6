"""Writes probability_cases.json: what scipy says of P(A > B) and of signs. Run where scipy and numpy are: python3 probability_cases.py"""

import itertools
import json
import pathlib

import numpy as np
import scipy
from scipy import special, stats

rng = np.random.default_rng(7)
samples = [
    ([1.1, 1.3, 1.2, 1.5, 1.4], [1.0, 1.25, 0.9, 0.95, 1.05]),
    ([5, 6, 7, 8, 9], [1, 2, 3, 4, 5.5]),
    ([0.9, 0.8, 0.9, 1.0, 0.9], [0.8, 0.7, 0.9, 0.8, 0.9]),
    ([1, 2, 3], [2, 3, 4, 5]),
    *((np.round(rng.normal(0.5, 1, n), 3).tolist(), np.round(rng.normal(0, 3, m), 3).tolist()) for n, m in [(4, 4), (6, 5), (8, 8), (5, 9), (10, 6)]),
    *((np.round(rng.normal(0.5, 1, n), 1).tolist(), np.round(rng.normal(0, 1, m), 1).tolist()) for n, m in [(5, 5), (7, 6), (30, 25)]),
]


def statistic(a, b):
    """scipy's is positive where the second sample is above."""
    with np.errstate(all="ignore"):
        return stats.brunnermunzel(b, a, distribution="t").statistic


def share_se(a, b):
    """By its definition, over all comparisons."""
    above = np.sign(np.subtract.outer(a, b)) / 2 + 0.5
    share = above.mean()
    return share, np.sqrt(above.mean(axis=1).var(ddof=1) / len(a) + above.mean(axis=0).var(ddof=1) / len(b))


def studentized(a, b):
    share, se = share_se(a, b)
    if abs(share - 0.5) < 1e-12:
        return 0.0
    return np.inf * np.sign(share - 0.5) if se < 1e-12 else (share - 0.5) / se


def permutations(a, b):
    pooled = np.array(a + b, dtype=float)
    everything = set(range(len(pooled)))
    return np.sort([studentized(pooled[list(c)], pooled[sorted(everything - set(c))]) for c in itertools.combinations(range(len(pooled)), len(a))])


def interval(share, se, exact, fewest, alpha):
    """The farther of share -+ q se and of that of the log odds; one half is the test's own; no end beyond what a wholly separated sample proves."""
    most = alpha ** (1 / fewest)
    if se < 1e-12:
        return [most if share == 1 else 0, 1 - most if share == 0 else 1]
    beyond = int(np.floor(alpha * len(exact) + 1e-9))
    down, up = exact[beyond], exact[-1 - beyond]
    with np.errstate(all="ignore"):
        odds = [special.expit(special.logit(share) - q * se / (share * (1 - share))) for q in (up, down)]
    low, high = share - up * se, share - down * se
    lower, upper = min(low, odds[0]), max(high, odds[1])
    lower = max(0.5, lower) if low > 0.5 else lower
    upper = min(0.5, upper) if high < 0.5 else upper
    return [float(max(0, min(most, lower))), float(min(1, max(1 - most, upper)))]


cases = []
for a, b in samples:
    share, se = share_se(np.array(a, float), np.array(b, float))
    result = stats.brunnermunzel(b, a, distribution="t")
    case = {"a": a, "b": b, "share": share, "se": se, "t": float(result.statistic), "p": float(result.pvalue)}
    if len(a) + len(b) <= 17:
        exact = permutations(a, b)
        observed = studentized(np.array(a, float), np.array(b, float))
        slack = 1e-9 * max(1, abs(observed)) if np.isfinite(observed) else 0
        case["greater"] = float(np.mean(exact >= observed - slack))
        case["less"] = float(np.mean(exact <= observed + slack))
        if 0 < share < 1 and len(a) + len(b) <= 12:
            test = stats.permutation_test((a, b), statistic, permutation_type="independent", n_resamples=np.inf, alternative="greater")
            assert abs(test.pvalue - case["greater"]) < 1e-9, (test.pvalue, case)
        case["alpha"] = 0.04
        case["interval"] = interval(share, se, exact, min(len(a), len(b)), case["alpha"])
    cases.append({key: None if isinstance(value, float) and not np.isfinite(value) else value for key, value in case.items()})

signs = [
    {
        "above": k,
        "below": n - k,
        "greater": stats.binomtest(k, n, alternative="greater").pvalue,
        "less": stats.binomtest(k, n, alternative="less").pvalue,
        "two_sided": stats.binomtest(k, n).pvalue,
    }
    for k, n in [(5, 5), (0, 5), (4, 5), (3, 6), (9, 10), (2, 10), (20, 30), (55, 60)]
]
parts = {"made_with": [f"scipy {scipy.__version__}, numpy {np.__version__}"], "probability": cases, "signs": signs}
lines = [f'"{name}": [\n' + ",\n".join(json.dumps(each) for each in part) + "\n]" for name, part in parts.items()]
pathlib.Path(__file__).with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
