"""Writes clustering.json: data sets with scikit-learn's DBSCAN labels and k-means, that the clustering is held against.

Needs Debian's python3-sklearn. The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_clustering.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import make_blobs, make_circles, make_moons

rng = np.random.default_rng(11)


def shuffled(parts):
    points = np.vstack(parts)
    return points[rng.permutation(len(points))]


def blobs(n, d, centres, spread):
    return make_blobs(n, d, centers=centres, cluster_std=spread, random_state=5)[0]


grid = np.array([[x, y] for x in range(12) for y in range(12)], dtype=float)
twins = rng.normal(size=(12, 2)) * 4
line = np.linspace(0, 10, 80)

sets = {
    'blobs': (blobs(220, 2, 5, 0.8), 0.7, 6),
    'moons': (make_moons(200, noise=0.06, random_state=1)[0], 0.18, 5),
    'circles': (make_circles(220, noise=0.04, factor=0.45, random_state=2)[0], 0.16, 5),
    'anisotropic': (blobs(200, 2, 3, 1.0) @ np.array([[0.6, -0.6], [-0.4, 0.8]]), 0.35, 6),
    'varied density': (
        shuffled([rng.normal(size=(80, 2)) * 0.3, rng.normal(size=(80, 2)) * 1.2 + [6, 0], rng.normal(size=(60, 2)) * 0.1 + [0, 5]]),
        0.45,
        6,
    ),
    'uniform noise': (rng.uniform(0, 10, size=(180, 2)), 0.8, 5),
    'duplicates': (np.repeat(twins, 12, axis=0)[rng.permutation(144)], 0.5, 8),
    'lines': (shuffled([np.c_[line, 0 * line], np.c_[line, 0 * line + 3], np.c_[0 * line - 4, line]]), 0.2, 3),
    'one cluster': (rng.normal(size=(150, 2)), 0.5, 5),
    'lattice, distances equal to eps': (grid, 1.0, 5),
    'tiny': (np.array([[0.0, 0.0], [0.1, 0.0], [5.0, 5.0]]), 0.2, 2),
    'eps far below the extent': (shuffled([rng.normal(size=(60, 2)) * 1e-7, rng.normal(size=(60, 2)) * 1e-7 + 1e3]), 1e-7, 5),
    'one dimension': (shuffled([rng.normal(size=(90, 1)), rng.normal(size=(60, 1)) * 0.3 + 5]), 0.15, 5),
    'three dimensions': (shuffled([blobs(200, 3, 4, 0.9), rng.uniform(-10, 10, size=(30, 3))]), 1.0, 6),
    'five dimensions': (shuffled([blobs(160, 5, 4, 0.8), rng.uniform(-10, 10, size=(30, 5))]), 1.7, 6),
    'ten dimensions': (shuffled([blobs(160, 10, 3, 0.8), rng.uniform(-10, 10, size=(20, 10))]), 3.2, 6),
}


def described(name, points, eps, min_points):
    points = np.round(points, 12 if 'extent' in name else 5)
    found = DBSCAN(eps=eps, min_samples=min_points).fit(points)
    core = np.zeros(len(points), dtype=int)
    core[found.core_sample_indices_] = 1
    return {
        'name': name,
        'dims': points.shape[1],
        'points': points.ravel().tolist(),
        'eps': eps,
        'minPoints': min_points,
        'labels': found.labels_.tolist(),
        'core': core.tolist(),
    }


def grouped(n, d, k):
    """Activations after a ReLU about k centres, float32, with a start at the first k rows."""
    centres = rng.normal(size=(k, d))
    x = np.maximum(0, centres[rng.integers(0, k, n)] + rng.normal(size=(n, d)) * 0.8).astype(np.float32)
    x = np.round(x, 3).astype(np.float32)
    found = KMeans(k, init=x[:k].astype(np.float64), n_init=1, algorithm='lloyd').fit(x.astype(np.float64))
    return {
        'cols': d,
        'k': k,
        'rows': x.ravel().astype(float).round(3).tolist(),
        'labels': found.labels_.tolist(),
        'inertia': found.inertia_,
        'rounds': found.n_iter_,
    }


golden = {
    'versions': {'numpy': np.__version__, 'scikit-learn': sklearn.__version__},
    'dbscan': [described(name, *rest) for name, rest in sets.items()],
    'kMeans': [grouped(300, 9, 2), grouped(400, 7, 5), grouped(300, 3, 37)],
}
pathlib.Path(__file__).with_name('clustering.json').write_text(json.dumps(golden))
