"""Writes class-scores.json: figures of numpy and SciPy that the scores of the robust, identity and Gram detectors are held against.

Needs Debian's python3-scipy. The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_class_scores.py
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import linalg

rng = np.random.default_rng(11)
ROWS, COLS, CLASSES, PLANTED = 90, 6, 3, 20


MIXING = rng.normal(size=(COLS, COLS))
MEANS = rng.normal(size=(CLASSES, 1, COLS)) + 2
AWAY = 4 * np.abs(rng.normal(size=COLS))


def draw(planted):
    """Three classes after a ReLU with one dead column; the first rows of the second may lie apart."""
    x = rng.normal(size=(CLASSES, ROWS, COLS)) @ MIXING * 0.4 + MEANS
    x[1, :planted] += AWAY
    x = np.maximum(0, x)
    x[:, :, 3] = 0
    return np.round(x, 3).astype(np.float32).reshape(CLASSES * ROWS, COLS)


def whitening(scatter, n, fourth, share=0.99):
    """Axes of the covariance shrunk towards its mean eigenvalue that hold a share of its trace."""
    d = len(scatter)
    s = scatter / n
    mean = np.trace(s) / d
    distance = ((s - mean * np.eye(d)) ** 2).sum() / d
    noise = min(distance, max(0, (fourth / n**2 - (s**2).sum() / n) / d))
    s = (1 - noise / distance) * s + noise / distance * mean * np.eye(d)
    values, vectors = np.linalg.eigh(s)
    values, vectors = values[::-1], vectors[:, ::-1]
    k = int(np.searchsorted(np.cumsum(values) / values.sum(), share)) + 1
    return vectors[:, :k] / np.sqrt(values[:k])


def centred(rows):
    z = rows - rows.mean(0)
    return z, z.T @ z, ((z**2).sum(1) ** 2).sum()


def robust(x):
    distances = (((x - np.median(x, 0)) / (x.std(0) + 1e-9)) ** 2).sum(1)
    for _ in range(8):
        kept = x[distances <= np.quantile(distances, 0.6)]
        _, scatter, fourth = centred(kept)
        w = whitening(scatter, len(kept), fourth)
        distances = (((x - kept.mean(0)) @ w) ** 2).sum(1)
    return (x - kept.mean(0)) @ w, distances


def quantum_entropy(z, a):
    s = z.T @ z / len(z)
    q = linalg.expm(a * (s - np.eye(len(s))) / (np.linalg.norm(s, 2) - 1))
    return np.einsum('ij,jk,ik->i', z, q, z) / np.trace(q)


def identities(rows, source, labels):
    """The split of one class that stands under midpoint cuts, from the planted rows."""
    scatter, fourth = np.zeros((COLS, COLS)), 0
    for c in np.unique(labels):
        _, part, part_fourth = centred(source[labels == c])
        scatter += part
        fourth += part_fourth
    z = (rows - rows.mean(0)) @ whitening(scatter, len(source) - len(np.unique(labels)), fourth)
    side = np.arange(len(rows)) < PLANTED
    while True:
        inside, outside = z[side].mean(0), z[~side].mean(0)
        difference = inside - outside
        along = (z - (inside + outside) / 2) @ difference
        if ((along > 0) == side).all():
            break
        side = along > 0
    share = side.mean()
    length = np.linalg.norm(difference)
    return {'gain': share * (1 - share) * length**2, 'size': int(side.sum()), 'along': (along / length).tolist()}


def gram_deviation(x, neurons):
    order = np.argsort(-x.var(0), kind='stable')
    chosen = x[:, [j for j in order if x[:, j].var() > 0][:neurons]]
    upper = np.triu_indices(chosen.shape[1])
    excess = np.zeros(len(x))
    for order in (1, 2, 4):
        power = chosen**order
        gram = (power[:, :, None] * power[:, None, :])[:, upper[0], upper[1]]
        gram = np.sign(gram) * np.abs(gram) ** (1 / order)
        middle = np.median(gram, 0)
        band = 10 * np.median(np.abs(gram - middle), 0)
        excess += np.maximum(np.abs(gram - middle) - band, 0).sum(1)
    return (excess / (3 * len(upper[0]))).tolist()


activations = draw(PLANTED)
wide = activations.astype(np.float64)
labels = np.repeat(np.arange(CLASSES), ROWS)
trusted = draw(0)
mine = wide[labels == 1]
z, distances = robust(mine)
signed = np.round(rng.standard_t(3, size=(80, 5)), 3).astype(np.float32)
golden = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__},
    'activations': activations.tolist(),
    'trusted': trusted.tolist(),
    'labels': labels.tolist(),
    'planted': PLANTED,
    'distances': distances.tolist(),
    'quantumEntropy': {str(a): quantum_entropy(z, a).tolist() for a in (0, 4, 16)},
    'identities': {
        'own': identities(mine, wide, labels),
        'trusted': identities(mine, trusted.astype(np.float64), labels),
    },
    'gram': {'signed': signed.tolist(), 'deviation': gram_deviation(signed.astype(np.float64), 4), 'ofClass': gram_deviation(mine, 32)},
}
pathlib.Path(__file__).with_name('class-scores.json').write_text(json.dumps(golden) + '\n')
