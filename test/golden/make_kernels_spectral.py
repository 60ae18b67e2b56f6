"""Writes kernels-spectral.json: figures of numpy, SciPy and scikit-learn that PCA, eigenvectors, spectral scores and
Mahalanobis distances are held against. The matrices are made again by the tests, from the same integer sequence.

Needs Debian's python3-sklearn (numpy, scipy, scikit-learn). The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_kernels_spectral.py
"""
import json
import pathlib

import numpy as np
import scipy
import scipy.linalg
import sklearn
from sklearn.decomposition import PCA

LATENT = 6


def sequence(count, seed):
    """Numbers in [-0.5, 0.5) of a 32-bit linear congruential generator: exact in any language."""
    out = np.empty(count)
    state = seed
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = state / 2**32 - 0.5
    return out


def activations(n, d, seed):
    """Latent factors of falling scale, noise, ReLU, one dead column; float32. Sums run in the order of the factors."""
    draws = sequence(n * LATENT + LATENT * d + n * d, seed)
    factors = draws[: n * LATENT].reshape(n, LATENT)
    loads = draws[n * LATENT : (n + d) * LATENT].reshape(LATENT, d)
    x = draws[(n + d) * LATENT :].reshape(n, d) * 0.5 + 0.125
    for k in range(LATENT):
        x = x + factors[:, k : k + 1] * loads[k] * 2.0 ** (3 - k)
    x = np.maximum(0, x)
    x[:, d // 2] = 0
    return x.astype(np.float32)


def signed(vectors):
    """Largest entry of every row positive."""
    at = np.abs(vectors).argmax(axis=1)
    return vectors * np.sign(vectors[np.arange(len(vectors)), at])[:, None]


def case(n, d, seed, k):
    x = activations(n, d, seed)
    exact = x.astype(np.float64)
    centred = exact - exact.mean(axis=0)
    pca = PCA(n_components=k, svd_solver='full').fit(exact)
    directions = signed(pca.components_)
    values = scipy.linalg.eigh(centred.T @ centred, eigvals_only=True)[::-1]
    _, singular, right = np.linalg.svd(centred, full_matrices=False)
    out = {
        'n': n, 'd': d, 'seed': seed, 'k': k,
        'checksum': float(exact.sum()),
        'variances': (pca.explained_variance_ * (n - 1) / n).tolist(),
        'totalVariance': float(centred.var(axis=0).sum()),
        'values': values[:k].tolist(),
        'directions': directions[:2].tolist(),
        'coordinates': (centred[:20] @ directions.T).tolist(),
        'scores': {str(t): ((centred @ right[:t].T) ** 2).sum(axis=1)[:40].tolist() for t in (1, 3)},
        'singular': singular[:3].tolist(),
    }
    if n > 2 * d:
        covariance = centred.T @ centred / n + 0.01 * np.eye(d)
        inverse = scipy.linalg.cho_solve(scipy.linalg.cho_factor(covariance, lower=True), centred[:40].T)
        out['mahalanobis'] = (centred[:40].T * inverse).sum(axis=0).tolist()
        out['choleskyDiagonal'] = np.diag(np.linalg.cholesky(covariance)).tolist()
    return out


golden = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__, 'sklearn': sklearn.__version__},
    'cases': [case(700, 33, 1, 5), case(900, 127, 2, 10), case(257, 128, 3, 8), case(64, 513, 4, 6), case(5000, 31, 5, 4)],
}
path = pathlib.Path(__file__).with_name('kernels-spectral.json')
path.write_text(json.dumps(golden, separators=(',', ':')) + '\n')
print(path, path.stat().st_size)
