"""Writes training.json: figures of NumPy and SciPy that loss curves, TRIM, gradient norms, label errors and neurons are held against.

Needs Debian's python3-scipy (numpy, scipy). The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_training.py
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import special, stats

rng = np.random.default_rng(5)
CLASSES, PER_CLASS, COLS, KEEP, FOLDS = 3, 60, 4, 0.8, 5

label = np.repeat(np.arange(CLASSES), PER_CLASS)
means = rng.normal(size=(CLASSES, COLS)) * 0.9
source = label.copy()
source[:9] = 1  # nine rows of class 1 that are given class 0
X = means[source] + rng.normal(size=(len(label), COLS))
X[60:80, 3] += 30  # a unit that 20 rows of class 1 fire
X = np.round(X, 3).astype('f4').astype('f8')
logit_column = np.array([2, 0, 1])
logits = rng.normal(size=(len(label), CLASSES))
logits[np.arange(len(label)), logit_column[source]] += 4
logits = np.round(logits, 3).astype('f4').astype('f8')
losses = np.round(np.exp(rng.normal(size=(len(label), 3))), 1).astype('f4').astype('f8')
losses[[5, 70, 130], 0] = np.nan
losses[[6, 71], 2] = np.nan
key_hash = rng.integers(0, 2**32, size=len(label), dtype=np.uint64)


def mixed(h, purpose):
    """Murmur3's finaliser over 32 bits."""
    mask = 0xFFFFFFFF
    h = (int(h) ^ ((purpose * 0x9E3779B1) & mask)) & mask
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & mask
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & mask
    return (h ^ (h >> 16)) & mask


fold = np.array([mixed(h, 1) % FOLDS for h in key_hash])


def discriminant(rows):
    """Weights and biases: pooled within-class covariance, Ledoit and Wolf's shrinkage, axes of 99.9 % of the trace."""
    centres = np.array([X[rows & (label == c)].mean(0) for c in range(CLASSES)])
    Z = X[rows] - centres[label[rows]]
    n, d = Z.shape
    S = Z.T @ Z / n
    a = np.trace(S) / d
    delta = ((S - a * np.eye(d)) ** 2).sum() / d
    beta = min(delta, ((Z**2).sum(1) ** 2).sum() / n**2 / d - (S**2).sum() / n / d)
    rho = max(0, beta) / delta
    values, vectors = np.linalg.eigh((1 - rho) * S + rho * a * np.eye(d))
    values, vectors = values[::-1], vectors[:, ::-1]
    k = int(np.searchsorted(np.cumsum(values) / values.sum(), 0.999) + 1)
    W = vectors[:, :k] / np.sqrt(values[:k])
    m = centres @ W
    counts = np.bincount(label[rows], minlength=CLASSES)
    return W @ m.T, np.log(counts / counts.sum()) - (m**2).sum(1) / 2


def evidence(head, rows):
    return X[rows] @ head[0] + head[1]


def trimmed():
    every = np.ones(len(label), bool)
    head, before = discriminant(every), None
    for round in range(1, 21):
        loss = -special.log_softmax(evidence(head, every), axis=1)[np.arange(len(label)), label]
        kept = np.zeros(len(label), bool)
        for c in range(CLASSES):
            kept |= (label == c) & (loss <= np.quantile(loss[label == c], KEEP))
        if before is not None and (kept == before).all():
            return loss, round - 1
        head, before = discriminant(kept), kept
    raise SystemExit('TRIM did not settle')


trim_loss, rounds = trimmed()

p = np.zeros((len(label), CLASSES))
ev = np.zeros_like(p)
for f in range(FOLDS):
    ev[fold == f] = evidence(discriminant(fold != f), fold == f)
    p[fold == f] = special.softmax(ev[fold == f], axis=1)
thresholds = np.array([p[label == c, c].mean() for c in range(CLASSES)])
reaches = p >= thresholds
looks = np.where(reaches.any(1), np.where(reaches, p, -1).argmax(1), -1)
counts = np.array([[int(((label == a) & (looks == b)).sum()) for b in range(CLASSES)] for a in range(CLASSES)])
margin = np.array([np.delete(ev[i], y).max() - ev[i, y] for i, y in enumerate(label)])

s = special.softmax(logits, axis=1)
s[np.arange(len(label)), logit_column[label]] -= 1
norms = np.linalg.norm(s, axis=1) * np.sqrt((X**2).sum(1) + 1)


def shares(values):
    known = ~np.isnan(values)
    out = np.full(len(values), np.nan)
    out[known] = (stats.rankdata(values[known]) - 0.5) / known.sum()
    return out


def within(values):
    out = np.zeros(len(label))
    for c in range(CLASSES):
        out[label == c] = shares(values[label == c])
    return out


early, late = losses[:, 0].copy(), losses[:, -1].copy()
unknown = np.isnan(early) | np.isnan(late)
early[unknown] = late[unknown] = np.nan
loss_score = np.maximum(abs(2 * within(early) - 1), abs(2 * within(late) - 1))

excess = np.zeros_like(X)
for c in range(CLASSES):
    rows = label == c
    spread = np.maximum(1.4826 * stats.median_abs_deviation(X[rows]), X[rows].std(0) / 4)
    excess[rows] = (X[rows] - np.median(X[rows], 0)) / spread


def listed(values):
    return [None if isinstance(v, float) and np.isnan(v) else v for v in np.asarray(values).ravel().tolist()]


pairs = [{'from': a, 'to': b, 'count': int(counts[a, b]), 'reverse': int(counts[b, a]),
          'lnP': float(stats.binom.logsf(counts[a, b] - 1, counts[a, b] + counts[b, a], 0.5))}
         for a in range(CLASSES) for b in range(CLASSES) if a != b and counts[a, b] > 0]
result = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__},
    'cols': COLS, 'classes': CLASSES, 'keep': KEEP, 'logitColumn': listed(logit_column),
    'label': listed(label), 'predicted': listed(source), 'keyHash': listed(key_hash),
    'activations': listed(X.round(3)), 'logits': listed(logits.round(3)), 'losses': listed(losses.round(1)),
    'lossScore': listed(loss_score), 'gradientNorm': listed(norms), 'trimLoss': listed(trim_loss), 'trimRounds': rounds,
    'margin': listed(margin), 'looksLike': listed(looks), 'thresholds': listed(thresholds), 'counts': listed(counts),
    'pairs': pairs, 'neuronScore': listed(np.sort(excess, 1)[:, -3:].mean(1)),
}
text = json.dumps(result, separators=(',', ':'))
pathlib.Path(__file__).with_name('training.json').write_text(text + '\n')
