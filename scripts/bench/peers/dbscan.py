"""DBSCAN in two dimensions by scikit-learn."""
import sys

import sklearn
from answering import answer, digest, load
from sklearn.cluster import DBSCAN

points = load(sys.argv[2])
answer(
    run=lambda: DBSCAN(eps=0.5, min_samples=20).fit_predict(points),
    facts=lambda labels: {'labels': digest(labels), 'clusters': int(labels.max() + 1), 'noise': int((labels < 0).sum())},
    versions={'scikit-learn': sklearn.__version__},
)
