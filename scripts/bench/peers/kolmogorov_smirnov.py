"""Two samples of a million values by scipy.stats.ks_2samp."""
import sys

import scipy
from answering import answer, load
from scipy import stats

first, second = load(sys.argv[2]), load(sys.argv[3])
answer(
    run=lambda: stats.ks_2samp(first, second, method='asymp'),
    facts=lambda result: {'D': float(result.statistic), 'p': float(result.pvalue)},
    versions={'scipy': scipy.__version__},
)
