"""Twenty clusters from given centres by scikit-learn's Lloyd rounds."""
import sys

import sklearn
from answering import answer, load
from sklearn.cluster import KMeans

x, centres = load(sys.argv[2]), load(sys.argv[3])
answer(
    run=lambda: KMeans(len(centres), init=centres, n_init=1, algorithm='lloyd').fit(x),
    facts=lambda fitted: {'inertia': float(fitted.inertia_), 'rounds': int(fitted.n_iter_)},
    versions={'scikit-learn': sklearn.__version__},
)
