"""Writes neighbours.json: nearest neighbours of scikit-learn by brute force that our exact search is held against. The matrices
are made again by the tests, from the same integer sequence.

Needs Debian's python3-sklearn. The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_neighbours.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.neighbors import NearestNeighbors

LATENT = 6


def activations(n, d, seed):
    """As test/fixtures/activations.ts makes them: latent factors of falling scale, noise, ReLU, one dead column; float32."""
    draws = np.empty(n * LATENT + LATENT * d + n * d)
    state = seed
    for i in range(len(draws)):
        state = (state * 1664525 + 1013904223) % 2**32
        draws[i] = state / 2**32 - 0.5
    factors = draws[: n * LATENT].reshape(n, LATENT)
    loads = draws[n * LATENT : (n + d) * LATENT].reshape(LATENT, d)
    x = draws[(n + d) * LATENT :].reshape(n, d) * 0.5 + 0.125
    for k in range(LATENT):
        x = x + factors[:, k : k + 1] * loads[k] * 2.0 ** (3 - k)
    x = np.maximum(0, x)
    x[:, d // 2] = 0
    return x.astype(np.float32)


def case(n, d, seed, k, metric):
    x = activations(n, d, seed).astype(np.float64)
    if metric == 'dot':
        products = x @ x.T
        np.fill_diagonal(products, -np.inf)
        ids = np.argsort(-products, axis=1, kind='stable')[:, :k]
        distances = -np.take_along_axis(products, ids, axis=1)
    else:
        distances, ids = NearestNeighbors(n_neighbors=k, algorithm='brute', metric=metric).fit(x).kneighbors()
    return {
        'n': n, 'd': d, 'seed': seed, 'k': k, 'metric': metric,
        'ids': ids.tolist(),
        'distances': [[float(f'{value:.12g}') for value in row] for row in distances],
    }


golden = {
    'versions': {'numpy': np.__version__, 'sklearn': sklearn.__version__},
    'cases': [
        case(300, 33, 3, 7, 'euclidean'),
        case(200, 127, 5, 5, 'euclidean'),
        case(200, 31, 7, 5, 'cosine'),
        case(150, 32, 9, 5, 'dot'),
    ],
}
path = pathlib.Path(__file__).with_name('neighbours.json')
path.write_text(json.dumps(golden, separators=(',', ':')) + '\n')
print(path.stat().st_size)
