"""Writes drift-tests.json: figures of SciPy, scikit-learn and of checked formulas that the tests of drift are held against.

SciPy stops the Cramér-von Mises series at terms of 1e-7 and clips Anderson-Darling's p-values: those come here from the series of
their limit laws with 40 digits (Anderson, Darling 1952). Exact p-values with ties are counted over all ways to deal the rows.

Needs Debian's python3-scipy, python3-sklearn, python3-mpmath. The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_drift_tests.py
"""
import itertools
import json
import pathlib
import warnings
from fractions import Fraction
from math import comb

import mpmath as mp
import numpy as np
import scipy
import sklearn
from scipy import stats
from scipy.spatial import distance
from scipy.stats import contingency
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(20)
warnings.simplefilter('ignore')
mp.mp.dps = 40


def listed(values):
    return [float(v) for v in values]


# Laws


def cramer_tail(x):
    """P(W^2 > x): equation 1.3 of Csörgő, Faraway (1996)."""
    x = mp.mpf(x)
    total = mp.mpf(0)
    for k in range(400):
        q = mp.mpf(4 * k + 1) ** 2 / (16 * x)
        term = (mp.gamma(k + mp.mpf(1) / 2) / mp.factorial(k) * mp.sqrt(4 * k + 1) * mp.exp(-q) * mp.besselk(mp.mpf(1) / 4, q))
        total += term
        if term < mp.mpf(10) ** -38:
            break
    return 1 - total / (mp.pi ** mp.mpf(1.5) * mp.sqrt(x))


def anderson_tail(z):
    """P(A^2 > z): Anderson, Darling (1952) in the form of Marsaglia, Marsaglia (2004)."""
    z = mp.mpf(z)
    total = mp.mpf(0)
    for j in range(200):
        t = mp.mpf(4 * j + 1) ** 2 * mp.pi ** 2 / (8 * z)
        inner = mp.quad(lambda w: mp.exp(z / (8 * (w * w + 1)) - t * w * w), [0, 1 / mp.sqrt(t), 4 / mp.sqrt(t), 14 / mp.sqrt(t)])
        term = mp.binomial(mp.mpf(-1) / 2, j) * (4 * j + 1) * mp.exp(-t) * inner
        total += term
        if abs(term) < mp.mpf(10) ** -36:
            break
    return 1 - mp.sqrt(2 * mp.pi) / z * total


def ln_chi_squared(x, df):
    return float(mp.log(mp.gammainc(mp.mpf(float(df)) / 2, mp.mpf(float(x)) / 2, mp.inf, regularized=True)))


laws = {
    'cramer': [[x, float(mp.log(cramer_tail(x)))] for x in (0.01, 0.02, 0.04, 0.1, 0.3, 0.46, 0.75, 1.2, 2.5, 4.0)],
    'anderson': [[x, float(mp.log(anderson_tail(x)))] for x in (0.1, 0.2, 0.5, 1, 2.492, 3.878, 6, 10, 16)],
    'chiSquared': [[x, df, ln_chi_squared(x, df)]
                   for df in (1, 2, 3, 9, 50, 999) for x in (0.001, 0.5, 3, 12, 60, 400, 5000, 40000)],
    'student': [[t, df, float(mp.log(mp.betainc(mp.mpf(df) / 2, mp.mpf(1) / 2, 0, mp.mpf(df) / (df + mp.mpf(t) ** 2), regularized=True)))]
                for df in (1, 2.5, 9, 40.25, 1000, 250000) for t in (1e-6, 0.3, 1, 2.5, 7, 30)],
    'fisher': [[f, a, b, float(mp.log(mp.betainc(mp.mpf(b) / 2, mp.mpf(a) / 2, 0, mp.mpf(b) / (b + mp.mpf(a) * mp.mpf(f)), regularized=True)))]
               for a, b in ((1, 10), (5, 90), (12, 4000)) for f in (0.2, 1, 3, 15)],
}

# Numeric columns


def ks_with_ties(x, y, d):
    """P(D >= d) over all ways to deal the pooled rows, in fractions."""
    pooled = np.sort(np.concatenate([x, y]))
    n, m = len(x), len(y)
    place = [i > 0 and (i == n + m or pooled[i - 1] != pooled[i]) for i in range(n + m + 1)]
    inside = {(0, 0): 1}
    for total in range(1, n + m + 1):
        following = {}
        for i in range(max(0, total - m), min(n, total) + 1):
            j = total - i
            paths = inside.get((i - 1, j), 0) + inside.get((i, j - 1), 0)
            if place[total] and abs(Fraction(i, n) - Fraction(j, m)) >= d:
                paths = 0
            following[(i, j)] = paths
        inside = following
    return float(1 - Fraction(inside[(n, m)], comb(n + m, n)))


def winsorised(v):
    low, high = np.quantile(v, [0.005, 0.995])
    return np.clip(v, low, high)


def psi(x, y, missing_x, missing_y):
    """Cells (-inf, e1], (e1, e2] ... of the reference's deciles; a decile met several times is a cell of its own."""
    edges, times = np.unique(np.quantile(y, np.arange(1, 10) / 10), return_counts=True)
    bounds = []
    for edge, count in zip(edges, times):
        if count > 1:
            bounds.append((edge, 'left'))
        bounds.append((edge, 'right'))

    def counts(v, missing):
        v = np.sort(v)
        up_to = [0] + [int(v.searchsorted(edge, side)) for edge, side in bounds] + [len(v)]
        return np.append(np.diff(up_to), missing).astype(float)
    a, b = counts(x, missing_x), counts(y, missing_y)
    keep = a + b > 0
    a, b = a[keep], b[keep]
    k = keep.sum()
    p, q = (a + 0.5) / (a.sum() + k / 2), (b + 0.5) / (b.sum() + k / 2)
    value = float(((p - q) * np.log(p / q)).sum())
    return {'psi': value, 'lnP': ln_chi_squared(value / (1 / a.sum() + 1 / b.sum()), k - 1),
            'reference': listed(b), 'current': listed(a)}


def after_relu(n, shift):
    return np.maximum(0, np.round(rng.normal(size=n) + shift, 2))


pairs = {
    'no ties': (rng.normal(size=61) + 0.5, rng.normal(size=83)),
    'two decimals': (np.round(rng.normal(size=120) * 0.4, 2), np.round(rng.normal(size=150) * 0.4 + 0.1, 2)),
    'half of them 0': (after_relu(90, 0.3), after_relu(140, 0)),
    'one law': (rng.normal(size=300), rng.normal(size=400)),
    'wider': (rng.normal(size=220) * 1.7, rng.normal(size=260)),
    'far apart': (rng.normal(size=200) + 9, rng.normal(size=230)),
    'one outlier': (np.append(rng.normal(size=250), 1e6), rng.normal(size=250)),
    'small': (np.array([0.1, 0.4, 0.9, 1.3]), np.array([0.2, 0.3, 0.5, 0.7, 1.9, 2.2])),
    'few levels': (rng.integers(0, 4, 40) * 1.0, rng.integers(0, 5, 55) * 1.0),
}
columns = []
pairs = {name: (np.round(x, 4), np.round(y, 4)) for name, (x, y) in pairs.items()}
for name, (x, y) in pairs.items():
    n, m = len(x), len(y)
    ks = stats.ks_2samp(x, y, method='exact' if n * m < 60_000 else 'asymp')
    tied = len(np.unique(np.concatenate([x, y]))) < n + m
    d = max((abs(Fraction(int((x <= v).sum()), n) - Fraction(int((y <= v).sum()), m)) for v in np.concatenate([x, y])))
    cvm = stats.cramervonmises_2samp(x, y, method='asymptotic')
    big = n + m
    variance = (big + 1) * (4 * m * n * big - 3 * (m * m + n * n) - 2 * m * n) / (45 * big**2 * 4 * m * n)
    t = mp.mpf(1) / 6 + (mp.mpf(float(cvm.statistic)) - (1 + mp.mpf(1) / big) / 6) / mp.sqrt(45 * mp.mpf(variance))
    tail = cramer_tail(t) if t < 12 else None
    ad = stats.anderson_ksamp([x, y])
    inside = ad.critical_values[0] <= ad.statistic <= ad.critical_values[-1]
    columns.append({
        'name': name,
        'current': listed(x),
        'reference': listed(y),
        'ks': {'statistic': float(ks.statistic), 'exact': ks_with_ties(x, y, d),
               'scipyExact': None if tied else float(stats.ks_2samp(x, y, method='exact').pvalue),
               'limit': float(stats.ks_2samp(x, y, method='asymp').pvalue)},
        'cvm': {'statistic': float(cvm.statistic), 'p': float(cvm.pvalue), 'lnP': None if tail is None else float(mp.log(tail))},
        'ad': {'statistic': float(ad.statistic), 'p': float(ad.significance_level) if inside else None},
        'w1': {'statistic': float(stats.wasserstein_distance(x, y)),
               'winsorised': float(stats.wasserstein_distance(winsorised(x), winsorised(y))),
               'spread': float((np.quantile(y, 0.75) - np.quantile(y, 0.25)) / 1.349)},
        'psi': psi(x, y, 3, 5),
    })

three = [np.round(rng.normal(size=40), 1), np.round(rng.normal(size=55) + 0.35, 1), np.round(rng.normal(size=31), 1)]
ad3 = stats.anderson_ksamp(three)

# Cells

tables = [[[30, 12, 45, 9], [250, 180, 400, 90]], [[12, 30, 7], [20, 14, 9]], [[500, 0, 90], [700, 45, 80]],
          [[6000, 5100, 4300], [80100, 80500, 81000]], [[900, 100], [100, 900]]]
cells = []
for current, reference in tables:
    a, b = np.array(current, float), np.array(reference, float)
    chi = stats.chi2_contingency([a, b], correction=False)
    g = stats.chi2_contingency([a, b], correction=False, lambda_='log-likelihood')
    cells.append({
        'current': current, 'reference': reference,
        'chi': float(chi[0]), 'chiLnP': ln_chi_squared(chi[0], chi[2]),
        'cramer': float(contingency.association(np.array([current, reference]), method='cramer')),
        'g': float(g[0]), 'gLnP': ln_chi_squared(g[0], g[2]),
        'jsBits': float(distance.jensenshannon(a / a.sum(), b / b.sum(), base=2)),
        'jsNats': float(distance.jensenshannon(a / a.sum(), b / b.sum())),
        'tv': float(abs(a / a.sum() - b / b.sum()).sum() / 2),
    })


def exact_tables(current, reference):
    """P-values of X2, G and total variation over all tables of the same margins."""
    totals = [a + b for a, b in zip(current, reference)]
    n, m = sum(current), sum(reference)

    def statistics(x):
        y = [t - v for t, v in zip(totals, x)]
        chi = sum((m * a - n * b) ** 2 / (a + b) for a, b in zip(x, y)) / (n * m)
        g = 2 * sum(a * np.log(a * (n + m) / (n * t)) for a, t in zip(x, totals) if a > 0)
        g += 2 * sum(b * np.log(b * (n + m) / (m * t)) for b, t in zip(y, totals) if b > 0)
        return chi, g, sum(abs(a / n - b / m) for a, b in zip(x, y)) / 2
    seen = statistics(current)
    p = [0.0, 0.0, 0.0]
    for head in itertools.product(*(range(min(t, n) + 1) for t in totals[:-1])):
        last = n - sum(head)
        if not 0 <= last <= totals[-1]:
            continue
        x = (*head, last)
        chance = float(Fraction(int(np.prod([comb(t, v) for t, v in zip(totals, x)], dtype=object)), comb(n + m, n)))
        for i, value in enumerate(statistics(x)):
            if value >= seen[i] - 1e-9:
                p[i] += chance
    return {'current': list(current), 'reference': list(reference), 'chi': p[0], 'g': p[1], 'tv': p[2]}


sparse = [exact_tables((5, 1, 0, 3), (9, 8, 4, 1)), exact_tables((7, 0, 2), (30, 14, 3)), exact_tables((2, 2), (2, 3))]

# Means

welch = []
for n, m, shift, scale in ((30, 44, 0.4, 2.0), (500, 20, 0.0, 0.1), (200, 260, 3.0, 1.0), (3, 2, 0.5, 1.0)):
    a, b = rng.normal(size=n) * scale + 100, rng.normal(size=m) + 100 + shift
    r = stats.ttest_ind(b, a, equal_var=False)
    va, vb = a.var(ddof=1) / n, b.var(ddof=1) / m
    df = (va + vb) ** 2 / (va**2 / (n - 1) + vb**2 / (m - 1))
    lnp = mp.log(mp.betainc(mp.mpf(df) / 2, mp.mpf(1) / 2, 0, mp.mpf(df) / (df + mp.mpf(float(r.statistic)) ** 2), regularized=True))
    pooled = np.sqrt(((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2))
    welch.append({'first': listed(a), 'second': listed(b), 't': float(r.statistic), 'p': float(r.pvalue), 'lnP': float(lnp),
                  'd': float((b.mean() - a.mean()) / pooled)})

raw = listed(rng.random(12) ** 3)
order = np.argsort(raw)
scaled = np.array(raw)[order] * len(raw) / np.arange(1, len(raw) + 1)
adjusted = np.empty(len(raw))
adjusted[order] = np.minimum(1, np.minimum.accumulate(scaled[::-1])[::-1])

# Several columns

reference = np.round(rng.normal(size=(90, 3)) @ np.array([[1, 0.6, 0], [0, 1, -0.3], [0, 0, 0.2]]), 3).astype(np.float32)
current = np.round(rng.normal(size=(70, 3)) @ np.array([[1, 0.2, 0], [0, 1, -0.3], [0, 0, 0.35]]) + [0.3, 0, 0.1], 3).astype(np.float32)
x = np.vstack([reference, current]).astype(float)
y = np.repeat([0, 1], [len(reference), len(current)])
model = LogisticRegression(C=1, tol=1e-12, max_iter=10_000, solver='newton-cg').fit(x, y)
weights, intercept = model.coef_[0].copy(), model.intercept_[0]
for _ in range(30):
    design = np.column_stack([x, np.ones(len(x))])
    beta = np.append(weights, intercept)
    p = 1 / (1 + np.exp(-design @ beta))
    ridge = np.diag([1.0, 1, 1, 0])
    step = np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]) + ridge, design.T @ (y - p) - ridge @ beta)
    weights, intercept = weights + step[:3], intercept + step[3]
assert np.allclose(weights, model.coef_[0], atol=1e-5)
scores = np.round(x @ weights, 1)
u = stats.mannwhitneyu(scores[y == 1], scores[y == 0], alternative='greater', use_continuity=False, method='asymptotic')

n, m, d = len(current), len(reference), 3
r, c = reference.astype(float), current.astype(float)
pooled = (np.cov(r.T) * (m - 1) + np.cov(c.T) * (n - 1)) / (n + m - 2)
delta = c.mean(0) - r.mean(0)
square = float(delta @ np.linalg.solve(pooled, delta))
t2 = square * n * m / (n + m)

values, vectors = np.linalg.eigh(np.cov(r.T))
order = np.argsort(values)[::-1]
held = np.cumsum(values[order]) / values.sum()
components = int(np.searchsorted(held, 0.65) + 1)
basis = vectors[:, order[:components]]


def errors(v):
    centred = v.astype(float) - r.mean(0)
    return np.linalg.norm(centred - centred @ basis @ basis.T, axis=1)


multivariate = {
    'reference': [listed(v) for v in reference],
    'current': [listed(v) for v in current],
    'logistic': {'weights': listed(weights), 'intercept': float(intercept)},
    'area': {'scores': listed(scores), 'area': float(roc_auc_score(y, scores)), 'p': float(u.pvalue)},
    'centroid': {'t2': t2, 'mahalanobis': square**0.5, 'p': float(stats.f.sf((n + m - d - 1) / (d * (n + m - 2)) * t2, d, n + m - d - 1))},
    'pca': {'components': components, 'reference': listed(errors(reference)), 'current': listed(errors(current))},
}

out = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__, 'sklearn': sklearn.__version__, 'mpmath': mp.__version__},
    'laws': laws,
    'columns': columns,
    'threeSamples': {'samples': [listed(v) for v in three], 'statistic': float(ad3.statistic), 'p': float(ad3.significance_level)},
    'cells': cells,
    'sparse': sparse,
    'welch': welch,
    'multivariate': multivariate,
    'benjaminiHochberg': {'p': raw, 'adjusted': listed(adjusted)},
}
pathlib.Path(__file__).with_name('drift-tests.json').write_text(json.dumps(out, indent=1, allow_nan=False) + '\n')
