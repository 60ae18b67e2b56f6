"""Twenty columns of two logs by scipy.stats.ks_2samp, one after the other."""
import sys

import scipy
from answering import answer, load
from scipy import stats

before, now = load(sys.argv[2]), load(sys.argv[3])


def run():
    return [stats.ks_2samp(a, b, method='asymp') for a, b in zip(before, now)]


answer(
    run=run,
    facts=lambda result: {
        'distances': [float(one.statistic) for one in result],
        'largest': max(float(one.statistic) for one in result),
    },
    versions={'scipy': scipy.__version__},
)
