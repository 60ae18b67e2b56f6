"""Fifty principal components and the projection on them by scikit-learn's randomized solver."""
import sys

import sklearn
from answering import answer, load
from sklearn.decomposition import PCA

x = load(sys.argv[2])


def run():
    pca = PCA(50, svd_solver='randomized', random_state=0)
    return pca, pca.fit_transform(x)


answer(
    run=run,
    facts=lambda result: {
        'first': float(result[0].explained_variance_[0]),
        'last': float(result[0].explained_variance_[-1]),
        'captured': float(result[1].var(0, dtype='float64', ddof=1).sum()),
    },
    versions={'scikit-learn': sklearn.__version__},
)
