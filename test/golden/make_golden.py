"""Writes golden.json: figures of numpy, SciPy and scikit-learn that the numeric kernels are held against.

Needs Debian's python3-sklearn (numpy, scipy, scikit-learn). The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_golden.py
"""
import json
import math
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score

rng = np.random.default_rng(7)


def after_relu(n, d):
    """Correlated activations after a ReLU, with one dead column, as float32."""
    mixing = rng.normal(size=(d, d))
    x = np.maximum(0, rng.normal(size=(n, d)) @ mixing * 0.5 + 0.6)
    x[:, d // 2] = 0
    return x.astype(np.float32)


def ln_ratio(numerator, denominator):
    """ln of a ratio of big integers."""
    return math.log(numerator) - math.log(denominator)


def ln_beta_binomial_tail(x, n, k, m):
    """Exact: pmf(j) = C(j+k-1, j) C(n-j+m-k, n-j) / C(n+m, n)."""
    total = sum(math.comb(j + k - 1, j) * math.comb(n - j + m - k, n - j) for j in range(x, n + 1))
    return ln_ratio(total, math.comb(n + m, n))


def ln_hypergeometric_lower(x, total, marked, drawn):
    s = sum(math.comb(marked, j) * math.comb(total - marked, drawn - j) for j in range(0, x + 1) if drawn - j <= total - marked)
    return ln_ratio(s, math.comb(total, drawn))


x = after_relu(150, 8)
centred = x.astype(np.float64) - x.astype(np.float64).mean(0)
pca = PCA(3, svd_solver='full').fit(x.astype(np.float64))
wolf = LedoitWolf().fit(x.astype(np.float64))
_, singular, vt = np.linalg.svd(centred, full_matrices=False)

blobs = np.vstack([rng.normal(size=(90, 6)), rng.normal(size=(30, 6)) * 0.7 + 3]).astype(np.float32)
wide = blobs.astype(np.float64)
leading = PCA(4, svd_solver='full').fit_transform(wide)
ends = leading[[leading[:, 0].argmin(), leading[:, 0].argmax()]]
means = KMeans(2, init=ends, n_init=1, tol=0).fit(leading)

symmetric = rng.normal(size=(14, 14))
symmetric = symmetric + symmetric.T
basis, _ = np.linalg.qr(rng.normal(size=(9, 9)))
degenerate = basis @ np.diag([5, 5, 5, 2, 2, 0, 0, 0, -1]) @ basis.T
degenerate = (degenerate + degenerate.T) / 2

two = np.concatenate([rng.normal(size=400), rng.normal(size=40) * 0.5 + 6])
kde = stats.gaussian_kde(two, bw_method=0.9 * min(two.std(), np.subtract(*np.quantile(two, [0.75, 0.25])) / 1.349) * len(two) ** -0.2 / two.std(ddof=1))
grid = np.linspace(two.min(), two.max(), 20001)
density = kde(grid)
between = (grid > 0) & (grid < 6)
dip = grid[between][density[between].argmin()]

tails = [(1, 50, 1, 40), (12, 300, 4, 200), (913, 6900, 1, 504), (300, 6000, 16, 500), (2, 100, 1, 100), (40, 40, 1, 30)]
lower = [(0, 6504, 504, 891), (3, 1000, 100, 200), (10, 300, 40, 60), (0, 60, 20, 30)]
binomial = [(43, 600, 0.03), (5, 76, 0.05), (300, 890, 0.02), (1, 10, 0.5), (10, 10, 0.9)]
beta = [(0.995, 1, 504), (0.995, 120, 385), (0.5, 3, 7), (0.01, 16, 485)]

golden = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__, 'scikit-learn': sklearn.__version__},
    'matrix': x.tolist(),
    'covariance': np.cov(x.astype(np.float64), rowvar=False, bias=True).tolist(),
    'pca': {'variance': pca.explained_variance_.tolist(), 'coordinates': np.abs(pca.transform(x.astype(np.float64))[:20]).tolist()},
    'ledoitWolf': {'shrinkage': wolf.shrinkage_, 'mahalanobis': wolf.mahalanobis(x.astype(np.float64)).tolist()},
    'spectral': ((centred @ vt[0]) ** 2).tolist(),
    'clustering': {
        'matrix': blobs.tolist(),
        'dimensions': 4,
        'silhouette': silhouette_score(leading, means.labels_),
        'sizes': sorted(np.bincount(means.labels_).tolist()),
    },
    'eigen': [
        {'matrix': a.ravel().tolist(), 'd': len(a), 'values': np.linalg.eigvalsh(a)[::-1].tolist()}
        for a in (symmetric, degenerate, np.zeros((4, 4)), np.diag([3.0, 1.0, 2.0]))
    ],
    'valley': {'values': two.tolist(), 'cut': dip, 'depth': 1 - density[between].min() / density[grid >= 5].max()},
    'order': {
        'values': two[:75].tolist(),
        'quantiles': [[q, np.quantile(two[:75], q)] for q in (0, 0.1, 0.25, 0.6, 0.9, 1)],
        'median': np.median(two[:75]),
        'skewness': stats.skew(two[:75]),
    },
    'lnGamma': [[v, math.lgamma(v)] for v in (0.5, 1, 1.5, 3, 9.99, 10, 171, 6504.5, 1e6)],
    'betaBinomialTail': [[*t, ln_beta_binomial_tail(*t)] for t in tails],
    'hypergeometricLower': [[*t, ln_hypergeometric_lower(*t)] for t in lower],
    'binomialTail': [[*t, stats.binom.logsf(t[0] - 1, t[1], t[2])] for t in binomial],
    'betaQuantile': [[*t, stats.beta.ppf(*t)] for t in beta],
}
path = pathlib.Path(__file__).with_name('golden.json')
path.write_text(json.dumps(golden) + '\n')
