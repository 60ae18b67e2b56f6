"""Writes rankings.json: scikit-learn's local outlier factors and FastICA, that the rankings are held against.

Needs Debian's python3-sklearn. The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_rankings.py
"""
import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.decomposition import FastICA
from sklearn.neighbors import LocalOutlierFactor

rng = np.random.default_rng(17)


def outlier_factors(points, k):
    points = np.round(points, 4)
    found = LocalOutlierFactor(n_neighbors=k, algorithm='brute').fit(points)
    return {'points': points.tolist(), 'k': k, 'factors': (-found.negative_outlier_factor_).tolist()}


def components(n, k):
    sources = np.c_[rng.uniform(-1, 1, n), rng.laplace(size=n), rng.normal(size=n) ** 3, rng.exponential(size=n)][:, :k]
    mixed = np.round(sources @ rng.normal(size=(k, k)).T, 4)
    centred = mixed - mixed.mean(axis=0)
    principal = centred @ np.linalg.svd(centred, full_matrices=False)[2].T
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        ica = FastICA(n_components=k, whiten='unit-variance', w_init=np.eye(k), whiten_solver='svd')
        found = ica.fit_transform(mixed)
    return {'principal': principal.tolist(), 'sources': np.round(found, 9).tolist(), 'rounds': int(ica.n_iter_)}


scattered = np.vstack([rng.normal(size=(40, 3)), rng.normal(size=(15, 3)) * 0.1 + 4, [[9, -9, 9], [2, 2, 2]]])
copied = np.vstack([rng.normal(size=(20, 2)), np.repeat([[5.0, 5.0]], 3, axis=0)])
golden = {
    'about': f'scikit-learn {sklearn.__version__}, numpy {np.__version__}',
    'outlierFactors': [outlier_factors(scattered, 7), outlier_factors(copied, 4)],
    'independentComponents': [components(120, 2), components(150, 4)],
}
path = pathlib.Path(__file__).with_name('rankings.json')
path.write_text(json.dumps(golden, separators=(',', ':')) + '\n')
