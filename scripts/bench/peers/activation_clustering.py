"""Activation clustering with the defaults of the Adversarial Robustness Toolbox: PCA to 10 dimensions and two means of each class,
from ten starts; the smaller cluster is called poison."""
import sys

import numpy as np
import sklearn
from answering import answer, load
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

x, labels = load(sys.argv[2]), load(sys.argv[3])
members = [np.flatnonzero(labels == label) for label in np.unique(labels)]


def run():
    poison = np.empty(len(x), bool)
    for rows in members:
        reduced = PCA(n_components=10).fit_transform(x[rows])
        clusters = KMeans(n_clusters=2, n_init=10).fit_predict(reduced)
        poison[rows] = clusters == np.argmin(np.bincount(clusters, minlength=2))
    return poison


def facts(poison):
    squares = 0.0
    for rows in members:
        for side in (False, True):
            own = x[rows[poison[rows] == side]].astype(np.float64)
            squares += ((own - own.mean(axis=0)) ** 2).sum()
    return {'within': squares / len(x), 'smaller': int(poison.sum())}


answer(run=run, facts=facts, versions={'scikit-learn': sklearn.__version__})
