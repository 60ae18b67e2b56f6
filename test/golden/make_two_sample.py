"""Writes two-sample.json: figures of numpy and SciPy that the two-sample kernels are held against.

Needs Debian's python3-scipy (numpy, scipy). The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_two_sample.py
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(11)


def after_relu(n, shift):
    """Half of the values are exactly 0, the rest has ties too."""
    return np.maximum(0, np.round(rng.normal(size=n) + shift, 2))


def listed(values):
    return [float(v) for v in values]


def squared_mmd(x, y, bandwidth):
    """Gretton et al. 2012, lemma 6."""
    def kernel(a, b):
        squares = ((a[:, None, :] - b[None, :, :]) ** 2).sum(2)
        return np.exp(-squares / (2 * bandwidth**2))
    m, n = len(x), len(y)
    kxx, kyy, kxy = kernel(x, x), kernel(y, y), kernel(x, y)
    return ((kxx.sum() - np.trace(kxx)) / (m * (m - 1)) + (kyy.sum() - np.trace(kyy)) / (n * (n - 1))
            - 2 * kxy.sum() / (m * n))


pairs = {
    'no ties': (rng.normal(size=90), rng.normal(size=120) + 0.4),
    'the second lower': (rng.normal(size=150), rng.normal(size=40) - 0.9),
    'many ties': (after_relu(200, 0), after_relu(170, 0.3)),
    'one distribution': (rng.normal(size=300), rng.normal(size=300)),
    'apart': (rng.normal(size=20), rng.normal(size=25) + 20),
    'equal samples': (np.array([3.0, 1.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0, 1.0])),
    'one value each': (np.array([1.0]), np.array([2.0])),
    'infinite values and both zeros': (np.array([-np.inf, -0.0, 1.0, np.inf]), np.array([0.0, 0.0, 2.0, np.inf, np.inf])),
    'large': (np.round(rng.normal(size=2500), 4), np.round(rng.normal(size=1900) + 0.03, 4)),
}
tests = []
for name, (x, y) in pairs.items():
    result = stats.ks_2samp(x, y, method='asymp')
    tests.append({
        'name': name,
        'first': [str(v) for v in x],
        'second': [str(v) for v in y],
        'statistic': float(result.statistic),
        'p': None if np.isnan(result.pvalue) else float(result.pvalue),
        'location': str(result.statistic_location),
        'sign': int(result.statistic_sign),
    })

survival = []
for n in [1, 2, 5, 10, 50, 140, 141, 1000, 16_384, 16_385, 100_000, 500_000, 1_000_000]:
    for z in [0.3, 0.45, 0.6, 0.85, 1.0, 1.3, 1.45, 1.5, 1.9, 2.1, 3.0, 5.0, 8.0]:
        d = z / np.sqrt(n)
        if 0 < d < 1:
            survival.append([d, n, float(stats.kstwo.sf(d, n))])

ties = np.round(rng.normal(size=60), 1)
quantile_values = rng.gamma(2, size=41)
shares = [0, 0.1, 0.25, 1 / 3, 0.5, 0.77, 0.9, 0.999, 1]
binned = np.round(rng.normal(size=500), 2)
edges = [-2.0, -1.0, -0.25, 0.0, 0.5, 0.75, 2.0]
by_share = np.unique(np.quantile(binned, np.linspace(0, 1, 11)))
x, y = rng.normal(size=(40, 5)).astype(np.float32), (rng.normal(size=(33, 5)) * 1.3 + 0.4).astype(np.float32)
pooled = np.vstack([x, y]).astype(np.float64)
distances = np.sqrt(((pooled[:, None] - pooled[None]) ** 2).sum(2))[np.triu_indices(len(pooled), 1)]
heuristic = float(np.median(distances))

out = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__},
    'kolmogorovSmirnov': tests,
    'kolmogorovSurvival': survival,
    'ranks': {'values': listed(ties), 'ranks': listed(stats.rankdata(ties))},
    'quantiles': {'values': listed(quantile_values), 'shares': shares, 'quantiles': listed(np.quantile(quantile_values, shares))},
    'histogram': {
        'values': listed(binned),
        'edges': edges,
        'counts': [int(c) for c in np.histogram(binned, edges)[0]],
        'width': {'edges': listed(np.linspace(-3, 3, 8)), 'counts': [int(c) for c in np.histogram(binned, 7, (-3, 3))[0]]},
        'share': {'edges': listed(by_share), 'counts': [int(c) for c in np.histogram(binned, by_share)[0]]},
    },
    'mmd': {
        'first': x.tolist(),
        'second': y.tolist(),
        'medianDistance': heuristic,
        'squared': float(squared_mmd(x.astype(np.float64), y.astype(np.float64), heuristic)),
        'squaredAtOne': float(squared_mmd(x.astype(np.float64), y.astype(np.float64), 1)),
    },
}
pathlib.Path(__file__).with_name('two-sample.json').write_text(json.dumps(out, indent=1) + '\n')
